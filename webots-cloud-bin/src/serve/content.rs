//! What a response carries.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::mpsc;

/// The body of a response: at hand as a whole, which costs nothing, or in pieces that are still made.
#[derive(Debug)]
pub enum Content {
    /// All of it.
    Whole(Full<Bytes>),
    /// Piece by piece. An empty piece is the end. If the sender is dropped before, for whatever
    /// reason, the connection breaks off, so that the client sees that something is missing.
    Pieces(mpsc::Receiver<Bytes>),
}

impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Self {
        Self::Whole(Full::new(bytes))
    }
}

impl Body for Content {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Pin::new(bytes)
                .poll_frame(context)
                .map_err(|no| match no {}),
            Self::Pieces(pieces) => pieces.poll_recv(context).map(|piece| match piece {
                Some(piece) if piece.is_empty() => None,
                Some(piece) => Some(Ok(Frame::data(piece))),
                None => Some(Err(io::ErrorKind::UnexpectedEof.into())),
            }),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_end_stream(),
            Self::Pieces(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => bytes.size_hint(),
            Self::Pieces(_) => SizeHint::default(),
        }
    }
}

use thiserror::Error;

use crate::protocol::segment::SegmentFault;
use crate::protocol::start_url::StartUrlError;

/// Why a frame of a client was not understood.
///
/// `Display` is the text after `error: `: what is wrong and what to do, for the user. It never
/// repeats a field of `init`, which may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FrameError {
    /// Larger than whoever reads the socket allows (`maxClientMessage`).
    #[error("the message is larger than {limit} bytes: send less data with the simulation")]
    TooLarge {
        /// The most bytes allowed.
        limit: usize,
    },
    /// More frames in a second than whoever reads the socket allows.
    #[error("more than {limit} messages came within a second: send fewer")]
    TooMany {
        /// The most frames in a second.
        limit: u32,
    },
    /// A binary frame.
    #[error("the message is binary: send text")]
    NotText,
    /// Not JSON. Old clients paste names into JSON without escaping them (W5, 37).
    #[error(
        "the message is not JSON ({detail}): quotes and backslashes in names and data have to be escaped"
    )]
    NotJson {
        /// What and where, without any of the frame's text.
        detail: String,
    },
    /// JSON without a key that is known.
    #[error(
        "the message is none that this server knows: send an object with `init`, `start` or `reset controller`"
    )]
    Unknown,
    /// `init` is not a list of 3 to 9 items.
    #[error(
        "`init` must be a list of 3 to 9 items: host, project, world, user1Id, user1Name, user1Authentication, user2Id, user2Name, customData"
    )]
    InitShape,
    /// An item of `init` is wrong.
    #[error("the {field} of the simulation {fault}")]
    InitItem {
        /// Which one.
        field: &'static str,
        /// What is wrong with it.
        fault: FieldFault,
    },
    /// `start` is not an object with a text `url`.
    #[error(
        "`start` must be an object with the URL of a world: {{\"start\":{{\"url\":\"https://…/worlds/X.wbt\"}}}}"
    )]
    StartShape,
    /// `start` wants a mode that does not exist.
    #[error("unsupported client mode `{mode}`: use `x3d`, `w3d` or `mjpeg`, or leave it out")]
    StartMode {
        /// What it wants, fit to be shown.
        mode: String,
    },
    /// The URL in `start` is wrong.
    #[error(transparent)]
    StartUrl(#[from] StartUrlError),
    /// `reset controller` does not name a file of a controller.
    #[error(
        "the controller to be reset {fault}: name its folder and file like `my_controller/my_controller.py`"
    )]
    ControllerFile {
        /// What is wrong with it.
        fault: FieldFault,
    },
}

impl FrameError {
    /// The WebSocket close code to be used (contract, section 5).
    pub const fn close_code(&self) -> u16 {
        match self {
            Self::NotJson { .. } => 1007,
            Self::TooLarge { .. } => 1009,
            Self::TooMany { .. }
            | Self::NotText
            | Self::Unknown
            | Self::InitShape
            | Self::InitItem { .. }
            | Self::StartShape
            | Self::StartMode { .. }
            | Self::StartUrl(_)
            | Self::ControllerFile { .. } => 1008,
        }
    }
}

/// What is wrong with one field. `Display` continues a sentence: "the world …".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FieldFault {
    /// Neither a text nor a number.
    #[error("must be a text or a number")]
    Type,
    /// Too many bytes.
    #[error("is longer than {limit} bytes")]
    TooLong {
        /// The most bytes allowed.
        limit: usize,
    },
    /// A control character, like a line end.
    #[error("contains a control character: use plain text")]
    Control,
    /// Not an origin.
    #[error("is not the address of a website like `https://example.org`")]
    Origin,
    /// A user is named, but there is no website that knows users.
    #[error("is a file: users can log in on a website only")]
    FileOrigin,
    /// Not exactly a folder and a file.
    #[error("is not one folder and one file")]
    NotDirAndFile,
    /// Cannot be a part of a path.
    #[error(transparent)]
    Segment(#[from] SegmentFault),
}

//! Why a server did not start.

use std::io;

use thiserror::Error;

use crate::adapters::sandbox::ChooseError;
use crate::serve::tls::TlsError;

/// Why a server did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The port is in use or not allowed.
    #[error("port {port} cannot be opened")]
    Port {
        /// The port.
        port: u16,
        /// Why.
        source: io::Error,
    },
    /// The TLS files cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// There is no sandbox as the configuration wants it.
    #[error(transparent)]
    Sandbox(#[from] ChooseError),
    /// A part that the configuration asks for cannot be had.
    #[error("{key}: {what}")]
    Part {
        /// The configuration key that asks for it.
        key: &'static str,
        /// What is wrong.
        what: String,
        /// Why.
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

impl StartError {
    pub(crate) fn port(port: u16) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Port { port, source }
    }

    /// Whether mending the configuration file would help.
    pub const fn is_configuration(&self) -> bool {
        match self {
            Self::Port { .. } => false,
            Self::Tls(_) | Self::Sandbox(_) | Self::Part { .. } => true,
        }
    }
}

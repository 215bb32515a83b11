//! `/client`: what a web client and a simulation server say to each other
//! (contract, section 5; wire reference W2.2, W2.3, W2.11).

mod decode;
mod encode;
mod error;
mod fields;

use std::fmt;

pub use decode::decode;
pub use encode::{encode, encode_init, encode_start};
pub use error::{FieldFault, FrameError};
pub use fields::{MAX_AUTHENTICATION, MAX_CUSTOM_DATA, MAX_USER_FIELD};

use crate::protocol::start_url::StartUrl;
use crate::secret::Secret;

/// One frame from a client, understood.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientMessage {
    /// `{"init": […]}`: start a project of the website (W2.3).
    Init(Box<Init>),
    /// `{"start": {"url": …, "mode": …}}`: start a world by its URL (W2.5).
    Start(Start),
    /// `{"reset controller": "DIR/FILE"}`: restore one controller file (W2.2).
    ResetController(ControllerFile),
}

/// The nine items of `init`, of which three must be there (W2.3).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Init {
    /// The origin of the page, like `https://robotbenchmark.net`, without a `/` at the end; or
    /// `file://` for a page that was opened from a disk, and then nobody is logged in.
    pub host: String,
    /// The project's name; may contain `/`.
    pub project: String,
    /// The world's file name, like `simple.wbt`.
    pub world: String,
    /// The user whose project it is.
    pub user1: User,
    /// A second user, for a match between two; empty if there is none.
    pub user2: User,
    /// What the page wants to be passed on to the website host.
    pub custom_data: String,
}

impl Init {
    /// Whether Webots may let this client edit the controllers: in a simulation of the user's own,
    /// and in one that belongs to nobody (`controllerEdit` in W2.9).
    pub fn edits_controllers(&self) -> bool {
        !self.user1.authentication.is_empty() || !self.user1.is_somebody()
    }
}

/// One of the users that `init` names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct User {
    /// The id; empty or `0` is nobody.
    pub id: String,
    /// The name shown to others.
    pub name: String,
    /// The password hash or other proof. Always empty for the second user.
    pub authentication: Secret,
}

impl User {
    /// Whether somebody is logged in: the document's rule, id 0 or none is nobody (W6).
    pub fn is_somebody(&self) -> bool {
        !matches!(self.id.trim(), "" | "0")
    }
}

/// `start`: the URL of a world, and how it is to be shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Start {
    /// Where the world is.
    pub url: StartUrl,
    /// How the client wants to see it.
    pub mode: ViewMode,
}

/// How a client sees the simulation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ViewMode {
    /// A 3D scene that the browser draws: mode left out, `x3d` or `w3d`.
    #[default]
    Scene,
    /// Pictures that Webots draws: `mjpeg`.
    Mjpeg,
}

/// A file of a robot's controller, as `DIR/FILE` below `controllers/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControllerFile {
    /// The controller's folder, one path segment.
    pub directory: String,
    /// The file in it, one path segment.
    pub file: String,
}

impl fmt::Display for ControllerFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.directory, self.file)
    }
}

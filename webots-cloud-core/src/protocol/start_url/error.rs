use thiserror::Error;

use crate::protocol::authority::AuthorityError;
use crate::protocol::segment::SegmentFault;

/// The most bytes in the URL of a world.
pub const MAX_URL: usize = 2048;

/// Why a text is not the URL of a world.
///
/// `Display` begins as the Python servers' text does where they have one (W2.5), and goes on to say
/// what to do. Texts are fit to be shown: no control characters, bounded.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StartUrlError {
    /// More than [`MAX_URL`] bytes.
    #[error("Wrong Webots simulation URL: it is longer than {MAX_URL} bytes")]
    TooLong,
    /// Neither `https`, `webots` nor `file`; holds the URL.
    #[error(
        "Unsupported URL protocol: {0}. Use https://github.com/OWNER/REPOSITORY/blob/BRANCH/worlds/WORLD.wbt"
    )]
    Protocol(String),
    /// `?`, `#` or a user name.
    #[error(
        "Wrong Webots simulation URL: leave out everything from `?` or `#` on, and any user name before the host"
    )]
    Extras,
    /// The host is none, or `webots://` with another host than `github.com`, or `file://` with one.
    #[error("Wrong Webots simulation URL: the host {0}")]
    Host(#[from] AuthorityError),
    /// `webots://` with another host than `github.com`.
    #[error("Wrong Webots simulation URL: after webots:// only github.com is possible")]
    NotGithub,
    /// `file://` with a host.
    #[error("Wrong Webots simulation URL: use file:/// and the absolute path of a world")]
    FileHost,
    /// Not enough parts.
    #[error("Wrong Webots simulation URL: it must look like {expected}")]
    TooShort {
        /// A pattern with the same protocol.
        expected: &'static str,
    },
    /// Neither `blob` nor `tree`; holds what is there instead.
    #[error(
        "Missing blob in Webots simulation URL, founds {0}: after the repository comes `blob` or `tree` and then a branch or tag"
    )]
    MissingBlob(String),
    /// In a `webots` URL, neither `tag` nor `branch`; holds what is there instead.
    #[error(
        "Missing tag or branch in Webots simulation URL, founds {0}: after the repository comes `tag` or `branch` and then its name"
    )]
    MissingTag(String),
    /// The last but one part is not `worlds`.
    #[error(
        "Missing worlds folder in Webots simulation URL: the world must be in a folder named `worlds`"
    )]
    MissingWorlds,
    /// The last part is not a world file.
    #[error("Missing world file in Webots simulation URL: its last part must end in `.wbt`")]
    MissingWorld,
    /// A `%` that is not followed by two hexadecimal digits, or bytes that are not UTF-8.
    #[error(
        "Wrong Webots simulation URL: `%` must be followed by the two hexadecimal digits of UTF-8"
    )]
    Percent,
    /// A part that cannot be a file, folder or ref.
    #[error("Wrong Webots simulation URL: a part of it {0}")]
    Segment(#[from] SegmentFault),
}

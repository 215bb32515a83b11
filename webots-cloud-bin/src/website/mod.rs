//! The website host: a static site, projects for simulation servers, and uploads of users (contract,
//! 7; wire reference W4).
//!
//! ```text
//!  POST /ajax/download-project.php ── form ── key ── UserDirectory::verify ── archive ──> ZIP
//!  POST /ajax/upload-file.php ─────── UserDirectory::identify ── form ── save ──────────> OK
//!  GET, HEAD ──────────────────────── site ─────────────────────────────────────────────> file
//! ```
//! [`WebsiteHost`] is all of it as a service without a socket;
//! [`website_host`](crate::website_host) gives it one. Accounts come from a [`UserDirectory`]:
//! [`FileUsers`] by default, your site's if you like.
//!
//! Strangers name projects, folders and files. Every name is checked by itself, and every step on
//! the disk is one name from an open folder and follows no link (`folder`), so that no name leads
//! out of `projectsDir`, `usersDir` and `site`.

mod archive;
mod content_type;
mod cookies;
mod download;
mod file_users;
mod folder;
mod form;
mod host;
mod key;
mod keyed;
mod passwords;
mod reply;
mod save;
mod site;
mod source;
mod upload;
mod users;

pub use file_users::{FileUsers, UsersError};
pub use host::{HostError, WebsiteHost, WebsiteHostBuilder};
pub use key::KeyError;
pub use passwords::hash_password;
pub use source::Source;
pub use users::{Unidentified, UserDirectory, UserFuture, UserId, UserIdError};

//! `POST /ajax/download-project.php` (W4.1): a project for a simulation server.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::header::CONTENT_DISPOSITION;
use http::{HeaderValue, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::sync::Semaphore;
use webots_cloud_core::protocol::segment::check_segment;
use webots_cloud_core::secret::Secret;

use super::archive;
use super::folder::{Folder, is_missing};
use super::form::{Form, FormRules};
use super::key::{KeyCheck, KeyGuard};
use super::reply::{ROBOTS, Reply, error, set, text};
use super::source::Source;
use super::users::{UserDirectory, UserId};
use crate::serve::Content;

/// What a download may ask with; other fields (W4.1: names, customData) are for nobody here.
pub(super) const FORM: FormRules = FormRules {
    fields: &["user1Id", "user1Authentication", "key", "project"],
    largest: 64 * 1024,
    time: Duration::from_secs(10),
};

/// Archives that are written at a time; each has a thread. More wait.
const AT_A_TIME: usize = 64;

/// What may stand in a name of RFC 8187 as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// The projects, and who may have them.
#[derive(Debug)]
pub(super) struct Downloads {
    pub(super) key: KeyGuard,
    samples: PathBuf,
    users_dir: PathBuf,
    users: Arc<dyn UserDirectory>,
    slots: Arc<Semaphore>,
}

impl Downloads {
    pub(super) fn new(
        key: KeyGuard,
        samples: PathBuf,
        users_dir: PathBuf,
        users: Arc<dyn UserDirectory>,
    ) -> Self {
        Self {
            key,
            samples,
            users_dir,
            users,
            slots: Arc::new(Semaphore::new(AT_A_TIME)),
        }
    }

    /// Answers a download, with the checks in the order of W4.1. Cancel safe.
    ///
    /// A user who is who they say gets their own project, if there is one; everybody else, and whoever
    /// is not logged in (`user1Id` is empty or 0), the sample project. (The sample script does it the
    /// other way round, and says that this is to be done.)
    pub(super) async fn answer(&self, mut form: Form, from: Source) -> Reply {
        for field in FORM.fields {
            if form.text(field).is_none() {
                return error(format_args!("Missing {field}."));
            }
        }
        let key = form.take("key").unwrap_or_default();
        match self.key.check(&key, from).await {
            KeyCheck::Right => {}
            KeyCheck::Wrong => {
                tracing::warn!(source = ?from, "a download with a wrong key");
                return error("Wrong key.");
            }
            KeyCheck::TooMany => return too_many(),
        }
        let field = |name| form.text(name).unwrap_or_default().into_owned();
        let project = field("project");
        if project.contains("..") || check_segment(&project).is_err() {
            return error("Wrong project.");
        }
        let (id, authentication) = (field("user1Id"), Secret::new(field("user1Authentication")));
        let user = match self.user(id, &authentication).await {
            Ok(user) => user,
            Err(wrong) => return error(wrong),
        };
        let Ok(slot) = Arc::clone(&self.slots).acquire_owned().await else {
            // Never closed.
            return error("The project cannot be read.");
        };
        let (samples, users, name) = (
            self.samples.clone(),
            self.users_dir.clone(),
            project.clone(),
        );
        let open = move || match user {
            None => Folder::root(&samples)?.enter(name),
            Some(user) => match own(&users, &user, &name) {
                Err(error) if is_missing(&error) => Folder::root(&samples)?.enter(name),
                found => found,
            },
        };
        let opened = tokio::task::spawn_blocking(open).await;
        match opened.unwrap_or_else(|panic| Err(io::Error::other(panic))) {
            Ok(folder) => archived(&project, Content::Pieces(archive::stream(folder, slot))),
            Err(error) if is_missing(&error) => {
                super::reply::error(format_args!("no such directory: '{project}'."))
            }
            Err(error) => {
                tracing::error!(%error, project, "a project cannot be read");
                super::reply::error("The project cannot be read.")
            }
        }
    }

    async fn user(
        &self,
        id: String,
        authentication: &Secret,
    ) -> Result<Option<UserId>, &'static str> {
        if matches!(id.as_str(), "" | "0") || authentication.is_empty() {
            return Ok(None);
        }
        let user = UserId::new(id).map_err(|_| "Wrong user1Id.")?;
        if self.users.verify(&user, authentication).await {
            Ok(Some(user))
        } else {
            Err("Wrong user1Authentication.")
        }
    }
}

fn own(users: &std::path::Path, user: &UserId, project: &str) -> io::Result<Folder> {
    Folder::root(users)?
        .enter(user.as_str())?
        .enter("projects")?
        .enter(project)
}

/// Not looked at: whoever guesses is to wait. A text that simulation servers show, as all others.
fn too_many() -> Reply {
    let wrong = "Error: Too many wrong keys: try again later.";
    let mut reply = text(StatusCode::TOO_MANY_REQUESTS, wrong);
    set(&mut reply, ROBOTS, "noindex");
    reply
}

fn archived(project: &str, archive: Content) -> Reply {
    let mut reply = super::reply::whole(bytes::Bytes::new(), "application/zip");
    *reply.body_mut() = archive;
    set(&mut reply, ROBOTS, "noindex");
    if let Ok(value) = HeaderValue::try_from(disposition(project)) {
        reply.headers_mut().insert(CONTENT_DISPOSITION, value);
    }
    reply
}

/// As W4.1 where the name is a token of HTTP, else in the form of RFC 8187.
fn disposition(project: &str) -> String {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.+~".contains(&byte);
    if project.bytes().all(token) {
        format!("attachment; filename={project}.zip")
    } else {
        let project = utf8_percent_encode(project, PLAIN);
        format!("attachment; filename=project.zip; filename*=UTF-8''{project}.zip")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_archives() {
        assert_eq!(disposition("e-puck"), "attachment; filename=e-puck.zip");
        assert_eq!(
            disposition("a \"b\"; é"),
            "attachment; filename=project.zip; filename*=UTF-8''a%20%22b%22%3B%20%C3%A9.zip"
        );
    }
}

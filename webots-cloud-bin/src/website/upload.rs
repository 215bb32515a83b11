//! `POST /ajax/upload-file.php` (W4.2): a controller that a user changed in the browser.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HOST, HeaderName, ORIGIN};
use http::{HeaderMap, Request};
use hyper::body::Body;
use tokio::sync::Semaphore;
use url::Url;
use webots_cloud_core::protocol::segment::{check_path, check_segment};
use webots_cloud_core::web::escape::Escaped;

use super::folder::DEEPEST;
use super::form::{Form, FormError, FormRules};
use super::keyed::KeyedLimit;
use super::reply::{Reply, error, said};
use super::save::{SaveError, UNFINISHED, Upload};
use super::source::Source;
use super::users::{UserDirectory, UserId};

/// Content that is held in memory is never larger, whatever the quota.
const LARGEST_CONTENT: u64 = 64 * 1024 * 1024;

/// What a form has besides its content.
const OVERHEAD: usize = 16 * 1024;

/// How long an upload may take to arrive.
const TIME: Duration = Duration::from_secs(120);

/// Uploads at a time of one user, and of all. More wait before their body is read.
const EACH: usize = 4;
const IN_ALL: usize = 64;

/// Requests of one source that may ask the directory at a time: passwords are slow to compare.
const ASKING: usize = 2;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The users' projects, and who may write them.
#[derive(Debug)]
pub(super) struct Uploads {
    server: String,
    users_dir: PathBuf,
    users: Arc<dyn UserDirectory>,
    quota: u64,
    asking: KeyedLimit<Source>,
    each: KeyedLimit<UserId>,
    in_all: Semaphore,
}

impl Uploads {
    /// `server` is the name of the site, besides the one in the requests' `Host`.
    pub(super) fn new(
        server: String,
        users_dir: PathBuf,
        users: Arc<dyn UserDirectory>,
        quota: u64,
    ) -> Self {
        Self {
            server,
            users_dir,
            users,
            quota,
            asking: KeyedLimit::new(ASKING),
            each: KeyedLimit::new(EACH),
            in_all: Semaphore::new(IN_ALL),
        }
    }

    /// Answers an upload, with the checks in the order of W4.2: strangers first, whose body is not
    /// read. Cancel safe: the file is saved as a whole, or not at all.
    pub(super) async fn answer<B>(&self, request: Request<B>, from: Source) -> Reply
    where
        B: Body<Data = Bytes> + Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (head, body) = request.into_parts();
        let known = match self.is_from_elsewhere(&head.headers) {
            true => Err("Wrong origin.".to_owned()),
            false => self.identify(&head.headers, from).await,
        };
        let user = match known {
            Ok(user) => user,
            Err(wrong) => {
                // A client that is still sending would not read the answer.
                let _ = RUBBISH.read(&head.headers, body).await;
                return error(wrong);
            }
        };
        let _of_the_user = self.each.enter(&user).await;
        let _in_all = self.in_all.acquire().await;
        let form = match self.rules().read(&head.headers, body).await {
            Ok(form) => form,
            Err(wrong @ (FormError::TooLarge(_) | FormError::TooSlow | FormError::Broken)) => {
                return error(wrong);
            }
        };
        match checked(user, form) {
            Ok(upload) => self.save(upload).await,
            Err(wrong) => error(wrong),
        }
    }

    fn rules(&self) -> FormRules {
        let content = self.quota.min(LARGEST_CONTENT);
        let content = usize::try_from(content).unwrap_or(usize::MAX);
        FormRules {
            fields: &["dirname", "filename", "content"],
            // One byte more than the quota is worth its own text, and the names as well.
            largest: content
                .saturating_add(content / 10)
                .saturating_add(OVERHEAD),
            time: TIME,
        }
    }

    async fn identify(&self, headers: &HeaderMap, from: Source) -> Result<UserId, String> {
        let _turn = self.asking.enter(&from).await;
        let user = self.users.identify(headers).await;
        user.map_err(|unidentified| unidentified.to_string())
    }

    /// Whether a page of another site makes the browser send this, with the user's cookies: browsers
    /// say so in one of two ways.
    fn is_from_elsewhere(&self, headers: &HeaderMap) -> bool {
        let header = |name: &HeaderName| headers.get(name).map(|it| it.to_str().unwrap_or("?"));
        if header(&FETCH_SITE) == Some("cross-site") {
            return true;
        }
        let Some(origin) = header(&ORIGIN) else {
            return false;
        };
        let origin = Url::parse(origin).ok();
        let Some(origin) = origin.as_ref().and_then(Url::host_str) else {
            return true;
        };
        // Only names: proxies change ports, and some of them the `Host`.
        let host = header(&HOST).and_then(|host| Url::parse(&format!("http://{host}")).ok());
        let host = host.as_ref().and_then(Url::host_str);
        Some(origin) != host && !origin.eq_ignore_ascii_case(&self.server)
    }

    async fn save(&self, upload: Upload) -> Reply {
        let (users, quota) = (self.users_dir.clone(), self.quota);
        let saving = tokio::task::spawn_blocking(move || {
            let saved = upload.save(&users, quota);
            (saved, upload)
        });
        let Ok((saved, upload)) = saving.await else {
            return error("The file could not be saved.");
        };
        match saved {
            Ok(()) => said("OK"),
            Err(SaveError::Quota(size)) => error(format_args!(
                "Disk quota exceeded:<br>{} MB > {} MB.<br><br>File {} was not saved on server.",
                megabytes(size),
                megabytes(quota),
                Escaped(&upload.filename),
            )),
            Err(SaveError::TooMany) => error("Too many files and folders."),
            Err(SaveError::NoFile) => error("wrong filename."),
            Err(SaveError::NoFolder) => error("wrong dirname."),
            Err(SaveError::Io(failed)) => {
                tracing::error!(error = %failed, user = upload.user.as_str(), "a file could not be saved");
                error("The file could not be saved.")
            }
        }
    }
}

/// For bodies that nobody wants to have, within bounds.
const RUBBISH: FormRules = FormRules {
    fields: &[],
    largest: 1024 * 1024,
    time: Duration::from_secs(5),
};

/// The checks of W4.2, with its texts.
fn checked(user: UserId, mut form: Form) -> Result<Upload, &'static str> {
    let text = |name| form.text(name).map(std::borrow::Cow::into_owned);
    let dirname = text("dirname").ok_or("missing dirname.")?;
    let filename = text("filename").ok_or("missing filename.")?;
    // The very text that the sample script has for it.
    let content = form.take("content").ok_or("missing dirname.")?;
    if check_segment(&filename).is_err() || filename.starts_with(UNFINISHED) {
        return Err("wrong filename.");
    }
    let deep = dirname.split('/').count() > DEEPEST / 2;
    if dirname.contains("..") || deep || check_path(&dirname).is_err() {
        return Err("wrong dirname.");
    }
    Ok(Upload {
        user,
        dirname,
        filename,
        content,
    })
}

/// Millions of bytes, rounded up to 0.1, so that one byte too much is seen to be more.
fn megabytes(bytes: u64) -> f64 {
    bytes.div_ceil(100_000) as f64 / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_shown_as_the_sample_script_does() {
        for (bytes, shown) in [
            (0, "0"),
            (10_000_000, "10"),
            (10_000_001, "10.1"),
            (12_340_000, "12.4"),
        ] {
            assert_eq!(megabytes(bytes).to_string(), shown);
        }
    }
}

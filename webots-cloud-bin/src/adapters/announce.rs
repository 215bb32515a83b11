//! Announces a simulation server to those who keep lists of them: `notify` (W2.17).

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use url::form_urlencoded;
use webots_cloud_core::ports::ErrorKind;
use webots_cloud_core::protocol::admission::Repositories;

use super::http_post::HttpPost;
use super::http_probe::Trust;

/// What is announced.
#[derive(Clone, Debug)]
pub struct Announcement {
    /// Where this server is: `http[s]://HOST:PORT` or `http[s]://HOST/PORT`.
    pub url: String,
    /// Which repositories it runs.
    pub repositories: Repositories,
}

impl Announcement {
    /// `url`, `shareIdleTime` and `allowedRepositories`, as a form.
    fn form(&self) -> Bytes {
        let allowed = self.repositories.allowed.iter();
        let allowed: Vec<String> = allowed.map(ToString::to_string).collect();
        form_urlencoded::Serializer::new(String::new())
            .append_pair("url", &self.url)
            .append_pair(
                "shareIdleTime",
                &self.repositories.share_idle_time.to_string(),
            )
            .append_pair("allowedRepositories", &allowed.join(","))
            .finish()
            .into()
    }
}

/// How often it is tried, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnnounceRules {
    /// The most attempts at one address: 6, as W2.17 has it.
    pub attempts: u32,
    /// The pause between two: 5 s.
    pub pause: Duration,
    /// The time for one: 10 s.
    pub timeout: Duration,
}

impl Default for AnnounceRules {
    fn default() -> Self {
        Self {
            attempts: 6,
            pause: Duration::from_secs(5),
            timeout: Duration::from_secs(10),
        }
    }
}

/// Tells all addresses at the same time, and logs what they answer. Ends by itself: an address that
/// refuses is not asked again, one that fails or is silent is asked some times. Looks at `trust`
/// only for `https`.
///
/// # Errors
/// None: nobody's answer matters to the server.
///
/// # Cancel safety
/// Dropping it closes the connections; some may have been told.
pub async fn announce(
    addresses: &[String],
    announcement: &Announcement,
    trust: Option<&Trust>,
    rules: AnnounceRules,
) {
    let form = announcement.form();
    let all = addresses.iter();
    join_all(all.map(|address| tell(address, form.clone(), trust, rules))).await;
}

async fn tell(address: &str, form: Bytes, trust: Option<&Trust>, rules: AnnounceRules) {
    const FORM: &str = "application/x-www-form-urlencoded";
    let Some(post) = HttpPost::new(address, FORM, rules.timeout, trust) else {
        tracing::warn!(
            address,
            "cannot be told of this server: no root certificates"
        );
        return;
    };
    for attempt in 1..=rules.attempts {
        let failure = match post.send(form.clone()).await {
            Ok(answer) => {
                tracing::info!(address, answer, "told of this server");
                return;
            }
            Err(failure) => failure,
        };
        let last = attempt == rules.attempts || failure.kind() != ErrorKind::Retry;
        if last {
            tracing::warn!(address, attempt, %failure, "could not be told of this server");
            return;
        }
        tracing::debug!(address, attempt, %failure, "could not be told of this server yet");
        tokio::time::sleep(rules.pause).await;
    }
}

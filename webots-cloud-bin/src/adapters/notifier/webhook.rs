//! Notices as JSON, for programs.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use thiserror::Error;
use webots_cloud_core::ports::{BoxFuture, Deliveries, Notice, Notifier, PortError};
use webots_cloud_core::protocol::text::{Lines, presentable};
use webots_cloud_core::secret::Secret;
use webots_cloud_core::time::Timestamp;

use super::delivery::Deliver;
use super::queue::{Intake, Queue, QueueRules};
use crate::adapters::http_post::HttpPost;
use crate::adapters::http_probe::Trust;

/// The most characters of a reason or a text.
const LONGEST: usize = 500;

/// What a webhook needs.
#[derive(Clone, Debug)]
pub struct WebhookConfig {
    /// Where to post to: `http` or `https`. Path and query reach no log and no error.
    pub address: Secret,
    /// The address of `/monitor`, if it is known.
    pub monitor: Option<String>,
    /// The time for one post: 10 s.
    pub timeout: Duration,
    /// Bounds of what waits.
    pub queue: QueueRules,
}

impl WebhookConfig {
    /// With the usual rules.
    pub fn new(address: Secret, monitor: Option<String>) -> Self {
        Self {
            address,
            monitor,
            timeout: Duration::from_secs(10),
            queue: QueueRules::default(),
        }
    }
}

/// Why there can be no webhook.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WebhookError {
    /// The address is neither `http` nor `https`, or is `https` and nobody is trusted.
    #[error("it is no http address, and no https address whose certificate could be checked")]
    Address,
}

/// Posts each notice as a JSON object to one address:
///
/// | member | |
/// |---|---|
/// | `event` | `server-silent`, `server-back`, `server-full`, `server-free`, `instance-stuck` or `workspace-left` |
/// | `text` | a sentence for people |
/// | `time` | when it happened, seconds since 1970 |
/// | `monitor` | the address of this server's `/monitor`, or `null` |
/// | `server` | the entry in `simulationServers`; with `server-…` |
/// | `load` | percent; with `server-back`, `server-full` and `server-free` |
/// | `instance` | with `instance-…` and `workspace-…` |
/// | `reason` | with `server-silent` and `workspace-left` |
///
/// 2xx is delivered. 3xx and 4xx are refusals, and that notice is given up; 408, 425 and 429, 5xx and
/// silence are tried again. After a connection that broke off, a notice may come twice.
///
/// # Errors
/// None from `notify`; what cannot be delivered is logged and counted.
///
/// # Cancel safety
/// The notice is queued when `notify` is called; the future only says so.
#[derive(Debug)]
pub struct WebhookNotifier {
    queue: Queue<Each>,
}

impl WebhookNotifier {
    /// Starts the task that posts. Needs a tokio runtime; connects to nothing yet.
    ///
    /// # Errors
    /// The address is neither `http` nor `https`, or is `https` and there is no `trust`.
    pub fn new(config: &WebhookConfig, trust: Option<&Trust>) -> Result<Self, WebhookError> {
        const JSON: &str = "application/json";
        let post = HttpPost::new(config.address.expose(), JSON, config.timeout, trust);
        let delivery = ByPost {
            post: post.ok_or(WebhookError::Address)?,
            monitor: config.monitor.clone(),
        };
        Ok(Self {
            queue: Queue::start(Each, delivery, config.queue),
        })
    }

    /// How many notices were given up: too many waited, too old, or refused.
    pub fn lost(&self) -> u64 {
        self.queue.lost()
    }
}

impl Notifier for WebhookNotifier {
    fn notify(&self, notice: Notice) -> BoxFuture<'_, Result<(), PortError>> {
        self.queue.put(notice);
        Box::pin(async { Ok(()) })
    }

    fn deliveries(&self) -> Vec<Deliveries> {
        vec![self.queue.figures("webhook")]
    }

    fn finish(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.queue.finish())
    }
}

/// Programs want each notice.
#[derive(Debug)]
struct Each;

impl Intake for Each {
    type Item = Notice;

    fn take(&mut self, _now: Timestamp, notice: Notice) -> Option<Notice> {
        Some(notice)
    }

    fn due(&mut self, _now: Timestamp) -> Vec<Notice> {
        Vec::new()
    }

    fn next(&self) -> Option<Timestamp> {
        None
    }

    fn flush(&mut self, _now: Timestamp) -> Vec<Notice> {
        Vec::new()
    }
}

struct ByPost {
    post: HttpPost,
    monitor: Option<String>,
}

impl Deliver<Notice> for ByPost {
    const WHAT: &'static str = "the webhook";

    fn deliver<'a>(
        &'a self,
        notice: &'a Notice,
        at: SystemTime,
    ) -> BoxFuture<'a, Result<(), PortError>> {
        let body = body(notice, at, self.monitor.as_deref()).to_string();
        Box::pin(async move { self.post.send(body.into()).await.map(|_answer| ()) })
    }
}

fn body(notice: &Notice, at: SystemTime, monitor: Option<&str>) -> Value {
    let short = |text: &str| presentable(text, LONGEST, Lines::Join);
    let mut body = match notice {
        Notice::ServerSilent { server, reason } => {
            json!({"event": "server-silent", "server": server, "reason": short(reason)})
        }
        Notice::ServerBack { server, load } => {
            json!({"event": "server-back", "server": server, "load": load.percent()})
        }
        Notice::ServerFull { server, load } => {
            json!({"event": "server-full", "server": server, "load": load.percent()})
        }
        Notice::ServerFree { server, load } => {
            json!({"event": "server-free", "server": server, "load": load.percent()})
        }
        Notice::InstanceStuck { instance } => {
            json!({"event": "instance-stuck", "instance": instance.to_string()})
        }
        Notice::WorkspaceLeft { instance, reason } => json!({
            "event": "workspace-left",
            "instance": instance.to_string(),
            "reason": short(reason),
        }),
    };
    let time = at
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    body["text"] = json!(short(&notice.to_string()));
    body["time"] = json!(time.as_millis() as f64 / 1000.0);
    body["monitor"] = json!(monitor);
    body
}

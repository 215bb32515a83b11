//! Who is told of notices, as a configuration asks for it.

use std::sync::Arc;
use std::time::Duration;

use webots_cloud_core::config::{SessionConfig, SimulationConfig};
use webots_cloud_core::ports::Notifier;
use webots_cloud_core::protocol::instance_url::{PublicAddress, instance_url};
use webots_cloud_core::secret::Secret;

use crate::adapters::http_probe::{Trust, TrustError};
use crate::adapters::notifier::{
    LogNotifier, MailConfig, MailNotifier, Several, WebhookConfig, WebhookNotifier,
};
use crate::start_error::StartError;

/// For the last notices; the notifiers here take less.
const AT_THE_END: Duration = Duration::from_secs(6);

/// The log, and mail and a webhook where the configuration has them. Reads files where TLS is
/// needed, and starts tasks.
pub(crate) fn of_session(
    config: &SessionConfig,
    port: u16,
) -> Result<Arc<dyn Notifier>, StartError> {
    let monitor = monitor(
        &PublicAddress {
            host: Some(config.server.clone()),
            ssl: config.tls.ssl,
            port_rewrite: config.tls.port_rewrite,
        },
        port,
    );
    let mut all: Vec<Arc<dyn Notifier>> = vec![Arc::new(LogNotifier)];
    if let Some(mail) = &config.mail {
        const KEY: &str = "mailSenderPassword";
        let secret = !mail.password.is_empty();
        let trust = secret.then(Trust::of_the_system).transpose();
        let trust = trust.map_err(no_trust(KEY))?;
        let setup = MailConfig::new(mail.clone(), monitor.clone(), config.server.clone());
        let notifier = MailNotifier::new(&setup, trust.as_ref());
        let notifier = notifier.map_err(|error| StartError::Part {
            key: "administrator",
            what: "no mail can be sent".to_owned(),
            source: Some(error.into()),
        })?;
        all.push(Arc::new(notifier));
    }
    all.extend(webhook(config.webhook.as_ref(), monitor)?);
    Ok(Arc::new(Several(all)))
}

/// The same for a simulation server, which has no keys for mail.
pub(crate) fn of_simulation(
    config: &SimulationConfig,
    port: u16,
) -> Result<Arc<dyn Notifier>, StartError> {
    let monitor = monitor(&config.public_address(), port);
    let mut all: Vec<Arc<dyn Notifier>> = vec![Arc::new(LogNotifier)];
    all.extend(webhook(config.webhook.as_ref(), monitor)?);
    Ok(Arc::new(Several(all)))
}

/// Gives them a last chance to deliver what waits.
pub(crate) async fn finish(notifier: &dyn Notifier) {
    if tokio::time::timeout(AT_THE_END, notifier.finish())
        .await
        .is_err()
    {
        tracing::warn!("a notifier did not come to an end");
    }
}

/// `http[s]://HOST:PORT` or `http[s]://HOST/PORT` of a server.
pub(crate) fn web_url(address: &PublicAddress, port: u16) -> String {
    let url = instance_url(address, None, port).unwrap_or_default();
    format!("http{}", url.trim_start_matches("ws"))
}

fn monitor(address: &PublicAddress, port: u16) -> String {
    format!("{}/monitor", web_url(address, port))
}

fn webhook(
    address: Option<&Secret>,
    monitor: String,
) -> Result<Option<Arc<dyn Notifier>>, StartError> {
    const KEY: &str = "webhook";
    let Some(address) = address else {
        return Ok(None);
    };
    let secure = address.expose().starts_with("https:");
    let trust = secure.then(Trust::of_the_system).transpose();
    let trust = trust.map_err(no_trust(KEY))?;
    let setup = WebhookConfig::new(address.clone(), Some(monitor));
    let notifier = WebhookNotifier::new(&setup, trust.as_ref());
    let notifier = notifier.map_err(|error| StartError::Part {
        key: KEY,
        what: "nothing can be posted there".to_owned(),
        source: Some(error.into()),
    })?;
    Ok(Some(Arc::new(notifier)))
}

fn no_trust(key: &'static str) -> impl FnOnce(TrustError) -> StartError {
    move |error| StartError::Part {
        key,
        what: "nobody's certificate can be checked".to_owned(),
        source: Some(error.into()),
    }
}

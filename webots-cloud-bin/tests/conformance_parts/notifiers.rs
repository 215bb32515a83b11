use std::sync::Arc;

use webots_cloud::adapters::notifier::{
    LogNotifier, MailConfig, MailNotifier, Several, WebhookConfig, WebhookNotifier,
};
use webots_cloud_core::config::Mail;
use webots_cloud_core::ports::{Notifier, PortError, notify_fn};
use webots_cloud_core::secret::Secret;
use webots_cloud_core::testing::conformance::notifier;

use super::surroundings::Real;

#[tokio::test]
async fn log_notifier() {
    notifier::conforms(&LogNotifier, &Real).await;
}

#[tokio::test]
async fn mail_and_webhook_of_hosts_that_are_away() {
    let away = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = away.local_addr().expect("bound").port();
    drop(away);
    let mail = Mail {
        administrator: "admin@example.org".to_owned(),
        server: "127.0.0.1".to_owned(),
        port: Some(port),
        sender: "cloud@example.org".to_owned(),
        user: None,
        password: Secret::default(),
    };
    let monitor = "http://localhost:1999/monitor".to_owned();
    let mail = MailConfig::new(mail, monitor, "localhost".to_owned());
    let mail = MailNotifier::new(&mail, None).expect("addresses");
    let address = Secret::new(format!("http://127.0.0.1:{port}/"));
    let webhook = WebhookNotifier::new(&WebhookConfig::new(address, None), None);
    let webhook = webhook.expect("an address");
    let all = Several(vec![
        Arc::new(mail),
        Arc::new(webhook),
        Arc::new(LogNotifier),
    ]);
    notifier::conforms(&all, &Real).await;
    all.finish().await;
}

#[tokio::test]
async fn several_say_when_one_fails() {
    let fails = notify_fn(|_| Err(PortError::permanent("no")));
    let all = Several(vec![Arc::new(LogNotifier), fails]);
    notifier::fails_well(&all, &Real).await;
}

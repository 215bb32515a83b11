//! Mail servers that are away, silent or wrong: nobody waits for them, and nothing grows.

use std::time::Duration;

use serde_json::json;
use tokio::net::TcpListener;
use webots_cloud::adapters::notifier::{MailNotifier, QueueRules};
use webots_cloud_core::ports::Notifier;

use crate::common::fake::dead_port;
use crate::common::{folder, until_so};
use crate::mail_parts::smtp::{BadServer, Fault, SmtpServer};
use crate::mail_parts::{PASSWORD, SOON, certificate, config, mail, quick, silent, tell};

#[tokio::test]
async fn a_mail_server_that_comes_up_later_gets_the_mails() {
    let port = dead_port().await;
    let notifier = MailNotifier::new(&config(mail(port, "")), None).unwrap();
    let names = ["a:2000", "b:2000", "c:2000"];
    for name in names {
        tell(&notifier, silent(name));
    }
    // Somebody is there, and closes: so it has been tried.
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let tried = tokio::time::timeout(SOON, listener.accept()).await;
    drop((tried.unwrap().unwrap(), listener));
    let Some(server) = SmtpServer::with(json!({ "port": port })) else {
        return;
    };
    let mails = server.receives(3).await;
    for (mail, name) in mails.iter().zip(names) {
        assert!(mail.text.contains(name), "in their order: {mail:?}");
    }
    notifier.finish().await;
    assert_eq!((server.mails().len(), notifier.lost()), (3, 0));
}

#[tokio::test]
async fn a_mail_that_was_put_off_or_broken_off_is_tried_again() {
    for fault in [Fault::Later, Fault::ClosesHalfway] {
        let server = BadServer::start(fault).await;
        let notifier = MailNotifier::new(&config(mail(server.port, "")), None).unwrap();
        tell(&notifier, silent("a:2000"));
        until_so("some attempts", SOON, || {
            server.heard().matches("DATA").count() >= 4
        })
        .await;
        assert_eq!(notifier.lost(), 0);
        notifier.finish().await;
        assert_eq!(notifier.lost(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_mail_that_is_refused_is_given_up() {
    let server = BadServer::start(Fault::Refuses).await;
    let notifier = MailNotifier::new(&config(mail(server.port, "")), None).unwrap();
    tell(&notifier, silent("a:2000"));
    until_so("the refusal", SOON, || notifier.lost() == 1).await;
    tell(&notifier, silent("b:2000"));
    until_so("the next", SOON, || notifier.lost() == 2).await;
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn without_starttls_no_password_is_said() {
    let server = BadServer::start(Fault::NoTls).await;
    let folder = folder();
    let certificate = certificate(folder.path());
    let config = config(mail(server.port, PASSWORD));
    let notifier = MailNotifier::new(&config, Some(&certificate.trust)).unwrap();
    tell(&notifier, silent("a:2000"));
    until_so("some attempts", SOON, || server.connections() >= 3).await;
    notifier.finish().await;
    let heard = server.heard();
    assert!(heard.contains("EHLO") && !heard.contains("AUTH"), "{heard}");
    assert!(!heard.contains("MAIL FROM"), "{heard}");
}

#[tokio::test]
async fn a_silent_mail_server_costs_a_time_limit_each_time() {
    let server = BadServer::start(Fault::Silent).await;
    let mut config = config(mail(server.port, ""));
    config.timeout = Duration::from_millis(200);
    let notifier = MailNotifier::new(&config, None).unwrap();
    tell(&notifier, silent("a:2000"));
    until_so("some attempts", SOON, || server.connections() >= 3).await;
    assert_eq!(notifier.lost(), 0);
}

#[tokio::test]
async fn thousands_of_notices_for_a_silent_server_are_bounded_and_end_soon() {
    const ALL: u64 = 20_000;
    let server = BadServer::start(Fault::Silent).await;
    let mut config = config(mail(server.port, ""));
    config.queue.at_end = Duration::from_secs(1);
    let notifier = MailNotifier::new(&config, None).unwrap();
    for number in 0..ALL {
        // Each at its first poll: nobody waits.
        tell(&notifier, silent(&format!("host{number}:2000")));
    }
    let most = QueueRules::default().most as u64;
    // One more may be on its way.
    assert!(notifier.lost() >= ALL - most - 1, "{}", notifier.lost());
    assert!(notifier.lost() <= ALL - most, "{}", notifier.lost());
    until_so("the first attempt", SOON, || server.connections() == 1).await;
    let end = tokio::time::timeout(SOON, notifier.finish()).await;
    end.expect("an end although nobody answers");
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn what_is_too_old_goes() {
    let port = dead_port().await;
    let mut config = config(mail(port, ""));
    config.queue = QueueRules {
        keep: Duration::from_millis(50),
        ..quick()
    };
    let notifier = MailNotifier::new(&config, None).unwrap();
    tell(&notifier, silent("a:2000"));
    until_so("to be given up", SOON, || notifier.lost() == 1).await;
}

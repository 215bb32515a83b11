//! Mails that arrive.

use std::time::Duration;

use serde_json::json;
use webots_cloud::adapters::notifier::MailNotifier;
use webots_cloud_core::config::Mail;
use webots_cloud_core::id::InstanceId;
use webots_cloud_core::ports::{Notice, Notifier};
use webots_cloud_core::testing::conformance::notifier::every_notice;

use crate::common::{folder, until_so};
use crate::mail_parts::smtp::{Received, SmtpServer};
use crate::mail_parts::{
    MONITOR, PASSWORD, SOON, back, certificate, config, free, full, mail, short_damping, silent,
    tell,
};

fn expected(core: &str) -> String {
    format!("Hello,\n\n{core}\nCheck it at {MONITOR}\n\n-Simulation Server")
}

fn assert_is(mail: &Received, subject: &str, core: &str) {
    assert_eq!(mail.subject(), subject);
    assert_eq!(mail.text.trim_end(), expected(core));
}

#[tokio::test]
async fn the_four_events_are_mails_as_in_the_reference() {
    let Some(server) = SmtpServer::plain() else {
        return;
    };
    let notifier = MailNotifier::new(&config(mail(server.port, "")), None).unwrap();
    for notice in [
        silent("a:2000"),
        back("a:2000", 12.5),
        full("a:2000", 99.0),
        free("a:2000", 3.0),
    ] {
        tell(&notifier, notice);
    }
    let mails = server.receives(4).await;
    assert_is(
        &mails[0],
        "Simulation server not responding",
        "a:2000 simulation server may be down, as it is not responding to the requests of the \
         session server...",
    );
    assert_is(
        &mails[1],
        "Simulation server working again",
        "a:2000 simulation server is up and running again (load = 12.5%).",
    );
    assert_is(
        &mails[2],
        "Simulation server reached maximum load",
        "a:2000 simulation server has reached maximum load (99.0%).",
    );
    assert_is(
        &mails[3],
        "Simulation server available again",
        "a:2000 simulation server is available again (load = 3.0%).",
    );
    for mail in &mails {
        assert_eq!(mail.sender, "cloud@example.org");
        assert_eq!(mail.recipients, ["admin@example.org"]);
        assert_eq!(
            unquoted(&mail.headers["From"]),
            "Simulation Server <cloud@example.org>"
        );
        assert_eq!(
            unquoted(&mail.headers["To"]),
            "Administrator <admin@example.org>"
        );
        assert_eq!(mail.headers["Auto-Submitted"], "auto-generated");
        assert!(mail.headers["Message-ID"].ends_with("@example.org>"));
        assert!(
            mail.headers["Date"].ends_with("+0000"),
            "{:?}",
            mail.headers
        );
        assert!(!mail.tls && mail.user.is_none(), "no password, no login");
    }
    notifier.finish().await;
    assert_eq!((server.mails().len(), notifier.lost()), (4, 0));
}

/// A display name may be in quotes or not.
fn unquoted(mailbox: &str) -> String {
    mailbox.replace('"', "")
}

#[tokio::test]
async fn every_notice_is_one_mail_whatever_is_in_it() {
    let Some(server) = SmtpServer::plain() else {
        return;
    };
    let notifier = MailNotifier::new(&config(mail(server.port, "")), None).unwrap();
    for notice in every_notice() {
        tell(&notifier, notice);
    }
    // The first and the last are of one kind: the second of them is in the last summary.
    let all = every_notice().len();
    server.receives(all - 1).await;
    notifier.finish().await;
    let mails = server.mails();
    assert_eq!(mails.len(), all, "{mails:#?}");
    for mail in &mails {
        assert_eq!(mail.recipients, ["admin@example.org"]);
        assert!(!mail.headers.contains_key("Bcc"), "{mail:?}");
        assert!(
            mail.text.starts_with("Hello,\n\n") && mail.text.len() < 2000,
            "{mail:?}"
        );
    }
    let last = &mails[all - 1];
    assert_eq!(last.subject(), "Simulations keep leaving something behind");
    assert!(
        last.text
            .contains("- 1 x a folder that could not be removed"),
        "{last:?}"
    );
}

#[tokio::test]
async fn a_password_goes_by_starttls_only_and_logs_in() {
    let folder = folder();
    let certificate = certificate(folder.path());
    let login = |user: &str, without: &[&str]| {
        SmtpServer::with(json!({
            "cert": certificate.cert, "key": certificate.key,
            "user": user, "password": PASSWORD, "mechanisms": without,
        }))
    };
    // As the sender, as a user, and with a server that knows LOGIN only.
    let cases = [
        (None, "cloud@example.org", [].as_slice()),
        (Some("somebody"), "somebody", &[]),
        (Some("somebody"), "somebody", &["PLAIN"]),
    ];
    for (user, expected, without) in cases {
        let Some(server) = login(expected, without) else {
            return;
        };
        let mail = Mail {
            user: user.map(str::to_owned),
            ..mail(server.port, PASSWORD)
        };
        let notifier = MailNotifier::new(&config(mail), Some(&certificate.trust)).unwrap();
        assert!(!format!("{notifier:?}").contains(PASSWORD));
        tell(&notifier, silent("a:2000"));
        let mails = server.receives(1).await;
        assert!(mails[0].tls);
        assert_eq!(mails[0].user.as_deref(), Some(expected));
    }
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_the_next_mail_is_tried() {
    let folder = folder();
    let certificate = certificate(folder.path());
    let Some(server) = SmtpServer::with_login(&certificate, "cloud@example.org", PASSWORD) else {
        return;
    };
    let wrong = config(mail(server.port, "wrong"));
    let notifier = MailNotifier::new(&wrong, Some(&certificate.trust)).unwrap();
    for name in ["a:2000", "b:2000"] {
        tell(&notifier, silent(name));
    }
    until_so("two refusals", SOON, || notifier.lost() == 2).await;
    notifier.finish().await;
    assert!(server.mails().is_empty());
}

#[tokio::test]
async fn a_certificate_of_somebody_else_gets_no_password() {
    let (folder, other) = (folder(), folder());
    let certificate_of_server = certificate(folder.path());
    let trusted = certificate(other.path());
    let login = SmtpServer::with_login(&certificate_of_server, "cloud@example.org", PASSWORD);
    let Some(server) = login else { return };
    let config = config(mail(server.port, PASSWORD));
    let notifier = MailNotifier::new(&config, Some(&trusted.trust)).unwrap();
    tell(&notifier, silent("a:2000"));
    notifier.finish().await;
    assert!(server.mails().is_empty());
    assert_eq!(notifier.lost(), 1);
    assert!(
        MailNotifier::new(&config, None).is_err(),
        "nobody is trusted"
    );
}

#[tokio::test]
async fn a_server_that_goes_up_and_down_is_two_mails_and_a_summary() {
    let Some(server) = SmtpServer::plain() else {
        return;
    };
    let mut config = config(mail(server.port, ""));
    config.damping = short_damping(Duration::from_secs(5));
    let notifier = MailNotifier::new(&config, None).unwrap();
    for _ in 0..200 {
        tell(&notifier, silent("a:2000"));
        tell(&notifier, back("a:2000", 1.0));
    }
    tell(&notifier, silent("a:2000"));
    let mails = server.receives(3).await;
    let subjects: Vec<&str> = mails.iter().map(Received::subject).collect();
    let expected = [
        "Simulation server not responding",
        "Simulation server working again",
        "Simulation server keeps changing",
    ];
    assert_eq!(subjects, expected);
    let text = &mails[2].text;
    for part in [
        "a:2000 simulation server in the last ",
        "- 200 x stopped responding\n",
        "- 199 x up and running again\n",
        "The latest: a:2000 simulation server may be down",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    notifier.finish().await;
    assert_eq!(server.mails().len(), 3);
}

#[tokio::test]
async fn what_was_collected_is_said_at_the_end() {
    let Some(server) = SmtpServer::plain() else {
        return;
    };
    let notifier = MailNotifier::new(&config(mail(server.port, "")), None).unwrap();
    for number in 0..3 {
        tell(
            &notifier,
            Notice::InstanceStuck {
                instance: InstanceId(number),
            },
        );
    }
    notifier.finish().await;
    notifier.finish().await;
    let subjects: Vec<String> = server
        .mails()
        .iter()
        .map(|it| it.subject().to_owned())
        .collect();
    let expected = [
        "Simulation cannot be ended",
        "Simulations keep leaving something behind",
    ];
    assert_eq!(subjects, expected);
}

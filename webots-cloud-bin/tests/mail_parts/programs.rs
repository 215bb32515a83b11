//! The session server as a program, with simulation servers that come and go.

use serde_json::{Value, json};

use crate::common::fake::{FakeSimulation, Load};
use crate::common::session::{Session, config};
use crate::common::{SESSION_SERVER, Server, folder, until_answered, until_so};
use crate::mail_parts::smtp::{BadServer, Fault, SmtpServer};
use crate::mail_parts::{PASSWORD, SOON, certificate};

fn mail_keys(port: u16) -> Value {
    json!({
        "administrator": "admin@example.org",
        "mailServer": "localhost",
        "mailServerPort": port,
        "mailSender": "cloud@example.org",
        // Only what a test does itself is news.
        "loadTimeout": 10,
    })
}

#[tokio::test]
async fn the_session_server_mails_what_becomes_of_its_servers() {
    let Some(smtp) = SmtpServer::plain() else {
        return;
    };
    let fake = FakeSimulation::with_load(10.0).await;
    let session = Session::with(&[fake.address()], mail_keys(smtp.port)).await;
    assert!(
        smtp.mails().is_empty(),
        "the first sample of a healthy server is no news"
    );
    let name = fake.address();
    let port = session.server.port;
    let steps: [(Load, &str, String); 4] = [
        (
            Load::Closes,
            "Simulation server not responding",
            format!(
                "{name} simulation server may be down, as it is not responding to the requests of \
                 the session server..."
            ),
        ),
        (
            Load::Is("12.5".to_owned()),
            "Simulation server working again",
            format!("{name} simulation server is up and running again (load = 12.5%)."),
        ),
        (
            Load::Is("99".to_owned()),
            "Simulation server reached maximum load",
            format!("{name} simulation server has reached maximum load (99.0%)."),
        ),
        (
            Load::Is("20".to_owned()),
            "Simulation server available again",
            format!("{name} simulation server is available again (load = 20.0%)."),
        ),
    ];
    for (at, (load, subject, core)) in steps.into_iter().enumerate() {
        fake.becomes(load);
        let mails = smtp.receives(at + 1).await;
        assert_eq!(mails[at].subject(), subject);
        let expected = format!(
            "Hello,\n\n{core}\nCheck it at http://localhost:{port}/monitor\n\n-Simulation Server"
        );
        assert_eq!(mails[at].text.trim_end(), expected);
    }
    // From now on it repeats, which is collected, and told at the latest at the end.
    fake.becomes(Load::Closes);
    until_answered("silence", SOON, || async {
        session.server.text("/load").await == "-1"
    })
    .await;
    let Session { server, .. } = session;
    drop(server);
    let mails = smtp.mails();
    assert_eq!(mails.len(), 5, "{mails:#?}");
    assert_eq!(mails[4].subject(), "Simulation server keeps changing");
    assert!(
        mails[4].text.contains("- 1 x stopped responding"),
        "{:?}",
        mails[4]
    );
}

#[tokio::test]
async fn a_mail_server_that_swallows_everything_delays_no_sample() {
    let hole = BadServer::start(Fault::Silent).await;
    let fake = FakeSimulation::with_load(10.0).await;
    let silent = FakeSimulation::start(Load::Closes).await;
    let servers = [fake.address(), silent.address()];
    let session = Session::with(&servers, mail_keys(hole.port)).await;
    until_so("a mail on its way", SOON, || hole.connections() == 1).await;
    // The mail hangs for 30 s. Meanwhile: dozens of rounds, changes seen, sessions given.
    let before = fake.asked();
    until_so("samples", SOON, || fake.asked() >= before + 30).await;
    for load in [99.0, 10.0, 99.0, 10.0] {
        fake.set(load);
        let free = if load < 95.0 { "1" } else { "0" };
        until_answered("the change", SOON, || async {
            session.server.text("/").await == free
        })
        .await;
    }
    // Shutting down does not wait for it either: it ends in time.
    let mut server = session.server;
    server.signal(rustix::process::Signal::TERM);
    let status = server.end(crate::common::SHUTDOWN).await;
    assert!(status.success(), "{status}");
}

#[tokio::test]
async fn the_program_logs_in_over_tls_and_never_logs_the_password() {
    let folder = folder();
    let certificate = certificate(folder.path());
    let smtp = SmtpServer::with_login(&certificate, "somebody", PASSWORD);
    let Some(smtp) = smtp else { return };
    let silent = FakeSimulation::start(Load::Closes).await;
    for (password, works) in [(PASSWORD, true), ("wrong-but-secret", false)] {
        let mut keys = mail_keys(smtp.port);
        keys["mailSenderUser"] = json!("somebody");
        keys["mailSenderPassword"] = json!(password);
        let file = config(&folder, &[silent.address()], keys);
        let file = file.to_str().unwrap();
        let env = [("SSL_CERT_FILE", certificate.cert.to_str().unwrap())];
        let arguments = [file, "--log-level", "trace"];
        let mut server = Server::start_with(SESSION_SERVER, &arguments, &env).await;
        if works {
            let mails = smtp.receives(1).await;
            assert!(mails[0].tls);
            assert_eq!(mails[0].user.as_deref(), Some("somebody"));
        } else {
            until_so("the refusal", SOON, || {
                said(&server, "mail cannot be delivered") == 1
            })
            .await;
        }
        server.signal(rustix::process::Signal::TERM);
        server.end(crate::common::SHUTDOWN).await;
        let log = server.stderr().join("\n");
        assert!(!log.contains(password), "{log}");
        assert_eq!(
            said(&server, "mail cannot be delivered"),
            usize::from(!works),
            "{log}"
        );
        assert_eq!(smtp.mails().len(), 1);
    }
}

#[tokio::test]
async fn a_failing_mail_server_is_one_line_of_log() {
    let bad = BadServer::start(Fault::Later).await;
    let servers = [
        FakeSimulation::start(Load::Closes).await,
        FakeSimulation::start(Load::Closes).await,
    ];
    let addresses: Vec<String> = servers.iter().map(FakeSimulation::address).collect();
    let session = Session::with(&addresses, mail_keys(bad.port)).await;
    until_so("an attempt", SOON, || bad.connections() >= 1).await;
    let mut server = session.server;
    server.signal(rustix::process::Signal::TERM);
    server.end(crate::common::SHUTDOWN).await;
    // At the end each of the two was tried once more.
    assert!(bad.connections() >= 2, "{}", bad.heard());
    assert_eq!(
        said(&server, "mail cannot be delivered"),
        1,
        "{:?}",
        server.stderr()
    );
    assert_eq!(said(&server, "451"), 1, "{:?}", server.stderr());
}

fn said(server: &Server, what: &str) -> usize {
    let lines = server.stderr();
    lines.iter().filter(|line| line.contains(what)).count()
}

//! A real SMTP server (aiosmtpd) as a process of its own, and those that do what broken ones do.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

use super::{Certificate, SOON};
use crate::common::{folder, until};

/// One mail, as the server took it.
#[derive(Clone, Debug, Deserialize)]
pub struct Received {
    pub sender: String,
    pub recipients: Vec<String>,
    pub headers: BTreeMap<String, String>,
    pub text: String,
    pub tls: bool,
    pub user: Option<String>,
    pub hello: String,
}

impl Received {
    pub fn subject(&self) -> &str {
        &self.headers["Subject"]
    }
}

#[derive(Debug)]
pub struct SmtpServer {
    child: Child,
    folder: TempDir,
    pub port: u16,
}

/// The Python that has aiosmtpd: Debian's package is for Debian's own.
fn python() -> Option<&'static str> {
    let has = |python: &&str| {
        let mut ask = Command::new(python);
        ask.args(["-c", "import aiosmtpd.smtp"]);
        ask.stdout(Stdio::null()).stderr(Stdio::null());
        ask.status().is_ok_and(|status| status.success())
    };
    ["/usr/bin/python3", "python3"].into_iter().find(has)
}

impl SmtpServer {
    /// Without TLS and login. `None`, with the reason printed, where there is no aiosmtpd.
    pub fn plain() -> Option<Self> {
        Self::with(json!({}))
    }

    /// With STARTTLS and this login.
    pub fn with_login(certificate: &Certificate, user: &str, password: &str) -> Option<Self> {
        Self::with(json!({
            "cert": certificate.cert, "key": certificate.key, "user": user, "password": password,
        }))
    }

    pub fn with(options: Value) -> Option<Self> {
        let Some(python) = python() else {
            println!("skipped: no aiosmtpd here (Debian: python3-aiosmtpd)");
            return None;
        };
        let folder = folder();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail_parts/smtp_server.py");
        let mut child = Command::new(python)
            .args(["-W", "ignore"])
            .arg(script)
            .arg(folder.path())
            .arg(options.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("piped");
        BufReader::new(out).read_line(&mut line).expect("a line");
        let port = line.trim().parse().expect("a port");
        Some(Self {
            child,
            folder,
            port,
        })
    }

    /// What came so far, in order.
    pub fn mails(&self) -> Vec<Received> {
        let names = crate::common::listing(self.folder.path());
        let whole = names.iter().filter(|name| name.ends_with(".json"));
        whole
            .map(|name| {
                let text = std::fs::read(self.folder.path().join(name)).expect("there");
                serde_json::from_slice(&text).expect("a mail")
            })
            .collect()
    }

    /// Waits for so many mails.
    pub async fn receives(&self, count: usize) -> Vec<Received> {
        let what = format!("{count} mails");
        until(&what, SOON, || {
            Some(self.mails()).filter(|mails| mails.len() >= count)
        })
        .await
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        // The end of its standard input ends it.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// What a broken mail server does with a connection.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// Accepts, and says nothing.
    Silent,
    /// Greets, answers, and closes in the middle of the mail.
    ClosesHalfway,
    /// Answers everything well, but knows no STARTTLS.
    NoTls,
    /// Puts off every mail: 451.
    Later,
    /// Refuses every mail: 554.
    Refuses,
}

/// A mail server with a fault.
pub struct BadServer {
    pub port: u16,
    heard: Arc<Mutex<String>>,
    _task: AbortOnDropHandle<()>,
}

impl BadServer {
    pub async fn start(fault: Fault) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let heard = Arc::<Mutex<String>>::default();
        let all = Arc::clone(&heard);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let all = Arc::clone(&all);
                connections.spawn(async move {
                    all.lock().expect("no panic").push_str("(connected)\n");
                    // Whoever asks may leave at any time.
                    let _ = answer(stream, fault, &all).await;
                });
            }
        });
        Self {
            port,
            heard,
            _task: AbortOnDropHandle::new(task),
        }
    }

    /// All that clients said.
    pub fn heard(&self) -> String {
        self.heard.lock().expect("no panic").clone()
    }

    pub fn connections(&self) -> usize {
        self.heard().matches("(connected)").count()
    }
}

async fn answer(
    mut stream: tokio::net::TcpStream,
    fault: Fault,
    heard: &Mutex<String>,
) -> std::io::Result<()> {
    if matches!(fault, Fault::Silent) {
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).await?;
        return Ok(());
    }
    stream.write_all(b"220 localhost ESMTP\r\n").await?;
    let mut line = String::new();
    loop {
        let byte = stream.read_u8().await?;
        line.push(char::from(byte));
        if byte != b'\n' {
            continue;
        }
        heard.lock().expect("no panic").push_str(&line);
        let reply: &[u8] = match (line.split_whitespace().next().unwrap_or_default(), fault) {
            ("EHLO", _) => b"250-localhost\r\n250 AUTH PLAIN LOGIN\r\n",
            ("DATA", Fault::ClosesHalfway) => return Ok(()),
            ("DATA", Fault::Later) => b"451 4.3.0 try later\r\n",
            ("DATA", Fault::Refuses) => b"554 5.7.1 not from you\r\n",
            ("STARTTLS", _) => b"502 5.5.1 unknown\r\n",
            _ => b"250 OK\r\n",
        };
        stream.write_all(reply).await?;
        line.clear();
    }
}

//! Mail by SMTP.

use std::fmt;
use std::time::{Duration, SystemTime};

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::commands::Auth;
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::{Category, Code, Detail, Response, Severity};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use thiserror::Error;
use webots_cloud_core::config::Mail;
use webots_cloud_core::ports::PortError;
use webots_cloud_core::protocol::text::{Lines, presentable};
use webots_cloud_core::secret::Secret;

use super::letter::Letter;
use crate::adapters::http_probe::Trust;

/// The port of mail servers where none is configured.
const PORT: u16 = 25;

/// Why there can be no mail.
#[derive(Debug, Error)]
pub enum MailError {
    /// An address is none that mail can be sent to.
    #[error("`{address}` is no mail address")]
    Address {
        /// The address.
        address: String,
        /// What is wrong with it.
        source: lettre::address::AddressError,
    },
    /// There is a password but no root certificate: it is never sent without TLS.
    #[error("there are no root certificates to check the mail server's certificate with")]
    NoTrust,
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[source] SmtpError),
}

/// One sender, one recipient, one server; a connection for each mail.
pub(super) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    server: String,
    sender: Address,
    administrator: Address,
    /// The password in all forms in which it is sent.
    secrets: Vec<Secret>,
    limit: Duration,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp")
            .field("server", &self.server)
            .field("administrator", &self.administrator)
            .finish_non_exhaustive()
    }
}

impl Smtp {
    /// Without a password in plain; with one by STARTTLS, and never without it, and a login (W1.6).
    /// `limit` is for one mail in all: lettre's own is for connecting only.
    pub(super) fn new(
        mail: &Mail,
        hello: &str,
        limit: Duration,
        trust: Option<&Trust>,
    ) -> Result<Self, MailError> {
        // An IPv6 address stands in brackets, which are not part of it.
        let server = mail.server.trim_matches(|c| c == '[' || c == ']');
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(server)
            .port(mail.port.unwrap_or(PORT))
            .timeout(Some(limit))
            .hello_name(hello_name(hello));
        let mut secrets = Vec::new();
        if !mail.password.is_empty() {
            let tls = tls(server, trust.ok_or(MailError::NoTrust)?)?;
            let user = mail.user.as_ref().unwrap_or(&mail.sender).clone();
            let login = Credentials::new(user, mail.password.expose().to_owned());
            secrets = spoken(&login, &mail.password);
            builder = builder.tls(Tls::Required(tls)).credentials(login);
        }
        Ok(Self {
            transport: builder.build(),
            server: mail.server.clone(),
            sender: address(&mail.sender)?,
            administrator: address(&mail.administrator)?,
            secrets,
            limit,
        })
    }

    /// Sends a letter that was written `at` this time.
    ///
    /// # Errors
    /// Permanent: the server refused the mail (5xx). To be tried again: everything else.
    ///
    /// # Cancel safety
    /// Dropping it closes the connection; the mail may have been taken or not.
    pub(super) async fn send(&self, letter: &Letter, at: SystemTime) -> Result<(), PortError> {
        let message = self.message(letter, at)?;
        match tokio::time::timeout(self.limit, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => {
                let text = self.in_words(&error);
                Err(if error.is_permanent() {
                    PortError::permanent(text)
                } else {
                    PortError::retry(text)
                })
            }
            Err(_) => {
                let limit = self.limit.as_secs_f64();
                Err(PortError::retry(format!("no answer within {limit} s")))
            }
        }
    }

    fn message(&self, letter: &Letter, at: SystemTime) -> Result<Message, PortError> {
        let named =
            |name: &str, address: &Address| Mailbox::new(Some(name.to_owned()), address.clone());
        // The same when it is tried again: who gets it twice can tell.
        let since = at
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let id = format!(
            "<{}.{}@{}>",
            since.as_nanos(),
            std::process::id(),
            self.sender.domain()
        );
        // So that no absence note comes back (RFC 3834).
        let automatic = HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        );
        Message::builder()
            .from(named("Simulation Server", &self.sender))
            .to(named("Administrator", &self.administrator))
            .subject(letter.subject)
            .date(at)
            .message_id(Some(id))
            .raw_header(automatic)
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.clone())
            .map_err(|error| PortError::permanent(format!("no mail can be made of it: {error}")))
    }

    /// What the server says goes into the log, but not if it repeats what it should keep.
    fn in_words(&self, error: &SmtpError) -> String {
        let mut text = error.to_string();
        for secret in &self.secrets {
            text = text.replace(secret.expose(), "********");
        }
        presentable(&text, 300, Lines::Join)
    }
}

/// The password, and the words on the wire that hold it.
fn spoken(login: &Credentials, password: &Secret) -> Vec<Secret> {
    /// `Password:`, as servers ask for it.
    const ASKED: &str = "UGFzc3dvcmQ6";
    let code = Code::new(
        Severity::PositiveIntermediate,
        Category::Unspecified3,
        Detail::Four,
    );
    let asked = Response::new(code, vec![ASKED.to_owned()]);
    let plain = Auth::new(Mechanism::Plain, login.clone(), None);
    let by_question = Auth::new_from_response(Mechanism::Login, login.clone(), &asked);
    let sent = [plain, by_question].into_iter().flatten();
    let sent = sent.map(|line| line.to_string());
    let words = sent.filter_map(|line| line.split_whitespace().last().map(Secret::new));
    // The longest first: one may hold the other.
    words.chain([password.clone()]).collect()
}

/// How we call ourselves: a name that looks like one, else our address.
fn hello_name(host: &str) -> ClientId {
    let full = host.contains('.') && host.parse::<std::net::IpAddr>().is_err();
    if full {
        ClientId::Domain(host.to_owned())
    } else {
        ClientId::default()
    }
}

fn address(text: &str) -> Result<Address, MailError> {
    text.parse().map_err(|source| MailError::Address {
        address: text.to_owned(),
        source,
    })
}

fn tls(server: &str, trust: &Trust) -> Result<TlsParameters, MailError> {
    let mut builder =
        TlsParameters::builder(server.to_owned()).certificate_store(CertificateStore::None);
    for root in trust.roots() {
        let root = Certificate::from_der(root.to_vec()).map_err(MailError::Tls)?;
        builder = builder.add_root_certificate(root);
    }
    builder.build_rustls().map_err(MailError::Tls)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_password_is_known() {
        let login = Credentials::new("me".to_owned(), "hunter2".to_owned());
        let all = spoken(&login, &Secret::new("hunter2"));
        let all: Vec<&str> = all.iter().map(Secret::expose).collect();
        // "\0me\0hunter2", and "hunter2", in base64.
        assert_eq!(all, ["AG1lAGh1bnRlcjI=", "aHVudGVyMg==", "hunter2"]);
    }

    #[test]
    fn only_a_name_is_said_as_a_name() {
        let domain = ClientId::Domain("cloud.example.org".to_owned());
        assert_eq!(hello_name("cloud.example.org"), domain);
        for other in ["localhost", "192.0.2.1", "[::1]"] {
            assert_eq!(hello_name(other), ClientId::default(), "{other}");
        }
    }
}

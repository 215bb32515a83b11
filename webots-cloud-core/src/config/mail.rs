use super::reader::Reader;
use crate::protocol::authority::Authority;
use crate::secret::Secret;

/// How the administrator is told by mail (W1.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// `administrator`: the address that mail goes to.
    pub administrator: String,
    /// `mailServer`: the host of the mail server.
    pub server: String,
    /// `mailServerPort`; `None` (0 in the file) is the protocol's own.
    pub port: Option<u16>,
    /// `mailSender`: the address that mail comes from.
    pub sender: String,
    /// `mailSenderUser`: the name to log in with; the sender if left out.
    pub user: Option<String>,
    /// `mailSenderPassword`: empty is no login.
    pub password: Secret,
}

/// The mail settings; `None` if not all three that are needed are given.
pub(super) fn mail(reader: &mut Reader<'_>) -> Option<Mail> {
    let address = |text: &str| {
        let odd = |c: char| c.is_control() || c.is_whitespace() || "<>,;\"".contains(c);
        let (name, host) = text.rsplit_once('@')?;
        (!name.is_empty() && !host.is_empty() && text.len() <= 254 && !text.contains(odd))
            .then(|| text.to_owned())
    };
    let given = ["administrator", "mailServer", "mailSender"].map(|key| reader.has(key));
    let administrator = reader.parsed("administrator", address);
    let server = reader.parsed("mailServer", |text| {
        let authority: Authority = text.parse().ok()?;
        authority.port.is_none().then_some(authority.host)
    });
    let sender = reader.parsed("mailSender", address);
    let port = reader.port("mailServerPort", 0..=u16::MAX);
    let user = reader.text("mailSenderUser");
    let password = reader.secret("mailSenderPassword").unwrap_or_default();
    match given {
        [true, false, _] => {
            reader.warn("`administrator` is given without `mailServer`: no mail will be sent");
        }
        [true, true, false] => {
            reader.warn("`administrator` is given without `mailSender`: no mail will be sent");
        }
        [true, true, true] | [false, _, _] => {}
    }
    Some(Mail {
        administrator: administrator?,
        server: server?,
        port: port.filter(|port| *port != 0),
        sender: sender?,
        user,
        password,
    })
}

//! The name of one session in the logs of all servers, from `/session` to the instance's output.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The most bytes of a name.
const LONGEST: usize = 64;

/// The key of a query that carries a name: `/client?session=NAME`.
const KEY: &str = "session";

/// A name that a session goes by in logs: letters, digits, `-` and `_`, at most 64 of them.
///
/// It opens nothing and need not be kept secret; whoever says it is not thereby the one who got it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionId(String);

/// Why a text is no [`SessionId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a session's name has 1 to {LONGEST} letters, digits, `-` and `_`")]
pub struct SessionIdError;

impl SessionId {
    /// The form that our servers make: 16 hexadecimal digits.
    pub fn of(bits: u64) -> Self {
        Self(format!("{bits:016x}"))
    }

    /// The name in the query of a URL, if there is one.
    ///
    /// # Errors
    /// There is one that is none.
    pub fn in_query(query: Option<&str>) -> Result<Option<Self>, SessionIdError> {
        let mut pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        let found = pairs.find(|(key, _)| key == KEY);
        found.map(|(_, name)| name.parse()).transpose()
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SessionId {
    type Err = SessionIdError;

    fn from_str(text: &str) -> Result<Self, SessionIdError> {
        let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if text.is_empty() || text.len() > LONGEST || !text.bytes().all(good) {
            return Err(SessionIdError);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(SessionId::of(0xab).to_string(), "00000000000000ab");
        for good in ["a", "00000000000000ab", "Lesson-3_b", &"x".repeat(64)] {
            assert_eq!(good.parse::<SessionId>().map(|it| it.0), Ok(good.into()));
        }
        for bad in [
            "",
            "a b",
            "a\nINFO: all is well",
            "a=b",
            "ü",
            "\u{1b}[2J",
            &"x".repeat(65),
        ] {
            assert_eq!(bad.parse::<SessionId>(), Err(SessionIdError), "{bad:?}");
        }
    }

    #[test]
    fn in_a_query() {
        let of = |query| SessionId::in_query(query).map(|it| it.map(|it| it.0));
        for none in [None, Some(""), Some("url=x"), Some("sessions=x")] {
            assert_eq!(of(none), Ok(None), "{none:?}");
        }
        assert_eq!(of(Some("session=ab12")), Ok(Some("ab12".into())));
        assert_eq!(of(Some("x=1&session=%61")), Ok(Some("a".into())));
        for bad in ["session", "session=", "session=a%0Ab", "session=a+b"] {
            assert_eq!(of(Some(bad)), Err(SessionIdError), "{bad:?}");
        }
    }
}

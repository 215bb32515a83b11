//! What the session server says (contract, section 3), and what `/load` says to it.

use thiserror::Error;

use super::text::{Lines, presentable};
use crate::load::Load;

/// The answer to `/session` when there is no room. Clients show what follows `Error:`, and only if
/// the status is 200 (W1.10).
pub const NO_ROOM: &str = "Error: no simulation server available at the moment.";

/// The most bytes of a `/load` answer that are looked at.
pub const MAX_LOAD_TEXT: usize = 64;

/// The most bytes of a `/session` answer that are looked at.
pub const MAX_SESSION_TEXT: usize = 1024;

/// The answer to `/session`: where the client connects to. Clients append `/client` to it, so there
/// is neither a `/` nor a line end.
///
/// `address` is the entry in `simulationServers`, `HOST:PORT` or `HOST/PORT`.
pub fn session_reply(tls: bool, address: &str) -> String {
    let scheme = if tls { "wss" } else { "ws" };
    format!("{scheme}://{address}")
}

/// Understands an answer to `/session`: the address to which `/client` is appended.
///
/// # Errors
/// The server's reason, as it is to be shown, or that the answer makes no sense.
pub fn parse_session_reply(text: &str) -> Result<&str, SessionError> {
    if let Some(reason) = text.strip_prefix("Error:") {
        return Err(SessionError::Refused(presentable(
            reason.trim(),
            MAX_SESSION_TEXT,
            Lines::Join,
        )));
    }
    let odd = |c: char| c.is_control() || c.is_whitespace();
    let address = text
        .strip_prefix("ws://")
        .or_else(|| text.strip_prefix("wss://"))
        .filter(|address| !address.is_empty() && !address.ends_with('/'));
    match address {
        Some(_) if text.len() <= MAX_SESSION_TEXT && !text.contains(odd) => Ok(text),
        Some(_) | None => Err(SessionError::Nonsense),
    }
}

/// Why there is no place.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SessionError {
    /// The server said so; holds its reason.
    #[error("{0}")]
    Refused(String),
    /// The answer is neither an address nor an error.
    #[error("the session server's answer is neither ws://…, wss://… nor Error: …")]
    Nonsense,
}

/// `1` if some server has room, else `0`.
pub const fn availability_text(available: bool) -> &'static str {
    if available { "1" } else { "0" }
}

/// Understands `1` and `0`; `None` is neither.
pub fn parse_availability(text: &str) -> Option<bool> {
    match text {
        "1" => Some(true),
        "0" => Some(false),
        _ => None,
    }
}

/// Understands the body of a `/load` answer: a finite number from 0 up, white space around it or
/// not.
///
/// # Errors
/// See [`LoadError`]. A server that answers so is as good as silent (W5, 15).
pub fn parse_load(body: &str) -> Result<Load, LoadError> {
    if body.len() > MAX_LOAD_TEXT {
        return Err(LoadError::TooLong);
    }
    let body = body.trim();
    let percent: f64 = body
        .parse()
        .map_err(|_| LoadError::NotANumber(presentable(body, MAX_LOAD_TEXT, Lines::Join)))?;
    Load::from_percent(percent).ok_or(LoadError::OutOfRange(percent))
}

/// Why a `/load` answer is none.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum LoadError {
    /// More than [`MAX_LOAD_TEXT`] bytes.
    #[error("the load is longer than {MAX_LOAD_TEXT} bytes")]
    TooLong,
    /// Not a number; holds what there was, fit to be shown.
    #[error("the load is not a number: `{0}`")]
    NotANumber(String),
    /// Negative, infinite or undefined.
    #[error("the load is not a finite number from 0 up: {0}")]
    OutOfRange(f64),
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn replies() {
        for (tls, address, reply) in [
            (false, "localhost:2000", "ws://localhost:2000"),
            (true, "example.org/2000", "wss://example.org/2000"),
        ] {
            assert_eq!(session_reply(tls, address), reply);
            assert_eq!(parse_session_reply(reply), Ok(reply));
        }
        let reason = "no simulation server available at the moment.".to_owned();
        assert_eq!(
            parse_session_reply(NO_ROOM),
            Err(SessionError::Refused(reason))
        );
        for bad in [
            "",
            "1",
            "ws://",
            "http://h",
            "ws://h:1\n",
            "ws://h:1/",
            "ws://a b",
        ] {
            assert_eq!(
                parse_session_reply(bad),
                Err(SessionError::Nonsense),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn availability() {
        for available in [true, false] {
            assert_eq!(
                parse_availability(availability_text(available)),
                Some(available)
            );
        }
        assert_eq!(parse_availability("2"), None);
    }

    #[test]
    fn loads() {
        for (body, percent) in [
            ("0", 0.0),
            ("14.5", 14.5),
            (" 11.583333333333334\r\n", 11.583_333_333_333_334),
            ("1e2", 100.0),
            ("-0", 0.0),
            ("1000", 1000.0),
        ] {
            assert_eq!(parse_load(body).map(Load::percent), Ok(percent), "{body:?}");
        }
        for body in [
            "",
            " ",
            "nan",
            "inf",
            "-1",
            "1e999",
            "<html>",
            "1 2",
            "0x10",
            &"1".repeat(65),
        ] {
            assert!(parse_load(body).is_err(), "{body:?}");
        }
    }

    proptest! {
        #[test]
        fn loads_come_back(percent in 0.0f64..1e6) {
            let load = Load::from_percent(percent).expect("finite");
            prop_assert_eq!(parse_load(&load.to_string()), Ok(load));
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = parse_load(&text);
            let _ = parse_session_reply(&text);
        }
    }
}

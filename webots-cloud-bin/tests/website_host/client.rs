//! An HTTP client that sends what it is told, and says whether an answer was whole.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Nothing here takes longer unless it is broken.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether the body came to its end.
    pub(crate) whole: bool,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.head.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

pub(crate) fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).expect("connected");
    stream.set_read_timeout(Some(LIMIT)).expect("set");
    stream.set_write_timeout(Some(LIMIT)).expect("set");
    stream
}

/// Sends a request as it is, and reads its answer. `None` if there is none.
pub(crate) fn raw(port: u16, request: &[u8]) -> Option<Answer> {
    let mut stream = connect(port);
    // Who refuses early may close early.
    let _ = stream.write_all(request);
    read(&mut BufReader::new(stream), request.starts_with(b"HEAD "))
}

pub(crate) fn read(stream: &mut impl BufRead, headless: bool) -> Option<Answer> {
    let mut answer = head(stream)?;
    let mut body = Vec::new();
    answer.whole = if headless || matches!(answer.status, 204 | 304) {
        true
    } else if answer.header("transfer-encoding") == Some("chunked") {
        chunks(stream, &mut body).is_some()
    } else {
        let length = answer.header("content-length").expect("a length");
        let length: u64 = length.parse().expect("a number");
        let read = stream.take(length).read_to_end(&mut body);
        read.is_ok_and(|read| read as u64 == length)
    };
    answer.body = body;
    Some(answer)
}

pub(crate) fn head(stream: &mut impl BufRead) -> Option<Answer> {
    let first = line(stream)?;
    let status = first.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    let mut head = Vec::new();
    loop {
        let line = line(stream)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        head.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    Some(Answer {
        status,
        head,
        body: Vec::new(),
        whole: false,
    })
}

fn line(stream: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    stream.read_line(&mut line).ok().filter(|read| *read > 0)?;
    Some(line.trim_end().to_owned())
}

fn chunks(stream: &mut impl BufRead, body: &mut Vec<u8>) -> Option<()> {
    loop {
        let length = u64::from_str_radix(&line(stream)?, 16).ok()?;
        let read = stream.take(length).read_to_end(body).ok()?;
        if read as u64 != length || !line(stream)?.is_empty() {
            return None;
        }
        if length == 0 {
            return Some(());
        }
    }
}

pub(crate) fn request(method: &str, path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let mut request = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-length: {length}\r\n{headers}\r\n"
    )
    .into_bytes();
    request.extend_from_slice(body);
    request
}

pub(crate) fn send(port: u16, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
    raw(port, &request(method, path, headers, body)).expect("an answer")
}

pub(crate) fn get(port: u16, path: &str) -> Answer {
    send(port, "GET", path, "", b"")
}

pub(crate) const URLENCODED: &str = "content-type: application/x-www-form-urlencoded\r\n";
pub(crate) const MULTIPART: &str = "content-type: multipart/form-data; boundary=\"-b-\"\r\n";

pub(crate) fn urlencoded(fields: &[(&str, &str)]) -> Vec<u8> {
    let encode = |text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs: Vec<_> = fields
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    pairs.join("&").into_bytes()
}

pub(crate) fn multipart(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut body = String::new();
    for (name, value) in fields {
        let _ = write!(
            body,
            "---b-\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
    }
    body.push_str("---b---\r\n");
    body.into_bytes()
}

//! The output of an instance as lines: bounded, readable, harmless.

use std::time::{Duration, Instant};

/// What one instance may print before it is slowed down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputLimits {
    /// Bytes of one line; the rest is dropped and a ` […]` says so.
    pub line: usize,
    /// Lines a second.
    pub lines: u32,
    /// Bytes a second, dropped ones included.
    pub bytes: u32,
}

impl Default for OutputLimits {
    fn default() -> Self {
        Self {
            line: 4096,
            lines: 1000,
            bytes: 4 << 20,
        }
    }
}

/// Puts lines together; holds no more than one line of at most the given length.
#[derive(Debug)]
pub(crate) struct Lines {
    limit: usize,
    held: Vec<u8>,
    /// The line was passed on already: what follows, up to its end, is dropped.
    cut: bool,
}

impl Lines {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            held: Vec::new(),
            cut: false,
        }
    }

    /// Takes the next bytes and gives every line that is complete, or too long, to `to`.
    pub(crate) fn feed(&mut self, bytes: &[u8], to: &mut impl FnMut(String)) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let ends = piece.ends_with(b"\n");
            let text = if ends {
                &piece[..piece.len() - 1]
            } else {
                piece
            };
            if !self.cut {
                let room = self.limit - self.held.len();
                self.held.extend_from_slice(&text[..text.len().min(room)]);
                if text.len() > room {
                    self.cut = true;
                    to(shown(&self.held, true));
                    self.held.clear();
                }
            }
            if ends {
                if !self.cut {
                    to(shown(&self.held, false));
                }
                self.held.clear();
                self.cut = false;
            }
        }
    }

    /// Gives what is left when nothing more comes.
    pub(crate) fn finish(&mut self, to: &mut impl FnMut(String)) {
        if !self.held.is_empty() {
            to(shown(&self.held, false));
            self.held.clear();
        }
    }
}

/// The text without control characters, which could rewrite an operator's terminal or a log.
fn shown(bytes: &[u8], cut: bool) -> String {
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    // A character that the cut went through is dropped, not shown as a wrong one.
    let whole = match std::str::from_utf8(bytes) {
        Err(error) if cut && error.error_len().is_none() => &bytes[..error.valid_up_to()],
        _ => bytes,
    };
    let mut text: String = String::from_utf8_lossy(whole)
        .chars()
        .map(|char| match char {
            '\t' => char,
            // Line and paragraph separators, and what turns the direction of writing round.
            '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                '\u{fffd}'
            }
            char if char.is_control() => '\u{fffd}',
            char => char,
        })
        .collect();
    if cut {
        text.push_str(" […]");
    }
    text
}

/// Counts what came within a second, and says how long not to read.
///
/// While nobody reads, the pipe (64 KiB) fills and the instance waits in its `write`: it slows down
/// itself and nobody else.
#[derive(Debug)]
pub(crate) struct Throttle {
    limits: OutputLimits,
    since: Instant,
    lines: u32,
    bytes: u32,
}

impl Throttle {
    pub(crate) const fn new(limits: OutputLimits, now: Instant) -> Self {
        Self {
            limits,
            since: now,
            lines: 0,
            bytes: 0,
        }
    }

    /// Until when nothing more should be read, if it was too much.
    pub(crate) fn count(&mut self, lines: u32, bytes: usize, now: Instant) -> Option<Instant> {
        if now.duration_since(self.since) >= Duration::from_secs(1) {
            *self = Self::new(self.limits, now);
        }
        self.lines = self.lines.saturating_add(lines);
        self.bytes = self
            .bytes
            .saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX));
        let over = self.lines >= self.limits.lines || self.bytes >= self.limits.bytes;
        over.then(|| self.since + Duration::from_secs(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(limit: usize, pieces: &[&[u8]]) -> Vec<String> {
        let mut all = Vec::new();
        let mut lines = Lines::new(limit);
        for piece in pieces {
            lines.feed(piece, &mut |line| all.push(line));
        }
        lines.finish(&mut |line| all.push(line));
        all
    }

    #[test]
    fn lines_are_put_together_and_the_last_needs_no_end() {
        assert_eq!(
            lines(9, &[b"op", b"en\n.\r\n\nla", b"st"]),
            ["open", ".", "", "last"]
        );
        assert_eq!(lines(9, &[b""]), [""; 0]);
    }

    #[test]
    fn a_long_line_is_cut_once_and_the_next_is_whole() {
        assert_eq!(
            lines(4, &[b"12345", b"678\n", b"1234\nx\n"]),
            ["1234 […]", "1234", "x"]
        );
        assert_eq!(lines(4, &["abcé\n".as_bytes()]), ["abc […]"]);
        let long = vec![b'x'; 1 << 20];
        assert_eq!(lines(4096, &[&long]).len(), 1);
    }

    #[test]
    fn nothing_can_reach_a_terminal() {
        assert_eq!(
            lines(99, &[b"\x1b[2Ja\tb\0\xff\n"]),
            ["\u{fffd}[2Ja\tb\u{fffd}\u{fffd}"]
        );
    }

    #[test]
    fn a_flood_is_held_back_until_the_second_is_over() {
        let start = Instant::now();
        let mut throttle = Throttle::new(
            OutputLimits {
                line: 9,
                lines: 2,
                bytes: 100,
            },
            start,
        );
        let second = start + Duration::from_secs(1);
        assert_eq!(throttle.count(1, 10, start), None);
        assert_eq!(throttle.count(1, 10, start), Some(second));
        assert_eq!(throttle.count(1, 10, second), None);
        assert_eq!(
            throttle.count(0, 100, second),
            Some(second + Duration::from_secs(1))
        );
    }
}

//! Characters to tokens.

use super::{MAX_TOKENS, WbtError};

/// Where a token starts; both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Position {
    pub(super) fn error(self, message: impl Into<String>) -> WbtError {
        WbtError {
            line: self.line,
            column: self.column,
            message: message.into(),
        }
    }
}

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'a> {
    /// `{`
    Open,
    /// `}`
    Close,
    /// `[`
    ListOpen,
    /// `]`
    ListClose,
    /// A number.
    Number(f64),
    /// A quoted text, without its quotes and escapes.
    Text(String),
    /// Anything else.
    Word(&'a str),
}

/// Reads tokens one by one.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    rest: &'a str,
    line: usize,
    column: usize,
    count: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            line: 1,
            column: 1,
            count: 0,
        }
    }

    pub(super) fn position(&self) -> Position {
        Position {
            line: self.line,
            column: self.column,
        }
    }

    fn bump(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let c = chars.next()?;
        self.rest = chars.as_str();
        if c == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        Some(c)
    }

    fn skip_blanks(&mut self) {
        while let Some(c) = self.rest.chars().next() {
            if c == '#' {
                while self.rest.chars().next().is_some_and(|c| c != '\n') {
                    self.bump();
                }
            } else if c.is_whitespace() || c == ',' || c == '\u{feff}' {
                self.bump();
            } else {
                return;
            }
        }
    }

    /// The next token with its place; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<(Token<'a>, Position)>, WbtError> {
        self.skip_blanks();
        let start = self.position();
        let Some(first) = self.rest.chars().next() else {
            return Ok(None);
        };
        self.count += 1;
        if self.count > MAX_TOKENS {
            return Err(start.error(format!("more than {MAX_TOKENS} words in a world")));
        }
        let single = match first {
            '{' => Some(Token::Open),
            '}' => Some(Token::Close),
            '[' => Some(Token::ListOpen),
            ']' => Some(Token::ListClose),
            _ => None,
        };
        if let Some(token) = single {
            self.bump();
            return Ok(Some((token, start)));
        }
        if first == '"' {
            return self
                .text(start)
                .map(|text| Some((Token::Text(text), start)));
        }
        let end = self
            .rest
            .find(|c: char| {
                c.is_whitespace() || matches!(c, '{' | '}' | '[' | ']' | ',' | '"' | '#')
            })
            .unwrap_or(self.rest.len());
        let word = self.rest.get(..end).unwrap_or("");
        for _ in word.chars() {
            self.bump();
        }
        let token = if first.is_ascii_digit() || matches!(first, '+' | '-' | '.') {
            match word.parse::<f64>() {
                Ok(number) if number.is_finite() => Token::Number(number),
                Ok(_) | Err(_) => return Err(start.error(format!("not a number: {}", short(word)))),
            }
        } else {
            Token::Word(word)
        };
        Ok(Some((token, start)))
    }

    fn text(&mut self, start: Position) -> Result<String, WbtError> {
        self.bump();
        let mut text = String::new();
        while let Some(c) = self.bump() {
            match c {
                '"' => return Ok(text),
                '\\' => text.extend(self.bump()),
                c => text.push(c),
            }
        }
        Err(start.error("a quoted text without its closing quote"))
    }
}

/// A word as it may stand in a message.
pub(super) fn short(word: &str) -> String {
    let mut text: String = word.chars().take(40).filter(|c| !c.is_control()).collect();
    if text.len() < word.len() {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_places() {
        let mut lexer = Lexer::new("A { b -1.5e1, \"x\\\"y\" }# end\n ]");
        let mut tokens = Vec::new();
        while let Some((token, at)) = lexer.next().unwrap() {
            tokens.push((token, at.line, at.column));
        }
        assert_eq!(
            tokens,
            [
                (Token::Word("A"), 1, 1),
                (Token::Open, 1, 3),
                (Token::Word("b"), 1, 5),
                (Token::Number(-15.0), 1, 7),
                (Token::Text("x\"y".into()), 1, 15),
                (Token::Close, 1, 22),
                (Token::ListClose, 2, 2),
            ]
        );
        assert!(Lexer::new("\"x").next().is_err());
        assert!(Lexer::new("1e999").next().is_err());
        assert!(Lexer::new("-x").next().is_err());
    }
}

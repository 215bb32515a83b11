//! Values of fields.

use super::WbtError;
use super::lexer::{Position, Token, short};
use super::parser::{Parser, Value};

impl Parser<'_> {
    /// The value of the field that starts at `at`.
    pub(super) fn value(&mut self, at: Position, depth: usize) -> Result<Value, WbtError> {
        let Some((token, at)) = self.next()? else {
            return Err(at.error("a field without a value"));
        };
        match token {
            Token::Number(first) => {
                let mut numbers = vec![first];
                while let Some(Token::Number(number)) = self.peek()? {
                    numbers.push(*number);
                    self.peeked = None;
                }
                Ok(Value::Numbers(numbers))
            }
            Token::Text(text) => Ok(Value::Texts(vec![text])),
            Token::Word("TRUE") => Ok(Value::Bool(true)),
            Token::Word("FALSE") => Ok(Value::Bool(false)),
            Token::Word("NULL") => Ok(Value::Nothing),
            Token::Word("IS") => {
                let (name, at) = self.word(at)?;
                self.warn(
                    at,
                    &format!("IS outside of a PROTO is passed over: {}", short(name)),
                );
                Ok(Value::Nothing)
            }
            Token::Word(word) => Ok(match self.node(word, at, depth + 1)? {
                Some(node) => Value::Nodes(vec![node]),
                None => Value::Nothing,
            }),
            Token::ListOpen => self.list(at, depth),
            Token::Open | Token::Close | Token::ListClose => {
                Err(at.error("the value of a field was expected here"))
            }
        }
    }

    fn list(&mut self, start: Position, depth: usize) -> Result<Value, WbtError> {
        let (mut numbers, mut texts, mut nodes) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            let Some((token, at)) = self.next()? else {
                return Err(start.error("the list is not closed"));
            };
            match token {
                Token::ListClose => break,
                Token::Number(number) => numbers.push(number),
                Token::Word("TRUE") => numbers.push(1.0),
                Token::Word("FALSE") => numbers.push(0.0),
                Token::Word("NULL") => {}
                Token::Text(text) => texts.push(text),
                Token::Word(word) => nodes.extend(self.node(word, at, depth + 1)?),
                Token::Open | Token::Close | Token::ListOpen => {
                    return Err(at.error("a value or `]` was expected"));
                }
            }
        }
        match (numbers.is_empty(), texts.is_empty(), nodes.is_empty()) {
            (true, true, true) => Ok(Value::Nothing),
            (false, true, true) => Ok(Value::Numbers(numbers)),
            (true, false, true) => Ok(Value::Texts(texts)),
            (true, true, false) => Ok(Value::Nodes(nodes)),
            _ => Err(start.error("the list mixes numbers, texts and nodes")),
        }
    }
}

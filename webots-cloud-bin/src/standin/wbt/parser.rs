//! Tokens to a tree of nodes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::lexer::{Lexer, Position, Token, short};
use super::{MAX_DEPTH, MAX_NODES, MAX_TEXT, MAX_WARNINGS, WbtError};

/// A node of a world: `DEF NAME Kind { field value … }`.
#[derive(Debug)]
pub struct Node {
    /// The name after `DEF`.
    pub def: Option<String>,
    /// Like `Robot`.
    pub kind: String,
    /// In the order of the file.
    pub fields: Vec<Field>,
    /// The line it starts on.
    pub line: usize,
    /// Levels of nodes in it, itself included.
    height: usize,
}

/// A field of a node.
#[derive(Debug)]
pub struct Field {
    /// Like `translation`.
    pub name: String,
    /// Its value.
    pub value: Value,
}

/// The value of a field. The language does not say which field is of which type, so that a list
/// and a single value look the same here.
#[derive(Debug)]
pub enum Value {
    /// `TRUE` or `FALSE`.
    Bool(bool),
    /// Numbers: one, a vector, a list.
    Numbers(Vec<f64>),
    /// One or more texts.
    Texts(Vec<String>),
    /// One or more nodes; shared where `USE` repeats one.
    Nodes(Vec<Arc<Node>>),
    /// `NULL`, `[]`, `IS x`.
    Nothing,
}

/// A world as text has it.
#[derive(Debug)]
pub struct ParsedWorld {
    /// The version in the header, like `R2023b`.
    pub version: String,
    /// The root nodes.
    pub nodes: Vec<Arc<Node>>,
    /// What was passed over.
    pub warnings: Vec<String>,
}

impl Node {
    /// The value of a field: the last one given counts.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.fields
            .iter()
            .rev()
            .find(|field| field.name == name)
            .map(|field| &field.value)
    }
}

/// Reads a world.
///
/// # Errors
/// With line and column, where the text is no world or passes a limit.
pub fn parse(text: &str) -> Result<ParsedWorld, WbtError> {
    let start = Position { line: 1, column: 1 };
    if text.len() > MAX_TEXT {
        return Err(start.error(format!("the world is larger than {MAX_TEXT} bytes")));
    }
    let header = text
        .lines()
        .next()
        .unwrap_or("")
        .trim_start_matches('\u{feff}');
    let mut words = header.split_whitespace();
    let version = match (words.next(), words.next()) {
        (Some("#VRML_SIM"), Some(version)) => short(version),
        _ => {
            return Err(start
                .error("not a Webots world: the first line must be like #VRML_SIM R2023b utf8"));
        }
    };
    let mut parser = Parser {
        lexer: Lexer::new(text),
        peeked: None,
        defs: BTreeMap::new(),
        nodes: 0,
        warnings: Vec::new(),
    };
    let nodes = parser.world()?;
    Ok(ParsedWorld {
        version,
        nodes,
        warnings: parser.warnings,
    })
}

pub(super) struct Parser<'a> {
    lexer: Lexer<'a>,
    pub(super) peeked: Option<(Token<'a>, Position)>,
    defs: BTreeMap<String, Arc<Node>>,
    nodes: usize,
    warnings: Vec<String>,
}

impl<'a> Parser<'a> {
    pub(super) fn next(&mut self) -> Result<Option<(Token<'a>, Position)>, WbtError> {
        match self.peeked.take() {
            Some(token) => Ok(Some(token)),
            None => self.lexer.next(),
        }
    }

    pub(super) fn peek(&mut self) -> Result<Option<&Token<'a>>, WbtError> {
        if self.peeked.is_none() {
            self.peeked = self.lexer.next()?;
        }
        Ok(self.peeked.as_ref().map(|(token, _)| token))
    }

    pub(super) fn warn(&mut self, at: Position, message: &str) {
        if self.warnings.len() < MAX_WARNINGS {
            self.warnings
                .push(format!("{}:{}: {message}", at.line, at.column));
        }
    }

    fn world(&mut self) -> Result<Vec<Arc<Node>>, WbtError> {
        let mut nodes = Vec::new();
        while let Some((token, at)) = self.next()? {
            match token {
                Token::Word("EXTERNPROTO") => match self.next()? {
                    Some((Token::Text(_), _)) => {}
                    Some((_, at)) => return Err(at.error("EXTERNPROTO needs a quoted URL")),
                    None => return Err(at.error("EXTERNPROTO needs a quoted URL")),
                },
                Token::Word("IMPORTABLE") => {}
                Token::Word(word) => nodes.extend(self.node(word, at, 1)?),
                Token::Open | Token::Close | Token::ListOpen | Token::ListClose => {
                    return Err(at.error("a node was expected here, not a bracket"));
                }
                Token::Number(_) | Token::Text(_) => {
                    return Err(at.error("a node was expected here, not a value"));
                }
            }
        }
        Ok(nodes)
    }

    /// A node whose first word is `word`; `None` where a `USE` names nothing.
    pub(super) fn node(
        &mut self,
        word: &str,
        at: Position,
        depth: usize,
    ) -> Result<Option<Arc<Node>>, WbtError> {
        if word == "USE" {
            let (name, at) = self.word(at)?;
            let Some(node) = self.defs.get(name).cloned() else {
                self.warn(
                    at,
                    &format!("USE of an unknown DEF is passed over: {}", short(name)),
                );
                return Ok(None);
            };
            return if depth + node.height > MAX_DEPTH + 1 {
                Err(too_deep(at))
            } else {
                Ok(Some(node))
            };
        }
        let (def, kind) = if word == "DEF" {
            let (name, at) = self.word(at)?;
            let (kind, _) = self.word(at)?;
            (Some(name.to_owned()), kind)
        } else {
            (None, word)
        };
        let mut node = Node {
            def,
            kind: kind.to_owned(),
            fields: Vec::new(),
            line: at.line,
            height: 1,
        };
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(at.error(format!("more than {MAX_NODES} nodes in a world")));
        }
        if depth > MAX_DEPTH {
            return Err(too_deep(at));
        }
        match self.next()? {
            Some((Token::Open, _)) => {}
            Some((_, at)) => {
                return Err(at.error(format!("`{{` was expected after {}", short(kind))));
            }
            None => return Err(at.error(format!("`{{` was expected after {}", short(kind)))),
        }
        loop {
            match self.next()? {
                Some((Token::Close, _)) => break,
                Some((Token::Word("hidden"), _)) => {}
                Some((Token::Word(name), at)) => {
                    let value = self.value(at, depth)?;
                    if let Value::Nodes(nodes) = &value {
                        let below = nodes.iter().map(|node| node.height).max().unwrap_or(0);
                        node.height = node.height.max(below + 1);
                    }
                    node.fields.push(Field {
                        name: name.to_owned(),
                        value,
                    });
                }
                Some((_, at)) => return Err(at.error("the name of a field or `}` was expected")),
                None => return Err(at.error(format!("{} is not closed", short(kind)))),
            }
        }
        let node = Arc::new(node);
        if let Some(def) = &node.def {
            self.defs.insert(def.clone(), Arc::clone(&node));
        }
        Ok(Some(node))
    }

    pub(super) fn word(&mut self, at: Position) -> Result<(&'a str, Position), WbtError> {
        match self.next()? {
            Some((Token::Word(word), at)) => Ok((word, at)),
            Some((_, at)) => Err(at.error("a name was expected")),
            None => Err(at.error("a name was expected after this")),
        }
    }
}

fn too_deep(at: Position) -> WbtError {
    at.error(format!("nodes are nested more than {MAX_DEPTH} deep"))
}

#[cfg(test)]
#[path = "parser_tests.rs"]
mod tests;

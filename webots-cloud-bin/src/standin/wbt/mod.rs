//! Worlds as text: the VRML-like language of `.wbt` files, without meaning.
//!
//! Text in, a tree of nodes out; what the nodes mean is for [`scene`](super::scene). Everything is
//! bounded, and no text can make it panic.

mod lexer;
mod parser;
mod values;

pub use parser::{Field, Node, ParsedWorld, Value, parse};

/// The longest world, in bytes.
pub const MAX_TEXT: usize = 16 << 20;
/// The most tokens in a world.
pub const MAX_TOKENS: usize = 2_000_000;
/// The deepest nesting of nodes, those behind `USE` included.
pub const MAX_DEPTH: usize = 64;
/// The most nodes in a world.
pub const MAX_NODES: usize = 50_000;
/// The most warnings that are kept.
pub const MAX_WARNINGS: usize = 50;

/// What is wrong with a world, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct WbtError {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

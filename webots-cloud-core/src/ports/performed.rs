use super::PortError;

/// What came of a piece of work that a machine ordered.
#[derive(Debug)]
pub enum Performed<I> {
    /// The machine waits for this input.
    Answer(I),
    /// Done, and nobody waits for an answer.
    Done,
    /// Failed, and nobody waits for an answer: to be logged.
    Failed(PortError),
}

impl<I> From<Result<(), PortError>> for Performed<I> {
    fn from(result: Result<(), PortError>) -> Self {
        match result {
            Ok(()) => Self::Done,
            Err(error) => Self::Failed(error),
        }
    }
}

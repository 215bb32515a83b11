//! What becomes of a piece of work.

use webots_cloud_core::ports::Performed;

/// The input in what came of a piece of work; failures of which nobody waits are logged here.
pub(super) fn answer_of<I>(performed: Performed<I>) -> Option<I> {
    match performed {
        Performed::Answer(input) => Some(input),
        Performed::Done => None,
        Performed::Failed(error) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::warn!(%error, cause, "an order could not be carried out");
            None
        }
    }
}

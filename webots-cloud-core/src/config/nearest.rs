//! Guessing what somebody meant to type.

/// The candidate that differs least from `word`, without regard to case; `None` if all are too far
/// away to have been meant.
pub(super) fn nearest<'a>(
    word: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let word: Vec<char> = word
        .chars()
        .take(64)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let most = (word.len() / 3).clamp(1, 4);
    candidates
        .map(|candidate| (distance(&word, candidate), candidate))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein: the least number of letters to be added, taken away or replaced.
fn distance(a: &[char], b: &str) -> usize {
    let b: Vec<char> = b.chars().map(|c| c.to_ascii_lowercase()).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(&b) {
            let replaced = diagonal + usize::from(x != y);
            diagonal = *cell;
            left = replaced.min(left + 1).min(diagonal + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_are_guessed_and_other_words_are_not() {
        let words = [
            "port",
            "portRewrite",
            "simulationServers",
            "sslKey",
            "logDir",
        ];
        for (typed, meant) in [
            ("prot", None),
            ("Port", Some("port")),
            ("ports", Some("port")),
            ("simulationServer", Some("simulationServers")),
            ("simulation_servers", Some("simulationServers")),
            ("sslkey", Some("sslKey")),
            ("log_dir", Some("logDir")),
            ("portrewrit", Some("portRewrite")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, words.into_iter()), meant, "{typed}");
        }
    }
}

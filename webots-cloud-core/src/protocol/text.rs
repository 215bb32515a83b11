//! Making a stranger's text fit to be shown.

/// What is to become of line ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// They become spaces.
    Join,
    /// They stay.
    Keep,
}

/// `text` without control characters and at most `limit` characters long; what is cut off is
/// replaced by `…`. Doing it twice changes nothing more.
pub fn presentable(text: &str, limit: usize, lines: Lines) -> String {
    let mut shown = String::with_capacity(text.len().min(limit));
    let mut characters = text.chars().filter_map(|c| shown_as(c, lines));
    for _ in 0..limit {
        let Some(c) = characters.next() else {
            return shown;
        };
        shown.push(c);
    }
    if characters.next().is_some() {
        shown.pop();
        shown.push('…');
    }
    shown
}

fn shown_as(c: char, lines: Lines) -> Option<char> {
    match c {
        '\n' if lines == Lines::Keep => Some(c),
        '\n' | '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
        // Terminals and pages would reorder the text around these.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
        c if c.is_control() => None,
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn control_characters_go_and_long_texts_are_cut() {
        let cases = [
            ("plain", 10, Lines::Join, "plain"),
            ("a\tb\r\nc", 10, Lines::Join, "a b c"),
            ("a\r\nb", 10, Lines::Keep, "a\nb"),
            ("\u{1b}[31mred\0", 10, Lines::Join, "[31mred"),
            ("abcdef", 6, Lines::Join, "abcdef"),
            ("abcdefg", 6, Lines::Join, "abcde…"),
            ("ü\u{202e}ü", 6, Lines::Join, "üü"),
        ];
        for (text, limit, lines, shown) in cases {
            assert_eq!(presentable(text, limit, lines), shown, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn twice_is_once(text in any::<String>(), limit in 1usize..40) {
            for lines in [Lines::Join, Lines::Keep] {
                let once = presentable(&text, limit, lines);
                prop_assert!(once.chars().count() <= limit);
                prop_assert_eq!(presentable(&once, limit, lines), once);
            }
        }
    }
}

//! What is said to a website, and what its answer means.

use bytes::Bytes;
use url::form_urlencoded::Serializer;
use webots_cloud_core::protocol::client::Init;
use webots_cloud_core::secret::Secret;

/// The most characters of a website's text that are shown.
const SHOWN: usize = 300;
/// The bytes of an answer that are looked at for a text.
pub(super) const HEAD: usize = 4096;

const ERROR: &str = "Error:";
const NO_PROJECT: &str = "Error: no such directory: ";

/// The form that asks for a project: all fields, in the order of W2.4, 4. Holds secrets: not to be
/// shown.
pub(super) fn form(init: &Init, key: &Secret) -> Bytes {
    let mut form = Serializer::new(String::new());
    form.append_pair("project", &init.project)
        .append_pair("key", key.expose())
        .append_pair("user1Id", &init.user1.id)
        .append_pair("user1Name", &init.user1.name)
        .append_pair("user1Authentication", init.user1.authentication.expose())
        .append_pair("user2Id", &init.user2.id)
        .append_pair("user2Name", &init.user2.name)
        .append_pair("customData", &init.custom_data);
    form.finish().into()
}

/// What a website answered (W2.4, 5).
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The user has no project of this name: the base project is what they get.
    NoProject,
    /// It refuses, for this reason, which is fit to be shown.
    Refused(String),
    /// Presumably an archive.
    Archive,
}

/// Judges an answer by its first [`HEAD`] bytes. None of the secrets is in the reason, even if the
/// website repeats them.
pub(super) fn judge(head: &[u8], secrets: &[&Secret]) -> Answer {
    if head.starts_with(NO_PROJECT.as_bytes()) {
        return Answer::NoProject;
    }
    let Some(text) = head.strip_prefix(ERROR.as_bytes()) else {
        return Answer::Archive;
    };
    let mut text = String::from_utf8_lossy(text).into_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret.expose(), "…");
    }
    let text = presentable(&text);
    Answer::Refused(if text.is_empty() {
        "an error without a text".to_owned()
    } else {
        text
    })
}

/// On one line, without tags (the texts are those of web pages, W4.2) and what else could change
/// how a page or a terminal shows it.
fn presentable(text: &str) -> String {
    let mut shown = String::new();
    let mut inside_tag = false;
    for c in text.chars() {
        match c {
            '<' => inside_tag = true,
            '>' if inside_tag => {
                inside_tag = false;
                shown.push(' ');
            }
            _ if inside_tag => {}
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            c if c.is_control() => shown.push(' '),
            c => shown.push(c),
        }
    }
    let mut words = String::new();
    for word in shown.split_whitespace() {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
    }
    match words.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_judged_by_their_beginning() {
        let refused = |text: &str| Answer::Refused(text.to_owned());
        let secret = Secret::new("hunter2");
        let long = format!("Error: {}", "x".repeat(1000));
        let cases: [(&[u8], Answer); 10] = [
            (
                b"Error: no such directory: 'projects/a'.",
                Answer::NoProject,
            ),
            (b"Error: no such directory", refused("no such directory")),
            (b"Error: Wrong key.", refused("Wrong key.")),
            (b"Error:", refused("an error without a text")),
            (b"Error: hunter2 is wrong", refused("… is wrong")),
            (b"Error: a<br>\r\nb \x1b[2J<script>x", refused("a b [2J x")),
            (b"Error: \xff\xe2\x80\xaeevil", refused("\u{fffd}evil")),
            (b"error: no", Answer::Archive),
            (b"", Answer::Archive),
            (long.as_bytes(), refused(&format!("{}…", "x".repeat(SHOWN)))),
        ];
        for (head, answer) in cases {
            assert_eq!(judge(head, &[&secret, &Secret::default()]), answer);
        }
    }

    #[test]
    fn the_form_has_all_fields_in_their_order() {
        let mut init = Init {
            project: "a/b".to_owned(),
            custom_data: "x=1&key=2".to_owned(),
            ..Init::default()
        };
        init.user1.id = "7".to_owned();
        init.user1.name = "Zoë & co".to_owned();
        init.user1.authentication = Secret::new("p+w");
        assert_eq!(
            form(&init, &Secret::new("k")),
            "project=a%2Fb&key=k&user1Id=7&user1Name=Zo%C3%AB+%26+co&user1Authentication=p%2Bw&\
             user2Id=&user2Name=&customData=x%3D1%26key%3D2"
        );
    }
}

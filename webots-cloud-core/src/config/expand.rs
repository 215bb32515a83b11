//! `~` and `$VAR` in paths.

use std::path::PathBuf;

use super::Surroundings;

/// `text` as an absolute path: a leading `~` is the home folder, `$NAME` and `${NAME}` are
/// environment variables, and what is relative is below the configuration file's folder.
///
/// # Errors
/// What is wrong, to continue "`key`: …".
pub(super) fn path(text: &str, surroundings: &dyn Surroundings) -> Result<PathBuf, String> {
    if text.is_empty() {
        return Err("is empty".to_owned());
    }
    if text.contains(char::is_control) {
        return Err("contains a control character".to_owned());
    }
    let (start, rest) = match text.strip_prefix('~') {
        None => (surroundings.folder(), text),
        Some(rest) if rest.is_empty() || rest.starts_with('/') => {
            let home = surroundings
                .home()
                .ok_or("begins with `~`, but there is no home folder")?;
            (home, rest.trim_start_matches('/'))
        }
        Some(_) => return Err("begins with `~` and a name, which is not understood".to_owned()),
    };
    let rest = variables(rest, surroundings)?;
    if rest.is_empty() {
        return Ok(start);
    }
    Ok(start.join(rest))
}

fn variables(text: &str, surroundings: &dyn Surroundings) -> Result<String, String> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        let (name, next) = match after.strip_prefix('{') {
            Some(braced) => braced.split_once('}').ok_or("has `${` without `}`")?,
            None => after.split_at(
                after
                    .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .unwrap_or(after.len()),
            ),
        };
        if name.is_empty() {
            return Err("has a `$` without the name of a variable".to_owned());
        }
        let value = surroundings
            .variable(name)
            .ok_or_else(|| format!("needs the environment variable `{name}`, which is not set"))?;
        expanded.push_str(&value);
        rest = next;
    }
    expanded.push_str(rest);
    Ok(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::FakeSurroundings;

    #[test]
    fn paths_are_expanded_and_made_absolute() {
        let machine = FakeSurroundings::new().with_variable("DATA", "/data");
        for (text, expected) in [
            ("/etc/key.pem", "/etc/key.pem"),
            ("log", "/etc/webots/log"),
            ("~", "/home/operator"),
            ("~/log", "/home/operator/log"),
            ("$DATA/log", "/data/log"),
            ("${DATA}2/log", "/data2/log"),
            ("a/~", "/etc/webots/a/~"),
        ] {
            assert_eq!(path(text, &machine), Ok(PathBuf::from(expected)), "{text}");
        }
        for text in [
            "",
            "a\0",
            "~root/x",
            "$",
            "a$/b",
            "${DATA",
            "${}",
            "$NOBODY/x",
        ] {
            assert!(path(text, &machine).is_err(), "{text:?}");
        }
    }
}

//! Names on the command line that become part of file names.

/// Checks such a name.
pub(crate) fn check(text: &str) -> Result<String, String> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if text.is_empty() || text.starts_with(['.', '-']) || !text.bytes().all(fits) {
        return Err(
            "letters, digits, `.`, `_` and `-`, beginning with a letter, a digit or `_`".to_owned(),
        );
    }
    Ok(text.to_owned())
}

//! Cookies of a request (RFC 6265, 4.2).

use http::HeaderMap;
use http::header::COOKIE;
use percent_encoding::percent_decode_str;

/// The value of the first cookie of this name, without quotes and percent-decoded, as the scripts of
/// pages encode it.
pub(super) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| {
            let quoted = value.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
            let value = percent_decode_str(quoted.unwrap_or(value));
            value.decode_utf8_lossy().into_owned()
        })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn cookies_are_found_and_decoded() {
        let mut headers = HeaderMap::new();
        for line in ["a=1; email=ann%40example.org;password=\"x=y\"", "a=2; c="] {
            headers.append(COOKIE, HeaderValue::from_static(line));
        }
        for (name, value) in [
            ("a", Some("1")),
            ("email", Some("ann@example.org")),
            ("password", Some("x=y")),
            ("c", Some("")),
            ("mail", None),
        ] {
            assert_eq!(cookie(&headers, name).as_deref(), value, "{name}");
        }
    }
}

use url::Url;

use super::reader::Reader;
use crate::secret::Secret;

/// An address that can be shown and posted to.
pub(super) fn web_address(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    // A password in an address would be shown with the configuration.
    let open = url.username().is_empty() && url.password().is_none();
    (open && matches!(url.scheme(), "http" | "https")).then(|| text.to_owned())
}

/// `webhook`: whoever knows such an address may post to it, so it is a secret.
pub(super) fn webhook(reader: &mut Reader<'_>) -> Option<Secret> {
    const KEY: &str = "webhook";
    let address = reader.secret(KEY)?;
    if web_address(address.expose()).is_none() {
        reader.wrong(KEY, "is no such address");
        return None;
    }
    Some(address)
}

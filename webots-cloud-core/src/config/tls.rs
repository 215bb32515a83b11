use std::path::PathBuf;

use super::PathKind;
use super::reader::Reader;

/// `sslKey`, `sslCertificate`, `ssl` and `portRewrite`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// The files, if the server itself speaks TLS.
    pub files: Option<TlsFiles>,
    /// Whether URLs begin with `https` and `wss`: by default iff there are files; `true` without
    /// files where a proxy speaks TLS.
    pub ssl: bool,
    /// Whether a proxy serves ports as `HOST/PORT` instead of `HOST:PORT`.
    pub port_rewrite: bool,
}

/// The PEM files for TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The private key.
    pub key: PathBuf,
    /// The certificate, with those between it and the root.
    pub certificate: PathBuf,
}

/// The files alone, as the website host has them.
pub(super) fn files(reader: &mut Reader<'_>) -> Option<TlsFiles> {
    for (one, other) in [("sslKey", "sslCertificate"), ("sslCertificate", "sslKey")] {
        if reader.has(one) && !reader.has(other) {
            reader.wrong(other, format!("is missing, though `{one}` is given"));
        }
    }
    let key = reader.existing("sslKey", PathKind::File);
    let certificate = reader.existing("sslCertificate", PathKind::File);
    Some(TlsFiles {
        key: key?,
        certificate: certificate?,
    })
}

pub(super) fn tls(reader: &mut Reader<'_>) -> Tls {
    let files = files(reader);
    let port_rewrite = reader.flag("portRewrite").unwrap_or(false);
    let explicit = reader.flag("ssl");
    if port_rewrite && explicit.is_none() && files.is_none() {
        reader.warn(
            "`portRewrite` is true and `ssl` is not given, so addresses begin with ws://: \
             set `ssl` to true if the proxy speaks TLS",
        );
    }
    if explicit == Some(false) && files.is_some() {
        reader.warn(
            "`ssl` is false although there are TLS files: this server speaks TLS, \
             but the addresses that it gives out begin with ws://",
        );
    }
    Tls {
        ssl: explicit.unwrap_or(files.is_some()),
        files,
        port_rewrite,
    }
}

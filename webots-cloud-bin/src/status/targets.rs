//! Whom to ask.

use std::path::PathBuf;

use url::Url;
use webots_cloud_core::config::{self, ServerEntry, TlsFiles};

use crate::main_loop::{Failed, read_config};

/// A server to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// Its address, with a slash at the end.
    pub(super) url: Url,
    /// Whether it is known to be a website host, which has no figures to tell.
    pub(super) website: bool,
}

impl Target {
    fn of(text: &str) -> Option<Self> {
        let text = match text.split_once("://") {
            Some(("http" | "https", _)) => text.to_owned(),
            // The addresses that session servers give out.
            Some(("ws", rest)) => format!("http://{rest}"),
            Some(("wss", rest)) => format!("https://{rest}"),
            Some(_) => return None,
            None => format!("http://{text}"),
        };
        let slash = if text.ends_with('/') { "" } else { "/" };
        let url = Url::parse(&format!("{text}{slash}")).ok()?;
        let plain = url.query().is_none() && url.fragment().is_none();
        let nobody = url.username().is_empty() && url.password().is_none();
        (plain && nobody && url.has_host()).then_some(Self {
            url,
            website: false,
        })
    }

    /// Like `localhost:2000`.
    pub(super) fn address(&self) -> &str {
        let text = self.url.as_str().trim_end_matches('/');
        text.split_once("://").map_or(text, |(_, address)| address)
    }

    /// One of its pages.
    pub(super) fn page(&self, name: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("{}{name}", self.url.path()));
        url
    }
}

/// Those that the user names.
pub(super) fn named(texts: &[String]) -> Result<Vec<Target>, Failed> {
    let target = |text: &String| {
        let wrong = || Failed::usage(format!("`{text}` is not the address of a server"));
        Target::of(text).ok_or_else(wrong)
    };
    texts.iter().map(target).collect()
}

/// Those of the configuration files of this name, or of the defaults.
pub(super) fn configured(name: &str) -> Result<Vec<Target>, Failed> {
    let file = |server: &str| {
        let file = PathBuf::from(format!("config/{server}/{name}.json"));
        file.is_file().then_some(file)
    };
    let mut found = Found::default();
    if let Some(file) = file("simulation") {
        let config = read_config(Some(&file), config::simulation)?;
        let host = config.domain.or(config.server);
        found.add(
            config.tls.files.as_ref(),
            host.as_deref(),
            config.port,
            false,
        );
    }
    if let Some(file) = file("session") {
        let config = read_config(Some(&file), config::session)?;
        let host = Some(config.server.as_str());
        found.add(config.tls.files.as_ref(), host, config.port, false);
        for entry in &config.simulation_servers {
            found.add_entry(entry, config.tls.ssl);
        }
    }
    if let Some(file) = file("website") {
        let config = read_config(Some(&file), config::website)?;
        let host = Some(config.server.as_str());
        found.add(config.tls.as_ref(), host, config.port, true);
    }
    if found.0.is_empty() {
        return named(&["localhost:2000".to_owned(), "localhost:1999".to_owned()]);
    }
    Ok(found.0)
}

/// Servers, each once.
#[derive(Debug, Default)]
struct Found(Vec<Target>);

impl Found {
    /// A server of this machine. With TLS it is asked by its name, for its certificate is for that.
    fn add(&mut self, tls: Option<&TlsFiles>, host: Option<&str>, port: u16, website: bool) {
        let text = match (tls, host) {
            (Some(_), Some(host)) => format!("https://{host}:{port}"),
            (Some(_), None) => format!("https://localhost:{port}"),
            (None, _) => format!("http://localhost:{port}"),
        };
        self.push(&text, website);
    }

    fn add_entry(&mut self, entry: &ServerEntry, tls: bool) {
        let url = entry.load_url(tls);
        self.push(url.strip_suffix("/load").unwrap_or(&url), false);
    }

    fn push(&mut self, text: &str, website: bool) {
        if let Some(target) = Target::of(text)
            && !self.0.iter().any(|known| known.url == target.url)
        {
            self.0.push(Target { website, ..target });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_come_in_many_forms() {
        for (text, page, address) in [
            (
                "localhost:2000",
                "http://localhost:2000/load",
                "localhost:2000",
            ),
            ("http://[::1]:2000/", "http://[::1]:2000/load", "[::1]:2000"),
            (
                "https://a.org/2000",
                "https://a.org/2000/load",
                "a.org/2000",
            ),
            ("wss://a.org:2000", "https://a.org:2000/load", "a.org:2000"),
            ("ws://a.org/2000/", "http://a.org/2000/load", "a.org/2000"),
        ] {
            let target = Target::of(text).expect(text);
            assert_eq!(target.page("load").as_str(), page);
            assert_eq!(target.address(), address);
        }
        for bad in [
            "",
            "ftp://a.org",
            "http://",
            "http://u:p@a.org",
            "a.org/?q",
            "a b",
        ] {
            assert_eq!(Target::of(bad), None, "{bad}");
        }
    }
}

use super::KEYS;
use super::nearest::nearest;

/// Which server a configuration is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    /// The session server.
    Session,
    /// The simulation server.
    Simulation,
    /// The website host.
    Website,
}

impl Server {
    /// Its name in a sentence.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Session => "session server",
            Self::Simulation => "simulation server",
            Self::Website => "website host",
        }
    }
}

/// One key of the configuration.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name; nested ones with a dot, like `download.maxFiles`.
    pub name: &'static str,
    /// The servers that know it. The same name may mean something else for another server, and is
    /// then there twice.
    pub servers: &'static [Server],
    /// Which values are allowed, in words.
    pub allowed: &'static str,
    /// The default as JSON, or in words if it depends on something; empty for keys without effect.
    pub default: &'static str,
    /// What it is for, a sentence; of a key without effect, why it has none.
    pub doc: &'static str,
    /// Whether it does something. Those that do not were known to older servers.
    pub used: bool,
}

/// The key of this name that this server knows.
pub(super) fn find(server: Server, name: &str) -> Option<&'static Key> {
    KEYS.iter()
        .find(|key| key.name == name && key.servers.contains(&server))
}

/// What to say of a key that has no effect.
pub(super) fn warning(server: Server, name: &str) -> String {
    if let Some(key) = find(server, name) {
        return format!("`{name}` has no effect here: {}", key.doc);
    }
    if let Some(key) = KEYS.iter().find(|key| key.name == name)
        && let Some(other) = key.servers.first()
    {
        return format!(
            "`{name}` is a key of the {}, and has no effect on the {}",
            other.name(),
            server.name()
        );
    }
    let known = KEYS
        .iter()
        .filter(|key| key.used && key.servers.contains(&server))
        .map(|key| key.name);
    match nearest(name, known) {
        Some(near) => format!("unknown key `{name}` is ignored: did you mean `{near}`?"),
        None => format!("unknown key `{name}` is ignored"),
    }
}

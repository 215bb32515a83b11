//! Worlds in git repositories, from a real git on loopback.
#![cfg(target_os = "linux")]
#![allow(missing_docs)]

#[path = "git_fetcher/cached.rs"]
mod cached;
#[path = "git_fetcher/cgi.rs"]
mod cgi;
#[path = "git_fetcher/hostile.rs"]
mod hostile;
#[path = "git_fetcher/large.rs"]
mod large;
#[path = "git_fetcher/plain.rs"]
mod plain;
#[path = "git_fetcher/rig.rs"]
mod rig;
#[path = "git_fetcher/secure.rs"]
mod secure;
#[path = "git_fetcher/server.rs"]
mod server;
#[path = "git_fetcher/slow.rs"]
mod slow;

//! The website host, through its binary and as a library.
#![allow(missing_docs)]

#[path = "website_host/client.rs"]
mod client;
#[path = "website_host/crashes.rs"]
mod crashes;
#[path = "website_host/downloads.rs"]
mod downloads;
#[path = "website_host/hostile.rs"]
mod hostile;
#[path = "website_host/library.rs"]
mod library;
#[path = "website_host/program.rs"]
mod program;
#[path = "website_host/rig.rs"]
mod rig;
#[path = "website_host/site.rs"]
mod site;
#[path = "website_host/uploads.rs"]
mod uploads;

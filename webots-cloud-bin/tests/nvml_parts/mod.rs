pub mod fake;
mod library;
mod server;

//! The examples are beside this folder: see `Cargo.toml`.

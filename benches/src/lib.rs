//! The benches are beside this folder: see `Cargo.toml`.

//! What several programs of this package share. The benches are beside this folder: see `Cargo.toml`.

pub mod scale;

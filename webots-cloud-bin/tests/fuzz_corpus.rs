//! Every input that the fuzzer once found interesting, and every seed, does no harm.
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::Path;

#[path = "../../fuzz/src/bodies.rs"]
mod bodies;

fn replay(target: &str, body: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/corpus")
        .join(target);
    let mut inputs = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        println!("{}", path.display());
        body(&std::fs::read(path).unwrap());
        inputs += 1;
    }
    assert!(inputs > 0, "there is no corpus for {target}");
}

#[test]
fn client_frames() {
    replay("client_frame", bodies::client_frame);
}

#[test]
fn start_urls() {
    replay("start_url", bodies::start_url);
}

#[test]
fn worlds() {
    replay("world", bodies::world);
}

#[test]
fn configurations() {
    replay("configuration", bodies::configuration);
}

#[test]
fn archives() {
    replay("archive", bodies::archive);
}

//! The book's page on scale is what the program makes.
#![allow(missing_docs)]

use std::fs;
use std::path::Path;

use webots_cloud_benches::scale::report::short;

#[test]
fn the_committed_report_is_what_the_program_makes() {
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src");
    let page = fs::read_to_string(book.join("scale.md")).expect("the page");
    let again = "make it again: cargo run --release -p webots-cloud-benches --bin scale";
    for section in short() {
        assert!(page.contains(&section.text), "{again}\n{}", section.text);
        for (name, svg) in section.plots {
            let there = fs::read_to_string(book.join("scale").join(name)).expect("a plot");
            assert!(there == svg, "{name}: {again}");
        }
    }
}

//! Hostile controllers: real programs in real sessions of the real server, in each sandbox. What each
//! tries and what stops it is the table in `hostile_parts`, from which the book's page is made.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

#[path = "hostile_parts/attack.rs"]
mod attack;
#[path = "hostile_parts/neighbour.rs"]
mod neighbour;
#[path = "hostile_parts/page.rs"]
mod page;
#[path = "hostile_parts/rig.rs"]
mod rig;
#[path = "hostile_parts/run.rs"]
mod run;
#[path = "hostile_parts/table/mod.rs"]
mod table;
#[path = "hostile_parts/targets.rs"]
mod targets;
#[path = "hostile_parts/verdict.rs"]
mod verdict;

use attack::Confinement;

#[tokio::test]
async fn in_bubblewrap() {
    run::all_in(Confinement::Bubblewrap).await;
}

#[tokio::test]
async fn in_firejail() {
    run::all_in(Confinement::Firejail).await;
}

#[tokio::test]
async fn in_no_sandbox() {
    run::all_in(Confinement::None).await;
}

#[test]
fn the_books_page_is_this_table() {
    page::is_up_to_date();
}

#[test]
fn every_program_is_in_the_table() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile_controllers");
    let mut names = common::listing(&folder);
    names.retain(|name| name.ends_with(".py") && name != "attack.py");
    let mut used: Vec<_> = table::all()
        .map(|it| format!("{}.py", it.program))
        .collect();
    used.sort();
    assert_eq!(names, used);
    assert!(used.len() >= 30, "{}", used.len());
}

//! The families of metrics in an answer.

use std::collections::{BTreeMap, BTreeSet};

/// One name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Family {
    pub kind: String,
    pub help: String,
    /// The names of its labels, but a histogram's own.
    pub labels: BTreeSet<String>,
}

/// All families, by the name that is asked for: that of a counter has `_total`.
pub fn families(metrics: &str) -> BTreeMap<String, Family> {
    let mut families = BTreeMap::<String, Family>::new();
    let mut help = String::new();
    let mut name = String::new();
    for line in metrics.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (_, text) = rest.split_once(' ').expect("a name and a text");
            text.trim_end_matches('.').clone_into(&mut help);
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (base, kind) = rest.split_once(' ').expect("a name and a kind");
            let total = if kind == "counter" { "_total" } else { "" };
            name = format!("{base}{total}");
            let family = Family {
                kind: kind.to_owned(),
                help: std::mem::take(&mut help),
                labels: BTreeSet::new(),
            };
            families.insert(name.clone(), family);
        } else if let Some((_, labels)) = line.split_once('{') {
            let (labels, _) = labels.rsplit_once('}').expect("an end");
            let names = labels.split("\",").map(|it| it.split('=').next().unwrap());
            let names = names.filter(|it| *it != "le").map(str::to_owned);
            families
                .get_mut(&name)
                .expect("a type first")
                .labels
                .extend(names);
        }
    }
    families
}

/// What a family is asked for by.
pub fn names(families: &BTreeMap<String, Family>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (name, family) in families {
        if family.kind == "histogram" {
            names.extend(["_bucket", "_sum", "_count"].map(|part| format!("{name}{part}")));
        } else {
            names.insert(name.clone());
        }
    }
    names
}

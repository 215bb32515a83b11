use webots_cloud_core::protocol::start_url::GitWorld;

use super::*;
use crate::adapters::git_fetcher::GitFetcherConfig;

const ONE: &str = "1111111111111111111111111111111111111111";
const TWO: &str = "2222222222222222222222222222222222222222";

fn wanted(url: &str, segments: &[&str]) -> Wanted {
    let world = GitWorld {
        url: url.to_owned(),
        host: "github.com".to_owned(),
        owner: "o".to_owned(),
        repository: "r".to_owned(),
        ref_and_folder: segments.iter().map(|&it| it.to_owned()).collect(),
        world: "x.wbt".to_owned(),
    };
    let download = webots_cloud_core::config::Download {
        max_bytes: 1,
        max_files: 1,
        max_unpacked_bytes: 1,
        timeout: std::time::Duration::from_secs(1),
    };
    Wanted::new(&world, &GitFetcherConfig::new(download)).expect("well-formed")
}

fn chosen(wanted: &Wanted, answer: &str) -> Result<Resolved, PortError> {
    choose(wanted, &candidates(wanted), answer, None)
}

#[test]
fn the_longest_ref_that_exists_is_meant() {
    let wanted = wanted("", &["a", "b", "c"]);
    let short = format!("{ONE}\trefs/heads/a\n");
    let answer = chosen(&wanted, &short).expect("there");
    assert_eq!(
        (answer.folder.as_str(), answer.commit.as_str()),
        ("b/c", ONE)
    );
    let long = format!("{short}{TWO}\trefs/tags/a/b\n{ONE}\trefs/tags/a/b^{{}}\n");
    let answer = chosen(&wanted, &long).expect("there");
    assert_eq!(answer.folder, "c");
    assert_eq!((answer.object.as_str(), answer.commit.as_str()), (TWO, ONE));
    assert_eq!(answer.reference, "tag `a/b`");
    let both = format!("{ONE}\trefs/tags/a\n{TWO}\trefs/heads/a\n");
    assert_eq!(chosen(&wanted, &both).expect("there").commit, TWO);
}

#[test]
fn similar_refs_and_nonsense_are_not_meant() {
    let wanted = wanted("", &["main"]);
    for answer in [
        "",
        "nonsense",
        "\t\trefs/heads/main",
        "--upload-pack=x\trefs/heads/main\n",
        &format!("{ONE}\trefs/heads/x/refs/heads/main\n{ONE}\trefs/heads/mainly\n"),
        &format!("{ONE} refs/heads/main\n"),
    ] {
        let error = chosen(&wanted, answer).expect_err("missing");
        let text = "there is no branch, tag or commit `main` in o/r";
        assert_eq!(error.message(), text);
    }
}

#[test]
fn old_urls_say_what_they_mean() {
    let url = "webots://github.com/o/r/tag/a/worlds/x.wbt";
    let both = format!("{ONE}\trefs/tags/a\n{TWO}\trefs/heads/a\n");
    assert_eq!(
        chosen(&wanted(url, &["a"]), &both).expect("there").commit,
        ONE
    );
    let url = "webots://github.com/o/r/branch/b/worlds/x.wbt";
    let error = chosen(&wanted(url, &["b"]), "").expect_err("missing");
    assert_eq!(error.message(), "there is no branch `b` in o/r");
}

#[test]
fn commits_need_all_their_digits() {
    let whole = chosen(&wanted("", &[TWO, "f"]), "").expect("taken");
    assert_eq!((whole.object.as_str(), whole.folder.as_str()), (TWO, "f"));
    let error = chosen(&wanted("", &["1234567"]), "").expect_err("short");
    assert!(error.message().contains("all its 40 digits"), "{error}");
}

#[test]
fn what_cannot_be_a_ref_is_not_asked_for() {
    let hostile = wanted("", &["a*", "..b", "c.lock"]);
    assert_eq!(candidates(&hostile), []);
    let names: Vec<String> = candidates(&wanted("", &["HEAD", "x"]))
        .into_iter()
        .map(|it| it.name)
        .collect();
    assert_eq!(
        names,
        [
            "refs/heads/HEAD/x",
            "refs/tags/HEAD/x",
            "refs/heads/HEAD",
            "refs/tags/HEAD",
            "HEAD"
        ]
    );
}

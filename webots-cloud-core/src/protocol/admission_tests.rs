use super::*;
use crate::protocol::start_url::StartUrl;

fn world(url: &str) -> GitWorld {
    match url.parse() {
        Ok(StartUrl::Git(world)) => world,
        other => panic!("{url}: {other:?}"),
    }
}

fn patterns(texts: &[&str]) -> Vec<RepositoryPattern> {
    texts
        .iter()
        .map(|text| text.parse().unwrap_or_else(|_| panic!("{text}")))
        .collect()
}

fn percent(percent: f64) -> Load {
    Load::from_percent(percent).expect("a load")
}

const OURS: &str = "https://github.com/cyberbotics/webots/blob/R2023b/projects/a/worlds/x.wbt";
const OTHER_HOST: &str = "https://git.example:8443/Lab/Robots/tree/main/worlds/x.wbt";

#[test]
fn patterns_cover_whole_segments() {
    let cases = [
        ("https://github.com", OURS, true),
        ("https://github.com/cyberbotics", OURS, true),
        ("https://github.com/cyberbotics/", OURS, true),
        ("github.com/Cyberbotics/Webots.git", OURS, true),
        ("https://www.GitHub.com/cyberbotics/webots", OURS, true),
        (
            "https://github.com/cyberbotics/webots/tree/R2023b",
            OURS,
            true,
        ),
        (
            "https://github.com/cyberbotics/webots/blob/R2023b/projects/a/worlds/x.wbt",
            OURS,
            true,
        ),
        (
            "https://github.com/cyberbotics/webots/blob/r2023b",
            OURS,
            false,
        ),
        (
            "https://github.com/cyberbotics/webots/blob/R2023b/projects/a/worlds/x.wbt/y",
            OURS,
            false,
        ),
        ("https://github.com/cyberbotics/web", OURS, false),
        ("https://github.com/cyber", OURS, false),
        (
            "https://github.com/cyberbotics",
            "https://github.com/cyberbotics-evil/r/blob/b/worlds/x.wbt",
            false,
        ),
        (
            "https://github.com",
            "https://github.com.evil.example/o/r/blob/b/worlds/x.wbt",
            false,
        ),
        ("https://git.example:8443/Lab", OTHER_HOST, true),
        ("https://git.example:8443/lab", OTHER_HOST, false),
        ("https://git.example/Lab", OTHER_HOST, false),
    ];
    for (pattern, url, allowed) in cases {
        let rules = Repositories {
            allowed: patterns(&[pattern]),
            ..Repositories::default()
        };
        assert_eq!(
            admit(&world(url), &rules, Load::FULL).is_ok(),
            allowed,
            "{pattern} {url}"
        );
    }
    for bad in [
        "",
        "https://",
        "https://a b",
        "https://github.com//x",
        "https://github.com/o/r/raw/b",
        "https://u@h/o",
        "https://github.com/..",
    ] {
        assert_eq!(bad.parse::<RepositoryPattern>(), Err(PatternError), "{bad}");
    }
}

#[test]
fn the_rules_and_their_texts() {
    let allowed = || patterns(&["https://github.com/cyberbotics"]);
    let other = "https://github.com/o/r/blob/b/worlds/x.wbt";
    let rules = |allowed, blocked: &[&str], share: f64| Repositories {
        allowed,
        blocked: patterns(blocked),
        share_idle_time: percent(share),
    };
    let nothing = "This simulation server does not run projects from repositories";
    let cases = [
        (rules(allowed(), &[], 0.0), OURS, 100.0, ""),
        (rules(Vec::new(), &[], 0.0), OURS, 0.0, nothing),
        (
            rules(allowed(), &[], 0.0),
            other,
            0.0,
            "This simulation server is not configured to share idle time.",
        ),
        (rules(allowed(), &[], 50.0), other, 50.0, ""),
        (
            rules(Vec::new(), &[], 50.0),
            other,
            50.5,
            "Cannot share idle time when current load is above threshold: 50.5.",
        ),
        (
            rules(Vec::new(), &["https://github.com/O"], 50.0),
            other,
            99.0,
            "Cannot run simulation from blocked repository: https://github.com/o/r/blob/b/worlds/x.wbt",
        ),
        (
            rules(allowed(), &["https://github.com/cyberbotics/webots"], 50.0),
            OURS,
            0.0,
            "Cannot run simulation from blocked",
        ),
        (
            rules(Vec::new(), &["https://git.example:8443/lab"], 50.0),
            OTHER_HOST,
            0.0,
            "Cannot run simulation from blocked",
        ),
    ];
    for (rules, url, load, text) in cases {
        match admit(&world(url), &rules, percent(load)) {
            Ok(()) => assert_eq!(text, "", "{url} {rules:?}"),
            Err(refusal) => {
                assert!(
                    !text.is_empty() && refusal.to_string().starts_with(text),
                    "{refusal}"
                );
            }
        }
    }
    let none = admit(&world(OURS), &Repositories::default(), Load::IDLE);
    assert_eq!(none, Err(Refusal::NothingAllowed));
}

use proptest::prelude::*;

use super::*;

/// URL, host, owner, repository, ref and folder, world.
type Case = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static str,
);

fn git(url: &str) -> GitWorld {
    match url.parse() {
        Ok(StartUrl::Git(world)) => world,
        other => panic!("{url}: {other:?}"),
    }
}

#[test]
fn git_worlds_of_all_spellings() {
    let cases: [Case; 8] = [
        (
            "https://github.com/cyberbotics/webots/blob/R2023b/projects/samples/worlds/a.wbt",
            "github.com",
            "cyberbotics",
            "webots",
            &["R2023b", "projects", "samples"],
            "a.wbt",
        ),
        (
            "https://github.com/o/r/tree/feature/x/worlds/x.wbt",
            "github.com",
            "o",
            "r",
            &["feature", "x"],
            "x.wbt",
        ),
        (
            "https://github.com/o/r.git/blob/v1/worlds/x.wbt",
            "github.com",
            "o",
            "r",
            &["v1"],
            "x.wbt",
        ),
        (
            "https://GitHub.com:443/o/r/blob/v1/worlds/x.wbt",
            "github.com",
            "o",
            "r",
            &["v1"],
            "x.wbt",
        ),
        (
            "https://www.github.com./o/r/blob/v1/worlds/x.wbt",
            "github.com",
            "o",
            "r",
            &["v1"],
            "x.wbt",
        ),
        (
            "https://git.example:8443/o/r/blob/v1/worlds/x.wbt",
            "git.example:8443",
            "o",
            "r",
            &["v1"],
            "x.wbt",
        ),
        (
            "webots://github.com/o/r/branch/master/p/worlds/x.wbt",
            "github.com",
            "o",
            "r",
            &["master", "p"],
            "x.wbt",
        ),
        (
            "HTTPS://github.com/o/r/blob/v%2B1/my%20robot/worlds/%C3%A9t%C3%A9.wbt",
            "github.com",
            "o",
            "r",
            &["v+1", "my robot"],
            "été.wbt",
        ),
    ];
    for (url, host, owner, repository, middle, file) in cases {
        let world = git(url);
        assert_eq!(world.url, url);
        assert_eq!(world.host, host, "{url}");
        assert_eq!(
            (world.owner.as_str(), world.repository.as_str()),
            (owner, repository)
        );
        assert_eq!(world.ref_and_folder, middle, "{url}");
        assert_eq!(world.world, file);
    }
}

#[test]
fn folders_of_the_machine() {
    for (url, project) in [
        ("file:///srv/robots/worlds/x.wbt", "/srv/robots"),
        ("file://localhost/srv/worlds/x.wbt", "/srv"),
        ("file:///srv/my%20robot%25/worlds/x.wbt", "/srv/my robot%"),
    ] {
        let world = "x.wbt".to_owned();
        let project = project.to_owned();
        assert_eq!(
            url.parse(),
            Ok(StartUrl::File(FileWorld { project, world })),
            "{url}"
        );
    }
}

#[test]
fn the_texts_of_the_python_servers_stay() {
    for (url, text) in [
        (
            "ftp://github.com/o/r",
            "Unsupported URL protocol: ftp://github.com/o/r",
        ),
        (
            "http://github.com/o/r/blob/b/worlds/x.wbt",
            "Unsupported URL protocol: http://",
        ),
        ("", "Unsupported URL protocol: "),
        (
            "https://github.com/o/r/blob/main",
            "Wrong Webots simulation URL",
        ),
        (
            "https://github.com/o/r/blob/worlds/x.wbt",
            "Wrong Webots simulation URL",
        ),
        (
            "https://github.com/o/r/raw/b/worlds/x.wbt",
            "Missing blob in Webots simulation URL, founds raw",
        ),
        (
            "webots://github.com/o/r/blob/b/worlds/x.wbt",
            "Missing tag or branch in Webots simulation URL, founds blob",
        ),
        (
            "https://github.com/o/r/blob/b/w/x.wbt",
            "Missing worlds folder in Webots simulation URL",
        ),
        (
            "https://github.com/o/r/blob/b/worlds/x.txt",
            "Missing world file in Webots simulation URL",
        ),
        (
            "https://github.com/o/r/blob/b/worlds/",
            "Missing world file in Webots simulation URL",
        ),
        (
            "file:///worlds/x.wbt",
            "Wrong Webots simulation URL: it must look like file:///",
        ),
        (
            "file:///srv/robots/x.wbt",
            "Missing worlds folder in Webots simulation URL",
        ),
    ] {
        let error = url.parse::<StartUrl>().expect_err(url).to_string();
        assert!(error.starts_with(text), "{url}: {error}");
    }
}

#[test]
fn nothing_leads_elsewhere() {
    let long = format!(
        "https://github.com/o/r/blob/b/{}/worlds/x.wbt",
        "a".repeat(2048)
    );
    let segment = StartUrlError::Segment;
    for (url, expected) in [
        (long.as_str(), StartUrlError::TooLong),
        (
            "https://github.com/o/r/blob/../worlds/x.wbt",
            segment(SegmentFault::Dots),
        ),
        (
            "https://github.com/o/r/blob/%2e%2E/worlds/x.wbt",
            segment(SegmentFault::Dots),
        ),
        (
            "https://github.com/o/...git/blob/b/worlds/x.wbt",
            segment(SegmentFault::Dots),
        ),
        (
            "https://github.com/o/.git/blob/b/worlds/x.wbt",
            segment(SegmentFault::Empty),
        ),
        (
            "https://github.com/o/r/blob/b/a%2Fb/worlds/x.wbt",
            segment(SegmentFault::Separator),
        ),
        (
            "https://github.com/o/r/blob/b/a%5cb/worlds/x.wbt",
            segment(SegmentFault::Separator),
        ),
        (
            "https://github.com/o/r/blob/b//worlds/x.wbt",
            segment(SegmentFault::Empty),
        ),
        (
            "https://github.com/o/r/blob/--x/worlds/x.wbt",
            segment(SegmentFault::Dash),
        ),
        (
            "https://github.com/-o/r/blob/b/worlds/x.wbt",
            segment(SegmentFault::Dash),
        ),
        (
            "https://github.com/o/%2Dr/blob/b/worlds/x.wbt",
            segment(SegmentFault::Dash),
        ),
        (
            "https://github.com/o/r/blob/b%00/worlds/x.wbt",
            segment(SegmentFault::Control),
        ),
        (
            "https://github.com/o/r/blob/b\n/worlds/x.wbt",
            segment(SegmentFault::Control),
        ),
        (
            "https://github.com/o/r/blob/b:c/worlds/x.wbt",
            segment(SegmentFault::Colon),
        ),
        (
            "https://github.com/o/r/blob/b%/worlds/x.wbt",
            StartUrlError::Percent,
        ),
        (
            "https://github.com/o/r/blob/%ff/worlds/x.wbt",
            StartUrlError::Percent,
        ),
        (
            "https://github.com/o/r/blob/b/worlds/x.wbt?raw=1",
            StartUrlError::Extras,
        ),
        (
            "https://github.com/o/r/blob/b/worlds/x.wbt#L1",
            StartUrlError::Extras,
        ),
        (
            "https://github.com@evil.example/o/r/blob/b/worlds/x.wbt",
            StartUrlError::Extras,
        ),
        (
            "webots://gitlab.com/o/r/tag/b/worlds/x.wbt",
            StartUrlError::NotGithub,
        ),
        ("file://server/srv/worlds/x.wbt", StartUrlError::FileHost),
        (
            "file:///srv/../etc/worlds/x.wbt",
            segment(SegmentFault::Dots),
        ),
    ] {
        assert_eq!(url.parse::<StartUrl>(), Err(expected), "{url}");
    }
    for url in [
        "https:///o/r/blob/b/worlds/x.wbt",
        "https://a b/o/r/blob/b/worlds/x.wbt",
    ] {
        assert!(
            matches!(url.parse::<StartUrl>(), Err(StartUrlError::Host(_))),
            "{url}"
        );
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>(), path in "[a-z%/.:-]{0,60}") {
        let _ = text.parse::<StartUrl>();
        let _ = format!("https://github.com/{path}").parse::<StartUrl>();
    }

    #[test]
    fn folders_come_back(folder in "[^\\p{Cc}/\\\\:.]{1,12}", world in "[^\\p{Cc}/\\\\:.]{1,12}\\.wbt") {
        let url = StartUrl::File(FileWorld { project: format!("/srv/{folder}"), world });
        prop_assert_eq!(url.to_string().parse(), Ok(url));
    }

    #[test]
    fn refs_and_folders_come_back(middle in prop::collection::vec("[a-zA-Z0-9_.]{3,8}", 1..6)) {
        let url = format!("https://github.com/o/r/tree/{}/worlds/x.wbt", middle.join("/"));
        if let Ok(StartUrl::Git(world)) = url.parse() {
            prop_assert_eq!(world.ref_and_folder, middle);
        }
    }
}

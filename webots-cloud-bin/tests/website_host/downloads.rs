//! Projects for simulation servers (W4.1).

use std::io::BufReader;
use std::time::{Duration, Instant};

use super::client::{self, MULTIPART, URLENCODED, multipart, urlencoded};
use super::rig::{DOWNLOAD, Folders, Host, KEY, PASSWORD, hash, unpacked};

#[test]
fn checks_come_in_order_with_their_texts() {
    let folders = Folders::make();
    let host = Host::start(&folders);
    let all = [
        ("user1Id", "1"),
        ("user1Authentication", hash()),
        ("key", KEY),
        ("project", "nowhere"),
    ];
    let with = |changes: &[(&'static str, &'static str)]| {
        let mut fields = all.to_vec();
        for (name, value) in changes {
            fields.retain(|(field, _)| field != name);
            fields.push((name, value));
        }
        fields
    };
    let cases = [
        (vec![], "Error: Missing user1Id."),
        (all[..1].to_vec(), "Error: Missing user1Authentication."),
        (all[..2].to_vec(), "Error: Missing key."),
        (all[..3].to_vec(), "Error: Missing project."),
        (
            with(&[("key", "wrong"), ("project", "../x")]),
            "Error: Wrong key.",
        ),
        (with(&[("project", "a/b")]), "Error: Wrong project."),
        (with(&[("project", "a..b")]), "Error: Wrong project."),
        (with(&[("user1Id", "../1")]), "Error: Wrong user1Id."),
        (
            with(&[("user1Authentication", "x")]),
            "Error: Wrong user1Authentication.",
        ),
        (
            with(&[
                ("user1Id", "2"),
                ("user1Authentication", PASSWORD),
                ("customData", "x"),
            ]),
            "Error: no such directory: 'nowhere'.",
        ),
        (all.to_vec(), "Error: no such directory: 'nowhere'."),
        (
            with(&[("user1Id", "0"), ("user1Authentication", "")]),
            "Error: no such directory: 'nowhere'.",
        ),
    ];
    for (fields, text) in &cases {
        let answer = host.download(fields);
        assert_eq!((answer.status, answer.text().as_str()), (200, *text));
        assert_eq!(
            answer.header("content-type"),
            Some("text/plain; charset=utf-8")
        );
        assert_eq!(answer.header("x-robots-tag"), Some("noindex"));
    }
    let (fields, text) = &cases[10];
    for path in ["/ajax/download-project.php", "/ajax/download_project.php"] {
        for (headers, body) in [
            (URLENCODED, urlencoded(fields)),
            (MULTIPART, multipart(fields)),
        ] {
            let answer = client::send(host.port, "POST", path, headers, &body);
            assert_eq!(answer.text(), *text, "{path} {headers}");
        }
        for method in ["GET", "HEAD", "PUT"] {
            let answer = client::send(host.port, method, path, "", b"");
            assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
        }
    }
}

#[test]
fn users_get_their_own_project_and_all_others_the_sample() {
    let folders = Folders::make();
    folders.write(
        "user/1/projects/sample/controllers/drive/drive.py",
        b"ann's\n",
    );
    folders.write("user/1/projects/sample/.webots-cloud-upload-9-9", b"half");
    folders.write("user/1/projects/sample/back\\slash", b"no name for others");
    folders.link("secret.txt", "user/1/projects/sample/secret.txt");
    folders.link("user", "user/1/projects/sample/users");
    let host = Host::start(&folders);
    let ann = [
        ("controllers/", &b""[..]),
        ("controllers/drive/", b""),
        ("controllers/drive/drive.py", b"ann's\n"),
    ];
    let sample = [
        ("controllers/", &b""[..]),
        ("controllers/drive/", b""),
        ("controllers/drive/drive.py", b"sample\n"),
        ("worlds/", b""),
        ("worlds/simple.wbt", b"#VRML_SIM R2019b utf8\n"),
    ];
    for (user, authentication, files) in [
        ("1", hash(), &ann[..]),
        ("1", PASSWORD, &ann),
        ("1", "", &sample),
        ("2", PASSWORD, &sample),
        ("0", hash(), &sample),
        ("", "", &sample),
    ] {
        let answer = host.project("sample", user, authentication);
        assert!(
            answer.whole && answer.status == 200,
            "{user}: {}",
            answer.text()
        );
        assert_eq!(answer.header("content-type"), Some("application/zip"));
        let disposition = answer.header("content-disposition");
        assert_eq!(disposition, Some("attachment; filename=sample.zip"));
        assert_eq!(answer.header("x-robots-tag"), Some("noindex"));
        let found = unpacked(&answer.body);
        let found: Vec<_> = found
            .iter()
            .map(|(name, file)| (name.as_str(), &file[..]))
            .collect();
        assert_eq!(found, files, "{user}");
        let again = host.project("sample", user, authentication);
        assert_eq!(
            answer.body, again.body,
            "the same project is the same archive"
        );
    }
}

#[test]
fn links_are_no_projects() {
    let folders = Folders::make();
    folders.link("user", "projects/linked");
    folders.link("projects/sample", "user/1/projects/other");
    folders.link("user/1", "user/2");
    folders.write("user/1/projects/mine/x", b"ann's\n");
    folders.write("projects/file", b"");
    let host = Host::start(&folders);
    for project in ["linked", "file"] {
        let text = host.project(project, "0", "").text();
        assert_eq!(text, format!("Error: no such directory: '{project}'."));
    }
    // Not her link, but the sample of that name; and nobody has another user's folder.
    let other = unpacked(&host.project("other", "1", PASSWORD).body);
    assert!(other.contains_key("worlds/other.wbt"), "{other:?}");
    let text = host.project("mine", "2", PASSWORD).text();
    assert_eq!(text, "Error: no such directory: 'mine'.");
}

#[test]
fn wrong_keys_are_slow_and_block_nobody() {
    let folders = Folders::make();
    let host = Host::start(&folders);
    let right = || host.project("sample", "0", "");
    let wrong = || {
        let start = Instant::now();
        let answer = host.download(&[
            ("user1Id", "0"),
            ("user1Authentication", ""),
            ("key", "guess"),
            ("project", "sample"),
        ]);
        (answer, start.elapsed())
    };
    assert!(right().whole);
    std::thread::scope(|scope| {
        let guesses: Vec<_> = (0..12).map(|_| scope.spawn(wrong)).collect();
        let mut quick = 0;
        while !guesses.iter().all(|guess| guess.is_finished()) {
            let answer = right();
            assert_eq!((answer.status, answer.whole), (200, true));
            quick += 1;
        }
        assert!(quick > 20, "{quick} downloads while guesses waited");
        let mut slow = 0;
        for guess in guesses {
            let (answer, time) = guess.join().expect("no panic");
            if answer.status == 200 {
                assert_eq!(answer.text(), "Error: Wrong key.");
                assert!(time >= Duration::from_secs(1), "{time:?}");
                slow += 1;
            } else {
                assert_eq!(answer.status, 429);
                assert!(answer.text().starts_with("Error: Too many wrong keys"));
            }
        }
        assert!(slow >= 4, "{slow} were looked at");
    });
}

/// Bytes that cannot be compressed.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let step = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    std::iter::repeat_with(step)
        .flatten()
        .take(length)
        .collect()
}

#[test]
fn a_large_project_is_streamed_in_bounded_memory() {
    const LARGE: usize = 96 << 20;
    let folders = Folders::make();
    folders.write("projects/large/noise", &noise(LARGE));
    let host = Host::start(&folders);
    assert!(host.project("sample", "0", "").whole);
    let before = host.most_memory();
    // One that does not read on: what it does not take is not made.
    let stalled = client::connect(host.port);
    let body = urlencoded(&[
        ("user1Id", "0"),
        ("user1Authentication", ""),
        ("key", KEY),
        ("project", "large"),
    ]);
    let request = client::request("POST", DOWNLOAD, URLENCODED, &body);
    std::io::Write::write_all(&mut &stalled, &request).expect("sent");
    let mut stalled = BufReader::new(stalled);
    assert_eq!(client::head(&mut stalled).expect("a head").status, 200);
    let answer = host.project("large", "0", "");
    assert!(answer.whole);
    let grown = host.most_memory() - before;
    assert!(grown < 16 << 10, "{grown} KiB more");
    let files = unpacked(&answer.body);
    assert!(files["noise"] == noise(LARGE));
}

#[test]
fn an_archive_that_cannot_be_finished_breaks_off() {
    let folders = Folders::make();
    folders.write(&format!("projects/deep/{}x", "d/".repeat(40)), b"deep");
    let host = Host::start(&folders);
    let fields = ["user1Id", "user1Authentication"].map(|name| (name, ""));
    let answer = host.try_download(&[&fields[..], &[("key", KEY), ("project", "deep")]].concat());
    // How much arrives before it breaks off, the head included, is a matter of luck.
    let broken = answer.is_none_or(|answer| answer.status == 200 && !answer.whole);
    assert!(broken, "the client must see that it is not whole");
    assert!(host.project("sample", "0", "").whole);
}

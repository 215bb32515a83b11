//! Controllers that users change (W4.2).

use super::client::{self, MULTIPART, URLENCODED, multipart, urlencoded};
use super::rig::{COOKIES, Folders, Host, PASSWORD, hash, unpacked};

const FIELDS: [(&str, &str); 3] = [
    ("dirname", "sample/controllers/drive"),
    ("filename", "drive.py"),
    ("content", "changed\n"),
];

#[test]
fn checks_come_in_order_with_their_texts() {
    let folders = Folders::make();
    let host = Host::start(&folders);
    let with = |name, value| {
        let mut fields = FIELDS.to_vec();
        fields.retain(|(field, _)| *field != name);
        fields.push((name, value));
        fields
    };
    let one_wrong_cookie = "cookie: email=ann%40example.org; password=wrong\r\n";
    let with_hash = format!("cookie: email=ann%40example.org; password={}\r\n", hash());
    for (cookies, fields, text) in [
        ("", vec![], "Error: Missing email cookie."),
        (
            "cookie: email=x\r\n",
            vec![],
            "Error: Missing password cookie.",
        ),
        (
            one_wrong_cookie,
            FIELDS.to_vec(),
            "Error: Wrong email or password.",
        ),
        (
            &with_hash,
            FIELDS.to_vec(),
            "Error: Wrong email or password.",
        ),
        (COOKIES, vec![], "Error: missing dirname."),
        (COOKIES, FIELDS[..1].to_vec(), "Error: missing filename."),
        (COOKIES, FIELDS[..2].to_vec(), "Error: missing dirname."),
        (COOKIES, with("filename", "a/b"), "Error: wrong filename."),
        (COOKIES, with("dirname", "a/../b"), "Error: wrong dirname."),
        (COOKIES, FIELDS.to_vec(), "OK"),
        (COOKIES, with("content", ""), "OK"),
    ] {
        for (kind, body) in [
            (URLENCODED, urlencoded(&fields)),
            (MULTIPART, multipart(&fields)),
        ] {
            let answer = host.post_upload(&format!("{cookies}{kind}"), &body);
            assert_eq!(
                (answer.status, answer.text().as_str()),
                (200, text),
                "{kind}"
            );
            assert_eq!(answer.header("x-robots-tag"), Some("noindex"));
        }
    }
    for path in ["/ajax/upload-file.php", "/ajax/upload_file.php"] {
        let headers = format!("{COOKIES}{MULTIPART}");
        let answer = client::send(host.port, "POST", path, &headers, &multipart(&FIELDS));
        assert_eq!(answer.text(), "OK", "{path}");
        let answer = client::send(host.port, "GET", path, COOKIES, b"");
        assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    }
}

#[test]
fn what_is_uploaded_is_downloaded_by_its_user_only() {
    let folders = Folders::make();
    let host = Host::start(&folders);
    let text = host
        .upload("sample/controllers/drive", "drive.py", "changed\r\n--x\n")
        .text();
    assert_eq!(text, "OK");
    let file = "controllers/drive/drive.py";
    let of = |user| unpacked(&host.project("sample", user, PASSWORD).body)[file].clone();
    assert_eq!(of("1"), b"changed\r\n--x\n");
    assert_eq!(of("2"), b"sample\n");
    assert_eq!(
        folders
            .read("projects/sample/controllers/drive/drive.py")
            .as_deref(),
        Some(&b"sample\n"[..])
    );
    assert_eq!(
        host.upload("sample/controllers/drive", "drive.py", "again\n")
            .text(),
        "OK"
    );
    assert_eq!(of("1"), b"again\n");
}

#[test]
fn the_quota_counts_what_is_there_and_what_comes() {
    let folders = Folders::make();
    let mut config = folders.config();
    config["quota"] = "1 MB".into();
    let host = Host::with(&folders, &config);
    let half = "x".repeat(500_000);
    assert_eq!(host.upload("p", "one", &half).text(), "OK");
    assert_eq!(host.upload("p", "two", &half).text(), "OK");
    assert_eq!(
        host.upload("p", "<three>", "x").text(),
        "Error: Disk quota exceeded:<br>1.1 MB > 1 MB.<br><br>\
         File &lt;three&gt; was not saved on server."
    );
    assert_eq!(host.upload("p", "empty", "").text(), "OK");
    let text = host.upload("p", "large", &"x".repeat(1_050_000)).text();
    assert!(
        text.starts_with("Error: Disk quota exceeded:<br>2.1 MB > 1 MB."),
        "{text}"
    );
    let text = host.upload("p", "larger", &"x".repeat(2_000_000)).text();
    assert_eq!(text, "Error: The form is larger than 1116384 bytes.");
    let files = std::fs::read_dir(folders.path("user/1/projects/p")).expect("there");
    assert_eq!(files.count(), 3);
}

#[test]
fn uploads_at_the_same_time_keep_to_the_quota() {
    let folders = Folders::make();
    let mut config = folders.config();
    config["quota"] = "1 MB".into();
    let host = Host::with(&folders, &config);
    let third = "x".repeat(300_000);
    let texts: Vec<_> = std::thread::scope(|scope| {
        let upload = |number: usize| {
            let (host, third) = (&host, &third);
            scope.spawn(move || host.upload("p/q", &format!("file{number}"), third).text())
        };
        let uploads: Vec<_> = (0..12).map(upload).collect();
        uploads
            .into_iter()
            .map(|it| it.join().expect("no panic"))
            .collect()
    });
    let saved = texts.iter().filter(|text| *text == "OK").count();
    let refused = texts
        .iter()
        .filter(|text| text.contains("quota exceeded"))
        .count();
    assert_eq!((saved, refused), (3, 9), "{texts:?}");
    let files = std::fs::read_dir(folders.path("user/1/projects/p/q")).expect("there");
    assert_eq!(files.count(), 3);
}

#[test]
fn pages_of_other_sites_cannot_upload() {
    let folders = Folders::make();
    let mut config = folders.config();
    config["server"] = "robots.example".into();
    let host = Host::with(&folders, &config);
    let body = multipart(&FIELDS);
    for (header, text) in [
        ("sec-fetch-site: cross-site\r\n", "Error: Wrong origin."),
        ("origin: https://evil.example\r\n", "Error: Wrong origin."),
        ("origin: null\r\n", "Error: Wrong origin."),
        (
            "sec-fetch-site: same-origin\r\norigin: http://localhost:8080\r\n",
            "OK",
        ),
        ("origin: https://robots.example\r\n", "OK"),
    ] {
        let answer = host.post_upload(&format!("{COOKIES}{MULTIPART}{header}"), &body);
        assert_eq!(answer.text(), text, "{header}");
    }
}

#[test]
fn links_are_not_followed() {
    let folders = Folders::make();
    folders.write("outside/file", b"old");
    folders.link("outside", "user/1/projects/linked");
    folders.link("outside/file", "user/1/projects/p/file");
    folders.write("user/1/projects/p/folder/x", b"");
    let host = Host::start(&folders);
    for (dirname, filename, text) in [
        ("linked", "new", "Error: wrong dirname."),
        ("linked/deeper", "new", "Error: wrong dirname."),
        ("p/file", "new", "Error: wrong dirname."),
        ("p/folder/x", "new", "Error: wrong dirname."),
        ("p", "file", "Error: wrong filename."),
        ("p", "folder", "Error: wrong filename."),
    ] {
        assert_eq!(
            host.upload(dirname, filename, "new").text(),
            text,
            "{dirname} {filename}"
        );
    }
    assert_eq!(folders.read("outside/file").as_deref(), Some(&b"old"[..]));
    assert_eq!(
        std::fs::read_dir(folders.path("outside"))
            .expect("there")
            .count(),
        1
    );
}

//! Names and bodies of strangers: a clear refusal each, and nothing is touched.

use super::client::{self, MULTIPART, URLENCODED, multipart};
use super::rig::{COOKIES, DOWNLOAD, Folders, Host, UPLOAD, is_log};

/// Names that are good for nothing, wherever they stand.
const NAMES: [&str; 32] = [
    "",
    ".",
    "..",
    "../secret.txt",
    "../../etc/passwd",
    "/etc/passwd",
    "/",
    "//",
    "a//b",
    "a/",
    "/a",
    "a/./b",
    "a/../../b",
    "..\\secret.txt",
    "a\\b",
    "\\\\server\\share",
    "C:",
    "C:\\x",
    "a:stream",
    "a\0b",
    "\0",
    "a\nb",
    "a\rb",
    "a\tb",
    "\u{1b}[2J",
    "\u{7f}",
    "\u{85}",
    "....//",
    "..;/x",
    "%2e%2e/..",
    "a/..",
    "~/../x",
];

fn untouched(folders: &Folders, act: impl FnOnce()) {
    let listing = || {
        let mut listing = folders.listing();
        listing.retain(|path, _| !is_log(path));
        listing
    };
    let before = listing();
    act();
    assert_eq!(listing(), before);
}

#[test]
fn names() {
    let folders = Folders::make();
    folders.write(
        "user/1/projects/sample/controllers/drive/drive.py",
        b"ann's\n",
    );
    let host = Host::start(&folders);
    let long = "x".repeat(256);
    let deep = "d/".repeat(200) + "d";
    untouched(&folders, || {
        for name in NAMES.into_iter().chain([long.as_str()]) {
            let text = host.project(name, "0", "").text();
            assert_eq!(text, "Error: Wrong project.", "{name:?}");
            let text = host.upload("sample/controllers/drive", name, "x").text();
            assert_eq!(text, "Error: wrong filename.", "{name:?}");
        }
        let dirnames = NAMES.into_iter().filter(|name| *name != "a/b");
        for name in dirnames.chain([long.as_str(), &deep]) {
            let text = host.upload(name, "file", "x").text();
            assert_eq!(text, "Error: wrong dirname.", "{name:?}");
        }
        let text = host.upload("p", ".webots-cloud-upload-1-1", "x").text();
        assert_eq!(text, "Error: wrong filename.");
        for id in [
            "..",
            "../1",
            "/",
            "users.json",
            ".",
            "-1",
            "1/projects",
            "1\0",
            &long,
        ] {
            let text = host.project("sample", id, "x").text();
            assert_eq!(text, "Error: Wrong user1Id.", "{id:?}");
        }
    });
    // Strange, and yet only names.
    for name in [
        "~", "$(id)", "a b", "-rf", "é", "%2e%2e", "*", "CON", ".hidden",
    ] {
        assert_eq!(host.upload("p", name, "x").text(), "OK", "{name:?}");
        assert_eq!(
            folders
                .read(&format!("user/1/projects/p/{name}"))
                .as_deref(),
            Some(&b"x"[..])
        );
    }
}

#[test]
fn paths_of_the_site() {
    let folders = Folders::make();
    folders.write("site/.git/config", b"hidden");
    folders.write("site/folder/file", b"");
    folders.link("secret.txt", "site/secret.txt");
    folders.link("user", "site/users");
    let host = Host::start(&folders);
    untouched(&folders, || {
        for path in [
            "/../secret.txt",
            "/%2e%2e/secret.txt",
            "/..%2fsecret.txt",
            "/%2e%2e%2fsecret.txt",
            "//secret.txt",
            "/./index.html",
            "/folder/../index.html",
            "/.git/config",
            "/.git/",
            "/%2egit/config",
            "/secret.txt",
            "/users/users.json",
            "/folder",
            "/folder/",
            "/nowhere",
            "/index.html/",
            "/index.html/x",
            "/index.html%00",
            "/%ff",
            "/..\\secret.txt",
            "/%5c..%5csecret.txt",
            "/%252e%252e/secret.txt",
            "/~root",
            "/C:/x",
        ] {
            let answer = client::get(host.port, path);
            assert_eq!(answer.status, 404, "{path}: {}", answer.text());
        }
    });
    let answer = client::raw(
        host.port,
        b"GET ../secret.txt HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    );
    assert!(answer.is_none_or(|answer| answer.status >= 400));
}

#[test]
fn bodies() {
    let folders = Folders::make();
    let host = Host::start(&folders);
    let many = multipart(&vec![("dirname", "p"); 100]);
    let huge = vec![b'x'; 200_000];
    let cut = &multipart(&[("dirname", "p"), ("filename", "f"), ("content", "x")])[..60];
    let no_name = b"---b-\r\nContent-Disposition: form-data\r\n\r\nx\r\n---b---\r\n";
    let header = [b"---b-\r\n", "A".repeat(50_000).as_bytes()].concat();
    let bodies: [(&str, &[u8], &str, &str); 12] = [
        (MULTIPART, b"", "The form is broken.", "The form is broken."),
        (
            MULTIPART,
            b"garbage",
            "The form is broken.",
            "The form is broken.",
        ),
        (
            MULTIPART,
            b"---b-",
            "The form is broken.",
            "The form is broken.",
        ),
        (
            MULTIPART,
            b"---b---",
            "Missing user1Id.",
            "missing dirname.",
        ),
        (MULTIPART, cut, "The form is broken.", "The form is broken."),
        (
            MULTIPART,
            &many,
            "The form is broken.",
            "The form is broken.",
        ),
        (MULTIPART, no_name, "Missing user1Id.", "missing dirname."),
        (
            MULTIPART,
            &header,
            "The form is broken.",
            "The form is broken.",
        ),
        (
            URLENCODED,
            &huge,
            "The form is larger than 65536 bytes.",
            "missing dirname.",
        ),
        (
            URLENCODED,
            b"&&&===%%%%zz=%",
            "Missing user1Id.",
            "missing dirname.",
        ),
        (
            "content-type: application/json\r\n",
            b"{\"dirname\":\"p\"}",
            "Missing user1Id.",
            "missing dirname.",
        ),
        (
            "content-type: \u{e9}\r\n",
            b"dirname=p",
            "Missing user1Id.",
            "missing dirname.",
        ),
    ];
    untouched(&folders, || {
        for (number, (kind, body, download, upload)) in bodies.into_iter().enumerate() {
            let answer = client::send(host.port, "POST", DOWNLOAD, kind, body);
            assert_eq!(answer.text(), format!("Error: {download}"), "{number}");
            let headers = format!("{COOKIES}{kind}");
            let answer = client::send(host.port, "POST", UPLOAD, &headers, body);
            assert_eq!(answer.text(), format!("Error: {upload}"), "{number}");
        }
        // A body that is promised and does not come does not keep anybody else waiting.
        let head = format!(
            "POST {UPLOAD} HTTP/1.1\r\nhost: x\r\n{COOKIES}{MULTIPART}content-length: 99\r\n\r\n"
        );
        let waiting: Vec<_> = (0..30)
            .map(|_| {
                let stream = client::connect(host.port);
                std::io::Write::write_all(&mut &stream, head.as_bytes()).expect("sent");
                stream
            })
            .collect();
        assert_eq!(client::get(host.port, "/").status, 200);
        assert!(host.project("sample", "0", "").whole);
        drop(waiting);
    });
    assert_eq!(host.upload("p", "f", "x").text(), "OK");
}

//! The static site.

use super::client::{get, send};
use super::rig::{Folders, Host};

#[test]
fn files_are_served_with_their_types() {
    let folders = Folders::make();
    folders.write("site/a b/x.JS", b"1");
    folders.write("site/pages/index.html", b"page");
    folders.write("site/empty.css", b"");
    folders.write("site/no-ending", b"?");
    let host = Host::start(&folders);
    for (path, kind, body) in [
        ("/", "text/html; charset=utf-8", "<h1>site</h1>\n"),
        (
            "/index.html?query=1",
            "text/html; charset=utf-8",
            "<h1>site</h1>\n",
        ),
        ("/a%20b/x.JS", "text/javascript; charset=utf-8", "1"),
        ("/pages/", "text/html; charset=utf-8", "page"),
        ("/empty.css", "text/css; charset=utf-8", ""),
        ("/no-ending", "application/octet-stream", "?"),
    ] {
        let answer = get(host.port, path);
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (200, body),
            "{path}"
        );
        assert_eq!(answer.header("content-type"), Some(kind), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        let head = send(host.port, "HEAD", path, "", b"");
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        let length = body.len().to_string();
        assert_eq!(
            head.header("content-length"),
            Some(length.as_str()),
            "{path}"
        );
        assert_eq!(head.header("etag"), answer.header("etag"));
    }
    let moved = get(host.port, "/pages");
    assert_eq!(
        (moved.status, moved.header("location")),
        (301, Some("/pages/"))
    );
    let missing = get(host.port, "/missing");
    assert_eq!(missing.status, 404);
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let answer = send(host.port, method, "/", "", b"");
        assert_eq!(
            (answer.status, answer.header("allow")),
            (405, Some("GET, HEAD")),
            "{method}"
        );
    }
}

#[test]
fn what_did_not_change_is_not_sent_again() {
    let folders = Folders::make();
    let host = Host::start(&folders);
    let first = get(host.port, "/");
    let tag = first.header("etag").expect("a tag").to_owned();
    let again = |tags: &str| {
        send(
            host.port,
            "GET",
            "/",
            &format!("if-none-match: {tags}\r\n"),
            b"",
        )
    };
    for tags in [tag.clone(), format!("\"x\", W/{tag}"), "*".to_owned()] {
        let answer = again(&tags);
        assert_eq!(
            (answer.status, answer.header("etag")),
            (304, Some(tag.as_str())),
            "{tags}"
        );
    }
    assert_eq!(again("\"x\"").status, 200);
    folders.write("site/index.html", b"something else");
    let answer = again(&tag);
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (200, "something else")
    );
}

#[test]
fn large_files_come_in_pieces() {
    let folders = Folders::make();
    let large: Vec<u8> = (0..20_000_000_u32).map(|it| (it % 251) as u8).collect();
    folders.write("site/large.bin", &large);
    let host = Host::start(&folders);
    get(host.port, "/");
    let before = host.most_memory();
    let answer = get(host.port, "/large.bin");
    assert_eq!(answer.header("content-length"), Some("20000000"));
    assert!(answer.whole && answer.body == large);
    let grown = host.most_memory() - before;
    assert!(grown < 8 << 10, "{grown} KiB more");
}

#[test]
fn without_a_site_there_is_a_page_that_says_so() {
    let folders = Folders::make();
    let mut config = folders.config();
    config["site"] = serde_json::Value::Null;
    let host = Host::with(&folders, &config);
    let page = get(host.port, "/");
    assert_eq!(page.status, 200);
    assert!(page.text().contains("webots-cloud website host"));
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert_eq!(get(host.port, "/x").status, 404);
    assert_eq!(send(host.port, "POST", "/", "", b"").status, 405);
}

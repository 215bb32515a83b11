use http::header::COOKIE;
use serde_json::json;

use super::*;

fn hash(password: &str) -> String {
    hash_password(&Secret::new(password)).expect("a hash")
}

fn headers(cookies: &str) -> HeaderMap {
    let value = cookies.parse().expect("a header");
    HeaderMap::from_iter([(COOKIE, value)])
}

#[tokio::test]
async fn users_are_who_their_cookies_say() {
    let folder = tempfile::tempdir().expect("a folder");
    let hash = hash("pass word");
    let text = json!({"users": [
        {"id": 7, "email": "ann@example.org", "password": hash},
        {"id": "bob", "email": "bob@example.org", "password": self::hash("other")},
    ]});
    fs::write(folder.path().join(FILE), text.to_string()).expect("written");
    let users = FileUsers::in_folder(folder.path()).expect("users");
    let ann = UserId::new("7").expect("an id");
    for (cookies, who) in [
        ("email=ann%40example.org; password=pass%20word", Ok("7")),
        ("email=bob@example.org; password=other", Ok("bob")),
        (
            "email=bob@example.org; password=pass%20word",
            Err("Wrong email or password."),
        ),
        (
            "email=eve@example.org; password=other",
            Err("Wrong email or password."),
        ),
        ("password=other", Err("Missing email cookie.")),
        ("email=bob@example.org", Err("Missing password cookie.")),
    ] {
        let found = users.identify(&headers(cookies)).await;
        let found = found
            .as_ref()
            .map(UserId::as_str)
            .map_err(ToString::to_string);
        assert_eq!(found, who.map_err(str::to_owned), "{cookies}");
    }
    let with_hash = format!("email=ann@example.org; password={hash}");
    assert!(
        users.identify(&headers(&with_hash)).await.is_err(),
        "a hash is no password"
    );
    for (authentication, right) in [
        (hash.as_str(), true),
        ("pass word", true),
        ("", false),
        ("other", false),
    ] {
        let authentication = Secret::new(authentication);
        assert_eq!(users.verify(&ann, &authentication).await, right);
        let nobody = UserId::new("8").expect("an id");
        assert!(!users.verify(&nobody, &authentication).await);
    }
    let shown = format!("{users:?}");
    assert!(!shown.contains("argon2id"), "{shown}");
}

#[tokio::test]
async fn the_file_may_change() {
    let folder = tempfile::tempdir().expect("a folder");
    let users = FileUsers::in_folder(folder.path()).expect("no users");
    let ann = UserId::new("ann").expect("an id");
    let password = Secret::new("p");
    assert!(!users.verify(&ann, &password).await);
    let text = json!({"users": [{"id": "ann", "email": "", "password": hash("p")}]});
    fs::write(folder.path().join(FILE), text.to_string()).expect("written");
    assert!(users.verify(&ann, &password).await);
    fs::write(folder.path().join(FILE), "{").expect("written");
    assert!(
        users.verify(&ann, &password).await,
        "a broken file changes nothing"
    );
}

#[test]
fn what_is_wrong_is_said_without_secrets() {
    let hash = hash("p");
    for (users, wrong) in [
        (
            json!([{"id": 0, "email": "a", "password": hash}]),
            "user number 1: the id: is 0",
        ),
        (
            json!([{"id": "../x", "email": "a", "password": hash}]),
            "slash",
        ),
        (
            json!([{"id": 1, "email": "a", "password": "hunter2"}]),
            "is not an Argon2 hash",
        ),
        (
            json!([{"id": 1, "email": "a", "password": hash}, {"id": 1, "email": "b", "password": hash}]),
            "user number 2 has the id or the email of another",
        ),
        (json!([{"id": 1, "email": "a"}]), "line 1: not of the form"),
        (json!("hunter2"), "line 1: not of the form"),
    ] {
        let error = parse(&json!({ "users": users }).to_string()).expect_err("wrong");
        let text = crate::main_loop::chain(&error);
        assert!(text.contains(wrong), "{text}");
        assert!(
            !text.contains("$argon2id$v") && !text.contains("hunter2"),
            "{text}"
        );
    }
}

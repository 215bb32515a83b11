//! The website host inside somebody else's server.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use webots_cloud::surroundings::ThisMachine;
use webots_cloud::website::{
    HostError, Source, Unidentified, UserDirectory, UserFuture, UserId, WebsiteHost,
};
use webots_cloud_core::config::{self, WebsiteConfig};
use webots_cloud_core::secret::Secret;

use super::client::urlencoded;
use super::rig::{Folders, KEY, unpacked};

/// A site's own accounts: a token in a header, which is the user's id.
#[derive(Debug)]
struct Tokens;

impl UserDirectory for Tokens {
    fn identify<'a>(
        &'a self,
        headers: &'a HeaderMap,
    ) -> UserFuture<'a, Result<UserId, Unidentified>> {
        Box::pin(async move {
            let token = headers.get(AUTHORIZATION).and_then(|it| it.to_str().ok());
            let token = token.ok_or_else(|| Unidentified::new("Log in first."))?;
            UserId::new(token).map_err(|error| Unidentified::new(error.to_string()))
        })
    }

    fn verify<'a>(&'a self, user: &'a UserId, authentication: &'a Secret) -> UserFuture<'a, bool> {
        Box::pin(async move { user.as_str() == authentication.expose() })
    }
}

fn configuration(folders: &Folders) -> WebsiteConfig {
    let text = folders.config().to_string();
    let machine = ThisMachine::for_file(Some(Path::new("/nowhere.json")));
    config::website(&text, &machine).expect("good").config
}

fn host(folders: &Folders) -> WebsiteHost {
    let builder = WebsiteHost::builder(&configuration(folders), Arc::new(Tokens));
    let builder = builder.wrong_key_delay(Duration::from_millis(300));
    builder.build().expect("a host")
}

fn post(path: &str, fields: &[(&str, &str)]) -> Request<Full<Bytes>> {
    let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    request
        .body(Full::new(urlencoded(fields).into()))
        .expect("a request")
}

async fn ask(host: &WebsiteHost, request: Request<Full<Bytes>>) -> (StatusCode, Bytes) {
    let response = host.answer(request).await;
    let status = response.status();
    let body = response.into_body().collect().await.expect("whole");
    (status, body.to_bytes())
}

fn download(user: &str, key: &str) -> Request<Full<Bytes>> {
    post(
        "/ajax/download-project.php",
        &[
            ("user1Id", user),
            ("user1Authentication", user),
            ("key", key),
            ("project", "sample"),
        ],
    )
}

#[tokio::test]
async fn with_accounts_of_its_own() {
    let folders = Folders::make();
    let host = host(&folders);
    let upload = || {
        post(
            "/ajax/upload_file.php",
            &[
                ("dirname", "sample"),
                ("filename", "new"),
                ("content", "eve's"),
            ],
        )
    };
    let (status, text) = ask(&host, upload()).await;
    assert_eq!(
        (status, &text[..]),
        (StatusCode::OK, &b"Error: Log in first."[..])
    );
    let mut request = upload();
    request
        .headers_mut()
        .insert(AUTHORIZATION, "eve".parse().expect("a header"));
    assert_eq!(&ask(&host, request).await.1[..], b"OK");
    let files = unpacked(&ask(&host, download("eve", KEY)).await.1);
    assert_eq!(
        files.into_iter().collect::<Vec<_>>(),
        [("new".to_owned(), b"eve's".to_vec())]
    );
    let request = Request::get("/").body(Full::default()).expect("a request");
    assert_eq!(&ask(&host, request).await.1[..], b"<h1>site</h1>\n");
    let shown = format!("{host:?}");
    assert!(!shown.contains(KEY), "{shown}");
}

#[tokio::test]
async fn sources_have_bounds_of_their_own() {
    let folders = Folders::make();
    let host = Arc::new(host(&folders));
    let from = |last: u8, key| {
        let mut request = download("", key);
        let source = Source::from(IpAddr::from([192, 0, 2, last]));
        request.extensions_mut().insert(source);
        request
    };
    let mut guesses = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let (host, request) = (Arc::clone(&host), from(1, "guess"));
        guesses.spawn(async move { ask(&host, request).await.0 });
    }
    let start = Instant::now();
    assert_eq!(&ask(&host, from(2, KEY)).await.1[..2], b"PK");
    assert!(start.elapsed() < Duration::from_millis(300));
    let statuses = guesses.join_all().await;
    let refused = statuses
        .iter()
        .filter(|status| **status == StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.count(), 6, "{statuses:?}");
}

#[test]
fn secrets_in_the_site_are_refused() {
    let folders = Folders::make();
    let mut configuration = configuration(&folders);
    folders.link("site", "another name");
    configuration.users_dir = folders.path("another name/not/yet/there");
    let built = WebsiteHost::builder(&configuration, Arc::new(Tokens)).build();
    assert!(matches!(built, Err(HostError::Inside { key: "usersDir" })));
}

//! Projects of a website's users, with a website on this machine.
#![cfg(unix)]
#![allow(missing_docs)]

mod archive_parts;
mod website_parts;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use webots_cloud_core::ports::ProjectFetcher;
use website_parts::rig::{ID, KEY, LOGGED_IN, PASSWORD, Rig, user, users_project};
use website_parts::site::{Act, Site, ok, see_other};

#[tokio::test]
async fn a_users_project_lies_over_the_base_project() {
    let (rig, zip) = (Rig::new(), users_project());
    let site = Site::new(ok(&zip)).await;
    // The world is there only once the archive is.
    let mut init = user(site.origin());
    "own.wbt".clone_into(&mut init.world);
    let fetched = rig.fetch(init).await.expect("fetched");
    assert_eq!(
        (fetched.folder, fetched.world.as_str()),
        (String::new(), "worlds/own.wbt")
    );
    let asked = site.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].body, LOGGED_IN);
    let head = asked[0].head.to_ascii_lowercase();
    assert!(
        head.starts_with("post /ajax/download-project.php http/1.1\r\n"),
        "{head}"
    );
    assert!(
        head.contains("\r\ncontent-type: application/x-www-form-urlencoded\r\n"),
        "{head}"
    );
    assert!(
        head.contains(&format!("\r\nhost: {}\r\n", site.address)),
        "{head}"
    );
    let read = |name| rig.read(name).expect("there");
    assert_eq!(read("host.txt"), site.origin());
    assert_eq!(read("controllers/drive/drive.py"), "the user's");
    assert_eq!(read("worlds/simple.wbt"), "#VRML");
    let script = fs::metadata(rig.workspace().join("controllers/drive/drive.py")).expect("there");
    assert_eq!(script.permissions().mode() & 0o777, 0o775);
    // Nothing else is there, such as the archive.
    assert_eq!(fs::read_dir(rig.workspace()).expect("there").count(), 3);
    let total = 9 + zip.len() as u64;
    let told = rig.progress.0.lock().expect("no panic").clone();
    assert_eq!(
        (told.first(), told.last()),
        (Some(&(9, None)), Some(&(total, Some(total))))
    );
    let debug = format!("{:?}", rig.fetcher);
    assert!(
        !debug.contains("the+key") && !debug.contains(PASSWORD),
        "{debug}"
    );
}

#[tokio::test]
async fn nobody_is_asked_for_nobodys_project() {
    let rig = Rig::new();
    let site = Site::new(ok(users_project())).await;
    for id in ["", "0", " 0 "] {
        fs::remove_dir_all(rig.workspace()).expect("removed");
        fs::create_dir(rig.workspace()).expect("made");
        let mut init = user(site.origin());
        id.clone_into(&mut init.user1.id);
        rig.fetch(init).await.expect("the base project");
        assert_eq!(
            rig.read("controllers/drive/drive.py").as_deref(),
            Some("base")
        );
    }
    assert_eq!(site.asked().len(), 0);
}

#[tokio::test]
async fn without_a_project_of_their_own_users_get_the_base_project() {
    let act = || ok("Error: no such directory: 'user/7/projects/group/simple'.");
    let (rig, site) = (Rig::new(), Site::new(act()).await);
    rig.fetch(user(site.origin()))
        .await
        .expect("the base project");
    assert_eq!(
        rig.read("controllers/drive/drive.py").as_deref(),
        Some("base")
    );
    assert_eq!(rig.read("host.txt"), Some(site.origin()));
    let rig = Rig::new();
    let mut init = user(site.origin());
    "own.wbt".clone_into(&mut init.world);
    let error = rig.fetch(init).await.expect_err("no world");
    assert_eq!(error.to_string(), "own.wbt does not exist in group/simple");
}

#[tokio::test]
async fn redirects_on_the_same_website_keep_the_form_and_the_address() {
    let rig = Rig::new();
    let site = Site::with(None, |asked| match asked.path() {
        "/ajax/download-project.php" => see_other("307 Temporary Redirect", "/new/place?a=b#c"),
        _ => ok(users_project()),
    })
    .await;
    rig.key("local.example", KEY);
    let host = format!("http://local.example:{}", site.address.port());
    rig.fetch(user(host)).await.expect("fetched");
    let asked = site.asked();
    let paths: Vec<_> = asked.iter().map(|asked| asked.path()).collect();
    assert_eq!(paths, ["/ajax/download-project.php", "/new/place?a=b"]);
    assert!(asked.iter().all(|asked| asked.body == LOGGED_IN));
    // The name was looked up once for both connections.
    assert_eq!(
        *rig.names.asked.lock().expect("no panic"),
        ["local.example"]
    );
}

#[tokio::test]
async fn slow_websites_are_left_when_the_time_is_over() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n".to_vec();
    for act in [
        Act::Silence,
        Act::Drip(head),
        Act::Drip(b"HTTP/1.1 ".to_vec()),
    ] {
        let rig = Rig::with(|it| it.download.timeout = Duration::from_millis(500));
        let site = Site::new(act).await;
        let start = Instant::now();
        let error = rig.fetch(user(site.origin())).await.expect_err("late");
        assert_eq!(
            error.to_string(),
            "127.0.0.1 did not send the project within 0.5 s"
        );
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "{:?}",
            start.elapsed()
        );
    }
}

#[tokio::test]
async fn leaving_ends_a_fetch_soon() {
    let (rig, site) = (Rig::new(), Site::new(Act::Silence).await);
    let leave = async {
        site.heard().await;
        rig.fetcher.abandon(ID);
        Instant::now()
    };
    let (fetched, left) = tokio::join!(rig.fetch(user(site.origin())), leave);
    assert_eq!(
        fetched.expect_err("left").to_string(),
        "nobody waits for the project any more"
    );
    assert!(left.elapsed() < Duration::from_secs(2));
    // It is forgotten: the next fetch for the same instance goes on.
    let site = Site::new(ok(users_project())).await;
    fs::remove_dir_all(rig.workspace()).expect("removed");
    fs::create_dir(rig.workspace()).expect("made");
    rig.fetch(user(site.origin())).await.expect("fetched");
}

//! `webots-cloud sandbox-check`.

use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::rig::WARDEN;

/// Some ten seconds for each sandbox, on a machine that is busy with something else.
const LIMIT: Duration = Duration::from_secs(300);
/// Whom nothing belongs to.
const NOBODY: u32 = 65534;

/// A folder with a configuration in it, and a key to be hidden.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let place = Self { folder };
        for path in ["key", "instances", "projects"] {
            fs::create_dir(place.path(path)).expect("made");
        }
        fs::write(place.path("key/localhost"), "SECRET").expect("written");
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().expect("there").join(name)
    }

    fn config(&self, sandbox: &str) -> PathBuf {
        let config = json!({
            "webots": [WARDEN, "standin"],
            "webotsVersion": "R2021b",
            "sandbox": sandbox,
            "projectsDir": self.path("projects"),
            "instancesDir": self.path("instances"),
        });
        let file = self.path(&format!("{sandbox}.json"));
        fs::write(&file, config.to_string()).expect("written");
        file
    }

    /// Nothing of the check may be left.
    fn assert_empty(&self) {
        let left: Vec<_> = fs::read_dir(self.path("instances"))
            .expect("there")
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }

    /// Gives everything to somebody.
    fn give_to(&self, user: u32) {
        let folders = ["", "key", "instances", "projects"];
        for name in folders.into_iter().chain(["key/localhost"]) {
            chown(self.path(name), Some(user), Some(user)).expect("root may");
        }
    }
}

async fn output(command: &mut Command) -> Output {
    let command = std::mem::replace(command, Command::new("unused"));
    let run = tokio::process::Command::from(command)
        .env_remove("WEBOTS_HOME")
        .kill_on_drop(true)
        .output();
    tokio::time::timeout(LIMIT, run)
        .await
        .expect("it ends")
        .expect("it starts")
}

async fn check(arguments: &[&str]) -> (i32, String, String) {
    let output = output(Command::new(WARDEN).arg("sandbox-check").args(arguments)).await;
    told(&output)
}

fn told(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    let code = output.status.code().expect("no signal");
    (code, text(&output.stdout), text(&output.stderr))
}

fn last_line(text: &str) -> &str {
    text.trim_end().lines().last().unwrap_or_default()
}

/// The row of an attempt.
fn row<'a>(table: &'a str, attempt: &str) -> &'a str {
    let row = table.lines().find(|line| line.starts_with(attempt));
    row.unwrap_or_else(|| panic!("{attempt}: {table}"))
}

fn installed(program: &str) -> bool {
    let there = Path::new("/usr/bin").join(program).exists();
    if !there {
        println!("skipped: no {program}");
    }
    there
}

#[tokio::test]
async fn bubblewrap_confines() {
    if !installed("bwrap") {
        return;
    }
    let place = Place::new();
    let file = place.config("bubblewrap");
    let (code, out, err) = check(&[file.to_str().expect("UTF-8")]).await;
    println!("{out}{err}");
    assert_eq!(code, 0);
    assert!(
        last_line(&out).starts_with("confined by bubblewrap"),
        "{out}"
    );
    for attempt in [
        "read a file of another instance",
        "look into hidden folders",
    ] {
        assert!(
            row(&out, attempt).contains("must not    could not"),
            "{out}"
        );
    }
    for limit in ["use too much memory in one process", "open too many files"] {
        assert!(row(&out, limit).contains("could not"), "{out}");
    }
    assert!(!out.contains("unknown"), "{out}");
    place.assert_empty();
}

#[tokio::test]
async fn firejail() {
    if !installed("firejail") {
        return;
    }
    let place = Place::new();
    let file = place.config("firejail");
    let (code, out, err) = check(&[file.to_str().expect("UTF-8")]).await;
    println!("{out}{err}");
    // It may refuse this user, and lets root's processes write to `/` where the kernel has no
    // Landlock: then it says so.
    let confined = last_line(&out).starts_with("confined by firejail");
    assert_eq!(code == 0, confined, "{out}");
    let outside = row(&out, "write outside its folder");
    assert_eq!(confined, outside.contains("could not"), "{out}");
    place.assert_empty();
}

/// As root everything would really be done to this machine; so as nobody.
#[tokio::test]
async fn as_an_ordinary_user() {
    if !rustix::process::getuid().is_root() {
        println!("skipped: the other tests run as an ordinary user already");
        return;
    }
    let place = Place::new();
    place.give_to(NOBODY);
    let as_nobody = |program: &str, arguments: &[&str]| {
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid=65534", "--regid=65534", "--clear-groups", program])
            .args(arguments)
            .env("HOME", "/nonexistent");
        command
    };
    let can_run = as_nobody(WARDEN, &["--version"]).output();
    if !can_run.is_ok_and(|output| output.status.success()) {
        println!("skipped: no setpriv, or the program is in a folder of root's own");
        return;
    }
    let none = place.config("none");
    let none = none.to_str().expect("UTF-8");
    let output_of_none = output(&mut as_nobody(WARDEN, &["sandbox-check", none])).await;
    let (code, out, err) = told(&output_of_none);
    println!("{out}{err}");
    assert_eq!(code, 1);
    assert!(last_line(&out).starts_with("NOT CONFINED"), "{out}");
    for attempt in [
        "read a file of another instance",
        "look into hidden folders",
        "see a process outside",
        "signal a process outside",
        "write a file that everybody may write",
    ] {
        assert!(row(&out, attempt).contains("could !!"), "{out}");
    }
    // The warden ends it all the same.
    assert!(
        row(&out, "leave a process behind").contains("could not"),
        "{out}"
    );
    place.assert_empty();
    if installed("bwrap") {
        let file = place.config("bubblewrap");
        let file = file.to_str().expect("UTF-8");
        let output = output(&mut as_nobody(WARDEN, &["sandbox-check", file])).await;
        let (code, out, err) = told(&output);
        println!("{out}{err}");
        assert_eq!(code, 0);
        assert!(
            last_line(&out).starts_with("confined by bubblewrap"),
            "{out}"
        );
        place.assert_empty();
    }
}

#[tokio::test]
async fn json_holds_the_same_for_all_that_auto_could_take() {
    let place = Place::new();
    let file = place.config("auto");
    let (code, out, err) = check(&["--json", file.to_str().expect("UTF-8")]).await;
    println!("{err}");
    let found: Value = serde_json::from_str(&out).expect("one object");
    assert_eq!(found["confined"], json!(code == 0), "{out}");
    let names: Vec<&Value> = ["/sandboxes/0/name", "/sandboxes/1/name"]
        .into_iter()
        .filter_map(|path| found.pointer(path))
        .collect();
    assert_eq!(names, [&json!("bubblewrap"), &json!("firejail")]);
    if !installed("bwrap") {
        return;
    }
    assert_eq!(found["taken"], json!("bubblewrap"), "{out}");
    let rows = found["sandboxes"][0]["report"]["rows"]
        .as_array()
        .expect("rows");
    let find = |name: &str| rows.iter().find(|row| row["attempt"] == name).expect(name);
    let mount = find("mount");
    assert_eq!(
        [
            &mount["class"],
            &mount["expected"],
            &mount["found"],
            &mount["verdict"]
        ],
        [
            &json!("must"),
            &json!("must not"),
            &json!("could-not"),
            &json!("right")
        ]
    );
    assert_eq!(find("start too many processes")["family"], json!("limits"));
    place.assert_empty();
}

#[tokio::test]
async fn wrong_files_and_arguments() {
    let place = Place::new();
    let file = place.path("wrong.json");
    fs::write(&file, r#"{"sandbox": "perhaps"}"#).expect("written");
    let (code, out, err) = check(&[file.to_str().expect("UTF-8")]).await;
    assert_eq!((code, out.as_str()), (78, ""), "{err}");
    assert!(err.contains("`sandbox`"), "{err}");
    let (code, _, err) = check(&["missing.json"]).await;
    assert_eq!(code, 78, "{err}");
    for arguments in [["--nonsense"].as_slice(), &["a.json", "b.json"]] {
        let (code, _, err) = check(arguments).await;
        assert_eq!(code, 2, "{err}");
    }
    let (code, out, _) = check(&["--help"]).await;
    assert_eq!(code, 0);
    assert!(
        out.contains("webots-cloud sandbox-check simulation.json"),
        "{out}"
    );
}

/// A folder of keys that no sandbox can hide: the server must not start with it.
#[tokio::test]
async fn a_server_does_not_start_with_a_sandbox_that_fails() {
    if !installed("bwrap") {
        return;
    }
    let place = Place::new();
    let file = place.config("bubblewrap");
    let text = fs::read_to_string(&file).expect("written");
    let mut config: Value = serde_json::from_str(&text).expect("JSON");
    config["keyDir"] = json!("/proc/sys/kernel");
    config["port"] = json!(0);
    fs::write(&file, config.to_string()).expect("written");
    let server = env!("CARGO_BIN_EXE_webots-simulation-server");
    let (code, _, err) = told(&output(Command::new(server).arg(&file)).await);
    assert_eq!(code, 78, "{err}");
    for words in [
        "`sandbox`: bubblewrap cannot be used",
        "can look into hidden folders (/proc/sys/kernel)",
        "sandbox-check",
    ] {
        assert!(err.contains(words), "{words}: {err}");
    }
    place.assert_empty();
}

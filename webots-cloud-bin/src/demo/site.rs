//! The demo's web site: the built one of `examples/website`, else one page without 3D.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::config::DemoUser;
use super::page;

/// Installing what the site is made of, and building it, may take so long each.
const BUILD: Duration = Duration::from_secs(180);

/// Which site the demo shows.
#[derive(Clone, Debug)]
pub(super) enum Site {
    /// The site that was built into this folder.
    Built(PathBuf),
    /// A page that drives a session without 3D, and why.
    Plain(String),
}

/// The servers that the site's pages talk to.
pub(super) struct Servers {
    pub(super) session: u16,
    pub(super) simulation: u16,
}

impl Site {
    /// The site in this folder, which is built now if it was not yet. Blocks for as long.
    pub(super) fn find(website: &Path) -> Self {
        let built = website.join("dist");
        if built.join("index.html").is_file() {
            return Self::Built(built);
        }
        if !website.join("package.json").is_file() {
            return Self::Plain(format!(
                "{} is not there (--website names another folder)",
                website.display()
            ));
        }
        println!(
            "building the site in {}, once (npm ci && npm run build)",
            website.display()
        );
        match build(website) {
            Ok(()) => Self::Built(built),
            Err(why) => Self::Plain(why),
        }
    }

    /// What to tell the user.
    pub(super) fn note(&self) -> Option<String> {
        match self {
            Self::Built(_) => None,
            Self::Plain(why) => Some(format!(
                "a plain page without 3D and editor is shown: {why}"
            )),
        }
    }

    /// Puts the site into an empty folder, with the worlds of these projects.
    pub(super) fn lay_out(
        &self,
        into: &Path,
        servers: &Servers,
        projects: &Path,
    ) -> io::Result<()> {
        let worlds = page::worlds(projects)?;
        match self {
            Self::Built(built) => {
                copy(built, into)?;
                let settings = json!({
                    "session": servers.session,
                    "simulations": [servers.simulation],
                    "worlds": worlds,
                    "users": [{ "email": DemoUser::EMAIL, "id": DemoUser::ID, "name": "Student" }],
                    "hint": format!(
                        "In this demo: {} with the password {}",
                        DemoUser::EMAIL,
                        DemoUser::PASSWORD
                    ),
                });
                fs::write(into.join("settings.json"), settings.to_string())
            }
            Self::Plain(_) => {
                let page = page::page(servers.session, &worlds);
                fs::write(into.join("index.html"), page)
            }
        }
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir(&target)?;
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Builds the site. The error says what to do.
fn build(website: &Path) -> Result<(), String> {
    let log = tempfile::NamedTempFile::new().map_err(|error| error.to_string())?;
    // Not `npm run build`: its child would be left if it has to be killed.
    for (program, arguments) in [("npm", ["ci"]), ("node", ["build.mjs"])] {
        let shown = format!("`{program} {}`", arguments.join(" "));
        let mut command = Command::new(program);
        command.args(arguments).current_dir(website);
        match run(&mut command, log.as_file()) {
            Ok(true) => {}
            Ok(false) => {
                let said = fs::read_to_string(log.path()).unwrap_or_default();
                let last: Vec<&str> = said.trim_end().lines().rev().take(3).collect();
                let last: Vec<&str> = last.into_iter().rev().collect();
                return Err(format!("{shown} failed: {}", last.join("; ")));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(format!(
                    "{program} is missing: install Node.js 20 or later with npm \
                     (on Debian: apt-get install nodejs npm), and start the demo again"
                ));
            }
            Err(error) => return Err(format!("{shown} failed: {error}")),
        }
    }
    Ok(())
}

/// Runs a program to its end, with all that it says into a file. True if it succeeded.
fn run(command: &mut Command, log: &File) -> io::Result<bool> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log.try_clone()?)
        .spawn()?;
    let end = Instant::now() + BUILD;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        if Instant::now() > end {
            child.kill()?;
            child.wait()?;
            return Err(io::Error::new(
                io::ErrorKind::TimedOut,
                format!("it took more than {} s", BUILD.as_secs()),
            ));
        }
        thread::sleep(Duration::from_millis(50));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVERS: Servers = Servers {
        session: 1999,
        simulation: 2000,
    };

    fn projects() -> tempfile::TempDir {
        let projects = tempfile::tempdir().expect("a folder");
        let worlds = projects.path().join("a<b/worlds");
        fs::create_dir_all(&worlds).expect("folders");
        fs::write(worlds.join("w.wbt"), "").expect("a file");
        projects
    }

    #[test]
    fn a_built_site_is_copied_and_told_where_the_servers_are() {
        let website = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(website.path().join("dist/parts")).expect("folders");
        for file in ["index.html", "settings.json", "parts/a.js"] {
            fs::write(website.path().join("dist").join(file), "x").expect("a file");
        }
        let site = Site::find(website.path());
        assert!(site.note().is_none());
        let into = tempfile::tempdir().expect("a folder");
        site.lay_out(into.path(), &SERVERS, projects().path())
            .expect("laid out");
        assert!(into.path().join("parts/a.js").is_file());
        let settings = fs::read_to_string(into.path().join("settings.json")).expect("settings");
        let settings: serde_json::Value = serde_json::from_str(&settings).expect("JSON");
        assert_eq!(settings["session"], 1999);
        assert_eq!(settings["worlds"][0][1], "w.wbt");
        assert_eq!(settings["users"][0]["email"], DemoUser::EMAIL);
    }

    #[test]
    fn without_a_site_there_is_a_plain_page_and_a_reason() {
        let nothing = tempfile::tempdir().expect("a folder");
        let site = Site::find(nothing.path());
        assert!(site.note().expect("a reason").contains("--website"));
        let into = tempfile::tempdir().expect("a folder");
        site.lay_out(into.path(), &SERVERS, projects().path())
            .expect("laid out");
        let page = fs::read_to_string(into.path().join("index.html")).expect("a page");
        assert!(page.contains(r#""sessionPort":1999"#));
        assert!(page.contains(r"a\u003cb"));
    }

    #[test]
    fn what_builds_the_site_is_waited_for_and_its_failure_said() {
        let log = tempfile::tempfile().expect("a file");
        assert!(run(Command::new("sh").args(["-c", "exit 0"]), &log).expect("it runs"));
        assert!(!run(Command::new("sh").args(["-c", "exit 3"]), &log).expect("it runs"));
        let missing = run(&mut Command::new("no-such-program-anywhere"), &log);
        assert_eq!(
            missing.expect_err("it is missing").kind(),
            io::ErrorKind::NotFound
        );
    }
}

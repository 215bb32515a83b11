//! A website host with folders of its own.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use serde_json::{Value, json};
use tempfile::TempDir;
use webots_cloud::website::hash_password;
use webots_cloud_core::secret::Secret;

use super::client::{self, Answer, MULTIPART, URLENCODED};

pub(crate) const KEY: &str = "key-0123456789-of-the-host";
pub(crate) const PASSWORD: &str = "ann's pass word";
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_webots-website-host");
/// Ann, who has the id 1.
pub(crate) const COOKIES: &str =
    "cookie: email=ann%40example.org; password=ann%27s%20pass%20word\r\n";
pub(crate) const DOWNLOAD: &str = "/ajax/download-project.php";
pub(crate) const UPLOAD: &str = "/ajax/upload-file.php";

/// Ann's hash.
pub(crate) fn hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| hash_password(&Secret::new(PASSWORD)).expect("a hash"))
}

/// What the host says, where it may write as it likes.
pub(crate) fn is_log(path: &Path) -> bool {
    let name = |part: &std::ffi::OsStr| part == "stderr" || part == "log";
    path.iter().any(name)
}

/// The folders of a website host: `projects`, `user`, `site`, and what is none of its business.
pub(crate) struct Folders(TempDir);

impl Folders {
    pub(crate) fn make() -> Self {
        let folders = Self(tempfile::tempdir().expect("a folder"));
        folders.write(
            "projects/sample/worlds/simple.wbt",
            b"#VRML_SIM R2019b utf8\n",
        );
        folders.write("projects/sample/controllers/drive/drive.py", b"sample\n");
        folders.write(
            "projects/other/worlds/other.wbt",
            b"#VRML_SIM R2019b utf8\n",
        );
        folders.write("site/index.html", b"<h1>site</h1>\n");
        folders.write("secret.txt", b"nobody's business\n");
        let users = json!({"users": [
            {"id": 1, "email": "ann@example.org", "password": hash()},
            {"id": 2, "email": "bob@example.org", "password": hash()},
        ]});
        folders.write("user/users.json", users.to_string().as_bytes());
        folders
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, content: &[u8]) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        fs::write(path, content).expect("written");
    }

    pub(crate) fn read(&self, path: &str) -> Option<Vec<u8>> {
        fs::read(self.path(path)).ok()
    }

    pub(crate) fn link(&self, target: &str, link: &str) {
        let link = self.path(link);
        fs::create_dir_all(link.parent().expect("a parent")).expect("made");
        std::os::unix::fs::symlink(self.path(target), link).expect("linked");
    }

    pub(crate) fn config(&self) -> Value {
        json!({
            "port": 0,
            "key": KEY,
            "site": self.path("site"),
            "projectsDir": self.path("projects"),
            "usersDir": self.path("user"),
            "logDir": self.path("log"),
        })
    }

    /// Writes a configuration and gives its path.
    pub(crate) fn configured(&self, config: &Value) -> PathBuf {
        self.write("config.json", config.to_string().as_bytes());
        self.path("config.json")
    }

    /// All that is there, with the contents of files.
    pub(crate) fn listing(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut listing = BTreeMap::new();
        list(self.0.path(), &mut listing);
        listing
    }
}

fn list(folder: &Path, listing: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let kind = fs::symlink_metadata(&path).expect("there").file_type();
        if kind.is_dir() {
            list(&path, listing);
        }
        let content = kind.is_file().then(|| fs::read(&path).expect("a file"));
        listing.insert(path, content.unwrap_or_default());
    }
}

/// A running website host.
pub(crate) struct Host {
    pub(crate) child: Child,
    pub(crate) port: u16,
}

impl Host {
    pub(crate) fn start(folders: &Folders) -> Self {
        Self::with(folders, &folders.config())
    }

    pub(crate) fn with(folders: &Folders, config: &Value) -> Self {
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(folders.path("stderr"))
            .expect("a file");
        let mut child = Command::new(PROGRAM)
            .arg(folders.configured(config))
            .args(["--log-level", "trace"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("started");
        let mut line = String::new();
        let out = child.stdout.as_mut().expect("piped");
        BufReader::new(out).read_line(&mut line).expect("a line");
        let port = line
            .strip_prefix("Website host running on port ")
            .and_then(|rest| rest.strip_suffix(" (no SSL)\n"))
            .unwrap_or_else(|| panic!("no ready line: {line:?}"));
        let port = port.parse().expect("a port");
        Self { child, port }
    }

    pub(crate) fn download(&self, fields: &[(&str, &str)]) -> Answer {
        self.try_download(fields).expect("an answer")
    }

    /// `None` if the connection ends before there is an answer.
    pub(crate) fn try_download(&self, fields: &[(&str, &str)]) -> Option<Answer> {
        let body = client::urlencoded(fields);
        let request = client::request("POST", DOWNLOAD, URLENCODED, &body);
        client::raw(self.port, &request)
    }

    /// A download with the right key and somebody's authentication.
    pub(crate) fn project(&self, project: &str, user: &str, authentication: &str) -> Answer {
        self.download(&[
            ("user1Id", user),
            ("user1Authentication", authentication),
            ("key", KEY),
            ("project", project),
        ])
    }

    /// An upload of Ann's.
    pub(crate) fn upload(&self, dirname: &str, filename: &str, content: &str) -> Answer {
        let fields = [
            ("dirname", dirname),
            ("filename", filename),
            ("content", content),
        ];
        self.post_upload(
            &format!("{COOKIES}{MULTIPART}"),
            &client::multipart(&fields),
        )
    }

    pub(crate) fn post_upload(&self, headers: &str, body: &[u8]) -> Answer {
        client::send(self.port, "POST", UPLOAD, headers, body)
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = i32::try_from(self.child.id()).expect("a pid");
        let pid = rustix::process::Pid::from_raw(pid).expect("a pid");
        rustix::process::kill_process(pid, signal).expect("signalled");
    }

    /// The most memory that it ever had, KiB.
    pub(crate) fn most_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("running");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        number.and_then(|it| it.parse().ok()).expect("a number")
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The files of an archive.
pub(crate) fn unpacked(archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(archive)).expect("an archive");
    let mut files = BTreeMap::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).expect("an entry");
        let mut content = Vec::new();
        file.read_to_end(&mut content).expect("unpacked");
        let name = file.name().expect("a name").into_owned();
        files.insert(name, content);
    }
    files
}

//! nginx and Apache with the configuration files of the book, on free ports of loopback.

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::Signal;

use crate::common::{SOON, send_signal, until_so};

/// The parts of the house, as far as a proxy knows them.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    /// Its own.
    pub proxy: u16,
    pub session: u16,
    pub simulation: u16,
    /// How many simulations there may be.
    pub slots: u16,
}

#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Nginx,
    Apache,
}

/// A proxy's process, ended when the test is done with it.
#[derive(Debug)]
pub struct Proxy {
    child: Child,
    said: PathBuf,
}

impl Proxy {
    /// Starts a proxy with key.pem and cert.pem of the folder; `None` where it is not installed.
    pub async fn start(kind: Kind, folder: &Path, ports: Ports) -> Option<Self> {
        let program = program(kind)?;
        let site = folder.join("site.conf");
        fs::write(&site, of_the_book(kind, folder, ports)).expect("written");
        let (file, arguments) = match kind {
            Kind::Nginx => (around_nginx(folder, &site), vec!["-e", "stderr", "-c"]),
            Kind::Apache => (
                around_apache(folder, &site, ports),
                vec!["-D", "FOREGROUND", "-f"],
            ),
        };
        let main = folder.join("proxy.conf");
        fs::write(&main, file).expect("written");
        let said = folder.join("proxy.log");
        let log = fs::File::create(&said).expect("made");
        let child = Command::new(program)
            .args(arguments)
            .arg(&main)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("cloned"))
            .stderr(log)
            .spawn()
            .expect("it starts");
        let mut proxy = Self { child, said };
        until_so("the proxy's port", SOON * 3, || {
            let ended = proxy.child.try_wait().expect("ours");
            assert!(ended.is_none(), "{kind:?} ended: {}", proxy.said());
            TcpStream::connect(("127.0.0.1", ports.proxy)).is_ok()
        })
        .await;
        Some(proxy)
    }

    pub fn said(&self) -> String {
        fs::read_to_string(&self.said).unwrap_or_default()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Both end their workers at once by it.
        send_signal(i32::try_from(self.child.id()).expect("small"), Signal::TERM);
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- the proxy said\n{}", self.said());
        }
    }
}

fn program(kind: Kind) -> Option<PathBuf> {
    let name = match kind {
        Kind::Nginx => "nginx",
        Kind::Apache => "apache2",
    };
    let found = ["/usr/sbin", "/usr/bin"].map(|folder| Path::new(folder).join(name));
    let found = found.into_iter().find(|path| path.is_file());
    if found.is_none() {
        println!("skipped: {name} is not installed");
    }
    found
}

/// The book's file with other ports and paths; each has to be in it.
fn of_the_book(kind: Kind, folder: &Path, ports: Ports) -> String {
    let name = match kind {
        Kind::Nginx => "nginx.conf",
        Kind::Apache => "apache.conf",
    };
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/proxies");
    let mut text = fs::read_to_string(book.join(name)).expect("there");
    let certificates = "/etc/letsencrypt/live/sim.example.org";
    let range: Vec<String> = (ports.simulation..=ports.simulation + ports.slots)
        .map(|port| port.to_string())
        .collect();
    let mut replacements = vec![
        (
            format!("{certificates}/fullchain.pem"),
            folder.join("cert.pem").display().to_string(),
        ),
        (
            format!("{certificates}/privkey.pem"),
            folder.join("key.pem").display().to_string(),
        ),
        ("sim.example.org".to_owned(), "localhost".to_owned()),
        ("20[0-9][0-9]|2100".to_owned(), range.join("|")),
        (
            "127.0.0.1:1999".to_owned(),
            format!("127.0.0.1:{}", ports.session),
        ),
    ];
    match kind {
        Kind::Nginx => replacements.extend([
            (
                "listen [::]:443".to_owned(),
                format!("listen [::1]:{}", ports.proxy),
            ),
            (
                "listen 443".to_owned(),
                format!("listen 127.0.0.1:{}", ports.proxy),
            ),
        ]),
        Kind::Apache => replacements.push((
            "<VirtualHost *:443>".to_owned(),
            format!("<VirtualHost *:{}>", ports.proxy),
        )),
    }
    for (in_book, here) in replacements {
        assert!(text.contains(&in_book), "{in_book} in {name}");
        text = text.replace(&in_book, &here);
    }
    text
}

/// What Debian's nginx.conf has around it.
fn around_nginx(folder: &Path, site: &Path) -> String {
    let user = if rustix::process::geteuid().is_root() {
        "user root;"
    } else {
        ""
    };
    let (folder, site) = (folder.display(), site.display());
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {folder}/nginx_{name};\n"))
        .concat();
    format!(
        "{user}\ndaemon off;\nworker_processes 1;\npid {folder}/nginx.pid;\nerror_log stderr warn;\n\
         events {{ worker_connections 512; }}\n\
         http {{\naccess_log {folder}/access.log;\n{temporary}include {site};\n}}\n"
    )
}

/// What Debian's apache2.conf and `a2enmod` have around it.
fn around_apache(folder: &Path, site: &Path, ports: Ports) -> String {
    let modules = [
        ("mpm_event", "mpm_event"),
        ("authz_core", "authz_core"),
        ("ssl", "ssl"),
        ("socache_shmcb", "socache_shmcb"),
        ("rewrite", "rewrite"),
        ("proxy", "proxy"),
        ("proxy_http", "proxy_http"),
        ("proxy_wstunnel", "proxy_wstunnel"),
    ];
    let load: String = modules
        .map(|(name, file)| {
            format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{file}.so\n")
        })
        .concat();
    let user = if rustix::process::geteuid().is_root() {
        "User www-data\nGroup www-data\n"
    } else {
        ""
    };
    let (folder, site, port) = (folder.display(), site.display(), ports.proxy);
    format!(
        "ServerRoot {folder}\nDefaultRuntimeDir {folder}\nPidFile {folder}/apache.pid\n{load}{user}\
         ServerName localhost\nErrorLog /dev/stderr\nLogLevel warn\n\
         Listen 127.0.0.1:{port} https\nListen [::1]:{port} https\nInclude {site}\n"
    )
}

//! What the tests of the programs share: servers as processes of their own, clients, and eyes on
//! what is left. Nothing is ended by name, and nothing sleeps for a fixed time: every wait is for an
//! event, with a limit.
// Every test file uses another part of it.
#![allow(
    dead_code,
    unused_imports,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used
)]

pub mod answers;
pub mod client;
pub mod fake;
pub mod refusals;
pub mod session;
pub mod simulation;
pub mod tls;
pub mod website;

pub use answers::{assert_complete, assert_prometheus, metric, names_other_hosts};

use std::future::Future;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use http::Method;
use rustix::process::{Pid, Signal, kill_process};
use webots_cloud::client::{Reply, request};

pub const SESSION_SERVER: &str = env!("CARGO_BIN_EXE_webots-session-server");
pub const SIMULATION_SERVER: &str = env!("CARGO_BIN_EXE_webots-simulation-server");
pub const WEBSITE_HOST: &str = env!("CARGO_BIN_EXE_webots-website-host");
pub const WEBOTS_CLOUD: &str = env!("CARGO_BIN_EXE_webots-cloud");

/// For what should take milliseconds, on a machine that is busy with something else.
pub const SOON: Duration = Duration::from_secs(10);
/// What the contract allows from a signal to the exit.
pub const SHUTDOWN: Duration = Duration::from_secs(15);

type Lines = Arc<Mutex<Vec<String>>>;

/// A server's process: ended by its pid, and waited for, when the test is done with it.
#[derive(Debug)]
pub struct Server {
    child: Child,
    pub port: u16,
    out: Lines,
    err: Lines,
    readers: Vec<JoinHandle<()>>,
}

impl Server {
    /// Starts a program and waits until it says that its port is open.
    pub async fn start(program: &str, arguments: &[&str]) -> Self {
        Self::start_with(program, arguments, &[]).await
    }

    /// The same, with variables in its environment.
    pub async fn start_with(program: &str, arguments: &[&str], env: &[(&str, &str)]) -> Self {
        let mut server = Self::spawn_with(program, arguments, env);
        let ready = server.ready(SOON).await;
        assert!(ready, "it ended: {:?}", server.stderr());
        server
    }

    /// Waits until it says that its port is open; `false` if it ends instead.
    pub async fn ready(&mut self, limit: Duration) -> bool {
        let port = until("the line that says the port", limit, || {
            let port = self.ready_port().map(Some);
            port.or_else(|| self.exited().map(|_| None))
        });
        self.port = port.await.unwrap_or_default();
        self.port != 0
    }

    /// Starts a program.
    pub fn spawn(program: &str, arguments: &[&str]) -> Self {
        Self::spawn_with(program, arguments, &[])
    }

    pub fn spawn_with(program: &str, arguments: &[&str], env: &[(&str, &str)]) -> Self {
        let mut child = Command::new(program)
            .args(arguments)
            .env_remove("WEBOTS_HOME")
            .envs(env.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let (out, err) = (Lines::default(), Lines::default());
        let readers = vec![
            collect(child.stdout.take().expect("piped"), &out),
            collect(child.stderr.take().expect("piped"), &err),
        ];
        Self {
            child,
            port: 0,
            out,
            err,
            readers,
        }
    }

    fn ready_port(&self) -> Option<u16> {
        let out = self.stdout();
        let rest = out
            .iter()
            .find_map(|line| line.split_once("running on port "))?;
        rest.1.split(' ').next()?.parse().ok()
    }

    pub fn stdout(&self) -> Vec<String> {
        self.out.lock().expect("no panic").clone()
    }

    pub fn stderr(&self) -> Vec<String> {
        self.err.lock().expect("no panic").clone()
    }

    pub fn http(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    pub fn ws(&self, path: &str) -> String {
        format!("ws://localhost:{}{path}", self.port)
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.ask(Method::GET, path).await
    }

    pub async fn ask(&self, method: Method, path: &str) -> Reply {
        let reply = request(method, &self.http(path), bytes::Bytes::new()).await;
        reply.expect("an answer")
    }

    /// The body of a GET.
    pub async fn text(&self, path: &str) -> String {
        body(&self.get(path).await)
    }

    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).expect("small")
    }

    /// Resident memory, bytes.
    pub fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let mut lines = status.lines();
        let line = lines.find(|line| line.starts_with("VmRSS:")).unwrap();
        let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kilobytes * 1024
    }

    pub fn signal(&self, signal: Signal) {
        send_signal(self.pid(), signal);
    }

    pub fn exited(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("ours")
    }

    /// Waits until it has ended by itself.
    pub async fn end(&mut self, limit: Duration) -> ExitStatus {
        let status = until("the server to end", limit, || self.exited()).await;
        self.read_to_the_end();
        status
    }

    fn read_to_the_end(&mut self) {
        for reader in self.readers.drain(..) {
            reader.join().expect("no panic");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.exited().is_none() {
            self.signal(Signal::TERM);
            let start = Instant::now();
            while self.exited().is_none() && start.elapsed() < SHUTDOWN {
                std::thread::sleep(Duration::from_millis(5));
            }
            if self.exited().is_none() {
                let _ = self.child.kill();
                let _ = self.child.wait();
            }
        }
        if std::thread::panicking() {
            eprintln!("--- the server said\n{}", self.stderr().join("\n"));
        }
    }
}

fn collect(stream: impl Read + Send + 'static, lines: &Lines) -> JoinHandle<()> {
    let lines = Arc::clone(lines);
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            lines.lock().expect("no panic").push(line);
        }
    })
}

pub fn send_signal(pid: i32, signal: Signal) {
    kill_process(Pid::from_raw(pid).expect("a pid"), signal).expect("ours");
}

/// Runs a program to its end.
pub async fn run(program: &str, arguments: &[&str]) -> Output {
    let command = tokio::process::Command::new(program)
        .args(arguments)
        .env_remove("WEBOTS_HOME")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(Duration::from_secs(60), command).await;
    output.expect("it ends").expect("it starts")
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

pub fn body(reply: &Reply) -> String {
    text(reply.body())
}

pub fn header<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
    reply
        .headers()
        .get(name)
        .map(|value| value.to_str().expect("text"))
}

/// Looks again and again until there is something to see.
pub async fn until<T>(what: &str, limit: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(start.elapsed() < limit, "waited {limit:?} for {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Looks again and again until it is so.
pub async fn until_so(what: &str, limit: Duration, mut is_so: impl FnMut() -> bool) {
    until(what, limit, || is_so().then_some(())).await;
}

/// Asks again and again until the answer fits.
pub async fn until_answered<F: Future<Output = bool>>(
    what: &str,
    limit: Duration,
    ask: impl Fn() -> F,
) {
    let start = Instant::now();
    while !ask().await {
        assert!(start.elapsed() < limit, "waited {limit:?} for {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The names in a folder, sorted; none if it is not there.
pub fn listing(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("there")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect();
    names.sort();
    names
}

/// A folder for one test. Not in /tmp, which sandboxes replace by an empty one.
pub fn folder() -> tempfile::TempDir {
    tempfile::TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder")
}

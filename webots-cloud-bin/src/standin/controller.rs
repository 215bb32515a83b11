//! Controllers as processes of their own.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::controller_line::MAX_LINE;

/// How many lines may wait for a controller that does not read.
const QUEUE: usize = 64;
/// How long the last words of a controller that has ended are waited for.
const LAST_WORDS: std::time::Duration = std::time::Duration::from_millis(500);
/// The module that Python controllers import, and what starts them.
const PYTHON: &str = include_str!("controller.py");
/// Only the three standard descriptors reach a controller, whatever the stand-in was given.
const SHELL: &str = "exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; exec \"$0\" \"$@\"";

/// What comes from a controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FromController {
    /// A line on its standard output.
    Out(String),
    /// A line on its standard error.
    Err(String),
    /// It has ended, and how.
    Ended(String),
}

/// A line of a controller, and of which one.
#[derive(Clone, Debug)]
pub struct ControllerEvent {
    /// The set of controllers it belongs to: another after each reset.
    pub generation: u64,
    /// Its place in the set.
    pub index: usize,
    /// What came.
    pub what: FromController,
}

/// How to start a controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its folder.
    folder: PathBuf,
    /// The program and its first arguments.
    argv: Vec<String>,
}

impl Program {
    /// Finds `controllers/NAME/NAME`, an executable, or `controllers/NAME/NAME.py`.
    ///
    /// # Errors
    /// A text for people.
    pub fn find(project: &Path, name: &str, arguments: &[String]) -> Result<Self, String> {
        if name.contains(['/', '\\', '\0']) || name.starts_with('.') {
            return Err(format!(
                "not the name of a controller: {}",
                name.escape_debug()
            ));
        }
        let folder = project.join("controllers").join(name);
        let text = |path: PathBuf| {
            path.into_os_string()
                .into_string()
                .map_err(|_| "the project's path is not UTF-8".to_owned())
        };
        let mut argv = if is_executable(&folder.join(name)) {
            vec![text(folder.join(name))?]
        } else if folder.join(format!("{name}.py")).is_file() {
            let script = text(folder.join(format!("{name}.py")))?;
            vec![
                "python3".to_owned(),
                "-c".to_owned(),
                PYTHON.to_owned(),
                script,
            ]
        } else {
            return Err(format!(
                "no executable {name} and no {name}.py in controllers/{name}"
            ));
        };
        argv.extend(
            arguments
                .iter()
                .filter(|argument| !argument.contains('\0'))
                .cloned(),
        );
        Ok(Self { folder, argv })
    }

    fn command(&self) -> Command {
        let mut command = Command::new("/bin/sh");
        command
            .arg("-c")
            .arg(SHELL)
            .args(&self.argv)
            .current_dir(&self.folder)
            .env_remove(super::fault::VARIABLE)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PYTHONIOENCODING", "utf-8:replace")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        command
    }
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata()
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// The end of a controller that the simulation holds.
#[derive(Debug)]
pub struct Line {
    lines: mpsc::Sender<String>,
}

impl Line {
    /// Sends a line; false where too many wait.
    pub fn send(&self, line: String) -> bool {
        self.lines.try_send(line).is_ok()
    }
}

/// Runs a controller until it ends or `stop` is given; then it and its group are gone and reaped.
pub fn start(
    program: Program,
    generation: u64,
    index: usize,
    events: mpsc::Sender<ControllerEvent>,
    stop: CancellationToken,
) -> (Line, impl Future<Output = ()> + Send + 'static) {
    let (lines, queue) = mpsc::channel(QUEUE);
    let task = async move {
        let send = |what| ControllerEvent {
            generation,
            index,
            what,
        };
        let how = match program.command().spawn() {
            Ok(child) => {
                let out = |line| send(FromController::Out(line));
                let err = |line| send(FromController::Err(line));
                run(child, queue, &events, &stop, out, err).await
            }
            Err(e) => format!("cannot be started: {e}"),
        };
        if !stop.is_cancelled() {
            let _ = events.send(send(FromController::Ended(how))).await;
        }
    };
    (Line { lines }, task)
}

async fn run(
    mut child: Child,
    mut queue: mpsc::Receiver<String>,
    events: &mpsc::Sender<ControllerEvent>,
    stop: &CancellationToken,
    out: impl Fn(String) -> ControllerEvent,
    err: impl Fn(String) -> ControllerEvent,
) -> String {
    let pid = child.id();
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let write = async {
        if let Some(mut stdin) = stdin {
            while let Some(line) = queue.recv().await {
                if stdin
                    .write_all(format!("{line}\n").as_bytes())
                    .await
                    .is_err()
                {
                    break;
                }
            }
        }
        // The other side is gone or wants no more: nothing to write until the end.
        std::future::pending::<()>().await;
    };
    let talk = async {
        let relays = async {
            tokio::join!(relay(stdout, events, out), relay(stderr, events, err));
        };
        tokio::pin!(relays);
        tokio::select! {
            () = &mut relays => child.wait().await,
            ended = child.wait() => {
                // What it said last; a process that it left behind may hold its output open.
                let _ = tokio::time::timeout(LAST_WORDS, relays).await;
                ended
            }
        }
    };
    let ended = tokio::select! {
        () = stop.cancelled() => None,
        () = write => None,
        ended = talk => Some(ended),
    };
    kill_group(pid);
    let ended = match ended {
        Some(ended) => ended,
        None => child.wait().await,
    };
    match ended {
        Ok(status) => status.to_string(),
        Err(e) => e.to_string(),
    }
}

fn kill_group(pid: Option<u32>) {
    let pid = pid
        .and_then(|pid| i32::try_from(pid).ok())
        .and_then(rustix::process::Pid::from_raw);
    if let Some(pid) = pid {
        // It fails where nobody is left, which is what is wanted.
        let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
    }
}

/// Lines of bounded length, without their ends; what is too long is cut.
async fn relay(
    from: Option<impl AsyncRead + Unpin>,
    events: &mpsc::Sender<ControllerEvent>,
    event: impl Fn(String) -> ControllerEvent,
) {
    let Some(from) = from else { return };
    let mut reader = BufReader::with_capacity(4096, from);
    let mut line = Vec::new();
    loop {
        let (used, ended) = match reader.fill_buf().await {
            Ok([]) | Err(_) => break,
            Ok(bytes) => {
                let end = bytes.iter().position(|&b| b == b'\n');
                let part = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or(&[]);
                let room = MAX_LINE.saturating_sub(line.len());
                line.extend_from_slice(part.get(..room.min(part.len())).unwrap_or(&[]));
                (end.map_or(bytes.len(), |end| end + 1), end.is_some())
            }
        };
        reader.consume(used);
        if ended {
            let text = String::from_utf8_lossy(&line)
                .trim_end_matches('\r')
                .to_owned();
            line.clear();
            if events.send(event(text)).await.is_err() {
                return;
            }
        }
    }
    if !line.is_empty() {
        let _ = events
            .send(event(String::from_utf8_lossy(&line).into_owned()))
            .await;
    }
}

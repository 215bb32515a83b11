//! A process that the kernel does not let go.
//!
//! The freezer of cgroups of version 1 makes one: what is frozen there does not even die.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use webots_cloud_core::limits::Limits;
use webots_cloud_core::ports::{InstanceEvent, InstanceLauncher, Stop};

use super::limited::{exit, start};
use super::rig::until;

/// For the kernel to freeze, and for wardens to notice, on a busy machine.
const SOON: Duration = Duration::from_secs(30);

/// A cgroup below this process' own, thawed and removed whatever happens.
struct Freezer(PathBuf);

impl Freezer {
    fn make() -> Option<Self> {
        let memberships = fs::read_to_string("/proc/self/cgroup").ok()?;
        let own = memberships
            .lines()
            .find_map(|line| line.split_once(":freezer:"))?
            .1;
        let base = Path::new("/sys/fs/cgroup/freezer").join(own.trim_start_matches('/'));
        let folder = base.join(format!("webots-cloud-test-{}", std::process::id()));
        fs::create_dir(&folder).ok()?;
        Some(Self(folder))
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.0.join(file), text).expect("a cgroup of ours");
    }

    fn state(&self) -> String {
        fs::read_to_string(self.0.join("freezer.state")).expect("a cgroup of ours")
    }
}

impl Drop for Freezer {
    fn drop(&mut self) {
        let _ = fs::write(self.0.join("freezer.state"), "THAWED");
        for _ in 0..500 {
            if fs::remove_dir(&self.0).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        eprintln!("{} is left", self.0.display());
    }
}

/// What is logged.
#[derive(Clone, Debug, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn has(&self, text: &str) -> bool {
        let bytes = self.0.lock().expect("no panic");
        String::from_utf8_lossy(&bytes).contains(text)
    }
}

/// The runtime has this one thread, so that this is the log of everything here.
#[tokio::test]
async fn it_keeps_its_slot_until_it_is_gone() {
    let Some(freezer) = Freezer::make() else {
        println!("skipped: no freezer of cgroup version 1 for us");
        return;
    };
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .finish();
    let _default = tracing::subscriber::set_default(subscriber);

    let script = "if os.fork() == 0:
    os.setsid()
    open('frozen', 'w').write(str(os.getpid()))
    os.rename('frozen', 'pid')
    stay()
stay()";
    let Some((rig, run)) = start(None, script, Limits::default()).await else {
        return;
    };
    let file = run.workspace.path.join("pid");
    until("its pid", SOON, || file.exists()).await;
    let pid = fs::read_to_string(file).expect("there");
    freezer.write("cgroup.procs", &pid);
    freezer.write("freezer.state", "FROZEN");
    until("it to freeze", SOON, || freezer.state().trim() == "FROZEN").await;

    rig.launcher
        .stop(run.id, Stop::Kill)
        .await
        .expect("ordered");
    until("the leader's end", SOON, || {
        run.events
            .when(|event| matches!(event, InstanceEvent::Ended(_)))
            .is_some()
    })
    .await;
    until("it to be told as stuck", SOON, || {
        log.has("processes outlast SIGKILL") && log.has(&pid)
    })
    .await;
    assert!(!run.events.is_gone(), "{:?}", run.events);
    // Still there: the order can be given again.
    assert_eq!(rig.launcher.stop(run.id, Stop::Kill).await, Ok(true));

    freezer.write("freezer.state", "THAWED");
    exit(&rig, &run).await;
}

//! The twins and the fakes pass the conformance suites, as far as these apply.

mod faults;
mod launcher;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use pollster::block_on;
use webots_cloud_core::limits::Limits;
use webots_cloud_core::load::{Gpus, Load, LoadParts, LoadSample};
use webots_cloud_core::ports::{
    BoxFuture, CommandLine, Confinement, FetchedProject, NoSandbox, PortError, ProjectRequest,
    Sandbox, SilentNotifier, Source, Workspace, fetch_fn, notify_fn, probe_fn,
};
use webots_cloud_core::protocol::client::{ControllerFile, Init};
use webots_cloud_core::testing::conformance::project_fetcher::FetcherRig;
use webots_cloud_core::testing::conformance::{
    Files, Time, load_probe, notifier, project_fetcher, sandbox,
};
use webots_cloud_core::testing::fakes::{FakeLauncher, MemoryFiles, NoTime};

#[test]
fn a_probe_made_of_a_closure() {
    let plain = probe_fn(|| Ok(LoadSample::of(Load::FULL)));
    block_on(load_probe::conforms(plain.as_ref(), &NoTime));
    let parts = LoadParts {
        cpu: 12.5,
        swap: 99.0,
        ..LoadParts::default()
    };
    let with_parts = probe_fn(move || {
        Ok(LoadSample {
            load: parts.load(),
            slots: Some(3),
            parts: Some(parts),
            gpus: Gpus::Absent,
        })
    });
    block_on(load_probe::conforms(with_parts.as_ref(), &NoTime));
    let broken = probe_fn(|| Err(PortError::retry("connection refused")));
    block_on(load_probe::fails_well(broken.as_ref(), &NoTime));
}

#[test]
fn notifiers() {
    block_on(notifier::conforms(&SilentNotifier, &NoTime));
    let heard = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&heard);
    let counting = notify_fn(move |notice| {
        assert!(!notice.to_string().is_empty());
        counter.fetch_add(1, Ordering::Relaxed);
        Ok(())
    });
    block_on(notifier::conforms(counting.as_ref(), &NoTime));
    let each = notifier::every_notice().len() as u64;
    assert_eq!(heard.load(Ordering::Relaxed), 4 * each);
    let broken = notify_fn(|_| Err(PortError::retry("the mail server is away")));
    block_on(notifier::fails_well(broken.as_ref(), &NoTime));
}

fn confinement() -> Confinement {
    Confinement {
        instance: webots_cloud_core::id::InstanceId(1),
        command: CommandLine {
            program: "/usr/bin/webots".to_owned(),
            arguments: vec!["--batch".to_owned(), "worlds/a.wbt".to_owned()],
            environment: vec![("HOME".to_owned(), "/instances/1".to_owned())],
            directory: "/instances/1".to_owned(),
        },
        workspace: Workspace {
            path: PathBuf::from("/instances/1"),
        },
        port: 2001,
        limits: Limits::default(),
    }
}

#[test]
fn no_sandbox() {
    let host = [("SECRET".to_owned(), "hunter2".to_owned())];
    sandbox::conforms(&NoSandbox, &confinement(), &host);
}

/// One that joins everything for a shell, as the Python servers did.
#[derive(Debug)]
struct Shell;

impl Sandbox for Shell {
    fn name(&self) -> &str {
        "shell"
    }

    fn confine(
        &self,
        confinement: Confinement,
    ) -> Result<webots_cloud_core::ports::Confined, PortError> {
        let mut confined = NoSandbox.confine(confinement)?;
        let words = std::mem::take(&mut confined.command.arguments).join(" ");
        confined.command.arguments = vec!["-c".to_owned(), words];
        Ok(confined)
    }
}

#[test]
#[should_panic(expected = "ends with the program and its arguments as they were")]
fn a_sandbox_that_goes_through_a_shell_does_not_pass() {
    sandbox::conforms(&Shell, &confinement(), &[]);
}

/// Memory in which a fetcher and a launcher meet.
#[derive(Debug, Default)]
struct Rig {
    files: Arc<MemoryFiles>,
    launcher: Option<Arc<FakeLauncher>>,
    next: AtomicU64,
}

impl Time for Rig {
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        NoTime.sleep(duration)
    }
}

impl Files for Rig {
    fn below(&self, folder: &Path) -> Option<std::collections::BTreeSet<PathBuf>> {
        self.files.below(folder)
    }

    fn is_private(&self, folder: &Path) -> bool {
        self.files.is_private(folder)
    }

    fn read(&self, file: &Path) -> Option<Vec<u8>> {
        self.files.read(file)
    }

    fn write(&self, file: &Path, content: &[u8]) {
        self.files.write(file, content);
    }
}

fn project(name: &str) -> Source {
    Source::Website(Box::new(Init {
        host: "https://example.org".to_owned(),
        project: name.to_owned(),
        world: "simple.wbt".to_owned(),
        ..Init::default()
    }))
}

impl FetcherRig for Rig {
    fn workspace(&self) -> Workspace {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let path = PathBuf::from(format!("/workspaces/{number}"));
        self.files.make_folder(&path);
        Workspace { path }
    }

    fn known(&self) -> Source {
        project("simple")
    }

    fn refused(&self) -> Vec<Source> {
        ["missing", "../simple"].map(project).to_vec()
    }

    fn controller(&self) -> Option<ControllerFile> {
        None
    }

    fn slow(&self) -> Option<Source> {
        None
    }
}

fn fetch(
    files: &MemoryFiles,
    request: &ProjectRequest,
    folder: &Path,
) -> Result<FetchedProject, PortError> {
    if request.source != project("simple") {
        return Err(PortError::bad_request("there is no such project"));
    }
    files.write(&folder.join("worlds/simple.wbt"), b"#VRML");
    Ok(FetchedProject {
        folder: String::new(),
        world: "worlds/simple.wbt".to_owned(),
    })
}

#[test]
fn a_fetcher_made_of_a_closure() {
    let rig = Rig::default();
    let files = Arc::clone(&rig.files);
    let fetcher = fetch_fn(move |request, workspace| fetch(&files, &request, &workspace.path));
    block_on(project_fetcher::conforms(fetcher.as_ref(), &rig));
}

#[test]
#[should_panic(expected = "a fetch writes nothing outside its workspace")]
fn a_fetcher_that_writes_beside_its_workspace_does_not_pass() {
    let rig = Rig::default();
    let files = Arc::clone(&rig.files);
    let fetcher = fetch_fn(move |request, workspace| {
        files.write(&workspace.path.with_extension("tmp"), b"");
        fetch(&files, &request, &workspace.path)
    });
    block_on(project_fetcher::conforms(fetcher.as_ref(), &rig));
}

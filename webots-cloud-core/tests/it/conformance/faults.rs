//! Launchers that break one promise each: the suite says which.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use pollster::block_on;
use webots_cloud_core::id::InstanceId;
use webots_cloud_core::ports::{
    BoxFuture, EventSink, Exit, InstanceEvent, InstanceLauncher, Launch, Listening, PortError,
    Stop, Workspace,
};
use webots_cloud_core::testing::conformance::instance_launcher;
use webots_cloud_core::testing::fakes::{FakeLauncher, MemoryFiles};

use super::Rig;
use super::launcher::play;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    GoneTwice,
    NeverGone,
    LineAfterGone,
    EndedTwice,
    EndAfterGone,
    ExitCodeLost,
    OtherName,
    StopsTheGone,
    StopFails,
    KillsNobody,
    OneWorkspaceForAll,
    UsedWorkspace,
    KeepsWorkspace,
    EverybodyIsTheInstance,
    StrangersAreNobody,
    FailedLaunchStays,
    TellsPaths,
}

const ALL: [(Fault, &str); 17] = [
    (Fault::GoneTwice, "Gone is told exactly once"),
    (Fault::NeverGone, "gone within"),
    (Fault::LineAfterGone, "Gone is the last that is told"),
    (Fault::EndedTwice, "told at most once"),
    (Fault::EndAfterGone, "Gone is the last that is told"),
    (Fault::ExitCodeLost, "the exit code is told as it was"),
    (Fault::OtherName, "under the name of their instance"),
    (Fault::StopsTheGone, "not there to be stopped"),
    (Fault::StopFails, "not there to be stopped"),
    (Fault::KillsNobody, "gone within"),
    (Fault::OneWorkspaceForAll, "no workspace is given twice"),
    (Fault::UsedWorkspace, "a fresh workspace is an empty folder"),
    (Fault::KeepsWorkspace, "is not there any more"),
    (Fault::EverybodyIsTheInstance, "is the instance: on"),
    (Fault::StrangersAreNobody, "is the instance: on"),
    (Fault::FailedLaunchStays, "whose launch failed"),
    (Fault::TellsPaths, "must not tell"),
];

/// A fake launcher with a fault.
#[derive(Debug)]
struct Faulty {
    inner: Arc<FakeLauncher>,
    files: Arc<MemoryFiles>,
    fault: Fault,
}

#[derive(Debug)]
struct Sink(Arc<dyn EventSink>, Fault);

impl EventSink for Sink {
    fn event(&self, instance: InstanceId, event: InstanceEvent) {
        let line = InstanceEvent::Line("late".to_owned());
        let tell = |event| self.0.event(instance, event);
        match (self.1, &event) {
            (Fault::GoneTwice, InstanceEvent::Gone) => {
                tell(event.clone());
                tell(event);
            }
            (Fault::NeverGone, InstanceEvent::Gone)
            | (Fault::EndAfterGone, InstanceEvent::Ended(_)) => {}
            (Fault::EndAfterGone, InstanceEvent::Gone) => {
                tell(event);
                tell(InstanceEvent::Ended(Exit::Code(0)));
            }
            (Fault::LineAfterGone, InstanceEvent::Gone) => {
                tell(event);
                tell(line);
            }
            (Fault::EndedTwice, InstanceEvent::Ended(_)) => {
                tell(event.clone());
                tell(event);
            }
            (Fault::ExitCodeLost, InstanceEvent::Ended(_)) => {
                tell(InstanceEvent::Ended(Exit::Unknown));
            }
            (Fault::OtherName, _) => self.0.event(InstanceId(0), event),
            _ => tell(event),
        }
    }
}

impl InstanceLauncher for Faulty {
    fn prepare(&self, instance: InstanceId) -> BoxFuture<'_, Result<Workspace, PortError>> {
        Box::pin(async move {
            let mut made = self.inner.prepare(instance).await?;
            if self.fault == Fault::OneWorkspaceForAll {
                let _ = self.files.remove(&made.path);
                made.path = "/instances/one".into();
                let _ = self.files.remove(&made.path);
                self.files.make_folder(&made.path);
            }
            if self.fault == Fault::UsedWorkspace {
                self.files.make_folder(&made.path.join("old"));
            }
            Ok(made)
        })
    }

    fn launch(
        &self,
        launch: Launch,
        events: Arc<dyn EventSink>,
    ) -> BoxFuture<'_, Result<(), PortError>> {
        Box::pin(async move {
            let path = launch.workspace.path.clone();
            let sink = Arc::new(Sink(events, self.fault));
            let launched = self.inner.launch(launch, sink).await;
            launched.map_err(|error| {
                if self.fault == Fault::TellsPaths {
                    return PortError::permanent(format!("{}: {error}", path.display()));
                }
                error
            })
        })
    }

    fn listening(
        &self,
        instance: InstanceId,
        port: u16,
    ) -> BoxFuture<'_, Result<Listening, PortError>> {
        Box::pin(async move {
            let who = self.inner.listening(instance, port).await?;
            Ok(match (self.fault, who) {
                (Fault::EverybodyIsTheInstance, Listening::Stranger) => Listening::Instance,
                (Fault::StrangersAreNobody, Listening::Stranger) => Listening::Nobody,
                (_, who) => who,
            })
        })
    }

    fn stop(&self, instance: InstanceId, how: Stop) -> BoxFuture<'_, Result<bool, PortError>> {
        Box::pin(async move {
            if self.fault == Fault::KillsNobody {
                return Ok(self.inner.running().contains(&instance));
            }
            let was_there = self.inner.stop(instance, how).await?;
            let launched = self.inner.launches();
            let launched = launched.iter().any(|it| it.instance == instance);
            if self.fault == Fault::StopFails && !was_there {
                return Err(PortError::permanent("no such instance"));
            }
            let lies = [Fault::StopsTheGone, Fault::FailedLaunchStays].contains(&self.fault);
            Ok(was_there || (lies && launched))
        })
    }

    fn clear(
        &self,
        instance: InstanceId,
        workspace: Workspace,
    ) -> BoxFuture<'_, Result<(), PortError>> {
        Box::pin(async move {
            if self.fault == Fault::KeepsWorkspace {
                return Ok(());
            }
            if self.fault == Fault::OneWorkspaceForAll {
                let _ = self.files.remove(&workspace.path);
                return Ok(());
            }
            self.inner.clear(instance, workspace).await
        })
    }
}

fn broken_promise(fault: Fault) -> Option<String> {
    let files = Arc::<MemoryFiles>::default();
    let inner = Arc::new(FakeLauncher::new(Arc::clone(&files), play));
    let rig = Rig {
        files: Arc::clone(&files),
        launcher: Some(Arc::clone(&inner)),
        next: AtomicU64::new(0),
    };
    let faulty = Faulty {
        inner,
        files,
        fault,
    };
    let tried = catch_unwind(AssertUnwindSafe(|| {
        block_on(instance_launcher::conforms(&faulty, &rig));
    }));
    let panic = tried.err()?;
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|&text| text.to_owned()))
}

#[test]
fn every_fault_is_named() {
    assert_eq!(broken_promise(Fault::None), None);
    for (fault, promise) in ALL {
        let said = broken_promise(fault).unwrap_or_else(|| panic!("{fault:?} was not noticed"));
        assert!(said.contains(promise), "{fault:?}: {said}");
    }
}

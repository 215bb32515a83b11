//! A launcher of instances that do not exist.
#![expect(
    clippy::disallowed_types,
    reason = "machines are owned and need no lock; a port is shared, and here it has a state"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::MemoryFiles;
use crate::id::InstanceId;
use crate::ports::{
    BoxFuture, ErrorKind, EventSink, Exit, InstanceEvent, InstanceLauncher, Launch, Listening,
    PortError, Stop, Workspace,
};

/// What killed instances end by: SIGKILL.
const KILLED: Exit = Exit::Signal(9);

/// What a fake instance does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The lines that it prints at once.
    pub prints: Vec<String>,
    /// Whether it listens on its port.
    pub listens: bool,
    /// What it does then.
    pub then: Then,
}

/// What a fake instance does after it printed its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    /// It ends by itself.
    End(Exit),
    /// It runs until it is asked to end, and ends like this.
    EndWhenAsked(Exit),
    /// It runs until it is killed. The few seconds that [`Stop::Terminate`] gives it are over at
    /// once.
    Ignore,
}

impl Script {
    /// An instance that prints this line, listens, and runs until it is asked to end: a Webots that
    /// is ready, with `open` or `.` as its dialect wants it.
    pub fn ready(line: &str) -> Self {
        Self {
            prints: vec![line.to_owned()],
            listens: true,
            then: Then::EndWhenAsked(Exit::Code(0)),
        }
    }
}

type Play = dyn Fn(&Launch) -> Result<Script, PortError> + Send + Sync;

/// A launcher whose instances are scripts. Workspaces are folders in [`MemoryFiles`].
///
/// All that a script does happens before `launch` or `stop` answers, so no test has to wait;
/// [`print`](Self::print) and [`end`](Self::end) make an instance do more.
pub struct FakeLauncher {
    files: Arc<MemoryFiles>,
    play: Box<Play>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    made: u64,
    workspaces: BTreeSet<PathBuf>,
    running: BTreeMap<InstanceId, Instance>,
    strangers: BTreeSet<u16>,
    launches: Vec<Launch>,
}

#[derive(Debug)]
struct Instance {
    port: Option<u16>,
    asked: Option<Exit>,
    events: Arc<dyn EventSink>,
}

impl fmt::Debug for FakeLauncher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeLauncher")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl FakeLauncher {
    /// A launcher that asks `play` what each instance does. An error from it is a failed launch.
    pub fn new<F>(files: Arc<MemoryFiles>, play: F) -> Self
    where
        F: Fn(&Launch) -> Result<Script, PortError> + Send + Sync + 'static,
    {
        Self {
            files,
            play: Box::new(play),
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Changed in single steps only.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every launch that was asked for so far, also those that failed.
    pub fn launches(&self) -> Vec<Launch> {
        self.state().launches.clone()
    }

    /// The instances that run.
    pub fn running(&self) -> Vec<InstanceId> {
        self.state().running.keys().copied().collect()
    }

    /// The workspaces that are there.
    pub fn workspaces(&self) -> Vec<PathBuf> {
        self.state().workspaces.iter().cloned().collect()
    }

    /// From now on somebody else listens on this port.
    pub fn stranger_comes(&self, port: u16) {
        self.state().strangers.insert(port);
    }

    /// Nobody else listens on this port any more.
    pub fn stranger_leaves(&self, port: u16) {
        self.state().strangers.remove(&port);
    }

    /// An instance prints a line; `false` if it does not run.
    pub fn print(&self, instance: InstanceId, line: &str) -> bool {
        let running = self.state();
        let events = running.running.get(&instance);
        let events = events.map(|it| Arc::clone(&it.events));
        drop(running);
        let Some(events) = events else { return false };
        events.event(instance, InstanceEvent::Line(line.to_owned()));
        true
    }

    /// An instance ends by itself, with all its processes; `false` if it does not run.
    pub fn end(&self, instance: InstanceId, exit: Exit) -> bool {
        // The lock is not held while events are told: whoever hears them may ask something.
        let Some(ended) = self.state().running.remove(&instance) else {
            return false;
        };
        ended.events.event(instance, InstanceEvent::Ended(exit));
        ended.events.event(instance, InstanceEvent::Gone);
        true
    }

    fn start(&self, launch: Launch, events: Arc<dyn EventSink>) -> Result<(), PortError> {
        let (instance, port) = (launch.instance, launch.port);
        let script = (self.play)(&launch);
        let mut state = self.state();
        state.launches.push(launch);
        let script = script?;
        let is_taken = state.strangers.contains(&port)
            || state.running.values().any(|it| it.port == Some(port));
        if is_taken {
            let message = format!("port {port} is in use");
            return Err(PortError::new(ErrorKind::PortTaken, message));
        }
        let (asked, ends) = match script.then {
            Then::End(exit) => (None, Some(exit)),
            Then::EndWhenAsked(exit) => (Some(exit), None),
            Then::Ignore => (None, None),
        };
        let started = Instance {
            port: script.listens.then_some(port),
            asked,
            events,
        };
        state.running.insert(instance, started);
        drop(state);
        for line in script.prints {
            self.print(instance, &line);
        }
        if let Some(exit) = ends {
            self.end(instance, exit);
        }
        Ok(())
    }

    fn listener(&self, instance: InstanceId, port: u16) -> Listening {
        let state = self.state();
        let own = state.running.get(&instance).and_then(|it| it.port);
        let of_another =
            |(id, it): (&InstanceId, &Instance)| *id != instance && it.port == Some(port);
        if own == Some(port) {
            Listening::Instance
        } else if state.strangers.contains(&port) || state.running.iter().any(of_another) {
            Listening::Stranger
        } else {
            Listening::Nobody
        }
    }
}

impl InstanceLauncher for FakeLauncher {
    fn prepare(&self, _instance: InstanceId) -> BoxFuture<'_, Result<Workspace, PortError>> {
        Box::pin(async move {
            let mut state = self.state();
            state.made += 1;
            let path = PathBuf::from(format!("/instances/{}", state.made));
            state.workspaces.insert(path.clone());
            self.files.make_folder(&path);
            Ok(Workspace { path })
        })
    }

    fn launch(
        &self,
        launch: Launch,
        events: Arc<dyn EventSink>,
    ) -> BoxFuture<'_, Result<(), PortError>> {
        Box::pin(async move { self.start(launch, events) })
    }

    fn listening(
        &self,
        instance: InstanceId,
        port: u16,
    ) -> BoxFuture<'_, Result<Listening, PortError>> {
        Box::pin(async move { Ok(self.listener(instance, port)) })
    }

    fn stop(&self, instance: InstanceId, how: Stop) -> BoxFuture<'_, Result<bool, PortError>> {
        let asked = self
            .state()
            .running
            .get(&instance)
            .map(|it| it.asked.clone());
        let exit = match how {
            Stop::Terminate => asked.flatten().unwrap_or(KILLED),
            Stop::Kill => KILLED,
        };
        let was_there = self.end(instance, exit);
        Box::pin(async move { Ok(was_there) })
    }

    fn clear(
        &self,
        instance: InstanceId,
        workspace: Workspace,
    ) -> BoxFuture<'_, Result<(), PortError>> {
        Box::pin(async move {
            let mut state = self.state();
            if state.running.contains_key(&instance) {
                return Err(PortError::permanent("the instance still runs"));
            }
            if !state.workspaces.remove(&workspace.path) {
                return Err(PortError::permanent("not a workspace of this server"));
            }
            self.files.remove(&workspace.path);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::conformance::Files as _;

    #[test]
    fn what_runs_keeps_its_workspace_and_strangers_have_none() {
        let files = Arc::new(MemoryFiles::default());
        let launcher = FakeLauncher::new(Arc::clone(&files), |_| Ok(Script::ready("open")));
        let workspace = Workspace {
            path: PathBuf::from("/somewhere"),
        };
        files.make_folder(&workspace.path);
        let cleared = pollster::block_on(launcher.clear(InstanceId(1), workspace.clone()));
        assert!(cleared.is_err());
        assert!(files.below(&workspace.path).is_some());
    }
}

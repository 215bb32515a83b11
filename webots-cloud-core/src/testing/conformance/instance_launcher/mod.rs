//! What an [`InstanceLauncher`] promises.

mod ends;
mod places;
mod runs;

use std::sync::Arc;
use std::time::Duration;

use super::{EventLog, Files, Time, check_error, within};
use crate::id::InstanceId;
use crate::limits::Limits;
use crate::ports::{
    Confined, EventSink, InstanceEvent, InstanceLauncher, Launch, PortError, Stop, Workspace,
};

/// For whatever a launcher should do at once.
pub const PROMPT: Duration = Duration::from_secs(10);

/// From [`Stop::Terminate`] to [`InstanceEvent::Gone`], however stubborn the instance is.
pub const TERMINATED_WITHIN: Duration = Duration::from_secs(6);

/// From [`Stop::Kill`] to [`InstanceEvent::Gone`]. Shorter than any grace, so that a `Kill` that
/// only waits for the end of an earlier `Terminate` is seen.
pub const KILLED_WITHIN: Duration = Duration::from_secs(2);

/// The line by which a [`Program`] says that it has done what it is for.
pub const UP: &str = "up";

/// What an instance of the suite does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Program {
    /// Prints each of these texts, given to it as arguments, as a line, and ends with this code.
    Print {
        /// The lines.
        lines: Vec<String>,
        /// The exit code.
        code: i32,
    },
    /// Prints a mebibyte of `x` without an end of line, then an end of line, then the line `after`,
    /// and ends with 0.
    Flood,
    /// Prints its whole environment, one `NAME=VALUE` a line, and ends with 0.
    PrintEnvironment,
    /// Prints its working directory, and ends with 0.
    PrintDirectory,
    /// Prints [`UP`] and runs until it is asked to end (SIGTERM); then ends with this code.
    EndWhenAsked(i32),
    /// Prints [`UP`] and runs; ignores everything that can be ignored.
    IgnoreRequests,
    /// Starts a process in a session of its own that ignores everything that can be ignored, prints
    /// [`UP`] and runs until it is asked to end.
    Daemon,
    /// The same, but ends by itself at once, with code 0, and leaves the daemon behind.
    LeaveDaemon,
    /// Listens on this TCP port of all addresses, accepts connections, prints [`UP`] and runs.
    Listen(u16),
    /// Fills its working directory with files and folders, also such as may not be written to or
    /// entered, and ends with 0.
    MakeMess,
    /// There is no such program.
    Missing,
}

/// What the suite of launchers cannot know.
pub trait LauncherRig: Time + Files {
    /// The command line of such a program, in this workspace, confined as it is to be tried: plainly,
    /// behind the launcher's guard, in a sandbox. `None` if there is none like it; what depends on it
    /// is then not tried.
    fn command(&self, program: &Program, workspace: &Workspace) -> Option<Confined>;

    /// How many processes that were started for this workspace are still there; zombies that nobody
    /// has reaped count.
    fn processes(&self, workspace: &Workspace) -> usize;

    /// A TCP port that nobody listens on.
    fn free_port(&self) -> u16;

    /// Opens this TCP port by somebody who is no instance, until the value is dropped; `None` if
    /// nobody can.
    fn stranger_on(&self, port: u16) -> Option<Box<dyn Send + Sync>>;

    /// The name of a variable in the environment of this very process, of which instances must not
    /// know; `None` if there is none.
    fn host_variable(&self) -> Option<String>;
}

/// Tries a launcher, under the names of instances from 2³² up. Takes some ten seconds where time
/// passes, for those that ignore requests have to be waited for.
///
/// # Panics
/// With the promise that is broken.
pub async fn conforms(launcher: &dyn InstanceLauncher, rig: &dyn LauncherRig) {
    let mut suite = Suite {
        launcher,
        rig,
        last: 1 << 32,
    };
    places::try_all(&mut suite).await;
    runs::try_all(&mut suite).await;
    ends::try_all(&mut suite).await;
}

struct Suite<'a> {
    launcher: &'a dyn InstanceLauncher,
    rig: &'a dyn LauncherRig,
    last: u64,
}

/// One instance of the suite.
struct Run {
    instance: InstanceId,
    workspace: Workspace,
    log: Arc<EventLog>,
}

impl Suite<'_> {
    fn next_instance(&mut self) -> InstanceId {
        self.last += 1;
        InstanceId(self.last)
    }

    async fn prepare(&mut self) -> (InstanceId, Workspace) {
        let instance = self.next_instance();
        let workspace = within(self.rig, PROMPT, self.launcher.prepare(instance)).await;
        let workspace = workspace.expect("a workspace is made promptly");
        let workspace =
            workspace.unwrap_or_else(|error| panic!("a workspace can be made, but: {error}"));
        (instance, workspace)
    }

    async fn try_launch(
        &self,
        instance: InstanceId,
        workspace: &Workspace,
        command: Confined,
        port: u16,
    ) -> Result<Run, PortError> {
        let launch = Launch {
            instance,
            workspace: workspace.clone(),
            command,
            port,
            limits: Limits::default(),
        };
        let log = Arc::new(EventLog::new(instance));
        let sink = Arc::clone(&log) as Arc<dyn EventSink>;
        let launched = self.launcher.launch(launch, sink);
        within(self.rig, PROMPT, launched)
            .await
            .unwrap_or_else(|| {
                panic!("a launch ends by itself, but after {PROMPT:?} it had not")
            })?;
        Ok(Run {
            instance,
            workspace: workspace.clone(),
            log,
        })
    }

    /// Starts one of these, if the rig has it.
    async fn run(&mut self, program: Program) -> Option<Run> {
        let port = match program {
            Program::Listen(port) => port,
            Program::Print { .. }
            | Program::Flood
            | Program::PrintEnvironment
            | Program::PrintDirectory
            | Program::EndWhenAsked(_)
            | Program::IgnoreRequests
            | Program::Daemon
            | Program::LeaveDaemon
            | Program::MakeMess
            | Program::Missing => self.rig.free_port(),
        };
        let (instance, workspace) = self.prepare().await;
        let Some(command) = self.rig.command(&program, &workspace) else {
            self.clear(instance, workspace).await;
            return None;
        };
        let run = self.try_launch(instance, &workspace, command, port).await;
        Some(run.unwrap_or_else(|error| panic!("{program:?} is started, but: {error}")))
    }

    async fn up(&self, run: &Run) {
        let is_up = |log: &EventLog| log.lines().iter().any(|line| line == UP);
        let up = within(self.rig, PROMPT, run.log.until(is_up)).await;
        assert!(
            up.is_some(),
            "a line is told when it is printed, and not when the instance ends; so far: {:?}",
            run.log.events()
        );
    }

    async fn stop(&self, run: &Run, how: Stop) -> bool {
        let stopped = within(self.rig, PROMPT, self.launcher.stop(run.instance, how)).await;
        let stopped = stopped.expect("an order to stop is taken promptly");
        stopped.unwrap_or_else(|error| panic!("an order to stop can be given, but: {error}"))
    }

    /// Waits for the end, checks that it is told as promised, and that nothing is left.
    async fn gone(&self, run: Run, limit: Duration) -> Run {
        let gone = within(self.rig, limit, run.log.until(EventLog::is_gone)).await;
        let events = run.log.events();
        assert!(
            gone.is_some(),
            "an instance is gone within {limit:?} after it was to end, but only this was told: \
             {events:?}"
        );
        assert_eq!(
            self.rig.processes(&run.workspace),
            0,
            "when an instance is gone, no process of it is left"
        );
        for how in [Stop::Terminate, Stop::Kill] {
            assert!(
                !self.stop(&run, how).await,
                "an instance that is gone is not there to be stopped, and that is Ok(false)"
            );
        }
        // What comes late would come now.
        self.rig.sleep(Duration::from_millis(100)).await;
        let events = run.log.events();
        let is_end = |event: &&InstanceEvent| matches!(event, InstanceEvent::Ended(_));
        let is_gone = |event: &&InstanceEvent| **event == InstanceEvent::Gone;
        assert_eq!(
            events.iter().filter(is_gone).count(),
            1,
            "Gone is told exactly once: {events:?}"
        );
        assert_eq!(
            events.last(),
            Some(&InstanceEvent::Gone),
            "Gone is the last that is told: {events:?}"
        );
        assert!(
            events.iter().filter(is_end).count() <= 1,
            "the end of the first process is told at most once: {events:?}"
        );
        run
    }

    async fn clear(&self, instance: InstanceId, workspace: Workspace) {
        let path = workspace.path.clone();
        let cleared = self.launcher.clear(instance, workspace);
        let cleared = within(self.rig, PROMPT, cleared).await;
        if let Err(error) = cleared.expect("a workspace is removed promptly") {
            panic!("a workspace can be removed, whatever is in it, but: {error}");
        }
        assert_eq!(
            self.rig.below(&path),
            None,
            "a workspace that was removed is not there any more"
        );
    }

    async fn gone_and_cleared(&self, run: Run, limit: Duration) {
        let run = self.gone(run, limit).await;
        self.clear(run.instance, run.workspace).await;
    }
}

//! The port: instances by their id.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::process::Command;
use tokio_util::task::TaskTracker;
use tracing::Instrument;
use webots_cloud_core::id::InstanceId;
use webots_cloud_core::ports::{
    BoxFuture, CommandLine, ErrorKind, EventSink, InstanceEvent, InstanceLauncher, InstanceUsage,
    Launch, Listening, PortError, Stop, Workspace,
};

use super::super::blocking::Blocking;
use super::cgroup::Cgroup;
use super::cgroup_base::CgroupBase;
use super::config::{ProcessLauncherConfig, SetupError};
use super::help::{blocking, cannot_start, is_guarded, no_utf8, workspace_name};
use super::instance::Instance;
use super::lifeline::connect;
use super::limit::Bounds;
use super::output::OutputLimits;
use super::owner::{Owner, mark_path};
use super::plan::{Plan, carried};
use super::running::{Running, Shared, lock};
use super::sweep::{SweepReport, sweep};
use super::usages::{Tree, Usages};
use super::warden::{INSIDE, OUTSIDE};
use super::{MARK, listening, remove, survivors, workspace};
use crate::platform::linux::procfs;

/// Time for what is left of an instance that was not started.
const END: Duration = Duration::from_secs(10);
/// Time for a look at what all instances use.
const USAGE: Duration = Duration::from_secs(5);

/// Instances as processes of this machine, each under a warden.
///
/// Dropping it, or the runtime that it works on, closes all lifelines: the wardens then end their
/// instances, but nobody waits for that, and workspaces stay until the next [`sweep`](Self::sweep).
/// [`shutdown`](Self::shutdown) waits.
#[derive(Debug)]
pub struct ProcessLauncher {
    warden: String,
    instances: PathBuf,
    output: OutputLimits,
    owner: Owner,
    cgroups: Option<CgroupBase>,
    shared: Arc<Shared>,
    usages: Blocking<Usages>,
    tasks: TaskTracker,
}

impl ProcessLauncher {
    /// Checks the paths, makes the folder of instances and looks for cgroups. Does not
    /// [`sweep`](Self::sweep). Blocks for some milliseconds.
    ///
    /// # Errors
    /// [`SetupError`], for the operator's eyes.
    pub fn new(config: ProcessLauncherConfig) -> Result<Self, SetupError> {
        let path = config.warden;
        let warden = std::fs::canonicalize(&path)
            .and_then(|path| path.into_os_string().into_string().map_err(|_| no_utf8()))
            .map_err(|source| SetupError::Warden { path, source })?;
        let path = config.instances_dir;
        let instances = std::fs::create_dir_all(&path)
            .and_then(|()| std::fs::canonicalize(&path))
            .map_err(|source| SetupError::InstancesDir { path, source })?;
        let owner = Owner::this_process().map_err(SetupError::Proc)?;
        let probe = workspace::fresh_name(&owner);
        let cgroups = CgroupBase::find(&config.cgroup, &probe).map_err(SetupError::Cgroup)?;
        Ok(Self {
            warden,
            instances,
            output: config.output,
            owner,
            cgroups,
            shared: Arc::default(),
            usages: Blocking::new(Usages::default()),
            tasks: TaskTracker::new(),
        })
    }

    /// How the limits of instances are enforced, in a few words for operators.
    pub fn limits_form(&self) -> String {
        match &self.cgroups {
            Some(base) => format!("{}, the rest watched by the warden", base.form()),
            None => "watched by the warden".to_owned(),
        }
    }

    /// Removes what dead servers left in the folder of instances: their processes first, then their
    /// workspaces. Workspaces of living servers and folders without our mark are not touched. Call
    /// it before the first launch; takes a few seconds if there is much to end.
    ///
    /// # Errors
    /// When the folder cannot be read. What could not be removed is in the report.
    ///
    /// # Cancel safety
    /// If dropped, the work goes on in the background.
    pub async fn sweep(&self) -> Result<SweepReport, PortError> {
        let instances = self.instances.clone();
        blocking(move || sweep(&instances))
            .await?
            .map_err(|error| PortError::permanent("instances folder not readable").because(error))
    }

    /// Asks all instances to end and waits until every one is gone and its `Gone` is told.
    ///
    /// # Cancel safety
    /// May be dropped and called again.
    pub async fn shutdown(&self) {
        for running in lock(&self.shared.running).values() {
            running.orders.terminate();
        }
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Starts the warden, and waits until the command runs.
    async fn start(&self, launch: Launch, events: Arc<dyn EventSink>) -> Result<(), PortError> {
        let id = launch.instance;
        let port = launch.port;
        if blocking(move || listening::is_taken(port)).await? {
            return Err(PortError::new(
                ErrorKind::PortTaken,
                format!("port {port} is in use"),
            ));
        }
        let name = workspace_name(&launch.workspace.path)?;
        let command = launch.command.command;
        let (stop, network) = (launch.command.stop, launch.command.network);
        let (ask, carried) = carried(stop, network, is_guarded(&command, &self.warden), port)?;
        let limits = Bounds::from(&launch.limits);
        let cgroup = match self.cgroups.clone() {
            Some(base) => {
                let name = name.clone();
                blocking(move || base.make(&name, &limits)).await?
            }
            None => None,
        };
        let plan = Plan {
            ask,
            port: carried,
            limits,
            workspace: launch.workspace.path,
            cgroup: cgroup.as_deref().map(|kept| Cgroup::clone(kept)),
        };
        let plan = plan.argument().map_err(cannot_start)?;
        let (orders, reports, ends) = connect().map_err(cannot_start)?;
        let (mut control, output) = Instance::ends(reports).map_err(cannot_start)?;
        // No kill_on_drop: that would kill the one process that cleans up.
        let mut starter = Command::new(&self.warden);
        starter
            .args([OUTSIDE, &name, &plan])
            .arg(&command.program)
            .args(&command.arguments)
            .env_clear()
            .envs(command.environment.iter().map(|(key, value)| (key, value)))
            .env(MARK, &name)
            .current_dir(&command.directory)
            .stdin(ends.lifeline)
            .stdout(ends.control)
            .stderr(ends.output);
        let mut warden = starter.spawn().map_err(cannot_start)?;
        // The command holds the warden's ends, whose end is what we wait for.
        drop(starter);
        let pid = warden
            .id()
            .and_then(|pid| i32::try_from(pid).ok())
            .unwrap_or(0);
        let orders = Arc::new(orders.to(pid));
        let running = Running {
            warden: pid,
            since: Instant::now(),
            network,
            orders: Arc::clone(&orders),
        };
        lock(&self.shared.running).insert(id, running);
        let started = control.started().await;
        let session = match started {
            Ok(session) => session,
            Err(why) => {
                let _ = warden.start_kill();
                let _ = warden.wait().await;
                orders.terminate();
                let left =
                    move || survivors::end(&name, None, cgroup.as_deref().map(Deref::deref), END);
                let left = blocking(left).await?;
                lock(&self.shared.running).remove(&id);
                tracing::error!(instance = %id, program = command.program, %why, ?left, "not started");
                return Err(cannot_start(why));
            }
        };
        let instance = Instance {
            id,
            name,
            session,
            warden,
            control,
            output: Some(output),
            orders,
            output_limits: self.output,
            limits: launch.limits,
            reached: None,
            cgroup: cgroup.clone(),
            events: Arc::clone(&events),
        };
        let shared = Arc::clone(&self.shared);
        let follow = async move {
            instance.follow().await;
            let _ = blocking(move || drop(cgroup)).await;
            lock(&shared.running).remove(&id);
            events.event(id, InstanceEvent::Gone);
        };
        self.tasks.spawn(follow.in_current_span());
        Ok(())
    }

    fn running(&self, instance: InstanceId) -> Option<Running> {
        lock(&self.shared.running).get(&instance).cloned()
    }
}

impl InstanceLauncher for ProcessLauncher {
    fn prepare(&self, _instance: InstanceId) -> BoxFuture<'_, Result<Workspace, PortError>> {
        Box::pin(async move {
            let (instances, owner) = (self.instances.clone(), self.owner.clone());
            let cgroups = self.cgroups.clone();
            let make = move || workspace::make(&instances, &owner, cgroups.as_ref());
            let made = blocking(make).await?;
            let made = made.map_err(|error| {
                PortError::retry("no folder could be made for the simulation").because(error)
            })?;
            lock(&self.shared.marks).insert(made.name, made.mark);
            Ok(Workspace { path: made.path })
        })
    }

    fn guard(&self, command: CommandLine) -> CommandLine {
        let folder = command.directory.clone();
        let outer = procfs::pid_namespace().unwrap_or_default().to_string();
        command.wrapped_in(self.warden.clone(), [INSIDE.to_owned(), folder, outer])
    }

    fn launch(
        &self,
        launch: Launch,
        events: Arc<dyn EventSink>,
    ) -> BoxFuture<'_, Result<(), PortError>> {
        Box::pin(self.start(launch, events))
    }

    fn listening(
        &self,
        instance: InstanceId,
        port: u16,
    ) -> BoxFuture<'_, Result<Listening, PortError>> {
        Box::pin(async move {
            let Some(running) = self.running(instance) else {
                return Ok(Listening::Nobody);
            };
            let who = move || listening::who(running.warden, port, running.network);
            let who = blocking(who).await?;
            if who != Listening::Instance {
                return Ok(who);
            }
            let accepts = listening::accepts(port).await;
            Ok(if accepts { who } else { Listening::Nobody })
        })
    }

    fn usage(
        &self,
        instances: Vec<InstanceId>,
    ) -> BoxFuture<'_, BTreeMap<InstanceId, InstanceUsage>> {
        Box::pin(async move {
            let tree = |id: InstanceId| {
                let running = self.running(id)?;
                let (warden, since) = (running.warden, running.since);
                Some((id, Tree { warden, since }))
            };
            let trees: BTreeMap<_, _> = instances.into_iter().filter_map(tree).collect();
            let measure = move |usages: &mut Usages| usages.measure(&trees);
            self.usages.ask(USAGE, measure).await.unwrap_or_default()
        })
    }

    fn stop(&self, instance: InstanceId, how: Stop) -> BoxFuture<'_, Result<bool, PortError>> {
        let there = self.running(instance);
        if let Some(running) = &there {
            match how {
                Stop::Terminate => running.orders.terminate(),
                Stop::Kill => running.orders.kill(),
            }
        }
        Box::pin(async move { Ok(there.is_some()) })
    }

    fn clear(
        &self,
        _instance: InstanceId,
        workspace: Workspace,
    ) -> BoxFuture<'_, Result<(), PortError>> {
        Box::pin(async move {
            let name = workspace_name(&workspace.path)?;
            let path = self.instances.join(&name);
            if path != workspace.path || !lock(&self.shared.marks).contains_key(&name) {
                return Err(PortError::permanent("not a workspace of this server"));
            }
            let mark = mark_path(&self.instances, &name);
            let removed = move || {
                remove::remove_tree(&path)?;
                std::fs::remove_file(mark)
            };
            blocking(removed).await?.map_err(|error| {
                PortError::permanent("the simulation's folder could not be removed").because(error)
            })?;
            lock(&self.shared.marks).remove(&name);
            Ok(())
        })
    }
}

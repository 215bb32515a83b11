//! From an order to a port, without a runtime.

use std::fmt;
use std::sync::Arc;

use super::event::{Input, Work};
use crate::id::InstanceId;
use crate::limits::Limits;
use crate::ports::{
    BoxFuture, CommandLine, Confinement, EventSink, FetchedProject, InstanceEvent,
    InstanceLauncher, Launch, LoadProbe, Notifier, Performed, PortError, ProgressSink,
    ProjectFetcher, ProjectRequest, Sandbox, Workspace,
};

/// What the simulation server needs of the world.
#[derive(Clone, Debug)]
pub struct SimulationPorts {
    /// Measures this machine.
    pub probe: Arc<dyn LoadProbe>,
    /// Brings projects.
    pub fetcher: Arc<dyn ProjectFetcher>,
    /// Confines instances.
    pub sandbox: Arc<dyn Sandbox>,
    /// Starts and ends instances.
    pub launcher: Arc<dyn InstanceLauncher>,
    /// Tells the administrator.
    pub notifier: Arc<dyn Notifier>,
}

/// Where inputs that come by themselves go: progress and what instances do.
pub trait InputSink: fmt::Debug + Send + Sync {
    /// Hands the input to the machine. Returns at once.
    fn input(&self, input: Input);
}

/// Hands events on as inputs.
#[derive(Debug)]
struct Relay(Arc<dyn InputSink>);

impl EventSink for Relay {
    fn event(&self, instance: InstanceId, event: InstanceEvent) {
        self.0.input(Input::Instance { instance, event });
    }
}

impl ProgressSink for Relay {
    fn fetched(&self, instance: InstanceId, bytes: u64, of: Option<u64>) {
        self.0.input(Input::FetchProgressed {
            instance,
            bytes,
            of,
        });
    }
}

impl SimulationPorts {
    /// Does the work; the value of the future is what came of it, and what instances do meanwhile
    /// goes to `inputs`.
    ///
    /// Needs no runtime of its own. Different orders may be performed at the same time, but those
    /// that are not answered should be begun in the order given.
    pub fn perform(
        &self,
        work: Work,
        inputs: Arc<dyn InputSink>,
    ) -> BoxFuture<'static, Performed<Input>> {
        let ports = self.clone();
        match work {
            Work::FetchProject(request) => Box::pin(async move {
                let instance = request.instance;
                let (workspace, result) = ports.fetch(request, inputs).await;
                Performed::Answer(Input::ProjectFetched {
                    instance,
                    workspace,
                    result,
                })
            }),
            Work::AbandonFetch { instance } => Box::pin(async move {
                ports.fetcher.abandon(instance);
                Performed::Done
            }),
            Work::Launch {
                instance,
                workspace,
                command,
                port,
                limits,
            } => Box::pin(async move {
                let place = Place {
                    instance,
                    workspace,
                    port,
                    limits,
                };
                let result = ports.launch(place, command, inputs).await;
                Performed::Answer(Input::Launched { instance, result })
            }),
            Work::CheckPort { instance, port } => Box::pin(async move {
                let result = ports.launcher.listening(instance, port).await;
                Performed::Answer(Input::PortChecked { instance, result })
            }),
            Work::Stop { instance, how } => Box::pin(async move {
                ports
                    .launcher
                    .stop(instance, how)
                    .await
                    .map(|_there| ())
                    .into()
            }),
            Work::RestoreController {
                request,
                workspace,
                file,
            } => Box::pin(async move {
                let instance = request.instance;
                let result = ports
                    .fetcher
                    .restore(request, workspace, file.clone())
                    .await;
                Performed::Answer(Input::ControllerRestored {
                    instance,
                    file,
                    result,
                })
            }),
            Work::ClearWorkspace {
                instance,
                workspace,
            } => Box::pin(async move {
                let result = ports.launcher.clear(instance, workspace).await;
                Performed::Answer(Input::WorkspaceCleared { instance, result })
            }),
            Work::SampleLoad { probe } => Box::pin(async move {
                let result = ports.probe.sample().await;
                Performed::Answer(Input::LoadSampled { probe, result })
            }),
            Work::MeasureUsage { instances } => Box::pin(async move {
                let usage = ports.launcher.usage(instances).await;
                Performed::Answer(Input::UsageMeasured { usage })
            }),
            Work::Notify(notice) => {
                Box::pin(async move { ports.notifier.notify(notice).await.into() })
            }
        }
    }

    async fn fetch(
        &self,
        request: ProjectRequest,
        inputs: Arc<dyn InputSink>,
    ) -> (Option<Workspace>, Result<FetchedProject, PortError>) {
        let workspace = match self.launcher.prepare(request.instance).await {
            Ok(workspace) => workspace,
            Err(error) => return (None, Err(error)),
        };
        let progress = Arc::new(Relay(inputs));
        let result = self
            .fetcher
            .fetch(request, workspace.clone(), progress)
            .await;
        (Some(workspace), result)
    }

    /// Guard inside, sandbox around it: the guard watches from within.
    async fn launch(
        &self,
        place: Place,
        command: CommandLine,
        inputs: Arc<dyn InputSink>,
    ) -> Result<(), PortError> {
        let Place {
            instance,
            workspace,
            port,
            limits,
        } = place;
        let confinement = Confinement {
            instance,
            command: self.launcher.guard(command),
            workspace: workspace.clone(),
            port,
            limits,
        };
        let command = self.sandbox.confine(confinement)?;
        let launch = Launch {
            instance,
            workspace,
            command,
            port,
            limits,
        };
        self.launcher.launch(launch, Arc::new(Relay(inputs))).await
    }
}

/// Where an instance is to run.
struct Place {
    instance: InstanceId,
    workspace: Workspace,
    port: u16,
    limits: Limits,
}

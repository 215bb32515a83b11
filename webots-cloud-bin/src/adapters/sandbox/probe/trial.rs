//! One run of the probe, as an instance.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use webots_cloud_core::id::InstanceId;
use webots_cloud_core::limits::Limits;
use webots_cloud_core::ports::{
    CommandLine, Confinement, EventSink, Exit, InstanceEvent, InstanceLauncher, Launch, Network,
    PortError, Sandbox, Stop, Workspace,
};

use super::answer::Line;
use super::attempts::Attempt;
use super::roles::{PROBE, TRY};
use super::target::Target;

/// How long the quick attempts may take together; they take a few tenths of a second.
pub(super) const QUICK: Duration = Duration::from_secs(20);
/// How long one of the others may take.
pub(super) const SLOW: Duration = Duration::from_secs(60);
/// How long the end of an instance may take.
const END: Duration = Duration::from_secs(10);
/// Instances may print a lot.
const LINES: usize = 1000;

/// How a run came out.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) network: Network,
    pub(super) answers: Vec<Line>,
    pub(super) exit: Exit,
    /// What else was printed, the last of it.
    pub(super) said: Vec<String>,
}

/// How the probe is run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trial<'a> {
    pub(super) sandbox: &'a dyn Sandbox,
    pub(super) launcher: &'a dyn InstanceLauncher,
    pub(super) instance: InstanceId,
    pub(super) limits: &'a Limits,
    pub(super) time: Duration,
}

#[derive(Debug)]
struct Heard(mpsc::UnboundedSender<InstanceEvent>);

impl EventSink for Heard {
    fn event(&self, _instance: InstanceId, event: InstanceEvent) {
        // Nobody listens any more once the trial is over.
        let _ = self.0.send(event);
    }
}

impl Trial<'_> {
    /// Makes these attempts in this workspace, and waits until nothing of the probe is left.
    ///
    /// # Errors
    /// It cannot be started, or not be ended; or it hangs.
    pub(super) async fn run(
        self,
        workspace: &Workspace,
        target: &Target,
        attempts: &[&Attempt],
    ) -> Result<Outcome, String> {
        let directory = workspace.path.to_string_lossy().into_owned();
        let target_text = serde_json::to_string(target);
        let target_text = target_text.map_err(|_| "a path that is not UTF-8".to_owned())?;
        let mut arguments = [PROBE, TRY].map(str::to_owned).to_vec();
        arguments.push(target_text);
        arguments.extend(attempts.iter().map(|attempt| attempt.name.to_owned()));
        let command = self.launcher.guard(CommandLine {
            program: target.program.to_string_lossy().into_owned(),
            arguments,
            environment: [("PATH", "/usr/bin:/bin"), ("HOME", &directory)]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .to_vec(),
            directory,
        });
        let confined = self.sandbox.confine(Confinement {
            instance: self.instance,
            command,
            workspace: workspace.clone(),
            // Nobody listens: no port is asked for.
            port: 0,
            limits: *self.limits,
        });
        let command = confined.map_err(|error| said(&error))?;
        let network = command.network;
        let launch = Launch {
            instance: self.instance,
            workspace: workspace.clone(),
            command,
            port: 0,
            limits: *self.limits,
        };
        let (sender, events) = mpsc::unbounded_channel();
        let launched = self.launcher.launch(launch, Arc::new(Heard(sender))).await;
        launched.map_err(|error| said(&error))?;
        self.listen(network, events).await
    }

    async fn listen(
        self,
        network: Network,
        mut events: mpsc::UnboundedReceiver<InstanceEvent>,
    ) -> Result<Outcome, String> {
        let mut outcome = Outcome {
            network,
            answers: Vec::new(),
            exit: Exit::Unknown,
            said: Vec::new(),
        };
        let mut until = Instant::now() + self.time;
        let mut in_time = true;
        loop {
            match timeout_at(until, events.recv()).await {
                Ok(Some(InstanceEvent::Line(line))) => match Line::read(&line) {
                    Some(answer) if outcome.answers.len() < LINES => outcome.answers.push(answer),
                    Some(_) => {}
                    None => {
                        outcome.said.push(line);
                        if outcome.said.len() > 3 {
                            outcome.said.remove(0);
                        }
                    }
                },
                Ok(Some(InstanceEvent::Ended(how))) => outcome.exit = how,
                Ok(Some(InstanceEvent::Gone) | None) if in_time => return Ok(outcome),
                Ok(Some(InstanceEvent::Gone) | None) => {
                    let seconds = self.time.as_secs();
                    return Err(format!("it does not end within {seconds} s"));
                }
                Err(_) if in_time => {
                    in_time = false;
                    until = Instant::now() + END;
                    let _ = self.launcher.stop(self.instance, Stop::Kill).await;
                }
                Err(_) => return Err("it cannot be ended".to_owned()),
            }
        }
    }
}

/// With what only operators may see.
pub(super) fn said(error: &PortError) -> String {
    let source = std::error::Error::source(error);
    source.map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}

//! From the order to fetch to the address that is handed out. How it ends is in
//! [`ending`](super::ending), the chart in [`instance`](super::instance).

use std::time::Duration;

use super::clients::close_code;
use super::event::Work;
use super::figures::Reason;
use super::instance::{InFlight, Instance, Stage};
use super::rules::{TAKEN_PORT_PAUSE, port_check_pause};
use super::{SimulationMachine, Wait, close};
use crate::id::InstanceId;
use crate::ports::{
    CommandLine, ErrorKind, FetchedProject, InstanceEvent, Listening, PortError, Source, Stop,
    Workspace,
};
use crate::protocol::client::ViewMode;
use crate::protocol::command_line::{InstanceCommand, webots_arguments};
use crate::protocol::instance::{self, InstanceLine};
use crate::protocol::instance_url::instance_url;
use crate::protocol::server::ServerMessage;

/// A client hears of a fetch's progress at most so often.
const PROGRESS_PERIOD: Duration = Duration::from_millis(500);

impl SimulationMachine {
    /// Moves an instance to a stage that may last `at_most`.
    pub(super) fn enter(&mut self, id: InstanceId, stage: Stage, at_most: Duration) {
        if let Some(instance) = self.instances.get_mut(&id) {
            instance.stage = stage;
            instance.since = self.now;
            self.timers.cancel(Wait::PortCheck(id));
            self.timers.set(Wait::Stage(id), self.now.after(at_most));
        }
    }

    pub(super) fn stage(&self, id: InstanceId) -> Option<Stage> {
        self.instances.get(&id).map(|instance| instance.stage)
    }

    pub(super) fn set_idle(&mut self, id: InstanceId, idle: bool) {
        let Some(instance) = self.instances.get_mut(&id) else {
            return;
        };
        match (instance.idle, idle) {
            (true, false) => self.running += 1,
            (false, true) => self.running = self.running.saturating_sub(1),
            (true, true) | (false, false) => {}
        }
        instance.idle = idle;
    }

    pub(super) fn on_fetch_progressed(&mut self, id: InstanceId, bytes: u64, of: Option<u64>) {
        let now = self.now;
        let Some(instance) = self.instances.get_mut(&id) else {
            return;
        };
        let more = bytes.saturating_sub(instance.fetched);
        instance.fetched += more;
        self.figures.fetched_bytes = self.figures.fetched_bytes.saturating_add(more);
        let too_soon = |last| now.since(last) < PROGRESS_PERIOD;
        if instance.stage != Stage::Fetching || instance.last_progress.is_some_and(too_soon) {
            return;
        }
        instance.last_progress = Some(now);
        let so_far = megabytes(bytes);
        let text = match of {
            Some(of) => format!("fetching the project: {so_far} of {} MB", megabytes(of)),
            None => format!("fetching the project: {so_far} MB"),
        };
        if let Some((client, message)) = instance.loading(text) {
            self.send(client, message);
        }
    }

    pub(super) fn on_project_fetched(
        &mut self,
        id: InstanceId,
        workspace: Option<Workspace>,
        result: Result<FetchedProject, PortError>,
    ) {
        let Some(instance) = self.instances.get_mut(&id) else {
            return;
        };
        match instance.stage {
            Stage::Fetching | Stage::Abandoned(InFlight::Fetch) => {}
            // An answer that nobody waits for.
            Stage::Launching
            | Stage::Loading { .. }
            | Stage::Running
            | Stage::Abandoned(InFlight::Launch)
            | Stage::Stopping(_)
            | Stage::Clearing => return,
        }
        let wanted = instance.stage == Stage::Fetching;
        instance.workspace = workspace;
        match result {
            Ok(project) if wanted => {
                self.figures
                    .fetching
                    .observe(self.now.since(instance.since));
                instance.folder = project.folder;
                instance.world = project.world;
                self.launch(id);
            }
            Ok(_) => self.clear(id),
            Err(error) => {
                self.tell_failure(id, error.message(), close_code(&error), Reason::Project);
                self.clear(id);
            }
        }
    }

    pub(super) fn launch(&mut self, id: InstanceId) {
        self.enter(id, Stage::Launching, self.rules.start_timeout);
        let Some(instance) = self.instances.get(&id) else {
            return;
        };
        let (Some(workspace), Some(port)) = (instance.workspace.clone(), instance.port) else {
            return;
        };
        let command = self.command_line(instance, &workspace, port);
        let limits = self.rules.limits;
        if let Some((client, message)) = instance.loading("starting the simulation") {
            self.send(client, message);
        }
        self.work(Work::Launch {
            instance: id,
            workspace,
            command,
            port,
            limits,
        });
    }

    /// Webots' command line and environment (W2.9; contract, 6).
    fn command_line(&self, instance: &Instance, workspace: &Workspace, port: u16) -> CommandLine {
        let home = workspace.path.to_string_lossy().into_owned();
        let mut directory = home.clone();
        if !instance.folder.is_empty() {
            directory.push('/');
            directory.push_str(&instance.folder);
        }
        let webots = &self.rules.webots;
        let (mode, controller_edit) = match &instance.request.source {
            Source::Website(init) => (ViewMode::Scene, init.edits_controllers()),
            Source::Url(start) => (start.mode, false),
        };
        let command = InstanceCommand {
            port,
            world: format!("{directory}/{}", instance.world),
            mode,
            controller_edit,
            ssl: webots.tls,
            multimedia_server: webots.multimedia_server.clone(),
            multimedia_stream: webots.multimedia_stream.clone(),
        };
        let mut words = webots.command.iter().cloned();
        let program = words.next().unwrap_or_default();
        let arguments = words
            .chain(webots_arguments(webots.dialect, &command))
            .collect();
        let mut environment = webots.environment.clone();
        environment.push(("HOME".to_owned(), home.clone()));
        environment.push(("WEBOTS_TMPDIR".to_owned(), home));
        CommandLine {
            program,
            arguments,
            environment,
            directory,
        }
    }

    pub(super) fn on_launched(&mut self, id: InstanceId, result: Result<(), PortError>) {
        let Some(instance) = self.instances.get(&id) else {
            return;
        };
        let gone = instance.gone_early;
        match (instance.stage, result) {
            (Stage::Launching | Stage::Abandoned(InFlight::Launch), Ok(())) if gone => {
                self.clear(id);
            }
            (Stage::Launching, Ok(())) => self.load_world(id),
            (Stage::Abandoned(InFlight::Launch), Ok(())) => self.stop(id, Stop::Terminate),
            (Stage::Launching, Err(error)) if error.kind() == ErrorKind::PortTaken => {
                self.launch_on_another_port(id);
            }
            (Stage::Launching | Stage::Abandoned(InFlight::Launch), Err(error)) => {
                self.tell_failure(id, error.message(), close_code(&error), Reason::Launch);
                self.clear(id);
            }
            // An answer that nobody waits for.
            (
                Stage::Fetching
                | Stage::Loading { .. }
                | Stage::Running
                | Stage::Abandoned(InFlight::Fetch)
                | Stage::Stopping(_)
                | Stage::Clearing,
                _,
            ) => {}
        }
    }

    fn load_world(&mut self, id: InstanceId) {
        let Some(instance) = self.instances.get(&id) else {
            return;
        };
        // The start time-out is for launching and loading together.
        let took = self.now.since(instance.since);
        self.figures.launching.observe(took);
        let left = self.rules.start_timeout.saturating_sub(took);
        let ready = instance.ready_early;
        let loading = instance.loading("loading the world");
        self.enter(id, Stage::Loading { says_ready: false }, left);
        if let Some((client, message)) = loading {
            self.send(
                client,
                ServerMessage::ShutdownTimeout(self.rules.run_timeout),
            );
            self.send(client, message);
        }
        if ready {
            self.on_ready(id);
        }
    }

    /// Somebody else uses the port: leaves it alone for a while and takes the next.
    fn launch_on_another_port(&mut self, id: InstanceId) {
        let Some(instance) = self.instances.get_mut(&id) else {
            return;
        };
        if let Some(taken) = instance.port.take() {
            self.slots.leave_alone(taken);
            self.timers
                .set(Wait::TakenPort(taken), self.now.after(TAKEN_PORT_PAUSE));
        }
        instance.port = self.slots.take(id);
        if instance.port.is_some() {
            self.launch(id);
        } else {
            let text =
                "other programs use the ports of this simulation server; please try again later";
            self.tell_failure(id, text, close::TRY_LATER, Reason::Port);
            self.clear(id);
        }
    }

    pub(super) fn on_instance_event(&mut self, id: InstanceId, event: InstanceEvent) {
        match event {
            InstanceEvent::Line(line) => self.on_line(id, &line),
            InstanceEvent::Ended(exit) => self.on_ended(id, &exit),
            InstanceEvent::Gone => self.on_gone(id),
        }
    }

    pub(super) fn on_line(&mut self, id: InstanceId, text: &str) {
        let dialect = self.rules.webots.dialect;
        let Some(instance) = self.instances.get_mut(&id) else {
            return;
        };
        let line = InstanceLine::parse(text);
        match line {
            InstanceLine::Other => instance.remember_line(text),
            InstanceLine::Pause => self.set_idle(id, true),
            InstanceLine::RealTime | InstanceLine::Step | InstanceLine::Fast => {
                if instance.client.is_some() {
                    self.set_idle(id, false);
                }
            }
            InstanceLine::Heartbeat => {
                if let (Stage::Running, Some(client)) = (instance.stage, instance.client) {
                    self.send(client, ServerMessage::Heartbeat);
                }
            }
            InstanceLine::Open | InstanceLine::Reset => {}
        }
        if instance::is_ready(dialect, line) {
            self.on_ready(id);
        }
    }

    /// It says that it is ready; whether its port is open is seen next.
    pub(super) fn on_ready(&mut self, id: InstanceId) {
        let Some(instance) = self.instances.get_mut(&id) else {
            return;
        };
        match instance.stage {
            Stage::Loading { says_ready: false } => {
                instance.stage = Stage::Loading { says_ready: true };
                self.check_port(id);
            }
            // A line may overtake the launcher's answer: the next heartbeat comes, `open` does not.
            Stage::Launching => instance.ready_early = true,
            Stage::Fetching
            | Stage::Loading { says_ready: true }
            | Stage::Running
            | Stage::Abandoned(_)
            | Stage::Stopping(_)
            | Stage::Clearing => {}
        }
    }

    pub(super) fn check_port(&mut self, id: InstanceId) {
        let Some(instance) = self.instances.get(&id) else {
            return;
        };
        if let (Stage::Loading { says_ready: true }, Some(port)) = (instance.stage, instance.port) {
            self.work(Work::CheckPort { instance: id, port });
        }
    }

    pub(super) fn on_port_checked(&mut self, id: InstanceId, result: Result<Listening, PortError>) {
        if self.stage(id) != Some(Stage::Loading { says_ready: true }) {
            return;
        }
        match result {
            Ok(Listening::Instance) => self.hand_out(id),
            Ok(Listening::Nobody) | Err(_) => {
                let loading = self.instances.get(&id).map_or(self.now, |it| it.since);
                let pause = port_check_pause(self.now.since(loading));
                self.timers.set(Wait::PortCheck(id), self.now.after(pause));
            }
            Ok(Listening::Stranger) => {
                let text = "another program took the port of this simulation; please try again";
                self.fail(id, text, close::OUR_FAILURE, Reason::Port);
            }
        }
    }

    /// The address goes out, once, to the client that waits for it.
    fn hand_out(&mut self, id: InstanceId) {
        let Some(instance) = self.instances.get(&id) else {
            return;
        };
        let (Some(client), Some(port)) = (instance.client, instance.port) else {
            return;
        };
        let Some(record) = self.clients.get(&client) else {
            return;
        };
        match instance_url(&self.rules.address, record.host.as_deref(), port) {
            Ok(url) => {
                self.figures.loading.observe(self.now.since(instance.since));
                self.figures.start.observe(self.now.since(instance.created));
                self.enter(id, Stage::Running, self.rules.run_timeout);
                self.totals.ready += 1;
                self.send(client, ServerMessage::Webots(url));
            }
            Err(error) => {
                self.fail(id, &error.to_string(), close::BAD_REQUEST, Reason::Port);
            }
        }
    }
}

/// Bytes in units of 10^6, one decimal place.
fn megabytes(bytes: u64) -> String {
    let tenths = bytes / 100_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

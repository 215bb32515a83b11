//! What clients say: coming, starting, resetting a controller, leaving.

use super::event::{Effect, Work};
use super::figures::{Reached, Reason};
use super::instance::{Instance, Project, Stage};
use super::rules::START_WITHIN;
use super::{SimulationMachine, Wait, close};
use crate::id::{ClientId, InstanceId};
use crate::ports::{ErrorKind, PortError, ProjectRequest, Source};
use crate::protocol::admission::admit;
use crate::protocol::client::{ClientMessage, ControllerFile, FrameError, Init, Start};
use crate::protocol::server::ServerMessage;
use crate::protocol::start_url::StartUrl;

/// So many controllers of one instance may be on their way back at the same time.
const RESTORING_AT_ONCE: u8 = 16;

/// One `/client` socket.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) host: Option<String>,
    pub(super) instance: Option<InstanceId>,
}

impl SimulationMachine {
    pub(super) fn on_client_connected(&mut self, client: ClientId, host: Option<String>) {
        self.clients.insert(
            client,
            Client {
                host,
                instance: None,
            },
        );
        self.totals.clients += 1;
        if self.stopping {
            let text = "the simulation server is shutting down";
            self.dismiss(client, text, close::TRY_LATER, Reason::Shutdown);
        } else {
            self.timers
                .set(Wait::Start(client), self.now.after(START_WITHIN));
        }
    }

    pub(super) fn on_client_sent(
        &mut self,
        client: ClientId,
        message: Result<ClientMessage, FrameError>,
    ) {
        let Some(instance) = self.clients.get(&client).map(|record| record.instance) else {
            return;
        };
        match (message, instance) {
            (Ok(ClientMessage::Init(_) | ClientMessage::Start(_)), Some(_)) => {
                let text =
                    "a simulation was already started here; open another connection for one more";
                self.send(client, ServerMessage::Error(text.to_owned()));
            }
            (Ok(ClientMessage::Init(init)), None) => {
                self.start(client, describe_init(&init), Source::Website(init));
            }
            (Ok(ClientMessage::Start(start)), None) => self.start_url(client, start),
            (Ok(ClientMessage::ResetController(file)), Some(instance)) => {
                self.restore_controller(client, instance, file);
            }
            (Ok(ClientMessage::ResetController(_)), None) => {
                let text = "no simulation runs yet, so there is no controller to reset";
                self.send(client, ServerMessage::Error(text.to_owned()));
            }
            (Err(error), _) => {
                let (text, code) = (error.to_string(), error.close_code());
                self.dismiss(client, &text, code, Reason::BadFrame);
            }
        }
    }

    pub(super) fn on_client_left(&mut self, client: ClientId, reason: Reason) {
        let Some(record) = self.clients.remove(&client) else {
            return;
        };
        self.timers.cancel(Wait::Start(client));
        if let Some(instance) = record.instance {
            self.release(instance, reason);
        }
    }

    pub(super) fn on_no_start(&mut self, client: ClientId) {
        let text = format!("nothing was started within {} s", START_WITHIN.as_secs());
        self.dismiss(client, &text, close::BAD_REQUEST, Reason::Time);
    }

    /// Tells a client why, closes its socket, and ends its instance, for this reason.
    pub(super) fn dismiss(&mut self, client: ClientId, text: &str, code: u16, reason: Reason) {
        if self.clients.contains_key(&client) {
            self.send(client, ServerMessage::Error(text.to_owned()));
            self.effects.push_back(Effect::Close { client, code });
            self.on_client_left(client, reason);
        }
    }

    fn start_url(&mut self, client: ClientId, start: Start) {
        match &start.url {
            StartUrl::Git(world) => {
                let load = self.load();
                if let Err(refusal) = admit(world, &self.rules.repositories, load) {
                    self.timers.cancel(Wait::Start(client));
                    self.totals.starts += 1;
                    let text = refusal.to_string();
                    self.refuse(client, &text, close::BAD_REQUEST, Reason::NotAdmitted);
                    return;
                }
                let project = Project {
                    name: format!("{}/{}", world.owner, world.repository),
                    world: world.world.clone(),
                };
                self.start(client, project, Source::Url(start));
            }
            StartUrl::File(world) => {
                let folder = world.project.rsplit('/').next().unwrap_or_default();
                let project = Project {
                    name: folder.to_owned(),
                    world: world.world.clone(),
                };
                self.start(client, project, Source::Url(start));
            }
        }
    }

    /// Takes a slot and orders the project, or refuses.
    fn start(&mut self, client: ClientId, project: Project, source: Source) {
        self.timers.cancel(Wait::Start(client));
        self.totals.starts += 1;
        let instance = InstanceId(self.ids.next());
        let Some(port) = self.slots.take(instance) else {
            let text = format!(
                "all {} simulations of this server are in use; please try again later",
                self.slots.total()
            );
            self.refuse(client, &text, close::TRY_LATER, Reason::NoSlot);
            return;
        };
        let request = ProjectRequest { instance, source };
        if let Some(record) = self.clients.get_mut(&client) {
            record.instance = Some(instance);
        }
        self.effects.push_back(Effect::Began {
            client,
            instance,
            project: project.name.clone(),
            port,
        });
        let record = Instance::new(client, request.clone(), project, port, self.now);
        let loading = record.loading("fetching the project");
        self.instances.insert(instance, record);
        self.timers.set(
            Wait::Stage(instance),
            self.now.after(self.rules.fetch_timeout),
        );
        if let Some((client, message)) = loading {
            self.send(client, message);
        }
        self.work(Work::FetchProject(request));
    }

    fn refuse(&mut self, client: ClientId, text: &str, code: u16, reason: Reason) {
        self.totals.refused += 1;
        self.figures.count(Reached::Nothing, reason);
        self.dismiss(client, text, code, reason);
    }

    fn restore_controller(&mut self, client: ClientId, id: InstanceId, file: ControllerFile) {
        let Some(instance) = self.instances.get_mut(&id) else {
            return;
        };
        let text = match (instance.stage, &instance.workspace) {
            (Stage::Running, Some(_)) if instance.restoring >= RESTORING_AT_ONCE => {
                "too many controllers are being reset; please wait"
            }
            (Stage::Running, Some(workspace)) => {
                let (request, workspace) = (instance.request.clone(), workspace.clone());
                instance.restoring += 1;
                self.work(Work::RestoreController {
                    request,
                    workspace,
                    file,
                });
                return;
            }
            (
                Stage::Running
                | Stage::Fetching
                | Stage::Launching
                | Stage::Loading { .. }
                | Stage::Abandoned(_)
                | Stage::Stopping(_)
                | Stage::Clearing,
                _,
            ) => "the simulation does not run yet, so there is no controller to reset",
        };
        self.send(client, ServerMessage::Error(text.to_owned()));
    }

    pub(super) fn on_controller_restored(
        &mut self,
        instance: InstanceId,
        file: ControllerFile,
        result: Result<(), PortError>,
    ) {
        let Some(instance) = self.instances.get_mut(&instance) else {
            return;
        };
        instance.restoring = instance.restoring.saturating_sub(1);
        let Some(client) = instance.client else {
            return;
        };
        let message = match result {
            Ok(()) => ServerMessage::ControllerReset(file),
            Err(error) => ServerMessage::Error(format!("{file} cannot be reset: {error}")),
        };
        self.send(client, message);
    }
}

/// What the monitor page calls a project of the website: no secret is in it.
fn describe_init(init: &Init) -> Project {
    Project {
        name: init.project.clone(),
        world: init.world.clone(),
    }
}

/// The close code that fits an error of a port.
pub(super) const fn close_code(error: &PortError) -> u16 {
    match error.kind() {
        ErrorKind::BadRequest => close::BAD_REQUEST,
        ErrorKind::Retry | ErrorKind::PortTaken => close::TRY_LATER,
        ErrorKind::Permanent => close::OUR_FAILURE,
    }
}

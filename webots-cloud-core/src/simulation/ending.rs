//! The end of an instance: from a client that left or an instance that failed to a free slot and a
//! removed workspace. The chart is in [`instance`](super::instance).

use super::event::{Effect, Work};
use super::figures::{Reached, Reason};
use super::instance::{InFlight, Stage};
use super::rules::{ESCALATE_AFTER, STUCK_AFTER};
use super::{SimulationMachine, Wait, close};
use crate::id::InstanceId;
use crate::ports::{Exit, Notice, PortError, Stop};

impl SimulationMachine {
    /// Tells the client that its instance failed, closes the socket and ends what there is.
    pub(super) fn fail(&mut self, id: InstanceId, text: &str, code: u16, reason: Reason) {
        self.tell_failure(id, text, code, reason);
        self.release(id, reason);
    }

    /// Tells the client that its instance failed, if it has one, and closes the socket.
    pub(super) fn tell_failure(&mut self, id: InstanceId, text: &str, code: u16, reason: Reason) {
        self.set_idle(id, true);
        let Some(instance) = self.instances.get_mut(&id) else {
            return;
        };
        let Some(client) = instance.client.take() else {
            return;
        };
        let reached = instance.reached();
        if reached == Reached::Running {
            self.totals.ended_early += 1;
        } else {
            self.totals.failed += 1;
        }
        self.figures.count(reached, reason);
        if let Some(record) = self.clients.get_mut(&client) {
            record.instance = None;
        }
        self.dismiss(client, text, code, reason);
    }

    /// Nobody wants this instance any more: the client left or was sent away.
    pub(super) fn release(&mut self, id: InstanceId, reason: Reason) {
        self.set_idle(id, true);
        let Some(instance) = self.instances.get_mut(&id) else {
            return;
        };
        if instance.client.take().is_some() {
            self.figures.count(instance.reached(), reason);
        }
        match instance.stage {
            Stage::Fetching => {
                self.enter(id, Stage::Abandoned(InFlight::Fetch), STUCK_AFTER);
                self.work(Work::AbandonFetch { instance: id });
            }
            Stage::Launching => {
                self.enter(id, Stage::Abandoned(InFlight::Launch), STUCK_AFTER);
            }
            Stage::Loading { .. } | Stage::Running => self.stop(id, Stop::Terminate),
            Stage::Abandoned(_) | Stage::Stopping(_) | Stage::Clearing => {}
        }
    }

    pub(super) fn stop(&mut self, id: InstanceId, how: Stop) {
        let patience = match how {
            Stop::Terminate => ESCALATE_AFTER,
            Stop::Kill => STUCK_AFTER,
        };
        self.enter(id, Stage::Stopping(how), patience);
        if let Some(instance) = self.instances.get_mut(&id) {
            instance.ending.get_or_insert(self.now);
        }
        self.work(Work::Stop { instance: id, how });
    }

    /// The first process ended: the client is told now, the slot is free when the rest is gone.
    pub(super) fn on_ended(&mut self, id: InstanceId, exit: &Exit) {
        let Some(instance) = self.instances.get(&id) else {
            return;
        };
        let text = instance.obituary(exit);
        let code = match (instance.stage, exit) {
            (Stage::Running, Exit::Code(0)) => close::NORMAL,
            (
                Stage::Running
                | Stage::Fetching
                | Stage::Launching
                | Stage::Loading { .. }
                | Stage::Abandoned(_)
                | Stage::Stopping(_)
                | Stage::Clearing,
                Exit::Code(_) | Exit::Signal(_) | Exit::Limit(_) | Exit::Unknown,
            ) => close::OUR_FAILURE,
        };
        self.fail(id, &text, code, Reason::of_exit(exit));
    }

    /// The process tree is gone: the slot is free, and the workspace can go.
    pub(super) fn on_gone(&mut self, id: InstanceId) {
        let Some(instance) = self.instances.get_mut(&id) else {
            return;
        };
        match instance.stage {
            Stage::Launching | Stage::Abandoned(InFlight::Launch) => {
                instance.gone_early = true;
                let text = instance.obituary(&Exit::Unknown);
                self.fail(id, &text, close::OUR_FAILURE, Reason::Ended);
            }
            Stage::Loading { .. } | Stage::Running | Stage::Stopping(_) => {
                let text = instance.obituary(&Exit::Unknown);
                self.tell_failure(id, &text, close::OUR_FAILURE, Reason::Ended);
                self.clear(id);
            }
            // It never ran, or is gone already.
            Stage::Fetching | Stage::Abandoned(InFlight::Fetch) | Stage::Clearing => {}
        }
    }

    /// Nothing of it runs: gives the slot back and has the workspace removed.
    pub(super) fn clear(&mut self, id: InstanceId) {
        self.enter(id, Stage::Clearing, STUCK_AFTER);
        let Some(instance) = self.instances.get_mut(&id) else {
            return;
        };
        if let Some(ending) = instance.ending.take() {
            self.figures.end.observe(self.now.since(ending));
        }
        if let Some(port) = instance.port.take() {
            self.slots.release(port);
        }
        match instance.workspace.take() {
            Some(workspace) => self.work(Work::ClearWorkspace {
                instance: id,
                workspace,
            }),
            None => self.forget(id),
        }
    }

    pub(super) fn on_workspace_cleared(&mut self, id: InstanceId, result: Result<(), PortError>) {
        if self.stage(id) != Some(Stage::Clearing) {
            return;
        }
        if let Err(error) = result {
            self.notify(Notice::WorkspaceLeft {
                instance: id,
                reason: error.to_string(),
            });
        }
        self.forget(id);
    }

    pub(super) fn forget(&mut self, id: InstanceId) {
        self.timers.cancel(Wait::Stage(id));
        self.timers.cancel(Wait::PortCheck(id));
        if self.instances.remove(&id).is_some() {
            self.effects.push_back(Effect::Ended { instance: id });
        }
    }

    pub(super) fn on_stage_overdue(&mut self, id: InstanceId) {
        let Some(instance) = self.instances.get_mut(&id) else {
            return;
        };
        match instance.stage {
            Stage::Fetching => {
                let text = format!(
                    "the project could not be fetched within {} s",
                    self.rules.fetch_timeout.as_secs_f64()
                );
                self.fail(id, &text, close::OUR_FAILURE, Reason::Time);
            }
            Stage::Launching | Stage::Loading { .. } => {
                let text = format!(
                    "the simulation was not ready within {} s",
                    self.rules.start_timeout.as_secs_f64()
                );
                self.fail(id, &text, close::OUR_FAILURE, Reason::Time);
            }
            Stage::Running => {
                let text = format!(
                    "the time limit of {} s is reached",
                    self.rules.run_timeout.as_secs_f64()
                );
                self.fail(id, &text, close::NORMAL, Reason::Time);
            }
            Stage::Stopping(Stop::Terminate) => self.stop(id, Stop::Kill),
            // Nothing more can be done; the slot stays taken until the answer comes.
            Stage::Abandoned(_) | Stage::Stopping(Stop::Kill) => {
                instance.stuck = true;
                self.notify(Notice::InstanceStuck { instance: id });
            }
            Stage::Clearing => {
                let reason = "its removal takes too long".to_owned();
                self.notify(Notice::WorkspaceLeft {
                    instance: id,
                    reason,
                });
                self.forget(id);
            }
        }
    }
}

//! How the virtual world carries out a simulation machine's orders: in memory, and with a panic when
//! one is impossible or breaks a promise.

use super::{Process, SimulationWorld};
use crate::id::InstanceId;
use crate::load::{Load, LoadSample};
use crate::machine::Machine;
use crate::ports::{InstanceUsage, PortError};
use crate::simulation::{Effect, Input, Work};

impl SimulationWorld {
    pub(super) fn drain(&mut self) {
        while let Some(effect) = self.machine.poll_effect() {
            if !matches!(
                effect,
                Effect::Work(Work::SampleLoad { .. } | Work::MeasureUsage { .. })
                    | Effect::RecordMonitorRow(_)
            ) {
                self.trace.push(format!("{} {effect:?}", self.now));
            }
            match effect {
                Effect::Work(work) => self.order(work),
                Effect::Send { client, message } => {
                    let view = self.clients.get_mut(&client).expect("a known client");
                    assert_eq!(
                        view.closed, None,
                        "{client} gets {message:?} after its close"
                    );
                    view.frames.push(message);
                    assert!(view.addresses().len() <= 1, "{client} got two addresses");
                }
                Effect::Close { client, code } => {
                    let view = self.clients.get_mut(&client).expect("a known client");
                    assert_eq!(view.closed.replace(code), None, "{client} is closed twice");
                }
                Effect::Began {
                    client, instance, ..
                } => {
                    assert!(self.clients.contains_key(&client), "a known client");
                    assert!(self.begun.insert(instance), "{instance} begins twice");
                }
                Effect::Ended { instance } => {
                    assert!(self.begun.remove(&instance), "{instance} ends twice");
                }
                Effect::RecordMonitorRow(_) => {}
                Effect::Finished => {
                    assert!(!self.finished, "finished twice");
                    assert!(self.begun.is_empty(), "{:?} never ended", self.begun);
                    self.finished = true;
                }
            }
        }
    }

    fn order(&mut self, work: Work) {
        match work {
            Work::FetchProject(request) => {
                assert!(self.begun.contains(&request.instance), "not begun");
                assert!(self.fetches.insert(request.instance), "fetched twice");
            }
            Work::AbandonFetch { instance } => {
                assert!(
                    self.fetches.contains(&instance),
                    "{instance} is not being fetched"
                );
                assert!(
                    self.abandoned.insert(instance),
                    "{instance} is abandoned twice"
                );
            }
            Work::Launch {
                instance,
                port,
                command,
                ..
            } => {
                assert!(
                    self.workspaces.contains(&instance),
                    "{instance} has no workspace"
                );
                let on_port = |process: &Process| process.port == port;
                assert!(!self.processes.values().any(on_port), "{port} is in use");
                let words = std::iter::once(command.program).chain(command.arguments);
                self.commands.insert(instance, words.collect());
                assert_eq!(
                    self.launches.insert(instance, port),
                    None,
                    "{instance} launched twice"
                );
            }
            Work::CheckPort { instance, .. } => {
                self.checks.insert(instance);
            }
            Work::Stop { instance, how } => {
                assert!(
                    !self.launches.contains_key(&instance),
                    "{instance} is not launched yet"
                );
                if let Some(process) = self.processes.get_mut(&instance) {
                    assert!(
                        process.asked < Some(how),
                        "{instance} is asked to stop again"
                    );
                    process.asked = Some(how);
                }
            }
            Work::RestoreController { request, file, .. } => {
                let instance = request.instance;
                let answer = Input::ControllerRestored {
                    instance,
                    file,
                    result: Ok(()),
                };
                self.machine.handle(self.now, answer);
            }
            Work::ClearWorkspace { instance, .. } => {
                assert!(
                    !self.processes.contains_key(&instance),
                    "{instance} still runs"
                );
                assert!(
                    self.workspaces.contains(&instance),
                    "{instance} has no workspace"
                );
                assert!(
                    self.clearings.insert(instance),
                    "{instance} is cleared twice"
                );
            }
            Work::SampleLoad { probe } => {
                let load = Load::from_percent(self.load);
                let result = load.map(LoadSample::of).ok_or(PortError::retry("no load"));
                self.machine
                    .handle(self.now, Input::LoadSampled { probe, result });
            }
            Work::MeasureUsage { instances } => {
                let there = |id: &InstanceId| self.processes.contains_key(id);
                let of_one = |id: InstanceId| (id, InstanceUsage::default());
                let usage = instances.into_iter().filter(there).map(of_one).collect();
                self.machine
                    .handle(self.now, Input::UsageMeasured { usage });
            }
            Work::Notify(notice) => self.notices.push(notice),
        }
    }
}

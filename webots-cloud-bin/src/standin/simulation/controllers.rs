//! The controllers of the robots in the simulation.

use std::time::Duration;

use tokio::time::Instant;

use super::super::controller::{self, ControllerEvent, FromController};
use super::super::controller_line::{self as line, ControllerLine};
use super::super::protocol;
use super::super::scene::NodeId;
use super::{Label, Simulation};

/// How long the first answer of a controller is waited for.
const START: Duration = Duration::from_secs(5);
/// How long each other answer is waited for.
const PATIENCE: Duration = Duration::from_secs(1);
/// How many lines a second of one controller are shown.
const LINES: u32 = 100;
/// The longest text of a label.
const LABEL: usize = 500;
/// The most labels.
const LABELS: usize = 100;

/// What a controller does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum State {
    /// It computes; the world waits.
    Busy,
    /// It is to be woken at this simulated time.
    Waits(f64),
    /// It did not answer in time: the world goes on without it until it does.
    Late,
    /// It has ended.
    Gone,
}

/// The controller of one robot.
#[derive(Debug)]
pub(super) struct Controller {
    pub(super) robot: NodeId,
    pub(super) robot_name: String,
    pub(super) name: String,
    pub(super) supervisor: bool,
    pub(super) state: State,
    pub(super) answered: bool,
    pub(super) line: controller::Line,
    pub(super) window: Instant,
    pub(super) lines: u32,
}

impl Simulation {
    /// The controllers that clients may edit.
    pub(super) fn controller_names(&self) -> Vec<String> {
        self.scene
            .robots()
            .map(|(_, robot)| robot.controller.clone())
            .collect()
    }

    /// True when no controller has to be waited for any more.
    pub(super) fn controllers_ready(&mut self, now: Instant) -> bool {
        if !self.controllers.iter().any(|c| c.state == State::Busy) {
            self.waiting_since = None;
            return true;
        }
        let since = *self.waiting_since.get_or_insert(now);
        let mut late = Vec::new();
        for controller in self
            .controllers
            .iter_mut()
            .filter(|c| c.state == State::Busy)
        {
            if now >= since + controller.patience() {
                controller.state = State::Late;
                late.push(format!(
                    "'{}' controller of {} does not answer: the simulation goes on without it.",
                    controller.name, controller.robot_name
                ));
            }
        }
        for text in late {
            self.complain(&text);
        }
        !self.controllers.iter().any(|c| c.state == State::Busy)
    }

    /// When the first controller is given up.
    pub(super) fn controllers_deadline(&self) -> Option<Instant> {
        let since = self.waiting_since?;
        let busy = self.controllers.iter().filter(|c| c.state == State::Busy);
        busy.map(|c| since + c.patience()).min()
    }

    /// Tells the controllers that are due what their sensors measure.
    pub(super) fn wake_controllers(&mut self) {
        let time = self.time;
        let bodies = self.physics.bodies().iter();
        let places: Vec<_> = bodies
            .filter_map(|b| Some((b.def.clone()?, b.position)))
            .collect();
        for controller in &mut self.controllers {
            let State::Waits(until) = controller.state else {
                continue;
            };
            if until <= time + 1e-6 {
                let values = self.physics.sense(controller.robot);
                let others = if controller.supervisor {
                    places.as_slice()
                } else {
                    &[]
                };
                controller.line.send(line::step_line(time, &values, others));
                controller.state = State::Busy;
            }
        }
        self.waiting_since = None;
    }

    /// A text of a robot window for a controller.
    pub(super) fn robot_message(&mut self, name: &str, message: &str) {
        let text = line::message_line(message);
        let found = self
            .controllers
            .iter()
            .find(|c| c.robot_name == name && c.state != State::Gone);
        if text.len() > line::MAX_LINE || !found.is_some_and(|c| c.line.send(text)) {
            self.output.error(format!(
                "Streaming server: no message to robot {}",
                name.escape_debug()
            ));
        }
    }

    pub(super) fn controller_event(&mut self, event: ControllerEvent) {
        if event.generation != self.generation {
            return;
        }
        let time = self.time;
        let Some(controller) = self.controllers.get_mut(event.index) else {
            return;
        };
        match event.what {
            FromController::Out(text) => match line::parse(&text) {
                ControllerLine::Done(ms) => {
                    let wait = ms.unwrap_or(self.scene.time_step).max(self.scene.time_step);
                    controller.state = State::Waits(time + wait);
                    controller.answered = true;
                }
                ControllerLine::Speed(left, right) => {
                    let robot = controller.robot;
                    self.physics.set_sides(robot, left, right);
                }
                ControllerLine::Motor(motor, speed) => {
                    let robot = controller.robot;
                    self.physics.set_motor(robot, &motor, speed);
                }
                ControllerLine::Message(text) => {
                    if controller.may_speak() {
                        let name = controller.robot_name.clone();
                        for (id, kind) in self.kinds() {
                            self.send(id, protocol::robot_frame(kind, &name, &text).into());
                        }
                    }
                }
                ControllerLine::Label {
                    id,
                    x,
                    y,
                    size,
                    color,
                    text,
                } => {
                    let fits = self.labels.len() < LABELS || self.labels.contains_key(&id);
                    if controller.supervisor && controller.may_speak() && fits {
                        let text = text.chars().take(LABEL).collect();
                        self.labels.insert(
                            id,
                            Label {
                                x,
                                y,
                                size,
                                color,
                                text,
                            },
                        );
                        self.send_labels();
                    }
                }
                ControllerLine::Place(def, at) => {
                    if controller.supervisor && !self.physics.place(&def, at) {
                        self.complain(&format!("no body has the DEF name {}", def.escape_debug()));
                    }
                }
                ControllerLine::Text(text) => self.relay(event.index, "stdout", &text),
            },
            FromController::Err(text) => self.relay(event.index, "stderr", &text),
            FromController::Ended(how) => {
                controller.state = State::Gone;
                let text = format!(
                    "'{}' controller of {} has ended: {how}",
                    controller.name, controller.robot_name
                );
                self.complain(&text);
            }
        }
    }

    /// What a controller printed, to the clients; not more than they can take.
    fn relay(&mut self, index: usize, kind: &str, text: &str) {
        let Some(controller) = self.controllers.get_mut(index) else {
            return;
        };
        if !controller.may_speak() {
            if controller.lines == LINES + 1 {
                let name = controller.name.clone();
                self.log(
                    "stderr",
                    &format!("'{name}' controller prints too much: lines are left out."),
                );
            }
            return;
        }
        match kind {
            "stdout" if self.options.stdout => self.output.line(text),
            "stderr" if self.options.stderr => self.output.error(text),
            _ => {}
        }
        self.log(kind, text);
    }
}

impl Controller {
    fn patience(&self) -> Duration {
        if self.answered { PATIENCE } else { START }
    }

    /// Counts what is shown, second by second.
    fn may_speak(&mut self) -> bool {
        let now = Instant::now();
        if now - self.window >= Duration::from_secs(1) {
            self.window = now;
            self.lines = 0;
        }
        self.lines = self.lines.saturating_add(1);
        self.lines <= LINES
    }
}

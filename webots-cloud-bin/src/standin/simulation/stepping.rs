//! Steps of the world, and the clock on the wall.

use std::time::Duration;

use tokio::time::Instant;

use super::super::options::{Dialect, Mode};
use super::super::protocol;
use super::Simulation;

/// `.` at most so often in the legacy dialect (W2.10).
const DOT: Duration = Duration::from_secs(5);
/// How long a fast simulation steps before the others have their turn.
const TURN: Duration = Duration::from_millis(5);

impl Simulation {
    /// Makes the steps that are due.
    pub(super) fn advance(&mut self) {
        let started = Instant::now();
        while self.wants_step() {
            let now = Instant::now();
            let single = !self.steps.is_empty();
            if (!single && now < self.next_step) || !self.controllers_ready(now) {
                return;
            }
            self.step(now);
            if started.elapsed() > TURN {
                return;
            }
        }
    }

    fn wants_step(&self) -> bool {
        let running = match self.mode {
            Mode::Pause => false,
            Mode::RealTime | Mode::Fast => true,
        };
        running || !self.steps.is_empty()
    }

    /// When there is something to do if nothing happens before.
    pub(super) fn next_wake(&self) -> Option<Instant> {
        if !self.wants_step() {
            return None;
        }
        let due = if self.steps.is_empty() {
            self.next_step
        } else {
            Instant::now()
        };
        Some(
            self.controllers_deadline()
                .map_or(due, |deadline| deadline.max(due)),
        )
    }

    fn step(&mut self, now: Instant) {
        let step_ms = self.scene.time_step;
        self.physics.step(step_ms / 1000.0);
        self.time += step_ms;
        self.wake_controllers();
        let step = Duration::from_secs_f64(step_ms / 1000.0);
        match self.mode {
            Mode::Fast => self.next_step = now,
            // A simulation that falls behind does not race to catch up.
            Mode::RealTime | Mode::Pause => self.next_step = (self.next_step + step).max(now),
        }
        if self.dialect() == Dialect::Legacy
            && self.options.monitor
            && self.last_dot.is_none_or(|last| now - last >= DOT)
        {
            self.last_dot = Some(now);
            self.output.line(".");
        }
        let single = self.steps.pop_front();
        let pause = Duration::from_secs_f64(1.0 / self.scene.fps);
        if single.is_some() || self.last_update.is_none_or(|last| now - last >= pause) {
            self.last_update = Some(now);
            self.send_changes();
            if single.is_none() {
                self.check_limit();
            }
        }
        if let Some(id) = single {
            self.output.line("pause");
            self.answer_pause(id);
        }
    }

    fn send_changes(&mut self) {
        if self.kinds().is_empty() {
            return;
        }
        let poses = self.sent.changes(&self.physics.places());
        let frame = protocol::update_frame(self.dialect(), self.time, &poses, &[]);
        self.broadcast(&frame);
    }

    /// Labels have changed.
    pub(super) fn send_labels(&mut self) {
        for (id, kind) in self.kinds() {
            let (labels, frames) = self.label_parts(kind);
            if !labels.is_empty() {
                self.send(
                    id,
                    protocol::update_frame(self.dialect(), self.time, &[], &labels).into(),
                );
            }
            for frame in frames {
                self.send(id, frame.into());
            }
        }
    }

    /// Pauses at the limit; this is said once for each client (W3.5).
    fn check_limit(&mut self) {
        let Some(limit) = self.limit else { return };
        let clients = self.kinds().len();
        if self.time >= limit && clients > 0 {
            self.set_mode(Mode::Pause, None);
            for _ in 0..clients {
                self.output.line("pause");
            }
        }
    }
}

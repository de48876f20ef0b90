//! The control workload: the same prompt on the same model every few hours, while nobody asks for anything. A machine
//! that measures otherwise than it did lately (dust, a driver, a fan, a board's own drift) shows here first.
//!
//! Must not: keep a Lease waiting for longer than its few answers take, or be done where no instrument reads energy: what
//! is modelled or simulated drifts by nothing that a control could find.

use std::time::Duration;

use common::ids::ModelId;
use common::lease::LeasedPrompt;
use common::measurement::Control;
use common::meter::Label;
use common::prompt::{Decoding, Task};
use common::stats::Moments;
use meter::{Clock as _, Measured, Tail, idle};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::error::Error;
use crate::lease_loop::Worker;
use crate::repetitions::Rounds;
use crate::{clock, repetitions};

/// Asked every time; what the answer is does not matter, only that it is always the same.
const TEXT: &str = "List the numbers from one to forty in words, one a line.";
const OUTPUT_TOKENS: u32 = 64;
/// Answers of one control.
const ANSWERS: u32 = 4;
/// Controls that are remembered, and that a spread is told of.
const KEPT: usize = 5;

/// What the control workloads took, the newest last.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Controls {
    done: Vec<Done>,
    /// When one was tried last, whatever came of it: what fails is not tried all the time.
    #[serde(skip)]
    tried_at: Option<OffsetDateTime>,
}

/// One control workload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Done {
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    model_id: ModelId,
    /// Of all instruments that read, per answer.
    energy_j: f64,
    body_s: f64,
}

impl Controls {
    /// Whether it is time for another.
    fn is_due(&self, now: OffsetDateTime, every: Duration) -> bool {
        let last = self.done.last().map(|last| last.at).max(self.tried_at);
        last.is_none_or(|last| now - last >= every)
    }

    fn add(&mut self, done: Done) {
        // Another model is another workload.
        self.done.retain(|other| other.model_id == done.model_id);
        if self.done.len() >= KEPT {
            self.done.remove(0);
        }
        self.done.push(done);
    }

    /// As records carry it.
    pub(crate) fn told(&self) -> Option<Control> {
        let last = self.done.last()?;
        let spread = |of: fn(&Done) -> f64| {
            let moments = Moments::of(self.done.iter().map(of));
            moments.deviation().filter(|_| moments.mean > 0.0).map(|deviation| deviation / moments.mean)
        };
        Some(Control {
            at: last.at,
            model_id: last.model_id.clone(),
            n: u64::try_from(self.done.len()).unwrap_or(u64::MAX),
            energy_spread: spread(|done| done.energy_j),
            time_spread: spread(|done| done.body_s),
        })
    }
}

/// What is asked.
fn prompt() -> LeasedPrompt {
    let decoding = Decoding { max_output_tokens: OUTPUT_TOKENS, temperature: 0.0, ..Decoding::default() };
    LeasedPrompt {
        text: TEXT.to_owned(),
        task: Task::Plain,
        conversation: common::conversation::Conversation::default(),
        decoding,
        kind: None,
        expected: None,
    }
}

impl Worker {
    /// Does the control workload if it is time for it and an instrument reads energy.
    pub(crate) fn control(&mut self) {
        let is_read = self.instruments.meters.iter().any(|meter| meter.card().label == Label::Measured);
        let every = self.settings.control_every.filter(|_| is_read);
        if !every.is_some_and(|every| self.controls.is_due(clock::date(), every)) {
            return;
        }
        self.controls.tried_at = Some(clock::date());
        match self.measure_control() {
            Ok(done) => {
                self.controls.add(done);
                self.state.keep_controls(&self.controls);
                if let Some(Control { n, energy_spread, .. }) = self.controls.told() {
                    tracing::info!(
                        control.n = n,
                        control.energy_spread = energy_spread,
                        "the control workload was done"
                    );
                }
            }
            Err(error) => tracing::warn!(?error, "the control workload could not be done"),
        }
        self.gate.note_work(self.clock.now());
    }

    fn measure_control(&mut self) -> Result<Done, Error> {
        let model_id = self.shelf.models().first().map(|model| model.id.clone());
        let model_id = model_id.ok_or_else(|| Error::retry("no_model", "no model is offered"))?;
        self.shelf.engine(&model_id)?;
        let (clock, cores) = (self.clock, crate::hardware::cores());
        self.gate.wait(&mut self.instruments, clock, cores, self.settings.limits, |_| Ok::<(), Error>(()))?;
        let options = self.settings.options;
        // A Lease that comes meanwhile waits no longer than for idle power of a watched Run.
        let span = self.settings.protocol.of(true).idle_before;
        let before = idle::baseline(&mut self.instruments.meters, clock, options, span)?;
        let slowest = self.instruments.slowest_period().unwrap_or_default();
        let idle: Vec<_> = before.iter().map(|idle| idle.power).collect();
        let engine = self.shelf.engine(&model_id)?;
        let prompt = prompt();
        let protocol = self.settings.protocol.of(false);
        repetitions::warm_up(engine, (&prompt, 1), protocol, clock, || Ok(()))?;
        let (mut energies, mut bodies) = (Vec::new(), Vec::new());
        for nth in 0..ANSWERS {
            let tail = Tail { idle: &idle, most: Duration::from_secs(2) };
            let spread = options.spread(slowest, nth);
            let (_, found) = repetitions::measure(
                engine,
                (&prompt, 1),
                &mut self.instruments,
                clock,
                (spread, Rounds::ONE),
                tail,
                None,
            )?;
            bodies.push(found.window.body().as_secs_f64());
            let energy = energy_of(&found, &idle);
            energies.push(energy.ok_or_else(|| Error::retry("no_energy", "an instrument gave none"))?);
        }
        let mean = |values: Vec<f64>| Moments::of(values).mean;
        Ok(Done { at: clock::date(), model_id, energy_j: mean(energies), body_s: mean(bodies) })
    }
}

/// Energy of the body by all instruments that read, pads taken off; `None` where one gave none.
fn energy_of(found: &Measured, idle: &[Option<common::units::Power>]) -> Option<f64> {
    let read = found.readings.iter().zip(idle).filter(|(reading, _)| reading.label == Label::Measured);
    let each = read.map(|(reading, idle)| {
        let pads = (*idle)? * found.window.pads();
        Some((reading.energy? - pads).joules())
    });
    each.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(day: i64, model: &str, energy_j: f64) -> Done {
        Done {
            at: OffsetDateTime::UNIX_EPOCH + time::Duration::days(day),
            model_id: model.parse().unwrap(),
            energy_j,
            body_s: 1.0,
        }
    }

    #[test]
    fn the_newest_five_of_one_model_tell_the_spread() {
        let mut controls = Controls::default();
        assert_eq!(controls.told(), None);
        controls.add(done(0, "other@1:f32", 900.0));
        for day in 1..=6 {
            controls.add(done(
                day,
                "m@1:f32",
                if day == 1 { 500.0 } else { 100.0 + f64::from(i32::from(day == 6)) },
            ));
        }
        let told = controls.told().unwrap();
        assert_eq!((told.n, told.model_id.as_str()), (5, "m@1:f32"));
        // 100, 100, 100, 100, 101: s = 0.447 over 100.2.
        assert!((told.energy_spread.unwrap() - 0.447_21 / 100.2).abs() < 1e-5, "{told:?}");
        assert_eq!(told.time_spread, Some(0.0));
    }

    #[test]
    fn it_is_due_when_there_was_none_and_again_after_so_long() {
        let mut controls = Controls::default();
        let (now, day) = (OffsetDateTime::UNIX_EPOCH + time::Duration::days(3), Duration::from_secs(86_400));
        assert!(controls.is_due(now, day));
        controls.add(done(2, "m@1:f32", 1.0));
        assert!(controls.is_due(now, day) && !controls.is_due(now, day * 2));
        controls.tried_at = Some(now);
        assert!(!controls.is_due(now, day), "what failed is not tried all the time");
    }
}

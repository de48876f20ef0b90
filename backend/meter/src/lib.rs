//! Instruments: what reads power and energy, the sampler thread, and the Window around a closure.
//!
//! A [`Meter`] reads one Domain. [`measure`] opens a Window on all of them, runs a body, closes it and says
//! what each instrument found, or why it found nothing. Missing is never 0.
//!
//! Must not: know a model, a prompt, a server or HTTP; log or allocate while a Window is open.

pub mod clock;
pub mod counter;
pub mod cpu_model;
mod cpu_time;
mod curve;
mod error;
pub mod idle;
pub mod live;
mod nvml;
mod open;
mod rapl;
mod recorder;
pub mod replay;
mod sampler;
pub mod sensor;
pub mod thermometer;
pub mod window;

use std::time::Duration;

use common::meter::MeterCard;
use common::units::{Power, Temperature};

pub use crate::clock::{Clock, Monotonic, Virtual};
pub use crate::counter::CounterSpec;
pub use crate::error::{Error, Trouble};
pub use crate::live::LiveTrace;
pub use crate::open::{Config, Instruments, open_all};
pub use crate::sampler::SamplerReport;
pub use crate::window::{Marks, Measured, Options, measure, rehearse};

/// What one look at an instrument gives.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Raw {
    /// The cumulative counter, in units of its [`CounterSpec`].
    pub counter: Option<u64>,
    /// Power now, where the instrument says it; never an average over more than its update period.
    pub power: Option<Power>,
}

/// An instrument that reads one Domain.
pub trait Meter: Send {
    /// What is known about it.
    fn card(&self) -> &MeterCard;

    /// How its counter counts; `None` where it has none and energy is the integral of its power.
    fn counter(&self) -> Option<CounterSpec>;

    /// One look. `now` is the caller's clock, for instruments that have none of their own. Must not allocate
    /// or log where the driver allows it.
    ///
    /// # Errors
    /// [`Trouble`] says whether another look may work.
    fn read(&mut self, now: Duration) -> Result<Raw, Trouble>;

    /// Idle power where it is configured rather than found, so that nobody measures a constant.
    fn idle_power(&self) -> Option<Power> {
        None
    }

    /// Temperature of what it reads, where the same instrument knows it. Never called inside a Window.
    fn temperature(&mut self) -> Option<Temperature> {
        None
    }

    /// What the device calls itself, where it is an accelerator.
    fn accelerator(&self) -> Option<&str> {
        None
    }
}

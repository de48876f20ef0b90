//! How the Machine was while it measured: what preflight and the check afterwards saw.
//!
//! Facts only; what follows from them is [`verdict`](crate::verdict). Every part came later than the first records, so
//! a part that is missing was not looked at. Must not: turn "not looked at" into "fine".

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::ids::ModelId;
use crate::meter::Domain;
use crate::units::{Power, Temperature, seconds};

/// How the machine was while measuring.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Conditions {
    /// Share of all cores that other processes kept busy during the Windows, 0 to 1.
    pub foreign_load: Option<f64>,
    /// Whether the machine became calm before the time allowed for it was over.
    pub was_calm: bool,
    /// Whether the machine became as cool as it is when it rests, before the time allowed for that was over; null where
    /// there is no thermometer, or where it is not known yet at which temperature it rests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was_cool: Option<bool>,
    /// Temperature before the first Window; null where there is no thermometer.
    #[serde(rename = "temperature_before_c")]
    pub temperature_before: Option<Temperature>,
    /// Temperature after the last Window.
    #[serde(rename = "temperature_after_c")]
    pub temperature_after: Option<Temperature>,
    /// Whether tokens were sent to watchers while they were made.
    pub streamed: bool,
    /// Whether each Repetition started at another phase of the slowest instrument.
    #[serde(default)]
    pub spread_starts: bool,
    /// The kernel's load average over a minute, before the first Window.
    #[serde(default)]
    pub load_average: Option<f64>,
    /// Share of all cores' time that the host of a virtual machine took away from before the first Window until after
    /// the last, 0 to 1.
    #[serde(default)]
    pub stolen_share: Option<f64>,
    /// Time that the machine slept meanwhile.
    #[serde(rename = "suspended_s", with = "seconds::option", default)]
    #[schema(value_type = Option<f64>)]
    pub suspended: Option<Duration>,
    /// Pages moved to and from swap meanwhile.
    #[serde(default)]
    pub swapped_pages: Option<u64>,
    /// Processes of others on the accelerators, before or after, whichever is more.
    #[serde(default)]
    pub foreign_accelerator_processes: Option<u32>,
    /// Instruments that did not move in time before the first Window.
    #[serde(default)]
    pub silent_meters: Vec<Domain>,
    /// How the processor's clocks were set; null of records from before that was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processor: Option<ProcessorState>,
    /// How they were set after the last Window, where that is another way; null where nothing changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processor_after: Option<ProcessorState>,
    /// How the accelerators were set, and how long they were held back.
    #[serde(default)]
    pub accelerators: Vec<AcceleratorState>,
    /// What the sampler cost and how well it kept time, over all Windows.
    #[serde(default)]
    pub sampler: Option<SamplerCost>,
    /// Which attempt at the Run this is, from 1, where a bad one would have been repeated; null of what is never repeated.
    #[serde(default)]
    pub attempt: Option<u32>,
    /// What the machine's control workload told lately; null where there was none.
    #[serde(default)]
    pub control: Option<Control>,
}

/// The same prompt measured again and again over days: a machine that measures otherwise than it did says so here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Control {
    /// When the last was.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Which Model answered.
    pub model_id: ModelId,
    /// How many it tells of, the newest.
    pub n: u64,
    /// Standard deviation of their energies over the mean, a share; null for fewer than two.
    pub energy_spread: Option<f64>,
    /// The same of their times.
    pub time_spread: Option<f64>,
}

/// How the processor's clocks are set, as the kernel says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProcessorState {
    /// The governors of all cores, each once; several where cores differ, none where the kernel offers none.
    pub governors: Vec<String>,
    /// The driver that sets the clocks.
    pub driver: Option<String>,
    /// Whether clocks may rise above their nominal one.
    pub has_turbo: Option<bool>,
    /// Whether a core runs two threads at once.
    pub has_smt: Option<bool>,
    /// The lowest clock that any core may have.
    pub min_clock_mhz: Option<u32>,
    /// The highest clock that any core may have.
    pub max_clock_mhz: Option<u32>,
    /// Why something above is not known, a sentence each.
    pub missing: Vec<String>,
}

impl ProcessorState {
    /// Whether the governor saves power, or is another on other cores: the same work then takes another time and energy
    /// from one run to the next.
    pub fn is_unfit(&self) -> bool {
        self.governors.len() > 1 || self.governors.iter().any(|governor| governor == "powersave")
    }
}

/// How one accelerator was set, and how long it was held back during the Windows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AcceleratorState {
    /// Which.
    pub domain: Domain,
    /// Clock of its cores before the first Window.
    pub core_clock_mhz: Option<u32>,
    /// Clock of its memory then.
    pub memory_clock_mhz: Option<u32>,
    /// The power limit in force.
    #[serde(rename = "power_limit_w")]
    pub power_limit: Option<Power>,
    /// The power limit that its maker set.
    #[serde(rename = "default_power_limit_w")]
    pub default_power_limit: Option<Power>,
    /// Whether its driver stays loaded between two users.
    pub is_persistent: Option<bool>,
    /// Whether its memory corrects errors.
    pub has_ecc: Option<bool>,
    /// How long heat or the hardware slowed it down during the Windows; null where it does not say.
    #[serde(rename = "slowed_s", with = "seconds::option", default)]
    #[schema(value_type = Option<f64>)]
    pub slowed: Option<Duration>,
    /// How long its power limit held it back during the Windows.
    #[serde(rename = "power_capped_s", with = "seconds::option", default)]
    #[schema(value_type = Option<f64>)]
    pub power_capped: Option<Duration>,
}

/// What watching cost, over all Windows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SamplerCost {
    /// Time between two looks as planned.
    #[serde(rename = "period_s", with = "seconds")]
    #[schema(value_type = f64)]
    pub period: Duration,
    /// Looks at the instruments.
    pub looks: u64,
    /// 95 of 100 looks came no later than this.
    #[serde(rename = "lateness_p95_s", with = "seconds")]
    #[schema(value_type = f64)]
    pub lateness_p95: Duration,
    /// The latest look.
    #[serde(rename = "max_lateness_s", with = "seconds")]
    #[schema(value_type = f64)]
    pub max_lateness: Duration,
    /// The longest that one instrument took to answer.
    #[serde(rename = "max_read_s", with = "seconds")]
    #[schema(value_type = f64)]
    pub max_read: Duration,
    /// Processor time of the sampler's thread; null where the kernel does not say.
    #[serde(rename = "cpu_s", with = "seconds::option", default)]
    #[schema(value_type = Option<f64>)]
    pub cpu: Option<Duration>,
    /// Whether the kernel runs it before ordinary threads.
    pub is_realtime: bool,
    /// The core that it was kept on; null where it was left to the scheduler.
    pub core: Option<u32>,
}

impl SamplerCost {
    /// Whether it kept time too badly for the protocol.
    pub fn was_late(&self) -> bool {
        self.lateness_p95 > self.period.mul_f64(crate::verdict::MAX_LATENESS)
    }

    /// Both together: what was counted adds up, what was worst stays.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            period: self.period.max(other.period),
            looks: self.looks + other.looks,
            lateness_p95: self.lateness_p95.max(other.lateness_p95),
            max_lateness: self.max_lateness.max(other.max_lateness),
            max_read: self.max_read.max(other.max_read),
            cpu: self.cpu.zip(other.cpu).map(|(one, other)| one + other),
            is_realtime: self.is_realtime && other.is_realtime,
            core: self.core.filter(|core| other.core == Some(*core)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_of_an_old_record_are_read_and_nothing_is_said_to_be_fine() {
        let old = r#"{"foreign_load":0.01,"was_calm":true,"temperature_before_c":null,"temperature_after_c":null,"streamed":false}"#;
        let conditions: Conditions = serde_json::from_str(old).unwrap();
        assert_eq!((conditions.stolen_share, conditions.sampler), (None, None));
        assert!(!conditions.spread_starts && conditions.accelerators.is_empty());
    }

    #[test]
    fn two_windows_cost_what_both_cost_and_were_as_late_as_the_later() {
        let one = SamplerCost {
            period: Duration::from_millis(10),
            looks: 100,
            lateness_p95: Duration::from_millis(1),
            max_lateness: Duration::from_millis(4),
            max_read: Duration::from_micros(20),
            cpu: Some(Duration::from_millis(3)),
            is_realtime: true,
            core: Some(0),
        };
        let late = SamplerCost { lateness_p95: Duration::from_millis(3), core: None, ..one };
        let both = one.merge(late);
        assert_eq!((both.looks, both.cpu), (200, Some(Duration::from_millis(6))));
        assert!(both.was_late() && !one.was_late());
        assert_eq!(both.core, None);
    }
}

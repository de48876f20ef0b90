//! The meter card: what is known of one instrument on one Machine, and what `characterise` found of it there.
//!
//! It is stored with every Measurement. Must not: hold a figure that nobody stated or measured; unknown is null.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::{Domain, Label, Method};
use crate::units::{Energy, Power, seconds};

/// The meter card: what is known about one instrument on one Machine. Stored with every Measurement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MeterCard {
    /// Which instrument, such as `nvml`, `rapl` or `cpu_model`.
    pub name: String,
    /// Which part of the machine it reads.
    pub domain: Domain,
    /// Under which Label its figures go.
    pub label: Label,
    /// How its energy is found.
    pub method: Method,
    /// What is inside its figure and what is not, in one sentence for people.
    pub boundary: String,
    /// Time between two updates of the reading; unknown is null.
    #[serde(rename = "update_period_s", with = "seconds::option", default)]
    #[schema(value_type = Option<f64>)]
    pub update_period: Option<Duration>,
    /// Time over which one power reading is a mean, as its make is known to do it; shorter than the update period
    /// means that it sees a part of the time only. Unknown is null.
    #[serde(rename = "averaging_s", with = "seconds::option", default)]
    #[schema(value_type = Option<f64>)]
    pub averaging: Option<Duration>,
    /// Smallest step of its energy reading; unknown is null.
    #[serde(rename = "resolution_j")]
    pub resolution: Option<Energy>,
    /// Standard uncertainty of its gain, as a share (k = 1): 0.029 for an uncalibrated GPU board.
    pub gain_uncertainty: f64,
    /// What the instrument cannot be over: the bound that tells a wrapped counter from a reset one.
    #[serde(rename = "power_limit_w")]
    pub power_limit: Option<Power>,
    /// Make, driver and version of what was read, as far as known.
    pub version: Option<String>,
    /// What makes its figures worse than the rest of the card says.
    #[serde(default)]
    pub cautions: Vec<Caution>,
    /// What `jouleboard-worker characterise` found of it on this Machine; null where nobody looked.
    #[serde(default)]
    pub characterised: Option<Characterised>,
}

/// Something that makes an instrument's figures worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Caution {
    /// The processor adds noise to its counter, as it does where software guard extensions are on.
    NoisyCounter,
    /// Its power is a moving average: what happens in a short Window is smeared over a longer time.
    MovingAverage,
}

/// What was measured of one instrument on its own Machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Characterised {
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Median time between two changes of its reading; null where it did not change often enough.
    #[serde(rename = "update_period_s", with = "seconds::option", default)]
    #[schema(value_type = Option<f64>)]
    pub update_period: Option<Duration>,
    /// Time over which one power reading is a mean, found by a load that went on and off; null where it gives no power,
    /// felt no load, or did not resolve it.
    #[serde(rename = "averaging_s", with = "seconds::option", default)]
    #[schema(value_type = Option<f64>)]
    pub averaging: Option<Duration>,
    /// Half-width of the 95 % interval of that.
    #[serde(rename = "averaging_half_width_s", with = "seconds::option", default)]
    #[schema(value_type = Option<f64>)]
    pub averaging_half_width: Option<Duration>,
    /// Median time that one look at it takes.
    #[serde(rename = "read_s", with = "seconds")]
    #[schema(value_type = f64)]
    pub read: Duration,
    /// 99 of 100 looks take no longer.
    #[serde(rename = "read_p99_s", with = "seconds")]
    #[schema(value_type = f64)]
    pub read_p99: Duration,
    /// Energy by its counter over energy by its power readings, less 1, under steady load; null where it has only one
    /// of them.
    pub counter_bias: Option<f64>,
    /// Its energy over that of a reference meter, less 1; null where there was no reference.
    pub gain_error: Option<f64>,
    /// What a meter at the socket said meanwhile; null where there was none, or where its power did not change.
    #[serde(default)]
    pub wall: Option<AgainstWall>,
    /// How far its own timestamps are ahead of the Machine's clock; null where it gives none.
    pub clock_residual_s: Option<f64>,
    /// Mean power of the idle Machine.
    #[serde(rename = "idle_power_w")]
    pub idle_power: Option<Power>,
    /// Standard deviation of its power readings then.
    #[serde(rename = "idle_deviation_w")]
    pub idle_deviation: Option<Power>,
    /// Share of one core that the sampler takes while it looks at all instruments of the Machine.
    pub sampler_core_share: Option<f64>,
    /// How much longer the same work takes with the sampler on, less 1; within its noise of 0 where there is nothing
    /// to see.
    pub sampler_slowdown: Option<f64>,
    /// Half-width of the 95 % interval of that.
    pub sampler_slowdown_half_width: Option<f64>,
}

/// The parts of a Machine against the meter at its socket, over steps of load: `ΔP_wall = offset + slope·ΔP_parts`. The
/// slope holds the loss of the power supply, and the gains of both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AgainstWall {
    /// Which kind of meter is at the socket.
    pub name: String,
    /// Watts at the socket for each watt of all parts that are read.
    pub slope: f64,
    /// Half-width of its 95 % interval; null for two steps.
    pub slope_half_width: Option<f64>,
    /// Watts at the socket where the parts draw none.
    #[serde(rename = "offset_w")]
    pub offset: Power,
    /// How many steps of load.
    pub steps: u32,
    /// Seconds that the socket's readings lie behind the load, by pulses of load: clocks and the meter's own delay
    /// together. Null where the pulses did not show.
    pub delay_s: Option<f64>,
    /// Half-width of its 95 % interval.
    pub delay_half_width_s: Option<f64>,
}

impl MeterCard {
    /// The card of an instrument of which nothing else is known.
    pub fn new(
        name: &str,
        domain: Domain,
        label: Label,
        method: Method,
        boundary: impl Into<String>,
    ) -> Self {
        Self {
            name: name.to_owned(),
            domain,
            label,
            method,
            boundary: boundary.into(),
            update_period: None,
            averaging: None,
            resolution: None,
            gain_uncertainty: 0.0,
            power_limit: None,
            version: None,
            cautions: Vec::new(),
            characterised: None,
        }
    }

    /// Whether its power readings see a part of each update period only.
    pub fn sees_a_part(&self) -> bool {
        self.averaging
            .zip(self.update_period)
            .is_some_and(|(averaging, period)| averaging < period.mul_f64(0.9))
    }

    /// Whether both cards are of the same instrument, so that what was characterised of one holds for the other.
    pub fn is_same_instrument(&self, other: &Self) -> bool {
        (&self.name, self.domain, self.label, &self.version)
            == (&other.name, other.domain, other.label, &other.version)
    }

    /// The same card with what was found of the instrument on its Machine; what was measured replaces what is
    /// known of the make.
    #[must_use]
    pub fn with(mut self, characterised: Characterised) -> Self {
        self.update_period = characterised.update_period.or(self.update_period);
        // A mean over more than a period is another sensor's than the one that was found.
        let found = characterised.update_period;
        let known = self.averaging.filter(|window| found.is_none_or(|period| *window <= period));
        self.averaging = characterised.averaging.or(known);
        self.characterised = Some(characterised);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(value: u64) -> Option<Duration> {
        Some(Duration::from_millis(value))
    }

    #[test]
    fn a_sensor_of_25_in_100_milliseconds_sees_a_part_and_one_of_100_all() {
        let card = MeterCard::new("nvml", Domain::Gpu(0), Label::Measured, Method::Counter, "a board");
        let of = |averaging| MeterCard { update_period: ms(100), averaging, ..card.clone() }.sees_a_part();
        assert!(of(ms(25)) && !of(ms(100)) && !of(ms(1000)));
        assert!(!of(None), "unknown is not a part");
    }

    #[test]
    fn a_card_of_before_is_still_read_and_says_that_nobody_characterised_it() {
        let old = r#"{"name":"rapl","domain":"cpu_package_0","label":"measured","method":"counter","boundary":"b",
            "update_period_s":0.001,"resolution_j":0.00006,"gain_uncertainty":0.03,"power_limit_w":100.0,"version":null}"#;
        let card: MeterCard = serde_json::from_str(old).unwrap();
        assert_eq!((card.averaging, card.cautions.len(), card.characterised.as_ref()), (None, 0, None));
        let found = Characterised {
            at: OffsetDateTime::UNIX_EPOCH,
            update_period: ms(2),
            averaging: ms(1),
            averaging_half_width: None,
            read: Duration::from_micros(4),
            read_p99: Duration::from_micros(9),
            counter_bias: None,
            gain_error: None,
            wall: None,
            clock_residual_s: None,
            idle_power: Some(Power::from_watts(20.0)),
            idle_deviation: None,
            sampler_core_share: Some(0.001),
            sampler_slowdown: None,
            sampler_slowdown_half_width: None,
        };
        let known = card.clone().with(found);
        assert_eq!((known.update_period, known.averaging), (ms(2), ms(1)));
        assert!(known.is_same_instrument(&card));
        let of_make = |averaging| MeterCard { averaging, ..card.clone() };
        let not_found = Characterised { averaging: None, ..known.characterised.clone().unwrap() };
        assert_eq!(of_make(ms(2)).with(not_found.clone()).averaging, ms(2));
        assert_eq!(of_make(ms(25)).with(not_found).averaging, None, "more than the period that was found");
        let there_and_back = serde_json::to_string(&known).unwrap();
        assert_eq!(serde_json::from_str::<MeterCard>(&there_and_back).unwrap(), known);
    }
}

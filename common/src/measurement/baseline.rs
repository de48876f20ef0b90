//! Idle power beside the Windows, and what it was in the days before.
//!
//! Must not: decide what follows from idle power that changed; that is [`verdict`](crate::verdict).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::meter::Domain;
use crate::steadiness::Steadiness;
use crate::units::Power;

/// Idle power of one Domain beside the Window, for the net figure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Baseline {
    /// Which part of the machine.
    pub domain: Domain,
    /// Mean idle power before the first Window.
    #[serde(rename = "before_w")]
    pub before: Option<Power>,
    /// Mean idle power after the last Window.
    #[serde(rename = "after_w")]
    pub after: Option<Power>,
    /// How steady it was before; null where the readings were too few to tell, or nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steadiness_before: Option<Steadiness>,
    /// How steady it was after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steadiness_after: Option<Steadiness>,
    /// What it was in the days before: a rolling median, which would be another one today. Null where too few Runs told.
    #[serde(rename = "usual_w", default, skip_serializing_if = "Option::is_none")]
    pub usual: Option<Power>,
}

/// What idle power of one Domain of a Machine was lately: the median over the Runs of some days.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UsualIdle {
    /// Which part of the machine.
    pub domain: Domain,
    /// The median.
    #[serde(rename = "power_w")]
    pub power: Power,
}

/// Idle power may differ from what it was in the days before by this share.
pub const MAX_UNUSUAL: f64 = 0.03;
/// It is told from so many days,
pub const USUAL_DAYS: u32 = 7;
/// from so many Runs of each at most, the newest,
pub const USUAL_RUNS_A_DAY: u32 = 15;
/// and not from fewer in all.
pub const LEAST_USUAL_RUNS: u32 = 5;

impl UsualIdle {
    /// Whether this power is so far from it that the Machine is not as it was.
    pub fn is_far_from(self, now: Power) -> bool {
        (now - self.power).watts().abs() > MAX_UNUSUAL * self.power.watts().abs()
    }
}

impl Baseline {
    /// Means alone, of whose readings nothing is known.
    pub const fn new(domain: Domain, before: Option<Power>, after: Option<Power>) -> Self {
        Self { domain, before, after, steadiness_before: None, steadiness_after: None, usual: None }
    }

    /// Whether idle power was steady, before and after; `None` where too little is known of it.
    pub fn is_steady(&self) -> Option<bool> {
        let of = |mean: Option<Power>, known: Option<Steadiness>| known?.is_steady(mean?);
        let before = of(self.before, self.steadiness_before);
        let after = of(self.after, self.steadiness_after);
        [before, after].into_iter().flatten().reduce(|one, other| one && other)
    }

    /// Whether idle power before the first Window was what it was in the days before; `None` where that is not known.
    pub fn is_usual(&self) -> Option<bool> {
        let usual = UsualIdle { domain: self.domain, power: self.usual? };
        Some(!usual.is_far_from(self.before?))
    }

    /// Standard error (k = 1) of [`mean`](Self::mean): how well the readings of each span tell its own.
    pub fn standard_error(&self) -> Power {
        let of = |known: Option<Steadiness>| known.map_or(0.0, |known| known.standard_error.watts());
        let both = of(self.steadiness_before).hypot(of(self.steadiness_after));
        // Errors of two means halve in their mean; one that stands alone keeps its own.
        let spans = if self.before.is_some() && self.after.is_some() { 2.0 } else { 1.0 };
        Power::from_watts(both / spans)
    }

    /// Mean of before and after, or the one that is known.
    pub fn mean(&self) -> Option<Power> {
        match (self.before, self.after) {
            (Some(before), Some(after)) => Some((before + after) / 2.0),
            (one, other) => one.or(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_power_three_percent_off_what_it_was_for_days_is_not_usual_and_where_nobody_knows_nothing_is_said()
    {
        let of = |before_w: Option<f64>, usual_w: Option<f64>| Baseline {
            usual: usual_w.map(Power::from_watts),
            ..Baseline::new(Domain::Gpu(0), before_w.map(Power::from_watts), Some(Power::from_watts(900.0)))
        };
        assert_eq!(of(Some(102.9), Some(100.0)).is_usual(), Some(true));
        assert_eq!(of(Some(103.1), Some(100.0)).is_usual(), Some(false));
        assert_eq!(of(Some(96.9), Some(100.0)).is_usual(), Some(false));
        assert_eq!((of(None, Some(100.0)).is_usual(), of(Some(100.0), None).is_usual()), (None, None));
        assert_eq!(of(Some(0.0), Some(0.0)).is_usual(), Some(true), "what is powered off idles at nothing");
    }
}

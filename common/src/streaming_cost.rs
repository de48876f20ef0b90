//! What sending tokens and power to a watcher costs, as it was found: the newest result of `cargo xtask bench streaming
//! --state`, which is kept beside this file and built in.
//!
//! Must not: say more than the interval does.

use serde::Deserialize;

/// What was found, where and how.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct StreamingCost {
    /// The day.
    pub date: String,
    /// From which commit.
    pub commit: String,
    /// On which processor.
    pub hardware: String,
    /// How it is found again.
    pub command: String,
    /// What else of it ran there, as a sentence.
    pub beside: String,
    /// The kernel's load average over a minute before anything of it ran: what others did.
    pub load_before: f64,
    /// Tokens of an answer at most.
    pub output_tokens: u32,
    /// One entry a model and quantity.
    pub costs: Vec<Cost>,
}

/// One quantity of one model, streamed against quiet.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Cost {
    /// Which model.
    pub model: String,
    /// What was compared, with its unit.
    pub quantity: String,
    /// Whether it was measured, modelled or simulated.
    pub label: crate::meter::Label,
    /// How many prompts, each once streamed and once quiet.
    pub pairs: u32,
    /// Median over the pairs of streamed over quiet, less 1.
    pub difference: f64,
    /// Its 95 % interval: from here,
    pub low: f64,
    /// to here.
    pub high: f64,
}

impl Cost {
    /// Whether it is told apart from nothing.
    pub fn is_resolved(&self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }
}

/// The newest result.
///
/// # Errors
/// If the file is not one.
pub fn newest() -> Result<StreamingCost, serde_json::Error> {
    serde_json::from_str(include_str!("streaming_cost.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_result_has_intervals_around_its_differences_and_tells_where_it_is_from() {
        let found = newest().unwrap();
        assert!(!found.costs.is_empty() && !found.hardware.is_empty() && !found.commit.is_empty());
        for cost in &found.costs {
            assert!(cost.low <= cost.difference && cost.difference <= cost.high, "{cost:?}");
            assert!(cost.pairs >= 6, "{cost:?}");
            assert_eq!(
                cost.label == crate::meter::Label::Modelled,
                cost.quantity.starts_with('J'),
                "{cost:?}"
            );
        }
    }

    #[test]
    fn an_interval_that_holds_zero_resolves_nothing() {
        let of = |low: f64, high: f64| Cost {
            model: String::new(),
            quantity: String::new(),
            label: crate::meter::Label::Measured,
            pairs: 10,
            difference: (low + high) / 2.0,
            low,
            high,
        };
        assert!(
            of(0.01, 0.03).is_resolved() && of(-0.03, -0.01).is_resolved() && !of(-0.01, 0.03).is_resolved()
        );
    }
}

//! A measured run as its card shows it: which readings make its power curve, how its tokens came.
//!
//! Must not: draw, or write numbers as text.

use std::time::Duration;

use common::latency;
use common::leaderboard::RunFigures;
use common::measurement::{Baseline, Measurement, Reading, Repetition};
use common::meter::Domain;
use common::stats;
use common::units::Power;

/// Power over one window, as it is drawn: times since the window opened.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Curve {
    /// One series a domain.
    pub series: Vec<(Domain, Vec<(Duration, Power)>)>,
    /// From the start of prefill to the first token; in a batch, until every answer has one.
    pub prefill: Option<(Duration, Duration)>,
    /// From the first token to the last.
    pub decode: Option<(Duration, Duration)>,
    /// The end of the window; of the readings where it is still open.
    pub length: Duration,
    /// What each domain draws while the machine does nothing, where that was read.
    pub idle: Vec<(Domain, Power)>,
}

impl Curve {
    /// The curve of one repetition, with the idle power beside it.
    pub fn of(repetition: &Repetition, baselines: &[Baseline]) -> Self {
        let start = repetition.window.body_start;
        let (first, last) = (repetition.prefill_end(), repetition.decode_end());
        let series = repetition
            .readings
            .iter()
            .filter(|reading| reading.trace.0.len() > 1)
            .map(|reading| (reading.domain, points(reading)))
            .collect();
        Self {
            series,
            prefill: first.map(|first| (start, start + first)),
            decode: first.zip(last).map(|(first, last)| (start + first, start + last)),
            length: repetition.window.length,
            idle: baselines.iter().filter_map(|baseline| Some((baseline.domain, baseline.mean()?))).collect(),
        }
    }

    /// Whether there is anything to draw.
    pub const fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    /// The highest reading.
    pub fn peak(&self) -> Option<Power> {
        self.series
            .iter()
            .flat_map(|(_, points)| points)
            .map(|point| point.1)
            .max_by(|a, b| a.watts().total_cmp(&b.watts()))
    }
}

fn points(reading: &Reading) -> Vec<(Duration, Power)> {
    reading.trace.0.iter().map(|sample| (sample.at, sample.power)).collect()
}

/// Gaps between tokens over all repetitions, in seconds, sorted.
pub fn gaps(measurement: &Measurement) -> Vec<f64> {
    let mut gaps: Vec<f64> = measurement
        .facts
        .repetitions
        .iter()
        .flat_map(Repetition::answers)
        .flat_map(|answer| latency::itl(answer.token_times))
        .map(|gap| gap.as_secs_f64())
        .collect();
    gaps.sort_by(f64::total_cmp);
    gaps
}

/// Median of sorted gaps.
pub fn median_gap(gaps: &[f64]) -> Option<f64> {
    stats::median(&mut gaps.to_vec())
}

/// A run that can be set beside another: the same label and boundary, and an energy.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparable {
    /// What the run is called.
    pub name: String,
    /// Its figures.
    pub figures: RunFigures,
}

/// How a run compares with the first one.
#[derive(Debug, Clone, PartialEq)]
pub enum Comparison {
    /// It used so many times the energy of the first.
    Ratio {
        /// What this run is called.
        name: String,
        /// Its energy over that of the first.
        ratio: f64,
    },
    /// Their figures have different labels or boundaries.
    Apart {
        /// What this run is called.
        name: String,
    },
}

/// Sets every further run beside the first one that has an energy.
pub fn compare(runs: &[Comparable]) -> Option<(String, Vec<Comparison>)> {
    let with_energy: Vec<&Comparable> = runs.iter().filter(|run| run.figures.sums.energy_j.n > 0).collect();
    let (first, rest) = with_energy.split_first()?;
    if rest.is_empty() {
        return None;
    }
    let ground = |run: &Comparable| (run.figures.label, run.figures.boundary);
    let base = first.figures.sums.energy_j.mean;
    let comparisons = rest
        .iter()
        .map(|run| {
            if ground(run) == ground(first) && base > 0.0 {
                Comparison::Ratio { name: run.name.clone(), ratio: run.figures.sums.energy_j.mean / base }
            } else {
                Comparison::Apart { name: run.name.clone() }
            }
        })
        .collect();
    Some((first.name.clone(), comparisons))
}

#[cfg(test)]
mod tests {
    use common::leaderboard::{Boundary, Sums};
    use common::measurement::Finish;
    use common::meter::{Label, Method};
    use common::stats::Moments;
    use common::trace::{PowerTrace, Sample, Window};
    use common::units::Energy;
    use common::verdict::Verdict;

    use super::*;

    fn repetition() -> Repetition {
        let millis = Duration::from_millis;
        let sample = |at: u64, watts: f64| Sample { at: millis(at), power: Power::from_watts(watts) };
        Repetition {
            output_text: "a b".to_owned(),
            finish: Finish::Stop,
            prompt_tokens: 3,
            output_tokens: 2,
            token_times: vec![millis(200), millis(500)],
            window: Window::new(millis(100), millis(600), millis(700)),
            readings: vec![Reading {
                domain: Domain::CpuPackage(0),
                label: Label::Measured,
                method: Method::Counter,
                energy: Some(Energy::from_joules(7.0)),
                null_reason: None,
                uncertainty: None,
                trace: PowerTrace(vec![sample(100, 2.0), sample(300, 20.0), sample(600, 10.0)]),
                faults: vec![],
            }],
            others: vec![],
            again: vec![],
        }
    }

    fn run(name: &str, label: Label, joules: Option<f64>) -> Comparable {
        let energy_j = joules.map(Moments::one).unwrap_or_default();
        Comparable {
            name: name.to_owned(),
            figures: RunFigures {
                boundary: Some(Boundary::Cpu),
                label,
                verdict: Verdict::of(vec![]),
                uncertainty: None,
                net: None,
                sums: Sums { energy_j, ..Sums::default() },
            },
        }
    }

    #[test]
    fn prefill_ends_and_decode_begins_at_the_first_token() {
        let curve = Curve::of(&repetition(), &[]);
        assert_eq!(curve.prefill, Some((Duration::from_millis(100), Duration::from_millis(300))));
        assert_eq!(curve.decode, Some((Duration::from_millis(300), Duration::from_millis(600))));
        assert_eq!(curve.peak(), Some(Power::from_watts(20.0)));
    }

    #[test]
    fn runs_compare_with_the_first_and_never_across_labels() {
        let runs = [
            run("a", Label::Measured, None),
            run("b", Label::Measured, Some(10.0)),
            run("c", Label::Measured, Some(7.0)),
            run("d", Label::Modelled, Some(7.0)),
        ];
        let (first, rest) = compare(&runs).unwrap();
        assert_eq!(first, "b");
        assert_eq!(
            rest,
            [
                Comparison::Ratio { name: "c".to_owned(), ratio: 0.7 },
                Comparison::Apart { name: "d".to_owned() }
            ]
        );
        assert_eq!(compare(&runs[..2]), None);
    }
}

//! The figures that lists are sorted by, tables show as columns and charts use as axes: one registry, so that
//! whatever can be a column can be an axis.
//!
//! Must not: write numbers as text (that is `display`), or hold a formula that `common` has.

use std::collections::BTreeSet;
use std::sync::Arc;

use common::carbon::GridIntensity;
use common::leaderboard::{Key, Leaderboard, Row, RunFigures};
use common::machine::MachineProfile;
use common::measurement::Measurement;
use common::model::Model;
use common::sci::Sci;
use common::stats::Estimate;

use crate::display::{Quantity, float};
use crate::view_state::{Per, Unit, ViewState};

/// One line of a view: figures, and what is known of the model, the machine and the grid behind them.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The figures and what they share.
    pub row: Row,
    /// The model.
    pub model: Arc<Model>,
    /// The machine.
    pub machine: Arc<MachineProfile>,
    /// The grid that is assumed: the zone chosen in the view, or the machine's own. `None` where unknown.
    pub grid: Option<Arc<GridIntensity>>,
    /// How far a single run's energy may be off, as a share of it; a line of many runs has its interval instead.
    pub uncertainty: Option<f64>,
}

impl Line {
    /// A measured run as a line: the same figures, with the uncertainty of one run.
    pub fn of_run(
        measurement: &Measurement,
        figures: &RunFigures,
        grid: Option<&GridIntensity>,
    ) -> Option<Self> {
        let facts = &measurement.facts;
        let energy = figures.sums.energy_j.mean;
        let uncertainty = figures.uncertainty.filter(|_| energy > 0.0).map(|u| u.absolute.joules() / energy);
        Some(Self {
            row: Row { key: Key::of(measurement, figures)?, sums: figures.sums },
            uncertainty,
            model: Arc::new(facts.model.clone()),
            machine: Arc::new(measurement.machine.clone()),
            grid: Some(Arc::new(grid.unwrap_or(&measurement.grid).clone())),
        })
    }

    /// SCI per response.
    pub fn sci(&self) -> Option<Sci> {
        self.row.sci(&self.machine, self.grid.as_deref()?)
    }

    /// How many of a unit one response holds: tokens, or right answers.
    fn per_response(&self, per: Per) -> Option<f64> {
        let count = match per {
            Per::Response => return Some(1.0),
            Per::OutputToken => self.row.sums.output_tokens,
            Per::CorrectAnswer => self.row.sums.correct,
        };
        (count.n > 0 && count.mean > 0.0).then_some(count.mean)
    }

    /// Names this line in links: short, and the same as long as its key is.
    pub fn link_key(&self) -> String {
        let key = serde_json::to_string(&self.row.key).unwrap_or_default();
        let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("{:08x}", hash >> 32)
    }
}

/// One figure of a [`Line`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Figure {
    /// Energy in the unit and per what the view says; with watts, mean power while answering.
    Energy,
    /// Operational emissions.
    Carbon,
    /// Operational and embodied emissions.
    Sci,
    /// Output tokens per second.
    Throughput,
    /// Start of prefill to the last token.
    Latency,
    /// Start of prefill to the first token.
    Ttft,
    /// Time per output token after the first.
    Tpot,
    /// Tokens written.
    OutputTokens,
    /// Tokens read.
    PromptTokens,
    /// Parameters of the model.
    Parameters,
    /// Bytes of weights in memory.
    Size,
    /// Bits stored per weight.
    Bits,
    /// Score on the benchmark of this name.
    Quality(String),
    /// 1 − score on the benchmark of this name.
    Error(String),
    /// Share of right answers to questions whose answer is known.
    Correct,
    /// Runs behind the figures.
    Runs,
    /// Share of runs whose verdict is valid without remarks.
    Valid,
}

impl Figure {
    /// All figures that this ranking can show, in the order of the leaderboard's columns.
    pub fn all(board: &Leaderboard) -> Vec<Self> {
        let mut benchmarks = BTreeSet::<&str>::new();
        // A part of a benchmark is told with its model, not as a column of its own.
        for quality in
            board.models.iter().flat_map(|model| &model.quality).filter(|quality| !quality.is_part())
        {
            benchmarks.insert(&quality.benchmark);
        }
        let mut all = vec![
            Self::Energy,
            Self::Throughput,
            Self::Latency,
            Self::Ttft,
            Self::Tpot,
            Self::OutputTokens,
            Self::PromptTokens,
            Self::Parameters,
        ];
        all.extend(benchmarks.iter().map(|name| Self::Quality((*name).to_owned())));
        all.extend([Self::Correct, Self::Carbon, Self::Sci, Self::Size, Self::Bits, Self::Runs, Self::Valid]);
        all.extend(benchmarks.iter().map(|name| Self::Error((*name).to_owned())));
        all
    }

    /// The leaderboard's columns: the mission's, then what tells how good a figure is.
    pub fn columns(board: &Leaderboard) -> Vec<Self> {
        let left_out = [Self::Tpot, Self::PromptTokens, Self::Carbon, Self::Sci, Self::Size, Self::Bits];
        Self::all(board)
            .into_iter()
            .filter(|figure| !left_out.contains(figure) && !matches!(figure, Self::Error(_)))
            .collect()
    }

    /// Its name in links.
    pub fn id(&self) -> String {
        match self {
            Self::Energy => "energy".to_owned(),
            Self::Carbon => "carbon".to_owned(),
            Self::Sci => "sci".to_owned(),
            Self::Throughput => "throughput".to_owned(),
            Self::Latency => "latency".to_owned(),
            Self::Ttft => "ttft".to_owned(),
            Self::Tpot => "tpot".to_owned(),
            Self::OutputTokens => "length".to_owned(),
            Self::PromptTokens => "prompt-length".to_owned(),
            Self::Parameters => "parameters".to_owned(),
            Self::Size => "size".to_owned(),
            Self::Bits => "bits".to_owned(),
            Self::Quality(name) => format!("quality:{name}"),
            Self::Error(name) => format!("error:{name}"),
            Self::Correct => "right".to_owned(),
            Self::Runs => "runs".to_owned(),
            Self::Valid => "valid".to_owned(),
        }
    }

    /// What stands over it.
    pub fn title(&self, view: &ViewState) -> String {
        match self {
            Self::Energy if view.unit == Unit::Watts => "Power".to_owned(),
            Self::Energy => "Energy".to_owned(),
            Self::Carbon => "CO₂e".to_owned(),
            Self::Sci => "SCI".to_owned(),
            Self::Throughput => "Throughput".to_owned(),
            Self::Latency => "Latency".to_owned(),
            Self::Ttft => "TTFT".to_owned(),
            Self::Tpot => "TPOT".to_owned(),
            Self::OutputTokens => "Response".to_owned(),
            Self::PromptTokens => "Prompt".to_owned(),
            Self::Parameters => "Size".to_owned(),
            Self::Size => "Memory".to_owned(),
            Self::Bits => "Bits per weight".to_owned(),
            Self::Quality(name) => short(name),
            Self::Error(name) => format!("Error, {}", short(name)),
            Self::Correct => "Right".to_owned(),
            Self::Runs => "Runs".to_owned(),
            Self::Valid => "Clean".to_owned(),
        }
    }

    /// What it is, in a sentence.
    pub fn definition(&self, view: &ViewState) -> String {
        let per = per_words(view.per);
        match self {
            Self::Energy if view.unit == Unit::Watts => {
                "Mean power while answering: all energy over all time, idle share included.".to_owned()
            }
            Self::Energy => format!(
                "Energy inside the named boundary from the start of prefill to the last token, {per}, idle share included."
            ),
            Self::Carbon => format!(
                "Emissions of that energy on the assumed grid, {per}, the building's overhead included."
            ),
            Self::Sci => format!(
                "Software Carbon Intensity, {per}: emissions of the energy plus the share of making the machine, for the time it was reserved."
            ),
            Self::Throughput => {
                "Output tokens per second over the whole answer, prefill included.".to_owned()
            }
            Self::Latency => {
                "Start of prefill to the last token. Without queue, cool-down and network.".to_owned()
            }
            Self::Ttft => {
                "Time to first token: start of prefill until it is on the host. Without queue and network."
                    .to_owned()
            }
            Self::Tpot => "Time per output token after the first.".to_owned(),
            Self::OutputTokens => {
                "Mean length of an answer in tokens, the stop token not counted.".to_owned()
            }
            Self::PromptTokens => "Tokens read: system prompt, template and text.".to_owned(),
            Self::Parameters => "Number of weights; tied ones counted once.".to_owned(),
            Self::Size => "Memory that the weights take.".to_owned(),
            Self::Bits => "Bits stored per weight, scales included.".to_owned(),
            Self::Quality(name) => {
                format!("Share answered correctly in “{name}”. It does not depend on the machine.")
            }
            Self::Error(name) => format!("1 − the share answered correctly in “{name}”."),
            Self::Correct => {
                "Share of right answers among the measured questions whose answer is known.".to_owned()
            }
            Self::Runs => {
                "Runs behind the figures, and those left out because their verdict forbids it.".to_owned()
            }
            Self::Valid => "Share of these runs whose verdict is valid without remarks.".to_owned(),
        }
    }

    /// How it is written.
    pub const fn quantity(&self, view: &ViewState) -> Quantity {
        match self {
            Self::Energy => match view.unit {
                Unit::Joules => Quantity::Joules,
                Unit::WattHours => Quantity::WattHours,
                Unit::Watts => Quantity::Watts,
            },
            Self::Carbon | Self::Sci => Quantity::Grams,
            Self::Throughput => Quantity::TokensPerSecond,
            Self::Latency | Self::Ttft | Self::Tpot => Quantity::Seconds,
            Self::OutputTokens | Self::PromptTokens => Quantity::Tokens,
            Self::Parameters => Quantity::Parameters,
            Self::Size => Quantity::Bytes,
            Self::Bits => Quantity::Bits,
            Self::Quality(_) | Self::Error(_) | Self::Correct | Self::Valid => Quantity::Share,
            Self::Runs => Quantity::Count,
        }
    }

    /// Its field in a download: the unit is in the name.
    pub fn field(&self, view: &ViewState) -> String {
        let unit = match self.quantity(view) {
            Quantity::Joules => "_j",
            Quantity::WattHours => "_wh",
            Quantity::Watts => "_w",
            Quantity::Seconds => "_s",
            Quantity::Grams => "_g",
            Quantity::Bytes => "_bytes",
            Quantity::TokensPerSecond => "_tokens_per_s",
            Quantity::Tokens => "_tokens",
            Quantity::Share => "_share",
            Quantity::Parameters | Quantity::Bits | Quantity::Count => "",
        };
        let per = match self {
            Self::Energy if view.unit == Unit::Watts => "",
            Self::Energy | Self::Carbon | Self::Sci => match view.per {
                Per::Response => "_per_response",
                Per::OutputToken => "_per_output_token",
                Per::CorrectAnswer => "_per_correct_answer",
            },
            _ => "",
        };
        let name = match self {
            Self::Energy if view.unit == Unit::Watts => "power".to_owned(),
            other => other.id().replace([':', '-', ' '], "_"),
        };
        format!("{name}{unit}{per}")
    }

    /// Whether more is better; a figure that is neither sorts ascending.
    pub const fn more_is_better(&self) -> bool {
        matches!(self, Self::Throughput | Self::Quality(_) | Self::Correct | Self::Runs | Self::Valid)
    }

    /// The same by the figure's name in links.
    pub fn is_better_with_more(id: &str) -> bool {
        matches!(id, "throughput" | "right" | "runs" | "valid") || id.starts_with("quality:")
    }

    /// The figure of a line; `None` where it is missing.
    pub fn of(&self, line: &Line, view: &ViewState) -> Option<Estimate> {
        let sums = &line.row.sums;
        match self {
            Self::Energy => with_uncertainty(
                line,
                match view.unit {
                    Unit::Watts => line.row.power(),
                    Unit::Joules => energy(line, view.per),
                    Unit::WattHours => energy(line, view.per).map(|joules| {
                        let to_wh = |value: f64| common::units::Energy::from_joules(value).watt_hours();
                        Estimate {
                            mean: to_wh(joules.mean),
                            half_width: joules.half_width.map(to_wh),
                            ..joules
                        }
                    }),
                },
            ),
            Self::Carbon => {
                exact((line.sci()?.operational / line.per_response(view.per)?).grams(), sums.energy_j.n)
            }
            Self::Sci => exact((line.sci()?.total() / line.per_response(view.per)?).grams(), sums.energy_j.n),
            Self::Throughput => exact(line.row.throughput()?, sums.latency_s.n),
            Self::Latency => sums.latency_s.estimate(),
            Self::Ttft => sums.ttft_s.estimate(),
            Self::Tpot => sums.tpot_s.estimate(),
            Self::OutputTokens => sums.output_tokens.estimate(),
            Self::PromptTokens => sums.prompt_tokens.estimate(),
            Self::Parameters => exact(float(line.model.parameters), 1),
            Self::Size => exact(float(line.model.weight_bytes), 1),
            Self::Bits => exact(line.model.bits_per_weight, 1),
            Self::Quality(name) => quality(&line.model, name),
            Self::Error(name) => {
                quality(&line.model, name).map(|score| Estimate { mean: 1.0 - score.mean, ..score })
            }
            Self::Correct => (sums.correct.n > 0).then_some(Estimate {
                n: sums.correct.n,
                mean: sums.correct.mean,
                half_width: None,
            }),
            Self::Runs => exact(float(sums.runs), sums.runs),
            Self::Valid => {
                let valid = sums.runs.saturating_sub(sums.flagged_runs);
                (sums.runs > 0).then(|| Estimate {
                    n: sums.runs,
                    mean: float(valid) / float(sums.runs),
                    half_width: None,
                })
            }
        }
    }
}

fn with_uncertainty(line: &Line, estimate: Option<Estimate>) -> Option<Estimate> {
    let estimate = estimate?;
    let half_width = estimate.half_width.or_else(|| Some(line.uncertainty? * estimate.mean));
    Some(Estimate { half_width, ..estimate })
}

fn energy(line: &Line, per: Per) -> Option<Estimate> {
    match per {
        Per::Response => line.row.energy(),
        Per::OutputToken => line.row.energy_per_output_token(),
        Per::CorrectAnswer => line.row.energy_per_correct_answer(),
    }
}

fn quality(model: &Model, benchmark: &str) -> Option<Estimate> {
    let quality = model.quality.iter().find(|quality| quality.benchmark == benchmark)?;
    Some(Estimate { n: u64::from(quality.n), mean: quality.score, half_width: None })
}

const fn exact(mean: f64, n: u64) -> Option<Estimate> {
    Some(Estimate { n, mean, half_width: None })
}

/// What a figure is divided by, in words.
pub const fn per_words(per: Per) -> &'static str {
    match per {
        Per::Response => "per response",
        Per::OutputToken => "per output token",
        Per::CorrectAnswer => "per correct answer",
    }
}

/// A benchmark's name where there is little room: its first word, in capitals where it is an abbreviation.
fn short(benchmark: &str) -> String {
    match benchmark.split_whitespace().next().unwrap_or(benchmark) {
        "jouleboard-heldout" => "Held-out".to_owned(),
        word => word.to_owned(),
    }
}

//! The figures that lists are sorted by, tables show as columns and charts use as axes: one registry, so that
//! whatever can be a column can be an axis.
//!
//! Must not: write numbers as text (that is `display`), or hold a formula that `common` has.

mod about;
mod line;
mod value;
mod written;

use std::collections::BTreeSet;

use common::leaderboard::Leaderboard;

use crate::view_state::ViewState;

pub use about::per_words;
pub use line::{Line, short_hash};
pub use written::{Broken, Written, formulas, parse};

/// One figure of a [`Line`].
#[derive(Debug, Clone, PartialEq)]
pub enum Figure {
    /// Energy in the unit and per what the view says; with watts, mean power while answering.
    Energy,
    /// Energy without what the machine draws while it does nothing.
    NetEnergy,
    /// Energy per output token, whatever the view says.
    EnergyPerOutputToken,
    /// Energy until the first token, per token read.
    EnergyPerPromptToken,
    /// Output tokens per joule.
    TokensPerJoule,
    /// Mean power while answering.
    Power,
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
    /// Median gap between tokens.
    ItlP50,
    /// Gap between tokens that nine of ten stay below.
    ItlP90,
    /// Gap between tokens that 19 of 20 stay below.
    ItlP95,
    /// Gap between tokens that 99 of 100 stay below.
    ItlP99,
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
    /// Sequences computed at once.
    Batch,
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
    /// What the visitor wrote.
    Formula(Box<Written>),
}

impl Figure {
    /// The figures before the benchmarks, in the order of the leaderboard's columns.
    const FIRST: [Self; 16] = [
        Self::Energy,
        Self::Throughput,
        Self::Latency,
        Self::Ttft,
        Self::Tpot,
        Self::ItlP50,
        Self::ItlP90,
        Self::ItlP95,
        Self::ItlP99,
        Self::EnergyPerOutputToken,
        Self::EnergyPerPromptToken,
        Self::TokensPerJoule,
        Self::NetEnergy,
        Self::OutputTokens,
        Self::PromptTokens,
        Self::Parameters,
    ];
    /// Those after them.
    const LAST: [Self; 9] = [
        Self::Correct,
        Self::Power,
        Self::Carbon,
        Self::Sci,
        Self::Size,
        Self::Bits,
        Self::Batch,
        Self::Runs,
        Self::Valid,
    ];

    /// All figures that this ranking can show but those that visitors write.
    pub fn all(board: &Leaderboard) -> Vec<Self> {
        // A part of a benchmark is told with its model, not as a column of its own.
        let mut benchmarks = BTreeSet::<&str>::new();
        for quality in board.models.iter().flat_map(|model| &model.quality).filter(|each| !each.is_part()) {
            benchmarks.insert(&quality.benchmark);
        }
        let named = |of: fn(String) -> Self| benchmarks.iter().map(move |name| of((*name).to_owned()));
        let mut all = Self::FIRST.to_vec();
        all.extend(named(Self::Quality));
        all.extend(Self::LAST);
        all.extend(named(Self::Error));
        all
    }

    /// The same with those that the visitor wrote.
    pub fn all_with_formulas(board: &Leaderboard, view: &ViewState) -> Vec<Self> {
        let mut all = Self::all(board);
        let (written, _) = formulas(&all, view);
        all.extend(written.into_iter().map(|written| Self::Formula(Box::new(written))));
        all
    }

    /// The leaderboard's columns: the mission's, then what tells how good a figure is; those that the visitor chose
    /// or wrote besides.
    pub fn columns(board: &Leaderboard, view: &ViewState) -> Vec<Self> {
        let is_shown = |figure: &Self| !figure.is_optional() || view.columns.contains(&figure.id());
        Self::all_with_formulas(board, view).into_iter().filter(is_shown).collect()
    }

    /// Whether it is a column only where the visitor asks for it.
    pub fn is_optional(&self) -> bool {
        !matches!(
            self,
            Self::Energy
                | Self::Throughput
                | Self::Latency
                | Self::Ttft
                | Self::OutputTokens
                | Self::Parameters
                | Self::Quality(_)
                | Self::Correct
                | Self::Runs
                | Self::Valid
                | Self::Formula(_)
        )
    }

    /// Whether it can have a 95 % interval.
    pub const fn has_interval(&self) -> bool {
        !matches!(
            self,
            Self::Throughput
                | Self::TokensPerJoule
                | Self::Parameters
                | Self::Size
                | Self::Bits
                | Self::Batch
                | Self::Runs
                | Self::Valid
                | Self::Formula(_)
        )
    }

    /// Whether a download has it among the fields that say what a line stands on.
    pub const fn is_of_key(&self) -> bool {
        matches!(self, Self::Batch | Self::Runs)
    }

    /// Whether more is better; a figure that is neither sorts ascending.
    pub fn more_is_better(&self) -> bool {
        match self {
            Self::Throughput
            | Self::TokensPerJoule
            | Self::Quality(_)
            | Self::Correct
            | Self::Runs
            | Self::Valid => true,
            Self::Formula(written) => written.more_is_better,
            _ => false,
        }
    }

    /// The same by the figure's name in links.
    pub fn is_better_with_more(id: &str) -> bool {
        matches!(id, "throughput" | "tokens-per-joule" | "right" | "runs" | "valid")
            || id.starts_with("quality:")
            || id.starts_with('+')
    }
}

/// Filters, orders and axes name a figure by its id.
pub fn find(figures: &[Figure], id: &str) -> Option<Figure> {
    figures.iter().find(|figure| figure.id() == id).cloned()
}

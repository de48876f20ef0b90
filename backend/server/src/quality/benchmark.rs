//! The benchmarks whose scores are columns, and how each generation of files names them.
//!
//! Must not: give two generations one name: their prompts, examples and scores differ.

use common::api::quality::Generation;

/// A benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Benchmark {
    /// The challenge set of the AI2 Reasoning Challenge.
    Arc,
    /// HellaSwag.
    HellaSwag,
    /// TruthfulQA, several answers right.
    TruthfulQa,
}

impl Benchmark {
    pub(super) const ALL: [Self; 3] = [Self::Arc, Self::HellaSwag, Self::TruthfulQa];

    const fn name(self) -> &'static str {
        match self {
            Self::Arc => "ARC-Challenge",
            Self::HellaSwag => "HellaSwag",
            Self::TruthfulQa => "TruthfulQA",
        }
    }

    /// The examples before each question, as published tables have them.
    pub(super) const fn usual_shots(self) -> u32 {
        match self {
            Self::Arc => 25,
            Self::HellaSwag => 10,
            Self::TruthfulQa => 0,
        }
    }

    /// How many questions it has.
    pub(super) const fn questions(self) -> u32 {
        match self {
            Self::Arc => 1172,
            Self::HellaSwag => 10_042,
            Self::TruthfulQa => 817,
        }
    }

    /// The task in the files of a generation.
    pub(super) const fn task(self, generation: Generation) -> &'static str {
        match (self, generation) {
            (Self::Arc, Generation::OpenLlmLeaderboard) => "harness|arc:challenge|",
            (Self::HellaSwag, Generation::OpenLlmLeaderboard) => "harness|hellaswag|",
            (Self::TruthfulQa, Generation::OpenLlmLeaderboard) => "harness|truthfulqa:mc|",
            (Self::Arc, _) => "arc_challenge",
            (Self::HellaSwag, _) => "hellaswag",
            (Self::TruthfulQa, Generation::Harness04) => "truthfulqa_mc2",
            (Self::TruthfulQa, _) => "truthfulqa_mc",
        }
    }

    /// The score that is its column, as published tables have it.
    pub(super) const fn metric(self) -> &'static str {
        match self {
            Self::Arc | Self::HellaSwag => "acc_norm",
            Self::TruthfulQa => "mc2",
        }
    }

    /// The same as a generation calls it.
    pub(super) const fn key(self, generation: Generation) -> &'static str {
        match (self, generation) {
            (Self::TruthfulQa, Generation::Harness04) => "acc",
            _ => self.metric(),
        }
    }

    /// The name of the column.
    pub(super) fn column(self, shots: u32, generation: Generation) -> String {
        format!("{} {}, {shots}-shot ({})", self.name(), self.metric(), generation.words())
    }
}

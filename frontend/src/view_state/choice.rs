//! What a view lets choose among few, each choice with its name in links.

use common::meter::Label;
use common::prompt::Origin;
use common::run::RunState;
use common::verdict::Grade;

/// In which unit energy stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unit {
    /// Joules.
    #[default]
    Joules,
    /// Watt-hours.
    WattHours,
    /// Mean power while answering, in watts.
    Watts,
}

/// What a figure is divided by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Per {
    /// One answer.
    #[default]
    Response,
    /// One token of an answer.
    OutputToken,
    /// One right answer, where it is known which are right.
    CorrectAnswer,
}

/// What the cells of the Kinds view show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Shown {
    /// Energy.
    #[default]
    Energy,
    /// Operational emissions.
    Carbon,
    /// Software Carbon Intensity.
    Sci,
    /// Share of right answers.
    Correct,
}

/// How a third figure is told on a chart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Told {
    /// By the size of the points.
    #[default]
    Size,
    /// By their colour.
    Colour,
}

/// Which way a list is sorted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Direction {
    /// Small first.
    #[default]
    Ascending,
    /// Large first.
    Descending,
}

/// One choice among few, with its name in links.
pub trait Choice: Copy + PartialEq + Sized + 'static {
    /// Every choice with its name in links, the default first.
    const ALL: &'static [(Self, &'static str)];

    /// Its name in links.
    fn name(self) -> &'static str {
        Self::ALL.iter().find(|choice| choice.0 == self).map_or("", |choice| choice.1)
    }

    /// The choice of this name.
    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|choice| choice.1 == name).map(|choice| choice.0)
    }
}

impl Choice for Unit {
    const ALL: &'static [(Self, &'static str)] =
        &[(Self::Joules, "j"), (Self::WattHours, "wh"), (Self::Watts, "w")];
}

impl Choice for Per {
    const ALL: &'static [(Self, &'static str)] =
        &[(Self::Response, "response"), (Self::OutputToken, "token"), (Self::CorrectAnswer, "correct")];
}

impl Choice for Shown {
    const ALL: &'static [(Self, &'static str)] =
        &[(Self::Energy, "energy"), (Self::Carbon, "carbon"), (Self::Sci, "sci"), (Self::Correct, "right")];
}

impl Choice for Told {
    const ALL: &'static [(Self, &'static str)] = &[(Self::Size, "size"), (Self::Colour, "colour")];
}

impl Choice for Direction {
    const ALL: &'static [(Self, &'static str)] = &[(Self::Ascending, "asc"), (Self::Descending, "desc")];
}

impl Choice for Label {
    const ALL: &'static [(Self, &'static str)] =
        &[(Self::Measured, "measured"), (Self::Modelled, "modelled"), (Self::Simulated, "simulated")];
}

impl Choice for Origin {
    const ALL: &'static [(Self, &'static str)] =
        &[(Self::Interactive, "interactive"), (Self::Campaign, "campaign"), (Self::Profile, "profile")];
}

impl Choice for RunState {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Queued, "queued"),
        (Self::Leased, "leased"),
        (Self::Measured, "measured"),
        (Self::Failed, "failed"),
        (Self::Cancelled, "cancelled"),
    ];
}

impl Choice for Grade {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Valid, "valid"),
        (Self::Flagged, "flagged"),
        (Self::Redo, "redo"),
        (Self::Rejected, "rejected"),
    ];
}

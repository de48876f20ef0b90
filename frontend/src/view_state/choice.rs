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
    /// Every choice, the default first.
    const ALL: &'static [Self];

    /// Its name in links.
    fn name(self) -> &'static str;

    /// The choice of this name.
    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|choice| choice.name() == name)
    }
}

/// Choices of the page alone.
macro_rules! choices {
    ($($choice:ident: $($variant:ident = $name:literal),+;)+) => {
        $(impl Choice for $choice {
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        })+
    };
}

choices! {
    Unit: Joules = "j", WattHours = "wh", Watts = "w";
    Per: Response = "response", OutputToken = "token", CorrectAnswer = "correct";
    Shown: Energy = "energy", Carbon = "carbon", Sci = "sci", Correct = "right";
    Told: Size = "size", Colour = "colour";
    Direction: Ascending = "asc", Descending = "desc";
}

/// What the domain names already, by the same names.
macro_rules! words_of_domain {
    ($($word:ident),+) => {
        $(impl Choice for $word {
            const ALL: &'static [Self] = &$word::ALL;

            fn name(self) -> &'static str {
                $word::name(self)
            }
        })+
    };
}

words_of_domain! { Label, Origin, RunState, Grade }

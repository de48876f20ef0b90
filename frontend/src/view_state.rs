//! What a view shows, as its URL's query says it: a shared link is a shared view.
//!
//! Unknown or broken values read as the default, so that an old link still opens. Must not: know the page.

use common::ids::Zone;
use common::meter::Label;
use common::prompt::{Kind, Origin, Task};

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

impl Choice for Direction {
    const ALL: &'static [(Self, &'static str)] = &[(Self::Ascending, "asc"), (Self::Descending, "desc")];
}

impl Choice for Label {
    const ALL: &'static [(Self, &'static str)] =
        &[(Self::Measured, "measured"), (Self::Modelled, "modelled"), (Self::Simulated, "simulated")];
}

impl Choice for Origin {
    const ALL: &'static [(Self, &'static str)] =
        &[(Self::Interactive, "interactive"), (Self::Campaign, "campaign")];
}

/// By which figure a list is sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// The figure's name in links.
    pub figure: String,
    /// Which way.
    pub direction: Direction,
}

/// All that a view can be told. Each view reads what concerns it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ViewState {
    /// In which unit energy stands.
    pub unit: Unit,
    /// What figures are divided by.
    pub per: Per,
    /// Whose grid is assumed; each machine's own when absent.
    pub zone: Option<Zone>,
    /// Only figures under this label.
    pub label: Option<Label>,
    /// Only prompts of this origin.
    pub origin: Option<Origin>,
    /// Only this task.
    pub task: Option<Task>,
    /// Only this kind of question.
    pub kind: Option<Kind>,
    /// Only models whose name holds this.
    pub find: String,
    /// How the list is sorted.
    pub sort: Option<Sort>,
    /// What the cells of the Kinds view show.
    pub shown: Shown,
    /// Horizontal axis, by the figure's name in links.
    pub x: Option<String>,
    /// Vertical axis.
    pub y: Option<String>,
    /// Only what no other row dominates.
    pub front_only: bool,
    /// Whether long lists are shown to their end.
    pub shows_all: bool,
    /// Which row is open, by its key in links.
    pub open: Option<String>,
    /// A text to start a prompt with.
    pub text: String,
}

impl ViewState {
    /// Reads a query; later values of one name win.
    pub fn read<'a>(query: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut state = Self::default();
        for (name, value) in query {
            match name {
                "unit" => state.unit = Unit::named(value).unwrap_or_default(),
                "per" => state.per = Per::named(value).unwrap_or_default(),
                "zone" => state.zone = value.parse().ok(),
                "label" => state.label = Label::named(value),
                "origin" => state.origin = Origin::named(value),
                "task" => state.task = value.parse().ok(),
                "kind" => state.kind = value.parse().ok(),
                "find" => value.clone_into(&mut state.find),
                "sort" => state.sort = Sort::read(value),
                "show" => state.shown = Shown::named(value).unwrap_or_default(),
                "x" => state.x = named(value),
                "y" => state.y = named(value),
                "front" => state.front_only = value == "only",
                "rows" => state.shows_all = value == "all",
                "open" => state.open = named(value),
                "text" => value.clone_into(&mut state.text),
                _ => {}
            }
        }
        state
    }

    /// Writes the query, with its question mark; empty where everything is as by default.
    pub fn query(&self) -> String {
        let initial = Self::default();
        let mut parts: Vec<(&str, String)> = Vec::new();
        let mut put = |name: &'static str, value: String| {
            if !value.is_empty() {
                parts.push((name, value));
            }
        };
        if self.unit != initial.unit {
            put("unit", self.unit.name().to_owned());
        }
        if self.per != initial.per {
            put("per", self.per.name().to_owned());
        }
        put("zone", self.zone.as_ref().map(ToString::to_string).unwrap_or_default());
        put("label", self.label.map(|label| Choice::name(label).to_owned()).unwrap_or_default());
        put("origin", self.origin.map(|origin| Choice::name(origin).to_owned()).unwrap_or_default());
        put("task", self.task.map(|task| task.name().to_owned()).unwrap_or_default());
        put("kind", self.kind.map(|kind| kind.name().to_owned()).unwrap_or_default());
        put("find", self.find.clone());
        put("sort", self.sort.as_ref().map(Sort::write).unwrap_or_default());
        if self.shown != initial.shown {
            put("show", self.shown.name().to_owned());
        }
        put("x", self.x.clone().unwrap_or_default());
        put("y", self.y.clone().unwrap_or_default());
        if self.front_only {
            put("front", "only".to_owned());
        }
        if self.shows_all {
            put("rows", "all".to_owned());
        }
        put("open", self.open.clone().unwrap_or_default());
        put("text", self.text.clone());
        let joined: Vec<String> =
            parts.into_iter().map(|(name, value)| format!("{name}={}", encode(&value))).collect();
        if joined.is_empty() { String::new() } else { format!("?{}", joined.join("&")) }
    }

    /// What a visitor takes along to another view: how figures are written and whose grid is assumed.
    #[must_use]
    pub fn carried(&self) -> Self {
        Self { unit: self.unit, per: self.per, zone: self.zone.clone(), ..Self::default() }
    }
}

impl Sort {
    fn read(text: &str) -> Option<Self> {
        let (figure, direction) = text.rsplit_once('.').unwrap_or((text, "asc"));
        Some(Self { figure: named(figure)?, direction: Direction::named(direction)? })
    }

    fn write(&self) -> String {
        format!("{}.{}", self.figure, self.direction.name())
    }
}

fn named(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}

/// Percent-encodes all but the characters that a query may hold as they are.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~:@/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_view_has_no_query() {
        assert_eq!(ViewState::default().query(), "");
        assert_eq!(ViewState::read([]), ViewState::default());
    }

    #[test]
    fn what_is_written_reads_back_the_same() {
        let state = ViewState {
            unit: Unit::WattHours,
            per: Per::CorrectAnswer,
            zone: Some("US-CAL-CISO".parse().unwrap()),
            label: Some(Label::Modelled),
            origin: Some(Origin::Campaign),
            task: Some(Task::ChatConcise),
            kind: Some(Kind::Sql),
            find: "demo 1m".to_owned(),
            sort: Some(Sort { figure: "quality.arc".to_owned(), direction: Direction::Descending }),
            shown: Shown::Sci,
            x: Some("energy".to_owned()),
            y: Some("error".to_owned()),
            front_only: true,
            shows_all: true,
            open: Some("ab12".to_owned()),
            text: "What is 2 + 2?".to_owned(),
        };
        let query = state.query();
        let decoded =
            query.trim_start_matches('?').replace("%20", " ").replace("%2B", "+").replace("%3F", "?");
        let pairs: Vec<(&str, &str)> = decoded.split('&').filter_map(|pair| pair.split_once('=')).collect();
        assert_eq!(ViewState::read(pairs), state);
    }

    #[test]
    fn a_broken_link_opens_the_default_view() {
        let broken =
            [("unit", "horsepower"), ("zone", "mars"), ("sort", ""), ("label", "guessed"), ("what", "x")];
        assert_eq!(ViewState::read(broken), ViewState::default());
    }

    #[test]
    fn only_how_figures_are_written_is_carried_to_another_view() {
        let state = ViewState {
            unit: Unit::Watts,
            find: "x".to_owned(),
            open: Some("y".to_owned()),
            ..Default::default()
        };
        assert_eq!(state.carried(), ViewState { unit: Unit::Watts, ..Default::default() });
        assert_eq!(state.carried().query(), "?unit=w");
    }
}

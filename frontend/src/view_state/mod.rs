//! What a view shows, as its URL's query says it: a shared link is a shared view.
//!
//! Unknown or broken values read as the default, so that an old link still opens. Must not: know the page.

mod choice;
mod query;
mod size;

use std::str::FromStr;

use common::ids::Zone;
use common::meter::Label;
use common::model::Dtype;
use common::needs::Needs;
use common::prompt::{Decoding, Kind, Origin, Task};
use common::run::RunState;
use common::verdict::Grade;

pub use choice::{Choice, Direction, Per, Shown, Told, Unit};
pub use common::api::parameter::encode;
pub use query::decode;
pub use size::SizeClass;

/// By which figure a list is sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// The figure's name in links.
    pub figure: String,
    /// Which way.
    pub direction: Direction,
}

/// A page of one of the lists of a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Which list.
    pub list: String,
    /// Which page of it, from 1.
    pub number: usize,
}

/// All that a view can be told. Each view reads what concerns it.
#[derive(Debug, Clone, Default, PartialEq)]
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
    /// Only the machine of this name.
    pub machine: Option<String>,
    /// Only this number format.
    pub dtype: Option<Dtype>,
    /// Only models of this size.
    pub size: Option<SizeClass>,
    /// Only so many sequences at once.
    pub batch: Option<u32>,
    /// Only runs that stand so.
    pub run_state: Option<RunState>,
    /// Only figures that were judged so.
    pub verdict: Option<Grade>,
    /// Only what the campaign of this name asked.
    pub campaign: Option<String>,
    /// Only models whose name holds this.
    pub find: String,
    /// Only rows for which this formula is not 0.
    pub keep: String,
    /// Columns that are shown only where they are asked for, by their names in links.
    pub columns: Vec<String>,
    /// Columns that the visitor wrote.
    pub formulas: Vec<String>,
    /// How the list is sorted.
    pub sort: Option<Sort>,
    /// What the cells of the Kinds view show.
    pub shown: Shown,
    /// Horizontal axis, by the figure's name in links.
    pub x: Option<String>,
    /// Vertical axis.
    pub y: Option<String>,
    /// A third figure.
    pub z: Option<String>,
    /// How it is told.
    pub told: Told,
    /// Only what no other row dominates.
    pub front_only: bool,
    /// Whether the fronts behind the front are drawn too.
    pub shows_layers: bool,
    /// Only what was measured by this instant, in seconds since 1970.
    pub until: Option<i64>,
    /// Which model's runtime is shown, or only whose runs.
    pub model: Option<String>,
    /// The stack that idealized runtimes are of.
    pub reference: Option<String>,
    /// Tokens read and written, for a prediction.
    pub lengths: (Option<u32>, Option<u32>),
    /// Price of an accelerator for an hour.
    pub price: String,
    /// A run whose time is shown beside its idealized one.
    pub run: String,
    /// How many answers at once an estimate assumes.
    pub assumed: Option<u32>,
    /// Which page of a long list is shown.
    pub page: Option<Page>,
    /// Which row is open, by its key in links.
    pub open: Option<String>,
    /// The row that a run repeats, as `against` writes it.
    pub against: Option<String>,
    /// A text to start a prompt with.
    pub text: String,
    /// Which models a prompt is to be put to.
    pub models: Vec<String>,
    /// How its answers are decoded.
    pub decoding: Decoding,
    /// On which kind of machine.
    pub needs: Needs,
}

impl ViewState {
    /// Reads a query; of one name later values win, but columns and formulas add up.
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
                "machine" => state.machine = named(value),
                "dtype" => state.dtype = value.parse().ok(),
                "size" => state.size = SizeClass::named(value),
                "batch" => state.batch = value.parse().ok(),
                "state" => state.run_state = RunState::named(value),
                "verdict" => state.verdict = Grade::named(value),
                "campaign" => state.campaign = named(value),
                "find" => value.clone_into(&mut state.find),
                "keep" => value.clone_into(&mut state.keep),
                "col" => add(&mut state.columns, value),
                "f" => add(&mut state.formulas, value),
                "sort" => state.sort = Sort::read(value),
                "show" => state.shown = Shown::named(value).unwrap_or_default(),
                "x" => state.x = named(value),
                "y" => state.y = named(value),
                "z" => state.z = named(value),
                "by" => state.told = Told::named(value).unwrap_or_default(),
                "front" => state.front_only = value == "only",
                "layers" => state.shows_layers = value == "shown",
                "until" => state.until = value.parse().ok(),
                "model" => state.model = named(value),
                "reference" => state.reference = named(value),
                "in" => state.lengths.0 = value.parse().ok(),
                "out" => state.lengths.1 = value.parse().ok(),
                "price" => value.clone_into(&mut state.price),
                "run" => value.clone_into(&mut state.run),
                "assume" => state.assumed = value.parse().ok(),
                "page" => state.page = Page::read(value),
                "open" => state.open = named(value),
                "against" => state.against = named(value),
                "text" => value.clone_into(&mut state.text),
                "m" => add(&mut state.models, value),
                "limit" => number(&mut state.decoding.max_output_tokens, value),
                "temperature" => number(&mut state.decoding.temperature, value),
                "top-p" => number(&mut state.decoding.top_p, value),
                "seed" => number(&mut state.decoding.seed, value),
                "memory" => number(&mut state.needs.memory_bytes, value),
                "needs" if value == "accelerator" => state.needs.accelerator = true,
                "needs" if value == "measured" => state.needs.measured = true,
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
        put("machine", self.machine.clone().unwrap_or_default());
        put("dtype", self.dtype.map(|dtype| dtype.name().to_owned()).unwrap_or_default());
        put("size", self.size.map(|size| size.name.to_owned()).unwrap_or_default());
        put("batch", self.batch.map(|batch| batch.to_string()).unwrap_or_default());
        put("state", self.run_state.map(|state| Choice::name(state).to_owned()).unwrap_or_default());
        put("verdict", self.verdict.map(|grade| Choice::name(grade).to_owned()).unwrap_or_default());
        put("campaign", self.campaign.clone().unwrap_or_default());
        put("find", self.find.clone());
        put("keep", self.keep.clone());
        for column in &self.columns {
            put("col", column.clone());
        }
        for formula in &self.formulas {
            put("f", formula.clone());
        }
        put("sort", self.sort.as_ref().map(Sort::write).unwrap_or_default());
        if self.shown != initial.shown {
            put("show", self.shown.name().to_owned());
        }
        put("x", self.x.clone().unwrap_or_default());
        put("y", self.y.clone().unwrap_or_default());
        put("z", self.z.clone().unwrap_or_default());
        if self.told != initial.told {
            put("by", self.told.name().to_owned());
        }
        if self.front_only {
            put("front", "only".to_owned());
        }
        if self.shows_layers {
            put("layers", "shown".to_owned());
        }
        put("until", self.until.map(|until| until.to_string()).unwrap_or_default());
        put("model", self.model.clone().unwrap_or_default());
        put("reference", self.reference.clone().unwrap_or_default());
        put("in", self.lengths.0.map(|tokens| tokens.to_string()).unwrap_or_default());
        put("out", self.lengths.1.map(|tokens| tokens.to_string()).unwrap_or_default());
        put("price", self.price.clone());
        put("run", self.run.clone());
        put("assume", self.assumed.map(|batch| batch.to_string()).unwrap_or_default());
        put("page", self.page.as_ref().map(Page::write).unwrap_or_default());
        put("open", self.open.clone().unwrap_or_default());
        put("against", self.against.clone().unwrap_or_default());
        put("text", self.text.clone());
        for model in &self.models {
            put("m", model.clone());
        }
        let (now, usual) = (&self.decoding, &initial.decoding);
        put("limit", unless(now.max_output_tokens, usual.max_output_tokens));
        put("temperature", unless(now.temperature, usual.temperature));
        put("top-p", unless(now.top_p, usual.top_p));
        put("seed", unless(now.seed, usual.seed));
        put("memory", unless(self.needs.memory_bytes, 0));
        for (name, _) in [("accelerator", self.needs.accelerator), ("measured", self.needs.measured)]
            .iter()
            .filter(|each| each.1)
        {
            put("needs", (*name).to_owned());
        }
        let joined: Vec<String> =
            parts.into_iter().map(|(name, value)| format!("{name}={}", encode(&value))).collect();
        if joined.is_empty() { String::new() } else { format!("?{}", joined.join("&")) }
    }

    /// What a visitor takes along to another view: how figures are written, whose grid is assumed, and the columns
    /// that they wrote.
    #[must_use]
    pub fn carried(&self) -> Self {
        Self {
            unit: self.unit,
            per: self.per,
            zone: self.zone.clone(),
            formulas: self.formulas.clone(),
            ..Self::default()
        }
    }
}

impl Page {
    fn read(text: &str) -> Option<Self> {
        let (list, number) = text.rsplit_once('.')?;
        Some(Self { list: named(list)?, number: number.parse().ok().filter(|number| *number > 0)? })
    }

    fn write(&self) -> String {
        format!("{}.{}", self.list, self.number)
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

/// Most columns, and most formulas, that a link may ask for.
const MOST: usize = 24;

fn add(list: &mut Vec<String>, value: &str) {
    if !value.trim().is_empty() && list.len() < MOST && list.iter().all(|known| known != value) {
        list.push(value.to_owned());
    }
}

/// A value in a link, unless it is the usual one.
fn unless<T: PartialEq + ToString>(value: T, usual: T) -> String {
    if value == usual { String::new() } else { value.to_string() }
}

fn number<T: FromStr>(to: &mut T, value: &str) {
    if let Ok(value) = value.parse() {
        *to = value;
    }
}

fn named(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests;

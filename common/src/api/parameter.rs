//! What a list's query may hold: each parameter with its meaning and its values, for the document and for clients.
//!
//! Must not: read a query (serde does, from the same names).

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::Endpoint;
use crate::meter::Label;
use crate::model::Dtype;
use crate::prompt::{Kind, Origin, Task};
use crate::run::RunState;
use crate::verdict::Grade;

/// Most lines of one page.
pub const MAX_PAGE: u32 = 200;

/// One parameter of a query.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// What it may be.
    pub of: Of,
}

/// What a parameter may be.
#[derive(Debug, Clone, Copy)]
pub enum Of {
    /// A text that fits this regular expression.
    Text(&'static str),
    /// A whole number, 1 to [`MAX_PAGE`].
    Limit,
    /// One of these words.
    Words(fn() -> Vec<&'static str>),
    /// A date and time by RFC 3339.
    Instant,
}

/// Goes on where a page ended.
pub const AFTER: Parameter = Parameter {
    name: "after",
    about: "Go on where a page ended: its `next`.",
    of: Of::Text("^[0-9a-f]{48}$"),
};
/// How long a page is.
pub const LIMIT: Parameter =
    Parameter { name: "limit", about: "Lines of a page, 1 to 200; 50 if it is not said.", of: Of::Limit };
/// Only one Model.
pub const MODEL: Parameter = Parameter {
    name: "model",
    about: "Only this model, by its id.",
    of: Of::Text("^[A-Za-z0-9._/@:+-]{1,200}$"),
};
/// Only one Machine.
pub const MACHINE: Parameter =
    Parameter { name: "machine", about: "Only this machine.", of: Of::Text("^[a-z0-9.-]{1,64}$") };
/// Only one Task.
pub const TASK: Parameter = Parameter { name: "task", about: "Only this task.", of: Of::Words(tasks) };
/// Only one Kind.
pub const KIND: Parameter =
    Parameter { name: "kind", about: "Only this kind of question.", of: Of::Words(kinds) };
/// Only of one Origin.
pub const ORIGIN: Parameter =
    Parameter { name: "origin", about: "Only what a person or a campaign asked.", of: Of::Words(origins) };
/// Only in one dtype.
pub const DTYPE: Parameter =
    Parameter { name: "dtype", about: "Only models in this number format.", of: Of::Words(dtypes) };
/// Only in one state.
pub const STATE: Parameter =
    Parameter { name: "state", about: "Only runs that stand so.", of: Of::Words(states) };
/// Only under one Label.
pub const LABEL: Parameter = Parameter {
    name: "label",
    about: "Only figures that come from there; a run that is not measured has none.",
    of: Of::Words(labels),
};
/// Only of one grade.
pub const VERDICT: Parameter = Parameter {
    name: "verdict",
    about: "Only figures that were judged so; a run that is not measured has none.",
    of: Of::Words(grades),
};
/// Only of one Campaign.
pub const CAMPAIGN: Parameter = Parameter {
    name: "campaign",
    about: "Only what this campaign asked, by its name.",
    of: Of::Text("^[^\\x00]{1,200}$"),
};
/// Only from then on.
pub const SINCE: Parameter =
    Parameter { name: "since", about: "Only what was queued then or later.", of: Of::Instant };
/// Only before then.
pub const UNTIL: Parameter =
    Parameter { name: "until", about: "Only what was queued before.", of: Of::Instant };

fn tasks() -> Vec<&'static str> {
    Task::ALL.map(Task::name).to_vec()
}

fn kinds() -> Vec<&'static str> {
    Kind::ALL.map(Kind::name).to_vec()
}

fn origins() -> Vec<&'static str> {
    Origin::ALL.map(Origin::name).to_vec()
}

fn dtypes() -> Vec<&'static str> {
    Dtype::ALL.map(Dtype::name).to_vec()
}

fn states() -> Vec<&'static str> {
    RunState::ALL.map(RunState::name).to_vec()
}

fn labels() -> Vec<&'static str> {
    Label::ALL.map(Label::name).to_vec()
}

fn grades() -> Vec<&'static str> {
    Grade::ALL.map(Grade::name).to_vec()
}

/// A list's route with what its request says as a query.
pub(super) fn path<E: Endpoint>(request: &E) -> Cow<'static, str> {
    let query = query(request);
    if query.is_empty() { Cow::Borrowed(E::ROUTE) } else { format!("{}?{query}", E::ROUTE).into() }
}

/// The fields of a request as a query, in the order of their names.
pub fn query<T: Serialize>(request: &T) -> String {
    let fields = serde_json::to_value(request).unwrap_or_default();
    let parts: Vec<String> = fields
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!("{name}={}", encode(&text))
        })
        .collect();
    parts.join("&")
}

/// What a query holds as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b':')
    .remove(b'@')
    .remove(b'/');

/// Percent-encodes all but the characters that a query may hold as they are.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

#[cfg(test)]
mod tests {
    use crate::api::runs::ListRuns;

    use super::*;

    #[test]
    fn a_query_holds_what_is_said_and_encodes_what_a_query_may_not_hold() {
        let list = ListRuns {
            model: Some("a/b+c@1:f16".parse().unwrap()),
            campaign: Some("größe & co".to_owned()),
            verdict: Some(Grade::Valid),
            ..ListRuns::default()
        };
        assert_eq!(
            list.path(),
            "/runs?campaign=gr%C3%B6%C3%9Fe%20%26%20co&model=a/b%2Bc@1:f16&verdict=valid"
        );
        assert_eq!(ListRuns::default().path(), "/runs");
    }
}

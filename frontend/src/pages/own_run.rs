//! A run of the visitor's own beside the time that a fit says for its lengths.
//!
//! Must not: compare without saying that the models differ.

use common::ids::RunId;
use leptos::prelude::*;
use std::sync::Arc;

use crate::components::facts::{Fact, facts, quiet};
use crate::components::prediction::predicted;
use crate::components::states::{problem, skeleton};
use crate::display::{self, MISSING, Quantity};
use crate::dom::{El, el, group, slot, text, value_of};
use crate::own_run::{GetTimes, Times};
use crate::remote::{Remote, Source};
use crate::stacks::Stack;
use crate::view::View;

/// The visitor's own run, fetched when its id is given, and drawn as it comes.
pub(super) fn own_run(reference: Stack) -> El {
    let view = View::current();
    let given = Memo::new(move |_| view.with(|state| state.run.clone()));
    let reference = Arc::new(reference);
    slot(move || {
        let given = given.get();
        let id = given.rsplit('/').next().and_then(|id| id.parse::<RunId>().ok());
        let source = id.map(|id| Source::new(GetTimes { id }));
        let reference = Arc::clone(&reference);
        slot(move || own_runtime(&given, source, &reference))
    })
}

fn own_runtime(given: &str, source: Option<Source<Times>>, reference: &Stack) -> El {
    let view = View::current();
    let ask = el("label", "pick find").add(text("span", "", "A run of yours: its id or permalink")).add(
        el("input", "")
            .set("type", "text")
            .set("id", "own-run")
            .set("value", given)
            .on("change", move |event| view.change(|state| state.run = value_of(&event).trim().to_owned())),
    );
    let section =
        el("section", "ground").add(text("h2", "", "Your own run beside its idealized time")).add(ask);
    let shown = match source.map(|source| (source, source.get())) {
        None if given.is_empty() => quiet("The page of every run shows its id in the address."),
        None => text("p", "broken", "This is no id of a run."),
        Some((_, Remote::Loading)) => skeleton("the run"),
        Some((source, Remote::Failed(error))) => problem(&error, move || source.reload()),
        Some((_, Remote::Ready(run))) => own_facts(&run, reference),
    };
    section.add(shown)
}

fn own_facts(run: &Times, reference: &Stack) -> El {
    let Some((lengths, raw)) = run.first() else {
        return quiet("This run has no answer to compare.");
    };
    let other = (*run.model_id() != reference.key.model_id).then(|| {
        quiet(format!(
            "This run is of {}; the fit is of {}. The ratio compares the two models, not one with itself.",
            run.model_id(),
            reference.key.model_id
        ))
    });
    let ideal = reference.time.as_ref().ok().map(|fit| fit.predict(lengths.0, lengths.1).value);
    let ratio = ideal
        .filter(|ideal| *ideal > 0.0)
        .map_or_else(|| MISSING.to_owned(), |ideal| display::ratio(raw / ideal));
    group([facts(&[
        Fact::new(
            "Raw time",
            display::plain(Quantity::Seconds, raw),
            "Start of prefill to the last token of your run.",
        ),
        Fact::new(
            "Idealized time",
            predicted(&reference.time, Quantity::Seconds, lengths).0,
            "By the fit to the reference stack, for the same lengths.",
        ),
        Fact::new(
            "Raw over idealized",
            ratio,
            "Above 1 your run took longer than the reference stack would.",
        ),
        Fact::new(
            "Lengths",
            format!("{} read, {} written", lengths.0, lengths.1),
            "Tokens of your run. Tokens of different tokenizers are not equal.",
        ),
    ])])
    .maybe(other)
}

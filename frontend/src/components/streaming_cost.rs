//! What sending tokens and power to a watcher costs, as it was found.
//!
//! Must not: state a difference without its interval, or one that is not told apart from nothing as if it were.

use common::streaming_cost::{Cost, StreamingCost};

use crate::components::badge::label_badge;
use crate::components::facts::quiet;
use crate::components::table;
use crate::display;
use crate::dom::{El, el, text};

/// A sentence, a line for each model and quantity, and where it is from.
pub(crate) fn streaming_cost(found: &StreamingCost) -> El {
    let lead = "While somebody watches a run, its tokens and power are sent as they come; a run that nobody watches sends nothing. The same prompts were answered both ways, in pairs, either first by chance. Each line is the median over the pairs, with its 95\u{a0}% interval.";
    let head = [
        table::head("", "Model"),
        table::head("", "Quantity"),
        table::head("num", "Pairs"),
        table::head("", "Streaming costs"),
        table::head("", "Label"),
    ];
    let row = |cost: &Cost| {
        el("tr", "")
            .add(table::model_id(el("td", ""), &cost.model))
            .add(table::cell(&cost.quantity))
            .add(table::number(cost.pairs.to_string()))
            .add(table::cell(difference(cost)))
            .add(el("td", "").add(label_badge(cost.label, false)))
    };
    let source = format!(
        "{}, {}, answers of at most {} tokens, commit {}: `{}`. {} Load average before: {}.",
        found.date,
        found.hardware,
        found.output_tokens,
        found.commit,
        found.command,
        found.beside,
        found.load_before
    );
    el("div", "")
        .add(text("p", "", lead))
        .add(table::table("streaming-cost", "", "Watched against quiet", head, found.costs.iter().map(row)))
        .add(quiet(source))
}

/// The difference with its interval; one that may be nothing is not given.
fn difference(cost: &Cost) -> String {
    let (low, high) = (display::share(cost.low), display::share(cost.high));
    if cost.is_resolved() {
        format!("{} ({low} to {high})", display::share(cost.difference))
    } else {
        format!("not told apart from zero: between {low} and {high}")
    }
}

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
pub(crate) fn streaming_cost(found: &StreamingCost) -> [El; 3] {
    let lead = "While somebody watches a run, its tokens and power are sent as they come; a run that nobody watches sends nothing. The same prompts were answered both ways, in pairs, either first by chance. Where the 95\u{a0}% interval of the median over the pairs holds zero, no difference is stated (–). Of twenty such intervals one misses the truth by chance.";
    let head = [
        table::head("", "Model"),
        table::head("", "Quantity"),
        table::head("num", "Pairs"),
        table::head("num", "Streaming costs"),
        table::head("num", "95\u{a0}% interval"),
        table::head("", "Label"),
    ];
    let row = |cost: &Cost| {
        let difference = cost.is_resolved().then(|| display::share(cost.difference));
        el("tr", "")
            .add(table::model_id(el("td", ""), &cost.model))
            .add(table::cell(&cost.quantity))
            .add(table::number(cost.pairs.to_string()))
            .add(table::number(difference.unwrap_or_else(|| "–".to_owned())))
            .add(table::number(format!("{} to {}", display::share(cost.low), display::share(cost.high))))
            .add(el("td", "").add(label_badge(cost.label, false)))
    };
    let source = format!(
        "{}, {}, answers of at most {} tokens, commit {}, by {}. {} Load average before: {}.",
        found.date,
        found.hardware,
        found.output_tokens,
        found.commit,
        found.command,
        found.beside,
        found.load_before
    );
    [
        text("p", "", lead),
        table::table("streaming-cost", "", "Watched against quiet", head, found.costs.iter().map(row)),
        quiet(source),
    ]
}

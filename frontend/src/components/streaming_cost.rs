//! What sending tokens and power to a watcher costs, as it was found.
//!
//! Must not: state a difference without its interval, or one that is not told apart from nothing as if it were.

use common::streaming_cost::{Cost, StreamingCost};

use crate::components::badge::label_badge;
use crate::components::download::download;
use crate::components::facts::quiet;
use crate::components::table;
use crate::display;
use crate::dom::{El, el, text};
use crate::export::{Field, Table};

/// A sentence, a line for each model and quantity, its file, and where it is from.
pub(crate) fn streaming_cost(found: &StreamingCost) -> [El; 4] {
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
    let file = table_of(found);
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
        el("div", "bar").add(download("jouleboard-streaming-cost", move || file.clone())),
        quiet(source),
    ]
}

fn table_of(found: &StreamingCost) -> Table {
    let fields = [
        "model_id",
        "quantity",
        "label",
        "pairs",
        "difference_share",
        "low_95",
        "high_95",
        "date",
        "hardware",
        "commit",
    ];
    let rows = found.costs.iter().map(|cost| {
        let words = [&found.date, &found.hardware, &found.commit].map(|word| Field::from(word.as_str()));
        let mut row: Vec<Field> = vec![
            cost.model.as_str().into(),
            cost.quantity.as_str().into(),
            cost.label.name().into(),
            Field::Count(cost.pairs.into()),
        ];
        row.extend([cost.difference, cost.low, cost.high].map(Field::Number));
        row.extend(words);
        row
    });
    Table { rows: rows.collect(), fields: fields.map(str::to_owned).to_vec() }
}

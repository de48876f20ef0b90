//! How evenly tokens came: a histogram of the gaps between them.
//!
//! Must not: show a mean where a distribution is meant.

use crate::browser::WindowWidth;
use crate::components::facts::quiet;
use crate::components::power_chart::{canvas, rule, tick_text};
use crate::components::table;
use crate::display::{self, Column, Quantity};
use crate::dom::{El, el, svg, text};
use crate::record;
use crate::scale::{self, Axis};

const HEIGHT: f64 = 152.0;
const LEFT: f64 = 28.0;
const TOP: f64 = 20.0;
const FLOOR: f64 = 124.0;
const CLASSES: usize = 24;

/// The histogram of sorted gaps in seconds.
pub(crate) fn token_chart(gaps: &[f64]) -> El {
    let (Some(median), Some(&least), Some(&most)) = (record::median_gap(gaps), gaps.first(), gaps.last())
    else {
        return quiet("Fewer than two tokens: there is no gap to show.");
    };
    let width = WindowWidth::chart(1_132.0);
    let right = width - 8.0;
    let classes = scale::histogram(gaps, CLASSES.min(gaps.len().max(4)));
    let tallest = classes.iter().map(|class| class.2).max().unwrap_or(1);
    let (from, to) =
        (classes.first().map_or(least, |class| class.0), classes.last().map_or(most, |class| class.1));
    let x = Axis::exact(from, to, LEFT, right);
    let y = Axis::from_zero(scale::float(tallest), FLOOR, TOP);
    let across = x.ticks(5);
    let unit = Column::of_ticks(Quantity::Seconds, &across);
    let whole: Vec<f64> = y.ticks(3).into_iter().filter(|tick| tick.fract() == 0.0).collect();
    let sentence = format!(
        "Gaps between {} tokens: half are below {}, the shortest is {}, the longest {}.",
        gaps.len() + 1,
        display::plain(Quantity::Seconds, median),
        display::plain(Quantity::Seconds, least),
        display::plain(Quantity::Seconds, most)
    );
    let behind = classes_table(&classes);
    let columns = classes.into_iter().filter(|class| class.2 > 0).map(|(start, end, count)| {
        let (left, top) = (x.place(start), y.place(scale::float(count)));
        let wide = (x.place(end) - left - 1.0).max(1.0);
        svg("rect", "column").at([("x", left + 0.5), ("y", top), ("width", wide), ("height", FLOOR - top)])
    });
    let middle = x.place(median);
    el("figure", "chart")
        .add(
            canvas(width, HEIGHT, &sentence)
                .all(whole.iter().map(|tick| rule(LEFT, right, y.place(*tick))))
                .all(
                    whole.iter().map(|tick| {
                        tick_text("end", LEFT - 6.0, y.place(*tick) + 4.0, &format!("{tick:.0}"))
                    }),
                )
                .all(columns)
                .add(svg("line", "marker").at([
                    ("x1", middle),
                    ("x2", middle),
                    ("y1", TOP - 4.0),
                    ("y2", FLOOR),
                ]))
                .add(tick_text(
                    "middle",
                    middle.clamp(LEFT + 48.0, right - 48.0),
                    10.0,
                    &format!("median {}", display::plain(Quantity::Seconds, median)),
                ))
                .all(
                    across
                        .iter()
                        .filter(|tick| x.place(**tick) < right - 28.0)
                        .map(|tick| tick_text("middle", x.place(*tick), FLOOR + 18.0, &unit.cell(*tick))),
                )
                .add(tick_text("end", right, FLOOR + 18.0, unit.unit)),
        )
        .add(text("figcaption", "quiet", sentence))
        .add(behind)
}

/// The columns of the histogram as a table.
fn classes_table(classes: &[(f64, f64, usize)]) -> El {
    let seconds = Column::of(Quantity::Seconds, classes.iter().map(|class| class.1));
    let head = [
        table::head("num", &format!("From, {}", seconds.unit)),
        table::head("num", &format!("To, {}", seconds.unit)),
        table::head("num", "Gaps"),
    ];
    let rows = classes.iter().map(|(from, to, count)| {
        el("tr", "").all([seconds.cell(*from), seconds.cell(*to), count.to_string()].map(table::number))
    });
    el("details", "behind")
        .set("id", "gaps-behind")
        .add(text("summary", "", "The gaps as a table"))
        .add(table::table("gaps", "", "How many gaps between tokens lie in each class", head, rows))
}

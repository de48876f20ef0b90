//! How evenly tokens came: a histogram of the gaps between them.
//!
//! Must not: show a mean where a distribution is meant.

use leptos::prelude::*;

use crate::browser::WindowWidth;
use crate::display::{self, Column, Quantity};
use crate::record;
use crate::scale::{self, Axis};

const HEIGHT: f64 = 150.0;
const LEFT: f64 = 32.0;
const TOP: f64 = 18.0;
const FLOOR: f64 = 122.0;
const CLASSES: usize = 24;

/// The histogram of sorted gaps in seconds.
pub(crate) fn token_chart(gaps: &[f64], most_width: f64) -> AnyView {
    let (Some(median), Some(&least), Some(&most)) = (record::median_gap(gaps), gaps.first(), gaps.last()) else {
        return view! { <p class="quiet">"Fewer than two tokens: there is no gap to show."</p> }.into_any();
    };
    let width = WindowWidth::chart(most_width);
    let right = width - 8.0;
    let classes = scale::histogram(gaps, CLASSES.min(gaps.len().max(4)));
    let tallest = classes.iter().map(|class| class.2).max().unwrap_or(1);
    let (from, to) = (classes.first().map_or(least, |c| c.0), classes.last().map_or(most, |c| c.1));
    let x = Axis::exact(from, to.max(from * 1.000_1 + 1e-9), LEFT, right);
    let y = Axis::from_zero(scale::float(tallest), FLOOR, TOP);
    let unit = Column::of(Quantity::Seconds, [median]);
    let sentence = format!(
        "Gaps between {} tokens: half are below {}, the shortest is {}, the longest {}.",
        gaps.len() + 1,
        display::plain(Quantity::Seconds, median),
        display::plain(Quantity::Seconds, least),
        display::plain(Quantity::Seconds, most)
    );
    let middle = x.place(median);
    view! {
        <figure class="chart">
            <svg viewBox=format!("0 0 {width} {HEIGHT}") role="img" aria-label=sentence.clone()>
                {y.ticks(3)
                    .into_iter()
                    .filter(|tick| tick.fract() == 0.0)
                    .map(|tick| {
                        let at = y.place(tick);
                        view! {
                            <line class="grid" x1=LEFT x2=right y1=at y2=at/>
                            <text class="tick" x=LEFT - 6.0 y=at + 4.0 text-anchor="end">{format!("{tick:.0}")}</text>
                        }
                    })
                    .collect_view()}
                {classes
                    .into_iter()
                    .filter(|class| class.2 > 0)
                    .map(|(start, end, count)| {
                        let (left, top) = (x.place(start), y.place(scale::float(count)));
                        view! { <rect class="column" x=left + 0.5 y=top width=(x.place(end) - left - 1.0).max(1.0) height=FLOOR - top/> }
                    })
                    .collect_view()}
                <line class="marker" x1=middle x2=middle y1=TOP - 4.0 y2=FLOOR/>
                <text class="tick" x=middle y=10.0 text-anchor="middle">{format!("median {}", unit.with_unit(median))}</text>
                {x.ticks(4)
                    .into_iter()
                    .map(|tick| view! { <text class="tick" x=x.place(tick) y=FLOOR + 18.0 text-anchor="middle">{unit.cell(tick)}</text> })
                    .collect_view()}
            </svg>
            <figcaption>{sentence}</figcaption>
        </figure>
    }
    .into_any()
}

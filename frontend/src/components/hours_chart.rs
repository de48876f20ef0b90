//! What one answer would have emitted in each hour: a step an hour, for its energy and for its share of making the
//! machine.
//!
//! Must not: join hours over a gap, or draw an estimate like a measurement.

use common::carbon::{GridIntensity, GridQuality};
use time::UtcOffset;

use crate::components::plot::{room, spot};
use crate::components::power_chart::key;
use crate::display::{self, Column, Quantity};
use crate::dom::{El, el, svg};
use crate::scale::Axis;

/// One hour: its intensity, and grams in all.
pub(crate) type Hour<'a> = (&'a GridIntensity, f64);

/// Draws it; `embodied` is the part of each hour that does not depend on the grid. `per` names what the grams are of.
pub(crate) fn hours_chart(hours: &[Hour<'_>], embodied: f64, per: &str) -> El {
    let room = room(260.0);
    // Hours since midnight before the first, so that ticks fall on whole ones.
    let start = hours
        .iter()
        .find_map(|(grid, _)| grid.at)
        .map(|at| at.to_offset(UtcOffset::UTC).replace_time(time::Time::MIDNIGHT));
    let since = |grid: &GridIntensity| {
        let from = (grid.at? - start?).as_seconds_f64() / 3600.0;
        Some((from, from + grid.span.unwrap_or_default().as_secs_f64() / 3600.0))
    };
    let spans: Vec<(f64, f64, &Hour<'_>)> =
        hours.iter().filter_map(|hour| since(hour.0).map(|(from, to)| (from, to, hour))).collect();
    let (first, last) = (spans.first().map_or(0.0, |span| span.0), spans.last().map_or(1.0, |span| span.1));
    let most = hours.iter().map(|hour| hour.1).fold(0.0, f64::max);
    let x = Axis::exact(first, last, room.across.0, room.across.1);
    let y = Axis::from_zero(most, room.up.0, room.up.1);
    let grams = Column::of_ticks(Quantity::Grams, &room.ticks_up(&y));
    let steps = |is_estimated: bool| {
        let mut path = String::new();
        for (from, to, (grid, value)) in &spans {
            if (grid.quality != GridQuality::Measured) == is_estimated {
                path.push_str(&format!("M{:.1} {:.1}H{:.1}", x.place(*from), y.place(*value), x.place(*to)));
            }
        }
        path
    };
    let (measured, estimated) = (steps(false), steps(true));
    let drawn = |class: &str, path: &str| (!path.is_empty()).then(|| svg("path", class).set("d", path));
    let base = format!("M{:.1} {:.1}H{:.1}", room.across.0, y.place(embodied), room.across.1);
    let keys = [("key-line", "measured hours", &measured), ("key-line key-2", "estimated hours", &estimated)];
    let spots = spans.iter().map(|(from, to, (grid, value))| {
        let about = format!(
            "{}: {}",
            grid.at.map(display::instant).unwrap_or_default(),
            display::plain(Quantity::Grams, *value)
        );
        let at = (x.place(f64::midpoint(*from, *to)), y.place(*value));
        let shape = svg("circle", "point-dot").at([("cx", at.0), ("cy", at.1), ("r", 2.0)]);
        spot(&room, "point", &about, shape, at)
    });
    let sentence = format!(
        "Emissions {per} in each of {} steps of time, at most {}. The table below holds them.",
        hours.len(),
        display::plain(Quantity::Grams, most)
    );
    let clock = |hours: f64| display::clock(std::time::Duration::from_secs_f64(hours.max(0.0) * 3600.0));
    el("figure", "chart")
        .add(
            room.frame(
                (&x, &y),
                (&clock, &|value| grams.cell(value)),
                ("time of day, UTC", &format!("{} {per}", grams.unit)),
                &sentence,
            )
            .add(svg("path", "series series-1").set("d", &base))
            .maybe(drawn("series series-0", &measured))
            .maybe(drawn("series series-2", &estimated))
            .all(spots),
        )
        .add(
            el("figcaption", "")
                .all(
                    keys.into_iter()
                        .filter(|each| !each.2.is_empty())
                        .map(|(class, name, _)| key(class, name)),
                )
                .add(key("key-line key-1", "making the machine")),
        )
}

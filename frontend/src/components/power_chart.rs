//! Power over one window: a step line a domain, prefill and decode shaded. The same drawing live and afterwards.
//!
//! Must not: smooth. A reading stands for the time since the one before it, and is drawn so.

use common::meter::Domain;

use crate::browser::WindowWidth;
use crate::components::table;
use crate::display::{self, Column, Quantity};
use crate::dom::{El, el, svg, text};
use crate::record::Curve;
use crate::scale::{self, Axis};

const HEIGHT: f64 = 208.0;
const LEFT: f64 = 40.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 26.0;
/// About how wide a letter of a chart's text is.
const LETTER: f64 = 6.6;

/// The curve of a run; `caption` says of what.
pub(crate) fn power_chart(curve: &Curve, caption: &str, most_width: f64) -> El {
    let width = WindowWidth::chart(most_width);
    let (right, floor) = (width - 8.0, HEIGHT - BOTTOM);
    let x = Axis::exact(0.0, curve.length.as_secs_f64(), LEFT, right);
    let y = Axis::from_zero(curve.peak().map_or(1.0, |peak| peak.watts()) * 1.05, floor, TOP);
    let (across, up) = (x.ticks(5), y.ticks(4));
    let (seconds, watts) =
        (Column::of_ticks(Quantity::Seconds, &across), Column::of_ticks(Quantity::Watts, &up));
    let phases = [("prefill", curve.prefill), ("decode", curve.decode)];
    let spans = phases.into_iter().filter_map(|(name, span)| {
        let (from, to) = span?;
        let (start, end) = (x.place(from.as_secs_f64()), x.place(to.as_secs_f64()));
        Some((name, to.saturating_sub(from), start, end))
    });
    let shades = spans.clone().map(|(name, _, start, end)| {
        let places = [("x", start), ("y", TOP), ("width", (end - start).max(0.5)), ("height", floor - TOP)];
        svg("rect", &format!("phase-{name}")).at(places)
    });
    // Each phase says its name and time over its shade, where that is wide enough for the words.
    let names = spans.filter_map(|(name, took, start, end)| {
        let words = format!("{name} {}", display::span(took));
        (end - start > scale::float(words.len()) * LETTER)
            .then(|| tick_text("start", start + 2.0, TOP - 6.0, &words))
    });
    let series = curve.series.iter().enumerate().map(|(index, (_, points))| {
        // The first reading stands for all that came before it, as in the integral.
        let opening = points.first().map(|(_, power)| (LEFT, y.place(power.watts())));
        let read = points.iter().map(|(at, power)| (x.place(at.as_secs_f64()), y.place(power.watts())));
        let places: Vec<(f64, f64)> = opening.into_iter().chain(read).collect();
        svg("path", &format!("series series-{}", index % 4)).set("d", &scale::steps(&places, false))
    });
    let keys = curve
        .series
        .iter()
        .enumerate()
        .map(|(index, (domain, _))| key(&format!("key-line key-{}", index % 4), &domain_name(*domain)));
    let idle = curve.idle.iter().filter_map(|(domain, power)| {
        let index = curve.series.iter().position(|(drawn, _)| drawn == domain)?;
        let at = y.place(power.watts());
        let places = [("x1", LEFT), ("x2", right), ("y1", at), ("y2", at)];
        Some(svg("line", &format!("idle series-{}", index % 4)).at(places))
    });
    let idle_key = (!curve.idle.is_empty()).then(|| key("key-line key-idle", "idle, before and after"));
    let phase_keys = phases
        .into_iter()
        .filter(|(_, span)| span.is_some())
        .map(|(name, _)| key(&format!("key-box phase-{name}-key"), name));
    el("figure", "chart")
        .add(
            canvas(width, HEIGHT, &format!("{caption}. {}", describe(curve)))
                .all(shades)
                .all(up.iter().map(|tick| rule(LEFT, right, y.place(*tick))))
                .all(
                    up.iter()
                        .map(|tick| tick_text("end", LEFT - 6.0, y.place(*tick) + 4.0, &watts.cell(*tick))),
                )
                .all(
                    across
                        .iter()
                        .filter(|tick| x.place(**tick) < right - 24.0)
                        .map(|tick| tick_text("middle", x.place(*tick), HEIGHT - 8.0, &seconds.cell(*tick))),
                )
                .all(names)
                .add(tick_text("end", LEFT - 6.0, 8.0, watts.unit))
                .add(tick_text("end", right, HEIGHT - 8.0, seconds.unit))
                .all(idle)
                .all(series),
        )
        .add(el("figcaption", "").all(keys).maybe(idle_key).all(phase_keys))
}

/// The surface that a chart is drawn on; `sentence` says what it shows.
pub(crate) fn canvas(width: f64, height: f64, sentence: &str) -> El {
    svg("svg", "")
        .set("viewBox", &format!("0 0 {width:.0} {height:.0}"))
        .set("role", "img")
        .set("aria-label", sentence)
        .add(svg("title", "").text(sentence))
}

/// A thin line across a chart.
pub(crate) fn rule(from: f64, to: f64, at: f64) -> El {
    svg("line", "grid").at([("x1", from), ("x2", to), ("y1", at), ("y2", at)])
}

/// A text on a chart.
pub(crate) fn tick_text(anchor: &str, x: f64, y: f64, content: &str) -> El {
    svg("text", "").set("text-anchor", anchor).at([("x", x), ("y", y)]).text(content)
}

/// A mark and what it stands for.
pub(crate) fn key(class: &str, name: &str) -> El {
    el("span", "key").add(el("i", class)).text(name)
}

/// The readings in short, as a table.
pub(crate) fn power_table(curve: &Curve, id: &str) -> El {
    let written = |value: f64| display::plain(Quantity::Watts, value);
    let rows = curve.series.iter().map(|(domain, points)| {
        let watts = || points.iter().map(|point| point.1.watts());
        el("tr", "")
            .add(table::row_head(&domain_name(*domain)))
            .add(table::number(points.len().to_string()))
            .add(table::number(written(watts().fold(f64::INFINITY, f64::min))))
            .add(table::number(written(watts().fold(0.0, f64::max))))
    });
    let head = [
        table::head("", "Part"),
        table::head("num", "Readings"),
        table::head("num", "Least"),
        table::head("num", "Most"),
    ];
    el("details", "behind")
        .set("id", &format!("{id}-power"))
        .add(text("summary", "", "The curve as a table"))
        .add(table::table(
            &format!("{id}-power-table"),
            "",
            "Power readings in short; all of them are in the record",
            head,
            rows,
        ))
}

fn describe(curve: &Curve) -> String {
    let mut sentence = format!("Power over {}", display::span(curve.length));
    if let Some(peak) = curve.peak() {
        sentence.push_str(&format!(", at most {}", display::plain(Quantity::Watts, peak.watts())));
    }
    if let Some((from, to)) = curve.prefill {
        sentence.push_str(&format!("; prefill took {}", display::span(to.saturating_sub(from))));
    }
    if let Some((from, to)) = curve.decode {
        sentence.push_str(&format!(", decode {}", display::span(to.saturating_sub(from))));
    }
    sentence.push('.');
    sentence
}

/// A part of the machine in words.
pub(crate) fn domain_name(domain: Domain) -> String {
    match domain {
        Domain::Machine => "whole machine".to_owned(),
        Domain::Gpu(index) => format!("accelerator {index}"),
        Domain::CpuPackage(index) => format!("processor {index}"),
        Domain::Dram(index) => format!("memory {index}"),
        Domain::Supply(index) => format!("supply {index}"),
        Domain::Check(index) => format!("second meter {index}"),
    }
}

//! Power over one window: a step line a domain, prefill and decode shaded. The same drawing live and afterwards.
//!
//! Must not: smooth. A reading stands for the time since the one before it, and is drawn so.

use common::meter::Domain;
use leptos::prelude::*;

use crate::browser::WindowWidth;
use crate::display::{self, Column, Quantity};
use crate::record::Curve;
use crate::scale::{self, Axis};

const HEIGHT: f64 = 200.0;
const LEFT: f64 = 44.0;
const TOP: f64 = 22.0;
const BOTTOM: f64 = 26.0;

/// The curve of a run; `caption` says of what.
pub(crate) fn power_chart(curve: &Curve, caption: &str, most_width: f64) -> AnyView {
    let width = WindowWidth::chart(most_width);
    let (right, floor) = (width - 8.0, HEIGHT - BOTTOM);
    let peak = curve.peak().map_or(1.0, |peak| peak.watts());
    let x = Axis::exact(0.0, curve.length.as_secs_f64(), LEFT, right);
    let y = Axis::from_zero(peak * 1.05, floor, TOP);
    let seconds = Column::of(Quantity::Seconds, x.ticks(5));
    let watts = Column::of(Quantity::Watts, y.ticks(4));
    let phases = [("prefill", curve.prefill), ("decode", curve.decode)];
    let description = describe(curve);
    view! {
        <figure class="chart">
            <svg viewBox=format!("0 0 {width} {HEIGHT}") role="img" aria-label=format!("{caption}. {description}")>
                {phases
                    .into_iter()
                    .filter_map(|(name, span)| {
                        let (from, to) = span?;
                        let (start, end) = (x.place(from.as_secs_f64()), x.place(to.as_secs_f64()));
                        Some(view! {
                            <rect class=format!("phase phase-{name}") x=start y=TOP width=(end - start).max(0.5) height=floor - TOP/>
                            {(end - start > 44.0).then(|| view! {
                                <text class="phase-name" x=f64::midpoint(start, end) y=TOP - 7.0 text-anchor="middle">{name}</text>
                            })}
                        })
                    })
                    .collect_view()}
                {y.ticks(4)
                    .into_iter()
                    .map(|tick| {
                        let at = y.place(tick);
                        view! {
                            <line class="grid" x1=LEFT x2=right y1=at y2=at/>
                            <text class="tick" x=LEFT - 6.0 y=at + 4.0 text-anchor="end">{watts.cell(tick)}</text>
                        }
                    })
                    .collect_view()}
                {x.ticks(5)
                    .into_iter()
                    .filter(|tick| x.place(*tick) < right - 20.0)
                    .map(|tick| view! {
                        <text class="tick" x=x.place(tick) y=HEIGHT - 8.0 text-anchor="middle">{seconds.cell(tick)}</text>
                    })
                    .collect_view()}
                <text class="tick unit" x=LEFT - 6.0 y=12.0 text-anchor="end">{watts.unit}</text>
                <text class="tick unit" x=right y=HEIGHT - 8.0 text-anchor="end">{seconds.unit}</text>
                {curve
                    .series
                    .iter()
                    .enumerate()
                    .map(|(index, (_, points))| {
                        let places: Vec<(f64, f64)> =
                            points.iter().map(|(at, power)| (x.place(at.as_secs_f64()), y.place(power.watts()))).collect();
                        view! { <path class=format!("series series-{}", index % 4) d=scale::steps(&places, false)/> }
                    })
                    .collect_view()}
            </svg>
            <figcaption>
                {curve
                    .series
                    .iter()
                    .enumerate()
                    .map(|(index, (domain, _))| view! {
                        <span class="key"><i class=format!("key-line key-{}", index % 4)></i>{domain_name(*domain)}</span>
                    })
                    .collect_view()}
            </figcaption>
        </figure>
    }
    .into_any()
}

/// The readings in short, as a table.
pub(crate) fn power_table(curve: &Curve) -> AnyView {
    view! {
        <details class="behind">
            <summary>"As a table"</summary>
            <div class="scroll" tabindex="0" role="region" aria-label="Power readings in short">
                <table>
                    <caption class="hidden">"Power readings in short"</caption>
                    <thead><tr><th scope="col">"Part"</th><th scope="col" class="num">"Readings"</th>
                        <th scope="col" class="num">"Least"</th><th scope="col" class="num">"Most"</th></tr></thead>
                    <tbody>
                        {curve
                            .series
                            .iter()
                            .map(|(domain, points)| {
                                let watts = || points.iter().map(|point| point.1.watts());
                                let written = |value: f64| display::plain(Quantity::Watts, value);
                                view! {
                                    <tr><th scope="row">{domain_name(*domain)}</th><td class="num">{points.len()}</td>
                                        <td class="num">{written(watts().fold(f64::INFINITY, f64::min))}</td>
                                        <td class="num">{written(watts().fold(0.0, f64::max))}</td></tr>
                                }
                            })
                            .collect_view()}
                    </tbody>
                </table>
            </div>
        </details>
    }
    .into_any()
}

fn describe(curve: &Curve) -> String {
    let mut text = format!("Power over {}", display::span(curve.length));
    if let Some(peak) = curve.peak() {
        text.push_str(&format!(", at most {}", display::plain(Quantity::Watts, peak.watts())));
    }
    if let Some((from, to)) = curve.prefill {
        text.push_str(&format!("; prefill took {}", display::span(to.saturating_sub(from))));
    }
    if let Some((from, to)) = curve.decode {
        text.push_str(&format!(", decode {}", display::span(to.saturating_sub(from))));
    }
    text.push('.');
    text
}

/// A part of the machine in words.
pub(crate) fn domain_name(domain: Domain) -> String {
    match domain {
        Domain::Machine => "whole machine".to_owned(),
        Domain::Gpu(index) => format!("accelerator {index}"),
        Domain::CpuPackage(index) => format!("processor {index}"),
        Domain::Dram(index) => format!("memory {index}"),
    }
}

//! From looks at a meter to energy over a Window: power held between two looks.
//!
//! Between two counter readings power is their difference over the time between; a power reading stands for the
//! time since the one before it. Where power steps at an edge of the Window, nobody knows when within the interval:
//! each interval of length `T` beside a step `ΔP` adds up to `(ΔP·T)²/12`, two of them `ΔP·T/√6`. Must not: invent power
//! where there is no reading.

use std::time::Duration;

use time::OffsetDateTime;

use super::{COUNTER_STEPS, GAP_PERIODS, LEAST_PERIODS, MOST_UNCERTAIN, Span, WallCard, WallReading};
use crate::meter::{Method, NullReason};
use crate::trace::{PowerTrace, Sample};
use crate::units::{Energy, Power};

/// Energy at the socket over one Window.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Over the whole Window.
    pub energy: Energy,
    /// Whether the counter or the power readings gave it.
    pub method: Method,
    /// Standard uncertainty (k = 1) of edges, steps and clocks; the meter's class is apart, in its card.
    pub uncertainty: Energy,
    /// The power readings inside, since the Window opened.
    pub trace: PowerTrace,
}

/// Power held from one instant to another.
#[derive(Debug, Clone, Copy)]
struct Level {
    from: OffsetDateTime,
    to: OffsetDateTime,
    watts: f64,
}

impl Level {
    fn seconds(&self) -> f64 {
        (self.to - self.from).as_seconds_f64()
    }

    /// Seconds of it inside a span.
    fn inside(&self, span: Span) -> f64 {
        (self.to.min(span.end()) - self.from.max(span.at)).as_seconds_f64().max(0.0)
    }

    fn touches(&self, span: Span) -> bool {
        self.from < span.end() && self.to > span.at
    }
}

/// Energy over `span` (on the server's clock). `clock` is the standard uncertainty of where the span lies.
///
/// # Errors
/// Why there is no figure.
pub fn energy_over(
    meter: &WallCard,
    readings: &[WallReading],
    span: Span,
    clock: Duration,
) -> Result<Found, NullReason> {
    if span.lasts < meter.period() * LEAST_PERIODS {
        return Err(NullReason::NotResolved);
    }
    let counted = counted(meter, readings, span, clock);
    let traced = traced(meter, readings, span, clock);
    let found = match (counted, traced) {
        (Err(reset @ NullReason::CounterReset), _) => Err(reset),
        (Ok(counted), Ok(traced)) => {
            if counted.energy == Energy::ZERO && traced.energy > step(meter) * 3.0 {
                // Power flows and the counter stands still.
                return Err(NullReason::Stale);
            }
            let is_fine = step(meter) <= counted.energy * COUNTER_STEPS;
            Ok(if is_fine { counted } else { traced })
        }
        (Ok(one), Err(_)) | (Err(_), Ok(one)) => Ok(one),
        (Err(reason), Err(_)) => Err(reason),
    }?;
    if found.uncertainty > found.energy * MOST_UNCERTAIN {
        return Err(NullReason::NotResolved);
    }
    Ok(Found { trace: trace_over(readings, span), ..found })
}

/// Mean power over `span`; `None` unless readings cover it.
pub fn power_over(meter: &WallCard, readings: &[WallReading], span: Span) -> Option<Power> {
    let levels = match counter_levels(meter, readings, span) {
        // A counter of coarse steps says little over a short time.
        Ok(levels) if step(meter).joules() <= COUNTER_STEPS * sum(&levels, span) => levels,
        _ => power_levels(meter, readings, span).ok()?,
    };
    let seconds = span.lasts.as_secs_f64();
    (seconds > 0.0).then(|| Power::from_watts(sum(&levels, span) / seconds))
}

fn step(meter: &WallCard) -> Energy {
    meter.card.resolution.unwrap_or(Energy::ZERO)
}

fn sum(levels: &[Level], span: Span) -> f64 {
    levels.iter().map(|level| level.watts * level.inside(span)).sum()
}

fn counted(
    meter: &WallCard,
    readings: &[WallReading],
    span: Span,
    clock: Duration,
) -> Result<Found, NullReason> {
    let levels = counter_levels(meter, readings, span)?;
    let energy = sum(&levels, span);
    let steps = edges(&levels, span);
    let squared: f64 = steps.iter().map(|edge| edge.squared).sum();
    let own = (step(meter).joules() / 6.0_f64.sqrt()).hypot(squared.sqrt());
    Ok(found(energy, Method::Counter, own.hypot(shift(&steps, clock))))
}

fn traced(
    meter: &WallCard,
    readings: &[WallReading],
    span: Span,
    clock: Duration,
) -> Result<Found, NullReason> {
    let levels = power_levels(meter, readings, span)?;
    let energy = sum(&levels, span);
    // Power also changes between two looks inside the Window, and nobody knows when.
    let squared: f64 = levels
        .windows(2)
        .filter(|pair| pair[1].touches(span))
        .map(|pair| ((pair[1].watts - pair[0].watts) * pair[1].seconds()).powi(2) / 12.0)
        .sum();
    let rounding = meter.power_resolution.map_or(0.0, Power::watts) / 12.0_f64.sqrt();
    let own = (rounding * span.lasts.as_secs_f64()).hypot(squared.sqrt());
    Ok(found(energy, Method::Trace, own.hypot(shift(&edges(&levels, span), clock))))
}

fn found(joules: f64, method: Method, uncertainty: f64) -> Found {
    Found {
        energy: Energy::from_joules(joules),
        method,
        uncertainty: Energy::from_joules(uncertainty),
        trace: PowerTrace::default(),
    }
}

/// How power steps where the Window opens or closes.
struct Edge {
    watts: f64,
    squared: f64,
}

fn edges(levels: &[Level], span: Span) -> Vec<Edge> {
    [span.at, span.end()]
        .into_iter()
        .filter_map(|edge| {
            let index = levels.iter().position(|level| level.from <= edge && edge <= level.to)?;
            let here = levels[index];
            let beside = [index.checked_sub(1), index.checked_add(1)];
            let watts = beside
                .into_iter()
                .flatten()
                .filter_map(|other| levels.get(other))
                .map(|other| (other.watts - here.watts).abs())
                .fold(0.0, f64::max);
            // Most in the middle of the interval; none where a reading fell on the edge.
            let nearest = (edge - here.from).min(here.to - edge).as_seconds_f64();
            Some(Edge { watts, squared: (watts * 2.0 * nearest).powi(2) / 12.0 })
        })
        .collect()
}

/// A clock that is off moves both edges together: what is lost on one side is another power's gain on the other.
fn shift(edges: &[Edge], clock: Duration) -> f64 {
    edges.iter().map(|edge| edge.watts).fold(0.0, f64::max) * clock.as_secs_f64()
}

/// Levels between counter readings, from the last before `span` to the first after it.
fn counter_levels(meter: &WallCard, readings: &[WallReading], span: Span) -> Result<Vec<Level>, NullReason> {
    let counts: Vec<(OffsetDateTime, f64)> =
        readings.iter().filter_map(|reading| Some((reading.at, reading.energy?.joules()))).collect();
    let mut levels = Vec::new();
    for pair in counts.windows(2) {
        let [(from, before), (to, after)] = [pair[0], pair[1]];
        let level = Level { from, to, watts: 0.0 };
        if level.seconds() <= 0.0 {
            continue;
        }
        let joules = after - before;
        if joules < -step(meter).joules().max(1e-9) && level.touches(span) {
            return Err(NullReason::CounterReset);
        }
        levels.push(Level { watts: joules.max(0.0) / level.seconds(), ..level });
    }
    covered(levels, span)
}

/// Levels of power readings; each stands for the time since the one before it.
fn power_levels(meter: &WallCard, readings: &[WallReading], span: Span) -> Result<Vec<Level>, NullReason> {
    let powers: Vec<(OffsetDateTime, f64)> =
        readings.iter().filter_map(|reading| Some((reading.at, reading.power?.watts()))).collect();
    let longest = (meter.period() * GAP_PERIODS).as_secs_f64();
    let mut levels = Vec::new();
    for pair in powers.windows(2) {
        let level = Level { from: pair[0].0, to: pair[1].0, watts: pair[1].1 };
        if level.touches(span) && level.seconds() > longest {
            return Err(NullReason::Unreadable);
        }
        levels.push(level);
    }
    covered(levels, span)
}

fn covered(levels: Vec<Level>, span: Span) -> Result<Vec<Level>, NullReason> {
    let is_covered = levels.first().is_some_and(|first| first.from <= span.at)
        && levels.last().is_some_and(|last| last.to >= span.end());
    if is_covered { Ok(levels) } else { Err(NullReason::Unreadable) }
}

/// The power readings inside, and the first after, which stands for the end.
pub(super) fn trace_over(readings: &[WallReading], span: Span) -> PowerTrace {
    let mut samples = Vec::new();
    for reading in readings.iter().filter(|reading| reading.at >= span.at) {
        let Some(power) = reading.power else { continue };
        let at = Duration::try_from(reading.at - span.at).unwrap_or_default();
        samples.push(Sample { at: at.min(span.lasts), power });
        if at >= span.lasts {
            break;
        }
    }
    PowerTrace(samples)
}

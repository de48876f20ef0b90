//! `characterise`: measuring the instruments themselves, once a machine and again after a driver change.
//!
//! For each instrument its update period under load, the time over which its power is a mean, how long a look takes, how
//! far its clock is off, its counter against its own power readings under steady load, and idle power; for the sampler
//! what it costs. The load is every core of the processor, or a model that answers on its device. Must not: write down
//! what it did not see.

use std::io::{self, Write};
use std::time::Duration;

use common::measurement::Reading;
use common::meter::{Characterised, MeterCard, Method};
use common::stats::Moments;
use common::units::Power;
use meter::averaging::{self, Averaging, RATIOS, Updates};
use meter::looks::Looks;
use meter::{Clock, Instruments, Measured, Monotonic, Options};

use crate::load::{self, Switch, Work};
use crate::{clock, hardware};

/// Between two looks as fast as possible: a core of its own is not needed for that.
const PAUSE: Duration = Duration::from_micros(50);
/// Between two looks while a load goes on and off.
const WAVE_PAUSE: Duration = Duration::from_millis(1);
/// Waves of each ratio last so many update periods: together enough updates to tell one window from the next.
const WAVE_PERIODS: u32 = 40;
/// Update periods of instruments whose power goes through waves; others would take too long.
const WAVED: (Duration, Duration) = (Duration::from_millis(5), Duration::from_secs(1));

/// How long each part takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Looking at each instrument as fast as possible.
    pub(crate) looking: Duration,
    /// The idle machine.
    pub(crate) idle: Duration,
    /// Steady load.
    pub(crate) load: Duration,
    /// Whether the load shall also go on and off in waves.
    pub(crate) waves: bool,
    /// The same work with the sampler on and off, so many times each.
    pub(crate) trials: u32,
    /// One piece of that work.
    pub(crate) work: Duration,
    pub(crate) options: Options,
}

/// What the sampler costs.
#[derive(Debug, Clone, Copy, PartialEq)]
struct SamplerCost {
    core_share: Option<f64>,
    slowdown: Option<f64>,
    half_width: Option<f64>,
}

/// The cards of all instruments with what was found of them.
pub(crate) fn characterise<'w>(
    instruments: &mut Instruments,
    clock: Monotonic,
    plan: Plan,
    mut work: impl FnMut() -> Vec<Work<'w>>,
) -> Result<Vec<MeterCard>, meter::Error> {
    let looks: Vec<Looks> = under_load(work(), clock, |_| {
        let meters = instruments.meters.iter_mut();
        meters.map(|meter| Looks::take(meter.as_mut(), &clock, plan.looking, PAUSE)).collect()
    });
    let averaging = if plan.waves { waves(instruments, clock, &looks, work()) } else { Vec::new() };
    let mut watch = |span: Duration| {
        let options = plan.options.unpadded();
        meter::measure(&mut instruments.meters, clock, options, None, |_| clock.sleep(span))
            .map(|((), found)| found)
    };
    let idle = watch(plan.idle)?;
    let loaded = under_load(work(), clock, |_| watch(plan.load))?;
    let cost = sampler_cost(instruments, clock, plan, hardware::cores())?;
    let at = clock::date();
    let cards = instruments.cards();
    let found = cards.into_iter().zip(&looks).enumerate().filter_map(|(index, (card, looks))| {
        let (idle_power, idle_deviation) = steadiness(&idle, index);
        let averaging: Option<Averaging> = averaging.get(index).copied().flatten();
        let characterised = Characterised {
            at,
            update_period: looks.update_period(),
            averaging: averaging.map(|found| found.window),
            averaging_half_width: averaging.map(|found| found.half_width),
            read: looks.read()?,
            read_p99: looks.read_p99()?,
            counter_bias: looks.has_power().then(|| bias(&loaded, index)).flatten(),
            gain_error: None,
            wall: None,
            clock_residual_s: looks.clock_residual_s(),
            idle_power,
            idle_deviation,
            sampler_core_share: cost.core_share,
            sampler_slowdown: cost.slowdown,
            sampler_slowdown_half_width: cost.half_width,
        };
        Some(card.with(characterised))
    });
    Ok(found.collect())
}

/// Keeps the machine busy while `body` runs.
fn under_load<T>(work: Vec<Work<'_>>, clock: Monotonic, body: impl FnOnce(&Switch<'_>) -> T) -> T {
    let on = |switch: &Switch<'_>| {
        switch.on();
        body(switch)
    };
    load::beside(work, clock, on).0
}

/// The averaging window of each instrument, from waves of load that are not in step with its updates. All instruments
/// of one update period go through the same waves.
fn waves(
    instruments: &mut Instruments,
    clock: Monotonic,
    looks: &[Looks],
    work: Vec<Work<'_>>,
) -> Vec<Option<Averaging>> {
    let periods: Vec<Option<Duration>> = instruments
        .meters
        .iter()
        .zip(looks)
        .map(|(meter, looks)| {
            let period = looks.update_period().or(meter.card().update_period)?;
            (looks.has_power() && period >= WAVED.0 && period <= WAVED.1).then_some(period)
        })
        .collect();
    let Some(slowest) = periods.iter().flatten().max().copied() else { return vec![None; periods.len()] };
    let mut updates = vec![Updates::default(); periods.len()];
    let ((), done) = load::beside(work, clock, |switch| {
        for ratio in RATIOS {
            let end = clock.now() + slowest * WAVE_PERIODS;
            let half = slowest.mul_f64(ratio / 2.0);
            while clock.now() < end {
                for is_on in [true, false] {
                    if is_on {
                        switch.on()
                    } else {
                        switch.off()
                    }
                    let until = clock.now() + half;
                    averaging::watch(&mut instruments.meters, &mut updates, &clock, until, WAVE_PAUSE);
                }
            }
        }
    });
    let pairs = updates.iter().zip(periods);
    pairs.map(|(updates, period)| updates.averaging(&done, period?)).collect()
}

fn reading(measured: &Measured, index: usize) -> Option<&Reading> {
    measured.readings.get(index).filter(|reading| reading.null_reason.is_none())
}

/// Mean power, and how much single readings deviate from it.
fn steadiness(idle: &Measured, index: usize) -> (Option<Power>, Option<Power>) {
    let Some(reading) = reading(idle, index) else { return (None, None) };
    let mean = reading.energy.map(|energy| energy / idle.window.length);
    let spread = Moments::of(reading.trace.0.iter().map(|sample| sample.power.watts())).deviation();
    (mean, spread.map(Power::from_watts))
}

/// Counter over trace, less 1.
fn bias(loaded: &Measured, index: usize) -> Option<f64> {
    let reading = reading(loaded, index).filter(|reading| reading.method == Method::Counter)?;
    let traced = reading.trace.energy_between(Duration::ZERO, loaded.window.length)?;
    (traced.joules() > 0.0).then(|| reading.energy.map(|counted| counted / traced - 1.0)).flatten()
}

/// The same work on all cores, by turns with the sampler on and off.
fn sampler_cost(
    instruments: &mut Instruments,
    clock: Monotonic,
    plan: Plan,
    cores: u32,
) -> Result<SamplerCost, meter::Error> {
    let chunks = chunks_in(clock, plan.work);
    let work = || {
        let start = clock.now();
        std::thread::scope(|scope| {
            for _ in 0..cores {
                scope.spawn(|| load::spin(chunks));
            }
        });
        clock.now().saturating_sub(start).as_secs_f64()
    };
    let (mut ratios, mut shares) = (Vec::new(), Vec::new());
    for trial in 0..plan.trials {
        let mut on = || {
            let options = plan.options.unpadded();
            meter::measure(&mut instruments.meters, clock, options, None, |_| work())
        };
        // Which comes first changes, so that what drifts falls on both.
        let (off, (on, measured)) = if trial % 2 == 0 {
            (work(), on()?)
        } else {
            let on = on()?;
            (work(), on)
        };
        ratios.push(on / off - 1.0);
        let cpu = measured.sampler.cpu.map(|cpu| cpu.as_secs_f64() / measured.window.length.as_secs_f64());
        shares.extend(cpu);
    }
    let estimate = Moments::of(ratios).estimate();
    Ok(SamplerCost {
        core_share: Moments::of(shares).estimate().map(|estimate| estimate.mean),
        slowdown: estimate.map(|estimate| estimate.mean),
        half_width: estimate.and_then(|estimate| estimate.half_width),
    })
}

/// Chunks that one thread works off in about so long.
fn chunks_in(clock: Monotonic, span: Duration) -> u32 {
    let start = clock.now();
    let mut chunks = 0;
    while clock.now().saturating_sub(start) < span {
        load::spin(1);
        chunks += 1;
    }
    chunks.max(1)
}

/// The cards for people.
pub(crate) fn print(cards: &[MeterCard], out: &mut impl Write) -> io::Result<()> {
    let seconds =
        |span: Option<Duration>| span.map_or_else(|| "not found".to_owned(), |span| format!("{span:?}"));
    let percent = |share: Option<f64>| {
        share.map_or_else(|| "not found".to_owned(), |share| format!("{:+.3} %", share * 100.0))
    };
    let watts = |power: Option<Power>| {
        power.map_or_else(|| "not found".to_owned(), |power| format!("{:.3} W", power.watts()))
    };
    for card in cards {
        writeln!(out, "{} ({}, {})", card.domain, card.name, card.label.name())?;
        let Some(found) = &card.characterised else { continue };
        writeln!(out, "  updates every        {}", seconds(found.update_period))?;
        let averaging = match (found.averaging, found.averaging_half_width, card.averaging) {
            (Some(window), Some(half), _) => format!("{window:?} ± {half:?}, found here"),
            (_, _, Some(known)) => format!("{known:?} by its make; nothing was found here"),
            _ => "a time that is not known".to_owned(),
        };
        writeln!(out, "  a reading is a mean over {averaging}")?;
        writeln!(out, "  a look takes         {:?}, 99 of 100 at most {:?}", found.read, found.read_p99)?;
        writeln!(out, "  counter over trace   {}", percent(found.counter_bias))?;
        if let Some(wall) = &found.wall {
            writeln!(
                out,
                "  at the socket ({})   {:.3} ± {} W for each watt of all parts, {:.1} W beside them",
                wall.name,
                wall.slope,
                wall.slope_half_width.map_or_else(|| "?".to_owned(), |half| format!("{half:.3}")),
                wall.offset.watts()
            )?;
            let behind = wall.delay_s.zip(wall.delay_half_width_s);
            let behind =
                behind.map_or_else(|| "not found".to_owned(), |(s, half)| format!("{s:+.2} ± {half:.2} s"));
            writeln!(out, "  its readings lie behind by {behind}")?;
        }
        if let Some(residual) = found.clock_residual_s {
            writeln!(out, "  its clock is ahead   {residual:+.6} s")?;
        }
        writeln!(
            out,
            "  idle                 {}, readings deviate by {}",
            watts(found.idle_power),
            watts(found.idle_deviation)
        )?;
        writeln!(
            out,
            "  the sampler takes    {} of one core and slows work by {} ± {}",
            percent(found.sampler_core_share),
            percent(found.sampler_slowdown),
            percent(found.sampler_slowdown_half_width)
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use common::meter::Domain;
    use meter::replay::{Replay, Script};

    use super::*;

    #[test]
    fn a_card_holds_what_was_seen_of_each_instrument_and_null_where_nothing_was() {
        let steady = Replay::new(Script::constant(40.0)).reading(Domain::Gpu(0));
        let lost = Replay::new(Script::lost_after(Duration::ZERO)).reading(Domain::Gpu(1));
        let mut found = Instruments::alone(vec![Box::new(steady), Box::new(lost)]);
        let short = Duration::from_millis(60);
        let plan = Plan {
            looking: short,
            idle: short,
            load: short,
            waves: false,
            trials: 2,
            work: Duration::from_millis(5),
            options: found.options(),
        };
        let cards = characterise(&mut found, Monotonic::start(), plan, || load::of_cores(1)).unwrap();
        assert_eq!(cards.len(), 1, "of an instrument that cannot be read there is nothing to say");
        let card = cards[0].characterised.as_ref().unwrap();
        assert!((card.idle_power.unwrap().watts() - 40.0).abs() < 1.0, "{card:?}");
        assert!(card.counter_bias.unwrap().abs() < 0.02, "a perfect counter agrees with its power: {card:?}");
        assert_eq!((card.gain_error, card.clock_residual_s), (None, None));
        assert!(card.read <= card.read_p99 && card.sampler_core_share.is_some());
        found.characterise(&cards);
        assert!(found.cards()[0].characterised.is_none(), "a replay keeps its own card");
        let mut text = Vec::new();
        print(&cards, &mut text).unwrap();
        assert!(String::from_utf8(text).unwrap().contains("counter over trace"));
    }
}

//! Records with a machine of their own, from one meter, several supplies and checks.

use time::macros::datetime;

use super::*;
use crate::leaderboard::tests::facts;
use crate::leaderboard::{Boundary, RunFigures};
use crate::verdict::{Grade, Reason, Verdict};
use crate::wall::ClockOffset;

const START: time::OffsetDateTime = datetime!(2026-11-21 00:00:00 UTC);

fn span(from: u64, lasts: u64) -> Span {
    Span { at: START + Duration::from_secs(from), lasts: Duration::from_secs(lasts) }
}

fn meter(label: Label) -> WallCard {
    let card = MeterCard {
        label,
        resolution: Some(Energy::from_joules(3.6)),
        update_period: Some(Duration::from_millis(200)),
        gain_uncertainty: 0.01,
        ..facts(label).meters[0].clone()
    };
    WallCard { card, power_resolution: Some(Power::from_watts(0.1)) }
}

/// Five looks a second at a machine that draws 80 W while its worker works and 40 W while it does not.
fn looks(busy_watts: f64) -> Vec<WallReading> {
    (0..=700_u32)
        .map(|tick| {
            let second = f64::from(tick) / 5.0;
            let is_busy = (94.0..=112.5).contains(&second);
            WallReading {
                at: START + time::Duration::seconds_f64(second),
                took: Duration::from_millis(4),
                power: Some(Power::from_watts(if is_busy { busy_watts } else { 40.0 })),
                energy: None,
            }
        })
        .collect()
}

fn told(role: WallRole, label: Label, busy_watts: f64) -> Told {
    Told { meter: meter(label), role, readings: looks(busy_watts) }
}

fn whole(label: Label, busy_watts: f64) -> Told {
    told(WallRole::Whole, label, busy_watts)
}

/// A Run whose worker's clock is two seconds ahead of the server's.
fn reported(label: Label) -> Facts {
    let timeline = Timeline {
        windows: vec![span(100, 4), span(110, 4)],
        idle_before: Some(span(90, 3)),
        idle_after: Some(span(116, 3)),
        server: Some(ClockOffset { offset_s: -2.0, within: Duration::from_millis(5) }),
    };
    Facts { timeline: Some(timeline), ..facts(label) }
}

#[test]
fn the_socket_becomes_the_headline_and_the_parts_stay_beside_it() {
    let mut facts = reported(Label::Measured);
    join(&mut facts, &[whole(Label::Measured, 80.0)], None);
    facts.check().unwrap();
    let figures = RunFigures::of(&facts, None, None);
    assert_eq!((figures.boundary, figures.label), (Some(Boundary::Machine), Label::Measured));
    // 4 s at 80 W less two pads of a second at 40 W.
    assert!((figures.sums.energy_j.mean - 240.0).abs() < 1e-6, "{figures:?}");
    assert!((figures.sums.net_energy_j.mean - 160.0).abs() < 1e-6, "{figures:?}");
    assert!(figures.sums.accelerator_energy_j.n > 0);
    assert_eq!(figures.verdict.grade, Grade::Valid, "{:?}", figures.verdict);
    // The class of the meter: 1 % of 240 J at k = 2, and little else.
    let uncertainty = figures.uncertainty.unwrap().absolute.joules();
    assert!((4.8..5.0).contains(&uncertainty), "{uncertainty}");
}

#[test]
fn a_machine_of_simulated_parts_is_never_measured() {
    let mut facts = reported(Label::Simulated);
    join(&mut facts, &[whole(Label::Measured, 80.0)], None);
    assert_eq!(RunFigures::of(&facts, None, None).label, Label::Simulated);
}

#[test]
fn clocks_that_were_not_compared_give_no_figure_and_the_parts_keep_theirs() {
    let mut facts = reported(Label::Measured);
    facts.timeline = None;
    join(&mut facts, &[whole(Label::Measured, 80.0)], None);
    let reading = facts.repetitions[0].readings.last().unwrap();
    assert_eq!((reading.energy, reading.null_reason), (None, Some(NullReason::ClockUnknown)));
    let figures = RunFigures::of(&facts, None, None);
    assert_eq!(figures.boundary, Some(Boundary::AcceleratorCpu));
    assert_eq!(Verdict::on(&facts).reasons, [Reason::NoWallFigure]);

    let mut rough = reported(Label::Measured);
    rough.timeline.as_mut().unwrap().server =
        Some(ClockOffset { offset_s: -2.0, within: Duration::from_millis(200) });
    join(&mut rough, &[whole(Label::Measured, 80.0)], None);
    assert_eq!(Verdict::on(&rough).reasons, [Reason::ClockResidual]);
}

#[test]
fn one_window_too_short_for_the_meter_leaves_all_without_a_figure_and_no_blame() {
    let mut facts = reported(Label::Measured);
    facts.timeline.as_mut().unwrap().windows[1].lasts = Duration::from_millis(300);
    join(&mut facts, &[whole(Label::Measured, 80.0)], None);
    for repetition in &facts.repetitions {
        assert_eq!(repetition.readings.last().unwrap().null_reason, Some(NullReason::NotResolved));
    }
    let figures = RunFigures::of(&facts, None, None);
    assert_eq!(figures.boundary, Some(Boundary::AcceleratorCpu));
    assert_eq!(Verdict::on(&facts).reasons, []);
}

#[test]
fn a_machine_that_uses_less_than_its_parts_is_to_be_measured_again() {
    let mut facts = reported(Label::Measured);
    // The parts used 190 J and 194 J in their windows.
    join(&mut facts, &[whole(Label::Measured, 40.0)], None);
    let verdict = Verdict::on(&facts);
    assert_eq!(
        (verdict.grade, verdict.reasons.as_slice()),
        (Grade::Redo, [Reason::WallBelowParts].as_slice())
    );
}

#[test]
fn idle_before_the_lease_stands_in_where_the_workers_own_is_too_short() {
    let mut facts = reported(Label::Measured);
    let timeline = facts.timeline.as_mut().unwrap();
    timeline.idle_before.as_mut().unwrap().lasts = Duration::from_millis(100);
    timeline.idle_after = None;
    join(&mut facts, &[whole(Label::Measured, 80.0)], Some(span(60, 20)));
    let baseline = facts.baseline(Domain::Machine).unwrap();
    assert_eq!((baseline.before.unwrap().watts().round(), baseline.after), (40.0, None));
}

#[test]
fn a_worker_that_reads_its_whole_machine_keeps_its_own_figure() {
    let mut facts = reported(Label::Measured);
    facts.meters[0].domain = Domain::Machine;
    let before = facts.clone();
    join(&mut facts, &[whole(Label::Measured, 80.0)], None);
    assert_eq!(facts, before);
    assert_eq!(facts.meters[0].method, Method::Counter);
}

fn domains(facts: &Facts) -> Vec<Domain> {
    facts.repetitions[0].readings.iter().map(|reading| reading.domain).filter(|d| d.is_at_socket()).collect()
}

#[test]
fn two_supplies_are_shown_apart_and_their_sum_is_the_machine() {
    let mut facts = reported(Label::Measured);
    let supply = told(WallRole::Supply, Label::Measured, 80.0);
    join(&mut facts, &[supply.clone(), supply.clone()], None);
    facts.check().unwrap();
    assert_eq!(domains(&facts), [Domain::Machine, Domain::Supply(0), Domain::Supply(1)]);
    let figures = RunFigures::of(&facts, None, None);
    // Each supply 4 s at 80 W less two pads of a second at 40 W.
    assert_eq!((figures.boundary, figures.label), (Some(Boundary::Machine), Label::Measured));
    assert!((figures.sums.energy_j.mean - 480.0).abs() < 1e-6, "{figures:?}");
    assert!((figures.sums.net_energy_j.mean - 320.0).abs() < 1e-6, "{figures:?}");
    assert_eq!(figures.verdict.grade, Grade::Valid, "{:?}", figures.verdict);
    let machine = &facts.repetitions[0].readings.iter().find(|r| r.domain == Domain::Machine).unwrap();
    let traced = machine.trace.energy_between(Duration::ZERO, Duration::from_secs(4)).unwrap();
    assert!((traced.joules() - 640.0).abs() < 1e-6, "{traced:?}");

    // One that gives nothing leaves no sum, and it is said so.
    let silent = Told { readings: Vec::new(), ..supply.clone() };
    let mut facts = reported(Label::Measured);
    join(&mut facts, &[supply.clone(), silent], None);
    assert_eq!(RunFigures::of(&facts, None, None).boundary, Some(Boundary::AcceleratorCpu));
    assert_eq!(Verdict::on(&facts).reasons, [Reason::NoWallFigure]);
    let mut facts = reported(Label::Measured);
    join(&mut facts, &[supply], None);
    assert_eq!(domains(&facts), [Domain::Supply(0)], "a supply alone is not the machine");
    assert_eq!(RunFigures::of(&facts, None, None).boundary, Some(Boundary::AcceleratorCpu));
}

#[test]
fn a_second_meter_of_the_whole_is_never_added_and_what_it_tells_otherwise_is_flagged() {
    let with_check = |busy_watts| {
        let mut facts = reported(Label::Measured);
        let check = told(WallRole::Check, Label::Measured, busy_watts);
        join(&mut facts, &[check, whole(Label::Measured, 80.0)], None);
        assert_eq!(domains(&facts), [Domain::Check(0), Domain::Machine]);
        assert!((RunFigures::of(&facts, None, None).sums.energy_j.mean - 240.0).abs() < 1e-6);
        Verdict::on(&facts).reasons
    };
    assert_eq!(with_check(81.0), []);
    // Both have a class of 1 %: 8 % apart is more than both leave open.
    assert_eq!(with_check(88.0), [Reason::WallDisagreement]);
    let mut facts = reported(Label::Measured);
    let silent = Told { readings: Vec::new(), ..told(WallRole::Check, Label::Measured, 80.0) };
    join(&mut facts, &[whole(Label::Measured, 80.0), silent], None);
    assert_eq!(Verdict::on(&facts).reasons, [Reason::ReadError]);
}

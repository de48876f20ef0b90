//! Which evidence leads to which reason and grade.

use super::*;
use crate::meter::Fault;

#[test]
fn no_reason_is_valid_and_the_worst_reason_decides() {
    assert_eq!(Verdict::of(vec![]).grade, Grade::Valid);
    let verdict = Verdict::of(vec![Reason::CounterReset, Reason::Modelled, Reason::Modelled]);
    assert_eq!(verdict.grade, Grade::Rejected);
    assert_eq!(verdict.reasons, [Reason::Modelled, Reason::CounterReset]);
}

#[test]
fn a_counter_and_a_trace_that_differ_by_more_than_the_band_are_flagged_where_both_resolve() {
    use crate::trace::{PowerTrace, Sample};
    use crate::units::{Energy, Power};
    let second = Duration::from_secs;
    let of = |length: u64, joules: f64| {
        let window = Window::new(second(0), second(length), second(length));
        let samples = (0..=length).map(|at| Sample { at: second(at), power: Power::from_watts(100.0) });
        let reading = Reading {
            domain: crate::meter::Domain::Gpu(0),
            label: Label::Measured,
            method: Method::Counter,
            energy: Some(Energy::from_joules(joules)),
            null_reason: None,
            uncertainty: None,
            trace: PowerTrace(samples.collect()),
            faults: vec![],
        };
        let card = MeterCard {
            update_period: Some(Duration::from_millis(100)),
            ..MeterCard::new("nvml", reading.domain, Label::Measured, Method::Counter, "")
        };
        let power = Some(Power::from_watts(10.0));
        let baselines = [Baseline::new(reading.domain, power, power)];
        let conditions = Conditions { was_calm: true, ..Conditions::default() };
        Verdict::on_evidence(&Evidence {
            conditions: &conditions,
            meters: &[card],
            baselines: &baselines,
            windows: vec![(window, &[reading])],
        })
        .reasons
    };
    assert_eq!(of(10, 1000.0), []);
    assert_eq!(of(10, 1060.0), []);
    assert_eq!(of(10, 1100.0), [Reason::Disagreement]);
    assert_eq!(of(1, 200.0), [], "a second is ten update periods: too short to compare");
}

fn reasons(conditions: &Conditions, card: MeterCard, windows: usize) -> Vec<Reason> {
    let power = Some(crate::units::Power::from_watts(10.0));
    let baselines = [Baseline::new(card.domain, power, power)];
    let length = Duration::from_millis(100);
    let window = Window::new(Duration::ZERO, length, length);
    let readings = [Reading {
        domain: card.domain,
        label: card.label,
        method: Method::Counter,
        energy: Some(crate::units::Energy::from_joules(1.0)),
        null_reason: None,
        uncertainty: None,
        trace: crate::trace::PowerTrace::default(),
        faults: vec![],
    }];
    Verdict::on_evidence(&Evidence {
        conditions,
        meters: &[card],
        baselines: &baselines,
        windows: vec![(window, readings.as_slice()); windows],
    })
    .reasons
}

fn board(label: Label) -> MeterCard {
    MeterCard::new("nvml", crate::meter::Domain::Gpu(0), label, Method::Counter, "")
}

fn calm() -> Conditions {
    Conditions { was_calm: true, ..Conditions::default() }
}

#[test]
fn what_preflight_and_the_check_afterwards_saw_are_reasons_by_name() {
    let second = Some(Duration::from_secs(1));
    let of = |conditions| reasons(&conditions, board(Label::Measured), 1);
    assert_eq!(of(calm()), []);
    assert_eq!(
        of(Conditions { foreign_accelerator_processes: Some(1), ..calm() }),
        [Reason::ForeignOnAccelerator]
    );
    assert_eq!(of(Conditions { suspended: second, ..calm() }), [Reason::Suspended]);
    assert_eq!(of(Conditions { suspended: Some(Duration::from_millis(1)), ..calm() }), []);
    assert_eq!(of(Conditions { swapped_pages: Some(3), ..calm() }), [Reason::Swapped]);
    assert_eq!(of(Conditions { stolen_share: Some(0.001), ..calm() }), [Reason::StolenTime]);
    assert_eq!(of(Conditions { stolen_share: Some(0.0), ..calm() }), []);
    let silent = Conditions { silent_meters: vec![crate::meter::Domain::Gpu(0)], ..calm() };
    assert_eq!(of(silent), [Reason::StaleMeter]);
}

#[test]
fn stolen_time_says_nothing_of_a_rig_that_reads_nothing() {
    let stolen = Conditions { stolen_share: Some(0.5), ..calm() };
    assert_eq!(reasons(&stolen, board(Label::Simulated), 1), [Reason::Simulated]);
    let card = [board(Label::Measured)];
    let grade = |share| {
        let conditions = Conditions { stolen_share: Some(share), ..calm() };
        let evidence = Evidence { conditions: &conditions, meters: &card, baselines: &[], windows: vec![] };
        Verdict::on_evidence(&evidence).grade
    };
    assert_eq!((grade(0.009), grade(0.011)), (Grade::Flagged, Grade::Rejected));
}

#[test]
fn being_held_back_for_more_than_a_hundredth_of_the_windows_is_a_reason() {
    let of = |slowed_ms, capped_ms| {
        let state = crate::measurement::AcceleratorState {
            domain: crate::meter::Domain::Gpu(0),
            core_clock_mhz: None,
            memory_clock_mhz: None,
            power_limit: None,
            default_power_limit: None,
            is_persistent: None,
            has_ecc: None,
            slowed: Some(Duration::from_millis(slowed_ms)),
            power_capped: Some(Duration::from_millis(capped_ms)),
        };
        reasons(&Conditions { accelerators: vec![state], ..calm() }, board(Label::Measured), 3)
    };
    assert_eq!(of(3, 3), []);
    assert_eq!(of(4, 0), [Reason::Throttled]);
    assert_eq!(of(0, 4), [Reason::PowerCapped]);
}

#[test]
fn a_sensor_that_sees_a_quarter_needs_eight_spread_starts_or_five_seconds() {
    let quarter = MeterCard {
        update_period: Some(Duration::from_millis(100)),
        averaging: Some(Duration::from_millis(25)),
        ..board(Label::Measured)
    };
    assert_eq!(reasons(&calm(), quarter.clone(), 8), [Reason::PartialSight]);
    let spread = Conditions { spread_starts: true, ..calm() };
    assert_eq!(reasons(&spread, quarter.clone(), 7), [Reason::PartialSight]);
    assert_eq!(reasons(&spread, quarter.clone(), 8), []);
    assert_eq!(reasons(&calm(), quarter, 50), [], "fifty bodies of 0.1 s are five seconds");
}

#[test]
fn what_a_card_warns_of_is_a_remark() {
    let noisy = MeterCard { cautions: vec![Caution::NoisyCounter], ..board(Label::Measured) };
    assert_eq!(reasons(&calm(), noisy, 1), [Reason::NoisyCounter]);
    assert_eq!(Reason::NoisyCounter.grade(), Grade::Flagged);
}

/// Windows of a second on an instrument that updates once a millisecond, and what each took.
fn spread(label: Label, update_period_ms: u64, joules: &[f64]) -> Vec<Reason> {
    use crate::units::{Energy, Power};
    let card = MeterCard { update_period: Some(Duration::from_millis(update_period_ms)), ..board(label) };
    let length = Duration::from_secs(1);
    let window = Window::new(Duration::ZERO, length, length);
    let readings: Vec<Vec<Reading>> = joules
        .iter()
        .map(|&joules| {
            vec![Reading {
                domain: card.domain,
                label,
                method: Method::Counter,
                energy: Some(Energy::from_joules(joules)),
                null_reason: None,
                uncertainty: None,
                trace: crate::trace::PowerTrace::default(),
                faults: vec![],
            }]
        })
        .collect();
    let power = Some(Power::from_watts(10.0));
    Verdict::on_evidence(&Evidence {
        conditions: &calm(),
        meters: std::slice::from_ref(&card),
        baselines: &[Baseline::new(card.domain, power, power)],
        windows: readings.iter().map(|readings| (window, readings.as_slice())).collect(),
    })
    .reasons
}

#[test]
fn four_windows_of_the_same_work_that_deviate_by_more_than_a_twentieth_are_measured_again() {
    assert_eq!(spread(Label::Measured, 1, &[100.0, 104.0, 96.0, 100.0]), []);
    assert_eq!(spread(Label::Measured, 1, &[100.0, 112.0, 88.0, 100.0]), [Reason::WideSpread]);
    assert_eq!(Reason::WideSpread.grade(), Grade::Redo);
}

#[test]
fn three_windows_and_windows_that_the_instrument_does_not_resolve_say_nothing_of_their_spread() {
    assert_eq!(spread(Label::Measured, 1, &[100.0, 112.0, 88.0]), []);
    assert_eq!(spread(Label::Measured, 100, &[100.0, 112.0, 88.0, 100.0]), []);
    assert_eq!(spread(Label::Modelled, 1, &[100.0, 112.0, 88.0, 100.0]), [Reason::Modelled]);
}

#[test]
fn the_same_prompt_answered_with_other_numbers_of_tokens_is_measured_again() {
    let mut facts = crate::leaderboard::tests::facts(Label::Measured);
    assert!(!Verdict::on(&facts).reasons.contains(&Reason::LengthChanged));
    facts.repetitions[1].token_times.pop();
    facts.repetitions[1].output_tokens -= 1;
    let verdict = Verdict::on(&facts);
    assert!(verdict.reasons.contains(&Reason::LengthChanged) && verdict.grade == Grade::Redo, "{verdict:?}");
}

#[test]
fn a_machine_whose_last_five_control_workloads_deviate_by_more_than_a_hundredth_is_flagged() {
    use crate::measurement::Control;
    let of = |n: u64, spread: f64| {
        let control = Control {
            at: time::OffsetDateTime::UNIX_EPOCH,
            model_id: "m@1:f32".parse().unwrap(),
            n,
            energy_spread: Some(spread),
            time_spread: None,
        };
        reasons(&Conditions { control: Some(control), ..calm() }, board(Label::Measured), 1)
    };
    assert_eq!(of(5, 0.009), []);
    assert_eq!(of(5, 0.011), [Reason::ControlSpread]);
    assert_eq!(of(4, 0.5), [], "four say too little");
}

#[test]
fn what_is_not_good_enough_at_the_third_attempt_is_rejected() {
    let mut facts = crate::leaderboard::tests::facts(Label::Measured);
    facts.repetitions[0].readings[0].faults = vec![Fault::Throttled];
    let mut grade_at = |attempt| {
        facts.conditions.attempt = attempt;
        Verdict::on(&facts).grade
    };
    assert_eq!([None, Some(1), Some(2)].map(&mut grade_at), [Grade::Redo; 3]);
    assert_eq!(grade_at(Some(3)), Grade::Rejected);
}

#[test]
fn idle_power_that_is_not_steady_is_flagged_and_too_few_readings_are_no_blame() {
    use crate::steadiness::Steadiness;
    let card = MeterCard::new("rapl", Domain::CpuPackage(0), Label::Measured, Method::Counter, "");
    let watts = crate::units::Power::from_watts;
    let of = |blocks: u32, deviation: f64, furthest: f64| {
        let known = Steadiness { blocks, deviation: watts(deviation), standard_error: watts(0.1), furthest };
        let baseline = Baseline {
            steadiness_before: Some(known),
            ..Baseline::new(card.domain, Some(watts(10.0)), Some(watts(10.0)))
        };
        let conditions = Conditions { was_calm: true, ..Conditions::default() };
        let evidence = Evidence {
            conditions: &conditions,
            meters: std::slice::from_ref(&card),
            baselines: &[baseline],
            windows: vec![],
        };
        Verdict::on_evidence(&evidence).reasons
    };
    assert_eq!(of(30, 0.2, 2.5), []);
    assert_eq!(of(30, 0.4, 2.5), [Reason::UnsteadyIdle], "4 % of the mean");
    assert_eq!(of(30, 0.2, 4.5), [Reason::UnsteadyIdle], "one block far off");
    assert_eq!(of(5, 0.4, 2.0), []);
}

#[test]
fn idle_power_that_is_not_what_it_was_for_days_is_flagged() {
    let card = MeterCard::new("rapl", Domain::CpuPackage(0), Label::Measured, Method::Counter, "");
    let watts = crate::units::Power::from_watts;
    let of = |usual_w: Option<f64>| {
        let baseline = Baseline {
            usual: usual_w.map(watts),
            ..Baseline::new(card.domain, Some(watts(10.0)), Some(watts(10.0)))
        };
        let conditions = Conditions { was_calm: true, ..Conditions::default() };
        let evidence = Evidence {
            conditions: &conditions,
            meters: std::slice::from_ref(&card),
            baselines: &[baseline],
            windows: vec![],
        };
        let verdict = Verdict::on_evidence(&evidence);
        (verdict.grade, verdict.reasons)
    };
    assert_eq!(of(Some(10.2)), (Grade::Valid, vec![]));
    assert_eq!(of(None), (Grade::Valid, vec![]), "of a new machine nobody knows");
    assert_eq!(of(Some(10.5)), (Grade::Flagged, vec![Reason::UnusualIdle]));
}

#[test]
fn a_machine_that_stayed_hot_is_rejected_and_clocks_that_are_not_held_are_flagged() {
    let of = |conditions: Conditions| {
        let card = MeterCard::new("rapl", Domain::CpuPackage(0), Label::Measured, Method::Counter, "");
        let evidence = Evidence {
            conditions: &Conditions { was_calm: true, ..conditions },
            meters: &[card],
            baselines: &[],
            windows: vec![],
        };
        let verdict = Verdict::on_evidence(&evidence);
        (verdict.grade, verdict.reasons)
    };
    let hot = of(Conditions { was_cool: Some(false), ..Conditions::default() });
    assert_eq!(hot, (Grade::Rejected, vec![Reason::ThermalTimeout]));
    assert_eq!(of(Conditions { was_cool: Some(true), ..Conditions::default() }).0, Grade::Valid);
    let governed = |governors: &[&str]| ProcessorState {
        governors: governors.iter().map(|&governor| governor.to_owned()).collect(),
        ..ProcessorState::default()
    };
    let with =
        |governors: &[&str]| of(Conditions { processor: Some(governed(governors)), ..Conditions::default() });
    assert_eq!(with(&["performance"]).0, Grade::Valid);
    assert_eq!(with(&["schedutil"]).0, Grade::Valid);
    assert_eq!(with(&[]).0, Grade::Valid, "not known is no blame");
    let flagged = (Grade::Flagged, vec![Reason::ClocksNotHeld]);
    assert_eq!(with(&["powersave"]), flagged);
    assert_eq!(with(&["ondemand", "performance"]), flagged);
    let changed = Conditions {
        processor: Some(governed(&["performance"])),
        processor_after: Some(governed(&["schedutil"])),
        ..Conditions::default()
    };
    assert_eq!(of(changed), flagged);
}

//! Tests of the ranking room, with one hand-made Run that other rooms' tests may picture too.

use std::time::Duration;

use super::*;
use crate::measurement::{
    Answer, Baseline, Conditions, Facts, Finish, Overhead, OverheadEnergy, Reading, Repetition, Round,
    Software,
};
use crate::meter::{Domain, MeterCard, Method, NullReason};
use crate::model::{Dtype, Weights};
use crate::trace::{PowerTrace, Window};
use crate::units::Power;
use crate::verdict::{Reason, Verdict};

fn card(domain: Domain, label: Label) -> MeterCard {
    MeterCard {
        resolution: Some(Energy::from_joules(0.6)),
        gain_uncertainty: 0.03,
        ..MeterCard::new("replay", domain, label, Method::Counter, "test")
    }
}

fn reading(domain: Domain, label: Label, joules: Option<f64>) -> Reading {
    Reading {
        domain,
        label,
        method: Method::Counter,
        energy: joules.map(Energy::from_joules),
        null_reason: joules.is_none().then_some(NullReason::Unreadable),
        uncertainty: None,
        trace: PowerTrace::default(),
        faults: Vec::new(),
    }
}

fn repetition(readings: Vec<Reading>) -> Repetition {
    Repetition {
        output_text: "12 + 30 = 42".to_owned(),
        finish: Finish::Stop,
        prompt_tokens: 10,
        output_tokens: 4,
        token_times: [500, 1000, 1500, 2000].map(Duration::from_millis).to_vec(),
        window: Window::new(Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(4)),
        readings,
        others: Vec::new(),
        again: Vec::new(),
    }
}

/// Two Repetitions of 2 s on a GPU (140 J and 144 J with pads, 20 W idle) and a CPU package.
pub(crate) fn facts(label: Label) -> Facts {
    let domains = [Domain::Gpu(0), Domain::CpuPackage(0)];
    Facts {
        method_version: 1,
        software: Software {
            worker_version: "0".to_owned(),
            engine_version: "engine".to_owned(),
            device: "cpu".to_owned(),
            threads: 1,
            batch: 1,
            computing: None,
        },
        model: Model {
            id: "m@1:f32".parse().unwrap(),
            name: "m".to_owned(),
            family: "llama".to_owned(),
            parameters: 1,
            dtype: Dtype::F32,
            bits_per_weight: 32.0,
            weight_bytes: 4,
            revision: "1".to_owned(),
            weights_sha256: String::new(),
            weights: Weights::Trained,
            context_length: 64,
            quality: Vec::new(),
        },
        meters: domains.map(|domain| card(domain, label)).to_vec(),
        started_at: time::OffsetDateTime::UNIX_EPOCH,
        repetitions: [140.0, 144.0]
            .map(|joules| {
                repetition(vec![
                    reading(Domain::Gpu(0), label, Some(joules)),
                    reading(Domain::CpuPackage(0), label, Some(50.0)),
                ])
            })
            .to_vec(),
        baselines: domains
            .map(|domain| Baseline::new(domain, Some(Power::from_watts(20.0)), Some(Power::from_watts(20.0))))
            .to_vec(),
        overhead: Overhead::default(),
        conditions: Conditions { was_calm: true, ..Conditions::default() },
        timeline: None,
    }
}

#[test]
fn pads_are_taken_off_at_idle_power_and_parts_are_summed_by_name() {
    let figures = RunFigures::of(&facts(Label::Measured), Some(Kind::Math), Some("42"));
    assert_eq!(figures.boundary, Some(Boundary::AcceleratorCpu));
    // (140 + 144)/2 − 2 s · 20 W on the GPU, 50 − 40 on the CPU
    assert!((figures.sums.accelerator_energy_j.mean - 102.0).abs() < 1e-9);
    assert!((figures.sums.cpu_energy_j.mean - 10.0).abs() < 1e-9);
    assert!((figures.sums.energy_j.mean - 112.0).abs() < 1e-9);
    // less 2 s · (20 + 20) W idle
    assert!((figures.sums.net_energy_j.mean - 32.0).abs() < 1e-9);
    assert_eq!(figures.sums.correct, Moments::one(1.0));
    assert_eq!(figures.sums.ttft_s.mean, 0.5);
    assert_eq!(figures.sums.tpot_s.mean, 0.5);
    // Two Repetitions that differ by 4 J say little: t(1) = 12.7 makes the net of 32 J uncertain by 25 J.
    assert_eq!(figures.verdict.reasons, [Reason::WideInterval]);
    assert!((figures.net.unwrap().half_width.joules() - 25.42).abs() < 0.01, "{:?}", figures.net);
}

#[test]
fn the_interval_holds_gain_resolution_and_spread() {
    let uncertainty = RunFigures::of(&facts(Label::Measured), None, None).uncertainty.unwrap();
    // gain: hypot(0.03·102, 0.03·10) = 3.0747; own: two readings of 0.6/√6 in two repetitions: 0.24495;
    // spread: t(1)·2.8284/√2/2 = 12.7062
    assert!(
        (uncertainty.relative.joules() - 2.0 * 12.7062_f64.hypot(0.244_95)).abs() < 1e-3,
        "{uncertainty:?}"
    );
    let absolute = 2.0 * 12.7062_f64.hypot(0.244_95).hypot(3.074_7);
    assert!((uncertainty.absolute.joules() - absolute).abs() < 1e-2, "{uncertainty:?}");
}

#[test]
fn a_missing_part_makes_its_sum_missing_and_the_run_unusable() {
    let mut facts = facts(Label::Measured);
    for repetition in &mut facts.repetitions {
        repetition.readings = vec![reading(Domain::Gpu(0), Label::Measured, None)];
    }
    let figures = RunFigures::of(&facts, None, None);
    assert_eq!(figures.boundary, None);
    assert_eq!(figures.sums.energy_j.n, 0);
    assert!(figures.uncertainty.is_none());
    assert_eq!(figures.verdict.grade, Grade::Rejected);
    assert!(figures.verdict.reasons.contains(&Reason::NoEnergy));
}

#[test]
fn modelled_energy_is_flagged_and_never_shares_a_row_with_measured() {
    let cell = |label, kind| Cell {
        key: Key {
            model_id: "m@1:f32".parse().unwrap(),
            machine_id: MachineId(uuid::Uuid::nil()),
            task: Task::Plain,
            kind,
            origin: Origin::Campaign,
            label,
            boundary: Boundary::Cpu,
            batch: 1,
            engine_version: "e".to_owned(),
            method_version: 1,
        },
        sums: RunFigures::of(&facts(label), None, None).sums,
    };
    let cells = [
        cell(Label::Measured, Some(Kind::Math)),
        cell(Label::Modelled, Some(Kind::Math)),
        cell(Label::Modelled, Some(Kind::Code)),
    ];
    let rows = rows(&cells, |key| Key { kind: None, ..key.clone() });
    assert_eq!(rows.len(), 2);
    assert_eq!((rows[0].key.label, rows[0].sums.runs, rows[0].sums.flagged_runs), (Label::Measured, 1, 1));
    assert_eq!((rows[1].key.label, rows[1].sums.runs, rows[1].sums.flagged_runs), (Label::Modelled, 2, 2));
    // per token: all energy over all tokens
    assert!((rows[1].energy_per_output_token().unwrap().mean - 28.0).abs() < 1e-9);
    assert!((rows[1].power().unwrap().mean - 56.0).abs() < 1e-9);
    assert!((rows[1].throughput().unwrap() - 2.0).abs() < 1e-9);
}

#[test]
fn idle_drift_beyond_ten_percent_asks_for_another_run() {
    let mut facts = facts(Label::Measured);
    facts.baselines[0].after = Some(Power::from_watts(23.0));
    assert_eq!(RunFigures::of(&facts, None, None).verdict.grade, Grade::Redo);
    facts.baselines[0].after = Some(Power::from_watts(21.0));
    assert_eq!(RunFigures::of(&facts, None, None).verdict.grade, Grade::Flagged);
}

#[test]
fn a_report_that_contradicts_itself_is_refused_with_the_reason() {
    assert_eq!(facts(Label::Measured).check(), Ok(()));
    let refused = |change: fn(&mut Facts)| {
        let mut facts = facts(Label::Measured);
        change(&mut facts);
        facts.check().unwrap_err().to_string()
    };
    assert!(refused(|f| f.repetitions.clear()).contains("no repetition"));
    assert!(refused(|f| f.repetitions[0].output_tokens = 9).contains("counts 9 output tokens but times 4"));
    assert!(refused(|f| f.repetitions[1].token_times.reverse()).contains("go back"));
    assert!(refused(|f| f.repetitions[0].window.length = Duration::ZERO).contains("closes before"));
    assert!(
        refused(|f| f.repetitions[0].window.body_end = Duration::from_secs(2))
            .contains("after its window's body")
    );
    assert!(
        refused(|f| f.repetitions[0].readings[0].energy = Some(Energy::from_joules(f64::NAN)))
            .contains("not a number")
    );
    assert!(refused(|f| f.repetitions[0].readings[0].energy = None).contains("a reason for having none"));
    assert!(refused(|f| f.meters.clear()).contains("no meter card"));
}

/// Four answers at once, the others a second shorter and wrong.
fn batch() -> Facts {
    let mut facts = facts(Label::Measured);
    facts.software.batch = 4;
    for repetition in &mut facts.repetitions {
        let other = Answer {
            output_text: "13".to_owned(),
            finish: Finish::Stop,
            prompt_tokens: 6,
            output_tokens: 2,
            token_times: [600, 1000].map(Duration::from_millis).to_vec(),
        };
        repetition.others = vec![other; 3];
    }
    facts
}

/// A key of these facts.
pub(crate) fn key(facts: &Facts) -> Key {
    Key {
        model_id: facts.model.id.clone(),
        machine_id: MachineId(uuid::Uuid::nil()),
        task: Task::Plain,
        kind: None,
        origin: Origin::Campaign,
        label: Label::Measured,
        boundary: Boundary::AcceleratorCpu,
        batch: facts.software.batch,
        engine_version: String::new(),
        method_version: 1,
    }
}

#[test]
fn each_answer_of_a_batch_has_an_equal_part_of_the_energy_and_a_latency_of_its_own() {
    let alone = RunFigures::of(&facts(Label::Measured), Some(Kind::Math), Some("42"));
    let four = RunFigures::of(&batch(), Some(Kind::Math), Some("42"));
    let near =
        |found: f64, expected: f64| assert!((found - expected).abs() < 1e-9, "{found}, not {expected}");
    near(four.sums.energy_j.mean, 112.0 / 4.0);
    near(four.sums.net_energy_j.mean, 32.0 / 4.0);
    near(four.sums.accelerator_energy_j.mean, 102.0 / 4.0);
    let off = |figures: &RunFigures| figures.uncertainty.unwrap().absolute.joules();
    near(off(&four), off(&alone) / 4.0);
    // One of 2 s and three of 1 s; all are in memory for 2 s.
    near(four.sums.latency_s.mean, 1.25);
    near(four.sums.reserved().mean, 0.5);
    near(alone.sums.reserved().mean, 2.0);
    near(four.sums.ttft_s.mean, (0.5 + 3.0 * 0.6) / 4.0);
    near(four.sums.output_tokens.mean, 10.0 / 4.0);
    near(four.sums.correct.mean, 0.25);
    let row = Row { key: key(&batch()), sums: four.sums };
    near(row.power().unwrap().mean, 56.0);
    near(row.throughput().unwrap(), 5.0);
    near(row.energy_per_output_token().unwrap().mean, 112.0 / 10.0);
    let profile = Profiled::of(&batch(), Some(Boundary::AcceleratorCpu));
    let lengths: Vec<_> = profile.iter().map(|each| (each.prompt_tokens, each.output_tokens)).collect();
    assert_eq!(lengths, [(6, 2), (10, 4)]);
    near(profile[0].energy_j.mean, 28.0);
}

#[test]
fn a_batch_is_refused_where_an_answer_is_missing_or_contradicts_itself_and_one_answer_is_written_as_before() {
    assert_eq!(batch().check(), Ok(()));
    let refused = |change: fn(&mut Facts)| {
        let mut facts = batch();
        change(&mut facts);
        facts.check().unwrap_err().to_string()
    };
    let missing = refused(|f| drop(f.repetitions[1].others.pop()));
    assert!(missing.contains("repetition 1 has 3 answers of a batch of 4"), "{missing}");
    let late = refused(|f| f.repetitions[0].others[2].token_times[1] = Duration::from_secs(3));
    assert!(late.contains("answer 3 of repetition 0 has a token after"), "{late}");
    assert!(
        refused(|f| f.repetitions[0].others[0].output_tokens = 9).contains("answer 1 of repetition 0 counts")
    );
    let wire = serde_json::to_value(batch()).unwrap();
    assert_eq!(serde_json::from_value::<Facts>(wire).unwrap(), batch());
    let wire = serde_json::to_value(facts(Label::Measured)).unwrap();
    assert!(wire["repetitions"][0].get("others").is_none(), "a record of one answer is what it was");
}

/// Every number on the wire either carries its unit in its name or counts something.
#[test]
fn every_number_of_a_report_names_its_unit() {
    const UNITS: [&str; 6] = ["_j", "_w", "_s", "_c", "_g", "_bytes"];
    const COUNTS: [&str; 13] = [
        "method_version",
        "threads",
        "batch",
        "parameters",
        "bits_per_weight",
        "context_length",
        "gain_uncertainty",
        "prompt_tokens",
        "output_tokens",
        "warm_up_repetitions",
        "foreign_load",
        "score",
        "n",
    ];
    fn walk(name: &str, value: &serde_json::Value) {
        match value {
            serde_json::Value::Number(_) => assert!(
                UNITS.iter().any(|unit| name.ends_with(unit)) || COUNTS.contains(&name),
                "{name} says no unit"
            ),
            serde_json::Value::Array(values) => values.iter().for_each(|value| walk(name, value)),
            serde_json::Value::Object(fields) => fields.iter().for_each(|(name, value)| walk(name, value)),
            _ => {}
        }
    }
    let mut facts = batch();
    facts.conditions.foreign_load = Some(0.01);
    facts.repetitions[0].readings[0].trace = PowerTrace(vec![crate::trace::Sample {
        at: Duration::from_millis(100),
        power: Power::from_watts(70.0),
    }]);
    let wire = serde_json::to_value(&facts).unwrap();
    walk("", &wire);
    assert_eq!(serde_json::from_value::<Facts>(wire).unwrap(), facts);
}

#[test]
fn repetitions_that_agree_have_a_net_energy_that_is_resolved() {
    let mut facts = facts(Label::Measured);
    facts.repetitions[1] = facts.repetitions[0].clone();
    let figures = RunFigures::of(&facts, None, None);
    assert_eq!(figures.verdict.grade, Grade::Valid);
    assert!(figures.net.unwrap().is_resolved());
}

#[test]
fn the_energy_of_measuring_is_summed_inside_the_boundary_and_missing_where_a_part_was_not_counted() {
    let mut facts = facts(Label::Measured);
    assert_eq!(overhead_energy(&facts, Boundary::AcceleratorCpu), None, "an old record counted nothing");
    let joules = |value| Some(Energy::from_joules(value));
    let of =
        |domain, warm_up| OverheadEnergy { domain, cool_down: joules(10.0), baseline: joules(5.0), warm_up };
    facts.overhead.energies = vec![of(Domain::Gpu(0), joules(70.0)), of(Domain::CpuPackage(0), None)];
    // 10 + 5 + 70, and twice 2 s of pads at 20 W.
    assert_eq!(overhead_energy(&facts, Boundary::Accelerator), joules(165.0));
    assert_eq!(overhead_energy(&facts, Boundary::AcceleratorCpu), None);
    assert_eq!(overhead_energy(&facts, Boundary::Machine), None, "no instrument reads that");
}

/// The same with two answers in a row in each Window, of 0.8 s each and 0.4 s apart.
fn in_a_row() -> Facts {
    let mut facts = facts(Label::Measured);
    for repetition in &mut facts.repetitions {
        let token_times = [200, 400, 600, 800].map(Duration::from_millis).to_vec();
        repetition.token_times.clone_from(&token_times);
        repetition.window.gaps = Duration::from_millis(400);
        repetition.again = vec![Round { start: Duration::from_millis(1200), token_times }];
    }
    facts
}

#[test]
fn answers_in_a_row_share_their_window_and_what_is_between_them_is_idle() {
    let facts = in_a_row();
    assert_eq!(facts.check(), Ok(()));
    let figures = RunFigures::of(&facts, None, None);
    // (140 + 144)/2 J less 2.4 s of pads and gap at 20 W, halved; and (50 − 48)/2 J on the CPU.
    assert!((figures.sums.accelerator_energy_j.mean - 47.0).abs() < 1e-9);
    assert!((figures.sums.energy_j.mean - 48.0).abs() < 1e-9);
    // less 0.8 s · (20 + 20) W idle
    assert!((figures.sums.net_energy_j.mean - 16.0).abs() < 1e-9, "{:?}", figures.sums.net_energy_j);
    assert_eq!((figures.sums.latency_s.mean, figures.sums.ttft_s.mean), (0.8, 0.2));
    let part = crate::parts::PartEnergy::of(&facts, |domain| domain == Domain::Gpu(0)).unwrap();
    assert!((part.gross_j.unwrap().mean - 47.0).abs() < 1e-9);
    assert_eq!((part.prefill_j, part.decode_j, part.tail_j), (None, None, None), "one of two says nothing");
}

#[test]
fn rounds_that_overlap_leave_the_body_or_differ_in_length_are_seen() {
    let refused = |change: fn(&mut Repetition)| {
        let mut facts = in_a_row();
        change(&mut facts.repetitions[0]);
        facts.check().unwrap_err().to_string()
    };
    let early = refused(|repetition| repetition.again[0].start = Duration::from_millis(700));
    assert!(early.contains("before the one before has ended"), "{early}");
    let late = refused(|repetition| repetition.again[0].start = Duration::from_millis(1300));
    assert!(late.contains("ends after its window's body"), "{late}");
    let order = refused(|repetition| repetition.window.gaps = Duration::from_secs(3));
    assert!(order.contains("closes before it opens"), "{order}");
    let mut shorter = in_a_row();
    shorter.repetitions[1].again[0].token_times.pop();
    assert!(Verdict::on(&shorter).reasons.contains(&Reason::LengthChanged));
}

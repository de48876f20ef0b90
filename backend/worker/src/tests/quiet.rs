//! What a quiet Run gets: answers in a row where one is too short, another attempt where conditions were bad, and an account of
//! what that cost.

use common::meter::Domain;
use meter::sensor::{Distortion, Sensor};

use super::*;

#[test]
fn an_answer_too_short_for_a_board_is_given_several_times_in_one_window_and_each_has_its_share() {
    let root = tempfile::tempdir().unwrap();
    let lease =
        lease(&model_id(root.path()), |lease| lease["prompt"]["decoding"]["max_output_tokens"] = json!(2));
    let stub = Stub::start(move |call| content(call, &lease));
    let mut worker = worker(&stub, root.path());
    let board = Sensor::new(Script::constant(50.0), Distortion::of_millis(20, 20), Domain::Gpu(0));
    worker.instruments.meters = vec![Box::new(board)];
    worker.settings.options = worker.instruments.options();
    // However fast the machine that tests are run on: two tokens of the tiny model take no second.
    worker.settings.protocol.quiet.least_together = Duration::from_secs(1);
    worker.work(true).unwrap();
    let facts = facts(&stub);
    facts.check().unwrap();
    for repetition in &facts.repetitions {
        assert!(repetition.responses() > 1, "{:?}", repetition.window);
        assert!(repetition.again.iter().all(|round| round.token_times.len() == repetition.token_times.len()));
        let body = repetition.window.body();
        assert!(repetition.window.gaps > Duration::ZERO && body < Duration::from_secs(60));
        let found = repetition.readings[0].body_energy(repetition.window, facts.baseline(Domain::Gpu(0)));
        let (found, expected) = (found.unwrap().joules(), 50.0 * body.as_secs_f64());
        let whole = 50.0 * repetition.window.length.as_secs_f64();
        assert!((found - expected).abs() < 0.03 * whole, "{found} J instead of {expected} J of {whole} J");
    }
    assert!(facts.conditions.spread_starts);
}

#[test]
fn a_quiet_run_whose_instrument_was_silent_is_given_back_and_the_third_time_reported_as_it_is() {
    for (attempt, is_given_back) in [(1, true), (2, true), (3, false)] {
        let root = tempfile::tempdir().unwrap();
        let lease = lease(&model_id(root.path()), |lease| lease["attempt"] = json!(attempt));
        let stub = Stub::start(move |call| content(call, &lease));
        let mut worker = worker(&stub, root.path());
        // A counter that never moves.
        let stuck = Replay::new(Script::constant(0.0)).labelled(Label::Measured);
        worker.instruments.meters = vec![Box::new(stuck)];
        worker.work(true).unwrap();
        match report(&stub) {
            Report::Retry { failure } => {
                assert!(is_given_back, "attempt {attempt}");
                assert_eq!(failure.code, "redo");
                assert!(failure.message.contains("stale_meter"), "{}", failure.message);
            }
            Report::Measured { facts } => {
                assert!(!is_given_back, "attempt {attempt}");
                assert!(Verdict::on(&facts).reasons.contains(&Reason::StaleMeter));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_record_says_what_watching_and_waiting_cost() {
    let (stub, outcome) = one_lease(|_| {}, content);
    outcome.unwrap();
    let facts = facts(&stub);
    let sampler = facts.conditions.sampler.unwrap();
    assert!(sampler.looks >= 4 && sampler.cpu.is_some(), "{sampler:?}");
    let energy = &facts.overhead.energies[0];
    let warm_up = energy.warm_up.unwrap().joules();
    let expected = 50.0 * facts.overhead.warm_up.as_secs_f64();
    assert!((warm_up / expected - 1.0).abs() < 0.1, "{warm_up} J instead of {expected} J");
    let timeline = facts.timeline.as_ref().unwrap();
    let spans = [timeline.idle_before, timeline.idle_after].map(|span| span.unwrap().lasts);
    assert!(spans[0] >= Duration::from_millis(90) && spans[1] >= Duration::from_millis(60), "{spans:?}");
    assert_eq!(facts.overhead.baseline, spans[0] + spans[1]);
    let idle = 50.0 * facts.overhead.baseline.as_secs_f64();
    let found = energy.baseline.unwrap().joules();
    assert!((found / idle - 1.0).abs() < 0.1, "{found} J instead of {idle} J");
    assert!(energy.cool_down.is_some(), "{energy:?}");
    assert!(facts.conditions.silent_meters.is_empty());
}

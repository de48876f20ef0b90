//! A link reads back as the view that it was written from, and a broken one opens the default view.

use common::model::Dtype;
use common::needs::Needs;
use common::prompt::{Decoding, Kind, Task};

use super::query::decode;
use super::*;

#[test]
fn the_default_view_has_no_query() {
    assert_eq!(ViewState::default().query(), "");
    assert_eq!(ViewState::read([]), ViewState::default());
}

#[test]
fn what_is_written_reads_back_the_same() {
    let state = ViewState {
        unit: Unit::WattHours,
        per: Per::CorrectAnswer,
        zone: Some("US-CAL-CISO".parse().unwrap()),
        label: Some(Label::Modelled),
        origin: Some(Origin::Campaign),
        task: Some(Task::ChatConcise),
        kind: Some(Kind::Sql),
        machine: Some("alpha".to_owned()),
        dtype: Some(Dtype::Int8),
        size: SizeClass::named("1m-10m"),
        batch: Some(8),
        run_state: Some(RunState::Failed),
        verdict: Some(Grade::Redo),
        campaign: Some("kinds & tasks".to_owned()),
        find: "demo 1m".to_owned(),
        keep: "parameters < 1e9".to_owned(),
        columns: vec!["batch".to_owned(), "itl-p99".to_owned()],
        formulas: vec!["+worth: runs / energy_j".to_owned(), "100% & more".to_owned()],
        sort: Some(Sort { figure: "quality.arc".to_owned(), direction: Direction::Descending }),
        shown: Shown::Sci,
        x: Some("energy".to_owned()),
        y: Some("error".to_owned()),
        z: Some("latency".to_owned()),
        told: Told::Colour,
        front_only: true,
        shows_layers: true,
        until: Some(1_700_000_000),
        model: Some("demo-1m@ab:f32".to_owned()),
        reference: Some("ab12cd34".to_owned()),
        lengths: (Some(512), Some(64)),
        price: "4.096".to_owned(),
        run: "0190".to_owned(),
        assumed: Some(8),
        page: Some(Page { list: "measured-processor-only".to_owned(), number: 3 }),
        open: Some("ab12".to_owned()),
        against: Some("3~1.5~0.25~modelled~cpu_dram".to_owned()),
        text: "What is 2 + 2?".to_owned(),
        models: vec!["demo-1m@ab:f32".to_owned(), "demo-3m@cd:int8".to_owned()],
        decoding: Decoding {
            max_output_tokens: 16,
            temperature: 0.7,
            top_p: 0.95,
            seed: 3,
            forced_length: false,
        },
        needs: Needs { accelerator: true, measured: true, memory_bytes: 64_000_000_000 },
    };
    let pairs = decode(&state.query());
    assert_eq!(ViewState::read(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))), state);
}

#[test]
fn a_query_that_somebody_typed_is_read_as_well_as_can_be() {
    let read = |query: &str| decode(query).into_iter().next().unwrap_or_default().1;
    assert_eq!(read("?find=a+b%20c"), "a b c");
    assert_eq!(read("find=100%"), "100%");
    assert_eq!(read("find=%zz%C3%97"), "%zz×");
    assert_eq!(decode(""), []);
}

#[test]
fn a_broken_link_opens_the_default_view() {
    let broken = [
        ("unit", "horsepower"),
        ("zone", "mars"),
        ("sort", ""),
        ("label", "guessed"),
        ("what", "x"),
        ("seed", "-1"),
    ];
    assert_eq!(ViewState::read(broken), ViewState::default());
}

#[test]
fn only_how_figures_are_written_is_carried_to_another_view() {
    let state = ViewState {
        unit: Unit::Watts,
        formulas: vec!["runs".to_owned()],
        find: "x".to_owned(),
        open: Some("y".to_owned()),
        ..Default::default()
    };
    let carried = ViewState { unit: Unit::Watts, formulas: vec!["runs".to_owned()], ..Default::default() };
    assert_eq!(state.carried(), carried);
    assert_eq!(carried.query(), "?unit=w&f=runs");
}

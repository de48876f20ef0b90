//! What the ranking must and must not do.

use std::time::Duration;

use common::carbon::GridQuality;
use common::ids::MachineId;
use common::leaderboard::Sums;
use common::machine::{Embodied, Hardware};
use common::model::Dtype;
use common::prompt::{Origin, Task};
use common::stats::Moments;
use common::units::{Carbon, CarbonIntensity};

use super::*;
use crate::view_state::SizeClass;

fn model(name: &str, weights: Weights) -> Model {
    Model {
        id: format!("{name}@1:f32").parse().unwrap(),
        name: name.to_owned(),
        family: "llama".to_owned(),
        parameters: 1_000_000,
        dtype: Dtype::F32,
        bits_per_weight: 32.0,
        weight_bytes: 4_000_000,
        revision: "1".to_owned(),
        weights_sha256: String::new(),
        weights,
        context_length: 128,
        quality: vec![],
    }
}

fn machine() -> MachineProfile {
    MachineProfile {
        id: MachineId(uuid::Uuid::nil()),
        name: "alpha".parse().unwrap(),
        zone: "FR".parse().unwrap(),
        pue: 1.0,
        embodied: Embodied {
            total: Carbon::from_grams(1e5),
            lifetime: Duration::from_secs(100_000_000),
            source: "test".to_owned(),
        },
        hardware: Hardware {
            cpu: "a processor".to_owned(),
            cores: 4,
            memory_bytes: 1,
            accelerators: vec![],
            system: "a system".to_owned(),
        },
    }
}

fn zone(name: &str, grams: f64) -> GridIntensity {
    GridIntensity {
        zone: name.parse().unwrap(),
        zone_name: name.to_owned(),
        intensity: CarbonIntensity::from_grams_per_kwh(grams),
        quality: GridQuality::StaticCountryYear,
        source: "test".to_owned(),
        year: Some(2024),
        factor_type: "lifecycle".to_owned(),
        at: None,
        span: None,
        retrieved_at: None,
    }
}

fn cell(model: &str, label: Label, kind: Option<Kind>, joules: &[f64]) -> Cell {
    let runs = u64::try_from(joules.len()).unwrap();
    let every = |value: f64| Moments::of(joules.iter().map(|_| value));
    Cell {
        key: Key {
            model_id: format!("{model}@1:f32").parse().unwrap(),
            machine_id: MachineId(uuid::Uuid::nil()),
            task: Task::Plain,
            kind,
            origin: if kind.is_some() { Origin::Campaign } else { Origin::Interactive },
            label,
            boundary: Boundary::Cpu,
            batch: 1,
            engine_version: "1".to_owned(),
            method_version: 1,
        },
        sums: Sums {
            runs,
            energy_j: Moments::of(joules.iter().copied()),
            latency_s: every(2.0),
            output_tokens: every(4.0),
            ..Sums::default()
        },
    }
}

pub(crate) fn board() -> Leaderboard {
    Leaderboard {
        cells: vec![
            cell("a", Label::Measured, Some(Kind::Math), &[10.0, 12.0]),
            cell("a", Label::Measured, Some(Kind::Code), &[20.0]),
            cell("b", Label::Measured, Some(Kind::Math), &[5.0]),
            cell("b", Label::Modelled, Some(Kind::Math), &[1.0]),
            cell("r", Label::Measured, Some(Kind::Math), &[2.0]),
            cell("a", Label::Measured, None, &[7.0]),
        ],
        models: vec![model("a", Weights::Trained), model("b", Weights::Trained), model("r", Weights::Random)],
        machines: vec![machine()],
        zones: vec![zone("FR", 50.0), zone("PL", 600.0)],
    }
}

fn names(section: &Section) -> Vec<&str> {
    section.lines.iter().map(|line| line.model.name.as_str()).collect()
}

#[test]
fn labels_and_random_weights_never_share_a_section() {
    let sections = sections(&board(), &ViewState::default());
    let grounds: Vec<(Origin, Label, bool)> =
        sections.iter().map(|s| (s.ground.origin(), s.ground.label, s.ground.has_random_weights)).collect();
    assert_eq!(
        grounds,
        [
            (Origin::Campaign, Label::Measured, false),
            (Origin::Campaign, Label::Measured, true),
            (Origin::Campaign, Label::Modelled, false),
            (Origin::Interactive, Label::Measured, false),
        ]
    );
    assert_eq!(
        sections[1].ground.heading(),
        "measured, random weights, processor only, fixed questions of campaigns, one answer at a time, method 1"
    );
}

#[test]
fn visitors_prompts_and_batches_are_rankings_of_their_own_and_named_so() {
    let mut board = board();
    let mut batch = board.cells[0].clone();
    batch.key.batch = 8;
    board.cells.push(batch);
    let sections = sections(&board, &ViewState { label: Some(Label::Measured), ..Default::default() });
    let shared: Vec<(Origin, u32)> = sections
        .iter()
        .filter(|section| !section.ground.has_random_weights)
        .map(|section| {
            let key = &section.lines[0].row.key;
            assert!(
                section
                    .lines
                    .iter()
                    .all(|line| (line.row.key.origin, line.row.key.batch) == (key.origin, key.batch))
            );
            (key.origin, key.batch)
        })
        .collect();
    assert_eq!(shared, [(Origin::Campaign, 1), (Origin::Campaign, 8), (Origin::Interactive, 1)]);
    let headings: Vec<String> = sections.iter().map(|section| section.ground.heading()).collect();
    assert!(headings.iter().any(|heading| heading.contains("batches of 8")), "{headings:?}");
    assert!(headings.iter().any(|heading| heading.contains("visitors' prompts")), "{headings:?}");
    let mut places: Vec<String> = sections.iter().map(|section| section.ground.place()).collect();
    places.dedup();
    assert_eq!(places.len(), sections.len());
}

#[test]
fn kinds_merge_into_one_row_and_least_energy_stands_first() {
    let sections = sections(&board(), &ViewState { origin: Some(Origin::Campaign), ..Default::default() });
    assert_eq!(names(&sections[0]), ["b", "a"]);
    let energy = sections[0].lines[1].row.energy().unwrap();
    assert_eq!((energy.n, energy.mean), (3, 14.0));
}

#[test]
fn a_missing_figure_stands_last_whichever_way_the_list_runs() {
    for direction in [Direction::Ascending, Direction::Descending] {
        let sort = Some(Sort { figure: "energy".to_owned(), direction });
        let view = ViewState { per: crate::view_state::Per::CorrectAnswer, sort, ..Default::default() };
        let mut board = board();
        board.cells[2].sums.correct = Moments::one(1.0);
        assert_eq!(names(&sections(&board, &view)[0])[0], "b");
    }
}

#[test]
fn another_grid_changes_emissions_and_nothing_else() {
    let grams = |zone: Option<&str>| {
        let view = ViewState { zone: zone.map(|zone| zone.parse().unwrap()), ..Default::default() };
        let line = sections(&board(), &view)[0].lines[0].clone();
        (Figure::Carbon.of(&line, &view).unwrap().mean, line.row.clone())
    };
    let (home, away) = (grams(None), grams(Some("PL")));
    assert!((away.0 / home.0 - 12.0).abs() < 1e-9);
    assert_eq!(home.1, away.1);
}

#[test]
fn units_and_divisors_agree_with_each_other() {
    let line = sections(&board(), &ViewState { origin: Some(Origin::Campaign), ..Default::default() })[0]
        .lines[1]
        .clone();
    let mean =
        |unit, per| Figure::Energy.of(&line, &ViewState { unit, per, ..Default::default() }).unwrap().mean;
    use crate::view_state::{Per, Unit};
    assert_eq!(mean(Unit::Joules, Per::Response), 14.0);
    assert_eq!(mean(Unit::Joules, Per::OutputToken), 3.5);
    assert_eq!(mean(Unit::Watts, Per::Response), 7.0);
    assert!((mean(Unit::WattHours, Per::Response) - 14.0 / 3600.0).abs() < 1e-12);
}

#[test]
fn the_kinds_view_has_a_cell_a_kind_and_says_where_nothing_was_measured() {
    let kinds = kinds(&board(), &ViewState::default());
    let row = &kinds[0].1[0];
    let runs: Vec<Option<u64>> =
        row.cells.iter().map(|cell| cell.as_ref().map(|line| line.row.sums.runs)).collect();
    assert_eq!(runs, [Some(1), Some(2), None, None, None]);
}

#[test]
fn a_chart_shows_one_task_one_origin_and_one_batch() {
    let mut board = board();
    board.cells[3].key.batch = 8;
    let view = like_with_like(&board, &ViewState::default());
    assert_eq!((view.task, view.origin, view.batch), (Some(Task::Plain), Some(Origin::Campaign), Some(1)));
    let chosen = ViewState { origin: Some(Origin::Interactive), ..Default::default() };
    assert_eq!(like_with_like(&board, &chosen).origin, Some(Origin::Interactive));
    let mut twin = board.cells[0].clone();
    (twin.key.batch, twin.sums.runs) = (4, 100);
    board.cells.push(twin);
    assert_eq!(like_with_like(&board, &ViewState::default()).batch, Some(4));
    board.cells.retain(|cell| cell.key.batch == 4);
    board.cells.push(Cell { key: Key { batch: 2, ..board.cells[0].key.clone() }, ..board.cells[0].clone() });
    assert_eq!(like_with_like(&board, &ViewState::default()).batch, Some(2), "of equal ones the smallest");
}

#[test]
fn a_figure_and_its_name_in_links_agree_on_what_is_better() {
    let mut board = board();
    board.models[0].quality = vec![common::model::Quality {
        benchmark: "arc".to_owned(),
        score: 0.5,
        n: 10,
        source: "test".to_owned(),
        standard_error: None,
    }];
    for figure in Figure::all(&board) {
        assert_eq!(figure.more_is_better(), Figure::is_better_with_more(&figure.id()), "{figure:?}");
    }
}

#[test]
fn a_benchmark_is_one_column_however_many_parts_it_has() {
    let mut board = board();
    board.models[0].quality = ["exact match", "exact match: math", "exact match: sql"]
        .map(|benchmark| common::model::Quality {
            benchmark: benchmark.to_owned(),
            score: 0.5,
            n: 10,
            source: "test".to_owned(),
            standard_error: None,
        })
        .to_vec();
    let columns = Figure::columns(&board, &ViewState::default());
    assert_eq!(columns.iter().filter(|figure| matches!(figure, Figure::Quality(_))).count(), 1);
}

#[test]
fn a_name_is_found_in_model_machine_and_processor() {
    let found = |find: &str| {
        let view = ViewState { find: find.to_owned(), ..Default::default() };
        sections(&board(), &view).iter().map(|section| section.lines.len()).sum::<usize>()
    };
    assert_eq!(found("B@1"), 2);
    assert_eq!(found("ALPHA"), found(""));
    assert_eq!(found("nothing of the kind"), 0);
}

#[test]
fn models_are_picked_by_size() {
    let mut board = board();
    board.models[1].parameters = 900_000_000;
    let found = |size: &str| {
        let view = ViewState { size: SizeClass::named(size), ..Default::default() };
        let mut names: Vec<String> = sections(&board, &view)
            .iter()
            .flat_map(|section| &section.lines)
            .map(|line| line.model.name.clone())
            .collect();
        names.dedup();
        names
    };
    assert_eq!(found("100m-1b"), ["b"]);
    assert_eq!(found("1m-10m"), ["a", "r", "a"]);
    assert!(found("3b-10b").is_empty());
}

#[test]
fn a_condition_keeps_the_rows_for_which_it_holds_and_one_that_is_broken_keeps_all() {
    let kept = |keep: &str| {
        let view = ViewState {
            label: Some(Label::Measured),
            origin: Some(Origin::Campaign),
            keep: keep.to_owned(),
            ..Default::default()
        };
        sections(&board(), &view).iter().map(|section| section.lines.len()).sum::<usize>()
    };
    assert_eq!((kept(""), kept("energy_j > 4"), kept("energy_j >"), kept("ttft_s > 0")), (3, 2, 3, 0));
}

#[test]
fn a_condition_may_be_about_a_column_that_the_visitor_wrote() {
    let board = board();
    let view = ViewState {
        label: Some(Label::Measured),
        origin: Some(Origin::Campaign),
        formulas: vec!["worth: 1 / energy_j".to_owned()],
        keep: "worth > 0.1".to_owned(),
        ..Default::default()
    };
    assert!(condition(&board, &view).unwrap().is_ok());
    let kept: Vec<Line> = sections(&board, &view)
        .into_iter()
        .flat_map(|section| section.lines)
        .map(|line| (*line).clone())
        .collect();
    assert_eq!(kept.iter().map(|line| line.model.name.as_str()).collect::<Vec<_>>(), ["b", "r"]);
    let broken = ViewState { keep: "worthy > 0.1".to_owned(), ..view };
    assert_eq!(
        condition(&board, &broken).unwrap().unwrap_err().why.to_string(),
        "at character 1: there is no column worthy"
    );
    assert_eq!(condition(&board, &ViewState::default()), None);
}

#[test]
fn lists_are_sorted_by_a_formula_that_the_visitor_wrote() {
    let formula = "+worth: 1 / energy_j";
    let view = ViewState {
        origin: Some(Origin::Campaign),
        formulas: vec![formula.to_owned()],
        sort: Some(Sort { figure: formula.to_owned(), direction: Direction::Descending }),
        ..Default::default()
    };
    assert_eq!(names(&sections(&board(), &view)[0]), ["b", "a"]);
    assert!(Figure::columns(&board(), &view).iter().any(|figure| figure.title(&view) == "worth"));
}

#[test]
fn what_is_kept_between_toggles_serves_every_view_with_the_same_filters_and_no_other() {
    let board = board();
    let grouped = Grouped::of(&board, &ViewState::default());
    let toggled =
        ViewState { unit: crate::view_state::Unit::Watts, open: Some("x".to_owned()), ..Default::default() };
    assert!(grouped.is_of(&toggled));
    assert_eq!(grouped.sections(&board, &toggled), sections(&board, &toggled));
    for other in [
        ViewState { find: "a".to_owned(), ..Default::default() },
        ViewState { zone: Some("PL".parse().unwrap()), ..Default::default() },
        ViewState { keep: "runs > 1".to_owned(), ..Default::default() },
    ] {
        assert!(!grouped.is_of(&other), "{other:?}");
    }
}

#[test]
fn a_history_holds_what_differs_in_the_engine_only_and_runs_from_old_to_new() {
    let mut board = board();
    board.cells.truncate(1);
    let first = board.cells[0].clone();
    let at = |days: i64| Some(time::OffsetDateTime::UNIX_EPOCH + time::Duration::days(days));
    board.cells[0].sums.first_measured_at = at(5);
    let mut older = first.clone();
    older.key.engine_version = "before".to_owned();
    older.sums.first_measured_at = at(1);
    let mut other = first;
    other.key.batch += 7;
    other.key.engine_version = "before".to_owned();
    board.cells.extend([older, other]);
    let view = ViewState::default();
    let lines: Vec<Line> = sections(&board, &view)
        .into_iter()
        .flat_map(|section| section.lines)
        .map(|line| (*line).clone())
        .collect();
    let own = lines.iter().find(|line| line.row.sums.first_measured_at == at(5)).unwrap();
    let versions: Vec<String> =
        history(&board, own, &view).into_iter().map(|line| line.row.key.engine_version).collect();
    assert_eq!(versions, ["before".to_owned(), own.row.key.engine_version.clone()]);
}

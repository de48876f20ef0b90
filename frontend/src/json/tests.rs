//! What was written reads back the same, and what is wrong is said.

use std::collections::BTreeMap;

use common::api::battles::Word;
use common::lease::{LiveSample, LiveToken, Step};
use common::machine::MachineState;
use common::run::RunState;
use common::trace::Sample;
use common::units::Power;
use serde::{Deserialize, Serialize};

use super::*;

/// What is written reads back the same, here and in `serde_json`.
fn same<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&plain::<T>(&serde_json::from_str(&text).unwrap()).unwrap(), value, "{text}");
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value);
}

/// The same of what is written out here by hand.
fn same_by_hand<T: Read + Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
    same(value);
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&read::<T>(&text).unwrap(), value, "{text}");
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Dot,
    Circle(f64),
    Line(i8, u64),
    Box { wide: u32, high: Option<f32> },
}

#[test]
fn every_shape_that_json_can_hold_reads_back() {
    same(&vec![Shape::Dot, Shape::Circle(-1e-7), Shape::Line(-3, u64::MAX), Shape::Circle(2.0)]);
    same(&Shape::Box { wide: 7, high: None });
    same(&BTreeMap::from([("a".to_owned(), Some(true)), ("b".to_owned(), None)]));
    same(&((), "é \"\n".to_owned(), 'x', [1u8, 2, 3]));
}

#[test]
fn the_types_of_answers_read_back_tagged_and_flattened_ones_too() {
    let (prompt_id, run_id) = (PromptId(uuid::Uuid::nil()), RunId(uuid::Uuid::max()));
    let at = std::time::Duration::from_millis(250);
    let domain = common::meter::Domain::Gpu(1);
    let sample = LiveSample { domain, sample: Sample { at, power: Power::from_watts(7.5) } };
    for event in [
        Event::Run { prompt_id, run_id, state: RunState::Leased },
        Event::Step { prompt_id, run_id, step: Step::Measuring { repetition: 1, of: 3 } },
        Event::Progress {
            prompt_id,
            run_id,
            tokens: vec![LiveToken { index: 1, text: "é".to_owned(), at }],
            samples: vec![sample],
        },
        Event::Machine { name: "alpha".parse().unwrap() },
        Event::Board,
    ] {
        same_by_hand(&event);
    }
    for event in [
        SideEvent::Moved,
        SideEvent::Step { side: 1, step: Step::Baseline },
        SideEvent::Words { side: 0, words: vec![Word { index: 3, text: "é".to_owned() }] },
    ] {
        same_by_hand(&event);
    }
    same(&MachineState::Busy { step: Step::Cooling { expected: None, temperature: None } });
    same(&MachineState::Idle);
    let mut board = crate::board::tests::board();
    board.cells[0].sums.first_measured_at = Some(time::OffsetDateTime::UNIX_EPOCH);
    same_by_hand(&board);
}

#[test]
fn what_is_wrong_is_said() {
    let why = |text: &str| read::<Problem>(text).unwrap_err().0;
    assert_eq!(why(r#"{"code":"a"}"#), "the field message is missing");
    assert_eq!(why(r#"{"code":1,"message":"b"}"#), "a value has another type");
    assert_eq!(why("[]"), "a value has another type");
    assert!(why("{").contains("EOF"));
    assert_eq!(plain::<Shape>(&Value::from("Cube")).unwrap_err().0, "\"Cube\" is unknown");
    assert_eq!(plain::<u8>(&Value::from(300)).unwrap_err().0, "a value is out of range");
}

//! How an answer is asked for: task and decoding, behind a disclosure.
//!
//! Must not: check a value; `common::prompt` does.

use common::prompt::{Decoding, Task};
use leptos::prelude::*;

use crate::display;
use crate::dom::{El, el, number_of, slot, text, value_of};

/// The settings of a prompt.
#[derive(Clone, Copy)]
pub(crate) struct Settings {
    /// Under which system prompt.
    pub(crate) task: RwSignal<Task>,
    /// How the next token is chosen and when the answer ends.
    pub(crate) decoding: RwSignal<Decoding>,
}

/// Draws them.
pub(crate) fn settings(settings: Settings) -> El {
    let Settings { task, decoding } = settings;
    let tasks = Task::ALL.map(|each| {
        text("option", "", display::task(each))
            .set("value", each.name())
            .set_if("selected", (each == task.get_untracked()).then_some(""))
    });
    let pick = el("select", "").all(tasks).on("change", move |event| {
        if let Ok(picked) = value_of(&event).parse() {
            task.set(picked);
        }
    });
    el("details", "settings")
        .add(
            el("summary", "")
                .text("Settings ")
                .add(slot(move || text("small", "", summary(task.get(), &decoding.get())))),
        )
        .add(
            el("div", "settings-grid")
                .add(
                    el("label", "field field-wide")
                        .add(text("span", "", "Task"))
                        .add(pick)
                        .add(slot(move || text("small", "", display::task_meaning(task.get())))),
                )
                .add(number(
                    "Output limit",
                    "tokens; the answer ends there at the latest",
                    "1",
                    decoding,
                    |d| f64::from(d.max_output_tokens),
                    |d, value| d.max_output_tokens = whole(value),
                ))
                .add(number(
                    "Temperature",
                    "0 takes the likeliest token, above it chance grows",
                    "0.1",
                    decoding,
                    |d| d.temperature,
                    |d, value| d.temperature = value,
                ))
                .add(number(
                    "Top-p",
                    "only the likeliest tokens that reach this share",
                    "0.05",
                    decoding,
                    |d| d.top_p,
                    |d, value| d.top_p = value,
                ))
                .add(number(
                    "Seed",
                    "same seed, same answer",
                    "1",
                    decoding,
                    |d| f64::from(d.seed),
                    |d, value| d.seed = whole(value),
                )),
        )
}

fn number(
    name: &str,
    meaning: &str,
    step: &str,
    decoding: RwSignal<Decoding>,
    read: fn(&Decoding) -> f64,
    write: fn(&mut Decoding, f64),
) -> El {
    el("label", "field")
        .add(text("span", "", name))
        .add(
            el("input", "")
                .set("type", "number")
                .set("inputmode", "decimal")
                .set("min", "0")
                .set("step", step)
                .set("value", &decoding.with_untracked(read).to_string())
                .on("input", move |event| {
                    decoding.update(|decoding| write(decoding, number_of(&event)));
                }),
        )
        .add(text("small", "", meaning))
}

/// A typed number as a count: what is no count becomes 0, which the rule refuses where it matters.
#[expect(
    clippy::as_conversions,
    reason = "a float-to-integer cast saturates, and 0 stands for what is no number"
)]
const fn whole(value: f64) -> u32 {
    value as u32
}

fn summary(task: Task, decoding: &Decoding) -> String {
    let chance = if decoding.temperature == 0.0 {
        "greedy".to_owned()
    } else {
        format!("temperature {}", decoding.temperature)
    };
    format!("{} · at most {} tokens · {chance}", display::task(task), decoding.max_output_tokens)
}

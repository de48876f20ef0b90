//! How an answer is asked for: task, decoding, kind of machine, and who may see it; behind a disclosure.
//!
//! Must not: check a value; `common::prompt` does.

use common::needs::Needs;
use common::prompt::{Decoding, Task};
use leptos::prelude::*;

use crate::display;
use crate::dom::{El, el, group, number_of, slot, text, value_of};
use crate::view_state::ViewState;

/// Bytes of a gigabyte.
const GIGABYTE: u64 = 1_000_000_000;

/// The settings of a prompt.
#[derive(Clone, Copy)]
pub(crate) struct Settings {
    /// Under which system prompt.
    pub(crate) task: RwSignal<Task>,
    /// How the next token is chosen and when the answer ends.
    pub(crate) decoding: RwSignal<Decoding>,
    /// On which kind of machine.
    pub(crate) needs: RwSignal<Needs>,
    /// Whether everybody may see it.
    pub(crate) is_public: RwSignal<bool>,
}

impl Settings {
    /// As a link says them. Whether everybody may see it is never a link's to say.
    pub(crate) fn of(state: &ViewState) -> Self {
        Self {
            task: RwSignal::new(state.task.unwrap_or_default()),
            decoding: RwSignal::new(state.decoding),
            needs: RwSignal::new(state.needs),
            is_public: RwSignal::new(false),
        }
    }

    /// Writes them into a link.
    pub(crate) fn write(self, state: &mut ViewState) {
        state.task = Some(self.task.get()).filter(|task| *task != Task::default());
        state.decoding = self.decoding.get();
        state.needs = self.needs.get();
    }
}

/// Draws them.
pub(crate) fn settings(settings: Settings) -> El {
    let Settings { task, decoding, needs, is_public } = settings;
    let tasks = Task::WORDED.map(|each| {
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
        .add(el("summary", "").text("Settings ").add(slot(move || {
            let machine = display::needs(&needs.get());
            text("small", "", summary(task.get(), &decoding.get(), &machine, is_public.get()))
        })))
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
                ))
                .add(machine(needs))
                .add(tick(
                    "public",
                    "Everybody may see it",
                    "otherwise only who knows its link, which cannot be guessed",
                    is_public.get_untracked(),
                    move || is_public.update(|public| *public = !*public),
                )),
        )
}

/// On which kind of machine.
fn machine(needs: RwSignal<Needs>) -> El {
    let now = needs.get_untracked();
    let memory = el("label", "field")
        .add(text("span", "", "Memory of the machine"))
        .add(
            el("input", "")
                .set("type", "number")
                .set("id", "needs-memory")
                .set("min", "0")
                .set("placeholder", "any")
                .set_if(
                    "value",
                    (now.memory_bytes > 0).then(|| (now.memory_bytes / GIGABYTE).to_string()).as_deref(),
                )
                .on("input", move |event| {
                    needs.update(|needs| needs.memory_bytes = u64::from(whole(number_of(&event))) * GIGABYTE);
                }),
        )
        .add(text("small", "", "gigabytes at least"));
    group([
        tick(
            "accelerator",
            "Only with an accelerator",
            "such as a graphics processor",
            now.accelerator,
            move || needs.update(|needs| needs.accelerator = !needs.accelerator),
        ),
        tick(
            "measured",
            "Only measured, not modelled",
            "by an instrument that can be read",
            now.measured,
            move || needs.update(|needs| needs.measured = !needs.measured),
        ),
        memory,
    ])
}

fn tick(id: &str, name: &str, meaning: &str, is_on: bool, turn: impl Fn() + 'static) -> El {
    el("label", "field tick")
        .add(
            el("span", "")
                .add(
                    el("input", "")
                        .set("type", "checkbox")
                        .set("id", &format!("needs-{id}"))
                        .set_if("checked", is_on.then_some(""))
                        .on("change", move |_| turn()),
                )
                .text(name),
        )
        .add(text("small", "", meaning))
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

fn summary(task: Task, decoding: &Decoding, machine: &[String], is_public: bool) -> String {
    let chance = if decoding.temperature == 0.0 {
        "greedy".to_owned()
    } else {
        format!("temperature {}", decoding.temperature)
    };
    let seen = if is_public { "public" } else { "private" };
    let mut words = vec![
        display::task(task).to_owned(),
        format!("at most {} tokens", decoding.max_output_tokens),
        chance,
        seen.to_owned(),
    ];
    words.extend(machine.iter().cloned());
    words.join(" · ")
}

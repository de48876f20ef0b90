//! How an answer is asked for: task and decoding, behind a disclosure.
//!
//! Must not: check a value; `common::prompt` does.

use common::prompt::{Decoding, Task};
use leptos::prelude::*;

use crate::display;

/// The settings of a prompt.
#[derive(Clone, Copy)]
pub(crate) struct Settings {
    /// Under which system prompt.
    pub(crate) task: RwSignal<Task>,
    /// How the next token is chosen and when the answer ends.
    pub(crate) decoding: RwSignal<Decoding>,
}

/// Draws them.
pub(crate) fn settings(settings: Settings) -> AnyView {
    let Settings { task, decoding } = settings;
    view! {
        <details class="settings">
            <summary>"Settings "<small>{move || summary(task.get(), &decoding.get())}</small></summary>
            <div class="settings-grid">
                <label class="field field-wide">
                    <span>"Task"</span>
                    <select on:change=move |event| if let Ok(picked) = event_target_value(&event).parse() { task.set(picked) }>
                        {Task::ALL
                            .map(|each| view! {
                                <option value=each.name() selected=move || task.get() == each>{display::task(each)}</option>
                            })
                            .collect_view()}
                    </select>
                    <small>{move || display::task_meaning(task.get())}</small>
                </label>
                {number("Output limit", "tokens; the answer ends there at the latest", "1",
                    move || f64::from(decoding.with(|d| d.max_output_tokens)),
                    move |value| decoding.update(|d| d.max_output_tokens = whole(value)))}
                {number("Temperature", "0 takes the likeliest token, above it chance grows", "0.1",
                    move || decoding.with(|d| d.temperature),
                    move |value| decoding.update(|d| d.temperature = value))}
                {number("Top-p", "only the likeliest tokens that reach this share", "0.05",
                    move || decoding.with(|d| d.top_p),
                    move |value| decoding.update(|d| d.top_p = value))}
                {number("Seed", "same seed, same answer", "1",
                    move || f64::from(decoding.with(|d| d.seed)),
                    move |value| decoding.update(|d| d.seed = whole(value)))}
            </div>
        </details>
    }
    .into_any()
}

fn number(
    name: &'static str,
    meaning: &'static str,
    step: &'static str,
    read: impl Fn() -> f64 + Send + 'static,
    write: impl Fn(f64) + 'static,
) -> AnyView {
    view! {
        <label class="field">
            <span>{name}</span>
            <input type="number" inputmode="decimal" min="0" step=step prop:value=move || read().to_string()
                on:change=move |event| write(event_target_value(&event).parse().unwrap_or(f64::NAN))/>
            <small>{meaning}</small>
        </label>
    }
    .into_any()
}

/// A typed number as a count: what is no count becomes 0, which the rule refuses where it matters.
#[expect(clippy::as_conversions, reason = "a float-to-integer cast saturates, and 0 stands for what is no number")]
const fn whole(value: f64) -> u32 {
    value as u32
}

fn summary(task: Task, decoding: &Decoding) -> String {
    let chance =
        if decoding.temperature == 0.0 { "greedy".to_owned() } else { format!("temperature {}", decoding.temperature) };
    format!("{} · at most {} tokens · {chance}", display::task(task), decoding.max_output_tokens)
}

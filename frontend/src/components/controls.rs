//! Switches and lists that change the view: each writes the URL, none calls the server.
//!
//! Must not: keep a choice of its own.

use leptos::prelude::*;

use crate::view::View;
use crate::view_state::{Choice, Per, Unit, ViewState};

/// A row of buttons of which one is pressed.
pub(crate) fn segmented<C: Choice + Send + Sync>(
    name: &'static str,
    options: &'static [(C, &'static str)],
    read: fn(&ViewState) -> C,
    write: fn(&mut ViewState, C),
) -> AnyView {
    let view = View::current();
    let test_id = (name == "Unit").then_some("unit-toggle");
    view! {
        <div class="segmented" role="group" aria-label=name data-testid=test_id>
            {options
                .iter()
                .map(|&(choice, text)| view! {
                    <button type="button" aria-pressed=move || view.with(|state| read(state) == choice).to_string()
                        on:click=move |_| view.change(|state| write(state, choice))>{text}</button>
                })
                .collect_view()}
        </div>
    }
    .into_any()
}

/// J, Wh or W.
pub(crate) fn unit_toggle() -> AnyView {
    segmented(
        "Unit",
        &[(Unit::Joules, "J"), (Unit::WattHours, "Wh"), (Unit::Watts, "W")],
        |state| state.unit,
        |state, unit| state.unit = unit,
    )
}

/// Per response, per token or per right answer.
pub(crate) fn per_toggle() -> AnyView {
    segmented(
        "Per",
        &[(Per::Response, "per response"), (Per::OutputToken, "per token"), (Per::CorrectAnswer, "per correct answer")],
        |state| state.per,
        |state, per| state.per = per,
    )
}

/// A list to pick from: its options are (value, text); the empty value is "any".
pub(crate) fn pick(
    name: &'static str,
    options: Vec<(String, String)>,
    read: impl Fn(&ViewState) -> String + Send + Sync + 'static,
    write: impl Fn(&mut ViewState, &str) + 'static,
) -> AnyView {
    let view = View::current();
    let chosen = Memo::new(move |_| view.with(|state| read(state)));
    view! {
        <label class="pick">
            <span>{name}</span>
            <select prop:value=move || chosen.get()
                on:change=move |event| view.change(|state| write(state, &event_target_value(&event)))>
                {options
                    .into_iter()
                    .map(|(value, text)| {
                        let own = value.clone();
                        view! { <option value=value selected=move || chosen.with(|chosen| *chosen == own)>{text}</option> }
                    })
                    .collect_view()}
            </select>
        </label>
    }
    .into_any()
}

/// A text that model or machine names must hold.
pub(crate) fn find_box() -> AnyView {
    let view = View::current();
    view! {
        <label class="pick find">
            <span>"Find"</span>
            <input type="search" placeholder="model or machine" prop:value=move || view.with(|state| state.find.clone())
                on:input=move |event| view.change(|state| state.find = event_target_value(&event))/>
        </label>
    }
    .into_any()
}

/// The options of a filter: "any" first.
pub(crate) fn any_of<'a>(options: impl IntoIterator<Item = (&'a str, String)>) -> Vec<(String, String)> {
    std::iter::once((String::new(), "any".to_owned()))
        .chain(options.into_iter().map(|(value, text)| (value.to_owned(), text)))
        .collect()
}

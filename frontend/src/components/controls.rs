//! Switches and lists that change the view: each writes the URL, none calls the server.
//!
//! Must not: keep a choice of its own.

use crate::dom::{El, el, text, value_of};
use crate::view::View;
use crate::view_state::{Choice, Per, Unit, ViewState};

/// A row of buttons of which one is pressed.
pub(crate) fn segmented<C: Choice>(
    name: &str,
    options: &[(C, &'static str)],
    now: C,
    write: fn(&mut ViewState, C),
) -> El {
    let view = View::current();
    let buttons = options.iter().map(|&(choice, label)| {
        text("button", "", label)
            .set("type", "button")
            .set("id", &format!("{name}-{}", choice.name()))
            .set("aria-pressed", if choice == now { "true" } else { "false" })
            .on("click", move |_| view.change(|state| write(state, choice)))
    });
    el("div", "segmented").set("role", "group").set("aria-label", name).all(buttons)
}

/// J, Wh or W. Pages with several figures have several, so that each says where it stands.
pub(crate) fn unit_toggle(state: &ViewState, place: &str) -> El {
    const UNITS: [(Unit, &str); 3] = [(Unit::Joules, "J"), (Unit::WattHours, "Wh"), (Unit::Watts, "W")];
    let view = View::current();
    let buttons = UNITS.iter().map(|&(unit, label)| {
        text("button", "", label)
            .set("type", "button")
            .set("id", &format!("unit-{place}-{}", unit.name()))
            .set("aria-pressed", if unit == state.unit { "true" } else { "false" })
            .on("click", move |_| view.change(|state| state.unit = unit))
    });
    el("div", "segmented")
        .set("role", "group")
        .set("aria-label", "Unit")
        .set("data-testid", "unit-toggle")
        .all(buttons)
}

/// Per response, per token or per right answer.
pub(crate) fn per_toggle(state: &ViewState) -> El {
    let options = [
        (Per::Response, "per response"),
        (Per::OutputToken, "per token"),
        (Per::CorrectAnswer, "per correct answer"),
    ];
    segmented("Per", &options, state.per, |state, per| state.per = per)
}

/// A list to pick from: its options are (value, text).
pub(crate) fn pick(
    name: &str,
    options: Vec<(String, String)>,
    now: &str,
    write: impl Fn(&mut ViewState, &str) + 'static,
) -> El {
    list(name, options, now, Box::new(write))
}

/// What a picked value changes.
type Write = dyn Fn(&mut ViewState, &str);

/// One copy for all lists.
#[inline(never)]
fn list(name: &str, options: Vec<(String, String)>, now: &str, write: Box<Write>) -> El {
    let view = View::current();
    let options = options.into_iter().map(|(value, label)| {
        text("option", "", label).set("value", &value).set_if("selected", (value == now).then_some(""))
    });
    el("label", "pick").add(text("span", "", name)).add(
        el("select", "")
            .set("id", &format!("pick-{name}"))
            .all(options)
            .on("change", move |event| view.change(|state| write(state, &value_of(&event)))),
    )
}

/// A text that model or machine names must hold.
pub(crate) fn find_box(state: &ViewState) -> El {
    let view = View::current();
    el("label", "pick find").add(text("span", "", "Find")).add(
        el("input", "")
            .set("type", "search")
            .set("id", "find")
            .set("placeholder", "model or machine")
            .set("value", &state.find)
            .on("input", move |event| view.change(|state| state.find = value_of(&event))),
    )
}

/// A box to tick.
pub(crate) fn switch(label: &str, is_on: bool, write: fn(&mut ViewState)) -> El {
    let view = View::current();
    el("label", "switch")
        .add(
            el("input", "")
                .set("type", "checkbox")
                .set("id", &format!("switch-{label}"))
                .set_if("checked", is_on.then_some(""))
                .on("change", move |_| view.change(write)),
        )
        .text(label)
}

/// The options of a filter: "any" first.
pub(crate) fn any_of<'a>(options: impl IntoIterator<Item = (&'a str, String)>) -> Vec<(String, String)> {
    std::iter::once((String::new(), "any".to_owned()))
        .chain(options.into_iter().map(|(value, label)| (value.to_owned(), label)))
        .collect()
}

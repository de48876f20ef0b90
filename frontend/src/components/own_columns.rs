//! Columns that are shown where they are asked for, and columns that visitors write themselves; all of it in the URL.
//!
//! Must not: evaluate a formula, or keep one anywhere but in the URL.

use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::browser;
use crate::components::facts::quiet;
use crate::components::table;
use crate::dom::{El, el, slot, text, value_of};
use crate::figures::{self, Broken, Figure, Written};
use crate::view::View;
use crate::view_state::ViewState;

/// Names offered at once while a formula is typed.
const OFFERED: usize = 8;

/// Columns of words rather than figures: name in links, title.
pub(crate) const WORDS: [(&str, &str); 2] = [("dtype", "Number format"), ("engine", "Engine")];

/// Chooses columns, and writes some. `draft` is what is typed and not yet added; it outlives a redrawing.
pub(crate) fn own_columns(
    draft: RwSignal<String>,
    known: &[Figure],
    state: &ViewState,
    has_choice: bool,
) -> El {
    let title = if has_choice { "More columns, and your own" } else { "Axes of your own" };
    el("details", "own behind")
        .set("id", "own-columns")
        .set_if("open", (!state.formulas.is_empty()).then_some(""))
        .add(text("summary", "", title))
        .maybe(has_choice.then(|| choice(known, state)))
        .add(form(draft, known))
        .maybe((!state.formulas.is_empty()).then(|| written(known, state)))
        .add(names(known, state))
}

/// A box to tick for each column that is not shown by itself.
fn choice(known: &[Figure], state: &ViewState) -> El {
    let optional = known.iter().filter(|figure| figure.is_optional());
    let figures = optional.map(|figure| (figure.id(), figure.title(state), figure.definition(state)));
    let words = WORDS.map(|(id, title)| (id.to_owned(), title.to_owned(), String::new()));
    let boxes = words.into_iter().chain(figures).map(|(id, title, definition)| {
        let view = View::current();
        let is_on = state.columns.contains(&id);
        el("label", "switch")
            .set("title", &definition)
            .add(
                el("input", "")
                    .set("type", "checkbox")
                    .set("id", &format!("column-{id}"))
                    .set_if("checked", is_on.then_some(""))
                    .on("change", move |_| view.change(|state| turn(&mut state.columns, &id))),
            )
            .text(&title)
    });
    el("fieldset", "column-list").add(text("legend", "", "More columns")).all(boxes)
}

/// Puts a name on a list, or takes it off.
fn turn(list: &mut Vec<String>, name: &str) {
    match list.iter().position(|known| known == name) {
        Some(at) => drop(list.remove(at)),
        None => list.push(name.to_owned()),
    }
}

/// The box for a formula, what is wrong with it, and names that would fit.
fn form(draft: RwSignal<String>, known: &[Figure]) -> El {
    let view = View::current();
    let symbols: Vec<String> = known.iter().map(Figure::symbol).collect();
    let known: Vec<Figure> = known.to_vec();
    let known = StoredValue::new_local(known);
    let read = move || {
        let text = draft.get();
        (!text.trim().is_empty()).then(|| known.with_value(|known| figures::parse(&text, known)))
    };
    let add = move |event: web_sys::Event| {
        event.prevent_default();
        let Some(Ok(formula)) = untrack(read) else { return browser::focus("formula") };
        draft.set(String::new());
        view.change(|state| {
            if !state.formulas.contains(&formula.text) {
                state.formulas.push(formula.text);
            }
        });
    };
    let input = el("input", "")
        .set("type", "text")
        .set("id", "formula")
        .set("autocomplete", "off")
        .set("spellcheck", "false")
        .set("placeholder", "worth: correct_share / energy_j")
        .set("aria-describedby", "formula-says")
        .bind("aria-invalid", move || matches!(read(), Some(Err(_))).then(|| "true".to_owned()))
        .hold("value", move || JsValue::from_str(&draft.get()))
        .on("input", move |event| draft.set(value_of(&event)));
    el("form", "formula")
        .on("submit", add)
        .add(el("label", "pick").add(text("span", "", "Your own column")).add(input))
        .add(text("button", "", "Add").set("type", "submit").set("id", "formula-add"))
        .add(
            el("div", "formula-says")
                .set("id", "formula-says")
                .set("aria-live", "polite")
                .add(slot(move || says(read().as_ref()))),
        )
        .add(slot(move || offers(draft, &symbols)))
}

fn says(read: Option<&Result<Written, Broken>>) -> El {
    match read {
        None => quiet(
            "Names of columns, numbers, + − × ÷ ^, comparisons, min, max, log and abs. A title goes before a colon, a plus before all where more is better.",
        ),
        Some(Ok(formula)) => quiet(format!(
            "Understood: “{}”, {} is better.",
            formula.name,
            if formula.more_is_better { "more" } else { "less" }
        )),
        Some(Err(broken)) => why(broken),
    }
}

/// Where a formula breaks: the place is marked.
fn why(broken: &Broken) -> El {
    let (before, after) = broken.parts();
    let (at, rest) = match after.char_indices().nth(1) {
        Some((second, _)) => after.split_at(second),
        None => (after, ""),
    };
    el("p", "broken")
        .add(
            el("code", "")
                .text(before)
                .add(text("mark", "", if at.is_empty() { "␣" } else { at }))
                .text(rest),
        )
        .text(" ")
        .text(&broken.why.to_string())
}

/// Names that begin like the word that is being typed, or hold it.
fn offers(draft: RwSignal<String>, symbols: &[String]) -> El {
    let typed = draft.get();
    let start = typed.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '_').len();
    let (before, word) = typed.split_at(start);
    let is_word = !word.is_empty() && !word.starts_with(|c: char| c.is_ascii_digit());
    let is_whole = symbols.iter().any(|name| name == word);
    let holding = |name: &&String| is_word && !is_whole && name.contains(word);
    let begins = symbols.iter().filter(holding).filter(|name| name.starts_with(word));
    let holds = symbols.iter().filter(holding).filter(|name| !name.starts_with(word));
    let fitting: Vec<&String> = begins.chain(holds).collect();
    el("div", "offers").set("role", "group").set("aria-label", "Names that fit").all(
        fitting.into_iter().take(OFFERED).map(|name| {
            let whole = format!("{before}{name}");
            text("button", "chip", name).set("type", "button").on("click", move |_| {
                draft.set(whole.clone());
                browser::focus("formula");
            })
        }),
    )
}

/// The formulas of the link: turned round, taken away, or why they are not understood.
fn written(known: &[Figure], state: &ViewState) -> El {
    let (formulas, broken) = figures::formulas(known, state);
    let remove = |text_of: String, name: &str| {
        let view = View::current();
        text("button", "plain", "Remove")
            .set("type", "button")
            .set("aria-label", &format!("Remove {name}"))
            .on("click", move |_| view.change(|state| state.formulas.retain(|formula| *formula != text_of)))
    };
    let well = formulas.into_iter().enumerate().map(|(index, formula)| {
        let view = View::current();
        let (old, new) = (formula.text.clone(), formula.turned());
        let turned =
            text("button", "", if formula.more_is_better { "more is better" } else { "less is better" })
                .set("type", "button")
                .set("id", &format!("turn-{index}"))
                .set("title", "Turn round which is better")
                .on("click", move |_| {
                    view.change(|state| {
                        for formula in state.formulas.iter_mut().filter(|formula| **formula == old) {
                            formula.clone_from(&new);
                        }
                        // Axes and sorting go along with it.
                        for named in [&mut state.x, &mut state.y, &mut state.z]
                            .into_iter()
                            .flatten()
                            .filter(|named| **named == old)
                        {
                            named.clone_from(&new);
                        }
                        if let Some(sort) = state.sort.as_mut().filter(|sort| sort.figure == old) {
                            sort.figure.clone_from(&new);
                        }
                    })
                });
        el("li", "")
            .add(text("b", "", &formula.name))
            .add(text("code", "", &formula.expression))
            .add(turned)
            .add(remove(formula.text, &formula.name))
    });
    let ill = broken
        .into_iter()
        .map(|broken| el("li", "").add(why(&broken)).add(remove(broken.text.clone(), &broken.text)));
    el("ul", "written").all(well).all(ill)
}

/// What can be named, with what it is.
fn names(known: &[Figure], state: &ViewState) -> El {
    let base = ViewState { formulas: state.formulas.clone(), ..ViewState::default() };
    let rows = known.iter().map(|figure| {
        el("tr", "")
            .add(el("th", "").set("scope", "row").add(text("code", "", figure.symbol())))
            .add(table::cell(figure.definition(&base)))
    });
    let head =
        [table::head("", "Name"), table::head("", "What it is, per response and in the unit of its name")];
    el("details", "behind")
        .set("id", "formula-names")
        .add(text("summary", "", "Names that formulas know"))
        .add(table::table("formula-names-table", "", "Names that formulas know", head, rows))
}

//! Taking a table along: what is shown, as CSV or JSON, made in the browser.

use std::rc::Rc;

use crate::browser;
use crate::dom::{El, el, text};
use crate::export::Table;

/// Two buttons; the table is made when one is pressed.
pub(crate) fn download(name: &'static str, table: impl Fn() -> Table + 'static) -> El {
    buttons(name, Rc::new(table))
}

/// One copy for all tables.
fn buttons(name: &'static str, table: Rc<dyn Fn() -> Table>) -> El {
    let button = |label: &str, save: fn(&str, &Table)| {
        let table = Rc::clone(&table);
        text("button", "", label)
            .set("type", "button")
            .set("id", &format!("{name}-{label}"))
            .on("click", move |_| save(name, &leptos::prelude::untrack(|| table())))
    };
    el("div", "download bar-end")
        .set("role", "group")
        .set("aria-label", "Download what is shown")
        .add(button("CSV", |name, table| {
            browser::save(&format!("{name}.csv"), "text/csv;charset=utf-8", &table.csv())
        }))
        .add(button("JSON", |name, table| {
            browser::save(&format!("{name}.json"), "application/json", &table.json())
        }))
}

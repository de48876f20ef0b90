//! Taking a table along: what is shown, as CSV or JSON, made in the browser.

use leptos::prelude::*;

use crate::browser;
use crate::export::Table;

/// Two buttons; the table is made when one is pressed.
pub(crate) fn download(name: &'static str, table: impl Fn() -> Table + Clone + 'static) -> AnyView {
    let as_json = table.clone();
    // A browser that refuses to make a file leaves nothing to do here.
    let csv = move |_| drop(browser::save(&format!("{name}.csv"), "text/csv;charset=utf-8", &untrack(&table).csv()));
    let json = move |_| drop(browser::save(&format!("{name}.json"), "application/json", &untrack(&as_json).json()));
    view! {
        <div class="download" role="group" aria-label="Download what is shown">
            <button type="button" on:click=csv>"CSV"</button>
            <button type="button" on:click=json>"JSON"</button>
        </div>
    }
    .into_any()
}

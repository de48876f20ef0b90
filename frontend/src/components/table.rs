//! What all tables share: a frame that scrolls sideways, heads with units and definitions.

use crate::display::Column;
use crate::dom::{El, el, text};
use crate::figures::Line;
use crate::view_state::ViewState;

/// A table in a frame that scrolls sideways and can be reached with the keyboard.
pub(crate) fn table(
    id: &str,
    class: &str,
    caption: &str,
    head: impl IntoIterator<Item = El>,
    rows: impl IntoIterator<Item = El>,
) -> El {
    el("div", "scroll")
        .set("id", id)
        .set("tabindex", "0")
        .set("role", "group")
        .set("aria-label", caption)
        .add(
            el("table", class)
                .add(el("caption", "").add(text("span", "", caption)))
                .add(el("thead", "").add(el("tr", "").all(head)))
                .add(el("tbody", "").all(rows)),
        )
}

/// The head of a column.
pub(crate) fn head(class: &str, title: &str) -> El {
    text("th", class, title).set("scope", "col")
}

/// The head of a row.
pub(crate) fn row_head(name: &str) -> El {
    text("th", "", name).set("scope", "row")
}

/// A cell of text.
pub(crate) fn cell(content: impl AsRef<str>) -> El {
    text("td", "", content)
}

/// A cell with a number.
pub(crate) fn number(content: impl AsRef<str>) -> El {
    text("td", "num", content)
}

/// How far a number may be off, below it.
pub(crate) fn spread(column: &Column, half_width: Option<f64>) -> Option<El> {
    half_width.map(|half| text("small", "", format!("±\u{a0}{}", column.cell(half))))
}

/// A model's name with its dtype.
pub(crate) fn model_name(element: El, model: &common::model::Model) -> El {
    element.add(text("span", "named", &model.name)).text(" ").add(text("code", "", model.dtype.name()))
}

/// The head of a row of the board: its model, which opens it on the leaderboard, and in small what tells it apart.
pub(crate) fn line_head(line: &Line, state: &ViewState, about: &str) -> El {
    let name = model_name(el("a", ""), &line.model).set("href", &line.opened(state));
    row_head("").add(name).add(text("small", "", about))
}

/// A model's name with its dtype, from its id; the whole id comes up where it is pointed at.
pub(crate) fn model_id(element: El, id: &str) -> El {
    let (rest, dtype) = id.rsplit_once(':').unwrap_or((id, ""));
    let name = rest.split_once('@').map_or(rest, |(name, _)| name);
    element.set("title", id).add(text("span", "named", name)).text(" ").add(text("code", "", dtype))
}

//! The few things only the browser can do: titles, the theme it remembers, files, the clock, focus.
//!
//! Must not: draw. This is the page's clock room: dates of the browser are used for "how long ago" only.

use leptos::prelude::{document, window};
use time::OffsetDateTime;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event};

const THEME_KEY: &str = "jouleboard-theme";
const SECRET_KEY: &str = "jouleboard-secret";

/// Which colours the visitor wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the system says.
    System,
    /// Ink on paper.
    Light,
    /// Paper on ink.
    Dark,
}

impl Theme {
    /// What was chosen before.
    pub(crate) fn remembered() -> Self {
        let stored = window()
            .local_storage()
            .ok()
            .flatten()
            .and_then(|storage| storage.get_item(THEME_KEY).ok().flatten());
        match stored.as_deref() {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    /// The name in storage and on the root element.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The one that the switch goes to next.
    pub(crate) const fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    /// Shows it and remembers it. A browser that keeps nothing shows it all the same.
    pub(crate) fn apply(self) {
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-theme", self.name());
        }
        if let Ok(Some(storage)) = window().local_storage() {
            let _ = storage.set_item(THEME_KEY, self.name());
        }
    }
}

/// Remembers what lets this visitor have a prompt forgotten. A browser that keeps nothing cannot.
pub(crate) fn remember_secret(prompt: &str, secret: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(&format!("{SECRET_KEY}-{prompt}"), secret);
    }
}

/// What was remembered of a prompt, or stands behind the `#` of the link by which the visitor came.
pub(crate) fn secret_of(prompt: &str) -> Option<String> {
    let hash = window().location().hash().unwrap_or_default();
    if let Some(secret) = hash.strip_prefix("#forget_") {
        return Some(format!("forget_{secret}"));
    }
    window().local_storage().ok().flatten()?.get_item(&format!("{SECRET_KEY}-{prompt}")).ok().flatten()
}

/// Names the page in the browser's tab.
pub(crate) fn set_title(title: &str) {
    document().set_title(&format!("{title} · Jouleboard"));
}

/// Whether the page is in sight: not in a tab behind another one.
pub(crate) fn is_seen() -> bool {
    !document().hidden()
}

/// Ages go on while they are shown.
#[derive(Clone, Copy)]
pub(crate) struct Clock(leptos::prelude::ReadSignal<u32>);

impl Clock {
    /// From one look at the clock to the next.
    const BEAT: std::time::Duration = std::time::Duration::from_secs(5);

    /// Starts it. Once, at the start.
    pub(crate) fn provide() {
        use leptos::prelude::Update;
        let (beat, set_beat) = leptos::prelude::signal(0_u32);
        let pass = move || {
            if is_seen() {
                set_beat.update(|beat| *beat = beat.wrapping_add(1));
            }
        };
        leptos::prelude::set_interval(pass, Self::BEAT);
        leptos::prelude::provide_context(Self(beat));
    }
}

/// The browser's clock. What is drawn by it is drawn anew every few seconds.
pub(crate) fn now() -> OffsetDateTime {
    use leptos::prelude::Track;
    if let Some(Clock(beat)) = leptos::prelude::use_context() {
        beat.track();
    }
    let millis = js_sys::Date::now();
    OffsetDateTime::UNIX_EPOCH + time::Duration::seconds_f64(millis / 1000.0)
}

/// Loads the document of the present address anew.
pub(crate) fn load_anew() {
    // A browser that refuses leaves the page as it is; the visitor may press the button themselves.
    let _ = window().location().reload();
}

/// Scrolls a row sideways until the link of this name stands in sight; where all of the row is, nothing moves.
pub(crate) fn show_in_row(id: &str) {
    let link = document().get_element_by_id(id).and_then(|link| link.dyn_into::<web_sys::HtmlElement>().ok());
    let Some(link) = link else { return };
    if let Ok(Some(row)) = link.closest("ul") {
        row.set_scroll_left(link.offset_left() - row.client_width() / 3);
    }
}

/// Puts the focus on an element, such as the main part after a change of page.
pub(crate) fn focus(id: &str) {
    if let Some(element) =
        document().get_element_by_id(id).and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok())
    {
        let _ = element.focus();
    }
}

/// Moves the focus to the next or previous mark of a chart, as they stand from left to right, where an arrow key was
/// pressed; from the chart itself to its first or last one.
pub(crate) fn step_across(event: &Event, marks: &str) {
    let Some((key, target)) = pressed(event) else { return };
    let Ok(Some(chart)) = target.closest("svg") else { return };
    let Ok(found) = chart.query_selector_all(marks) else { return };
    let mut marks: Vec<(f64, Element)> = (0..found.length())
        .filter_map(|index| {
            let mark: Element = found.get(index)?.dyn_into().ok()?;
            let place = mark.query_selector("circle").ok()??.get_attribute("cx")?;
            Some((place.parse().ok()?, mark))
        })
        .collect();
    marks.sort_by(|one, other| one.0.total_cmp(&other.0));
    let now = marks.iter().position(|(_, mark)| *mark == target);
    let last = marks.len().saturating_sub(1);
    let next = match (key.as_str(), now) {
        ("ArrowRight" | "ArrowDown", Some(now)) => (now + 1).min(last),
        ("ArrowLeft" | "ArrowUp", Some(now)) => now.saturating_sub(1),
        ("ArrowRight" | "ArrowDown" | "Home", _) => 0,
        ("ArrowLeft" | "ArrowUp" | "End", _) => last,
        _ => return,
    };
    if let Some((_, mark)) = marks.into_iter().nth(next) {
        go_to(event, mark);
    }
}

/// Moves the focus to the cell beside, above or below in a table, where an arrow key was pressed; from its frame to the
/// first one.
pub(crate) fn step_in_table(event: &Event) {
    if let Some(cell) = pressed(event).and_then(|(key, target)| cell_beside(&key, &target)) {
        // A figure that opens is what Enter is pressed on.
        let opens = cell.query_selector("a").ok().flatten();
        go_to(event, opens.unwrap_or(cell));
    }
}

fn cell_beside(key: &str, target: &Element) -> Option<Element> {
    if !key.starts_with("Arrow") {
        return None;
    }
    let Some(cell) = target.closest("td").ok()? else { return target.query_selector("tbody td").ok()? };
    let row = cell.parent_element()?;
    let before = std::iter::successors(cell.previous_element_sibling(), Element::previous_element_sibling);
    let same = format!("td:nth-child({})", before.count() + 1);
    let beside = match key {
        "ArrowRight" => cell.next_element_sibling()?,
        "ArrowLeft" => cell.previous_element_sibling()?,
        "ArrowDown" => row.next_element_sibling()?.query_selector(&same).ok()??,
        _ => row.previous_element_sibling()?.query_selector(&same).ok()??,
    };
    beside.matches("td").ok()?.then_some(beside)
}

/// The key of an event, and where it was pressed.
fn pressed(event: &Event) -> Option<(String, Element)> {
    let key = js_sys::Reflect::get(event, &JsValue::from_str("key")).ok()?.as_string()?;
    Some((key, event.target()?.dyn_into().ok()?))
}

/// Moves the focus instead of what the browser would do.
fn go_to(event: &Event, element: Element) {
    event.prevent_default();
    // What has gone meanwhile takes no focus, and none is needed.
    let _ = element.unchecked_into::<web_sys::HtmlElement>().focus();
}

/// Gives the visitor a file. A browser that refuses to make one leaves nothing to do here.
pub(crate) fn save(name: &str, media_type: &str, content: &str) {
    let _ = try_save(name, media_type, content);
}

fn try_save(name: &str, media_type: &str, content: &str) -> Result<(), JsValue> {
    let parts = js_sys::Array::of1(&JsValue::from_str(content));
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(media_type);
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options)?;
    let url = web_sys::Url::create_object_url_with_blob(&blob)?;
    let link: web_sys::HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    web_sys::Url::revoke_object_url(&url)
}

/// The window's width in CSS pixels, as a signal: charts draw their text at its true size.
#[derive(Clone, Copy)]
pub(crate) struct WindowWidth(leptos::prelude::ReadSignal<f64>);

impl WindowWidth {
    /// Watches the window. Once, at the start.
    pub(crate) fn provide() {
        use leptos::prelude::Set;
        let read = || window().inner_width().ok().and_then(|width| width.as_f64()).unwrap_or(1024.0);
        let (width, set_width) = leptos::prelude::signal(read());
        let listener =
            leptos::prelude::window_event_listener(leptos::ev::resize, move |_| set_width.set(read()));
        leptos::prelude::on_cleanup(move || listener.remove());
        leptos::prelude::provide_context(Self(width));
    }

    /// How wide a chart is drawn that may take so many pixels at most.
    pub(crate) fn chart(most: f64) -> f64 {
        use leptos::prelude::Get;
        let Self(width) = leptos::prelude::expect_context();
        (width.get() - 48.0).clamp(264.0, most)
    }
}

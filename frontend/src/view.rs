//! The URL's query as a signal, and changing it: what a view shows is where the visitor is.
//!
//! The few lines that a router would take 15 kB of the page for: the site has one match of paths (`app`) and keeps all
//! else in the query. Must not: keep state anywhere else.

use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, MouseEvent};

use crate::view_state::{ViewState, decode};

/// What the view shows, and how to change it.
#[derive(Clone, Copy)]
pub(crate) struct View {
    place: RwSignal<Place>,
    state: Memo<ViewState>,
    path: Memo<String>,
}

/// Where the visitor is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    path: String,
    query: String,
}

impl Place {
    /// What the browser's address says.
    fn here() -> Self {
        let location = window().location();
        Self { path: location.pathname().unwrap_or_default(), query: location.search().unwrap_or_default() }
    }

    /// An address of our own.
    fn of(address: &str) -> Self {
        let address = address.split('#').next().unwrap_or_default();
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        Self { path: path.to_owned(), query: query.to_owned() }
    }
}

impl View {
    /// Reads the browser's address and offers the view to every page. Once, at the start.
    pub(crate) fn provide() -> Self {
        let place = RwSignal::new(Place::here());
        let back = window_event_listener(leptos::ev::popstate, move |_| place.set(Place::here()));
        on_cleanup(move || back.remove());
        let state = Memo::new(move |_| {
            let pairs = place.with(|place| decode(&place.query));
            ViewState::read(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))
        });
        let path = Memo::new(move |_| place.with(|place| place.path.clone()));
        let view = Self { place, state, path };
        view.follow_links();
        provide_context(view);
        view
    }

    /// The view of the page that is drawn.
    pub(crate) fn current() -> Self {
        expect_context()
    }

    /// What the view shows.
    pub(crate) fn get(self) -> ViewState {
        self.state.get()
    }

    /// A part of it.
    pub(crate) fn with<T>(self, part: impl FnOnce(&ViewState) -> T) -> T {
        self.state.with(part)
    }

    /// Where the visitor is.
    pub(crate) fn path(self) -> String {
        self.path.get()
    }

    /// Shows something else, under a new URL. Each switch of each page has a copy of this, so that it is short.
    pub(crate) fn change(self, change: impl FnOnce(&mut ViewState)) {
        let mut state = self.state.get_untracked();
        change(&mut state);
        self.show(&state);
    }

    #[inline(never)]
    fn show(self, state: &ViewState) {
        if self.state.with_untracked(|now| now == state) {
            return;
        }
        let to = format!("{}{}", self.path.get_untracked(), state.query());
        // An address that the browser does not take still changes what is shown.
        if let Ok(history) = window().history() {
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&to));
        }
        self.place.set(Place::of(&to));
    }

    /// A link to another view that keeps how figures are written.
    pub(crate) fn link(self, path: &str) -> String {
        format!("{path}{}", self.with(|state| state.carried().query()))
    }

    /// Goes to another page, at its start.
    pub(crate) fn go(self, to: &str) {
        if let Ok(history) = window().history() {
            let _ = history.push_state_with_url(&JsValue::NULL, "", Some(to));
        }
        self.place.set(Place::of(to));
        window().scroll_to_with_x_and_y(0.0, 0.0);
    }

    /// Opens links to our own pages without loading the site anew.
    fn follow_links(self) {
        let follow = move |event: MouseEvent| {
            let is_plain = event.button() == 0
                && !(event.meta_key() || event.ctrl_key() || event.shift_key() || event.alt_key());
            if event.default_prevented() || !is_plain {
                return;
            }
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            let link =
                target.and_then(|target| target.closest("a[href^='/']:not([rel=external])").ok().flatten());
            if let Some(to) = link.and_then(|link| link.get_attribute("href")) {
                event.prevent_default();
                self.go(&to);
            }
        };
        let follow = Closure::<dyn Fn(MouseEvent)>::new(follow).into_js_value();
        if let Some(body) = document().body() {
            // The name of this event is known to every browser.
            let _ = body.add_event_listener_with_callback("click", follow.unchecked_ref());
        }
    }
}

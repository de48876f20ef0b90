//! The URL's query as a signal, and changing it: what a view shows is where the visitor is.
//!
//! Must not: keep state anywhere else.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, MouseEvent};

use crate::view_state::ViewState;

/// What the view shows, and how to change it.
#[derive(Clone, Copy)]
pub(crate) struct View {
    state: Memo<ViewState>,
    path: Memo<String>,
    go: Callback<String>,
}

impl View {
    /// Reads the router and offers the view to every page. Once, inside the router.
    pub(crate) fn provide() -> Self {
        let location = use_location();
        let query = location.query;
        let state = Memo::new(move |_| {
            query.with(|map| {
                let pairs: Vec<(String, String)> =
                    map.clone().into_iter().map(|(name, value)| (name.into_owned(), value)).collect();
                ViewState::read(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))
            })
        });
        let navigate = use_navigate();
        follow_links(navigate.clone());
        let go = Callback::new(move |to: String| {
            navigate(
                &to,
                NavigateOptions { replace: true, scroll: false, resolve: false, ..Default::default() },
            );
        });
        let view = Self { state, path: location.pathname, go };
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

    /// Shows something else, under a new URL.
    pub(crate) fn change(self, change: impl FnOnce(&mut ViewState)) {
        let mut state = self.state.get_untracked();
        change(&mut state);
        self.go.run(format!("{}{}", self.path.get_untracked(), state.query()));
    }

    /// A link to another view that keeps how figures are written.
    pub(crate) fn link(self, path: &str) -> String {
        format!("{path}{}", self.with(|state| state.carried().query()))
    }
}

/// Opens links to our own pages without loading the site anew. The router would wait for its table of routes, which
/// this site does without.
fn follow_links(navigate: impl Fn(&str, NavigateOptions) + 'static) {
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
            navigate(&to, NavigateOptions { resolve: false, ..Default::default() });
        }
    };
    let follow = Closure::<dyn Fn(MouseEvent)>::new(follow).into_js_value();
    if let Some(body) = document().body() {
        // The name of this event is known to every browser.
        let _ = body.add_event_listener_with_callback("click", follow.unchecked_ref());
    }
}

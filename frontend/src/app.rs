//! The frame around every page: wordmark, navigation, theme, footer, and which page is where.
//!
//! Must not: fetch.

use leptos::prelude::*;
use leptos_router::components::{A, Route, Router, Routes};
use leptos_router::path;

use crate::browser::{self, Theme, WindowWidth};
use crate::components::mark::Mark;
use crate::pages;
use crate::view::View;

/// The views, in the order of the navigation.
const VIEWS: [(&str, &str); 6] = [
    ("/", "Prompt"),
    ("/leaderboard", "Leaderboard"),
    ("/kinds", "Kinds"),
    ("/trade-offs", "Trade-offs"),
    ("/carbon", "Carbon"),
    ("/machines", "Machines"),
];

/// The site.
#[component]
pub(crate) fn App() -> impl IntoView {
    WindowWidth::provide();
    view! {
        <Router>
            <Frame/>
        </Router>
    }
}

#[component]
fn Frame() -> impl IntoView {
    let current = View::provide();
    // A change of page moves the reader to its start; a toggle does not.
    Effect::new(move |before: Option<String>| {
        let path = current.path();
        if before.is_some_and(|before| before != path) {
            browser::focus("main");
        }
        path
    });
    view! {
        <a class="skip" href="#main">"Skip to the content"</a>
        <header class="top">
            <div class="top-in">
                <A href="/" attr:class="wordmark" attr:aria-label="Jouleboard, start"><Mark/><span>"Jouleboard"</span></A>
                <nav aria-label="Views">
                    <ul>
                        {VIEWS.map(|(path, name)| view! { <li><NavLink path name/></li> }).collect_view()}
                    </ul>
                </nav>
                <ThemeSwitch/>
            </div>
        </header>
        <main id="main" tabindex="-1">
            <Routes fallback=|| pages::not_found::NotFound()>
                <Route path=path!("/") view=pages::prompt::PromptPage/>
                <Route path=path!("/p/:id") view=pages::answers::AnswersPage/>
                <Route path=path!("/r/:id") view=pages::run::RunPage/>
                <Route path=path!("/leaderboard") view=pages::leaderboard::LeaderboardPage/>
                <Route path=path!("/kinds") view=pages::kinds::KindsPage/>
                <Route path=path!("/trade-offs") view=pages::trade_offs::TradeOffsPage/>
                <Route path=path!("/carbon") view=pages::carbon::CarbonPage/>
                <Route path=path!("/machines") view=pages::machines::MachinesPage/>
                <Route path=path!("/method") view=pages::method::MethodPage/>
            </Routes>
        </main>
        <footer class="bottom">
            <p>"Energy is measured on machines that do nothing else meanwhile. "<A href="/method">"How it is measured"</A></p>
            <p><a href="/openapi.json" rel="external">"API description"</a></p>
        </footer>
    }
}

#[component]
fn NavLink(path: &'static str, name: &'static str) -> impl IntoView {
    let current = View::current();
    let is_here = move || match current.path().as_str() {
        here if here == path => true,
        here => path == "/" && (here.starts_with("/p/") || here.starts_with("/r/")),
    };
    view! {
        <A href=move || current.link(path) attr:aria-current=move || is_here().then_some("page")>{name}</A>
    }
}

#[component]
fn ThemeSwitch() -> impl IntoView {
    let theme = RwSignal::new(Theme::remembered());
    let turn = move |_| {
        let next = theme.get_untracked().next();
        next.apply();
        theme.set(next);
    };
    view! {
        <button type="button" class="theme" on:click=turn title="Change the colours"
            aria-label=move || format!("Colours: {}. Change", theme.get().name())>
            <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
                <circle cx="8" cy="8" r="6.25" fill="none" stroke="currentColor" stroke-width="1.5"/>
                <path d=move || match theme.get() {
                    Theme::System => "M8 1.75a6.25 6.25 0 0 1 0 12.5z",
                    Theme::Light => "M8 5a3 3 0 0 1 0 6a3 3 0 0 1 0-6z",
                    Theme::Dark => "M8 1.75a6.25 6.25 0 0 1 0 12.5a6.25 6.25 0 0 1 0-12.5z",
                } fill="currentColor"/>
            </svg>
            <span>{move || theme.get().name()}</span>
        </button>
    }
}

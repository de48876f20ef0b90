//! The frame around every page: wordmark, navigation, theme, footer, and which page is where.
//!
//! Must not: fetch.

use leptos::prelude::*;

use crate::browser::{self, Clock, Theme, WindowWidth};
use crate::components::mark::Mark;
use crate::components::states::skeleton;
use crate::dom::{drawn, el, text};
use crate::pages;
use crate::view::View;

/// The views, in the order of the navigation.
const VIEWS: [(&str, &str); 10] = [
    ("/", "Prompt"),
    ("/battle", "Battle"),
    ("/leaderboard", "Leaderboard"),
    ("/kinds", "Kinds"),
    ("/trade-offs", "Trade-offs"),
    ("/runtime", "Runtime"),
    ("/estimates", "Estimates"),
    ("/carbon", "Carbon"),
    ("/runs", "Runs"),
    ("/machines", "Machines"),
];

/// Which of these pages a path is, by its parts; `None` where it is one of the other program.
pub type Pages = fn(&[&str]) -> Option<AnyView>;

/// First parts of the paths whose pages compare what was measured, one a line. The bundle reads the same lists.
const COMPARING: &str = include_str!("ranking.txt");
/// The same of the pages that show what was recorded, and by what.
const RECORDED: &str = include_str!("records.txt");

fn is_in(list: &str, parts: &[&str]) -> bool {
    parts.first().is_some_and(|first| list.lines().any(|known| known == *first))
}

/// The pages that ask and answer, and whatever is nowhere else. One match instead of a table of routes: the table costs
/// 20 kB of the page's 300.
pub fn asking(parts: &[&str]) -> Option<AnyView> {
    Some(match parts {
        [] => pages::prompt::prompt(),
        ["p", id] => id.parse().map_or_else(|_| pages::not_found::missing("prompt"), pages::answers::answers),
        ["r", id] => id.parse().map_or_else(|_| pages::not_found::missing("run"), pages::run::run),
        ["battle"] => pages::battle::battle(),
        ["b", id] => id.parse().map_or_else(|_| pages::not_found::missing("battle"), pages::bout::bout),
        _ if is_in(COMPARING, parts) || is_in(RECORDED, parts) => return None,
        _ => pages::not_found::missing("page"),
    })
}

/// The pages that compare what was measured.
pub fn comparing(parts: &[&str]) -> Option<AnyView> {
    Some(match parts {
        ["leaderboard"] => pages::leaderboard::leaderboard(),
        ["kinds"] => pages::kinds::kinds(),
        ["trade-offs"] => pages::trade_offs::trade_offs(),
        ["runtime"] => pages::runtime::runtime(),
        ["estimates"] => pages::estimates::estimates(),
        ["carbon"] => pages::carbon::carbon(),
        _ if is_in(COMPARING, parts) => pages::not_found::missing("page"),
        _ => return None,
    })
}

/// The pages that show what was recorded, and by what.
pub fn recorded(parts: &[&str]) -> Option<AnyView> {
    Some(match parts {
        ["runs"] => pages::runs::runs(),
        ["machines"] => pages::machines::machines(),
        ["machines", name] => {
            name.parse().map_or_else(|_| pages::not_found::missing("machine"), pages::machines::machine)
        }
        ["method"] => pages::method::MethodPage().into_any(),
        _ if is_in(RECORDED, parts) => pages::not_found::missing("page"),
        _ => return None,
    })
}

/// The page of a path. Another program's is loaded with the document, whose address is that of the page by now.
fn page(pages: Pages, path: &str) -> AnyView {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    pages(&parts).unwrap_or_else(|| {
        browser::load_anew();
        drawn(|| skeleton("the page"))
    })
}

/// Whether a path belongs to a view of the navigation.
fn is_here(path: &str, view: &str) -> bool {
    let is_below = |start: &str| path.starts_with(start);
    path == view
        || match view {
            "/" => is_below("/p/") || is_below("/r/"),
            "/battle" => is_below("/b/"),
            "/machines" => is_below("/machines/"),
            _ => false,
        }
}

/// The site.
pub(crate) fn app(pages: Pages) -> AnyView {
    WindowWidth::provide();
    Clock::provide();
    frame(pages)
}

fn frame(pages: Pages) -> AnyView {
    let current = View::provide();
    let path = Memo::new(move |_| current.path());
    // A change of page moves the reader to its start; a toggle does not.
    Effect::new(move |before: Option<String>| {
        let path = path.get();
        if before.is_some_and(|before| before != path) {
            browser::focus("main");
        }
        path
    });
    // On a phone the row of links is longer than the screen; which one is here should be seen.
    Effect::new(move |_| {
        let path = path.get();
        request_animation_frame(move || {
            if let Some((_, name)) = VIEWS.iter().find(|(to, _)| is_here(&path, to)) {
                browser::show_in_row(&format!("view-{name}"));
            }
        });
    });
    let links = move || {
        let path = path.get();
        el("ul", "").all(VIEWS.map(|(to, name)| {
            let is_here = is_here(&path, to);
            el("li", "").add(
                text("a", "", name)
                    .set("id", &format!("view-{name}"))
                    .set("href", &current.link(to))
                    .set_if("aria-current", is_here.then_some("page")),
            )
        }))
    };
    view! {
        <a class="skip" href="#main">"Skip to the content"</a>
        <header class="top">
            <div class="top-in">
                <a href="/" class="wordmark" aria-label="Jouleboard, start"><Mark/><span>"Jouleboard"</span></a>
                <nav aria-label="Views">{drawn(links)}</nav>
                <ThemeSwitch/>
            </div>
        </header>
        <main id="main" tabindex="-1">{move || page(pages, &path.get())}</main>
        <footer class="bottom">
            <p>"Energy is measured on machines that do nothing else meanwhile. "<a href="/method">"How it is measured"</a></p>
            <p><a href="/api/docs" rel="external">"API"</a></p>
        </footer>
    }
    .into_any()
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

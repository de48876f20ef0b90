//! The site. Pages fetch and arrange; components draw and never fetch; `display` is the only place where
//! numbers become text; all maths is in `common`.
//!
//! The rooms that need no page are pure and are tested on the host; the rest exists in the browser only.
//! Must not: compute a figure that `common` does not know, or call the server because a toggle changed.
#![cfg_attr(
    target_arch = "wasm32",
    expect(unreachable_pub, reason = "the component macro makes its own items public, whatever is asked")
)]

pub mod against;
pub mod battles;
pub mod board;
pub mod called;
pub mod display;
pub mod export;
pub mod figures;
pub mod front;
pub mod json;
pub mod live;
pub mod matching;
pub mod own_run;
pub mod pace;
pub mod record;
pub mod record_tables;
pub mod row_run;
pub mod scale;
pub mod stacks;
pub mod suggestion;
pub mod third;
pub mod view_state;

#[cfg(target_arch = "wasm32")]
mod api;
#[cfg(target_arch = "wasm32")]
mod app;
#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(target_arch = "wasm32")]
mod components;
#[cfg(target_arch = "wasm32")]
mod dom;
#[cfg(target_arch = "wasm32")]
mod events;
#[cfg(target_arch = "wasm32")]
mod pages;
#[cfg(target_arch = "wasm32")]
mod remote;
#[cfg(target_arch = "wasm32")]
mod view;

#[cfg(target_arch = "wasm32")]
pub use app::{Pages, asking, comparing, recorded};

/// Draws the site into the page, with these pages; another one is fetched with the program that has it.
#[cfg(target_arch = "wasm32")]
pub fn mount(pages: Pages) {
    console_error_panic_hook::set_once();
    browser::Theme::remembered().apply();
    leptos::mount::mount_to_body(move || app::app(pages));
}

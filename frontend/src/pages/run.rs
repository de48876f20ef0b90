//! The permalink of a run: the same card with everything its record holds.

use common::api::runs::{CancelRun, GetRun, RunView};
use common::ids::RunId;
use common::prompt::NewPrompt;
use leptos::prelude::*;

use crate::api::{self, Error};
use crate::browser;
use crate::components::facts::quiet;
use crate::components::replay::replay;
use crate::components::run_card::{Card, run_card};
use crate::components::states::{notice, stale};
use crate::dom::{drawn, el, group, text};
use crate::pages::following::Following;
use crate::pages::not_found::away;
use crate::remote::Source;
use crate::view::View;
use crate::view_state::ViewState;

/// `/r/{run_id}`
pub(crate) fn run(id: RunId) -> AnyView {
    browser::set_title("A run");
    let source = Source::new(GetRun { id });
    let has_come = Memo::new(move |_| source.ready().is_some());
    view! {
        <div class="page page-run">
            {move || if has_come.get() { found(source, id) } else { drawn(move || away(source, "run", "One run")) }}
        </div>
    }
    .into_any()
}

fn found(source: Source<RunView>, id: RunId) -> AnyView {
    let Some(first) = untrack(|| source.ready()) else { return ().into_any() };
    let view = View::current();
    let (asked, prompt_id) = (first.prompt.text.clone(), first.prompt_id);
    let is_over = move || source.ready().is_some_and(|run| run.state.is_final());
    let following = Following::prompt(prompt_id, source.asked(), move || untrack(is_over));
    let run = Memo::new(move |_| source.ready().map_or_else(|| (*first).clone(), |run| (*run).clone()));
    let refused = RwSignal::new(None::<Error>);
    let cancel = Callback::new(move |()| {
        api::call(&CancelRun { id }, move |answer| {
            refused.set(answer.err());
            source.reload();
        });
    });
    let again = move |against: Option<String>| {
        let now = run.get_untracked();
        let new = NewPrompt {
            text: now.prompt.text,
            models: vec![now.model.id.to_string()],
            task: now.prompt.task,
            decoding: now.prompt.decoding,
            conversation: now.prompt.conversation,
            needs: now.needs,
            is_public: false,
        };
        api::call(&new, move |answer| match answer {
            Ok(submitted) => {
                let query = ViewState { against, ..ViewState::default() }.query();
                if let Some(id) = submitted.run_ids.first() {
                    view.go(&format!("/r/{id}{query}"));
                }
            }
            Err(error) => refused.set(Some(error)),
        });
    };
    let replayed = move || {
        let against = view.with(|state| state.against.clone());
        group(run.with(|run| replay(run, against.as_deref(), again)))
    };
    let head = move || {
        el("div", "asked").add(text("h1", "hidden", "One run")).add(text("blockquote", "", &asked)).add(
            quiet("").add(
                text("a", "", "All answers to this prompt")
                    .set("href", &view.link(&format!("/p/{prompt_id}"))),
            ),
        )
    };
    view! {
        {drawn(head)}
        {drawn(move || group([stale(source)]).maybe(refused.get().map(|error| notice(&error, move || refused.set(None)))))}
        {run_card(Card { run, live: following.of(id), cancel, is_whole_page: true })}
        {drawn(replayed)}
    }
    .into_any()
}

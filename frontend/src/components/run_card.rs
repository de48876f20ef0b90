//! One run: waiting, being made, measured, failed or cancelled. The same card on a prompt's page and on its own.
//!
//! Must not: fetch; cancelling is the page's.

use common::api::runs::RunView;
use common::model::Weights;
use common::run::RunState;
use leptos::prelude::*;
use leptos_router::components::A;

use crate::components::run_result::result;
use crate::components::waiting::waiting;
use crate::display::{self, Quantity};
use crate::live::Live;
use crate::view::View;

/// What a card needs.
#[derive(Clone, Copy)]
pub(crate) struct Card {
    /// The run as it stands.
    pub(crate) run: Memo<RunView>,
    /// What has come of it meanwhile.
    pub(crate) live: RwSignal<Live>,
    /// Takes it back.
    pub(crate) cancel: Callback<()>,
    /// Whether this card is the page itself.
    pub(crate) is_whole_page: bool,
}

/// Draws a run.
pub(crate) fn run_card(card: Card) -> AnyView {
    let Card { run, live, cancel, is_whole_page } = card;
    let view = View::current();
    let id = run.with_untracked(|run| run.id);
    let name = run.with_untracked(|run| run.model.name.clone());
    let model = run.with_untracked(|run| {
        let random = if run.model.weights == Weights::Random { " · random weights" } else { "" };
        let size = u32::try_from(run.model.parameters / 1_000).map_or(0.0, |thousands| f64::from(thousands) * 1e3);
        format!("{} · {}{random}", run.model.dtype, display::plain(Quantity::Parameters, size))
    });
    let state = Memo::new(move |_| run.with(|run| run.state));
    let can_cancel = move || matches!(state.get(), RunState::Queued | RunState::Leased);
    view! {
        <article class="run" data-testid="run-card" data-run-id=id.to_string() data-state=move || state.get().name()
            aria-labelledby=format!("run-{id}")>
            <header class="run-head">
                <h2 id=format!("run-{id}")>{name}<small>{model}</small></h2>
                <div class="run-acts">
                    {move || can_cancel().then(|| view! {
                        <button type="button" class="plain" on:click=move |_| cancel.run(())>"Cancel"</button>
                    })}
                    {(!is_whole_page).then(|| view! {
                        <A href=move || view.link(&format!("/r/{id}")) attr:class="permalink" attr:data-testid="permalink">"Permalink"</A>
                    })}
                </div>
            </header>
            {move || run.with(|run| match run.state {
                RunState::Queued | RunState::Leased => waiting(run, live),
                RunState::Cancelled => view! {
                    <p class="ended">"Cancelled. Nothing was measured."</p>
                }.into_any(),
                RunState::Failed => failed(run),
                RunState::Measured => match &run.measurement {
                    Some(measurement) => result(measurement, is_whole_page),
                    None => view! { <p class="ended">"Measured; the record is on its way."</p> }.into_any(),
                },
            })}
        </article>
    }
    .into_any()
}

fn failed(run: &RunView) -> AnyView {
    let message = run.failure.as_ref().map_or("No reason was given.", |failure| failure.message.as_str()).to_owned();
    let attempts = match run.attempts {
        1 => "after one attempt".to_owned(),
        n => format!("after {n} attempts"),
    };
    view! {
        <div class="ended ended-failed">
            <h3>{format!("It could not be measured, {attempts}")}</h3>
            <p>{message}</p>
        </div>
    }
    .into_any()
}

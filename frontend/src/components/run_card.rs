//! One run: waiting, being made, measured, failed or cancelled. The same card on a prompt's page and on its own.
//!
//! Must not: fetch; cancelling is the page's.

use common::api::runs::RunView;
use common::model::{Model, Weights};
use common::run::RunState;
use leptos::prelude::*;

use crate::components::run_result::result;
use crate::components::waiting::{says, waiting};
use crate::display::{self, Quantity};
use crate::dom::{El, drawn, el, text};
use crate::live::Live;
use crate::scale;
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

/// Draws a run. What happens is also said aloud, in a place that stays while the card is redrawn.
pub(crate) fn run_card(card: Card) -> AnyView {
    let said = Memo::new(move |_| {
        card.run.with(|run| match run.state {
            RunState::Queued | RunState::Leased => card.live.with(|live| says(run, live).0),
            state => state.name().to_owned(),
        })
    });
    view! {
        <p class="hidden" aria-live="polite">{move || card.run.with(|run| called(&run.model))}": "{move || said.get()}</p>
        {drawn(move || card.run.with(|run| draw(run, card)))}
    }
    .into_any()
}

/// A model's name with its dtype.
pub(crate) fn called(model: &Model) -> String {
    format!("{} {}", model.name, model.dtype)
}

fn draw(run: &RunView, card: Card) -> El {
    let view = View::current();
    let (id, cancel) = (run.id, card.cancel);
    let about = format!(
        "{} · {}\u{a0}parameters{}",
        run.model.dtype,
        display::plain(Quantity::Parameters, scale::float(run.model.parameters)),
        if run.model.weights == Weights::Random { " · random weights" } else { "" }
    );
    let stop = (!run.state.is_final()).then(|| {
        text("button", "plain", "Cancel")
            .set("type", "button")
            .set("id", &format!("cancel-{id}"))
            .on("click", move |_| cancel.run(()))
    });
    let link = (!card.is_whole_page).then(|| {
        text("a", "permalink", "Permalink")
            .set("id", &format!("link-{id}"))
            .set("data-testid", "permalink")
            .set("href", &view.link(&format!("/r/{id}")))
    });
    let name = format!("run-{id}");
    el("article", "run")
        .set("data-testid", "run-card")
        .set("data-run-id", &id.to_string())
        .set("data-state", run.state.name())
        .set("aria-labelledby", &name)
        .add(
            el("header", "run-head")
                .add(text("h2", "", &run.model.name).set("id", &name).add(text("small", "", about)))
                .add(el("div", "run-acts").maybe(stop).maybe(link)),
        )
        .add(match run.state {
            RunState::Queued | RunState::Leased => card.live.with(|live| waiting(run, live)),
            RunState::Cancelled => text("p", "ended", "Cancelled. Nothing was measured."),
            RunState::Failed => failed(run),
            RunState::Measured => match &run.measurement {
                Some(measurement) => result(measurement, card.is_whole_page),
                None => text("p", "ended", "Measured; the record is on its way."),
            },
        })
}

fn failed(run: &RunView) -> El {
    let message = run.failure.as_ref().map_or("No reason was given.", |failure| failure.message.as_str());
    let attempts = match run.attempts {
        1 => "after one attempt".to_owned(),
        n => format!("after {n} attempts"),
    };
    el("div", "ended ended-failed")
        .add(text("h3", "", format!("It could not be measured, {attempts}")))
        .add(text("p", "", message))
}

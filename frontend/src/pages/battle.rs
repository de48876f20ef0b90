//! Asking two hidden models, and the ranking that the votes give.
//!
//! Must not: know which models were drawn.

use common::api::battles::{ListBattles, NewBattle};
use common::api::models::{ListModels, Models};
use common::model::Weights;
use common::prompt::{MAX_TEXT_CHARS, Task};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::api::{self, Error};
use crate::browser;
use crate::components::battle_ranking::{battle_ranking, table_of};
use crate::components::download::download;
use crate::components::ground::lead;
use crate::components::states::{empty, fetched, leading, notice};
use crate::dom::{El, drawn, el, group, page, slot, text, value_of};
use crate::events::{self, About};
use crate::pages::prompt::PACE;
use crate::remote::Source;
use crate::view::View;

/// What the visitor has put in, which stays while machines and their models come and go.
#[derive(Clone, Copy)]
struct Asking {
    words: RwSignal<String>,
    is_sending: RwSignal<bool>,
    refused: RwSignal<Option<Error>>,
}

/// `/battle`
pub(crate) fn battle() -> AnyView {
    browser::set_title("Battle");
    let models = Source::new(ListModels::default());
    let votes = Source::new(ListBattles);
    events::keep_up_with_all(vec![models.asked(), votes.asked()], PACE, &[About::Machine]);
    let asking = Asking {
        words: RwSignal::new(untrack(|| View::current().with(|state| state.text.clone()))),
        is_sending: RwSignal::new(false),
        refused: RwSignal::new(None),
    };
    let start = || {
        lead(
            "Battle",
            "Two models, drawn by chance and hidden, answer the same prompt, measured one after the other. You say which answer is better; then you see what each took, and at last who they were.",
        )
    };
    let ranking = fetched(votes, "the votes", move |battles| {
        let section = el("section", "ground");
        if battles.votes.is_empty() {
            return section.add(text("h2", "", "Ranking")).add(empty(
                "Nobody has voted yet",
                "The ranking appears with the first votes; a strength needs wins and losses both ways.",
            ));
        }
        let listed = battles.clone();
        section
            .add(
                el("div", "bar")
                    .add(text("h2", "", "Ranking"))
                    .add(download("jouleboard-battles", move || table_of(&listed))),
            )
            .add(battle_ranking(&battles))
    });
    page(
        "page",
        vec![drawn(start), fetched(models, "the models", move |models| form(&models, asking)), ranking],
    )
}

fn form(models: &Models, Asking { words, is_sending, refused }: Asking) -> El {
    let here = models
        .models
        .iter()
        .filter(|offered| offered.model.weights == Weights::Trained && !offered.machines.is_empty())
        .count();
    if here < 2 {
        return leading(
            "No two models are here now",
            "A battle needs two models that a machine runs at the moment. Votes that were given stay below.",
            ("See the machines", "/machines"),
        );
    }
    let view = View::current();
    let is_fit = move || words.with(|text| !text.trim().is_empty() && text.chars().count() <= MAX_TEXT_CHARS);
    let submit = move |event: web_sys::Event| {
        event.prevent_default();
        if !untrack(is_fit) || is_sending.get_untracked() {
            return;
        }
        is_sending.set(true);
        refused.set(None);
        let new = NewBattle { text: words.get_untracked(), task: Task::default() };
        api::call(&new, move |answer| match answer {
            Ok(queued) => {
                browser::remember_secret(&queued.battle_id.to_string(), &queued.secret);
                view.go(&format!("/b/{}", queued.battle_id));
            }
            Err(error) => {
                refused.set(Some(error));
                is_sending.set(false);
            }
        });
    };
    el("form", "ask")
        .on("submit", submit)
        .add(text("label", "ask-label", "Your prompt").set("for", "battle-text"))
        .add(
            el("textarea", "")
                .set("id", "battle-text")
                .set("data-testid", "battle-text")
                .set("rows", "3")
                .set("placeholder", "Ask something that you can judge")
                .hold("value", move || JsValue::from_str(&words.get()))
                .on("input", move |event| words.set(value_of(&event))),
        )
        .add(
            el("div", "send")
                .add(
                    el("button", "primary")
                        .set("type", "submit")
                        .set("data-testid", "battle-start")
                        .bind("disabled", move || (is_sending.get() || !is_fit()).then(String::new))
                        .add(slot(move || {
                            text("span", "", if is_sending.get() { "Sending…" } else { "Start the battle" })
                        })),
                )
                .add(text("p", "hint hint-quiet", format!("Two of {here} models that are here now."))),
        )
        .add(slot(move || group(refused.get().map(|error| notice(&error, move || refused.set(None))))))
}

//! The start: a text, the models to ask, one button. The rule that makes the server refuse disables the button.
//!
//! Must not: know a rule about prompts that `common` does not.

use common::api::health::{GetHealth, Health};
use common::api::models::{ListModels, Models};
use common::ids::ModelId;
use common::prompt::{MAX_TEXT_CHARS, NewPrompt, Prompt};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::api::{self, Error};
use crate::browser;
use crate::components::ground::lead;
use crate::components::states::{fetched, notice, unmanned};
use crate::display;
use crate::dom::{El, drawn, el, group, page, slot, text, value_of};
use crate::events::{self, About};
use crate::pace::Pace;
use crate::pages::prompt_models::{Picks, cards};
use crate::pages::prompt_settings::{Settings, settings};
use crate::remote::Source;
use crate::suggestion::suggested;
use crate::view::View;
use crate::view_state::ViewState;

/// Texts to start with: the bundled demo models know such questions.
const EXAMPLES: [(&str, &str); 5] = [
    ("Arithmetic", "What is 23 + 45?"),
    ("A capital", "What is the capital of France?"),
    ("SQL", "Show all products with price below 120."),
    ("Translation", "Translate to German: house"),
    ("A function", "Write a Python function that adds 5 to a number."),
];

/// A machine that comes is told by an event, one that is gone for a while by none.
pub(crate) const PACE: Pace = Pace { soonest: 5, told: Some(60), untold: 15 };

/// What the visitor has put in, which stays while machines and their models come and go.
#[derive(Clone, Copy)]
struct Asking {
    words: RwSignal<String>,
    /// The models that were ticked; `None` until the visitor ticked one, while one is suggested.
    ticked: RwSignal<Option<Vec<String>>>,
    settings: Settings,
    is_sending: RwSignal<bool>,
    refused: RwSignal<Option<Error>>,
}

impl Asking {
    /// As a link says it.
    fn of(state: &ViewState) -> Self {
        Self {
            words: RwSignal::new(state.text.clone()),
            ticked: RwSignal::new((!state.models.is_empty()).then(|| state.models.clone())),
            settings: Settings::of(state),
            is_sending: RwSignal::new(false),
            refused: RwSignal::new(None),
        }
    }

    /// Writes into the address what is chosen. A text is its writer's: one that came with a link stays there until it is
    /// changed, and one that is typed comes there only with [`link_to_it`].
    fn keep_in_the_address(self, view: View) {
        let Self { words, ticked, settings, .. } = self;
        Effect::new(move |_| {
            let models = ticked.get().unwrap_or_default();
            let text = words.get();
            let is_of_the_link = untrack(|| view.with(|state| text == state.text));
            view.change(|state| {
                state.models = models;
                settings.write(state);
                if !is_of_the_link {
                    state.text.clear();
                }
            });
        });
    }
}

/// `/`
pub(crate) fn prompt() -> AnyView {
    browser::set_title("Ask a model");
    let models = Source::new(ListModels::default());
    let health = Source::new(GetHealth);
    events::keep_up_with_all(vec![models.asked(), health.asked()], PACE, &[About::Machine]);
    let view = View::current();
    let asking = untrack(|| view.with(Asking::of));
    asking.keep_in_the_address(view);
    let start = || {
        lead(
            "What does an answer cost?",
            "Ask a language model. A machine that does nothing else meanwhile answers, and its energy is measured while it does.",
        )
    };
    page(
        "page page-prompt",
        vec![drawn(start), fetched(models, "the models", move |models| form(&models, health, asking))],
    )
}

fn form(models: &Models, health: Source<Health>, asking: Asking) -> El {
    if models.models.is_empty() {
        return unmanned(
            "No machine is here yet",
            "Nobody can answer until a machine is enrolled and its worker has started. The README says how; results measured before are in the leaderboard.",
        );
    }
    let Asking { words, ticked, settings: chosen_settings, is_sending, refused } = asking;
    let Settings { task, decoding, needs, is_public } = chosen_settings;
    let offered: Vec<ModelId> = models.models.iter().map(|model| model.id().clone()).collect();
    let suggested: Vec<String> =
        suggested(&models.models).into_iter().map(|model| model.id().to_string()).collect();
    let here = offered.clone();
    let chosen = Memo::new(move |_| match ticked.get() {
        // What is not offered any more has no box to take it back.
        Some(ticked) => ticked.into_iter().filter(|id| here.iter().any(|here| here.as_str() == id)).collect(),
        None => suggested.clone(),
    });
    let picks = Picks { chosen, ticked };
    let is_browse_only = move || health.ready().is_some_and(|health| health.is_browse_only);
    let asked = move || NewPrompt {
        text: words.get(),
        models: chosen.get(),
        task: task.get(),
        decoding: decoding.get(),
        needs: needs.get(),
        is_public: is_public.get(),
        ..NewPrompt::default()
    };
    let objection = Memo::new(move |_| Prompt::parse(asked(), &offered).err().map(|problem| problem.message));
    let button = el("button", "primary")
        .set("type", "submit")
        .set("data-testid", "submit")
        .bind("disabled", move || {
            (is_sending.get() || is_browse_only() || objection.with(Option::is_some)).then(String::new)
        })
        .add(slot(move || text("span", "", if is_sending.get() { "Sending…" } else { "Ask and measure" })));
    let form = el("form", "ask")
        .on("submit", submitting(asking, objection, asked))
        .add(slot(move || group(is_browse_only().then(browse_only))))
        .add(text("label", "ask-label", "Your prompt").set("for", "prompt-text"))
        .add(
            el("textarea", "")
                .set("id", "prompt-text")
                .set("data-testid", "prompt-text")
                .set("rows", "4")
                .set("placeholder", "Ask something short")
                .set("aria-describedby", "prompt-hint")
                .hold("value", move || JsValue::from_str(&words.get()))
                .on("input", move |event| words.set(value_of(&event))),
        )
        .add(examples(words))
        .add(
            el("fieldset", "models")
                .add(el("legend", "").text("Models ").add(text(
                    "small",
                    "",
                    "pick one, or several to compare",
                )))
                .add(cards(&models.models, picks)),
        )
        .add(settings(chosen_settings))
        .add(el("div", "send").add(button).add(hint(words, objection)).add(link_to_it(words)))
        .add(slot(move || group(refused.get().map(|error| notice(&error, move || refused.set(None))))));
    el("div", "asking").add(form).add(way(health))
}

/// Sends what is asked, unless there is something against it, and goes to its answers.
fn submitting(
    Asking { is_sending, refused, .. }: Asking,
    objection: Memo<Option<String>>,
    asked: impl Fn() -> NewPrompt + Copy + 'static,
) -> impl Fn(web_sys::Event) + 'static {
    let view = View::current();
    move |event| {
        event.prevent_default();
        if objection.with_untracked(Option::is_some) || is_sending.get_untracked() {
            return;
        }
        is_sending.set(true);
        refused.set(None);
        api::call(&untrack(asked), move |answer| match answer {
            Ok(submitted) => {
                browser::remember_secret(&submitted.prompt_id.to_string(), &submitted.secret);
                view.go(&format!("/p/{}", submitted.prompt_id));
            }
            Err(error) => {
                refused.set(Some(error));
                is_sending.set(false);
            }
        });
    }
}

/// What is wrong with what is asked. An empty box is not a mistake yet: say what to do, but quietly.
fn hint(words: RwSignal<String>, objection: Memo<Option<String>>) -> El {
    el("p", "")
        .set("id", "prompt-hint")
        .set("aria-live", "polite")
        .bind("class", move || {
            Some(if words.with(String::is_empty) { "hint hint-quiet" } else { "hint" }.to_owned())
        })
        .add(slot(move || text("span", "", objection.get().unwrap_or_default())))
}

/// A link that holds the text too, for whoever wants to share it.
fn link_to_it(words: RwSignal<String>) -> El {
    let view = View::current();
    slot(move || {
        let to = ViewState { text: words.get(), ..view.get() };
        let link = text("a", "permalink", "Link to this question")
            .set("href", &format!("/{}", to.query()))
            .set("title", "Puts the text into the address; until then it holds your choices only.");
        group((!to.text.is_empty()).then_some(link))
    })
}

/// That nothing can be asked just now.
fn browse_only() -> El {
    let leaderboard = View::current().link("/leaderboard");
    el("div", "problem")
        .set("role", "status")
        .set("data-testid", "browse-only")
        .add(text("h2", "", "Only browsing just now"))
        .add(
            text("p", "", "No machine has been heard of for a while, so nothing can be asked. What was measured is in the ")
                .add(text("a", "", "leaderboard").set("href", &leaderboard))
                .text("."),
        )
}

fn examples(words: RwSignal<String>) -> El {
    let chips = EXAMPLES.into_iter().map(|(name, example)| {
        text("button", "chip", name)
            .set("type", "button")
            .set("title", example)
            .on("click", move |_| words.set(example.to_owned()))
    });
    let count = move || {
        let chars = words.with(|text| text.chars().count());
        let class = if chars > MAX_TEXT_CHARS { "count over" } else { "count" };
        text("span", class, format!("{chars} / {MAX_TEXT_CHARS}"))
    };
    el("div", "examples")
        .set("role", "group")
        .set("aria-label", "Examples")
        .add(text("span", "quiet", "Try"))
        .all(chips)
        .add(slot(count))
}

/// What becomes of a question, for whoever wonders why an answer takes so long.
fn way(health: Source<Health>) -> El {
    let steps = [
        ("It queues.", "A machine answers one prompt at a time and does nothing else meanwhile."),
        ("The machine cools down.", "A warm or busy one draws more power for the same work."),
        ("Idle power is read,", "and a first answer that does not count warms caches and clocks up."),
        ("A window opens.", "Only the model and the instruments run: tokens and power come to this page."),
        ("A record is kept,", "with its interval, its verdict and a link of its own."),
    ];
    let here = move || {
        let said = health.ready().map(|health| match health.machines_alive {
            0 => "No machine is here now.".to_owned(),
            1 => "One machine is here now.".to_owned(),
            more => format!("{} machines are here now.", display::compact(more)),
        });
        text("span", "", said.unwrap_or_default())
    };
    el("section", "way")
        .set("aria-label", "What happens to a prompt")
        .add(text("h2", "", "From question to figure"))
        .add(el("ol", "steps").all(
            steps.into_iter().map(|(what, why)| el("li", "").add(text("b", "", what)).text(" ").text(why)),
        ))
        .add(
            el("p", "")
                .add(slot(here))
                .add(el("br", ""))
                .add(text("a", "", "How it is measured").set("href", "/method")),
        )
}

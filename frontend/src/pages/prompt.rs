//! The start: a text, the models to ask, one button. The rule that makes the server refuse disables the button.
//!
//! Must not: know a rule about prompts that `common` does not.

use common::api::health::{GetHealth, Health};
use common::api::models::{ListModels, Models};
use common::ids::ModelId;
use common::machine::OfferedModel;
use common::model::Weights;
use common::prompt::{MAX_TEXT_CHARS, NewPrompt, Prompt};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::api::{self, Error};
use crate::browser;
use crate::components::ground::lead;
use crate::components::states::{fetched, notice, unmanned};
use crate::display::{self, Quantity};
use crate::dom::{El, drawn, el, group, page, slot, text, value_of};
use crate::events::{self, About};
use crate::pace::Pace;
use crate::pages::prompt_settings::{Settings, settings};
use crate::remote::Source;
use crate::suggestion::suggested;
use crate::view::View;

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

/// `/`
pub(crate) fn prompt() -> AnyView {
    browser::set_title("Ask a model");
    let models = Source::new(ListModels::default());
    let health = Source::new(GetHealth);
    events::keep_up_with_all(vec![models.asked(), health.asked()], PACE, &[About::Machine]);
    let asking = Asking {
        words: RwSignal::new(untrack(|| View::current().with(|state| state.text.clone()))),
        ticked: RwSignal::new(None),
        settings: Settings::default(),
        is_sending: RwSignal::new(false),
        refused: RwSignal::new(None),
    };
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
    let Asking {
        words,
        ticked,
        settings: Settings { task, decoding, needs, is_public },
        is_sending,
        refused,
    } = asking;
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
    let view = View::current();
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
    let submit = move |event: web_sys::Event| {
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
    };
    let button = el("button", "primary")
        .set("type", "submit")
        .set("data-testid", "submit")
        .bind("disabled", move || {
            (is_sending.get() || is_browse_only() || objection.with(Option::is_some)).then(String::new)
        })
        .add(slot(move || text("span", "", if is_sending.get() { "Sending…" } else { "Ask and measure" })));
    // An empty box is not a mistake yet: say what to do, but quietly.
    let hint = el("p", "")
        .set("id", "prompt-hint")
        .set("aria-live", "polite")
        .bind("class", move || {
            Some(if words.with(String::is_empty) { "hint hint-quiet" } else { "hint" }.to_owned())
        })
        .add(slot(move || text("span", "", objection.get().unwrap_or_default())));
    let form = el("form", "ask")
        .on("submit", submit)
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
        .add(settings(asking.settings))
        .add(el("div", "send").add(button).add(hint))
        .add(slot(move || group(refused.get().map(|error| notice(&error, move || refused.set(None))))));
    el("div", "asking").add(form).add(way(health))
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

/// Which models are asked.
#[derive(Clone, Copy)]
struct Picks {
    chosen: Memo<Vec<String>>,
    ticked: RwSignal<Option<Vec<String>>>,
}

/// One card a model, in it one box a number format: models come by name and dtype.
fn cards(offered: &[OfferedModel], picks: Picks) -> El {
    let same = |one: &OfferedModel, other: &OfferedModel| {
        one.model.name == other.model.name && one.model.weights == other.model.weights
    };
    el("div", "model-list").all(offered.chunk_by(same).filter_map(|of| {
        let model = &of.first()?.model;
        let size = display::plain(Quantity::Parameters, display::float(model.parameters));
        let random = if model.weights == Weights::Random { " · random weights" } else { "" };
        Some(
            el("div", "model")
                .set("role", "group")
                .set("aria-label", &model.name)
                .add(text("span", "model-name", &model.name))
                .add(text("span", "quiet", format!("{size}\u{a0}parameters{random}")))
                .add(el("div", "formats").all(of.iter().map(|each| format(each, picks)))),
        )
    }))
}

/// A model in one number format, to be ticked.
fn format(offered: &OfferedModel, Picks { chosen, ticked }: Picks) -> El {
    let model = &offered.model;
    let id = model.id.to_string();
    let (own, toggled) = (id.clone(), id.clone());
    let toggle = move |_| {
        let mut now = chosen.get_untracked();
        match now.iter().position(|each| *each == toggled) {
            Some(at) => drop(now.remove(at)),
            None => now.push(toggled.clone()),
        }
        ticked.set(Some(now));
    };
    let mut about: Vec<String> = model.quality.first().map(display::score).into_iter().collect();
    if offered.machines.is_empty() {
        about.push("no machine now: it will wait".to_owned());
    }
    let meaning: Vec<String> = model
        .quality
        .iter()
        .map(|quality| format!("{}: {} ({})", quality.benchmark, display::score(quality), quality.source))
        .collect();
    el("label", "format")
        .set("data-testid", "model-option")
        .set("title", &meaning.join("\n"))
        .add(
            el("input", "")
                .set("type", "checkbox")
                .set("value", &id)
                .hold("checked", move || JsValue::from_bool(chosen.with(|chosen| chosen.contains(&own))))
                .on("change", toggle),
        )
        .add(text("code", "", model.dtype.name()))
        .add(text("small", "", about.join(" · ")))
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

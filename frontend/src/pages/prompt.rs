//! The start: a text, the models to ask, one button. The rule that makes the server refuse disables the button.
//!
//! Must not: know a rule about prompts that `common` does not.

use common::api::models::{ListModels, Models};
use common::ids::ModelId;
use common::machine::OfferedModel;
use common::model::Weights;
use common::prompt::{Decoding, MAX_TEXT_CHARS, NewPrompt, Prompt, Task};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_navigate;
use std::sync::Arc;

use crate::api::{self, Error};
use crate::browser;
use crate::components::states::{empty, problem, skeleton};
use crate::display::{self, Quantity};
use crate::dom::{drawn, group};
use crate::pages::prompt_settings::{Settings, settings};
use crate::remote::{Remote, Source};
use crate::view::View;

/// Texts to start with: the bundled demo models know such questions.
const EXAMPLES: [(&str, &str); 5] = [
    ("Arithmetic", "What is 23 plus 45?"),
    ("A capital", "What is the capital of France?"),
    ("SQL", "Write SQL: all names from users where age is above 30."),
    ("Translation", "Translate to German: house"),
    ("A function", "Write a Python function that adds 3 to x."),
];

/// `/`
#[component]
pub(crate) fn PromptPage() -> impl IntoView {
    browser::set_title("Ask a model");
    let models = Source::new(ListModels);
    view! {
        <div class="page page-prompt">
            <div class="lead">
                <h1>"What does an answer cost?"</h1>
                <p>"Ask a language model. A machine that does nothing else meanwhile answers, and its energy is measured while it does."</p>
            </div>
            {move || match models.get() {
                Remote::Ready(models) => form(models),
                Remote::Loading => drawn(|| skeleton("the models")),
                Remote::Failed(error) => drawn(move || problem(&error, move || models.reload())),
            }}
        </div>
    }
}

fn form(models: Arc<Models>) -> AnyView {
    if models.models.is_empty() {
        return drawn(|| empty(
            "No machine is here yet",
            "Nobody can answer until a machine is enrolled and its worker has started. The README says how; results measured before are in the leaderboard.",
        ));
    }
    let text = RwSignal::new(View::current().with(|state| state.text.clone()));
    let chosen = RwSignal::new(models.models.first().map(|model| vec![model.id().to_string()]).unwrap_or_default());
    let task = RwSignal::new(Task::default());
    let decoding = RwSignal::new(Decoding::default());
    let (is_sending, set_sending) = signal(false);
    let refused = RwSignal::new(None::<Error>);
    let offered: Vec<ModelId> = models.models.iter().map(|model| model.id().clone()).collect();
    let new_prompt = move || NewPrompt {
        text: text.get(),
        models: chosen.get(),
        task: task.get(),
        decoding: decoding.get(),
    };
    let objection = Memo::new(move |_| Prompt::parse(new_prompt(), &offered).err());
    let navigate = use_navigate();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if objection.with_untracked(Option::is_some) || is_sending.get_untracked() {
            return;
        }
        set_sending.set(true);
        refused.set(None);
        let (request, navigate) = (untrack(new_prompt), navigate.clone());
        spawn_local(async move {
            match api::call(request).await {
                Ok(submitted) => navigate(&format!("/p/{}", submitted.prompt_id), Default::default()),
                Err(error) => {
                    refused.set(Some(error));
                    set_sending.set(false);
                }
            }
        });
    };
    let count = move || text.with(|text| text.chars().count());
    // An empty box is not a mistake yet: say what to do only once something else is wrong, or quietly.
    let hint_class = move || if text.with(String::is_empty) { "hint hint-quiet" } else { "hint" };
    view! {
        <form class="ask" on:submit=submit>
            <label class="ask-label" for="prompt-text">"Your prompt"</label>
            <textarea id="prompt-text" data-testid="prompt-text" rows="4" placeholder="Ask something short"
                aria-describedby="prompt-hint" prop:value=move || text.get()
                on:input=move |event| text.set(event_target_value(&event))></textarea>
            <div class="examples" role="group" aria-label="Examples">
                <span class="quiet">"Try"</span>
                {EXAMPLES
                    .map(|(name, example)| view! {
                        <button type="button" class="chip" title=example on:click=move |_| text.set(example.to_owned())>{name}</button>
                    })
                    .collect_view()}
                <span class="count" class:over=move || { count() > MAX_TEXT_CHARS }>
                    {move || format!("{} / {}", display::compact(u64::try_from(count()).unwrap_or(0)), display::compact(u64::try_from(MAX_TEXT_CHARS).unwrap_or(0)))}
                </span>
            </div>
            <fieldset class="models">
                <legend>"Models "<small>"pick one, or several to compare"</small></legend>
                <div class="model-list">
                    {models.models.iter().map(|model| option(model, chosen)).collect_view()}
                </div>
            </fieldset>
            {settings(Settings { task, decoding })}
            <div class="send">
                <button type="submit" class="primary" data-testid="submit"
                    disabled=move || is_sending.get() || objection.with(Option::is_some)>
                    {move || if is_sending.get() { "Sending…" } else { "Ask and measure" }}
                </button>
                <p id="prompt-hint" class=hint_class aria-live="polite">
                    {move || objection.with(|objection| objection.as_ref().map(|problem| problem.message.clone()))}
                </p>
            </div>
            {drawn(move || group(refused.get().map(|error| problem(&error, move || refused.set(None)))))}
        </form>
    }
    .into_any()
}

fn option(offered: &OfferedModel, chosen: RwSignal<Vec<String>>) -> AnyView {
    let model = &offered.model;
    let id = model.id.to_string();
    let (own, toggled) = (id.clone(), id.clone());
    let is_chosen = move || chosen.with(|chosen| chosen.contains(&own));
    let toggle = move |_| {
        chosen.update(|chosen| match chosen.iter().position(|each| *each == toggled) {
            Some(at) => drop(chosen.remove(at)),
            None => chosen.push(toggled.clone()),
        });
    };
    let parameters = display::plain(Quantity::Parameters, display::float(model.parameters));
    let quality = model.quality.first().map_or_else(
        || "quality unknown".to_owned(),
        |quality| format!("{} right", display::share(quality.score)),
    );
    let meaning = model.quality.first().map(|q| format!("{} of {} questions: {} ({})", display::share(q.score), q.n, q.benchmark, q.source));
    let away = offered.machines.is_empty();
    view! {
        <label class="model" data-testid="model-option" title=meaning>
            <input type="checkbox" value=id.clone() prop:checked=is_chosen on:change=toggle/>
            <span class="model-name">{model.name.clone()}</span>
            <span class="model-dtype">{model.dtype.name()}</span>
            <span class="model-facts">
                {format!("{parameters}\u{a0}parameters · {quality}")}
                {(model.weights == Weights::Random).then_some(" · random weights")}
                {away.then_some(" · no machine at the moment: it will wait")}
            </span>
        </label>
    }
    .into_any()
}

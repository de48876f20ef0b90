//! A submitted prompt: one card a model, followed until each has ended, and how they compare.
//!
//! Must not: rank; the comparison is of these runs only.

use common::api::prompts::{ForgetPrompt, GetPrompt, PromptView};
use common::api::runs::CancelRun;
use common::ids::PromptId;
use common::leaderboard::RunFigures;
use leptos::prelude::*;

use crate::api::{self, Error};
use crate::browser;
use crate::components::facts::quiet;
use crate::components::forget::forget;
use crate::components::run_card::{Card, called, run_card};
use crate::components::states::{notice, stale};
use crate::display;
use crate::dom::{El, drawn, el, group, text};
use crate::pages::following::Following;
use crate::pages::not_found::away;
use crate::record::{self, Comparable, Comparison};
use crate::remote::{Remote, Source};
use crate::view_state::encode;

/// Longest text that is put into a link to ask again.
const MAX_AGAIN_CHARS: usize = 1_500;
const FORGOTTEN: &str = "Question and answers are removed and runs that wait are taken back; figures that were measured stay, without any text.";

/// `/p/{prompt_id}`
pub(crate) fn answers(id: PromptId) -> AnyView {
    browser::set_title("Answers");
    let source = Source::new(GetPrompt { id });
    let is_over =
        move || source.ready().is_some_and(|prompt| prompt.runs.iter().all(|run| run.state.is_final()));
    let following = Following::prompt(id, source.asked(), move || untrack(is_over));
    let refused = RwSignal::new(None::<Error>);
    let ids = Memo::new(move |_| {
        source
            .ready()
            .map(|prompt| prompt.runs.iter().map(|run| run.id).collect::<Vec<_>>())
            .unwrap_or_default()
    });
    view! {
        <div class="page page-answers">
            {drawn(move || match source.get() {
                Remote::Ready(prompt) => group([asked(&prompt), stale(source)]),
                _ => away(source, "prompt", "Answers"),
            })}
            {drawn(move || group(refused.get().map(|error| notice(&error, move || refused.set(None)))))}
            <div aria-live="polite">{drawn(move || group(source.ready().and_then(|prompt| comparison(&prompt))))}</div>
            <For each=move || ids.get() key=|id| *id let:run_id>
                {card(source, following, run_id, refused)}
            </For>
            {drawn(move || group(source.ready().and_then(|_| forgetting(id, source, refused))))}
        </div>
    }
    .into_any()
}

/// Having it removed.
fn forgetting(id: PromptId, source: Source<PromptView>, refused: RwSignal<Option<Error>>) -> Option<El> {
    let act = move |secret| {
        api::call(&ForgetPrompt { id: Some(id), secret }, move |answer| match answer {
            Ok(()) => source.forget(),
            Err(error) => refused.set(Some(error)),
        });
    };
    forget("p", &id.to_string(), "Have this prompt forgotten", FORGOTTEN, act)
}

fn card(
    source: Source<PromptView>,
    following: Following,
    id: common::ids::RunId,
    refused: RwSignal<Option<Error>>,
) -> AnyView {
    let find = move || source.ready().and_then(|prompt| prompt.runs.iter().find(|run| run.id == id).cloned());
    let Some(first) = untrack(find) else { return ().into_any() };
    let run = Memo::new(move |_| find().unwrap_or_else(|| first.clone()));
    let cancel = Callback::new(move |()| {
        api::call(&CancelRun { id }, move |answer| {
            refused.set(answer.err());
            source.reload();
        });
    });
    run_card(Card { run, live: following.of(id), cancel, is_whole_page: false })
}

fn asked(prompt: &PromptView) -> El {
    let again: String = prompt.text.chars().take(MAX_AGAIN_CHARS).collect();
    let chance = if prompt.decoding.temperature == 0.0 {
        "greedy".to_owned()
    } else {
        format!("temperature {}, seed {}", prompt.decoding.temperature, prompt.decoding.seed)
    };
    let about = format!(
        "{} · at most {} tokens · {chance} · {} · ",
        display::task(prompt.task),
        prompt.decoding.max_output_tokens,
        display::instant(prompt.created_at)
    );
    el("div", "asked")
        .add(text("h1", "hidden", "Answers"))
        .add(text("blockquote", "", &prompt.text))
        .add(quiet(about).add(text("a", "", "Ask again").set("href", &format!("/?text={}", encode(&again)))))
}

/// Ratio first: how the answers' energies compare.
fn comparison(prompt: &PromptView) -> Option<El> {
    let comparable: Vec<Comparable> = prompt
        .runs
        .iter()
        .filter_map(|run| {
            let measurement = run.measurement.as_ref()?;
            let figures = RunFigures::of(&measurement.facts, None, None);
            Some(Comparable { name: called(&run.model), figures })
        })
        .collect();
    let (first, rest) = record::compare(&comparable)?;
    let lines = rest.into_iter().map(|comparison| match comparison {
        Comparison::Ratio { name, ratio } => el("li", "")
            .add(text("b", "", name))
            .text(" used ")
            .add(text("strong", "", display::ratio(ratio)))
            .text(" the energy of ")
            .add(text("b", "", &first))
            .text("."),
        Comparison::Apart { name } => el("li", "")
            .add(text("b", "", name))
            .text(" and ")
            .add(text("b", "", &first))
            .text(" cannot be compared: their figures have different labels or boundaries."),
    });
    Some(el("ul", "comparison").all(lines))
}

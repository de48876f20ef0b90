//! A submitted prompt: one card a model, followed until each has ended, and how they compare.
//!
//! Must not: rank; the comparison is of these runs only.

use common::api::prompts::{GetPrompt, PromptView};
use common::api::runs::{CancelRun, RunView};
use common::ids::PromptId;
use common::leaderboard::RunFigures;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use leptos_router::hooks::use_params_map;

use crate::api::{self, Error};
use crate::browser;
use crate::components::run_card::{Card, run_card};
use crate::components::states::{problem, skeleton};
use crate::display;
use crate::pages::following::Following;
use crate::pages::not_found::no_such;
use crate::record::{self, Comparable, Comparison};
use crate::remote::{Remote, Source};
use crate::view_state::encode;

/// Longest text that is put into a link to ask again.
const MAX_AGAIN_CHARS: usize = 1_500;

/// `/p/{prompt_id}`
#[component]
pub(crate) fn AnswersPage() -> impl IntoView {
    browser::set_title("Answers");
    let params = use_params_map();
    move || match params.with(|params| params.get("id")).and_then(|id| id.parse().ok()) {
        Some(id) => answers(id),
        None => no_such("prompt"),
    }
}

fn answers(id: PromptId) -> AnyView {
    let source = Source::new(GetPrompt { id });
    let is_over = move || source.ready().is_some_and(|prompt| prompt.runs.iter().all(|run| run.state.is_final()));
    let following = Following::prompt(id, move || source.reload(), move || untrack(is_over));
    let refused = RwSignal::new(None::<Error>);
    let ids = Memo::new(move |_| {
        source.ready().map(|prompt| prompt.runs.iter().map(|run| run.id).collect::<Vec<_>>()).unwrap_or_default()
    });
    let has_come = Memo::new(move |_| source.ready().is_some());
    view! {
        <div class="page page-answers">
            {move || match (has_come.get(), source.trouble()) {
                (true, Some(error)) => view! { <div class="stale">{problem(&error, move || source.reload())}</div> }.into_any(),
                (true, None) => ().into_any(),
                (false, _) => match source.get() {
                    Remote::Failed(Error::Refused(problem)) if problem.code.contains("not_found") => no_such("prompt"),
                    Remote::Failed(error) => problem(&error, move || source.reload()),
                    _ => skeleton("the prompt"),
                },
            }}
            {move || has_come.get().then(|| source.ready().map(|prompt| asked(&prompt))).flatten()}
            {move || refused.get().map(|error| problem(&error, move || refused.set(None)))}
            <div aria-live="polite">{move || source.ready().and_then(|prompt| comparison(&prompt))}</div>
            <For each=move || ids.get() key=|id| *id let:run_id>
                {card(source, following, run_id, refused)}
            </For>
        </div>
    }
    .into_any()
}

fn card(source: Source<PromptView>, following: Following, id: common::ids::RunId, refused: RwSignal<Option<Error>>) -> AnyView {
    let find = move || source.ready().and_then(|prompt| prompt.runs.iter().find(|run| run.id == id).cloned());
    let Some(first) = untrack(find) else { return ().into_any() };
    let run = Memo::new(move |_| find().unwrap_or_else(|| first.clone()));
    let cancel = Callback::new(move |()| {
        spawn_local(async move {
            if let Err(error) = api::call(CancelRun { id }).await {
                refused.set(Some(error));
            }
            source.reload();
        });
    });
    run_card(Card { run, live: following.of(id), cancel, is_whole_page: false })
}

fn asked(prompt: &PromptView) -> AnyView {
    let again: String = prompt.text.chars().take(MAX_AGAIN_CHARS).collect();
    let chance = if prompt.decoding.temperature == 0.0 {
        "greedy".to_owned()
    } else {
        format!("temperature {}, seed {}", prompt.decoding.temperature, prompt.decoding.seed)
    };
    view! {
        <div class="asked">
            <h1 class="hidden">"Answers"</h1>
            <blockquote>{prompt.text.clone()}</blockquote>
            <p class="quiet">
                {format!(
                    "{} · at most {} tokens · {chance} · {}",
                    display::task(prompt.task),
                    prompt.decoding.max_output_tokens,
                    display::instant(prompt.created_at)
                )}
                " · "<A href=format!("/?text={}", encode(&again))>"Ask again"</A>
            </p>
        </div>
    }
    .into_any()
}

fn called(run: &RunView) -> String {
    format!("{} {}", run.model.name, run.model.dtype)
}

/// Ratio first: how the answers' energies compare.
fn comparison(prompt: &PromptView) -> Option<AnyView> {
    let comparable: Vec<Comparable> = prompt
        .runs
        .iter()
        .filter_map(|run| {
            let measurement = run.measurement.as_ref()?;
            let asked = &measurement.prompt;
            let figures = RunFigures::of(&measurement.facts, asked.kind, asked.expected.as_deref());
            Some(Comparable { name: called(run), figures })
        })
        .collect();
    let (first, rest) = record::compare(&comparable)?;
    let lines = rest
        .into_iter()
        .map(|comparison| match comparison {
            Comparison::Ratio { name, ratio } => view! {
                <li><b>{name}</b>" used "<strong>{display::ratio(ratio)}</strong>" the energy of "<b>{first.clone()}</b>"."</li>
            }
            .into_any(),
            Comparison::Apart { name } => view! {
                <li><b>{name}</b>" and "<b>{first.clone()}</b>" cannot be compared: their figures have different labels or boundaries."</li>
            }
            .into_any(),
        })
        .collect_view();
    Some(view! { <ul class="comparison">{lines}</ul> }.into_any())
}

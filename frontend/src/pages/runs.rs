//! The runs that everybody may see, newest first: filters in the address, page after page.
//!
//! Must not: show a private run (the server lists none).

use std::sync::Arc;

use common::api::machines::{ListMachines, Machines};
use common::api::models::{ListModels, Models};
use common::api::parameter::query;
use common::api::runs::{ListRuns, RunPage};
use common::api::{BASE, Endpoint as _};
use common::meter::Label;
use common::model::Dtype;
use common::prompt::{Kind, Origin, Task};
use common::run::RunState;
use common::verdict::Grade;
use leptos::prelude::*;

use crate::api::{self, Error};
use crate::browser;
use crate::components::controls::{any_of, pick};
use crate::components::ground::lead;
use crate::components::run_table::run_table;
use crate::components::states::{leading, notice, problem, skeleton, stale, unasked};
use crate::display;
use crate::dom::{El, drawn, el, group, page, slot, text};
use crate::events::{self, About, Kept};
use crate::pace::{Ask, Pace};
use crate::remote::{Remote, Source};
use crate::view::View;
use crate::view_state::{Choice, Page, ViewState};

/// Each change of the queue is told.
const PACE: Pace = Pace { soonest: 2, told: None, untold: 10 };

/// `/runs`
pub(crate) fn runs() -> AnyView {
    browser::set_title("Runs");
    let view = View::current();
    let (machines, models) = (Source::new(ListMachines::default()), Source::new(ListModels::default()));
    let start = || {
        lead(
            "Runs",
            "What campaigns asked, and what people asked and let everybody see. Each opens to its record.",
        )
    };
    let bar = move || {
        let state = view.get();
        let (machines, models) = (machines.ready(), models.ready());
        group([
            el("div", "filters").all(filters(&state, machines.as_deref(), models.as_deref())),
            files(&wanted(&state)),
        ])
    };
    let request = Memo::new(move |_| wanted(&view.get()));
    let list = view! { <div class="page">{move || list_of_runs(request.get())}</div> }.into_any();
    page("page", vec![drawn(start), drawn(bar), list])
}

/// What a view asks of the server.
fn wanted(state: &ViewState) -> ListRuns {
    ListRuns {
        state: state.run_state,
        model: state.model.as_ref().and_then(|id| id.parse().ok()),
        machine: state.machine.as_ref().and_then(|name| name.parse().ok()),
        dtype: state.dtype,
        task: state.task,
        kind: state.kind,
        origin: state.origin,
        campaign: state.campaign.clone(),
        label: state.label,
        verdict: state.verdict,
        ..ListRuns::default()
    }
}

/// Names the list in links.
const LIST: &str = "runs";

/// How many pages of it a view shows.
fn pages_of(state: &ViewState) -> usize {
    state.page.as_ref().filter(|page| page.list == LIST).map_or(1, |page| page.number)
}

/// A list that filters, and begins anew where it does.
fn filter(
    name: &str,
    options: Vec<(String, String)>,
    now: &str,
    write: impl Fn(&mut ViewState, &str) + 'static,
) -> El {
    pick(name, options, now, move |state, value| {
        write(state, value);
        state.page = None;
    })
}

/// A page of runs and, when they are asked for, the ones after it.
pub(crate) fn list_of_runs(request: ListRuns) -> AnyView {
    let source = Source::new(request.clone());
    let further = RwSignal::new(Vec::<Arc<RunPage>>::new());
    let (is_asking, refused) = (RwSignal::new(false), RwSignal::new(None::<Error>));
    // Once further pages are there, the first one stays as it is: lines would come twice.
    let is_over = move || further.with_untracked(|further| !further.is_empty());
    let kept = Kept { watched: String::new(), sources: vec![source.asked()], pace: PACE, is_over };
    events::keep_up(kept, |about| if matches!(about, About::Board) { Ask::Soon } else { Ask::Not });
    let request = StoredValue::new(request);
    let view = View::current();
    // The address says how many pages are shown; those that are missing are asked for one after the other.
    Effect::new(move |_| {
        let last = further.with(|pages| pages.last().cloned()).or_else(|| source.ready());
        let Some(after) = last.and_then(|page| page.next.clone()) else { return };
        let is_wanted = further.with(Vec::len) + 1 < view.with(pages_of);
        if !is_wanted || is_asking.get_untracked() || refused.with(Option::is_some) {
            return;
        }
        is_asking.set(true);
        let request = ListRuns { after: Some(after), ..request.get_value() };
        api::call(&request, move |answer| {
            is_asking.set(false);
            match answer {
                Ok(page) => further.update(|pages| pages.push(Arc::new(page))),
                Err(error) => refused.set(Some(error)),
            }
        });
    });
    let show = move |number: usize| {
        view.change(|state| state.page = (number > 1).then(|| Page { list: LIST.to_owned(), number }));
        refused.set(None);
    };
    let list = move || match source.get() {
        Remote::Loading => skeleton("the runs"),
        Remote::Failed(error) => problem(&error, move || source.reload()),
        Remote::Ready(first) if first.runs.is_empty() && first.next.is_none() => {
            let is_all = request
                .with_value(|request| *request == ListRuns { limit: request.limit, ..ListRuns::default() });
            if is_all {
                nothing_yet()
            } else {
                leading("No run fits", "Take a filter back to see more.", ("All runs", "/runs"))
            }
        }
        Remote::Ready(first) => {
            let shown_further = further.get();
            let pages = || std::iter::once(&first).chain(&shown_further);
            let next = pages().last().and_then(|page| page.next.as_ref());
            let table = run_table(pages().flat_map(|page| &page.runs).collect::<Vec<_>>().into_iter());
            let shown = pages().map(|page| page.runs.len()).sum::<usize>();
            group([stale(source), table]).add(
                el("div", "pager")
                    .maybe(next.map(|_| {
                        text("button", "", "Show more")
                            .set("type", "button")
                            .set("id", "more-runs")
                            .bind("disabled", move || is_asking.get().then(String::new))
                            .on("click", move |_| show(further.with_untracked(Vec::len) + 2))
                    }))
                    .add(
                        text(
                            "span",
                            "quiet",
                            format!(
                                "{shown} runs shown{}",
                                if next.is_none() { ", all there are" } else { "" }
                            ),
                        )
                        .set("aria-live", "polite"),
                    )
                    .add(slot(move || {
                        group(
                            refused.get().map(|error| {
                                notice(&error, move || show(further.with_untracked(Vec::len) + 1))
                            }),
                        )
                    })),
            )
        }
    };
    drawn(list)
}

fn nothing_yet() -> El {
    unasked(
        "Nothing to see yet",
        "Prompts are private unless whoever asks says otherwise. Queue a campaign, or ask something and let everybody see it.",
    )
}

/// The lists to pick from; those of machines and models as soon as they are known.
fn filters(state: &ViewState, machines: Option<&Machines>, models: Option<&Models>) -> Vec<El> {
    fn choices<C: Choice>(now: Option<C>) -> (Vec<(String, String)>, &'static str) {
        let options = any_of(C::ALL.iter().map(|choice| (choice.name(), choice.name().to_owned())));
        (options, now.map(Choice::name).unwrap_or_default())
    }
    let (states, run_state) = choices::<RunState>(state.run_state);
    let (grades, verdict) = choices::<Grade>(state.verdict);
    let (labels, label) = choices::<Label>(state.label);
    let (origins, origin) = choices::<Origin>(state.origin);
    let tasks = any_of(Task::WORDED.map(|task| (task.name(), display::task(task).to_owned())));
    let kinds = any_of(Kind::ALL.map(|kind| (kind.name(), display::kind(kind).to_owned())));
    let dtypes = any_of(Dtype::ALL.map(|dtype| (dtype.name(), dtype.name().to_owned())));
    let known = |now: &Option<String>, mut all: Vec<(String, String)>| {
        // What a link asks for stays to be picked, whether it is known or not.
        if let Some(now) = now.as_ref().filter(|now| all.iter().all(|(name, _)| name != *now)) {
            all.push((now.clone(), now.clone()));
        }
        any_of(all.iter().map(|(name, called)| (name.as_str(), called.clone())))
    };
    let machines = machines.map(|list| &list.machines).into_iter().flatten();
    let machines =
        known(&state.machine, machines.map(|m| (m.name.to_string(), m.name.to_string())).collect());
    let models = models.map(|list| &list.models).into_iter().flatten();
    let models = known(
        &state.model,
        models.map(|m| (m.id().to_string(), format!("{} {}", m.model.name, m.model.dtype))).collect(),
    );
    let now = |value: &Option<String>| value.clone().unwrap_or_default();
    let some = |value: &str| (!value.is_empty()).then(|| value.to_owned());
    let mut bar = vec![
        filter("State", states, run_state, |state, value| state.run_state = RunState::named(value)),
        filter("Verdict", grades, verdict, |state, value| state.verdict = Grade::named(value)),
        filter("Label", labels, label, |state, value| state.label = Label::named(value)),
        filter("Model", models, &now(&state.model), move |state, value| state.model = some(value)),
        filter("Machine", machines, &now(&state.machine), move |state, value| state.machine = some(value)),
        filter("Format", dtypes, state.dtype.map(Dtype::name).unwrap_or_default(), |state, value| {
            state.dtype = value.parse().ok();
        }),
        filter("Task", tasks, state.task.map(Task::name).unwrap_or_default(), |state, value| {
            state.task = value.parse().ok();
        }),
        filter("Kind", kinds, state.kind.map(Kind::name).unwrap_or_default(), |state, value| {
            state.kind = value.parse().ok();
        }),
        filter("Asked by", origins, origin, |state, value| state.origin = Origin::named(value)),
    ];
    if let Some(campaign) = &state.campaign {
        let only = any_of([(campaign.as_str(), campaign.clone())]);
        bar.push(filter("Campaign", only, campaign, move |state, value| state.campaign = some(value)));
    }
    bar
}

/// What is shown, as files of the server.
fn files(request: &ListRuns) -> El {
    let query = query(&ListRuns { limit: Some(200), ..request.clone() });
    let link = |name: &str, ending: &str| {
        text("a", "button", name)
            .set("href", &format!("{BASE}{}.{ending}?{query}", ListRuns::ROUTE))
            .set("rel", "external")
            .set("download", &format!("jouleboard-runs.{ending}"))
    };
    el("div", "download bar-end")
        .set("role", "group")
        .set("aria-label", "Download the newest 200 of these runs")
        .add(link("CSV", "csv"))
        .add(link("JSON", "json"))
        .add(link("Parquet", "parquet"))
}

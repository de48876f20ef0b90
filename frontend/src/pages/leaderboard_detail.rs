//! What a row stands on: every figure with its interval, the boundary, the instruments, the grid.
//!
//! Must not: rank.

use common::api::machines::Machines;
use common::stats::Moments;
use leptos::prelude::*;

use crate::components::facts::{Fact, facts};
use crate::components::run_facts::meter_card;
use crate::components::run_result::{grid_sentence, share_bar};
use crate::display::{self, MISSING, Quantity};
use crate::figures::{Figure, Line};
use crate::remote::{Remote, Source};
use crate::view_state::{Per, ViewState};

/// Draws the detail of a row.
pub(crate) fn detail(line: &Line, machines: Source<Machines>) -> AnyView {
    let key = &line.row.key;
    let sums = &line.row.sums;
    let name = line.machine.name.clone();
    let measured = |quantity: Quantity, moments: Moments, name: &str, definition: &str| {
        let value = moments.estimate().map_or_else(
            || MISSING.to_owned(),
            |estimate| display::figure(quantity, estimate.mean, estimate.half_width).with_spread(),
        );
        Fact::new(name, value, definition).remark(format!("n = {}", display::compact(moments.n)))
    };
    let per = |per: Per| {
        let state = ViewState { per, ..ViewState::default() };
        let value = Figure::Energy.of(line, &state).map_or_else(
            || MISSING.to_owned(),
            |estimate| display::figure(Quantity::Joules, estimate.mean, estimate.half_width).with_spread(),
        );
        (value, Figure::Energy.definition(&state))
    };
    let (token, token_means) = per(Per::OutputToken);
    let (right, right_means) = per(Per::CorrectAnswer);
    let power = line.row.power().map_or_else(
        || MISSING.to_owned(),
        |estimate| display::figure(Quantity::Watts, estimate.mean, estimate.half_width).with_spread(),
    );
    let sci = line.sci().map(|sci| {
        let total = sci.total().grams();
        let share = if total > 0.0 { sci.operational.grams() / total } else { 0.0 };
        view! {
            <p><b>"SCI per response: "</b>{display::plain(Quantity::Grams, total)}</p>
            {share_bar(share, sci.operational.grams(), sci.embodied.grams())}
        }
    });
    view! {
        <div class="detail-in">
            {facts(vec![
                measured(Quantity::Joules, sums.energy_j, "Energy per response", "Inside the boundary, idle share included; 95 % interval of the mean."),
                measured(Quantity::Joules, sums.net_energy_j, "Less idle power", "The same without what the machine draws while it does nothing."),
                Fact::new("Per output token", token, token_means),
                Fact::new("Per correct answer", right, right_means),
                Fact::new("Mean power", power, "All energy over all time."),
                measured(Quantity::Joules, sums.accelerator_energy_j, "Accelerators", "Accelerator boards alone."),
                measured(Quantity::Joules, sums.cpu_energy_j, "Processor", "Processor packages alone."),
                measured(Quantity::Seconds, sums.latency_s, "Latency", "Start of prefill to the last token."),
                measured(Quantity::Seconds, sums.ttft_s, "First token", "Start of prefill to the first token."),
                measured(Quantity::Seconds, sums.tpot_s, "Per token after it", "Time per output token after the first."),
                measured(Quantity::Tokens, sums.prompt_tokens, "Tokens read", "System prompt, template and text."),
                measured(Quantity::Tokens, sums.output_tokens, "Tokens written", "The stop token not counted."),
            ])}
            <div class="columns">
                <section class="list">
                    <h3>"Stands on"</h3>
                    <dl>
                        {[
                            ("Model", key.model_id.to_string()),
                            ("Boundary", display::boundary(key.boundary).to_owned()),
                            ("Label", display::label(key.label).to_owned()),
                            ("Runs", format!("{}, of these {} with remarks", display::compact(sums.runs), display::compact(sums.flagged_runs))),
                            ("Left out", format!("{} (verdict redo or rejected)", display::compact(sums.excluded_runs))),
                            ("Asked by", display::origin(key.origin).to_owned()),
                            ("Batch", key.batch.to_string()),
                            ("Engine", key.engine_version.clone()),
                            ("Method", format!("version {}", key.method_version)),
                        ].map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> }).collect_view()}
                    </dl>
                </section>
                <section class="list">
                    <h3>"Instruments"</h3>
                    {move || match machines.get() {
                        Remote::Loading => view! { <p class="quiet">"Loading…"</p> }.into_any(),
                        Remote::Failed(_) => view! { <p class="quiet">"The machines could not be fetched."</p> }.into_any(),
                        Remote::Ready(machines) => {
                            let machine = machines.machines.iter().find(|machine| machine.name == name);
                            let cards = machine.and_then(|machine| machine.announcement.as_ref()).map(|said| said.meters.iter().map(meter_card).collect_view());
                            cards.map_or_else(|| view! { <p class="quiet">"This machine has not described its instruments lately."</p> }.into_any(), IntoAny::into_any)
                        }
                    }}
                </section>
                <section class="list">
                    <h3>"Emissions"</h3>
                    {sci}
                    <p class="quiet">{line.grid.as_deref().map_or_else(|| "The intensity of this zone is not known.".to_owned(), grid_sentence)}</p>
                </section>
            </div>
        </div>
    }
    .into_any()
}

//! What campaigns are and what they have cost.
//!
//! Must not: compute a cost (that is `common::cost`), or show money without its price.

use common::api::BASE;
use common::api::campaigns::{Campaign, Campaigns};
use common::cost::Cost;
use common::run::RunState;

use super::badge::label_badge;
use super::facts::quiet;
use super::table::{head, number, row_head, table};
use crate::display::{self, Quantity};
use crate::dom::{El, el, group, text};
use crate::view_state::ViewState;

/// A line for each campaign, or nothing where there is none.
pub(crate) fn bills(campaigns: &Campaigns) -> El {
    if campaigns.campaigns.is_empty() {
        return group([]);
    }
    let numbers =
        ["Measured", "Machine time", "Energy", "Emissions", "Money"].map(|title| head("num", title));
    let forms = [("CSV", "csv"), ("JSON", "json"), ("Parquet", "parquet")].map(|(label, ending)| {
        text("a", "button", label)
            .set("href", &format!("{BASE}/campaigns.{ending}"))
            .set("rel", "external")
            .set("download", &format!("jouleboard-campaigns.{ending}"))
    });
    el("section", "campaigns")
        .add(
            el("div", "bar")
                .add(text("h2", "", "Campaigns and what they have cost"))
                .add(el("div", "download bar-end").all(forms)),
        )
        .add(quiet(
            "Everything counts here: the windows, and the loading, cooling, idling and warming up around them. None of the \
             latter is charged to a prompt.",
        ))
        .add(table(
            "campaigns",
            "",
            "What each campaign has cost so far",
            [head("", "Campaign")].into_iter().chain(numbers),
            campaigns.campaigns.iter().map(line),
        ))
}

fn line(campaign: &Campaign) -> El {
    let cost = &campaign.cost;
    let open = campaign.queued_runs + campaign.leased_runs;
    let all = open + campaign.measured_runs + campaign.failed_runs + campaign.cancelled_runs;
    let energy = display::plain(Quantity::Joules, cost.energy.joules());
    let money = campaign.price.as_ref().zip(campaign.money).map_or_else(
        || "no price".to_owned(),
        |(price, money)| {
            let money = display::plain(Quantity::Plain, money);
            format!("{money} {} at {} a kWh", price.currency, price.per_kwh)
        },
    );
    el("tr", "")
        .add(row_head(&campaign.name).add(text("small", "", &campaign.about)))
        .add(
            number(format!(
                "{} of {}{}",
                display::compact(campaign.measured_runs),
                display::compact(all),
                if open == 0 { "" } else { ", going on" }
            ))
            .maybe(failed(campaign)),
        )
        .add(number(display::span(cost.machine_time)))
        .add(
            number(if cost.runs_without_energy == 0 {
                energy
            } else {
                format!("{energy}, without {} runs", display::compact(cost.runs_without_energy))
            })
            .add(el("small", "").all(cost.labels.iter().map(|label| label_badge(*label, false))))
            .maybe(sums(cost)),
        )
        .add(number(display::plain(Quantity::Grams, cost.carbon.grams())))
        .add(number(money))
}

/// What the energy of a bill sums; whether it adds up figures of several labels.
fn sums(cost: &Cost) -> Option<El> {
    let boundaries: Vec<&str> = cost.boundaries.iter().map(|each| display::boundary(*each)).collect();
    let several = if cost.labels.len() > 1 { "; added up over labels, for the bill only" } else { "" };
    (!boundaries.is_empty()).then(|| text("small", "", format!("{}{several}", boundaries.join(" or "))))
}

/// How many could not be measured, with the list that says why; a grid holds lengths that not every model can read.
fn failed(campaign: &Campaign) -> Option<El> {
    let to = ViewState {
        campaign: Some(campaign.name.clone()),
        run_state: Some(RunState::Failed),
        ..ViewState::default()
    };
    let said = format!("{} failed", display::compact(campaign.failed_runs));
    (campaign.failed_runs > 0)
        .then(|| text("a", "", said).set("href", &format!("/runs{}", to.query())))
        .map(|link| el("small", "").add(link))
}

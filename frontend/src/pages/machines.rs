//! The machines, and each on a page of its own with its runs.
//!
//! Must not: tell which private run a machine has; whoever knows a run may read its answer.

use common::api::campaigns::ListCampaigns;
use common::api::machines::{GetMachine, ListMachines, Machines};
use common::api::runs::ListRuns;
use common::ids::MachineName;
use common::machine::Machine;
use leptos::prelude::*;

use crate::api::Error;
use crate::browser;
use crate::components::campaigns::bills;
use crate::components::facts::{Fact, facts};
use crate::components::ground::lead;
use crate::components::machine_card::machine_card;
use crate::components::states::{fetched, leading, problem, skeleton, stale, unmanned};
use crate::display;
use crate::dom::{El, drawn, el, group, page, text};
use crate::events::{self, About};
use crate::pace::Pace;
use crate::pages::runs::list_of_runs;
use crate::remote::{Remote, Source};
use crate::view::View;

/// When a machine was heard of last, and what the meter at its socket says, is told by no event.
const PACE: Pace = Pace { soonest: 1, told: Some(10), untold: 5 };

/// The queue is part of what is shown.
const CHANGES: &[About] = &[About::Machine, About::Board];

/// `/machines`
pub(crate) fn machines() -> AnyView {
    browser::set_title("Machines");
    let source = Source::new(ListMachines::default());
    let campaigns = Source::new(ListCampaigns);
    events::keep_up_with_all(vec![source.asked(), campaigns.asked()], PACE, CHANGES);
    let start = || {
        lead(
            "Machines",
            "Each does one thing at a time. Before a measurement it waits until it is calm and cool.",
        )
    };
    let campaigns = fetched(campaigns, "the campaigns", |campaigns| bills(&campaigns));
    page(
        "page",
        vec![drawn(start), fetched(source, "the machines", |machines| list_of(&machines)), campaigns],
    )
}

fn list_of(machines: &Machines) -> El {
    if machines.machines.is_empty() {
        return unmanned(
            "No machine is enrolled",
            "An operator enrols one and starts its worker with the token that is printed. The README says how.",
        );
    }
    let queue = facts(&[
        Fact::new("Waiting", display::compact(machines.queued_runs), "Runs that no machine has taken yet."),
        Fact::new("In work", display::compact(machines.leased_runs), "Runs that a machine has now."),
    ]);
    let view = View::current();
    group([queue]).all(machines.machines.iter().map(|machine| {
        let link = text("a", "", machine.name.as_str())
            .set("href", &view.link(&format!("/machines/{}", machine.name)));
        machine_card(machine, el("h2", "").add(link))
    }))
}

/// `/machines/{name}`
pub(crate) fn machine(name: MachineName) -> AnyView {
    browser::set_title(name.as_str());
    let source = Source::new(GetMachine { name: name.clone() });
    events::keep_up_with_all(vec![source.asked()], PACE, CHANGES);
    let heading = name.clone();
    let card = move || match source.get() {
        Remote::Loading => group([text("h1", "", heading.as_str()), skeleton("the machine")]),
        Remote::Failed(Error::Refused(problem)) if problem.code == "not_found" => {
            group([text("h1", "", heading.as_str()), gone()])
        }
        Remote::Failed(error) => {
            group([text("h1", "", heading.as_str()), problem(&error, move || source.reload())])
        }
        Remote::Ready(machine) => group([stale(source), alone(&machine)]),
    };
    let runs = ListRuns { machine: Some(name), limit: Some(20), ..ListRuns::default() };
    let below = || {
        el("div", "lead").add(text("h2", "", "Its runs")).add(text(
            "p",
            "quiet",
            "Those that everybody may see: of campaigns, and of people who said so. Newest first.",
        ))
    };
    page("page", vec![drawn(card), drawn(below), list_of_runs(runs)])
}

fn alone(machine: &Machine) -> El {
    machine_card(machine, text("h1", "", machine.name.as_str()))
}

/// Nothing but its records is left of it.
fn gone() -> El {
    leading(
        "It is not enrolled",
        "No machine of this name is enrolled now. If one was, its records stay: they are listed below.",
        ("See the machines", "/machines"),
    )
}

//! The route table: for each call of `common::api` one line that ties its handler to its method, its
//! route and its place in the OpenAPI document, so that none of them can drift.
//!
//! Must not: do what a handler does, or know how a document is written (that is `document`).

use std::collections::BTreeMap;

use actix_web::http::Method;
use actix_web::web;
use actix_web::{FromRequest, Handler, Resource, Route};
use common::api::Endpoint;
use common::api::parameter::Parameter;
use common::lease::Lease;
use serde_json::Value;
use utoipa::ToSchema;

use crate::answer::Answer;
use crate::document::{About, Access, Call, Named, Returns};
use crate::error::ApiError;
use crate::input::{MAX_BODY, json_config, wrong_method};
use crate::sheet::{ENDINGS, Sheet};
use crate::{document, routes};

/// Most bytes of a report, which holds all traces of a Run.
const MAX_REPORT: usize = 16 << 20;

struct Line {
    limit: usize,
    make: Box<dyn Fn() -> Route>,
    call: Call,
}

/// All calls.
#[derive(Default)]
pub(crate) struct Table(Vec<Line>);

const INVALID: (u16, &str) = (422, "A field is not as it must be; the problem names it.");
const MALFORMED: (u16, &str) = (400, "The body is not JSON.");
const TOO_LARGE: (u16, &str) = (413, "The body is too large.");
const NOT_JSON: (u16, &str) = (415, "The body does not say that it is JSON.");
const MISSING: (u16, &str) = (404, "There is none with this id.");
const NOT_MEASURED: (u16, &str) = (404, "There is none with this id, or it is not measured.");
const GONE: (u16, &str) = (410, "Its submitter had it forgotten.");
const QUERY: &[(u16, &str)] = &[(400, "The query cannot be read.")];
const SUBMIT: &[(u16, &str)] =
    &[MALFORMED, TOO_LARGE, NOT_JSON, INVALID, (409, "No machine is here: there is only browsing.")];
const FORGET: &[(u16, &str)] =
    &[MALFORMED, TOO_LARGE, NOT_JSON, INVALID, GONE, (404, "There is none with this id and secret.")];
const VOTE: &[(u16, &str)] = &[
    MALFORMED,
    TOO_LARGE,
    NOT_JSON,
    INVALID,
    MISSING,
    GONE,
    (409, "It was answered before, or cannot be answered yet."),
];
const CANCEL: &[(u16, &str)] = &[
    MISSING,
    GONE,
    (403, "Everybody can see the run, but another client asked for it."),
    (409, "The run has ended already."),
];
/// A table's routes, one a form; the one without an ending is JSON, where it is no call of its own.
type Routes = &'static [&'static str];
const LEADERBOARD: Routes = &["/leaderboard.csv", "/leaderboard.json", "/leaderboard.parquet"];
const RUNS: Routes = &["/runs.csv", "/runs.json", "/runs.parquet"];
const MEASUREMENTS: Routes = &["/measurements.csv", "/measurements.json", "/measurements.parquet"];
const MACHINES: Routes = &["/machines.csv", "/machines.json", "/machines.parquet"];
const MODELS: Routes = &["/models.csv", "/models.json", "/models.parquet"];
const CARBON: Routes = &["/carbon.csv", "/carbon.json", "/carbon.parquet"];
const CAMPAIGNS: Routes = &["/campaigns.csv", "/campaigns.json", "/campaigns.parquet"];
const CARBON_HOURS: Routes = &["/carbon/hours.csv", "/carbon/hours.json", "/carbon/hours.parquet"];
const QUALITY: Routes = &["/quality.csv", "/quality.json", "/quality.parquet"];
const POWER_TRACE: Routes = &[
    "/runs/{id}/power_trace",
    "/runs/{id}/power_trace.csv",
    "/runs/{id}/power_trace.json",
    "/runs/{id}/power_trace.parquet",
];
const BODY: &[(u16, &str)] = &[MALFORMED, TOO_LARGE, NOT_JSON, INVALID];
const LEASE: &[(u16, &str)] = &[
    MALFORMED,
    TOO_LARGE,
    NOT_JSON,
    INVALID,
    (404, "The machine never had this lease."),
    (409, "The lease is not current any more: drop the run."),
];

const fn open(summary: &'static str, refusals: &'static [(u16, &'static str)]) -> About {
    About { summary, access: Access::Open, refusals, query: &[] }
}

/// A list, with what its query may hold.
const fn list(summary: &'static str, query: &'static [Parameter]) -> About {
    About { summary, access: Access::Open, refusals: QUERY, query }
}

const fn machine(summary: &'static str, refusals: &'static [(u16, &'static str)]) -> About {
    About { summary, access: Access::Machine, refusals, query: &[] }
}

impl Table {
    /// One line a call.
    #[rustfmt::skip]
    pub(crate) fn of_all() -> Self {
        use common::api::machines::ListMachines;
        use common::api::measurements::ListMeasurements;
        use common::api::models::ListModels;
        use common::api::runs::ListRuns;
        use common::api::{battles, campaigns, carbon, health, leaderboard, machines, prompts, quality, runs};
        use routes as to;
        Self::default()
            .taking(MAX_BODY, to::prompts::submit, open("Queue a prompt on one or more models.", SUBMIT))
            .plain::<prompts::GetPrompt, _, _>(to::prompts::get, open("A prompt and how its runs stand.", &[MISSING, GONE]))
            .plain::<ListRuns, _, _>(to::runs::list, list("Runs that everybody may see, a page at a time, newest first.", ListRuns::PARAMETERS))
            .sheet(RUNS, "Runs", to::files::runs, list("A page of runs, as a table.", ListRuns::PARAMETERS))
            .plain::<runs::GetRun, _, _>(to::runs::get, open("A run with everything known of it.", &[MISSING, GONE]))
            .plain::<runs::CancelRun, _, _>(to::runs::cancel, open("Take a run back.", CANCEL))
            .taking(MAX_BODY, to::prompts::forget, open("Remove what was asked and answered for good.", FORGET)).nothing()
            .sheet(POWER_TRACE, "GetPowerTrace", to::files::power_trace, open("All power readings of a measured run, as a table.", &[NOT_MEASURED, GONE]))
            .plain::<ListMeasurements, _, _>(to::measurements::list, list("Measurements that everybody may see, a page at a time, newest first.", ListMeasurements::PARAMETERS))
            .sheet(MEASUREMENTS, "Measurements", to::files::measurements, list("A page of measurements, as a table.", ListMeasurements::PARAMETERS))
            .plain::<ListModels, _, _>(to::models::list, list("The models on offer.", ListModels::PARAMETERS))
            .plain::<ListMachines, _, _>(to::machines::list, list("Every enrolled machine and the queue.", ListMachines::PARAMETERS))
            .plain::<machines::GetMachine, _, _>(to::machines::get, open("One enrolled machine.", &[(404, "No machine of this name is enrolled.")]))
            .plain::<leaderboard::GetLeaderboard, _, _>(to::leaderboard::get, open("All sums of the ranking, with their models, machines and zones.", &[]))
            .plain::<leaderboard::GetProfiles, _, _>(to::leaderboard::profiles, open("The same sums with times and energies by the lengths of prompts and answers.", &[]))
            .sheet(LEADERBOARD, "Leaderboard", to::files::leaderboard, open("All sums of the ranking, as a table.", &[]))
            .sheet(MODELS, "Models", to::files::models, list("The models on offer, as a table.", ListModels::PARAMETERS))
            .sheet(MACHINES, "Machines", to::files::machines, list("Every enrolled machine, as a table.", ListMachines::PARAMETERS))
            .sheet(CARBON, "Carbon", to::files::carbon, open("How clean the power of each zone is, as a table.", &[]))
            .plain::<campaigns::ListCampaigns, _, _>(to::campaigns::list, open("Every campaign, how far it is and what it has cost.", &[]))
            .sheet(CAMPAIGNS, "Campaigns", to::files::campaigns, open("Every campaign, as a table.", &[]))
            .plain::<carbon::ListIntensities, _, _>(to::carbon::list, open("How clean the power of each zone is.", &[]))
            .plain::<carbon::ListHours, _, _>(to::carbon::hours, open("What live sources said of the last two days, and how they stand.", &[]))
            .sheet(CARBON_HOURS, "CarbonHours", to::files::carbon_hours, open("What live sources said of the last two days, as a table.", &[]))
            .plain::<quality::ListQuality, _, _>(to::quality::list, open("Scores of models on public benchmarks, with where they come from.", &[]))
            .sheet(QUALITY, "Quality", to::files::quality, open("Scores of models on public benchmarks, as a table.", &[]))
            .taking(MAX_BODY, to::battles::start, open("Ask two hidden models, drawn by chance.", SUBMIT))
            .plain::<battles::ListBattles, _, _>(to::battles::list, open("All votes on battles, without what was asked.", &[]))
            .plain::<battles::GetBattle, _, _>(to::battles::get, open("A battle, as far as it may be told.", &[MISSING, GONE]))
            .taking(MAX_BODY, to::battles::forget, open("Remove what was asked and answered in a battle for good; its vote stays.", FORGET)).nothing()
            .taking(MAX_BODY, to::battles::vote, open("Say which answer is better, once.", VOTE))
            .taking(MAX_BODY, to::battles::say_worth, open("Say whether the better answer was worth more energy, once.", VOTE))
            .plain::<health::GetHealth, _, _>(to::health::get, open("Whether the service is well.", &[]))
            .taking(MAX_BODY, to::leases::announce, machine("A worker started and describes its machine.", BODY))
            .taking(MAX_BODY, to::leases::ask, machine("Ask for work; waits for some, 204 if there is none.", BODY)).maybe::<Lease>()
            .taking(MAX_BODY, to::leases::renew, machine("Still at it.", LEASE))
            .taking(MAX_BODY, to::leases::progress, machine("Pieces of the answer for whoever watches.", LEASE)).nothing()
            .taking(MAX_REPORT, to::leases::report, machine("The one message that ends a lease.", LEASE))
    }

    /// A call whose request is a JSON body of at most `limit` bytes.
    fn taking<E, H, Args>(mut self, limit: usize, handler: H, about: About) -> Self
    where
        E: Endpoint + ToSchema + 'static,
        E::Response: ToSchema,
        H: Handler<Args, Output = Result<Answer<E>, ApiError>>,
        Args: FromRequest + 'static,
    {
        let call = Call::of::<E>(about).taking::<E>();
        self.0.push(Line { limit, make: Box::new(move || Route::new().to(handler.clone())), call });
        self
    }

    /// A call without a body.
    fn plain<E, H, Args>(mut self, handler: H, about: About) -> Self
    where
        E: Endpoint + 'static,
        E::Response: ToSchema,
        H: Handler<Args, Output = Result<Answer<E>, ApiError>>,
        Args: FromRequest + 'static,
    {
        let call = Call::of::<E>(about);
        self.0.push(Line { limit: MAX_BODY, make: Box::new(move || Route::new().to(handler.clone())), call });
        self
    }

    /// The call named last gives back one of these, or nothing.
    fn maybe<T: ToSchema>(self) -> Self {
        self.returning(Returns::Maybe(Named::of::<T>()))
    }

    /// The call named last gives back nothing.
    fn nothing(self) -> Self {
        self.returning(Returns::Nothing)
    }

    fn returning(mut self, returns: Returns) -> Self {
        if let Some(line) = self.0.last_mut() {
            line.call.returns = returns;
        }
        self
    }

    /// A table as a file of each form.
    fn sheet<H, Args>(mut self, routes: Routes, id: &str, handler: H, about: About) -> Self
    where
        H: Handler<Args, Output = Result<Sheet, ApiError>>,
        Args: FromRequest + 'static,
    {
        for &route in routes {
            let handler = handler.clone();
            let ending = ENDINGS.into_iter().find(|(ending, _)| route.ends_with(&format!(".{ending}")));
            let (id, form) = match ending {
                Some((ending, form)) => (format!("{id}_{ending}"), form),
                None => (id.to_owned(), "application/json"),
            };
            let call = Call { method: "GET", route, id, about, takes: None, returns: Returns::Sheet(form) };
            let make = Box::new(move || Route::new().to(handler.clone()));
            self.0.push(Line { limit: MAX_BODY, make, call });
        }
        self
    }

    /// The handlers, one resource a route; other methods answer 405.
    pub(crate) fn into_resources(self) -> Vec<Resource> {
        let mut by_route: BTreeMap<&'static str, Vec<Line>> = BTreeMap::new();
        for line in self.0 {
            by_route.entry(line.call.route).or_default().push(line);
        }
        by_route
            .into_iter()
            .map(|(route, lines)| {
                let limit = lines.iter().map(|line| line.limit).max().unwrap_or(MAX_BODY);
                let allowed: Vec<&'static str> = lines.iter().map(|line| line.call.method).collect();
                let allowed = allowed.join(", ");
                let mut resource = web::resource(route).app_data(json_config(limit));
                for line in lines {
                    if let Ok(method) = Method::from_bytes(line.call.method.as_bytes()) {
                        resource = resource.route((line.make)().method(method));
                    }
                }
                resource.default_service(web::to(move || wrong_method(allowed.clone())))
            })
            .collect()
    }

    /// The OpenAPI document of all calls.
    pub(crate) fn document(&self) -> Value {
        document::of(self.0.iter().map(|line| &line.call))
    }
}

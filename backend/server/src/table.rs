//! The route table: for each call of `common::api` one line that ties its handler to its method, its
//! route and its place in the OpenAPI document, so that none of them can drift.
//!
//! Must not: do what a handler does, or know how a document is written (that is `document`).

use std::collections::BTreeMap;

use actix_web::http::Method;
use actix_web::web;
use actix_web::{FromRequest, Handler, Resource, Route};
use common::api::Endpoint;
use utoipa::ToSchema;
use utoipa::openapi::OpenApi;

use crate::answer::{Answer, Csv};
use crate::document::{About, Access, Call, Returns};
use crate::error::ApiError;
use crate::input::{MAX_BODY, json_config, wrong_method};
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
    About { summary, access: Access::Open, refusals }
}

const fn machine(summary: &'static str, refusals: &'static [(u16, &'static str)]) -> About {
    About { summary, access: Access::Machine, refusals }
}

impl Table {
    /// One line a call.
    #[rustfmt::skip]
    pub(crate) fn of_all() -> Self {
        use common::api::{carbon, health, leaderboard, machines, models, prompts, runs};
        use routes as to;
        Self::default()
            .taking(MAX_BODY, to::prompts::submit, open("Queue a prompt on one or more models.", BODY))
            .plain::<prompts::GetPrompt, _, _>(to::prompts::get, open("A prompt and how its runs stand.", &[MISSING]))
            .plain::<runs::GetRun, _, _>(to::runs::get, open("A run with everything known of it.", &[MISSING]))
            .plain::<runs::CancelRun, _, _>(to::runs::cancel, open("Take a run back.", &[MISSING, (409, "The run has ended already.")]))
            .file("/runs/{id}/power_trace.csv", "GetPowerTraceCsv", to::files::power_trace, open("All power readings of a measured run, as a table.", &[NOT_MEASURED]))
            .plain::<models::ListModels, _, _>(to::models::list, open("The models on offer.", &[]))
            .plain::<machines::ListMachines, _, _>(to::machines::list, open("Every enrolled machine and the queue.", &[]))
            .plain::<leaderboard::GetLeaderboard, _, _>(to::leaderboard::get, open("All sums of the ranking, with their models, machines and zones.", &[]))
            .file("/leaderboard.csv", "GetLeaderboardCsv", to::files::leaderboard, open("All sums of the ranking, as a table.", &[]))
            .plain::<carbon::ListIntensities, _, _>(to::carbon::list, open("How clean the power of each zone is.", &[]))
            .plain::<health::GetHealth, _, _>(to::health::get, open("Whether the service is well.", &[]))
            .taking(MAX_BODY, to::leases::announce, machine("A worker started and describes its machine.", BODY))
            .taking(MAX_BODY, to::leases::ask, machine("Ask for work; waits for some, 204 if there is none.", BODY))
            .taking(MAX_BODY, to::leases::renew, machine("Still at it.", LEASE))
            .taking(MAX_BODY, to::leases::progress, machine("Pieces of the answer for whoever watches.", LEASE))
            .taking(MAX_REPORT, to::leases::report, machine("The one message that ends a lease.", LEASE))
    }

    /// A call whose request is a JSON body of at most `limit` bytes.
    fn taking<E, H, Args>(mut self, limit: usize, handler: H, about: About) -> Self
    where
        E: Endpoint + ToSchema + 'static,
        E::Response: ToSchema + 'static,
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
        E::Response: ToSchema + 'static,
        H: Handler<Args, Output = Result<Answer<E>, ApiError>>,
        Args: FromRequest + 'static,
    {
        let call = Call::of::<E>(about);
        self.0.push(Line { limit: MAX_BODY, make: Box::new(move || Route::new().to(handler.clone())), call });
        self
    }

    /// A table as a file.
    fn file<H, Args>(mut self, route: &'static str, id: &'static str, handler: H, about: About) -> Self
    where
        H: Handler<Args, Output = Result<Csv, ApiError>>,
        Args: FromRequest + 'static,
    {
        let call =
            Call { method: "GET", route, id: id.to_owned(), about, takes: None, returns: Returns::Csv };
        self.0.push(Line { limit: MAX_BODY, make: Box::new(move || Route::new().to(handler.clone())), call });
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
    pub(crate) fn document(&self) -> OpenApi {
        document::of(self.0.iter().map(|line| &line.call))
    }
}

//! The route table: for each call of `common::api` one line that ties its handler to its method, its
//! route and its place in the OpenAPI document, so that none of them can drift.
//!
//! Must not: do what a handler does.

use std::any::TypeId;
use std::borrow::Cow;
use std::collections::BTreeMap;

use actix_web::body::BoxBody;
use actix_web::error::{JsonPayloadError, PathError, QueryPayloadError};
use actix_web::http::{Method, StatusCode, header};
use actix_web::web::{self, JsonConfig, PathConfig, QueryConfig, ServiceConfig};
use actix_web::{FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder, Route};
use common::api::{BASE, Endpoint, Problem};
use utoipa::ToSchema;
use utoipa::openapi::path::{HttpMethod, OperationBuilder, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, Content, InfoBuilder, KnownFormat, ObjectBuilder, OpenApi, OpenApiBuilder, PathItem,
    Paths, Ref, RefOr, Required, ResponseBuilder, Schema, SchemaFormat, Type,
};

use crate::error::ApiError;
use crate::routes;

/// Most bytes of a request, except of a report.
const MAX_BODY: usize = 1 << 20;
/// Most bytes of a report, which holds all traces of a Run.
const MAX_REPORT: usize = 16 << 20;

/// What a handler gives back: exactly what its Endpoint says.
pub(crate) struct Answer<E: Endpoint>(pub(crate) E::Response);

impl<E: Endpoint> Responder for Answer<E> {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        match serde_json::to_vec(&self.0) {
            // Nothing to say is an empty answer; a client reads it as null.
            Ok(json) if json == b"null" => HttpResponse::NoContent().finish(),
            Ok(json) => HttpResponse::Ok().content_type("application/json").body(json),
            Err(error) => HttpResponse::from_error(ApiError::Internal(store::Error::Corrupt {
                what: "answer",
                reason: error.to_string(),
            })),
        }
    }
}

/// Who may call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everybody.
    Open,
    /// A Machine with its token.
    Machine,
}

/// What the document says of a call besides its types.
struct About {
    summary: &'static str,
    access: Access,
    /// Statuses besides success, 401 and 500, each with its reason.
    refusals: &'static [(u16, &'static str)],
}

struct Line {
    method: &'static str,
    route: &'static str,
    limit: usize,
    make: Box<dyn Fn() -> Route>,
    describe: Box<dyn Fn(&mut Schemas) -> utoipa::openapi::path::Operation>,
}

type Schemas = Vec<(String, RefOr<Schema>)>;

/// All calls.
#[derive(Default)]
pub(crate) struct Table(Vec<Line>);

const INVALID: (u16, &str) = (422, "A field is not as it must be; the problem names it.");
const MALFORMED: (u16, &str) = (400, "The body is not JSON.");
const TOO_LARGE: (u16, &str) = (413, "The body is too large.");
const NOT_JSON: (u16, &str) = (415, "The body does not say that it is JSON.");
const MISSING: (u16, &str) = (404, "There is none with this id.");

impl Table {
    /// One line a call.
    pub(crate) fn of_all() -> Self {
        use common::api::{carbon, health, leaderboard, leases, machines, models, prompts, runs};
        let body: &[(u16, &str)] = &[MALFORMED, TOO_LARGE, NOT_JSON, INVALID];
        let lease: &[(u16, &str)] = &[
            MALFORMED,
            TOO_LARGE,
            NOT_JSON,
            INVALID,
            (404, "The machine never had this lease."),
            (409, "The lease is not current any more: drop the run."),
        ];
        let open = |summary, refusals| About { summary, access: Access::Open, refusals };
        let machine = |summary, refusals| About { summary, access: Access::Machine, refusals };
        Self::default()
            .taking(routes::prompts::submit, open("Queue a prompt on one or more models.", body))
            .plain::<prompts::GetPrompt, _, _>(
                routes::prompts::get,
                open("A prompt and how its runs stand.", &[MISSING]),
            )
            .plain::<runs::GetRun, _, _>(
                routes::runs::get,
                open("A run with everything known of it.", &[MISSING]),
            )
            .plain::<runs::CancelRun, _, _>(
                routes::runs::cancel,
                open("Take a run back.", &[MISSING, (409, "The run has ended already.")]),
            )
            .plain::<models::ListModels, _, _>(routes::models::list, open("The models on offer.", &[]))
            .plain::<machines::ListMachines, _, _>(
                routes::machines::list,
                open("Every enrolled machine and the queue.", &[]),
            )
            .plain::<leaderboard::GetLeaderboard, _, _>(
                routes::leaderboard::get,
                open("All sums of the ranking, with their models, machines and zones.", &[]),
            )
            .plain::<carbon::ListIntensities, _, _>(
                routes::carbon::list,
                open("How clean the power of each zone is.", &[]),
            )
            .plain::<health::GetHealth, _, _>(routes::health::get, open("Whether the service is well.", &[]))
            .taking(routes::leases::announce, machine("A worker started and describes its machine.", body))
            .taking(routes::leases::ask, machine("Ask for work; waits for some, 204 if there is none.", body))
            .taking(routes::leases::renew, machine("Still at it.", lease))
            .taking(routes::leases::progress, machine("Pieces of the answer for whoever watches.", lease))
            .taking_up_to::<leases::SendReport, _, _>(
                MAX_REPORT,
                routes::leases::report,
                machine("The one message that ends a lease.", lease),
            )
    }

    /// A call whose request is a JSON body.
    fn taking<E, H, Args>(self, handler: H, about: About) -> Self
    where
        E: Endpoint + ToSchema + 'static,
        E::Response: ToSchema + 'static,
        H: Handler<Args, Output = Result<Answer<E>, ApiError>>,
        Args: FromRequest + 'static,
    {
        self.taking_up_to::<E, H, Args>(MAX_BODY, handler, about)
    }

    fn taking_up_to<E, H, Args>(self, limit: usize, handler: H, about: About) -> Self
    where
        E: Endpoint + ToSchema + 'static,
        E::Response: ToSchema + 'static,
        H: Handler<Args, Output = Result<Answer<E>, ApiError>>,
        Args: FromRequest + 'static,
    {
        let body = |schemas: &mut Schemas| {
            collect::<E>(schemas);
            RequestBodyBuilder::new()
                .content("application/json", Content::new(Some(reference::<E>())))
                .required(Some(Required::True))
                .build()
        };
        self.line::<E, H, Args>(limit, handler, about, Some(body))
    }

    /// A call without a body.
    fn plain<E, H, Args>(self, handler: H, about: About) -> Self
    where
        E: Endpoint + 'static,
        E::Response: ToSchema + 'static,
        H: Handler<Args, Output = Result<Answer<E>, ApiError>>,
        Args: FromRequest + 'static,
    {
        self.line::<E, H, Args>(MAX_BODY, handler, about, None)
    }

    fn line<E, H, Args>(
        mut self,
        limit: usize,
        handler: H,
        about: About,
        body: Option<fn(&mut Schemas) -> utoipa::openapi::request_body::RequestBody>,
    ) -> Self
    where
        E: Endpoint + 'static,
        E::Response: ToSchema + 'static,
        H: Handler<Args, Output = Result<Answer<E>, ApiError>>,
        Args: FromRequest + 'static,
    {
        self.0.push(Line {
            method: E::METHOD,
            route: E::ROUTE,
            limit,
            make: Box::new(move || Route::new().to(handler.clone())),
            describe: Box::new(move |schemas| {
                let mut operation = OperationBuilder::new()
                    .summary(Some(about.summary))
                    .operation_id(Some(operation_id::<E>()))
                    .request_body(body.map(|body| body(schemas)));
                if E::ROUTE.contains("{id}") {
                    operation = operation.parameter(
                        ParameterBuilder::new()
                            .name("id")
                            .parameter_in(ParameterIn::Path)
                            .required(Required::True)
                            .schema(Some(uuid_schema())),
                    );
                }
                operation = answers::<E::Response>(operation, schemas, about.access, about.refusals);
                operation.build()
            }),
        });
        self
    }

    /// The handlers, one resource a route; other methods answer 405.
    pub(crate) fn into_resources(self) -> Vec<Resource> {
        let mut by_route: BTreeMap<&'static str, Vec<Line>> = BTreeMap::new();
        for line in self.0 {
            by_route.entry(line.route).or_default().push(line);
        }
        by_route
            .into_iter()
            .map(|(route, lines)| {
                let limit = lines.iter().map(|line| line.limit).max().unwrap_or(MAX_BODY);
                let allowed: Vec<&'static str> = lines.iter().map(|line| line.method).collect();
                let allowed = allowed.join(", ");
                let mut resource = web::resource(route).app_data(json_config(limit));
                for line in lines {
                    if let Ok(method) = Method::from_bytes(line.method.as_bytes()) {
                        resource = resource.route((line.make)().method(method));
                    }
                }
                resource.default_service(web::to(move || wrong_method(allowed.clone())))
            })
            .collect()
    }

    /// The OpenAPI document of all calls.
    pub(crate) fn document(&self) -> OpenApi {
        let mut schemas = Schemas::new();
        collect::<Problem>(&mut schemas);
        let mut paths = Paths::new();
        for line in &self.0 {
            let operation = (line.describe)(&mut schemas);
            let method = match line.method {
                "POST" => HttpMethod::Post,
                "PUT" => HttpMethod::Put,
                _ => HttpMethod::Get,
            };
            paths.add_path_operation(format!("{BASE}{}", line.route), vec![method], operation);
        }
        paths.paths.insert(format!("{BASE}{}", common::api::events::ROUTE), events_path(&mut schemas));
        let token = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("The token that `jouleboard-server machine add` printed."))
            .build();
        let components = ComponentsBuilder::new()
            .schemas_from_iter(schemas)
            .security_scheme("machine", SecurityScheme::Http(token))
            .build();
        let info = InfoBuilder::new()
            .title("Jouleboard")
            .version(env!("CARGO_PKG_VERSION"))
            .description(Some(
                "Ask language models, and see what each answer cost. A name that ends in _j is in joules, _w in watts, \
                 _s in seconds, _g in grams of CO2e.",
            ))
            .build();
        OpenApiBuilder::new().info(info).paths(paths).components(Some(components)).build()
    }
}

fn operation_id<E>() -> String {
    std::any::type_name::<E>().rsplit("::").next().unwrap_or_default().to_owned()
}

fn uuid_schema() -> Schema {
    let format = SchemaFormat::KnownFormat(KnownFormat::Uuid);
    ObjectBuilder::new().schema_type(Type::String).format(Some(format)).into()
}

/// A schema by its name, where the type has one of its own.
fn reference<T: ToSchema>() -> RefOr<Schema> {
    RefOr::Ref(Ref::from_schema_name(T::name()))
}

fn collect<T: ToSchema>(schemas: &mut Schemas) {
    schemas.push((T::name().into_owned(), T::schema()));
    T::schemas(schemas);
}

fn answers<R: ToSchema + 'static>(
    mut operation: OperationBuilder,
    schemas: &mut Schemas,
    access: Access,
    refusals: &[(u16, &str)],
) -> OperationBuilder {
    let is_empty = TypeId::of::<R>() == TypeId::of::<()>();
    let may_be_empty = TypeId::of::<R>() == TypeId::of::<Option<common::lease::Lease>>();
    if !is_empty {
        // What may be nothing is described by what it is when it is something.
        let schema = if may_be_empty {
            collect::<common::lease::Lease>(schemas);
            reference::<common::lease::Lease>()
        } else {
            collect::<R>(schemas);
            reference::<R>()
        };
        let content = Content::new(Some(schema));
        let answer = ResponseBuilder::new().description("Done.").content("application/json", content);
        operation = operation.response("200", answer);
    }
    if is_empty || may_be_empty {
        operation = operation.response("204", ResponseBuilder::new().description("Done; nothing to say."));
    }
    let problem = |reason: &str| {
        let content = Content::new(Some(reference::<Problem>()));
        ResponseBuilder::new().description(reason).content("application/json", content)
    };
    for (status, reason) in refusals {
        operation = operation.response(status.to_string(), problem(reason));
    }
    if access == Access::Machine {
        operation = operation
            .response("401", problem("The token opens no machine."))
            .security(SecurityRequirement::new("machine", Vec::<String>::new()));
    }
    operation.response("500", problem("Something went wrong inside; it is logged."))
}

fn events_path(schemas: &mut Schemas) -> PathItem {
    collect::<common::api::events::Event>(schemas);
    let content = Content::new(Some(reference::<common::api::events::Event>()));
    let prompt = ParameterBuilder::new()
        .name("prompt")
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some("Follow this prompt too."))
        .schema(Some(uuid_schema()));
    let operation = OperationBuilder::new()
        .summary(Some("What happens, as it happens: server-sent events without end."))
        .operation_id(Some("FollowEvents"))
        .parameter(prompt)
        .response(
            "200",
            ResponseBuilder::new().description("One event a message.").content("text/event-stream", content),
        )
        .response(
            "400",
            ResponseBuilder::new()
                .description("The prompt is not an id.")
                .content("application/json", Content::new(Some(reference::<Problem>()))),
        );
    PathItem::new(HttpMethod::Get, operation)
}

/// How input that cannot be read is answered, everywhere.
pub(crate) fn input_errors(config: &mut ServiceConfig) {
    config
        .app_data(json_config(MAX_BODY))
        .app_data(PathConfig::default().error_handler(|error: PathError, _| {
            let message = format!("The route holds something that is not an id: {error}.");
            ApiError::refuse(StatusCode::NOT_FOUND, "not_found", message).into()
        }))
        .app_data(QueryConfig::default().error_handler(|error: QueryPayloadError, _| {
            let message = format!("The query cannot be read: {error}.");
            ApiError::refuse(StatusCode::BAD_REQUEST, "query_malformed", message).into()
        }));
}

fn json_config(limit: usize) -> JsonConfig {
    JsonConfig::default().limit(limit).error_handler(move |error, _| json_error(&error, limit).into())
}

fn json_error(error: &JsonPayloadError, limit: usize) -> ApiError {
    match error {
        JsonPayloadError::OverflowKnownLength { .. } | JsonPayloadError::Overflow { .. } => ApiError::refuse(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body_too_large",
            format!("The body may have {limit} bytes at most."),
        ),
        JsonPayloadError::ContentType => ApiError::refuse(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "body_not_json",
            "Send JSON and say so: `Content-Type: application/json`.",
        ),
        JsonPayloadError::Deserialize(error) if error.is_data() => ApiError::refuse(
            StatusCode::UNPROCESSABLE_ENTITY,
            "body_unexpected",
            format!("The body is not what this call takes: {error}."),
        ),
        error => ApiError::refuse(
            StatusCode::BAD_REQUEST,
            "body_malformed",
            format!("The body cannot be read as JSON: {error}."),
        ),
    }
}

async fn wrong_method(allowed: String) -> HttpResponse {
    let message = format!("This route takes {allowed}.");
    let mut response = HttpResponse::from_error(ApiError::refuse(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        message,
    ));
    if let Ok(value) = header::HeaderValue::from_str(&allowed) {
        response.headers_mut().insert(header::ALLOW, value);
    }
    response
}

/// A route below the API that does not exist.
pub(crate) async fn unknown_route() -> Result<HttpResponse, ApiError> {
    Err(ApiError::refuse(
        StatusCode::NOT_FOUND,
        "route_unknown",
        "There is no such route; /api/docs lists those there are.",
    ))
}

/// A route without its version moved there for good; the method and the body go along.
pub(crate) async fn to_version(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let rest = request.path().strip_prefix("/api").unwrap_or_default();
    if !rest.starts_with('/') || rest.starts_with("//") || rest == "/" || rest.starts_with("/v1") {
        return unknown_route().await;
    }
    let query: Cow<'_, str> = match request.query_string() {
        "" => Cow::Borrowed(""),
        query => Cow::Owned(format!("?{query}")),
    };
    let location = (header::LOCATION, format!("{BASE}{rest}{query}"));
    Ok(HttpResponse::PermanentRedirect().insert_header(location).finish())
}

#[cfg(test)]
mod tests {
    use utoipa::PartialSchema;

    use super::*;

    #[test]
    fn the_document_names_every_schema_that_it_refers_to() {
        let document = serde_json::to_value(Table::of_all().document()).unwrap();
        let text = document.to_string();
        for part in text.split("#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(!document["components"]["schemas"][name].is_null(), "{name}");
        }
        assert_eq!(document["openapi"], "3.1.0");
    }

    #[test]
    fn a_schema_refers_to_nothing_that_is_not_inlined_or_named() {
        assert!(matches!(common::prompt::NewPrompt::schema(), RefOr::T(_)));
    }
}

//! The OpenAPI document, from the types of `common`.
//!
//! Must not: describe a call that the route table does not hold (but the stream of events, which is no call).

use common::api::parameter::{MAX_PAGE, Of, Parameter};
use common::api::{BASE, Endpoint};
use common::units::seconds;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::path::{HttpMethod, Operation, OperationBuilder, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, Content, InfoBuilder, KnownFormat, ObjectBuilder, OpenApi, OpenApiBuilder, PathItem,
    Paths, Ref, RefOr, Required, ResponseBuilder, Schema, SchemaFormat, Type,
};

use crate::error::{PROBLEM_JSON, ProblemDocument};
use crate::negotiate::is_table;
use crate::sheet::ENDINGS;

/// Differences of clocks and what else is a number of seconds but no span, which may have either sign.
const SIGNED: [&str; 4] = ["offset_s", "clock_residual_s", "delay_s", "delay_half_width_s"];

/// Who may call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everybody.
    Open,
    /// A Machine with its token.
    Machine,
}

/// What is said of a call besides its types.
#[derive(Clone, Copy)]
pub(crate) struct About {
    pub(crate) summary: &'static str,
    pub(crate) access: Access,
    /// Statuses besides success, 401 and 500, each with its reason.
    pub(crate) refusals: &'static [(u16, &'static str)],
    /// What its query may hold.
    pub(crate) query: &'static [Parameter],
}

/// What a call gives back.
pub(crate) enum Returns {
    /// A document.
    Json(Named),
    /// A document, or nothing.
    Maybe(Named),
    /// Nothing.
    Nothing,
    /// A table, in this form.
    Sheet(&'static str),
}

/// One call.
pub(crate) struct Call {
    pub(crate) method: &'static str,
    pub(crate) route: &'static str,
    pub(crate) id: String,
    pub(crate) about: About,
    pub(crate) takes: Option<Named>,
    pub(crate) returns: Returns,
}

type Schemas = Vec<(String, RefOr<Schema>)>;

/// A schema with a name, and how to collect it and all that it refers to.
pub(crate) struct Named {
    name: String,
    collect: fn(&mut Schemas),
}

impl Named {
    /// What is known of this type.
    pub(crate) fn of<T: ToSchema>() -> Self {
        fn collect<T: ToSchema>(schemas: &mut Schemas) {
            schemas.push((T::name().into_owned(), T::schema()));
            T::schemas(schemas);
        }
        Self { name: T::name().into_owned(), collect: collect::<T> }
    }

    fn content(&self, schemas: &mut Schemas) -> Content {
        (self.collect)(schemas);
        Content::new(Some(RefOr::<Schema>::Ref(Ref::from_schema_name(&self.name))))
    }
}

impl Call {
    /// The call of an Endpoint that gives back a document, without its body.
    pub(crate) fn of<E: Endpoint>(about: About) -> Self
    where
        E::Response: ToSchema,
    {
        let returns = Returns::Json(Named::of::<E::Response>());
        Self { method: E::METHOD, route: E::ROUTE, id: E::NAME.to_owned(), about, takes: None, returns }
    }

    /// The same with a body.
    pub(crate) fn taking<T: ToSchema>(self) -> Self {
        Self { takes: Some(Named::of::<T>()), ..self }
    }

    /// The forms in which a table comes by `Accept`.
    fn other_forms(&self, done: ResponseBuilder) -> ResponseBuilder {
        if !is_table(&format!("{BASE}{}", self.route)) {
            return done;
        }
        let files = ENDINGS.into_iter().filter(|(_, form)| *form != "application/json");
        files.fold(done, |done, (_, form)| done.content(form, table(form)))
    }

    fn operation(&self, schemas: &mut Schemas) -> Operation {
        let mut operation =
            OperationBuilder::new().summary(Some(self.about.summary)).operation_id(Some(self.id.clone()));
        if let Some(takes) = &self.takes {
            let body = RequestBodyBuilder::new()
                .content("application/json", takes.content(schemas))
                .required(Some(Required::True));
            operation = operation.request_body(Some(body.build()));
        }
        let in_path = [("id", uuid()), ("name", text("^[a-z0-9.-]{1,64}$"))];
        for (name, schema) in in_path {
            if self.route.contains(&format!("{{{name}}}")) {
                let place = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path);
                operation = operation.parameter(place.required(Required::True).schema(Some(schema)));
            }
        }
        for parameter in self.about.query {
            operation = operation.parameter(
                ParameterBuilder::new()
                    .name(parameter.name)
                    .parameter_in(ParameterIn::Query)
                    .required(Required::False)
                    .description(Some(parameter.about))
                    .schema(Some(values(parameter.of))),
            );
        }
        let done = || ResponseBuilder::new().description("Done.");
        operation = match &self.returns {
            Returns::Json(named) | Returns::Maybe(named) => {
                let done = done().content("application/json", named.content(schemas));
                operation.response("200", self.other_forms(done))
            }
            Returns::Sheet(form) => {
                let done = done().content(*form, table(form));
                operation.response("200", self.other_forms(done))
            }
            Returns::Nothing => operation,
        };
        if matches!(self.returns, Returns::Maybe(_) | Returns::Nothing) {
            let nothing = ResponseBuilder::new().description("Done; nothing to say.");
            operation = operation.response("204", nothing);
        }
        for (status, reason) in self.about.refusals {
            operation = operation.response(status.to_string(), problem(reason));
        }
        if self.about.access == Access::Machine {
            operation = operation
                .response("401", problem("The token opens no machine."))
                .security(SecurityRequirement::new("machine", Vec::<String>::new()));
        }
        if self.takes.is_some() {
            operation = operation.response("408", problem("The body did not come in time."));
        }
        operation
            .tag(match (self.about.access, &self.returns) {
                (Access::Machine, _) => "Workers",
                (Access::Open, Returns::Sheet(_)) => "Files",
                (Access::Open, _) => "Service",
            })
            .response("429", problem("You ask too often, or have too much waiting."))
            .response("500", problem("Something went wrong inside; it is logged."))
            .response("503", problem("The service has too much to do; try again later."))
            .build()
    }
}

/// A table in one form.
fn table(form: &str) -> Content {
    let kind = if form == "application/json" { Type::Array } else { Type::String };
    Content::new(Some(ObjectBuilder::new().schema_type(kind)))
}

fn problem(reason: &str) -> ResponseBuilder {
    let content = Content::new(Some(RefOr::<Schema>::Ref(Ref::from_schema_name(ProblemDocument::name()))));
    ResponseBuilder::new().description(reason).content(PROBLEM_JSON, content)
}

/// What a parameter may be, as a schema.
fn values(of: Of) -> Schema {
    match of {
        Of::Text(pattern) => text(pattern),
        Of::Limit => {
            let limit = ObjectBuilder::new().schema_type(Type::Integer);
            limit.minimum(Some(1)).maximum(Some(MAX_PAGE)).into()
        }
        Of::Words(words) => ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words())).into(),
        Of::Instant => {
            let format = SchemaFormat::KnownFormat(KnownFormat::DateTime);
            ObjectBuilder::new().schema_type(Type::String).format(Some(format)).into()
        }
    }
}

fn text(pattern: &str) -> Schema {
    ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).into()
}

fn uuid() -> Schema {
    let format = SchemaFormat::KnownFormat(KnownFormat::Uuid);
    ObjectBuilder::new().schema_type(Type::String).format(Some(format)).into()
}

/// The document of these calls.
pub(crate) fn of<'a>(calls: impl Iterator<Item = &'a Call>) -> Value {
    let mut document = serde_json::to_value(typed(calls)).unwrap_or_default();
    bound(&mut document);
    document
}

fn typed<'a>(calls: impl Iterator<Item = &'a Call>) -> OpenApi {
    let mut schemas = Schemas::new();
    Named::of::<ProblemDocument>().content(&mut schemas);
    let mut paths = Paths::new();
    for call in calls {
        let method = match call.method {
            "POST" => HttpMethod::Post,
            "PUT" => HttpMethod::Put,
            _ => HttpMethod::Get,
        };
        paths.add_path_operation(format!("{BASE}{}", call.route), vec![method], call.operation(&mut schemas));
    }
    paths.paths.insert(format!("{BASE}{}", common::api::events::ROUTE), events(&mut schemas));
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

/// Says of numbers what their Rust types know and their schemas do not: counts without a sign end at 2³² - 1, and spans
/// are not negative nor absurdly long.
fn bound(schema: &mut Value) {
    match schema {
        Value::Array(parts) => parts.iter_mut().for_each(bound),
        Value::Object(fields) => {
            if fields.get("format").is_some_and(|format| format == "int32")
                && fields.get("minimum").and_then(Value::as_f64) == Some(0.0)
            {
                fields.remove("format");
                fields.entry("maximum").or_insert(u32::MAX.into());
            }
            if let Some(Value::Object(properties)) = fields.get_mut("properties") {
                let is_span = |name: &str| name.ends_with("_s") && !SIGNED.contains(&name);
                let spans = properties.iter_mut().filter(|(name, _)| is_span(name));
                spans.for_each(|(_, schema)| bound_span(schema));
            }
            fields.values_mut().for_each(bound);
        }
        _ => {}
    }
}

fn bound_span(schema: &mut Value) {
    if schema["type"] == "array" {
        return bound_span(&mut schema["items"]);
    }
    let is_number = schema["type"] == "number"
        || schema["type"].as_array().is_some_and(|types| types.contains(&"number".into()));
    if is_number {
        schema["minimum"] = 0.into();
        schema["maximum"] = seconds::LONGEST.into();
    }
}

fn events(schemas: &mut Schemas) -> PathItem {
    let content = Named::of::<common::api::events::Event>().content(schemas);
    // A battle's events have no place beside it in one content; the schema is there to be read.
    Named::of::<common::api::battles::SideEvent>().content(schemas);
    let parameter = |name: &str, about: &str| {
        let place = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Query);
        place.required(Required::False).description(Some(about)).schema(Some(uuid()))
    };
    let operation = OperationBuilder::new()
        .summary(Some("What happens, as it happens: server-sent events without end."))
        .operation_id(Some("FollowEvents"))
        .tag("Service")
        .parameter(parameter("prompt", "Follow this prompt too."))
        .parameter(parameter("battle", "Follow this battle alone: each message is a `SideEvent`."))
        .response(
            "200",
            ResponseBuilder::new().description("One event a message.").content("text/event-stream", content),
        )
        .response("400", problem("The prompt or battle is not an id."))
        .response("404", problem("There is no such battle."))
        .response("410", problem("The battle was removed."));
    PathItem::new(HttpMethod::Get, operation)
}

#[cfg(test)]
mod tests {
    use crate::table::Table;

    #[test]
    fn the_document_names_every_schema_that_it_refers_to() {
        let document = Table::of_all().document();
        let text = document.to_string();
        for part in text.split("#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(!document["components"]["schemas"][name].is_null(), "{name}");
        }
        assert_eq!(document["openapi"], "3.1.0");
    }

    #[test]
    fn the_document_knows_what_a_count_and_a_span_may_be() {
        let document = Table::of_all().document();
        let of =
            |name: &str, field: &str| document["components"]["schemas"][name]["properties"][field].clone();
        assert_eq!(of("AskLease", "wait_s")["minimum"], 0);
        assert_eq!(of("Repetition", "token_times_s")["items"]["maximum"], 1e10);
        assert_eq!(of("Repetition", "output_tokens")["maximum"], u32::MAX);
        assert_eq!(of("Decoding", "max_output_tokens")["maximum"], 4096);
    }
}

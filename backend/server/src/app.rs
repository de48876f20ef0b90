//! What every handler is given, and how all routes come together.
//!
//! Must not: hold what another server of the same database would need.

use actix_cors::Cors;
use actix_web::http::header;
use actix_web::middleware::{DefaultHeaders, from_fn};
use actix_web::web::{self, ServiceConfig};
use store::Store;
use store::wake::Wake;
use uuid::Uuid;

use crate::client::Buckets;
use crate::config::Rules;
use crate::input;
use crate::openai;
use crate::routes::{docs, events, pages, probes};
use crate::table::Table;
use crate::telemetry;

/// What every handler is given.
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) wake: Wake,
    pub(crate) rules: Rules,
    /// The OpenAPI document, made once from the route table.
    pub(crate) document: serde_json::Value,
    pub(crate) dist: Option<std::path::PathBuf>,
    /// Where permalinks start, if the operator says so.
    pub(crate) public_url: Option<String>,
    /// What hashes of clients are salted with.
    pub(crate) salt: Uuid,
    pub(crate) buckets: Buckets,
}

/// What the browser may load and do: only what this server gives it.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
     img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'";

/// How long a browser keeps to encrypted connections once it had one.
const STRICT_TRANSPORT_SECURITY: &str = "max-age=31536000";

/// Headers of every answer; each handler may have said something else of caching.
pub(crate) fn headers(public_url: Option<&str>) -> DefaultHeaders {
    let headers = DefaultHeaders::new()
        .add(("Content-Security-Policy", CONTENT_SECURITY_POLICY))
        .add(("X-Content-Type-Options", "nosniff"))
        // A permalink is a secret; it must not travel to other sites.
        .add(("Referrer-Policy", "no-referrer"))
        .add(("Cross-Origin-Opener-Policy", "same-origin"))
        .add(("Cross-Origin-Resource-Policy", "same-origin"))
        .add(("Permissions-Policy", "camera=(), geolocation=(), microphone=()"))
        .add((header::CACHE_CONTROL, "no-store"));
    // Only who is reached over https may ask for it, or the site would be lost to its visitors.
    if public_url.is_some_and(|url| url.starts_with("https://")) {
        headers.add((header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT_SECURITY))
    } else {
        headers
    }
}

/// Which other sites' pages may call: none, unless the operator says so. No cookie is ever used, so none is allowed.
pub(crate) fn cors(origins: &[String]) -> Cors {
    let mut cors = Cors::default()
        .allowed_methods(["GET", "POST"])
        .allowed_headers([header::CONTENT_TYPE, header::AUTHORIZATION, header::ACCEPT, header::IF_NONE_MATCH])
        .expose_headers([header::ETAG, header::LINK, header::RETRY_AFTER])
        .max_age(3600);
    for origin in origins {
        cors = if origin == "*" { cors.allow_any_origin() } else { cors.allowed_origin(origin) };
    }
    cors
}

/// All routes: the API below `/api`, everything else is pages.
pub(crate) fn configure(app: web::Data<App>) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        let dist = app.dist.clone();
        config.app_data(app);
        input::configure(config);
        config
            .route("/api/openapi.json", web::get().to(docs::document))
            .route("/api/v1/openapi.json", web::get().to(docs::document))
            .route("/api/docs", web::get().to(docs::page))
            .route("/api/docs.css", web::get().to(docs::style))
            .route("/healthz", web::get().to(probes::alive))
            .route("/readyz", web::get().to(probes::ready))
            .route("/metrics", web::get().to(probes::metrics));
        let mut v1 = web::scope(common::api::BASE)
            .service(
                web::resource(common::api::events::ROUTE)
                    .route(web::get().to(events::follow))
                    .default_service(web::to(|| input::wrong_method("GET".to_owned()))),
            )
            .default_service(web::to(input::unknown_route));
        for resource in Table::of_all().into_resources() {
            v1 = v1.service(resource);
        }
        config.service(v1);
        openai::configure(config);
        config.service(web::scope("/api").default_service(web::to(input::to_version)));
        config.service(
            web::scope("").wrap(from_fn(pages::cache)).configure(|config| pages::configure(config, dist)),
        );
    }
}

pub(crate) use crate::client::limit;
pub(crate) use crate::negotiate::{heed_head, negotiate};
pub(crate) use crate::patience::hurry;
pub(crate) use telemetry::follow;

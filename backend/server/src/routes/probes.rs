//! What those who look after the service ask: whether the process runs, whether it can serve, how much waits.
//!
//! Must not: tell anything of a prompt or an answer.

use actix_web::HttpResponse;
use actix_web::web::Data;
use store::{counts, machines};

use crate::app::App;
use crate::clock;
use crate::error::ApiError;

/// The process answers.
pub(crate) async fn alive() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("alive\n")
}

/// The database answers too.
pub(crate) async fn ready(app: Data<App>) -> Result<HttpResponse, ApiError> {
    app.store.ping().await?;
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready\n"))
}

/// Gauges in the text format of Prometheus.
pub(crate) async fn metrics(app: Data<App>) -> Result<HttpResponse, ApiError> {
    let (queued, leased) = counts::of_queue(&app.store).await?;
    let alive = machines::alive(&app.store, clock::now(), app.rules.alive_seconds).await?;
    let gauges = [
        ("jouleboard_queued_runs", "Runs that wait.", queued.to_string()),
        ("jouleboard_leased_runs", "Runs that a machine has now.", leased.to_string()),
        ("jouleboard_machines_alive", "Machines heard of lately.", alive.to_string()),
        (
            "jouleboard_listeners",
            "Readers of events and workers that wait, on this server.",
            app.wake.listeners().to_string(),
        ),
    ];
    let text = gauges.iter().fold(String::new(), |text, (name, help, value)| {
        text + &format!("# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}\n")
    });
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text))
}

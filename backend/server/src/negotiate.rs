//! What a request asks for besides its route: tables by `Accept`, for who wants comma-separated values or Parquet is given
//! the file of that form; and heads alone.
//!
//! Must not: touch a route that is no table, or a request that takes JSON as well.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, Uri};
use actix_web::middleware::Next;

use common::api::{BASE, events};

/// Tables whose routes hold no id.
const TABLES: [&str; 8] = [
    "/leaderboard",
    "/runs",
    "/measurements",
    "/machines",
    "/models",
    "/campaigns",
    "/carbon",
    "/carbon/hours",
];

/// Answers HEAD as GET, whose body the HTTP library then leaves out. Not for events: those have no end to wait for.
pub(crate) async fn heed_head<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    if request.method() == Method::HEAD && !request.path().ends_with(events::ROUTE) {
        request.head_mut().method = Method::GET;
    }
    next.call(request).await
}

/// Leads a request to the file that it accepts.
pub(crate) async fn negotiate<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let is_table = request.method() == Method::GET && is_table(request.path());
    if is_table {
        let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
        if let Some(uri) = accept.and_then(ending).and_then(|ending| with_ending(request.uri(), ending)) {
            request.match_info_mut().get_mut().update(&uri);
            request.head_mut().uri = uri;
        }
    }
    let mut response = next.call(request).await?;
    if is_table {
        response.headers_mut().append(header::VARY, HeaderValue::from_static("accept"));
    }
    Ok(response)
}

/// Whether a route is a table's, which comes in every form.
pub(crate) fn is_table(path: &str) -> bool {
    path.strip_prefix(BASE).is_some_and(|route| {
        TABLES.contains(&route) || (route.starts_with("/runs/") && route.ends_with("/power_trace"))
    })
}

/// The ending of the first form in the list that is a file's, unless JSON comes before it.
fn ending(accept: &str) -> Option<&'static str> {
    accept
        .split(',')
        .map(|each| each.split(';').next().unwrap_or_default().trim())
        .find_map(|form| match form {
            "text/csv" => Some(Some("csv")),
            "application/vnd.apache.parquet" => Some(Some("parquet")),
            "application/json" | "*/*" => Some(None),
            _ => None,
        })
        .flatten()
}

fn with_ending(uri: &Uri, ending: &str) -> Option<Uri> {
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{}.{ending}{query}", uri.path()).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_chosen_only_where_it_is_asked_for_before_json() {
        assert_eq!(ending("text/csv"), Some("csv"));
        assert_eq!(ending("text/html, application/vnd.apache.parquet;q=0.9, */*"), Some("parquet"));
        assert_eq!(ending("application/json, text/csv"), None);
        assert_eq!(ending("*/*"), None);
        assert_eq!(ending("text/html"), None);
    }

    #[test]
    fn only_tables_have_files() {
        assert!(is_table("/api/v1/leaderboard") && is_table("/api/v1/runs/7/power_trace"));
        assert!(!is_table("/api/v1/runs/7") && !is_table("/leaderboard"));
        let uri: Uri = "/api/v1/measurements?limit=3".parse().unwrap();
        assert_eq!(with_ending(&uri, "csv").unwrap().to_string(), "/api/v1/measurements.csv?limit=3");
    }
}

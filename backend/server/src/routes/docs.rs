//! The OpenAPI document, and a page that people can read, made from it.
//!
//! Must not: need a script or anything from another host.

use std::fmt::Write;

use actix_web::HttpResponse;
use actix_web::web::Data;
use utoipa::openapi::OpenApi;

use crate::app::App;
use crate::openai::{IGNORED, REFUSED};

pub(crate) async fn document(app: Data<App>) -> HttpResponse {
    HttpResponse::Ok().json(&app.document)
}

pub(crate) async fn style() -> HttpResponse {
    HttpResponse::Ok().content_type("text/css").body(include_str!("docs.css"))
}

pub(crate) async fn page(app: Data<App>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(render(&app.document))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn render(document: &OpenApi) -> String {
    let mut html = String::from(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Jouleboard API</title>\
         <link rel=\"stylesheet\" href=\"/api/docs.css\"><main><h1>Jouleboard API</h1>",
    );
    let about = document.info.description.as_deref().unwrap_or_default();
    let _ = write!(
        html,
        "<p>{}</p><p>The exact types are in the <a href=\"/api/openapi.json\">OpenAPI document</a>.</p>",
        escape(about)
    );
    for (path, item) in &document.paths.paths {
        let operations = [("GET", &item.get), ("POST", &item.post), ("PUT", &item.put)];
        for (method, operation) in operations.into_iter().filter_map(|(m, o)| Some((m, o.as_ref()?))) {
            let summary = operation.summary.as_deref().unwrap_or_default();
            let _ = write!(
                html,
                "<section><h2><b>{method}</b> <code>{}</code></h2><p>{}</p>",
                escape(path),
                escape(summary)
            );
            if operation.security.is_some() {
                html.push_str("<p>Needs a machine's token.</p>");
            }
            html.push_str("<table><tr><th>Status</th><th>When</th></tr>");
            for (status, response) in &operation.responses.responses {
                if let utoipa::openapi::RefOr::T(response) = response {
                    let _ = write!(
                        html,
                        "<tr><td>{}</td><td>{}</td></tr>",
                        escape(status),
                        escape(&response.description)
                    );
                }
            }
            html.push_str("</table>");
            if operation.request_body.is_some() {
                let schema = operation.operation_id.as_deref().unwrap_or_default();
                let _ = write!(html, "<p>Takes <code>{}</code> as JSON.</p>", escape(schema));
            }
            html.push_str("</section>");
        }
    }
    openai(&mut html);
    html.push_str("</main></html>");
    html
}

/// What differs from the API that OpenAI describes.
fn openai(html: &mut String) {
    html.push_str(
        "<section><h2>For OpenAI clients</h2><p><code>POST /v1/chat/completions</code>, <code>POST /v1/completions</code>, \
         <code>GET /v1/models</code>: as OpenAI describes them, streaming or not. Any key is taken. What an answer cost \
         stands in <code>usage.energy</code>; a stream tells it with its end. A client that hangs up takes its run back. \
         Without a limit an answer has at most 512 tokens, or half of the model's context; the same <code>seed</code> gives \
         the same answer, and without one it is 0.</p><table><tr><th>Ignored</th><th>Because</th></tr>",
    );
    let row = |html: &mut String, name: &str, why: &str| {
        let _ = write!(html, "<tr><td><code>{}</code></td><td>{}</td></tr>", escape(name), escape(why));
    };
    for (name, why) in IGNORED {
        row(html, name, why);
    }
    html.push_str("</table><table><tr><th>Refused, unless it asks for nothing</th><th>Because</th></tr>");
    for field in REFUSED {
        row(html, field.name, field.why);
    }
    html.push_str("</table></section>");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Table;

    #[test]
    fn the_page_lists_every_route_and_holds_no_script_or_style() {
        let document = Table::of_all().document();
        let html = render(&document);
        assert!(document.paths.paths.keys().all(|path| html.contains(&escape(path))));
        assert!(!html.contains("<script") && !html.contains("style="));
    }
}

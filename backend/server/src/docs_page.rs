//! The OpenAPI document as a page: every call with what it takes and gives, every type with its fields.
//!
//! Must not: hold a script or a style; it is plain HTML, so that it reads anywhere.

use std::fmt::Write;

use serde_json::{Map, Value};

use crate::openai::{IGNORED, REFUSED};

/// What the calls are sorted by, each with what it is.
const TAGS: [(&str, &str); 3] = [
    ("Service", "Asking, following, reading."),
    (
        "Files",
        "Every list as comma-separated values, JSON or Parquet. The route without an ending gives the same by Accept; a Link header leads to the next page.",
    ),
    ("Workers", "What a machine's worker says; needs the machine's token."),
];
/// Methods in the order in which they are shown.
const METHODS: [&str; 3] = ["get", "post", "put"];

/// The whole page.
pub(crate) fn render(document: &Value) -> String {
    let about = document["info"]["description"].as_str().unwrap_or_default();
    let mut html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width,initial-scale=1\"><title>API · Jouleboard</title>\
         <link rel=\"stylesheet\" href=\"/api/docs.css\"><header><a href=\"/\">Jouleboard</a></header><main>\
         <h1>API</h1><p>{}</p><p>The same for programs: the <a href=\"/api/openapi.json\">OpenAPI document</a>. A call \
         that does not work answers <code>application/problem+json</code> with a <code>code</code> for programs and a \
         <code>message</code> for people.</p><nav aria-label=\"On this page\"><ul>",
        escape(about)
    );
    for name in TAGS.iter().map(|tag| tag.0).chain(["OpenAI clients", "Types"]) {
        let _ = write!(html, "<li><a href=\"#{}\">{name}</a></li>", anchor(name));
    }
    html.push_str("</ul></nav>");
    for (tag, what) in TAGS {
        let _ = write!(html, "<section id=\"{}\"><h2>{tag}</h2><p>{what}</p>", anchor(tag));
        for (path, item) in object(&document["paths"]) {
            for method in METHODS {
                let operation = &item[method];
                if operation["tags"][0] == tag {
                    call(&mut html, method, path, operation);
                }
            }
        }
        html.push_str("</section>");
    }
    openai(&mut html);
    html.push_str("<section id=\"types\"><h2>Types</h2>");
    for (name, schema) in object(&document["components"]["schemas"]) {
        named(&mut html, name, schema);
    }
    html.push_str("</section></main></html>");
    html
}

fn call(html: &mut String, method: &str, path: &str, operation: &Value) {
    let summary = operation["summary"].as_str().unwrap_or_default();
    let _ = write!(
        html,
        "<details><summary><b>{}</b> <code>{}</code> <span>{}</span></summary>",
        method.to_uppercase(),
        escape(path).replace('/', "/<wbr>"),
        escape(summary)
    );
    let parameters: Vec<[String; 3]> = list(&operation["parameters"])
        .map(|parameter| {
            let name = parameter["name"].as_str().unwrap_or_default();
            let about = parameter["description"].as_str().unwrap_or("In the path.");
            [format!("<code>{}</code>", escape(name)), kind(&parameter["schema"]), escape(about)]
        })
        .collect();
    table(html, ["Parameter", "Is", "Does"], &parameters);
    let takes = &operation["requestBody"]["content"]["application/json"]["schema"];
    if !takes.is_null() {
        let _ = write!(html, "<p>Takes {} as JSON.</p>", kind(takes));
    }
    let answers: Vec<[String; 3]> = object(&operation["responses"])
        .map(|(status, response)| {
            let forms: Vec<String> = object(&response["content"])
                .map(|(form, content)| match form.as_str() {
                    "application/json" | "text/event-stream" => kind(&content["schema"]),
                    "application/problem+json" => "<a href=\"#type-Problem\">Problem</a>".to_owned(),
                    form => format!("<code>{}</code>", escape(form)),
                })
                .collect();
            let about = response["description"].as_str().unwrap_or_default();
            [escape(status), forms.join(" or "), escape(about)]
        })
        .collect();
    table(html, ["Status", "Gives", "When"], &answers);
    html.push_str("</details>");
}

/// A type by its name, with its fields.
fn named(html: &mut String, name: &str, schema: &Value) {
    let about = schema["description"].as_str().unwrap_or_default();
    let _ = write!(
        html,
        "<details id=\"type-{0}\"><summary><code>{0}</code> <span>{1}</span></summary>",
        escape(name),
        escape(about)
    );
    let mut parts: Vec<&Value> = list(&schema["allOf"]).chain(list(&schema["oneOf"])).collect();
    if parts.is_empty() {
        parts.push(schema);
    }
    for part in parts {
        let fields: Vec<[String; 3]> = object(&part["properties"])
            .map(|(field, schema)| {
                let about = schema["description"].as_str().unwrap_or_default();
                [format!("<code>{}</code>", escape(field)), kind(schema), escape(about)]
            })
            .collect();
        if fields.is_empty() {
            let about =
                part["description"].as_str().filter(|_| !std::ptr::eq(part, schema)).unwrap_or_default();
            let _ = write!(html, "<p>{} {}</p>", kind(part), escape(about));
        }
        table(html, ["Field", "Is", "Means"], &fields);
    }
    html.push_str("</details>");
}

/// What a value is, in a few words.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return format!("<a href=\"#type-{0}\">{0}</a>", escape(name));
    }
    let choices: Vec<String> = list(&schema["enum"])
        .map(|value| format!("<code>{}</code>", escape(value.as_str().unwrap_or("null"))))
        .collect();
    if !choices.is_empty() {
        return choices.join(", ");
    }
    let several: Vec<String> =
        ["oneOf", "anyOf", "allOf"].iter().flat_map(|of| list(&schema[*of])).map(kind).collect();
    if !several.is_empty() {
        return several.join(" or ");
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        several => list(several).filter_map(Value::as_str).collect(),
    };
    let words: Vec<String> = types
        .into_iter()
        .map(|one| match (one, schema["format"].as_str()) {
            ("array", _) => format!("list of {}", kind(&schema["items"])),
            ("string", Some(format)) => format!("text ({})", escape(format)),
            ("string", None) => "text".to_owned(),
            ("integer", _) => format!("whole number{}", bounds(schema)),
            ("number", _) => format!("number{}", bounds(schema)),
            ("boolean", _) => "true or false".to_owned(),
            (other, _) => escape(other),
        })
        .collect();
    if words.is_empty() { "anything".to_owned() } else { words.join(" or ") }
}

fn bounds(schema: &Value) -> String {
    let number = |name: &str| schema.get(name).filter(|bound| bound.is_number());
    match (number("minimum"), number("maximum")) {
        (Some(least), Some(most)) => format!(", {least} to {most}"),
        (Some(least), None) => format!(", {least} or more"),
        (None, Some(most)) => format!(", {most} at most"),
        (None, None) => String::new(),
    }
}

/// What differs from the API that OpenAI describes.
fn openai(html: &mut String) {
    html.push_str(
        "<section id=\"openai-clients\"><h2>OpenAI clients</h2><p><code>POST /v1/chat/completions</code>, \
         <code>POST /v1/completions</code>, <code>GET /v1/models</code>: as OpenAI describes them, streaming or not. Any \
         key is taken. What an answer cost stands in <code>usage.energy</code>; a stream tells it with its end. A client \
         that hangs up takes its run back. Without a limit an answer has at most 512 tokens, or half of the model's \
         context; the same <code>seed</code> gives the same answer, and without one it is 0. Up to 128 answers are asked for \
         with <code>n</code>, as many as a machine computes at once: the first has the seed, each further one the next, \
         and <code>usage</code> counts all of them; in a stream the first is told as it is written and the others at its \
         end. What is asked this way is private.</p>",
    );
    let code = |name: &str| format!("<code>{}</code>", escape(name));
    let ignored: Vec<[String; 2]> = IGNORED.iter().map(|(name, why)| [code(name), escape(why)]).collect();
    table(html, ["Ignored", "Because"], &ignored);
    let refused: Vec<[String; 2]> =
        REFUSED.iter().map(|field| [code(field.name), escape(field.why)]).collect();
    table(html, ["Refused, unless it asks for nothing", "Because"], &refused);
    html.push_str("</section>");
}

/// A table; nothing without a row.
fn table<const N: usize>(html: &mut String, heads: [&str; N], rows: &[[String; N]]) {
    if rows.is_empty() {
        return;
    }
    html.push_str("<div class=\"scroll\" tabindex=\"0\" role=\"group\"><table><tr>");
    heads.iter().for_each(|head| html.extend(["<th>", head, "</th>"]));
    html.push_str("</tr>");
    for row in rows {
        html.push_str("<tr>");
        row.iter().for_each(|cell| html.extend(["<td>", cell, "</td>"]));
        html.push_str("</tr>");
    }
    html.push_str("</table></div>");
}

fn anchor(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Table;

    #[test]
    fn the_page_lists_every_call_and_every_type_it_links_to_and_holds_no_script_or_style() {
        let document = Table::of_all().document();
        let html = render(&document);
        let calls: usize = object(&document["paths"]).map(|(_, item)| object(item).count()).sum();
        assert_eq!(html.matches("<b>").count(), calls);
        for (path, _) in object(&document["paths"]) {
            assert!(html.contains(&escape(path).replace('/', "/<wbr>")), "{path}");
        }
        for target in html.split("href=\"#").skip(1).filter_map(|part| part.split('"').next()) {
            assert!(html.contains(&format!("id=\"{target}\"")), "{target}");
        }
        assert!(!html.contains("<script") && !html.contains("style="));
    }

    #[test]
    fn what_a_value_is_reads_like_a_sentence() {
        use serde_json::json;
        assert_eq!(kind(&json!({"type": ["string", "null"], "format": "uuid"})), "text (uuid) or null");
        assert_eq!(
            kind(&json!({"type": "array", "items": {"type": "integer", "minimum": 0}})),
            "list of whole number, 0 or more"
        );
        assert_eq!(
            kind(&json!({"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Step"}]})),
            "null or <a href=\"#type-Step\">Step</a>"
        );
        assert_eq!(kind(&json!({})), "anything");
    }
}

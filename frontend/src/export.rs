//! A table as a file: what is shown, with units in the names and full digits.
//!
//! Must not: round, or know the page.

use serde_json::{Map, Value};

/// A table: names of fields, and rows of as many values.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// Names of the fields, units included.
    pub fields: Vec<String>,
    /// The rows; a missing figure is null.
    pub rows: Vec<Vec<Value>>,
}

impl Table {
    /// As CSV by RFC 4180. A missing figure is an empty field.
    pub fn csv(&self) -> String {
        let mut out = String::new();
        let mut put = |cells: &mut dyn Iterator<Item = String>| {
            out.push_str(&cells.collect::<Vec<_>>().join(","));
            out.push_str("\r\n");
        };
        put(&mut self.fields.iter().map(|field| quoted(field)));
        for row in &self.rows {
            put(&mut row.iter().map(|value| match value {
                Value::Null => String::new(),
                Value::String(text) => quoted(text),
                other => other.to_string(),
            }));
        }
        out
    }

    /// As a JSON array of objects.
    pub fn json(&self) -> String {
        let objects = self.rows.iter().map(|row| {
            Value::Object(self.fields.iter().cloned().zip(row.iter().cloned()).collect::<Map<String, Value>>())
        });
        let array = Value::Array(objects.collect());
        serde_json::to_string_pretty(&array).unwrap_or_default()
    }
}

/// A text field, quoted where it must be; a text that a spreadsheet would take for a formula gets an apostrophe.
fn quoted(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn table() -> Table {
        Table {
            fields: vec!["model".to_owned(), "energy_j_per_response".to_owned()],
            rows: vec![vec![json!("a, \"b\""), json!(1.25)], vec![json!("=1+1"), Value::Null]],
        }
    }

    #[test]
    fn csv_quotes_what_it_must_and_leaves_missing_figures_empty() {
        assert_eq!(table().csv(), "model,energy_j_per_response\r\n\"a, \"\"b\"\"\",1.25\r\n'=1+1,\r\n");
    }

    #[test]
    fn json_keeps_missing_figures_as_null() {
        let read: Value = serde_json::from_str(&table().json()).unwrap();
        assert_eq!(read[1]["energy_j_per_response"], Value::Null);
        assert_eq!(read[0]["energy_j_per_response"], 1.25);
    }
}

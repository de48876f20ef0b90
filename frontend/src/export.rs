//! A table as a file: what is shown, with units in the names and full digits.
//!
//! Must not: round, or know the page.

use serde_json::to_string;

pub mod emitted;
pub mod keys;

/// One value of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    /// No figure.
    Missing,
    /// A name.
    Text(String),
    /// A figure in full digits.
    Number(f64),
    /// A whole number.
    Count(u64),
    /// Yes or no.
    Flag(bool),
}

impl From<&str> for Field {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Option<&str>> for Field {
    fn from(text: Option<&str>) -> Self {
        text.map_or(Self::Missing, Self::from)
    }
}

impl From<Option<u64>> for Field {
    fn from(count: Option<u64>) -> Self {
        count.map_or(Self::Missing, Self::Count)
    }
}

impl From<Option<f64>> for Field {
    fn from(figure: Option<f64>) -> Self {
        figure.filter(|figure| figure.is_finite()).map_or(Self::Missing, Self::Number)
    }
}

impl From<usize> for Field {
    fn from(count: usize) -> Self {
        u64::try_from(count).map_or(Self::Missing, Self::Count)
    }
}

/// A table: names of fields, and rows of as many values.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// Names of the fields, units included.
    pub fields: Vec<String>,
    /// The rows; a missing figure is null.
    pub rows: Vec<Vec<Field>>,
}

impl Table {
    /// As CSV by RFC 4180. A missing figure is an empty field.
    pub fn csv(&self) -> String {
        let mut out = String::new();
        let head: Vec<String> = self.fields.iter().map(|field| quoted(field)).collect();
        out.push_str(&head.join(","));
        out.push_str("\r\n");
        for row in &self.rows {
            let cells: Vec<String> = row
                .iter()
                .map(|field| match field {
                    Field::Missing => String::new(),
                    Field::Text(text) => quoted(text),
                    Field::Number(_) | Field::Count(_) | Field::Flag(_) => plain(field),
                })
                .collect();
            out.push_str(&cells.join(","));
            out.push_str("\r\n");
        }
        out
    }

    /// As a JSON array of objects.
    pub fn json(&self) -> String {
        let objects: Vec<String> = self
            .rows
            .iter()
            .map(|row| {
                let members: Vec<String> = self
                    .fields
                    .iter()
                    .zip(row)
                    .map(|(name, field)| format!("{}: {}", json_text(name), plain(field)))
                    .collect();
                format!("  {{{}}}", members.join(", "))
            })
            .collect();
        format!("[\n{}\n]\n", objects.join(",\n"))
    }
}

/// A value as JSON writes it.
fn plain(field: &Field) -> String {
    match field {
        Field::Missing => "null".to_owned(),
        Field::Text(text) => json_text(text),
        Field::Number(figure) => figure.to_string(),
        Field::Count(count) => count.to_string(),
        Field::Flag(flag) => flag.to_string(),
    }
}

fn json_text(text: &str) -> String {
    to_string(text).unwrap_or_default()
}

/// A text field, quoted where it must be; a text that a spreadsheet would take for a formula gets an apostrophe.
fn quoted(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn table() -> Table {
        Table {
            fields: vec!["model".to_owned(), "energy_j_per_response".to_owned(), "runs".to_owned()],
            rows: vec![
                vec!["a, \"b\"".into(), Some(1.25e-7).into(), Field::Count(3)],
                vec!["=1+1".into(), Some(f64::NAN).into(), Field::Flag(true)],
            ],
        }
    }

    #[test]
    fn csv_quotes_what_it_must_and_leaves_missing_figures_empty() {
        assert_eq!(
            table().csv(),
            "model,energy_j_per_response,runs\r\n\"a, \"\"b\"\"\",0.000000125,3\r\n'=1+1,,true\r\n"
        );
    }

    #[test]
    fn json_reads_back_and_keeps_missing_figures_as_null() {
        let read: Value = serde_json::from_str(&table().json()).unwrap();
        assert_eq!(read[0]["model"], "a, \"b\"");
        assert_eq!(read[0]["energy_j_per_response"], 1.25e-7);
        assert_eq!(read[1]["energy_j_per_response"], Value::Null);
        assert_eq!(read[1]["runs"], true);
        assert_eq!(serde_json::from_str::<Value>(&Table::default().json()).unwrap(), Value::Array(vec![]));
    }
}

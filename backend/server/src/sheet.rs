//! A table as it goes out: comma-separated, JSON or Parquet, by the ending of its route.
//!
//! Columns end in their unit. Must not: write 0 where a figure is missing (it is empty, or null), or know what a column
//! means.

use std::sync::Arc;

use actix_web::body::BoxBody;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Responder};
use common::api::parameter::encode;
use parquet::basic::{ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use serde_json::{Map, Value};

use crate::answer::conditional;
use crate::error::ApiError;

/// Content type of comma-separated values.
pub(crate) const CSV: &str = "text/csv; charset=utf-8";
/// Content type of Parquet.
pub(crate) const PARQUET: &str = "application/vnd.apache.parquet";
/// The endings that a table's route may have.
pub(crate) const ENDINGS: [(&str, &str); 3] =
    [("csv", "text/csv"), ("json", "application/json"), ("parquet", PARQUET)];

/// A table.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    columns: Vec<Column>,
    rows: usize,
    /// Where the next page starts, if this is a page and not the last one.
    next: Option<String>,
}

#[derive(Debug)]
struct Column {
    name: String,
    cells: Vec<Value>,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Whole,
    Real,
    Flag,
}

impl Sheet {
    /// A table of these columns, without a row.
    pub(crate) fn of(names: &[&str]) -> Self {
        let column = |name: &&str| Column { name: (*name).to_owned(), cells: Vec::new() };
        Self { columns: names.iter().map(column).collect(), rows: 0, next: None }
    }

    /// The same as a page; a `Link` header leads to the next one, because a table has no place for that.
    pub(crate) fn going_on(self, next: Option<String>) -> Self {
        Self { next, ..self }
    }

    /// Adds a row; a column that is new is empty in the rows before, and one that is not named is empty in this.
    pub(crate) fn push(&mut self, row: Vec<(String, Value)>) {
        for (name, value) in row {
            match self.columns.iter_mut().find(|column| column.name == name) {
                Some(column) => column.cells.push(value),
                None => {
                    let mut cells = vec![Value::Null; self.rows];
                    cells.push(value);
                    self.columns.push(Column { name, cells });
                }
            }
        }
        self.rows += 1;
        for column in &mut self.columns {
            column.cells.resize(self.rows, Value::Null);
        }
    }

    fn as_csv(&self) -> String {
        let mut text = String::new();
        let names: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
        line(&mut text, &names);
        for row in 0..self.rows {
            let fields: Vec<String> = self
                .columns
                .iter()
                .map(|column| column.cells.get(row).map_or_else(String::new, plain))
                .collect();
            line(&mut text, &fields.iter().map(String::as_str).collect::<Vec<_>>());
        }
        text
    }

    fn as_json(&self) -> String {
        let rows = (0..self.rows).map(|row| {
            let fields: Map<String, Value> = self
                .columns
                .iter()
                .map(|column| (column.name.clone(), column.cells.get(row).cloned().unwrap_or_default()))
                .collect();
            Value::Object(fields)
        });
        Value::Array(rows.collect()).to_string()
    }

    fn as_parquet(&self) -> Result<Vec<u8>, ParquetError> {
        let fields = self.columns.iter().map(Column::schema).collect::<Result<Vec<_>, _>>()?;
        let schema = Type::group_type_builder("table").with_fields(fields).build()?;
        let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::default())?;
        let mut group = writer.next_row_group()?;
        for column in &self.columns {
            let Some(mut to) = group.next_column()? else { break };
            // 1 where there is a value, 0 where it is missing.
            let levels: Vec<i16> = column.cells.iter().map(|cell| i16::from(!cell.is_null())).collect();
            let levels = Some(levels.as_slice());
            let there = column.cells.iter().filter(|cell| !cell.is_null());
            match to.untyped() {
                ColumnWriter::ByteArrayColumnWriter(to) => {
                    let cells: Vec<ByteArray> = there.map(|cell| plain(cell).as_str().into()).collect();
                    to.write_batch(&cells, levels, None)?;
                }
                ColumnWriter::DoubleColumnWriter(to) => {
                    let cells: Vec<f64> = there.filter_map(Value::as_f64).collect();
                    to.write_batch(&cells, levels, None)?;
                }
                ColumnWriter::Int64ColumnWriter(to) => {
                    let cells: Vec<i64> = there.filter_map(Value::as_i64).collect();
                    to.write_batch(&cells, levels, None)?;
                }
                ColumnWriter::BoolColumnWriter(to) => {
                    let cells: Vec<bool> = there.filter_map(Value::as_bool).collect();
                    to.write_batch(&cells, levels, None)?;
                }
                _ => return Err(ParquetError::General("a column of an unknown type".to_owned())),
            }
            to.close()?;
        }
        group.close()?;
        writer.into_inner()
    }
}

impl Column {
    /// What all its cells are; a column without any is real, as most figures that can be missing are.
    fn kind(&self) -> Kind {
        let mut there = self.cells.iter().filter(|cell| !cell.is_null()).peekable();
        if there.peek().is_none() {
            return Kind::Real;
        }
        let cells: Vec<&Value> = there.collect();
        if cells.iter().all(|cell| cell.is_i64()) {
            Kind::Whole
        } else if cells.iter().all(|cell| cell.is_number()) {
            Kind::Real
        } else if cells.iter().all(|cell| cell.is_boolean()) {
            Kind::Flag
        } else {
            Kind::Text
        }
    }

    fn schema(&self) -> Result<Arc<Type>, ParquetError> {
        let physical = match self.kind() {
            Kind::Text => Physical::BYTE_ARRAY,
            Kind::Whole => Physical::INT64,
            Kind::Real => Physical::DOUBLE,
            Kind::Flag => Physical::BOOLEAN,
        };
        let mut builder =
            Type::primitive_type_builder(&self.name, physical).with_repetition(Repetition::OPTIONAL);
        if physical == Physical::BYTE_ARRAY {
            builder =
                builder.with_converted_type(ConvertedType::UTF8).with_logical_type(Some(LogicalType::String));
        }
        Ok(Arc::new(builder.build()?))
    }
}

impl Responder for Sheet {
    type Body = BoxBody;
    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let ending = request.path().rsplit('.').next().unwrap_or_default();
        let mut response = match ending {
            "csv" => conditional(request, CSV, self.as_csv().into_bytes()),
            "parquet" => match self.as_parquet() {
                Ok(bytes) => conditional(request, PARQUET, bytes),
                Err(error) => HttpResponse::from_error(ApiError::Internal(store::Error::Corrupt {
                    what: "table",
                    reason: error.to_string(),
                })),
            },
            _ => conditional(request, "application/json", self.as_json().into_bytes()),
        };
        let link = self.next.and_then(|next| link(request.path(), request.query_string(), &next));
        if let Some(link) = link {
            response.headers_mut().insert(header::LINK, link);
        }
        response
    }
}

/// The same request, going on after this page.
fn link(path: &str, query: &str, next: &str) -> Option<HeaderValue> {
    let others = query.split('&').filter(|part| !part.is_empty() && !part.starts_with("after="));
    let after = format!("after={}", encode(next));
    let parts: Vec<&str> = others.chain([after.as_str()]).collect();
    HeaderValue::from_str(&format!("<{path}?{}>; rel=\"next\"", parts.join("&"))).ok()
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// One line by RFC 4180: a field that needs it stands in quotes.
fn line(table: &mut String, fields: &[&str]) {
    let quoted: Vec<String> = fields
        .iter()
        .map(|field| {
            if field.contains([',', '"', '\n', '\r']) {
                format!("\"{}\"", field.replace('"', "\"\""))
            } else {
                (*field).to_owned()
            }
        })
        .collect();
    table.push_str(&quoted.join(","));
    table.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;
    use serde_json::json;

    use super::*;

    fn sheet() -> Sheet {
        let mut sheet = Sheet::of(&["name"]);
        let row = |fields: Value| {
            let Value::Object(fields) = fields else { unreachable!() };
            fields.into_iter().collect()
        };
        sheet.push(row(json!({"name": "a,b", "n": 3, "energy_j": 1.5, "is_flagged": true, "off_j": null})));
        sheet.push(row(json!({"name": "say \"no\"", "n": null, "energy_j": null, "is_flagged": false})));
        sheet
    }

    #[test]
    fn a_field_with_a_comma_or_a_quote_stays_one_field_and_a_missing_figure_is_empty() {
        let lines: Vec<String> = sheet().as_csv().split("\r\n").map(str::to_owned).collect();
        let names: Vec<&str> = lines[0].split(',').collect();
        assert_eq!((names[0], names.len(), lines[3].as_str()), ("name", 5, ""));
        assert!(lines[1].starts_with("\"a,b\",") && lines[2].starts_with("\"say \"\"no\"\"\","));
        assert!(!lines[2].contains('0') && !lines[2].contains("null"), "{}", lines[2]);
    }

    #[test]
    fn json_holds_the_same_with_nulls() {
        let rows: Vec<Value> = serde_json::from_str(&sheet().as_json()).unwrap();
        assert_eq!(
            (&rows[0]["n"], &rows[1]["n"], &rows[1]["energy_j"]),
            (&json!(3), &Value::Null, &Value::Null)
        );
    }

    #[test]
    fn parquet_is_read_back_as_it_was_written_with_types_and_nulls() {
        let bytes = bytes_of(&sheet());
        let reader = SerializedFileReader::new(bytes).unwrap();
        assert_eq!(reader.metadata().file_metadata().num_rows(), 2);
        let rows: Vec<Vec<(String, Field)>> = reader
            .get_row_iter(None)
            .unwrap()
            .map(|row| {
                row.unwrap().get_column_iter().map(|(name, field)| (name.clone(), field.clone())).collect()
            })
            .collect();
        let field =
            |row: usize, name: &str| rows[row].iter().find(|(each, _)| each == name).unwrap().1.clone();
        assert_eq!(field(0, "name"), Field::Str("a,b".to_owned()));
        assert_eq!((field(0, "n"), field(1, "n")), (Field::Long(3), Field::Null));
        assert_eq!((field(0, "energy_j"), field(1, "energy_j")), (Field::Double(1.5), Field::Null));
        assert_eq!((field(1, "is_flagged"), field(0, "off_j")), (Field::Bool(false), Field::Null));
    }

    fn bytes_of(sheet: &Sheet) -> actix_web::web::Bytes {
        actix_web::web::Bytes::from(sheet.as_parquet().unwrap())
    }

    #[test]
    fn a_page_leads_to_the_next_one_with_the_same_filters() {
        let next = |query: &str| link("/api/v1/runs.csv", query, "a+b").unwrap();
        assert_eq!(next(""), "</api/v1/runs.csv?after=a%2Bb>; rel=\"next\"");
        assert_eq!(next("after=x&limit=2"), "</api/v1/runs.csv?limit=2&after=a%2Bb>; rel=\"next\"");
    }

    #[test]
    fn an_empty_table_has_its_head() {
        assert_eq!(Sheet::of(&["a", "b"]).as_csv(), "a,b\r\n");
        assert!(!bytes_of(&Sheet::of(&["a"])).is_empty());
    }
}

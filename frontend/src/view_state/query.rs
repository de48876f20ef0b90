//! Queries as text: names and values, taken back from their percent signs.
//!
//! Must not: know what a name means.

/// The names and values of a query, with or without its question mark; what is not well encoded stays as it is.
pub fn decode(query: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(query.trim_start_matches('?').as_bytes()).into_owned().collect()
}

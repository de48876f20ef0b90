//! How values of the domain lie in columns: names of enums, counts, seconds.
//!
//! Must not: know a table.

use std::fmt::Display;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use crate::Error;

/// The value that a stored name stands for; what has a name is stored by its `name()` or as it is displayed.
pub(crate) fn read<T: FromStr<Err: Display>>(what: &'static str, name: &str) -> Result<T, Error> {
    name.parse().map_err(|error| Error::corrupt(what, error))
}

/// The values that stored names stand for.
pub(crate) fn read_all<T: FromStr<Err: Display>>(
    what: &'static str,
    names: &[String],
) -> Result<Vec<T>, Error> {
    names.iter().map(|name| read(what, name)).collect()
}

/// A count that fits the column, or the row it came from.
pub(crate) fn count<From, To: TryFrom<From>>(what: &'static str, value: From) -> Result<To, Error> {
    To::try_from(value).map_err(|_| Error::corrupt(what, "a count is out of range"))
}

/// A count of which there is at least one.
pub(crate) fn positive(what: &'static str, value: i32) -> Result<NonZeroU32, Error> {
    NonZeroU32::new(count(what, value)?).ok_or_else(|| Error::corrupt(what, "it is 0"))
}

/// Seconds of a column.
pub(crate) fn duration(what: &'static str, seconds: f64) -> Result<Duration, Error> {
    Duration::try_from_secs_f64(seconds).map_err(|error| Error::corrupt(what, error))
}

/// Seconds of an array column.
pub(crate) fn durations(what: &'static str, seconds: &[f64]) -> Result<Vec<Duration>, Error> {
    seconds.iter().map(|&value| duration(what, value)).collect()
}

/// The largest number that a stored document may hold. PostgreSQL writes larger ones out with all their digits, which do
/// not read back as the number that they were near the end of its range.
const LARGEST: f64 = 1e100;

/// Refuses a document whose numbers would not read back.
pub(crate) fn check_numbers<T: Serialize>(document: &T) -> Result<(), Error> {
    fn is_sane(value: &Value) -> bool {
        match value {
            Value::Number(number) => number.as_f64().is_some_and(|number| number.abs() <= LARGEST),
            Value::Array(parts) => parts.iter().all(is_sane),
            Value::Object(fields) => fields.values().all(is_sane),
            Value::Null | Value::Bool(_) | Value::String(_) => true,
        }
    }
    let value = serde_json::to_value(document).map_err(|error| Error::corrupt("document", error))?;
    let refused = || Error::Unfit("a number is larger than anything measures; send the true one".to_owned());
    if is_sane(&value) { Ok(()) } else { Err(refused()) }
}

/// A text that PostgreSQL can hold: a Model may write a NUL character, which becomes U+FFFD.
pub(crate) fn storable(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_would_not_read_back_is_refused_wherever_it_stands() {
        assert!(check_numbers(&serde_json::json!({"a": [1e100, null, "x"], "b": u64::MAX})).is_ok());
        assert!(check_numbers(&serde_json::json!({"a": [{"b": -1.1e100}]})).is_err());
    }
}

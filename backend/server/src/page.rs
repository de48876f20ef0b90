//! Pages of lists: how long one is, and where the next one starts.
//!
//! Must not: let a page depend on what came or went before it (a cursor is a place in the order, not a number).

use std::fmt;

use actix_web::http::StatusCode;
use common::api::parameter::MAX_PAGE;
use time::OffsetDateTime;
use time::macros::datetime;
use uuid::Uuid;

use crate::error::ApiError;

/// No run is later.
const LATEST: OffsetDateTime = datetime!(9999-12-31 00:00:00 UTC);
/// Lines of a page, if it is not said.
const USUAL: u32 = 50;

/// How many lines a page has.
pub(crate) fn limit(asked: Option<u32>) -> Result<u32, ApiError> {
    let limit = asked.unwrap_or(USUAL);
    if (1..=MAX_PAGE).contains(&limit) {
        Ok(limit)
    } else {
        Err(malformed("limit", &format!("must be 1 to {MAX_PAGE}")))
    }
}

/// Where the next page starts, after one more was asked for than a page has; that one is taken off.
pub(crate) fn cut<T>(found: &mut Vec<T>, limit: u32, place: impl FnOnce(&T) -> String) -> Option<String> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let is_more = found.len() > limit;
    found.truncate(limit);
    found.last().filter(|_| is_more).map(place)
}

/// A query whose field cannot be used.
pub(crate) fn malformed(field: &str, rule: &str) -> ApiError {
    ApiError::refuse(StatusCode::BAD_REQUEST, "query_malformed", format!("The query's `{field}` {rule}."))
}

/// A place in a list that is sorted by an instant and, where that is the same, by an id. Opaque to clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) at: OffsetDateTime,
    pub(crate) id: Uuid,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.at.unix_timestamp_nanos().div_euclid(1000);
        let micros = i64::try_from(micros).unwrap_or(i64::MAX);
        write!(f, "{:016x}{}", u64::from_be_bytes(micros.to_be_bytes()), self.id.simple())
    }
}

impl Cursor {
    /// Where the next page starts, as its `next`.
    pub(crate) fn write((at, id): (OffsetDateTime, Uuid)) -> String {
        Self { at, id }.to_string()
    }

    /// Where a page starts that goes on after `text`.
    pub(crate) fn read(text: Option<&str>) -> Result<Option<(OffsetDateTime, Uuid)>, ApiError> {
        let Some(text) = text else { return Ok(None) };
        let read = || {
            let is_hex = text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
            let (at, id) = text.split_at_checked(16).filter(|(_, id)| is_hex && id.len() == 32)?;
            let micros = i64::from_be_bytes(u64::from_str_radix(at, 16).ok()?.to_be_bytes());
            let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1000);
            // A place that no run has is a place all the same, before or after all there are.
            let at = at.unwrap_or(LATEST).clamp(OffsetDateTime::UNIX_EPOCH, LATEST);
            Some((at, Uuid::try_parse(id).ok()?))
        };
        read().map(Some).ok_or_else(|| malformed("after", "must be the `next` of a page"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_and_nonsense_is_refused() {
        for nanos in [1_763_683_200_123_456_000, 0] {
            let at = OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap();
            let cursor = Cursor { at, id: Uuid::from_u128(7) };
            assert_eq!(Cursor::read(Some(&cursor.to_string())).unwrap(), Some((at, cursor.id)));
        }
        assert_eq!(Cursor::read(None).unwrap(), None);
        let far = Cursor::read(Some(&"7".repeat(48))).unwrap().unwrap();
        assert_eq!(far.0, LATEST);
        let long = "0".repeat(49);
        let (sign, capitals) = (format!("+{}", "0".repeat(47)), "A".repeat(48));
        for nonsense in ["", "-", "1-x", "\0", "ä", &long, &sign, &capitals] {
            assert!(Cursor::read(Some(nonsense)).is_err(), "{nonsense:?}");
        }
    }

    #[test]
    fn a_page_that_is_full_says_where_the_next_one_starts_and_the_last_one_does_not() {
        let mut found = vec![1, 2, 3];
        assert_eq!(cut(&mut found, 2, ToString::to_string), Some("2".to_owned()));
        assert_eq!(found, [1, 2]);
        assert_eq!(cut(&mut found, 2, ToString::to_string), None);
        assert!(limit(Some(0)).is_err() && limit(Some(201)).is_err());
        assert_eq!((limit(None).unwrap(), limit(Some(200)).unwrap()), (50, 200));
    }
}

//! Measurements that everybody may see, page by page.
//!
//! Must not: show a private one.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use common::api::measurements::{ListMeasurements, MAX_PAGE, MeasurementLine, MeasurementPage};
use common::ids::RunId;
use common::measurement::Measurement;
use common::prompt::{Kind, Origin, Task};
use store::measurements::{self, Filter};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::answer::Answer;
use crate::app::App;
use crate::error::ApiError;

/// Lines of a page, if it is not said.
const USUAL_PAGE: u32 = 50;

pub(crate) async fn list(
    app: Data<App>,
    list: Query<ListMeasurements>,
) -> Result<Answer<ListMeasurements>, ApiError> {
    let (found, next) = page(&app, &list).await?;
    Ok(Answer(MeasurementPage { measurements: found.iter().map(MeasurementLine::of).collect(), next }))
}

/// One page, and where the next one starts.
pub(crate) async fn page(
    app: &App,
    list: &ListMeasurements,
) -> Result<(Vec<Measurement>, Option<String>), ApiError> {
    let limit = list.limit.unwrap_or(USUAL_PAGE);
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(malformed("limit", &format!("must be 1 to {MAX_PAGE}")));
    }
    let before = list.after.as_deref().map(parse).transpose()?;
    let filter = Filter {
        model: list.model.as_ref().map(|model| model.as_str()),
        machine: list.machine.as_ref().map(|machine| machine.as_str()),
        task: list.task.map(Task::name),
        kind: list.kind.map(Kind::name),
        origin: list.origin.map(Origin::name),
    };
    // One more than asked tells whether there is a next page.
    let mut found = measurements::list(&app.store, &filter, before, limit + 1).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let is_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| is_more).map(|last| cursor(last.recorded_at, last.run_id));
    Ok((found, next))
}

fn cursor(at: OffsetDateTime, run_id: RunId) -> String {
    format!("{}-{run_id}", at.unix_timestamp_nanos() / 1000)
}

fn parse(cursor: &str) -> Result<(OffsetDateTime, Uuid), ApiError> {
    let read = || {
        let (micros, run_id) = cursor.split_once('-')?;
        let nanos = micros.parse::<i128>().ok()?.checked_mul(1000)?;
        Some((OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()?, Uuid::parse_str(run_id).ok()?))
    };
    read().ok_or_else(|| malformed("after", "must be the `next` of a page"))
}

fn malformed(field: &str, rule: &str) -> ApiError {
    ApiError::refuse(StatusCode::BAD_REQUEST, "query_malformed", format!("The query's `{field}` {rule}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_and_nonsense_is_refused() {
        let at = OffsetDateTime::from_unix_timestamp_nanos(1_763_683_200_123_456_000).unwrap();
        let run: RunId = "00000000-0000-4000-8000-000000000001".parse().unwrap();
        assert_eq!(parse(&cursor(at, run)).ok(), Some((at, run.0)));
        for nonsense in ["", "-", "1-x", "99999999999999999999999999999999999999-x", "\0"] {
            assert!(parse(nonsense).is_err(), "{nonsense:?}");
        }
    }
}

//! Measurements that everybody may see, page by page.
//!
//! Must not: show a private one.

use actix_web::web::{Data, Query};
use common::api::measurements::{ListMeasurements, MeasurementLine, MeasurementPage};
use common::prompt::{Kind, Origin, Task};
use store::public_measurements::{self, Filter};

use crate::answer::Answer;
use crate::app::App;
use crate::error::ApiError;
use crate::page::{self, Cursor};

pub(crate) async fn list(
    app: Data<App>,
    list: Query<ListMeasurements>,
) -> Result<Answer<ListMeasurements>, ApiError> {
    let (measurements, next) = page(&app, &list).await?;
    Ok(Answer(MeasurementPage { measurements, next }))
}

/// One page, and where the next one starts.
pub(crate) async fn page(
    app: &App,
    list: &ListMeasurements,
) -> Result<(Vec<MeasurementLine>, Option<String>), ApiError> {
    let limit = page::limit(list.limit)?;
    let before = Cursor::read(list.after.as_deref())?;
    let filter = Filter {
        model: list.model.as_ref().map(|model| model.as_str()),
        machine: list.machine.as_ref().map(|machine| machine.as_str()),
        task: list.task.map(Task::name),
        kind: list.kind.map(Kind::name),
        origin: list.origin.map(Origin::name),
    };
    let (found, next) = public_measurements::list(&app.store, &filter, before, limit).await?;
    Ok((found, next.map(Cursor::write)))
}

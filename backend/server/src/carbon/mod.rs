//! Where the carbon intensity of each Zone comes from.
//!
//! Every source ends in the same table, so that a live one can be added beside the static one. Must not: put a
//! figure there without its source, its year or instant, and its kind of factors.

mod source;
mod static_table;

use store::{Store, grid};
use time::OffsetDateTime;

/// Loads the static table, so that every Zone it knows has an intensity.
///
/// # Errors
/// [`store::Error`] if the database cannot be used.
pub async fn load(store: &Store, now: OffsetDateTime) -> Result<(), store::Error> {
    grid::keep(store, &static_table::intensities(), now).await
}

//! Where the carbon intensity of each Zone comes from: live sources where the operator names one, and a table of yearly
//! means under them all.
//!
//! Every source ends in the same table of the database, from which carbon is derived when a record is read; a figure that
//! comes later changes what is read and no record. Must not: put a figure there without its source, its year or instant,
//! and its kind of factors, or hold up a measurement.

mod electricity_maps;
mod error;
mod refresh;
mod settings;
mod static_table;
mod uk;

#[cfg(test)]
mod tests;

use store::{Store, grid};
use time::OffsetDateTime;

pub use error::CarbonError;
pub(crate) use refresh::run;
pub use settings::{GridSettings, Secret, ZoneSource};

/// Loads the static table, so that every Zone it knows has an intensity.
///
/// # Errors
/// [`store::Error`] if the database cannot be used.
pub async fn load(store: &Store, now: OffsetDateTime) -> Result<(), store::Error> {
    grid::keep(store, &static_table::intensities(), now).await.map(drop)
}

/// What a source is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// The value for now.
    Latest,
    /// The values of the last day.
    Day,
    /// The values from one instant to another, at most ten days.
    Range(OffsetDateTime, OffsetDateTime),
}

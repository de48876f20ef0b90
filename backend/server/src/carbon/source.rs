//! Who publishes the figures of the static table.
//!
//! Must not: be left out where a figure is shown.

/// Who made the yearly means of countries, under CC BY 4.0.
pub(super) const COUNTRY_YEAR: &str =
    "Ember and Energy Institute, processed by Our World in Data (CC BY 4.0)";
/// Who made the yearly mean of the world.
pub(super) const WORLD_YEAR: &str = "IEA, as the Green Metrics Tool uses it";
/// Emissions of the whole life of the plants, not of the fuel alone.
pub(super) const FACTOR_TYPE: &str = "lifecycle";
/// The year that the means stand for.
pub(super) const YEAR: u16 = 2023;

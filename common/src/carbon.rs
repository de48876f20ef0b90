//! The carbon intensity of a grid area, with where it comes from: which value holds for a span of time, and for a Zone
//! of which nothing is known.
//!
//! Must not: fetch (that is `server::carbon`), or be used without its source beside it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::ids::Zone;
use crate::units::{CarbonIntensity, seconds};
use crate::word::words;

/// The Zone that stands in where nothing is known of a Machine's own.
pub const WORLD: &str = "WORLD";
/// A value stands in for a time after it for at most this long.
pub const STANDS_IN: Duration = Duration::from_secs(2 * 3600);
/// A value stands in for a time before it for at most this long.
pub const STANDS_IN_BEFORE: Duration = Duration::from_secs(3600);

words! {
    /// How good an intensity is, best first.
    GridQuality, "quality of an intensity", {
        /// Measured generation, for the very hour or finer.
        Measured = "measured",
        /// Estimated by the source for that hour.
        Estimated = "estimated",
        /// A value of the same Zone for another hour, at most two hours away.
        Cached = "cached",
        /// A mean over a year of a country.
        StaticCountryYear = "static_country_year",
        /// A mean over a year of the world.
        StaticWorld = "static_world",
    }
}

/// Intensity of one Zone over one span of time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GridIntensity {
    /// Which grid area.
    pub zone: Zone,
    /// Its name for people.
    pub zone_name: String,
    /// Its intensity, location-based.
    #[serde(rename = "intensity_g_per_kwh")]
    pub intensity: CarbonIntensity,
    /// How good the figure is.
    pub quality: GridQuality,
    /// Who published it.
    pub source: String,
    /// Which year it stands for, where it is a yearly mean.
    pub year: Option<u16>,
    /// Which factors it was made with, such as `lifecycle`.
    pub factor_type: String,
    /// From which instant on it holds, where it is not a yearly mean.
    #[serde(with = "time::serde::rfc3339::option", default)]
    pub at: Option<OffsetDateTime>,
    /// For how long from then on; null for a yearly mean and where the source does not say.
    #[serde(rename = "span_s", with = "seconds::option", default)]
    #[schema(value_type = Option<f64>)]
    pub span: Option<Duration>,
    /// When the source gave this very figure; null for a yearly mean.
    #[serde(with = "time::serde::rfc3339::option", default)]
    pub retrieved_at: Option<OffsetDateTime>,
}

impl GridIntensity {
    /// The span of time that it holds for; empty where the source does not say for how long.
    fn holds(&self) -> Option<(OffsetDateTime, OffsetDateTime)> {
        let at = self.at?;
        Some((at, at + self.span.unwrap_or_default()))
    }

    /// Whether the source was asked for it afterwards: a figure that came when its hour was long over.
    pub fn is_back_filled(&self) -> bool {
        matches!((self.holds(), self.retrieved_at), (Some((_, end)), Some(got)) if got > end + STANDS_IN)
    }

    /// The same as the newest that is known at `now`: what is for an earlier hour says so.
    #[must_use]
    pub fn as_of(self, now: OffsetDateTime) -> Self {
        match self.holds() {
            Some((_, end)) if end < now => Self { quality: self.quality.max(GridQuality::Cached), ..self },
            _ => self,
        }
    }
}

/// What holds from `start` to `end`, of the values of one Zone: their mean, weighted by time, where one source covers
/// all of that span; else the value nearest to it, which then only stands in. `None` where there is none near.
pub fn over(values: &[GridIntensity], start: OffsetDateTime, end: OffsetDateTime) -> Option<GridIntensity> {
    let mut sources: Vec<(&str, &str)> =
        values.iter().map(|value| (value.source.as_str(), value.factor_type.as_str())).collect();
    sources.sort_unstable();
    sources.dedup();
    let covering = sources
        .into_iter()
        .filter_map(|(source, factors)| {
            covering(values.iter().filter(|v| v.source == source && v.factor_type == factors), start, end)
        })
        .min_by_key(|value| (value.quality, std::cmp::Reverse(value.retrieved_at)));
    covering.or_else(|| nearest(values, start, end))
}

/// The mean of the values that cover a span without a gap.
fn covering<'a>(
    values: impl Iterator<Item = &'a GridIntensity>,
    start: OffsetDateTime,
    end: OffsetDateTime,
) -> Option<GridIntensity> {
    let mut steps: Vec<(OffsetDateTime, OffsetDateTime, &GridIntensity)> =
        values.filter_map(|value| value.holds().map(|(from, to)| (from, to, value))).collect();
    steps.sort_by_key(|step| step.0);
    let first = steps.iter().rposition(|step| step.0 <= start && start < step.1)?;
    let (mut reached, mut sum, mut quality) = (start, 0.0, GridQuality::Measured);
    let whole = (end - start).as_seconds_f64();
    for (from, to, value) in &steps[first..] {
        if *from > reached {
            return None;
        }
        let until = (*to).min(end);
        sum += value.intensity.grams_per_kwh() * (until - reached).as_seconds_f64().max(0.0);
        quality = quality.max(value.quality);
        reached = reached.max(until);
        if reached >= end {
            let (_, _, value) = steps[first];
            let mean = if whole > 0.0 { sum / whole } else { value.intensity.grams_per_kwh() };
            let intensity = CarbonIntensity::from_grams_per_kwh(mean);
            return Some(GridIntensity { intensity, quality, ..value.clone() });
        }
    }
    None
}

fn nearest(values: &[GridIntensity], start: OffsetDateTime, end: OffsetDateTime) -> Option<GridIntensity> {
    let away = |value: &GridIntensity| {
        let (from, to) = value.holds()?;
        let (before, after) = (start - to, from - end);
        (before <= STANDS_IN && after <= STANDS_IN_BEFORE).then_some(before.max(after))
    };
    let (_, value) =
        values.iter().filter_map(|value| Some((away(value)?, value))).min_by_key(|(away, _)| *away)?;
    Some(GridIntensity { quality: value.quality.max(GridQuality::Cached), ..value.clone() })
}

/// The hours of one Zone, in order, by the source that holds most of it: what-if by the hour never mixes two.
pub fn series<'a>(hours: &'a [GridIntensity], zone: &Zone) -> Vec<&'a GridIntensity> {
    let mut sources: Vec<Vec<&GridIntensity>> = Vec::new();
    for value in
        hours.iter().filter(|value| value.zone == *zone && value.at.is_some() && value.span.is_some())
    {
        let is_same =
            |each: &GridIntensity| each.source == value.source && each.factor_type == value.factor_type;
        match sources.iter_mut().find(|known| known.first().is_some_and(|first| is_same(first))) {
            Some(known) => known.push(value),
            None => sources.push(vec![value]),
        }
    }
    let mut most = sources.into_iter().max_by_key(Vec::len).unwrap_or_default();
    most.sort_by_key(|value| value.at);
    most
}

/// Cleanest, dirtiest and mean hour of a series; the mean is weighted by how long each value holds.
pub fn extremes<'a>(
    series: &[&'a GridIntensity],
) -> Option<(&'a GridIntensity, &'a GridIntensity, CarbonIntensity)> {
    let by_intensity = |a: &&&GridIntensity, b: &&&GridIntensity| {
        a.intensity.grams_per_kwh().total_cmp(&b.intensity.grams_per_kwh())
    };
    let cleanest = series.iter().min_by(by_intensity)?;
    let dirtiest = series.iter().max_by(by_intensity)?;
    let seconds = |value: &GridIntensity| value.span.unwrap_or_default().as_secs_f64();
    let whole: f64 = series.iter().map(|value| seconds(value)).sum();
    let sum: f64 = series.iter().map(|value| value.intensity.grams_per_kwh() * seconds(value)).sum();
    (whole > 0.0).then(|| (*cleanest, *dirtiest, CarbonIntensity::from_grams_per_kwh(sum / whole)))
}

/// What is known for a Zone: its own value, else that of the country it lies in, else the world's.
pub fn for_zone<'a>(zones: &'a [GridIntensity], zone: &Zone) -> Option<&'a GridIntensity> {
    [zone.as_str(), zone.country(), WORLD]
        .into_iter()
        .find_map(|name| zones.iter().find(|known| known.zone.as_str() == name))
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::units::Power;

    const START: OffsetDateTime = datetime!(2026-11-21 10:00 UTC);

    fn value(at: OffsetDateTime, minutes: u64, grams_per_kwh: f64) -> GridIntensity {
        GridIntensity {
            zone: "FR".parse().unwrap(),
            zone_name: "France".to_owned(),
            intensity: CarbonIntensity::from_grams_per_kwh(grams_per_kwh),
            quality: GridQuality::Measured,
            source: "test".to_owned(),
            year: None,
            factor_type: "lifecycle".to_owned(),
            at: Some(at),
            span: Some(Duration::from_secs(60 * minutes)),
            retrieved_at: Some(at + Duration::from_secs(60 * minutes)),
        }
    }

    fn seconds_later(seconds: u64) -> OffsetDateTime {
        START + Duration::from_secs(seconds)
    }

    #[test]
    fn a_run_over_a_step_of_the_grid_has_the_mean_weighted_by_time() {
        let hour = Duration::from_secs(3600);
        let values = [value(START, 60, 200.0), value(START - hour, 60, 50.0)];
        let from = START - Duration::from_secs(200);
        let found = over(&values, from, seconds_later(400)).unwrap();
        assert!((found.intensity.grams_per_kwh() - 150.0).abs() < 1e-9);
        let carbon = Power::from_watts(300.0) * Duration::from_secs(600) * found.intensity;
        assert!((carbon.grams() - 7.5).abs() < 1e-9);
        assert_eq!((found.quality, found.at), (GridQuality::Measured, Some(START - hour)));
    }

    #[test]
    fn one_estimated_part_makes_the_mean_estimated_and_a_gap_makes_it_stand_in() {
        let mut later = value(seconds_later(300), 5, 90.0);
        later.quality = GridQuality::Estimated;
        let values = [value(START, 5, 30.0), later.clone()];
        let found = over(&values, START, seconds_later(600)).unwrap();
        assert_eq!((found.intensity.grams_per_kwh(), found.quality), (60.0, GridQuality::Estimated));
        later.at = Some(seconds_later(301));
        let found = over(&[values[0].clone(), later], START, seconds_later(600)).unwrap();
        assert_eq!((found.intensity.grams_per_kwh(), found.quality), (30.0, GridQuality::Cached));
    }

    #[test]
    fn two_sources_are_never_mixed_and_the_better_is_taken() {
        let mut other = value(START, 60, 99.0);
        (other.source, other.quality) = ("other".to_owned(), GridQuality::Estimated);
        let ours = value(START, 60, 40.0);
        for values in [[other.clone(), ours.clone()], [ours, other]] {
            assert_eq!(over(&values, START, seconds_later(60)).unwrap().intensity.grams_per_kwh(), 40.0);
        }
    }

    #[test]
    fn a_value_stands_in_for_two_hours_and_no_longer() {
        let values = [value(START, 60, 40.0)];
        let at = |seconds| over(&values, seconds_later(seconds), seconds_later(seconds + 5));
        assert_eq!(at(3599 - 10).unwrap().quality, GridQuality::Measured);
        assert_eq!(at(3 * 3600).unwrap().quality, GridQuality::Cached);
        assert_eq!(at(3 * 3600 + 1), None);
        assert_eq!(over(&values, START, START).unwrap().quality, GridQuality::Measured);
        assert_eq!(values[0].clone().as_of(seconds_later(60)).quality, GridQuality::Measured);
        assert_eq!(values[0].clone().as_of(seconds_later(3601)).quality, GridQuality::Cached);
    }

    #[test]
    fn the_hours_of_a_zone_are_in_order_and_of_one_source() {
        let hour = Duration::from_secs(3600);
        let mut hours =
            vec![value(START + hour, 60, 90.0), value(START, 60, 30.0), value(START + 2 * hour, 30, 60.0)];
        hours.push(GridIntensity { source: "other".to_owned(), ..value(START, 60, 1.0) });
        hours.push(GridIntensity { zone: "DE".parse().unwrap(), ..value(START, 60, 500.0) });
        let found = series(&hours, &"FR".parse().unwrap());
        assert_eq!(
            found.iter().map(|each| each.intensity.grams_per_kwh()).collect::<Vec<_>>(),
            [30.0, 90.0, 60.0]
        );
        let (cleanest, dirtiest, mean) = extremes(&found).unwrap();
        assert_eq!((cleanest.at, dirtiest.at), (Some(START), Some(START + hour)));
        // (30 · 1 h + 90 · 1 h + 60 · ½ h) over 2½ h
        assert!((mean.grams_per_kwh() - 60.0).abs() < 1e-9);
        assert!(series(&hours, &"PL".parse().unwrap()).is_empty() && extremes(&[]).is_none());
    }

    #[test]
    fn a_figure_that_came_long_after_its_hour_is_back_filled() {
        let mut late = value(START, 60, 40.0);
        assert!(!late.is_back_filled());
        late.retrieved_at = Some(START + Duration::from_secs(26 * 3600));
        assert!(late.is_back_filled());
    }

    #[test]
    fn a_part_of_a_country_falls_back_to_it_and_then_to_the_world() {
        let named = |zone: &str| GridIntensity { zone: zone.parse().unwrap(), ..value(START, 60, 1.0) };
        let zones = [named(WORLD), named("US"), named("US-CAL-CISO")];
        let of = |zone: &str| for_zone(&zones, &zone.parse().unwrap()).unwrap().zone.to_string();
        assert_eq!(of("US-CAL-CISO"), "US-CAL-CISO");
        assert_eq!(of("US-TEX-ERCO"), "US");
        assert_eq!(of("FR"), WORLD);
        assert_eq!(for_zone(&[], &"FR".parse().unwrap()), None);
    }
}

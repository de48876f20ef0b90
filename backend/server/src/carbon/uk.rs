//! The open source of Great Britain's grid: half-hours, no token.
//!
//! Its factors are those of running the plants, not of building them, and each figure says so. Must not: call a forecast
//! measured, or keep a half-hour that has not begun.

use std::time::Duration;

use common::carbon::{GridIntensity, GridQuality};
use common::ids::Zone;
use common::units::CarbonIntensity;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

use super::electricity_maps::{MOST_G_PER_KWH, answer};
use super::settings::Source;
use super::{Asked, CarbonError, static_table};
use crate::outward;

const FACTORS: &str = "operational";
const HALF_HOUR: Duration = Duration::from_secs(1800);
const DAY: Duration = Duration::from_secs(86_400);

/// Where it is.
#[derive(Debug, Clone)]
pub(super) struct CarbonIntensityUk {
    pub(super) url: String,
}

impl CarbonIntensityUk {
    pub(super) fn ask(
        &self,
        zone: &Zone,
        asked: Asked,
        limit: Duration,
        now: OffsetDateTime,
    ) -> Result<Vec<GridIntensity>, CarbonError> {
        let base = self.url.trim_end_matches('/');
        let range = |from, to| -> Result<String, CarbonError> {
            Ok(format!("{base}/intensity/{}/{}", minute(from)?, minute(to)?))
        };
        let url = match asked {
            Asked::Latest => format!("{base}/intensity"),
            Asked::Day => range(now - DAY, now)?,
            Asked::Range(from, to) => range(from, to)?,
        };
        let reply = outward::get(&url, &[("Accept", "application/json")], false, limit)?;
        let document = answer(&reply, zone, now)?;
        let list = document.get("data").and_then(Value::as_array);
        let list = list.ok_or_else(|| CarbonError::nonsense("it holds no list of half-hours"))?;
        let mut found = Vec::new();
        for entry in list {
            found.extend(value(entry, zone, now)?);
        }
        Ok(found)
    }
}

/// One half-hour; `None` where it has not begun or has no figure.
fn value(entry: &Value, zone: &Zone, now: OffsetDateTime) -> Result<Option<GridIntensity>, CarbonError> {
    let at = entry.get("from").and_then(Value::as_str).and_then(read_minute);
    let at = at.ok_or_else(|| CarbonError::nonsense("a half-hour has no usable `from`"))?;
    let figure = |name: &str| entry.pointer(&format!("/intensity/{name}")).and_then(Value::as_f64);
    let (intensity, quality) = match (figure("actual"), figure("forecast")) {
        (Some(actual), _) => (actual, GridQuality::Measured),
        (None, Some(forecast)) => (forecast, GridQuality::Estimated),
        (None, None) => return Ok(None),
    };
    if !(0.0..=MOST_G_PER_KWH).contains(&intensity) {
        return Err(CarbonError::nonsense(format!("an intensity of {intensity} g/kWh cannot be")));
    }
    Ok((at <= now).then(|| GridIntensity {
        zone: zone.clone(),
        zone_name: static_table::name_of(zone),
        intensity: CarbonIntensity::from_grams_per_kwh(intensity),
        quality,
        source: Source::CarbonIntensityUk.name().to_owned(),
        year: None,
        factor_type: FACTORS.to_owned(),
        at: Some(at),
        span: Some(HALF_HOUR),
        retrieved_at: Some(now),
    }))
}

/// An instant as this source writes it: to the minute, in UTC.
fn minute(at: OffsetDateTime) -> Result<String, CarbonError> {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]Z");
    let at = at.to_offset(time::UtcOffset::UTC);
    at.format(&format).map_err(|error| CarbonError::nonsense(error.to_string()))
}

fn read_minute(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(&text.replacen('Z', ":00Z", 1), &Rfc3339).ok()
}

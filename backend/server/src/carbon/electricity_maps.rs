//! Electricity Maps, version 3 of its API.
//!
//! Asked for a zone that it does not know, it answers for the place that the question comes from: it is told not to, and
//! an answer for another zone is refused. What it estimated is never called measured. Must not: use factors other than
//! those of the whole life of the plants, which the yearly means have too.

use std::time::Duration;

use common::carbon::{GridIntensity, GridQuality};
use common::ids::Zone;
use common::units::CarbonIntensity;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::settings::{Secret, Source};
use super::{Asked, CarbonError, static_table};
use crate::outward::{self, Reply};

const FACTORS: &str = "lifecycle";
/// No grid emits more; a coal plant emits about 1,000.
pub(super) const MOST_G_PER_KWH: f64 = 3000.0;
/// A value may begin so much after our clock says now: clocks differ.
pub(super) const CLOCKS_DIFFER: Duration = Duration::from_secs(600);

/// Where it is and how it is entered.
#[derive(Debug, Clone)]
pub(super) struct ElectricityMaps {
    pub(super) url: String,
    pub(super) token: Secret,
}

impl ElectricityMaps {
    pub(super) fn ask(
        &self,
        zone: &Zone,
        asked: Asked,
        limit: Duration,
        now: OffsetDateTime,
    ) -> Result<Vec<GridIntensity>, CarbonError> {
        let (place, more) = match asked {
            Asked::Latest => ("latest", String::new()),
            Asked::Day => ("history", String::new()),
            Asked::Range(from, to) => {
                ("past-range", format!("&start={}&end={}", rfc3339(from)?, rfc3339(to)?))
            }
        };
        let url = format!(
            "{}/v3/carbon-intensity/{place}?zone={zone}&emissionFactorType={FACTORS}&temporalGranularity=hourly\
             &shouldUseFallbackCallerLookup=false{more}",
            self.url.trim_end_matches('/')
        );
        let reply = outward::get(&url, &[("auth-token", &self.token.0)], false, limit)?;
        let document = answer(&reply, zone, now)?;
        is_of(&document, zone)?;
        let list = match asked {
            Asked::Latest => return Ok(vec![value(&document, zone, &document, now)?]),
            Asked::Day => document.get("history"),
            Asked::Range(..) => document.get("data"),
        };
        let list = list
            .and_then(Value::as_array)
            .ok_or_else(|| CarbonError::nonsense("it holds no list of hours"))?;
        // An hour without a figure is a gap, not a mistake.
        let known =
            list.iter().filter(|entry| entry.get("carbonIntensity").is_some_and(|figure| !figure.is_null()));
        known
            .map(|entry| {
                is_of(entry, zone)?;
                value(entry, zone, &document, now)
            })
            .collect()
    }
}

/// The document of an answer that is one, and what any other status means.
pub(super) fn answer(reply: &Reply, zone: &Zone, now: OffsetDateTime) -> Result<Value, CarbonError> {
    match reply.status {
        200..=299 => serde_json::from_slice(&reply.body)
            .map_err(|error| CarbonError::nonsense(format!("it is not JSON ({error})"))),
        status @ (401 | 403) => Err(CarbonError::Forbidden { status }),
        404 => Err(CarbonError::Unknown { zone: zone.clone() }),
        429 => Err(CarbonError::SlowDown { wait: retry_after(reply, now) }),
        status @ 500.. => Err(CarbonError::Away(format!("status {status}"))),
        status => Err(CarbonError::nonsense(format!("status {status}"))),
    }
}

/// `Retry-After`, in seconds or as a date.
fn retry_after(reply: &Reply, now: OffsetDateTime) -> Option<Duration> {
    let text = reply.headers.get("retry-after")?.to_str().ok()?.trim();
    let seconds = text.parse().ok().map(Duration::from_secs);
    seconds.or_else(|| {
        let at = OffsetDateTime::parse(text, &time::format_description::well_known::Rfc2822).ok()?;
        (at - now).try_into().ok()
    })
}

/// Refuses what is of another zone, or made with other factors. What says neither is taken for what it lies in.
fn is_of(document: &Value, zone: &Zone) -> Result<(), CarbonError> {
    let said = |name: &str| document.get(name).and_then(Value::as_str);
    match (said("zone"), said("emissionFactorType")) {
        (Some(answered), _) if answered != zone.as_str() => {
            Err(CarbonError::Foreign { asked: zone.clone(), answered: answered.chars().take(40).collect() })
        }
        (_, Some(factors)) if factors != FACTORS => {
            Err(CarbonError::nonsense(format!("its factors are {factors:?}, not {FACTORS:?}")))
        }
        _ => Ok(()),
    }
}

fn value(
    entry: &Value,
    zone: &Zone,
    document: &Value,
    now: OffsetDateTime,
) -> Result<GridIntensity, CarbonError> {
    let missing = |name: &str| CarbonError::nonsense(format!("it has no usable {name}"));
    if [entry, document].iter().all(|part| part.get("zone").is_none()) {
        return Err(missing("zone"));
    }
    let at = entry.get("datetime").and_then(Value::as_str);
    let at =
        at.and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok()).ok_or_else(|| missing("datetime"))?;
    if at > now + CLOCKS_DIFFER {
        return Err(CarbonError::nonsense(format!("its datetime {at} lies in the future")));
    }
    let intensity = entry.get("carbonIntensity").and_then(Value::as_f64);
    let intensity = intensity
        .filter(|value| (0.0..=MOST_G_PER_KWH).contains(value))
        .ok_or_else(|| missing("carbonIntensity"))?;
    // What does not say that it was measured was not.
    let is_measured = entry.get("isEstimated").and_then(Value::as_bool) == Some(false)
        && entry.get("estimationMethod").is_none_or(Value::is_null);
    let granularity =
        [entry, document].into_iter().find_map(|part| part.get("temporalGranularity")?.as_str());
    Ok(GridIntensity {
        zone: zone.clone(),
        zone_name: static_table::name_of(zone),
        intensity: CarbonIntensity::from_grams_per_kwh(intensity),
        quality: if is_measured { GridQuality::Measured } else { GridQuality::Estimated },
        source: Source::ElectricityMaps.name().to_owned(),
        year: None,
        factor_type: FACTORS.to_owned(),
        at: Some(at),
        span: Some(match granularity {
            Some("5_minutes") => Duration::from_secs(300),
            Some("15_minutes") => Duration::from_secs(900),
            _ => Duration::from_secs(3600),
        }),
        retrieved_at: Some(now),
    })
}

fn rfc3339(at: OffsetDateTime) -> Result<String, CarbonError> {
    let at = at.to_offset(time::UtcOffset::UTC).replace_nanosecond(0).unwrap_or(at);
    at.format(&Rfc3339).map_err(|error| CarbonError::nonsense(error.to_string()))
}

//! Physical quantities whose type carries the unit, after the model of `std::time::Duration`.
//!
//! Must not: convert from a bare number without naming its unit, or offer arithmetic that physics
//! does not. On the wire a quantity is a bare number and the field's name carries the unit.

use std::ops::{Add, AddAssign, Div, Mul, Sub};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Joules in one kilowatt-hour.
const JOULES_PER_KWH: f64 = 3.6e6;

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident, $from:ident, $read:ident, $unit:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        pub struct $name(f64);

        impl $name {
            #[doc = concat!("From ", $unit, ".")]
            pub const fn $from(value: f64) -> Self {
                Self(value)
            }

            #[doc = concat!("In ", $unit, ".")]
            pub const fn $read(self) -> f64 {
                self.0
            }

            /// Whether the value is a finite number; a report with any other is refused.
            pub const fn is_finite(self) -> bool {
                self.0.is_finite()
            }
        }
    };
}

macro_rules! additive {
    ($name:ident) => {
        impl $name {
            /// Nothing at all; the start of a sum, never the stand-in for a missing reading.
            pub const ZERO: Self = Self(0.0);
        }
        impl Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0 + other.0)
            }
        }
        impl AddAssign for $name {
            fn add_assign(&mut self, other: Self) {
                self.0 += other.0;
            }
        }
        impl Sub for $name {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                Self(self.0 - other.0)
            }
        }
        impl Mul<f64> for $name {
            type Output = Self;
            fn mul(self, factor: f64) -> Self {
                Self(self.0 * factor)
            }
        }
        impl Div<f64> for $name {
            type Output = Self;
            fn div(self, divisor: f64) -> Self {
                Self(self.0 / divisor)
            }
        }
        impl Div for $name {
            type Output = f64;
            fn div(self, other: Self) -> f64 {
                self.0 / other.0
            }
        }
        impl std::iter::Sum for $name {
            fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
                parts.fold(Self::ZERO, Add::add)
            }
        }
    };
}

quantity! {
    /// Energy in joules.
    Energy, from_joules, joules, "joules"
}
additive!(Energy);
quantity! {
    /// Power in watts.
    Power, from_watts, watts, "watts"
}
additive!(Power);
quantity! {
    /// A mass of carbon-dioxide equivalent, in grams.
    Carbon, from_grams, grams, "grams of CO2e"
}
additive!(Carbon);
quantity! {
    /// Grid carbon intensity in grams of CO2e per kilowatt-hour, location-based.
    CarbonIntensity, from_grams_per_kwh, grams_per_kwh, "grams of CO2e per kilowatt-hour"
}
quantity! {
    /// Temperature in degrees Celsius.
    Temperature, from_celsius, celsius, "degrees Celsius"
}

impl Energy {
    /// From microjoules, the unit of powercap.
    pub fn from_microjoules(value: f64) -> Self {
        Self(value * 1e-6)
    }

    /// From millijoules, the unit of NVML's counter.
    pub fn from_millijoules(value: f64) -> Self {
        Self(value * 1e-3)
    }

    /// From watt-hours, the unit of plugs.
    pub const fn from_watt_hours(value: f64) -> Self {
        Self(value * 3600.0)
    }

    /// In watt-hours.
    pub fn watt_hours(self) -> f64 {
        self.0 / 3600.0
    }

    /// In kilowatt-hours.
    pub fn kilowatt_hours(self) -> f64 {
        self.0 / JOULES_PER_KWH
    }
}

impl Power {
    /// From milliwatts, the unit of NVML's power readings.
    pub fn from_milliwatts(value: u32) -> Self {
        Self(f64::from(value) * 1e-3)
    }
}

impl Mul<Duration> for Power {
    type Output = Energy;
    fn mul(self, duration: Duration) -> Energy {
        Energy(self.0 * duration.as_secs_f64())
    }
}

impl Div<Duration> for Energy {
    type Output = Power;
    fn div(self, duration: Duration) -> Power {
        Power(self.0 / duration.as_secs_f64())
    }
}

impl Mul<CarbonIntensity> for Energy {
    type Output = Carbon;
    fn mul(self, intensity: CarbonIntensity) -> Carbon {
        Carbon(self.kilowatt_hours() * intensity.0)
    }
}

/// A [`Duration`] on the wire: seconds as a number, in a field whose name ends in `_s`.
pub mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    /// Longest span that is read: three hundred years. Sums of spans never overflow then.
    pub const LONGEST: f64 = 1e10;

    /// A span, unless it is negative, not a number or absurdly long.
    fn span<E: serde::de::Error>(value: f64) -> Result<Duration, E> {
        if value > LONGEST {
            return Err(E::custom(format!("{value} seconds are more than {LONGEST}")));
        }
        Duration::try_from_secs_f64(value).map_err(E::custom)
    }

    /// Writes seconds.
    pub fn serialize<S: Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(value.as_secs_f64())
    }

    /// Reads seconds; refuses what is negative, not finite or absurdly large.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        span(f64::deserialize(deserializer)?)
    }

    /// The same for a list.
    pub mod list {
        use std::time::Duration;

        use serde::{Deserialize, Deserializer, Serializer};

        /// Writes a list of seconds.
        pub fn serialize<S: Serializer>(values: &[Duration], serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_seq(values.iter().map(Duration::as_secs_f64))
        }

        /// Reads a list of seconds.
        pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Duration>, D::Error> {
            Vec::<f64>::deserialize(deserializer)?.into_iter().map(super::span).collect()
        }
    }

    /// The same where it may be missing.
    pub mod option {
        use std::time::Duration;

        use serde::{Deserialize, Deserializer, Serializer};

        /// Writes seconds or null.
        pub fn serialize<S: Serializer>(value: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
            match value {
                Some(value) => serializer.serialize_some(&value.as_secs_f64()),
                None => serializer.serialize_none(),
            }
        }

        /// Reads seconds or null.
        pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
            Option::<f64>::deserialize(deserializer)?.map(super::span).transpose()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kilowatt_hour_at_475_grams_emits_exactly_475_grams() {
        let carbon = Energy::from_joules(3.6e6) * CarbonIntensity::from_grams_per_kwh(475.0);
        assert_eq!(carbon.grams(), 475.0);
    }

    #[test]
    fn power_times_duration_is_energy_and_back() {
        let energy = Power::from_milliwatts(250_000) * Duration::from_millis(1500);
        assert_eq!(energy.joules(), 375.0);
        assert_eq!((energy / Duration::from_millis(1500)).watts(), 250.0);
        assert!((energy.watt_hours() - 0.104_166_666_7).abs() < 1e-9);
    }

    #[test]
    fn a_negative_duration_on_the_wire_is_refused() {
        #[derive(Deserialize)]
        struct Wire {
            #[serde(with = "seconds")]
            wait_s: Duration,
        }
        assert_eq!(
            serde_json::from_str::<Wire>(r#"{"wait_s": 0.25}"#).unwrap().wait_s,
            Duration::from_millis(250)
        );
        assert!(serde_json::from_str::<Wire>(r#"{"wait_s": -1}"#).is_err());
        assert!(serde_json::from_str::<Wire>(r#"{"wait_s": 1e300}"#).is_err());
    }
}

//! Software Carbon Intensity, ISO/IEC 21031:2024 (v1.1.0): `SCI = (O + M) per R`,
//! `O = E·I`, `M = TE·TS·RS`.
//!
//! E is the gross energy of the Window's body times the building's PUE; the machine is reserved, so its idle
//! share is included and `RS` is 1. Must not: charge cool-down or warm-up to the Prompt.

use std::time::Duration;

use crate::machine::Embodied;
use crate::units::{Carbon, CarbonIntensity, Energy};

/// Operational and embodied emissions of one functional unit R.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sci {
    /// `O`: emissions of the energy used.
    pub operational: Carbon,
    /// `M`: the share of the machine's making.
    pub embodied: Carbon,
}

impl Sci {
    /// The score of one response: `energy` over `reserved` time on a machine that does nothing else.
    pub fn of(
        energy: Energy,
        pue: f64,
        intensity: CarbonIntensity,
        reserved: Duration,
        embodied: &Embodied,
    ) -> Self {
        Self::with_share(energy, pue, intensity, reserved, embodied, 1.0)
    }

    /// The same where only a share of the machine was reserved (`RS`), such as one of eight GPUs.
    pub fn with_share(
        energy: Energy,
        pue: f64,
        intensity: CarbonIntensity,
        reserved: Duration,
        embodied: &Embodied,
        share: f64,
    ) -> Self {
        let time_share = reserved.as_secs_f64() / embodied.lifetime.as_secs_f64();
        Self { operational: energy * pue * intensity, embodied: embodied.total * time_share * share }
    }

    /// The intensity at which the energy emits as much as the machine's making does for the time it took: on a cleaner
    /// grid making it weighs more, on a dirtier one running it. `None` without energy.
    pub fn crossover(
        energy: Energy,
        pue: f64,
        reserved: Duration,
        embodied: &Embodied,
    ) -> Option<CarbonIntensity> {
        let made = Self::of(Energy::ZERO, pue, CarbonIntensity::from_grams_per_kwh(0.0), reserved, embodied);
        let kilowatt_hours = (energy * pue).kilowatt_hours();
        (kilowatt_hours > 0.0)
            .then(|| CarbonIntensity::from_grams_per_kwh(made.embodied.grams() / kilowatt_hours))
    }

    /// The same per another unit, of which one response holds `count`; `None` where it holds none: R cannot be 0.
    pub fn per(self, count: f64) -> Option<Self> {
        let of = |part: Carbon| part / count;
        (count > 0.0).then(|| Self { operational: of(self.operational), embodied: of(self.embodied) })
    }

    /// `O + M`.
    pub fn total(self) -> Carbon {
        self.operational + self.embodied
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

    fn embodied(kilograms: f64) -> Embodied {
        Embodied {
            total: Carbon::from_grams(kilograms * 1000.0),
            lifetime: 4 * YEAR,
            source: "test".to_owned(),
        }
    }

    #[test]
    fn the_guides_worked_example_gives_71_milligrams() {
        let sci = Sci::with_share(
            Energy::from_joules(1870.0),
            1.2,
            CarbonIntensity::from_grams_per_kwh(56.039),
            Duration::from_secs_f64(5.2),
            &embodied(7012.0),
            1.0 / 8.0,
        );
        assert!((sci.operational.grams() * 1000.0 - 34.93).abs() < 0.01, "{sci:?}");
        assert!((sci.embodied.grams() * 1000.0 - 36.13).abs() < 0.01, "{sci:?}");
        assert!((sci.total().grams() * 1000.0 - 71.06).abs() < 0.02, "{sci:?}");
    }

    #[test]
    fn at_the_crossover_both_shares_are_equal() {
        let (energy, reserved) = (Energy::from_joules(1870.0), Duration::from_secs_f64(5.2));
        let crossover = Sci::crossover(energy, 1.2, reserved, &embodied(876.5)).unwrap();
        // 36.13 mg over 1870 J × 1.2 in kWh
        assert!((crossover.grams_per_kwh() - 57.97).abs() < 0.02, "{crossover:?}");
        let sci = Sci::of(energy, 1.2, crossover, reserved, &embodied(876.5));
        assert!((sci.operational.grams() / sci.embodied.grams() - 1.0).abs() < 1e-9);
        assert_eq!(Sci::crossover(Energy::ZERO, 1.2, reserved, &embodied(1.0)), None);
    }

    #[test]
    fn per_token_both_shares_are_divided_and_by_nothing_none_is() {
        let sci = Sci { operational: Carbon::from_grams(6.0), embodied: Carbon::from_grams(2.0) };
        let per_token = sci.per(4.0).unwrap();
        assert_eq!((per_token.operational.grams(), per_token.embodied.grams()), (1.5, 0.5));
        assert_eq!((sci.per(0.0), sci.per(f64::NAN)), (None, None));
    }

    #[test]
    fn the_specifications_example_of_a_ton_over_four_years_gives_28_grams_an_hour() {
        let sci = Sci::of(
            Energy::ZERO,
            1.0,
            CarbonIntensity::from_grams_per_kwh(0.0),
            Duration::from_secs(3600),
            &embodied(1000.0),
        );
        assert!((sci.total().grams() - 28.54).abs() < 0.01);
    }
}

//! Yearly means of countries and of the world: the floor under every live source.
//!
//! Must not: hold a country whose figure is not of the same year and source as the others.

use common::carbon::{GridIntensity, GridQuality};
use common::ids::Zone;
use common::units::CarbonIntensity;

/// Who made the yearly means of countries, under CC BY 4.0.
const COUNTRY_YEAR: &str = "Ember and Energy Institute, processed by Our World in Data (CC BY 4.0)";
/// Who made the yearly mean of the world.
const WORLD_YEAR: &str = "IEA, as the Green Metrics Tool uses it";
/// Emissions of the whole life of the plants, not of the fuel alone.
const FACTOR_TYPE: &str = "lifecycle";
/// The year that the means stand for.
const YEAR: u16 = 2023;

/// Grams of CO2e per kilowatt-hour generated in 2023.
const COUNTRIES: &[(&str, &str, f64)] = &[
    ("AR", "Argentina", 354.103),
    ("AT", "Austria", 110.812),
    ("AU", "Australia", 548.692),
    ("BD", "Bangladesh", 691.411),
    ("BE", "Belgium", 138.107),
    ("BG", "Bulgaria", 335.334),
    ("BR", "Brazil", 98.348),
    ("CA", "Canada", 170.043),
    ("CH", "Switzerland", 34.843),
    ("CL", "Chile", 291.113),
    ("CN", "China", 582.317),
    ("CO", "Colombia", 259.511),
    ("CZ", "Czechia", 449.724),
    ("DE", "Germany", 380.95),
    ("DK", "Denmark", 151.65),
    ("EE", "Estonia", 416.667),
    ("EG", "Egypt", 570.306),
    ("ES", "Spain", 174.05),
    ("FI", "Finland", 79.158),
    ("FR", "France", 56.039),
    ("GB", "United Kingdom", 237.589),
    ("GR", "Greece", 336.574),
    ("HR", "Croatia", 204.962),
    ("HU", "Hungary", 204.19),
    ("IE", "Ireland", 290.805),
    ("IN", "India", 713.441),
    ("IT", "Italy", 330.718),
    ("JP", "Japan", 485.392),
    ("KE", "Kenya", 70.492),
    ("KR", "South Korea", 430.567),
    ("LT", "Lithuania", 160.072),
    ("LU", "Luxembourg", 105.263),
    ("LV", "Latvia", 123.2),
    ("MA", "Morocco", 630.014),
    ("MX", "Mexico", 507.245),
    ("NG", "Nigeria", 523.247),
    ("NL", "Netherlands", 267.622),
    ("NO", "Norway", 30.08),
    ("NZ", "New Zealand", 112.758),
    ("PH", "Philippines", 610.688),
    ("PK", "Pakistan", 440.608),
    ("PL", "Poland", 661.926),
    ("PT", "Portugal", 165.553),
    ("RO", "Romania", 240.583),
    ("SE", "Sweden", 40.695),
    ("SG", "Singapore", 470.783),
    ("SI", "Slovenia", 231.275),
    ("SK", "Slovakia", 116.774),
    ("TH", "Thailand", 549.583),
    ("TR", "Turkey", 464.586),
    ("TW", "Taiwan", 642.378),
    ("US", "United States", 369.473),
    ("UY", "Uruguay", 128.788),
    ("VN", "Vietnam", 475.449),
    ("ZA", "South Africa", 707.686),
];

/// The same for the world in 2024, as the Green Metrics Tool takes it from the IEA.
const WORLD_G_PER_KWH: f64 = 445.0;
/// The year that the world's figure stands for.
const WORLD_FIGURE_YEAR: u16 = 2024;

/// The whole table.
pub(super) fn intensities() -> Vec<GridIntensity> {
    let world = row(
        store::grid::WORLD,
        "World",
        WORLD_G_PER_KWH,
        GridQuality::StaticWorld,
        (WORLD_YEAR, WORLD_FIGURE_YEAR),
    );
    let countries = COUNTRIES.iter().filter_map(|(zone, name, intensity)| {
        row(zone, name, *intensity, GridQuality::StaticCountryYear, (COUNTRY_YEAR, YEAR))
    });
    countries.chain(world).collect()
}

/// What people call a Zone; its code where that is not known here.
pub(super) fn name_of(zone: &Zone) -> String {
    let known = COUNTRIES.iter().find(|(code, ..)| *code == zone.as_str());
    known.map_or_else(|| zone.to_string(), |(_, name, _)| (*name).to_owned())
}

fn row(
    zone: &str,
    name: &str,
    intensity: f64,
    quality: GridQuality,
    (source, year): (&str, u16),
) -> Option<GridIntensity> {
    Some(GridIntensity {
        zone: zone.parse::<Zone>().ok()?,
        zone_name: name.to_owned(),
        intensity: CarbonIntensity::from_grams_per_kwh(intensity),
        quality,
        source: source.to_owned(),
        year: Some(year),
        factor_type: FACTOR_TYPE.to_owned(),
        at: None,
        span: None,
        retrieved_at: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_kept_and_the_guides_figures_are_there() {
        let table = intensities();
        assert_eq!(table.len(), COUNTRIES.len() + 1);
        for (zone, rounded) in
            [("FR", 56.0), ("DE", 381.0), ("US", 369.5), ("SE", 40.7), ("PL", 661.9), ("IN", 713.4)]
        {
            let found = table.iter().find(|row| row.zone.as_str() == zone).unwrap();
            assert!((found.intensity.grams_per_kwh() - rounded).abs() < 0.06, "{zone}");
        }
    }

    #[test]
    fn no_zone_stands_there_twice() {
        let mut zones: Vec<String> = intensities().iter().map(|row| row.zone.to_string()).collect();
        zones.sort();
        let all = zones.len();
        zones.dedup();
        assert_eq!(zones.len(), all);
    }
}

//! Emissions of making a machine from the parts that it is made of, where its operator has no better figure.
//!
//! Must not: hold a part without who published its figure.

use std::str::FromStr;

/// What a machine is made of: `laptop`, or parts such as `server+8xh100`.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    /// Emissions of making all of them, in kilograms of CO2e.
    pub kilograms: f64,
    /// The sum, part by part, and who says so.
    pub source: String,
}

/// Name, kilograms of CO2e each, what it is, who says so.
const KNOWN: [(&str, f64, &str, &str); 4] = [
    ("laptop", 181.0, "a developer's laptop", "default of the Green Metrics Tool"),
    (
        "server",
        5700.0,
        "a server without accelerators",
        "BoaviztAPI for AWS p5.48xlarge, as EcoLogits takes it",
    ),
    (
        "h100",
        164.0,
        "NVIDIA H100 80GB SXM",
        "NVIDIA's footprint of the HGX H100 over its 8, as EcoLogits takes it",
    ),
    ("a100", 150.0, "NVIDIA A100", "EcoLogits, by the method of Boavizta"),
];

impl FromStr for Parts {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (mut kilograms, mut told) = (0.0, Vec::new());
        for part in text.split('+').map(str::trim) {
            let (count, name) = match part.split_once('x') {
                Some((count, name)) => {
                    let count = count.parse::<u32>().ok().filter(|count| (1..=64).contains(count));
                    (count.ok_or_else(|| format!("{part:?} must start with a count from 1 to 64"))?, name)
                }
                None => (1, part),
            };
            let Some((_, each, what, source)) = KNOWN.iter().find(|known| known.0 == name) else {
                let names: Vec<&str> = KNOWN.iter().map(|known| known.0).collect();
                return Err(format!(
                    "unknown part {name:?}: use {}, or say --embodied-kg and --embodied-source",
                    names.join(", ")
                ));
            };
            kilograms += f64::from(count) * each;
            told.push(format!("{count} × {what}, {each} kg ({source})"));
        }
        Ok(Self { kilograms, source: told.join("; ") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_with_eight_accelerators_is_the_guides_seven_tons() {
        let parts: Parts = "server+8xh100".parse().unwrap();
        assert_eq!(parts.kilograms, 7012.0);
        assert!(
            parts.source.contains("8 × NVIDIA H100") && parts.source.contains("EcoLogits"),
            "{}",
            parts.source
        );
        assert_eq!("laptop".parse::<Parts>().unwrap().kilograms, 181.0);
    }

    #[test]
    fn a_part_that_nobody_knows_is_refused() {
        for (text, named) in [
            ("tower", "unknown part"),
            ("0xh100", "count"),
            ("server+", "unknown part"),
            ("-1xa100", "count"),
        ] {
            let refused = text.parse::<Parts>().unwrap_err();
            assert!(refused.contains(named), "{text}: {refused}");
        }
    }
}

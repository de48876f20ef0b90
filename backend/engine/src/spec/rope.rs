//! Rotary positions: the frequency of each pair and the factor on sine and cosine.
//!
//! Must not: build tables (that is `model::rope`).

use std::f64::consts::PI;

use serde_json::Value;

use crate::error::Error;
use crate::hf::config::HfConfig;
use crate::numeric::{count_f64, single};

/// One rotation: the first `2 · frequencies` numbers of a head rotate, half against half.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RopeSpec {
    pub(crate) frequencies: Vec<f32>,
    /// Factor on sine and cosine.
    pub(crate) factor: f32,
    /// What holds instead for texts longer than the context that the checkpoint was first made for.
    pub(crate) beyond: Option<BeyondSpec>,
}

/// Frequencies for long texts: once a text is longer than `original`, all of its positions turn by them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BeyondSpec {
    pub(crate) original: usize,
    pub(crate) frequencies: Vec<f32>,
}

/// Defaults of a family.
pub(crate) struct RopeDefaults {
    pub(crate) theta: f64,
    pub(crate) partial: f64,
}

impl Default for RopeDefaults {
    fn default() -> Self {
        Self { theta: 10_000.0, partial: 1.0 }
    }
}

/// Reads the rotation; `layer_type` picks one where version 5 keeps several.
pub(crate) fn read(
    config: &HfConfig,
    head_dim: usize,
    defaults: &RopeDefaults,
    layer_type: Option<&str>,
) -> Result<RopeSpec, Error> {
    let nested = config.find(&["rope_parameters", "rope_scaling"]);
    let nested = match (nested, layer_type) {
        (Some(value), Some(kind)) if value.get(kind).is_some_and(Value::is_object) => value.get(kind),
        (value, _) => value,
    };
    let empty = Value::Object(serde_json::Map::new());
    let part = config.part(nested.unwrap_or(&empty));
    let theta = match part.maybe_number(&["rope_theta"])? {
        Some(theta) => theta,
        None => config.number(&["rope_theta", "rotary_emb_base"], defaults.theta)?,
    };
    let partial = match part.maybe_number(&["partial_rotary_factor"])? {
        Some(partial) => partial,
        None => config.number(&["partial_rotary_factor", "rotary_pct"], defaults.partial)?,
    };
    if !(theta > 0.0 && partial > 0.0 && partial <= 1.0) {
        return Err(config.wrong("rope_theta", "a positive theta and a rotated share above 0 and at most 1"));
    }
    // The rotated numbers come in pairs, truncated like the reference does.
    let rotated = (1..=head_dim).rev().find(|&dims| count_f64(dims) <= count_f64(head_dim) * partial);
    let pairs = rotated.filter(|dims| dims % 2 == 0).map(|dims| dims / 2);
    let pairs = pairs.ok_or_else(|| {
        config.wrong(
            "partial_rotary_factor",
            format!("a share that rotates an even part of {head_dim} numbers"),
        )
    })?;
    let shape = Shape { theta, pairs };
    build(config, &part, &shape)
}

struct Shape {
    theta: f64,
    pairs: usize,
}

impl Shape {
    /// The frequencies without any scaling.
    fn plain(&self) -> Vec<f64> {
        (0..self.pairs).map(|pair| self.theta.powf(-count_f64(pair) / count_f64(self.pairs))).collect()
    }
}

fn build(config: &HfConfig, part: &HfConfig, shape: &Shape) -> Result<RopeSpec, Error> {
    let kind = part.maybe_word(&["rope_type", "type"])?.unwrap_or("default");
    let plain = shape.plain();
    let mut beyond = None;
    let (frequencies, factor) = match kind {
        // Dynamic scaling changes nothing before the end of the context.
        "default" | "dynamic" => (plain, 1.0),
        "linear" => {
            let factor = positive(part, "factor")?;
            (plain.into_iter().map(|frequency| frequency / factor).collect(), 1.0)
        }
        "llama3" => (llama3(config, part, plain)?, 1.0),
        "yarn" => yarn(config, part, shape)?,
        "longrope" | "su" => {
            let long = longrope(config, part, &plain)?;
            beyond = Some(long.beyond);
            (long.short, long.factor)
        }
        _ => {
            return Err(Error::unsupported(
                format!("{}: rope type {kind:?} cannot run", config.file().display()),
                "those that can are default, linear, dynamic, llama3, yarn, longrope",
            ));
        }
    };
    if frequencies.iter().any(|frequency| !frequency.is_finite()) {
        return Err(part.wrong("factor", "rope parameters that give finite frequencies"));
    }
    let frequencies = frequencies.into_iter().map(single).collect();
    Ok(RopeSpec { frequencies, factor: single(factor), beyond })
}

/// The context that the checkpoint was first made for: what stands beside the parameters goes before what stands among
/// them, and where neither does, it is the context that it has.
fn original(config: &HfConfig, part: &HfConfig) -> Result<usize, Error> {
    const KEY: &str = "original_max_position_embeddings";
    match (config.maybe_count(&[KEY])?, part.maybe_count(&[KEY])?) {
        (Some(original), _) | (None, Some(original)) => Ok(original),
        (None, None) => config.count(&["max_position_embeddings"]),
    }
}

fn positive(part: &HfConfig, key: &str) -> Result<f64, Error> {
    part.maybe_number(&[key])?.filter(|&value| value > 0.0).ok_or_else(|| part.wrong(key, "a number above 0"))
}

fn llama3(config: &HfConfig, part: &HfConfig, plain: Vec<f64>) -> Result<Vec<f64>, Error> {
    let factor = positive(part, "factor")?;
    let low = positive(part, "low_freq_factor")?;
    let high = positive(part, "high_freq_factor")?;
    let original = count_f64(original(config, part)?);
    let stretched = |frequency: f64| {
        let wavelength = 2.0 * PI / frequency;
        if wavelength < original / high {
            frequency
        } else if wavelength > original / low {
            frequency / factor
        } else {
            let smooth = (original / wavelength - low) / (high - low);
            (1.0 - smooth) * frequency / factor + smooth * frequency
        }
    };
    Ok(plain.into_iter().map(stretched).collect())
}

fn yarn(config: &HfConfig, part: &HfConfig, shape: &Shape) -> Result<(Vec<f64>, f64), Error> {
    let original = count_f64(original(config, part)?);
    let factor = positive(part, "factor")?;
    let mscale = |scale: f64, weight: f64| if scale <= 1.0 { 1.0 } else { 0.1 * weight * scale.ln() + 1.0 };
    let attention = match (
        part.maybe_number(&["attention_factor"])?,
        part.maybe_number(&["mscale"])?,
        part.maybe_number(&["mscale_all_dim"])?,
    ) {
        (Some(attention), _, _) => attention,
        (None, Some(one), Some(all)) if one != 0.0 && all != 0.0 => mscale(factor, one) / mscale(factor, all),
        _ => mscale(factor, 1.0),
    };
    let dims = 2.0 * count_f64(shape.pairs);
    let correction =
        |rotations: f64| dims * (original / (rotations * 2.0 * PI)).ln() / (2.0 * shape.theta.ln());
    let (mut low, mut high) =
        (correction(part.number(&["beta_fast"], 32.0)?), correction(part.number(&["beta_slow"], 1.0)?));
    if part.flag("truncate", true)? {
        (low, high) = (low.floor(), high.ceil());
    }
    (low, high) = (low.max(0.0), high.min(dims - 1.0));
    if low == high {
        high += 0.001;
    }
    let blended = shape.plain().into_iter().enumerate().map(|(pair, frequency)| {
        let ramp = ((count_f64(pair) - low) / (high - low)).clamp(0.0, 1.0);
        frequency / factor * ramp + frequency * (1.0 - ramp)
    });
    Ok((blended.collect(), attention))
}

/// Two sets of frequencies and what they share.
struct LongRope {
    short: Vec<f64>,
    factor: f64,
    beyond: BeyondSpec,
}

/// Short factors up to the original context, long ones beyond.
fn longrope(config: &HfConfig, part: &HfConfig, plain: &[f64]) -> Result<LongRope, Error> {
    let original = original(config, part)?;
    let context = config.count(&["max_position_embeddings"])?;
    let divided = |key: &str| -> Result<Vec<f64>, Error> {
        let factors = part
            .maybe_numbers(key)?
            .filter(|list| list.len() == plain.len() && list.iter().all(|&factor| factor > 0.0))
            .ok_or_else(|| part.wrong(key, format!("{} numbers above 0", plain.len())))?;
        Ok(plain.iter().zip(factors).map(|(frequency, factor)| frequency / factor).collect())
    };
    let (short, long) = (divided("short_factor")?, divided("long_factor")?);
    if long.iter().any(|frequency| !frequency.is_finite()) {
        return Err(part.wrong("long_factor", "factors that give finite frequencies"));
    }
    let ratio = match part.maybe_number(&["factor"])? {
        Some(factor) => factor,
        None => count_f64(context) / count_f64(original),
    };
    let factor = match part.maybe_number(&["attention_factor"])? {
        Some(factor) => factor,
        None if ratio <= 1.0 => 1.0,
        None => (1.0 + ratio.ln() / count_f64(original).ln()).sqrt(),
    };
    let beyond = BeyondSpec { original, frequencies: long.into_iter().map(single).collect() };
    Ok(LongRope { short, factor, beyond })
}

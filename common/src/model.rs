//! A Model: weights at one revision in one dtype, and what is known of their quality.
//!
//! Must not: know how a network is built (that is `engine`).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::ModelId;
use crate::stats::{Z95, share_half_width};
use crate::word::words;

words! {
    /// The number format in which weights are held and products are computed. Data, never a cargo
    /// feature: asking for one that cannot run is an error, never a silent change.
    Dtype, "dtype", {
        /// IEEE single precision.
        F32 = "f32",
        /// IEEE half precision.
        F16 = "f16",
        /// bfloat16.
        Bf16 = "bf16",
        /// 8-bit integer blocks with a scale each.
        Int8 = "int8",
        /// 4-bit integer blocks with a scale each.
        Int4 = "int4",
    }
}

words! {
    /// Where the numbers in the weights come from. Random weights measure speed and energy of a shape,
    /// never the worth of an answer, and are marked wherever they appear.
    Weights, "weights", {
        /// Learned from data.
        Trained = "trained",
        /// Drawn from a seeded generator.
        Random = "random",
    }
}

/// A score of a Model on a named set of questions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Quality {
    /// Which questions and which rule, such as `jouleboard-heldout exact match`; a part of them is named
    /// after a colon, such as `jouleboard-heldout exact match: math`.
    pub benchmark: String,
    /// Share of questions answered correctly, 0 to 1.
    pub score: f64,
    /// How many questions were asked.
    pub n: u32,
    /// Who found it and how, such as `cargo xtask demo-models`.
    pub source: String,
    /// Standard error of the score, where its source says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard_error: Option<f64>,
}

impl Quality {
    /// Half-width of the 95 % interval of the score: from its standard error where that is known, else Wilson's for a
    /// share of right answers. `None` where no question was asked.
    pub fn half_width(&self) -> Option<f64> {
        if let Some(error) = self.standard_error {
            return Some(Z95 * error);
        }
        share_half_width(self.score, self.n.into())
    }

    /// Whether it is the score of a part of a benchmark.
    pub fn is_part(&self) -> bool {
        self.benchmark.contains(": ")
    }
}

/// Weights at one revision in one dtype.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Model {
    /// Names exactly this model: `name@revision:dtype`.
    pub id: ModelId,
    /// What people call it, such as `demo-1m`.
    pub name: String,
    /// The family as its configuration names it, such as `llama`.
    pub family: String,
    /// Number of parameters; tied ones counted once.
    pub parameters: u64,
    /// Number format of weights and products.
    pub dtype: Dtype,
    /// Bits stored per weight, scales included: 32, 16, 8.5, 4.5.
    pub bits_per_weight: f64,
    /// Bytes that the weights take in memory.
    pub weight_bytes: u64,
    /// Revision of the checkpoint: a commit, or the start of the weights' hash.
    pub revision: String,
    /// SHA-256 of the weight files in the order of their names, in hexadecimal.
    pub weights_sha256: String,
    /// Trained or random.
    pub weights: Weights,
    /// Most tokens of prompt and output together.
    pub context_length: u32,
    /// What is known of the worth of its answers; empty when nothing is.
    pub quality: Vec<Quality>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_a_score_is_that_of_its_source_or_wilsons() {
        let mut quality = Quality {
            benchmark: "b".to_owned(),
            score: 0.5,
            n: 100,
            source: "s".to_owned(),
            standard_error: None,
        };
        // Wilson for 50 of 100: 0.4038 to 0.5962
        assert!((quality.half_width().unwrap() - 0.0962).abs() < 1e-4);
        quality.score = 1.0;
        assert!(quality.half_width().unwrap() > 0.015, "all right of 100 is not certainty");
        quality.standard_error = Some(0.01);
        assert!((quality.half_width().unwrap() - 0.0196).abs() < 1e-5);
        assert_eq!(Quality { n: 0, standard_error: None, ..quality }.half_width(), None);
    }
}

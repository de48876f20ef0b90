//! Bytes that a model and a batch take of a device's memory, from the shape alone: what to refuse before anything is
//! allocated, and what a table of many models plans with.
//!
//! Must not: need weights or a device.

use std::path::Path;

use common::model::Dtype;

use crate::dtype;
use crate::error::Error;
use crate::hf::config::HfConfig;
use crate::numeric::{count_u64, index};
use crate::spec::{self, ModelSpec, Network};

/// Room is made for so many tokens, or for a power of two of them: few recorded steps serve all texts.
const LEAST_CAPACITY: usize = 256;

/// What a model and a batch take on a GPU. Products in flight and what a context of CUDA keeps come on top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Footprint {
    /// Matrices, scales of packed ones included; within a few percent.
    pub weight_bytes: u64,
    /// Keys and values of all sequences, as much as is set aside.
    pub cache_bytes: u64,
}

impl Footprint {
    /// That of a configuration with so many sequences of so many tokens at most.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] and [`Error::Unsupported`] as for loading it.
    pub fn of(config: &Path, asked: Option<Dtype>, sequences: u32, tokens: u32) -> Result<Self, Error> {
        let config = HfConfig::load_file(config)?;
        let spec = spec::read(&config)?;
        let dtype = dtype::choose(asked, config.dtype()?.unwrap_or(Dtype::F32))?;
        let capacity = capacity(index(tokens), spec.context_length);
        let cache_bytes = cache_bytes(&spec, dtype).saturating_mul(count_u64(capacity));
        Ok(Self {
            weight_bytes: weight_bytes(&spec, dtype),
            cache_bytes: cache_bytes.saturating_mul(u64::from(sequences)),
        })
    }

    /// Both together.
    pub const fn bytes(self) -> u64 {
        self.weight_bytes.saturating_add(self.cache_bytes)
    }
}

/// Tokens for which room is made, where a text has so many and the model holds `limit`.
pub(crate) fn capacity(tokens: usize, limit: usize) -> usize {
    tokens.max(LEAST_CAPACITY).next_power_of_two().min(limit.max(tokens))
}

/// Bytes of all matrices.
pub(crate) fn weight_bytes(spec: &ModelSpec, dtype: Dtype) -> u64 {
    let (tables, layers) = (spec.table_numbers(), spec.layer_numbers());
    let of = |numbers: u64, dtype: Dtype| numbers.saturating_mul(dtype::half_bits(dtype)) / 16;
    of(tables, dtype::of_tables(dtype)).saturating_add(of(layers, dtype))
}

/// Bytes of the keys and values of one token.
fn cache_bytes(spec: &ModelSpec, dtype: Dtype) -> u64 {
    match &spec.network {
        Network::Decoder(decoder) => {
            decoder.remembered().saturating_mul(count_u64(dtype::of_cache(dtype).size()))
        }
        Network::Rwkv(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(shape: &str, dtype: Dtype, sequences: u32) -> Footprint {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("shapes/{shape}.json"));
        Footprint::of(&file, Some(dtype), sequences, 640).unwrap()
    }

    #[test]
    fn eight_billion_parameters_take_sixteen_gigabytes_and_a_token_of_them_an_eighth_of_a_mebibyte() {
        let found = of("llama-3-8b", Dtype::Bf16, 32);
        assert_eq!(found.weight_bytes, 2 * 8_029_995_008);
        assert_eq!(found.cache_bytes, 32 * 1024 * (1 << 17));
        assert_eq!(found.bytes(), found.weight_bytes + found.cache_bytes);
        // Eight bits and a scale of sixteen for every 32; four bits with tables of eight.
        assert_eq!(of("llama-3-8b", Dtype::Int8, 1).weight_bytes, 8_029_995_008 * 17 / 16);
        let tables = 2 * 128_256 * 4096;
        let int4 = (8_029_995_008 - tables) * 9 / 16 + tables * 17 / 16;
        assert_eq!(of("llama-3-8b", Dtype::Int4, 1).weight_bytes, int4);
    }

    #[test]
    fn room_is_a_power_of_two_within_the_context() {
        assert_eq!((capacity(10, 4096), capacity(640, 4096), capacity(3000, 4096)), (256, 1024, 4096));
        assert_eq!((capacity(200, 128), capacity(600, 1000)), (200, 1000));
    }
}

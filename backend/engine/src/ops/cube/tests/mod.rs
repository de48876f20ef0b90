//! Our kernels as the CUDA C++ that they become: that it computes what is meant, run on the host by a compiler for C++, and
//! in a build with CUDA that it is what the kernels become today and that NVRTC takes it.
//!
//! Builds without CUDA cannot write that text, so it lies in `written/`, one file for each kernel and its fixed numbers. Must
//! not: need a GPU.

mod arithmetic;
#[cfg(feature = "cuda")]
mod nvrtc;
mod seeing;
#[cfg(feature = "cuda")]
mod writing;

use std::path::PathBuf;

use burn::tensor::DType;

use super::emulated::{Launch, bytes, is_possible, singles};
use super::plan::{PLANE, PLANES, Packing, Shape, Turned};
use crate::ops::BLOCK;
use crate::spec::Activation;

/// A kernel with everything that is fixed when it is compiled.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kernel {
    /// Results that share a row of `x` where experts are chosen, else 0.
    Product {
        format: Format,
        tokens: usize,
        has_bias: bool,
        sharing: usize,
    },
    Best,
    Widen {
        packing: Packing,
    },
    Norm {
        is_centred: bool,
        has_bias: bool,
        has_more: bool,
    },
    Activate {
        kind: Activation,
        gated: bool,
    },
    Remember {
        turned: Turned,
        cache: DType,
    },
    Look {
        shape: Shape,
        cache: DType,
    },
    Join {
        splits: usize,
    },
}

/// A number format of weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Dense(DType),
    Packed(Packing),
}

const ROWS_OF_CUBE: (usize, usize) = (PLANE, PLANES);
const LINE_OF_CUBE: (usize, usize) = (PLANE * PLANES, 1);

impl Kernel {
    /// Units of a cube, as it is launched.
    pub(super) fn units(self) -> (usize, usize) {
        match self {
            Self::Product { .. } | Self::Look { .. } => ROWS_OF_CUBE,
            Self::Remember { .. } | Self::Best => (PLANE, 1),
            _ => LINE_OF_CUBE,
        }
    }

    /// Such as `product_bf16_8_bias`.
    fn name(self) -> String {
        let word = |is: bool, word: &str| if is { format!("_{word}") } else { String::new() };
        match self {
            Self::Product { format, tokens, has_bias, sharing } => {
                let experts = if sharing > 0 { format!("_experts_{sharing}") } else { String::new() };
                format!("product_{}_{tokens}{}{experts}", format.name(), word(has_bias, "bias"))
            }
            Self::Best => "best".to_owned(),
            Self::Widen { packing } => format!("widen_{}", Format::Packed(packing).name()),
            Self::Norm { is_centred, has_bias, has_more } => {
                let more = word(has_more, "more");
                format!("norm{}{}{more}", word(is_centred, "centred"), word(has_bias, "bias"))
            }
            Self::Activate { kind, gated } => {
                format!("activate_{}{}", format!("{kind:?}").to_lowercase(), word(gated, "gated"))
            }
            Self::Remember { turned, cache } => {
                let Turned { heads, kv_heads, head_dim, pairs, .. } = turned;
                format!(
                    "remember_{}_{heads}_{kv_heads}_{head_dim}_{pairs}{}{}{}",
                    Format::Dense(cache).name(),
                    word(turned.has_norm, "norm"),
                    word(turned.is_centred, "centred"),
                    word(turned.has_bias, "bias")
                )
            }
            Self::Look { shape, cache } => {
                let Shape { heads, kv_heads, head_dim, group, rows, splits, window, .. } = shape;
                format!(
                    "look_{}_{heads}_{kv_heads}_{head_dim}_{group}_{rows}_{splits}_{window}{}{}",
                    Format::Dense(cache).name(),
                    word(shape.has_softcap, "softcap"),
                    word(shape.has_alibi, "alibi")
                )
            }
            Self::Join { splits } => format!("join_{splits}"),
        }
    }

    fn file(self) -> PathBuf {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/ops/cube/written");
        PathBuf::from(folder).join(self.name() + ".cu")
    }

    /// The CUDA C++ that it becomes. A build with CUDA holds the file against the kernel.
    pub(super) fn source(self) -> String {
        #[cfg(feature = "cuda")]
        self.hold();
        let file = self.file();
        std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    }
}

impl Format {
    fn name(self) -> &'static str {
        match self {
            Self::Dense(DType::BF16) => "bf16",
            Self::Dense(DType::F16) => "f16",
            Self::Dense(_) | Self::Packed(Packing::Dense) => "f32",
            Self::Packed(Packing::Int8) => "int8",
            Self::Packed(Packing::Int4) => "int4",
        }
    }

    #[cfg(feature = "cuda")]
    fn packing(self) -> Packing {
        match self {
            Self::Dense(_) => Packing::Dense,
            Self::Packed(packing) => packing,
        }
    }

    /// Numbers of `x` to a vector.
    fn width(self) -> usize {
        if self == Self::Dense(DType::F32) { 4 } else { 8 }
    }

    /// Numbers of `x` to a vector of weights.
    fn each(self) -> usize {
        self.width() * if self == Self::Packed(Packing::Int4) { 2 } else { 1 }
    }
}

const FLOATS: [DType; 3] = [DType::BF16, DType::F16, DType::F32];
const PACKED: [Packing; 2] = [Packing::Int8, Packing::Int4];

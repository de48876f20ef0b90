//! What is fixed when a kernel is compiled or launched: widths, formats, and how work is shared out among cubes.
//!
//! Must not: name anything of CUDA, so that tests without it reach all of it; take a shape from a number that changes from
//! step to step.

use crate::model::attention::Heads;
use crate::model::resident::Seen;

/// Units of a plane; NVIDIA's are all so wide.
pub(super) const PLANE: usize = 32;
/// Planes in a cube: rows of weights in a product, shares of a text in attention.
pub(super) const PLANES: usize = 8;
/// Up to so many rows share one pass of our kernels over the weights.
#[cfg_attr(not(feature = "cuda"), expect(dead_code, reason = "only launches ask"))]
pub(super) const FEW: usize = 8;
/// Up to so many rows packed weights are read again and again, by `FEW` rows each time.
#[cfg_attr(not(feature = "cuda"), expect(dead_code, reason = "only launches ask"))]
pub(super) const MANY: usize = 64;
/// Queries of a cube at most: what fits into registers.
const QUERIES: usize = 8;
/// As many cubes keep a large GPU busy; a text is split so far, but no piece is made shorter than the other constant.
const CUBES: usize = 264;
const PIECE: usize = 64;

/// How weights are packed: one by one, or in blocks of 32 with a scale each, a byte a number or half of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Packing {
    #[cfg_attr(not(feature = "cuda"), expect(dead_code, reason = "only launches name it"))]
    Dense,
    Int8,
    /// The low half of a byte is one of the first sixteen of a block, the high half one of the others.
    Int4,
}

/// What is the same in every launch of one attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Shape {
    pub(super) heads: usize,
    pub(super) kv_heads: usize,
    pub(super) head_dim: usize,
    /// Query heads of a cube; they share a key head.
    pub(super) group: usize,
    /// Rows of a cube, one after another in one sequence.
    pub(super) rows: usize,
    /// Planes of a cube.
    pub(super) planes: usize,
    /// Parts of a text that cubes of their own look at.
    pub(super) splits: usize,
    /// How far back a query looks; 0 is all the way.
    pub(super) window: usize,
    pub(super) has_softcap: bool,
    pub(super) has_alibi: bool,
}

impl Shape {
    /// How cubes share the queries of so many rows. Splits are powers of two, so that prompts of many lengths find their
    /// kernel compiled.
    pub(super) fn of(heads: &Heads, seen: &Seen, rows: usize, has_alibi: bool) -> Self {
        let shared = heads.heads / heads.kv_heads;
        let group = (1..=QUERIES.min(shared)).rev().find(|group| shared.is_multiple_of(*group)).unwrap_or(1);
        let (each, length) = match *seen {
            // One row a sequence.
            Seen::All { capacity, .. } => (1, capacity),
            Seen::One { length, .. } => ((QUERIES / group).max(1).min(rows), length),
        };
        let cubes = rows.div_ceil(each) * heads.heads / group;
        let splits = (CUBES / cubes.max(1)).clamp(1, length.div_ceil(PIECE));
        Self {
            heads: heads.heads,
            kv_heads: heads.kv_heads,
            head_dim: heads.head_dim,
            group,
            rows: each,
            planes: PLANES,
            splits: 1 << splits.ilog2(),
            window: heads.window.unwrap_or(0),
            has_softcap: heads.softcap.is_some(),
            has_alibi,
        }
    }
}

/// What is done to queries and keys before they meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Turned {
    pub(super) heads: usize,
    pub(super) kv_heads: usize,
    pub(super) head_dim: usize,
    /// Pairs that are rotated; 0 is none.
    pub(super) pairs: usize,
    pub(super) has_norm: bool,
    pub(super) is_centred: bool,
    pub(super) has_bias: bool,
}

//! What a network is, as data: a configuration becomes a [`ModelSpec`], and one decoder runs it.
//!
//! A family is one function from `config.json` to a spec, tensor names included. Nothing below this
//! room asks which family it runs.
//!
//! Must not: touch weights or devices.

mod bloom;
mod family;
mod gemma;
mod gpt;
mod llama;
mod phi;
mod plan;
mod rope;
mod rwkv;
#[cfg(test)]
mod spellings;
mod stablelm;

use crate::numeric::{count_f64, count_u64};

pub(crate) use family::read;
pub(crate) use rope::RopeSpec;

/// A whole network.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ModelSpec {
    /// The family as the configuration names it.
    pub(crate) family: String,
    pub(crate) vocab: usize,
    pub(crate) hidden: usize,
    pub(crate) layers: usize,
    /// Most tokens of prompt and answer together.
    pub(crate) context_length: usize,
    /// Beginnings of tensor names and what older or nested checkpoints write instead.
    pub(crate) renames: Vec<(&'static str, &'static str)>,
    pub(crate) network: Network,
}

impl ModelSpec {
    /// The frequencies of its rotations to the nearest bf16.
    pub(crate) fn round_rotations(&mut self) {
        let Network::Decoder(decoder) = &mut self.network else { return };
        for rope in &mut decoder.ropes {
            let beyond = rope.beyond.iter_mut().flat_map(|beyond| &mut beyond.frequencies);
            for frequency in rope.frequencies.iter_mut().chain(beyond) {
                *frequency = half::bf16::from_f32(*frequency).to_f32();
            }
        }
    }

    /// The same with another decoder.
    pub(crate) fn with(self, decoder: DecoderSpec) -> Self {
        Self { network: Network::Decoder(Box::new(decoder)), ..self }
    }

    /// Numbers in its matrices, within a few percent.
    #[cfg(test)]
    pub(crate) fn matrix_numbers(&self) -> u64 {
        self.table_numbers().saturating_add(self.layer_numbers())
    }

    /// Those of the embedding table and the output head.
    pub(crate) fn table_numbers(&self) -> u64 {
        let is_tied = match &self.network {
            Network::Decoder(decoder) => decoder.head.tied,
            Network::Rwkv(rwkv) => rwkv.tied,
        };
        product(&[if is_tied { 1 } else { 2 }, self.vocab, self.hidden])
    }

    /// Those of all layers.
    pub(crate) fn layer_numbers(&self) -> u64 {
        let layer = match &self.network {
            Network::Decoder(decoder) => {
                let (attention, mlp) = (&decoder.block.attention, &decoder.block.mlp);
                let rows = 2 * (attention.heads + attention.kv_heads);
                let gated = if matches!(mlp.up, UpSpec::Plain(_)) { 2 } else { 3 };
                let experts = mlp.experts.as_ref().map_or(1, |experts| experts.count);
                let fed = product(&[gated, experts, mlp.inner, self.hidden]);
                product(&[rows, attention.head_dim, self.hidden]).saturating_add(fed)
            }
            Network::Rwkv(rwkv) => {
                let attended = product(&[4, rwkv.attention, self.hidden]);
                let fed = product(&[2, rwkv.inner, self.hidden]);
                attended.saturating_add(fed).saturating_add(product(&[self.hidden, self.hidden]))
            }
        };
        layer.saturating_mul(count_u64(self.layers))
    }
}

fn product(sides: &[usize]) -> u64 {
    sides.iter().fold(1u64, |all, &side| all.saturating_mul(count_u64(side)))
}

/// The two kinds of network.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Network {
    Decoder(Box<DecoderSpec>),
    Rwkv(RwkvSpec),
}

/// A transformer decoder.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DecoderSpec {
    pub(crate) embedding: EmbeddingSpec,
    pub(crate) final_norm: NormSpec,
    pub(crate) head: HeadSpec,
    /// Beginning of a layer's tensor names; `{}` is its number.
    pub(crate) layer_prefix: &'static str,
    pub(crate) block: BlockSpec,
    /// What differs from layer to layer.
    pub(crate) plan: Vec<LayerPlan>,
    /// The rotations that the plan refers to.
    pub(crate) ropes: Vec<RopeSpec>,
}

impl DecoderSpec {
    /// Numbers that a token leaves in the cache: its keys and values in every layer.
    pub(crate) fn remembered(&self) -> u64 {
        self.seen(1)
    }

    /// Numbers of the cache that a token sees which makes a text this long: in layers with a window, no more than that.
    pub(crate) fn seen(&self, length: usize) -> u64 {
        let AttentionSpec { kv_heads, head_dim, .. } = self.block.attention;
        let positions =
            self.plan.iter().map(|layer| layer.window.map_or(length, |window| window.min(length)));
        product(&[2, kv_heads, head_dim, positions.sum()])
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EmbeddingSpec {
    pub(crate) table: &'static str,
    /// Factor on the embedding, rounded to a 16-bit dtype where the model runs in one.
    pub(crate) scale: Option<f64>,
    pub(crate) norm: Option<NormSpec>,
    /// A table of learned positions and its number of rows.
    pub(crate) positions: Option<(&'static str, usize)>,
}

impl EmbeddingSpec {
    /// A table and nothing else.
    pub(crate) const fn new(table: &'static str) -> Self {
        Self { table, scale: None, norm: None, positions: None }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HeadSpec {
    pub(crate) name: &'static str,
    /// Its table is the embedding's once more.
    pub(crate) tied: bool,
    /// Its own also where the table is not.
    pub(crate) bias: bool,
    pub(crate) softcap: Option<f64>,
}

impl HeadSpec {
    /// A table of its own, or, where they are tied, the embedding's.
    pub(crate) const fn new(name: &'static str, tied: bool) -> Self {
        Self { name, tied, bias: false, softcap: None }
    }
}

/// A normalisation over the last dimension.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NormSpec {
    /// Beginning of its tensor names.
    pub(crate) name: &'static str,
    pub(crate) kind: NormKind,
    pub(crate) eps: f64,
    pub(crate) bias: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum NormKind {
    /// By the root of the mean square.
    Rms,
    /// The same with weights stored as their distance from one.
    RmsFromOne,
    /// By mean and variance.
    Layer,
}

/// How attention and feed-forward hang on the residual stream. A norm that is `None` is left out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BlockSpec {
    pub(crate) attention_in: Option<NormSpec>,
    pub(crate) attention_out: Option<NormSpec>,
    /// In a parallel block without it, feed-forward reads what attention reads.
    pub(crate) mlp_in: Option<NormSpec>,
    pub(crate) mlp_out: Option<NormSpec>,
    /// Both read the block's input and are added at once.
    pub(crate) parallel: bool,
    pub(crate) attention: AttentionSpec,
    pub(crate) mlp: MlpSpec,
}

/// A linear map and how it is stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LinearSpec {
    pub(crate) name: &'static str,
    pub(crate) bias: bool,
    /// Stored `[in, out]`.
    pub(crate) transposed: bool,
}

impl LinearSpec {
    pub(crate) const fn new(name: &'static str, bias: bool) -> Self {
        Self { name, bias, transposed: false }
    }
}

impl BlockSpec {
    /// Attention, then feed-forward, each with a norm before it.
    pub(crate) const fn new(
        attention_in: NormSpec,
        mlp_in: NormSpec,
        attention: AttentionSpec,
        mlp: MlpSpec,
    ) -> Self {
        Self {
            attention_in: Some(attention_in),
            attention_out: None,
            mlp_in: Some(mlp_in),
            mlp_out: None,
            parallel: false,
            attention,
            mlp,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AttentionSpec {
    pub(crate) heads: usize,
    pub(crate) kv_heads: usize,
    pub(crate) head_dim: usize,
    pub(crate) qkv: QkvSpec,
    pub(crate) out: LinearSpec,
    pub(crate) qk_norm: QkNorm,
    /// Factor on the scores.
    pub(crate) scale: f64,
    pub(crate) softcap: Option<f64>,
    /// A penalty on distance instead of, or beside, a rotation.
    pub(crate) alibi: Option<AlibiSpec>,
}

impl AttentionSpec {
    /// Scores divided by the root of a head's length, and nothing special.
    pub(crate) fn new(heads: usize, kv_heads: usize, head_dim: usize, qkv: QkvSpec, out: LinearSpec) -> Self {
        let scale = count_f64(head_dim).powf(-0.5);
        Self { heads, kv_heads, head_dim, qkv, out, qk_norm: QkNorm::None, scale, softcap: None, alibi: None }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct AlibiSpec {
    /// Factor on the penalty.
    pub(crate) scale: f64,
    /// Whether the reference rounds slopes and penalties to bfloat16.
    pub(crate) in_bf16: bool,
}

/// Where query, key and value rows lie.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum QkvSpec {
    Separate {
        q: LinearSpec,
        k: LinearSpec,
        v: LinearSpec,
    },
    /// All queries, then all keys, then all values.
    Stacked(LinearSpec),
    /// For each key head: its queries, its key, its value.
    Grouped(LinearSpec),
}

/// A norm on queries and keys before they are rotated.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum QkNorm {
    None,
    /// One weight of `head_dim`, used for every head.
    PerHead {
        q: NormSpec,
        k: NormSpec,
    },
    /// One norm over all heads together.
    Full {
        q: NormSpec,
        k: NormSpec,
    },
    /// A weight of its own for each head; `{}` in the name is the head.
    EachHead {
        q: NormSpec,
        k: NormSpec,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MlpSpec {
    pub(crate) inner: usize,
    pub(crate) up: UpSpec,
    pub(crate) down: LinearSpec,
    pub(crate) activation: Activation,
    pub(crate) experts: Option<ExpertsSpec>,
}

impl MlpSpec {
    /// One feed-forward for every token.
    pub(crate) const fn new(inner: usize, up: UpSpec, down: LinearSpec, activation: Activation) -> Self {
        Self { inner, up, down, activation, experts: None }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum UpSpec {
    /// No gate.
    Plain(LinearSpec),
    Gated {
        gate: LinearSpec,
        up: LinearSpec,
    },
    /// Gate rows, then up rows.
    GatedStacked(LinearSpec),
}

/// A choice of feed-forwards for each token.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ExpertsSpec {
    pub(crate) count: usize,
    pub(crate) active: usize,
    pub(crate) router: &'static str,
    /// Beginning of an expert's tensor names; `{}` is its number.
    pub(crate) prefix: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Activation {
    Silu,
    /// With the error function.
    Gelu,
    /// With the hyperbolic tangent.
    GeluTanh,
    Relu,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LayerPlan {
    /// A query sees only so many positions, itself included.
    pub(crate) window: Option<usize>,
    /// Which rotation; `None` rotates nothing.
    pub(crate) rope: Option<usize>,
}

/// RWKV in its fourth version.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RwkvSpec {
    pub(crate) attention: usize,
    pub(crate) inner: usize,
    pub(crate) eps: f64,
    pub(crate) tied: bool,
    /// Halve the stream after so many layers; 0 never.
    pub(crate) rescale_every: usize,
}

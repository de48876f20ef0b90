//! The decoder over a batch whose whole memory is on the device: ids, positions, keys and values.
//!
//! A step then has the same shapes and reads the same buffers for every token, so that a GPU can record it once and play
//! it again ([`super::recorded`]). Sequences are slots of one cache; a slot whose answer has ended runs along.
//!
//! Must not: be used with weights in the CPU's order; ask the host anything inside a step.

use burn::tensor::{DType, IndexingUpdateOp, Int, Tensor, TensorData};

use super::block::Stream;
use super::cache::Alibi;
use super::decoder::Decoder;
use super::rope::RopeTable;
use super::{Room, Rows, last_rows};
use crate::error::Error;
use crate::footprint;
use crate::numeric::index;
use crate::ops;

/// One layer's keys and values: `[slots × capacity, kv_heads × head_dim]` each.
pub(crate) struct Cache {
    pub(crate) keys: Tensor<2>,
    pub(crate) values: Tensor<2>,
}

/// Where each row stands.
#[derive(Clone)]
pub(crate) struct Places {
    /// In its text.
    pub(crate) positions: Tensor<1, Int>,
    /// In the cache.
    pub(crate) rows: Tensor<1, Int>,
    /// Every position there is, in order.
    pub(crate) columns: Tensor<1, Int>,
}

/// Which part of the cache rows look at.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Seen {
    /// Each its own slot, whole.
    All { sequences: usize, capacity: usize },
    /// All the beginning of one slot.
    One { first_row: usize, length: usize },
}

/// New tokens of one slot, and how many it has.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    pub(crate) slot: usize,
    pub(crate) past: usize,
    pub(crate) ids: &'a [u32],
}

/// Rows that look at the same part of the cache.
struct Look {
    rows: usize,
    places: Places,
    seen: Seen,
}

/// The memory of a batch.
pub(crate) struct Resident {
    layers: Vec<Cache>,
    ropes: Vec<RopeTable>,
    alibi: Option<Tensor<2>>,
    /// The id that each slot is fed next, and its position.
    ids: Tensor<1, Int>,
    positions: Tensor<1, Int>,
    /// The number of each slot, and its first row in the cache.
    slots: Tensor<1, Int>,
    starts: Tensor<1, Int>,
    columns: Tensor<1, Int>,
    pub(crate) shape: Shape,
}

/// What memories of one decoder differ in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) batch: usize,
    /// Most tokens of each text.
    pub(crate) capacity: usize,
    /// Whether positions turn as they do in texts beyond the context that the rotations were made for.
    pub(crate) is_far: bool,
}

impl Resident {
    fn numbers(&self, numbers: impl Iterator<Item = usize>) -> Tensor<1, Int> {
        let numbers: Vec<i32> = numbers.map(|number| i32::try_from(number).unwrap_or(i32::MAX)).collect();
        let length = numbers.len();
        Tensor::from_data(TensorData::new(numbers, [length]), (&self.slots.device(), DType::I32))
    }

    /// Where new tokens stand.
    fn places(&self, parts: &[Part<'_>]) -> Places {
        let positions = parts.iter().flat_map(|part| part.past..part.past + part.ids.len());
        let rows = parts.iter().flat_map(|part| {
            let first = part.slot * self.shape.capacity + part.past;
            first..first + part.ids.len()
        });
        Places { positions: self.numbers(positions), rows: self.numbers(rows), columns: self.columns.clone() }
    }

    /// Says what each slot is fed next and where, in the buffers that a recorded step reads.
    pub(crate) fn place(&mut self, ids: &[u32], positions: &[usize]) {
        let ids = self.numbers(ids.iter().map(|&id| index(id)));
        let last = self.shape.capacity - 1;
        // A slot that has ended stays on its last place.
        let positions = self.numbers(positions.iter().map(|&position| position.min(last)));
        let slots = &self.slots;
        self.ids.inplace(|old| old.select_assign(0, slots.clone(), ids, IndexingUpdateOp::Assign));
        self.positions
            .inplace(|old| old.select_assign(0, slots.clone(), positions, IndexingUpdateOp::Assign));
    }
}

impl Decoder {
    /// The memory that these texts need.
    pub(crate) fn shape(&self, rooms: &[Room]) -> Result<Shape, Error> {
        let most = rooms.iter().map(|room| room.capacity).max().unwrap_or(0);
        let (is_far, limit) = match self.changes_beyond() {
            Some(original) if rooms.iter().all(|room| room.prompt > original) => (true, self.context_length),
            Some(original) if most > original => {
                return Err(Error::unsupported(
                    format!(
                        "a text that grows beyond {original} tokens, or stands beside a longer one, does not run on a GPU: there all positions of this model turn otherwise"
                    ),
                    "use the device cpu, a prompt that is longer from the start, or a shorter answer",
                ));
            }
            Some(original) => (false, original),
            None => (false, self.context_length),
        };
        Ok(Shape { batch: rooms.len(), capacity: footprint::capacity(most, limit), is_far })
    }

    /// Memory for so many sequences of so many tokens each, keys and values in this format.
    pub(crate) fn resident(&self, shape: Shape, dtype: DType) -> Result<Resident, Error> {
        let Shape { batch, capacity, is_far } = shape;
        if capacity > self.context_length {
            return Err(Error::unsupported(
                format!(
                    "{capacity} tokens, beyond the model's own context of {}, do not run",
                    self.context_length
                ),
                "use a shorter text",
            ));
        }
        let attention = &self.spec.block.attention;
        let width = attention.kv_heads * attention.head_dim;
        let tokens = batch * capacity;
        if i32::try_from(tokens).is_err() {
            return Err(Error::unsupported(format!("a cache of {tokens} tokens"), "use a smaller batch"));
        }
        let device = &self.device;
        let cache = || Tensor::zeros([tokens, width], (device, dtype));
        let tables = self.tables(capacity, is_far);
        let alibi = |alibi: Alibi| {
            let shape = [attention.heads, capacity];
            Tensor::from_data(TensorData::new(alibi.penalties, shape), (device, DType::F32))
        };
        let count = |numbers: Vec<i32>| {
            let length = numbers.len();
            Tensor::from_data(TensorData::new(numbers, [length]), (device, DType::I32))
        };
        let up_to = |end: usize, by: usize| {
            (0..end).map(|number| i32::try_from(number * by).unwrap_or(i32::MAX)).collect::<Vec<i32>>()
        };
        Ok(Resident {
            layers: self.blocks.iter().map(|_| Cache { keys: cache(), values: cache() }).collect(),
            ropes: tables.ropes,
            alibi: tables.alibi.map(alibi),
            ids: count(vec![0; batch]),
            positions: count(vec![0; batch]),
            slots: count(up_to(batch, 1)),
            starts: count(up_to(batch, capacity)),
            columns: count(up_to(capacity, 1)),
            shape,
        })
    }

    /// One token of every slot: its logits.
    pub(crate) fn step(&self, memory: &mut Resident) -> Tensor<2> {
        let places = Places {
            positions: memory.positions.clone(),
            rows: memory.starts.clone() + memory.positions.clone(),
            columns: memory.columns.clone(),
        };
        let Shape { batch, capacity, .. } = memory.shape;
        let seen = Seen::All { sequences: batch, capacity };
        let ids = memory.ids.clone();
        let look = Look { rows: batch, places: places.clone(), seen };
        let x = self.rows(ids, memory, &places, &[look]);
        self.logits(x)
    }

    /// Tokens of several slots at once, so that weights are read once for all; logits of the last of each slot or of all.
    pub(crate) fn feed(&self, memory: &mut Resident, parts: &[Part<'_>], rows: Rows) -> Tensor<2> {
        let looks: Vec<Look> = parts
            .iter()
            .map(|part| Look {
                rows: part.ids.len(),
                places: memory.places(std::slice::from_ref(part)),
                seen: Seen::One {
                    first_row: part.slot * memory.shape.capacity,
                    length: part.past + part.ids.len(),
                },
            })
            .collect();
        let places = memory.places(parts);
        let ids = memory.numbers(parts.iter().flat_map(|part| part.ids).map(|&id| index(id)));
        let x = self.rows(ids, memory, &places, &looks);
        let x = if rows == Rows::Last { last_rows(x, parts.iter().map(|part| part.ids.len())) } else { x };
        self.logits(x)
    }

    fn rows(&self, ids: Tensor<1, Int>, memory: &mut Resident, places: &Places, looks: &[Look]) -> Tensor<2> {
        let mut x = ops::resident::embed(&self.table, ids);
        if let Some(scale) = self.scale {
            x = x * scale;
        }
        if let Some(positions) = &self.positions {
            x = x + ops::resident::embed(positions, places.positions.clone());
        }
        if let Some(norm) = &self.embedding_norm {
            x = norm.forward(x);
        }
        let Resident { layers, ropes, alibi, .. } = memory;
        let mut stream = Stream::from(x);
        for (layer, (block, cache)) in self.blocks.iter().zip(layers).enumerate() {
            stream = block.forward_with(stream, self.blocks.get(layer + 1), |attention, x| {
                attention.forward_with(x, |qkv, heads, norms, rope| {
                    let rope = rope.and_then(|rope| ropes.get(rope));
                    let queries = ops::resident::remember(qkv, heads, norms, rope, cache, places);
                    let look = |queries: Tensor<3>, Look { places, seen, .. }: &Look| {
                        ops::resident::look(queries, heads, alibi.as_ref(), cache, places, seen)
                    };
                    if let [all] = looks {
                        return look(queries, all);
                    }
                    let lengths: Vec<usize> = looks.iter().map(|look| look.rows).collect();
                    let own = queries.split_with_sizes(lengths, 0);
                    Tensor::cat(own.into_iter().zip(looks).map(|(own, to)| look(own, to)).collect(), 0)
                })
            });
        }
        stream.x
    }
}

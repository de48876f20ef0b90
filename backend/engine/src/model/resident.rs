//! The decoder over a batch whose whole memory is on the device: ids, positions, keys and values.
//!
//! A step then has the same shapes and reads the same buffers for every token, so that a GPU can record it once and play
//! it again ([`super::recorded`]). Sequences are slots of one cache; a slot whose answer has ended runs along.
//!
//! Must not: be used with weights in the CPU's order; ask the host anything inside a step.

use burn::tensor::{DType, IndexingUpdateOp, Int, Tensor, TensorData};

use super::Rows;
use super::block::Stream;
use super::cache::Alibi;
use super::decoder::Decoder;
use super::rope::RopeTable;
use crate::error::Error;
use crate::numeric::{count_u64, index};
use crate::ops;

/// One layer's keys and values: `[slots × capacity, kv_heads × head_dim]` each.
pub(crate) struct Cache {
    pub(crate) keys: Tensor<2>,
    pub(crate) values: Tensor<2>,
}

/// Where each row stands.
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
    pub(crate) batch: usize,
    pub(crate) capacity: usize,
}

impl Resident {
    fn numbers(&self, numbers: impl Iterator<Item = usize>) -> Tensor<1, Int> {
        let numbers: Vec<i32> = numbers.map(|number| i32::try_from(number).unwrap_or(i32::MAX)).collect();
        let length = numbers.len();
        Tensor::from_data(TensorData::new(numbers, [length]), (&self.slots.device(), DType::I32))
    }

    /// Says what each slot is fed next and where, in the buffers that a recorded step reads.
    pub(crate) fn place(&mut self, ids: &[u32], positions: &[usize]) {
        let ids = self.numbers(ids.iter().map(|&id| index(id)));
        let last = self.capacity - 1;
        // A slot that has ended stays on its last place.
        let positions = self.numbers(positions.iter().map(|&position| position.min(last)));
        let slots = &self.slots;
        self.ids.inplace(|old| old.select_assign(0, slots.clone(), ids, IndexingUpdateOp::Assign));
        self.positions
            .inplace(|old| old.select_assign(0, slots.clone(), positions, IndexingUpdateOp::Assign));
    }
}

impl Decoder {
    /// Most tokens that a slot may have.
    pub(crate) fn most_resident(&self) -> usize {
        let original =
            self.spec.ropes.iter().find_map(|rope| rope.beyond.as_ref()).map(|beyond| beyond.original);
        original.unwrap_or(self.context_length)
    }

    /// Bytes of keys and values of so many tokens in this format.
    pub(crate) fn resident_bytes(&self, tokens: usize, dtype: DType) -> u64 {
        let attention = &self.spec.block.attention;
        let width = attention.kv_heads * attention.head_dim;
        count_u64(2 * self.blocks.len() * width * dtype.size()).saturating_mul(count_u64(tokens))
    }

    /// Memory for so many sequences of so many tokens each, keys and values in this format.
    pub(crate) fn resident(&self, batch: usize, capacity: usize, dtype: DType) -> Result<Resident, Error> {
        if capacity > self.most_resident() {
            return Err(Error::unsupported(
                format!("{capacity} tokens, beyond the model's own context, do not run on a GPU"),
                "use the device cpu, or a shorter text",
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
        let tables = self.tables(capacity, false);
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
            batch,
            capacity,
        })
    }

    /// One token of every slot: its logits.
    pub(crate) fn step(&self, memory: &mut Resident) -> Tensor<2> {
        let places = Places {
            positions: memory.positions.clone(),
            rows: memory.starts.clone() + memory.positions.clone(),
            columns: memory.columns.clone(),
        };
        let seen = Seen::All { sequences: memory.batch, capacity: memory.capacity };
        let ids = memory.ids.clone();
        let x = self.rows(ids, memory, &places, &seen);
        self.logits(x)
    }

    /// Tokens of one slot, of which it has `past` already; logits of the last or of all.
    pub(crate) fn feed(
        &self,
        memory: &mut Resident,
        slot: usize,
        past: usize,
        ids: &[u32],
        rows: Rows,
    ) -> Tensor<2> {
        let first_row = slot * memory.capacity;
        let ends = past..past + ids.len();
        let places = Places {
            positions: memory.numbers(ends.clone()),
            rows: memory.numbers(ends.map(|position| first_row + position)),
            columns: memory.columns.clone(),
        };
        let seen = Seen::One { first_row, length: past + ids.len() };
        let x = self.rows(memory.numbers(ids.iter().map(|&id| index(id))), memory, &places, &seen);
        let [tokens, width] = x.dims();
        let x = if rows == Rows::Last { x.slice([tokens - 1..tokens, 0..width]) } else { x };
        self.logits(x)
    }

    fn rows(&self, ids: Tensor<1, Int>, memory: &mut Resident, places: &Places, seen: &Seen) -> Tensor<2> {
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
                    ops::resident::look(queries, heads, alibi.as_ref(), cache, places, seen)
                })
            });
        }
        stream.x
    }
}

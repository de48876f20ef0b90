//! Tokens in tiles: so many at once that their sums fill the registers, laid out as the kernels read.
//!
//! Must not: let a token's result depend on its tile.

use super::panels::{NIBBLE_OFFSET, Panels, Stored};
use super::{BLOCK, LANES, Level, Packed, Place, at_level, pack};

/// Tokens that meet the weights together.
#[derive(Debug)]
pub(crate) struct Tile {
    /// The first token, and how many there are.
    pub(crate) start: usize,
    pub(crate) tokens: usize,
    /// Places in the layout; those without a token are zero.
    places: usize,
    layout: Layout,
}

#[derive(Debug)]
enum Layout {
    Dense(Vec<f32>),
    Packed { quads: Vec<i32>, starts: Vec<i32>, scales: Vec<f32> },
}

/// Sizes of tiles that a level computes, largest first: their sums must fit into its registers.
const fn sizes(level: Level) -> &'static [usize] {
    match level {
        Level::Plain => &[4, 2, 1],
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => &[4, 2, 1],
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => &[12, 8, 4, 2, 1],
        #[cfg(target_arch = "aarch64")]
        Level::Neon => &[4, 2, 1],
    }
}

/// How so many tokens are tiled: first token, tokens and places of each tile.
pub(crate) fn tiles(level: Level, tokens: usize) -> Vec<(usize, usize, usize)> {
    let sizes = sizes(level);
    let mut tiles = Vec::new();
    let mut start = 0;
    while start < tokens {
        let left = tokens - start;
        let places = sizes.iter().rev().copied().find(|&size| size >= left).unwrap_or(sizes[0]);
        tiles.push((start, left.min(places), places));
        start += places;
    }
    tiles
}

impl Tile {
    /// Lays out rows of `x` for these weights.
    pub(crate) fn new(
        level: Level,
        panels: &Panels,
        x: &[f32],
        (start, tokens, places): (usize, usize, usize),
    ) -> Self {
        let inputs = panels.inputs;
        let rows = &x[start * inputs..(start + tokens) * inputs];
        let layout = match panels.rows {
            Stored::F32(_) | Stored::F16(_) | Stored::Bf16(_) => {
                let mut numbers = vec![0.0f32; inputs * places];
                for (token, row) in rows.chunks_exact(inputs).enumerate() {
                    for (together, &number) in numbers.chunks_exact_mut(places).zip(row) {
                        together[token] = number;
                    }
                }
                Layout::Dense(numbers)
            }
            Stored::Int8 { .. } => packed(level, rows, inputs, places, level.byte_offset()),
            Stored::Int4 { .. } => packed(level, rows, inputs, places, i32::from(NIBBLE_OFFSET)),
        };
        Self { start, tokens, places, layout }
    }
}

/// Rounds rows to bytes; `offset` is what the kernel counts too much for each stored weight.
fn packed(level: Level, rows: &[f32], inputs: usize, places: usize, offset: i32) -> Layout {
    let blocks = inputs.div_ceil(BLOCK);
    let mut quads = vec![0i32; blocks * BLOCK / 4 * places];
    let (mut starts, mut scales) = (vec![0i32; blocks * places], vec![0.0f32; blocks * places]);
    for (token, row) in rows.chunks_exact(inputs).enumerate() {
        let (quads, starts, scales) = (&mut quads, &mut starts, &mut scales);
        pack(level, row, offset, Place { token, places, quads, starts, scales });
    }
    Layout::Packed { quads, starts, scales }
}

/// The products of one panel, or of two neighbours where the level computes two at once, with a tile:
/// gives each token's sixteen numbers of a panel to `put`. Returns how many panels it took.
pub(crate) fn multiply(
    level: Level,
    panels: &Panels,
    panel: usize,
    last: usize,
    tile: &Tile,
    put: &mut dyn FnMut(usize, usize, &[f32; LANES]),
) -> usize {
    match tile.places {
        1 => product::<1>(level, panels, panel, last, tile, put),
        2 => product::<2>(level, panels, panel, last, tile, put),
        4 => product::<4>(level, panels, panel, last, tile, put),
        8 => product::<8>(level, panels, panel, last, tile, put),
        _ => product::<12>(level, panels, panel, last, tile, put),
    }
}

/// How many panels `multiply` takes at once where there are that many.
pub(crate) const fn at_once(level: Level, panels: &Panels) -> usize {
    match (level, &panels.rows) {
        #[cfg(target_arch = "x86_64")]
        (Level::Avx512, Stored::F32(_) | Stored::F16(_) | Stored::Bf16(_)) => 2,
        _ => 1,
    }
}

/// The products of one or two panels of a dense format.
macro_rules! dense {
    ($name:ident, $level:expr, $rows:expr, $inputs:expr, $panel:expr, $count:expr, $tile:expr, $x:expr, $put:expr, $T:ident) => {{
        let x = $x.as_chunks::<$T>().0;
        let rows = &$rows[$panel * $inputs..($panel + $count) * $inputs];
        if $count == 2 {
            let (first, second) = rows.split_at($inputs);
            let mut out = [[[0.0f32; LANES]; 2]; $T];
            at_level!($level, $name::<$T, 2>([first, second], x, &mut out));
            for (token, out) in out.iter().take($tile.tokens).enumerate() {
                $put(token, 0, &out[0]);
                $put(token, 1, &out[1]);
            }
        } else {
            let mut out = [[[0.0f32; LANES]; 1]; $T];
            at_level!($level, $name::<$T, 1>([rows], x, &mut out));
            for (token, out) in out.iter().take($tile.tokens).enumerate() {
                $put(token, 0, &out[0]);
            }
        }
    }};
}

fn product<const T: usize>(
    level: Level,
    panels: &Panels,
    panel: usize,
    last: usize,
    tile: &Tile,
    put: &mut dyn FnMut(usize, usize, &[f32; LANES]),
) -> usize {
    let inputs = panels.inputs;
    let blocks = inputs.div_ceil(BLOCK);
    let count = at_once(level, panels).min(last - panel);
    match (&panels.rows, &tile.layout) {
        (Stored::F32(rows), Layout::Dense(x)) => {
            dense!(f32, level, rows, inputs, panel, count, tile, x, put, T);
        }
        (Stored::F16(rows), Layout::Dense(x)) => {
            dense!(f16, level, rows, inputs, panel, count, tile, x, put, T);
        }
        (Stored::Bf16(rows), Layout::Dense(x)) => {
            dense!(bf16, level, rows, inputs, panel, count, tile, x, put, T);
        }
        (Stored::Int8 { values, scales }, Layout::Packed { .. }) => {
            let values = &values[panel * blocks * BLOCK / 4..(panel + 1) * blocks * BLOCK / 4];
            let scales = &scales[panel * blocks..(panel + 1) * blocks];
            let mut out = [[0.0f32; LANES]; T];
            at_level!(level, int8::<T>(values, scales, tile.packed::<T>(), &mut out));
            out.iter().take(tile.tokens).enumerate().for_each(|(token, out)| put(token, 0, out));
        }
        (Stored::Int4 { values, scales }, Layout::Packed { .. }) => {
            let values = &values[panel * blocks * BLOCK / 8..(panel + 1) * blocks * BLOCK / 8];
            let scales = &scales[panel * blocks..(panel + 1) * blocks];
            let mut out = [[0.0f32; LANES]; T];
            at_level!(level, int4::<T>(values, scales, tile.packed::<T>(), &mut out));
            out.iter().take(tile.tokens).enumerate().for_each(|(token, out)| put(token, 0, out));
        }
        _ => unreachable!("a tile is laid out for the weights that it meets"),
    }
    count
}

impl Tile {
    fn packed<const T: usize>(&self) -> Packed<'_, T> {
        match &self.layout {
            Layout::Packed { quads, starts, scales } => Packed {
                quads: quads.as_chunks::<T>().0.as_chunks::<{ BLOCK / 4 }>().0,
                starts: starts.as_chunks::<T>().0,
                scales: scales.as_chunks::<T>().0,
            },
            Layout::Dense(_) => Packed { quads: &[], starts: &[], scales: &[] },
        }
    }
}

//! Conversions between number types that Rust offers only through `as`, each with its meaning.
//!
//! Must not: be used where `From` or `TryFrom` say the same.
#![expect(clippy::as_conversions, reason = "the one room for lossy number conversions outside kernels")]

/// A double rounded to the nearest single.
pub(crate) const fn single(value: f64) -> f32 {
    value as f32
}

/// A count as a single; exact up to 2^24, which no dimension exceeds.
pub(crate) const fn count_f32(value: usize) -> f32 {
    value as f32
}

/// A count as a double; exact up to 2^53.
pub(crate) const fn count_f64(value: usize) -> f64 {
    value as f64
}

/// A count on the wire; saturates.
pub(crate) const fn count_u32(value: usize) -> u32 {
    if value > u32::MAX as usize { u32::MAX } else { value as u32 }
}

/// Bytes or elements as the record states them.
pub(crate) const fn count_u64(value: usize) -> u64 {
    value as u64
}

/// A token id as an index; the crate builds for 32 and 64 bits only.
pub(crate) const fn index(value: u32) -> usize {
    value as usize
}

/// A count of bytes or parameters as a double; exact up to 2^53.
pub(crate) const fn wide(value: u64) -> f64 {
    value as f64
}

/// A share, from 0 to 1, of a count.
pub(crate) const fn share(count: usize, share: f64) -> usize {
    (count as f64 * share) as usize
}

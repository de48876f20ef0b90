//! The only place where figures become text: significant digits by the interval, SI prefixes, units that
//! never stand alone on a line.
//!
//! Must not: compute a figure, or know the page.

mod number;
mod queue;
mod time;
mod words;

pub use number::{Column, Quantity, Text, compact, figure, float, plain, ratio, round, score, share, size};
pub use queue::{gone, needs, not_before};
pub use time::{ago, date, instant, span};
pub use words::{
    asked, asked_meaning, batch, between, boundary, boundary_parts, compute, dtype, fault, finish, grade,
    grid_quality, kind, label, label_meaning, machine_state, method, null_reason, origin, part, reason, step,
    task, task_meaning, wall_role, watched,
};

/// Keeps a number and its unit on one line.
pub const NBSP: char = '\u{a0}';
/// Stands where there is no figure; the reason stands beside it.
pub const MISSING: &str = "–";

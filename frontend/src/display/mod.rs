//! The only place where figures become text: significant digits by the interval, SI prefixes, units that
//! never stand alone on a line.
//!
//! Must not: compute a figure, or know the page.

mod asking;
mod model;
mod number;
mod queue;
mod time;
mod words;

pub use asking::{asked, asked_meaning, batch, kind, origin, task, task_meaning, watched};
pub use model::{dtype, score, size};
pub use number::{Column, Quantity, Text, compact, figure, plain, ratio, round, share};
pub use queue::{gone, needs, not_before};
pub use time::{ago, clock, date, instant, span};
pub use words::{
    between, boundary, boundary_parts, compute, fault, finish, grade, grid_quality, label, label_meaning,
    machine_state, method, null_reason, part, reason, step, wall_role,
};

/// Keeps a number and its unit on one line.
pub const NBSP: char = '\u{a0}';
/// Stands where there is no figure; the reason stands beside it.
pub const MISSING: &str = "–";

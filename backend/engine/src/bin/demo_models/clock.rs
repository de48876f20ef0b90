//! The clock room of this program.
//!
//! Must not: do anything else.

use std::time::{Duration, Instant};

/// A clock that starts now.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the clock room; everyone else gets the clock as an argument"
)]
pub(crate) fn started() -> impl FnMut() -> Duration {
    let start = Instant::now();
    move || start.elapsed()
}

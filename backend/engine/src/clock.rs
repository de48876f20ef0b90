//! The engine's one clock: monotonic instants of token times.
//!
//! Must not: be read anywhere but where a phase starts and where a token id has reached the host.

use std::time::Instant;

/// Now.
#[expect(clippy::disallowed_methods, reason = "this is the engine's clock room")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

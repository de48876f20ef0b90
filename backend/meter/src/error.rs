//! What can go wrong, named by what the caller does next.
//!
//! Must not: allocate for a failed reading; that happens inside a Window.

use std::path::PathBuf;

/// A look at an instrument that gave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Not this time; the next look may work.
    #[error("the reading failed")]
    Unreadable,
    /// The device went away and will not come back.
    #[error("the device went away")]
    Lost,
}

/// An instrument or a record that cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not on this machine: measure without it and say so.
    #[error("{instrument} is not read: {reason}")]
    Absent {
        /// Which instrument.
        instrument: &'static str,
        /// Why, and what the operator can do.
        reason: String,
    },
    /// A file that the operator named is not as it should be: mend it.
    #[error("{path}: {reason}")]
    BadRecord {
        /// Which file.
        path: PathBuf,
        /// What is wrong in it.
        reason: String,
    },
    /// The sampler thread could not be started or died: this Window has no figures.
    #[error("the sampler thread failed: {0}")]
    Sampler(String),
}

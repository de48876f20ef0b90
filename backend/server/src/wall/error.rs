//! Why a meter at a socket gave nothing; each variant is something else to do.
//!
//! Must not: hold a password.

use std::time::Duration;

/// A look that did not work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WallError {
    /// Mend the address, or the network.
    #[error("{address} cannot be reached: {reason}. Check the address and that the meter is switched on.")]
    Unreachable {
        /// What was asked.
        address: String,
        /// What the system said.
        reason: String,
    },
    /// Wait, or ask less often.
    #[error("{address} did not answer within {limit:?}. Is it busy, or is something else at that address?")]
    Late {
        /// What was asked.
        address: String,
        /// How long was waited.
        limit: Duration,
    },
    /// Mend user or password.
    #[error("{address} does not let us in ({reason}). Check --user and --password-file.")]
    Forbidden {
        /// What was asked.
        address: String,
        /// What it said.
        reason: String,
    },
    /// Say that any certificate will do, or give it a good one.
    #[error(
        "{address} has a certificate that cannot be verified ({reason}). Board controllers sign their own: --any-certificate takes it."
    )]
    Certificate {
        /// What was asked.
        address: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Mend kind or options: something answers, but not as this kind of meter does.
    #[error("{address} answers, but not as this kind of meter: {what}.")]
    Nonsense {
        /// What was asked.
        address: String,
        /// What was wrong.
        what: String,
    },
    /// Mend this server: a program, a file or a port is missing.
    #[error("{0}")]
    Here(String),
}

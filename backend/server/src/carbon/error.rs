//! Why a source of intensities gave nothing; each variant is something else to do.
//!
//! Must not: hold a token.

use std::time::Duration;

use common::ids::Zone;

use crate::outward::Failure;

/// First wait after a failure that may pass by itself; it doubles each time.
const FIRST_WAIT: Duration = Duration::from_secs(60);
/// Longest such wait.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
/// Wait after a failure that only the operator can mend; a restart asks again at once.
const OPERATORS_WAIT: Duration = Duration::from_secs(6 * 3600);
/// However long a source asks to wait, it is asked again after this.
const MOST_PATIENCE: Duration = Duration::from_secs(86_400);

/// A question that did not work.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CarbonError {
    /// Mend the token, or the plan that it belongs to.
    #[error(
        "the token is refused (status {status}). Check JOULEBOARD_ELECTRICITY_MAPS_TOKEN and that its plan covers the zone."
    )]
    Forbidden {
        /// 401 or 403.
        status: u16,
    },
    /// Mend the zone.
    #[error("the source does not know the zone {zone}. Check --grid.")]
    Unknown {
        /// Which was asked for.
        zone: Zone,
    },
    /// Mend the zone: the source answered for another place, which it does where it does not know the one asked for.
    #[error(
        "the source was asked for {asked} and answered for {answered:?}; that answer is not used. Check --grid."
    )]
    Foreign {
        /// Which was asked for.
        asked: Zone,
        /// Which came.
        answered: String,
    },
    /// Wait: it was asked too often.
    #[error("the source was asked too often; it is left alone for a while")]
    SlowDown {
        /// For how long, where it says so.
        wait: Option<Duration>,
    },
    /// Ask again later.
    #[error("the source is away: {0}")]
    Away(String),
    /// Ask again later, and tell the operator: something answers, but not as this source does.
    #[error("the source's answer is not usable: {0}")]
    Nonsense(String),
}

impl From<Failure> for CarbonError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotHttp(_) | Failure::Unreadable(_) => Self::Nonsense(failure.to_string()),
            Failure::Late(_) | Failure::Certificate(_) | Failure::Unreachable(_) => {
                Self::Away(failure.to_string())
            }
        }
    }
}

impl CarbonError {
    pub(super) fn nonsense(what: impl Into<String>) -> Self {
        Self::Nonsense(what.into())
    }

    /// How long the source is left alone after this, the `failures`-th failure in a row (from 0).
    pub(super) fn pause(&self, failures: u32) -> Duration {
        let patience = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(failures)).min(LONGEST_WAIT);
        match self {
            Self::Forbidden { .. } | Self::Unknown { .. } | Self::Foreign { .. } => OPERATORS_WAIT,
            Self::SlowDown { wait: Some(wait) } => (*wait).clamp(patience, MOST_PATIENCE),
            Self::SlowDown { wait: None } | Self::Away(_) | Self::Nonsense(_) => patience,
        }
    }
}

//! What measuring cost besides the Windows.
//!
//! Must not: be charged to a Prompt.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::meter::Domain;
use crate::units::{Energy, seconds};

/// What measuring cost besides the Windows; reported beside the figures, never charged to the Prompt.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Overhead {
    /// Loading the Model; zero when it was in memory already.
    #[serde(rename = "load_s", with = "seconds")]
    #[schema(value_type = f64)]
    pub load: Duration,
    /// Waiting until the machine was calm and cool.
    #[serde(rename = "cool_down_s", with = "seconds")]
    #[schema(value_type = f64)]
    pub cool_down: Duration,
    /// Reading the Baseline before and after.
    #[serde(rename = "baseline_s", with = "seconds")]
    #[schema(value_type = f64)]
    pub baseline: Duration,
    /// Warm-up Repetitions.
    #[serde(rename = "warm_up_s", with = "seconds")]
    #[schema(value_type = f64)]
    pub warm_up: Duration,
    /// How many warm-up Repetitions there were.
    pub warm_up_repetitions: u32,
    /// What that took of each Domain whose instrument counts energy.
    #[serde(default)]
    pub energies: Vec<OverheadEnergy>,
}

/// Energy of one Domain spent on measuring and not on the Prompt. Null where nobody counted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OverheadEnergy {
    /// Which part of the machine.
    pub domain: Domain,
    /// Waiting until the machine was calm and cool.
    #[serde(rename = "cool_down_j")]
    pub cool_down: Option<Energy>,
    /// Reading the Baseline before and after.
    #[serde(rename = "baseline_j")]
    pub baseline: Option<Energy>,
    /// Warm-up Repetitions.
    #[serde(rename = "warm_up_j")]
    pub warm_up: Option<Energy>,
}

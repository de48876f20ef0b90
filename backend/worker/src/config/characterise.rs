//! How to characterise.
//!
//! Must not: know what is done with it.

use std::time::Duration;

use clap::Args;
use common::ids::MachineName;
use meter::Options;

use super::{MeterArgs, seconds};
use crate::model_args::OpenArgs;
use crate::source::ModelPlace;
use crate::{against_wall, characterise};

/// How to characterise.
#[derive(Debug, Args)]
pub(crate) struct CharacteriseArgs {
    /// Seconds of looking at each instrument as fast as possible, under load.
    #[arg(long, default_value = "3", value_parser = seconds)]
    looking_s: Duration,
    /// Seconds of the idle machine.
    #[arg(long, default_value = "10", value_parser = seconds)]
    idle_s: Duration,
    /// Seconds of steady load.
    #[arg(long, default_value = "20", value_parser = seconds)]
    load_s: Duration,
    /// Do not look for the averaging windows of power sensors by a load that goes on and off (280 update periods).
    #[arg(long)]
    no_waves: bool,
    /// A checkpoint folder or a model of the hub, with a dtype if not its own: the load is this model reading a prompt
    /// on its device. Without it the load is every core of the processor, which no accelerator feels.
    #[arg(long, value_name = "MODEL[:DTYPE]")]
    pub(crate) model: Option<ModelPlace>,
    #[command(flatten)]
    pub(crate) open: OpenArgs,
    /// Also compare what is read with the meter at the socket, which this server reads: address of the server.
    #[arg(long, env = "JOULEBOARD_SERVER", requires = "machine")]
    pub(crate) server: Option<String>,
    /// Which machine this is there.
    #[arg(long)]
    pub(crate) machine: Option<MachineName>,
    /// Compare with this meter of the machine instead of those that its figure is made of: one that reads the whole
    /// machine, such as a check.
    #[arg(long, value_name = "NAME", requires = "server")]
    pub(crate) against: Option<String>,
    /// Steps of load from none to all while the socket is watched.
    #[arg(long, default_value = "6", value_parser = clap::value_parser!(u32).range(2..=20))]
    wall_steps: u32,
    /// Seconds of each such step; of each pulse of load it is a twelfth.
    #[arg(long, default_value = "60", value_parser = seconds)]
    wall_step_s: Duration,
    /// How often the same work is done with the sampler on and off.
    #[arg(long, default_value = "20", value_parser = clap::value_parser!(u32).range(2..=1000))]
    trials: u32,
    /// Print one JSON list of cards instead of lines for people.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) meters: MeterArgs,
}

impl CharacteriseArgs {
    /// The plan on instruments that are best held with `options`.
    pub(crate) fn plan(&self, options: Options) -> characterise::Plan {
        characterise::Plan {
            looking: self.looking_s,
            idle: self.idle_s,
            load: self.load_s,
            waves: !self.no_waves,
            trials: self.trials,
            work: Duration::from_millis(200),
            options: self.meters.sampled(options),
        }
    }

    /// How the meter at the socket is compared.
    pub(crate) fn against_wall(&self, options: Options) -> against_wall::Plan {
        against_wall::Plan {
            pulses: 3,
            pulse: self.wall_step_s / 12,
            steps: self.wall_steps,
            step: self.wall_step_s,
            options: self.meters.sampled(options),
        }
    }
}

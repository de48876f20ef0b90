//! How to work for a server.
//!
//! Must not: print the token.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use common::protocol::Protocol;

use super::{MeterArgs, seconds};
use crate::client::Token;
use crate::cooldown::Limits;
use crate::lease_loop::Protocols;
use crate::model_args::OpenArgs;
use crate::source::{ModelPlace, RandomPlace};

/// How to work.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Address of the server, such as http://127.0.0.1:8080.
    #[arg(long, env = "JOULEBOARD_SERVER")]
    pub(crate) server: String,
    /// The machine's token, as enrolling it printed it.
    #[arg(long, env = "JOULEBOARD_TOKEN", hide_env_values = true, required_unless_present = "token_file")]
    token: Option<String>,
    /// A file that holds the token.
    #[arg(long, env = "JOULEBOARD_TOKEN_FILE", value_name = "FILE", conflicts_with = "token")]
    token_file: Option<PathBuf>,
    /// A checkpoint folder, or a model of the hub such as `org/name@revision`; with a dtype if not its own: `DIR:f16`. May be
    /// repeated.
    #[arg(
        long = "model",
        env = "JOULEBOARD_MODELS",
        value_name = "MODEL[:DTYPE]",
        value_delimiter = ',',
        required_unless_present = "random"
    )]
    models: Vec<ModelPlace>,
    /// A configuration to be filled with random weights: speed and energy of its shape, labelled so everywhere. May be repeated.
    #[arg(long, env = "JOULEBOARD_RANDOM", value_name = "CONFIG.json[:DTYPE]", value_delimiter = ',')]
    random: Vec<RandomPlace>,
    #[command(flatten)]
    pub(crate) open: OpenArgs,
    #[command(flatten)]
    pub(crate) meters: MeterArgs,
    /// Seconds to wait for a calm and cool machine; afterwards it is measured all the same and flagged.
    #[arg(long, env = "JOULEBOARD_CALM_TIMEOUT_S", default_value = "15", value_parser = seconds)]
    calm_timeout_s: Duration,
    /// Seconds to wait for a machine that is hotter than where it rests, once that is known; one that is hot even then is
    /// measured and its energy rejected.
    #[arg(long, env = "JOULEBOARD_THERMAL_TIMEOUT_S", default_value = "600", value_parser = seconds)]
    thermal_timeout_s: Duration,
    /// Seconds of pause after work, where there is no thermometer.
    #[arg(long, env = "JOULEBOARD_MIN_COOL_DOWN_S", default_value = "2", value_parser = seconds)]
    min_cool_down_s: Duration,
    /// Seconds over which idle power is read, before and after, where an instrument reads it. Default: 3 where somebody
    /// watches the run; else 30 before and 15 after.
    #[arg(long, env = "JOULEBOARD_BASELINE_S", value_parser = seconds)]
    baseline_s: Option<Duration>,
    /// Hours between two control workloads, which tell whether this machine still measures the same for the same; where
    /// an instrument reads energy. 0 is never.
    #[arg(long, env = "JOULEBOARD_CONTROL_EVERY_H", default_value = "6")]
    control_every_h: u32,
    /// Fewest warm-up repetitions, which are discarded. Default: 1 where somebody watches the run, else 3.
    #[arg(long, env = "JOULEBOARD_WARM_UP", value_parser = clap::value_parser!(u32).range(1..=100))]
    warm_up: Option<u32>,
    /// Most warm-up repetitions of a run that nobody watches, while its times have not settled. Default: 6.
    #[arg(long, env = "JOULEBOARD_MAX_WARM_UP", value_parser = clap::value_parser!(u32).range(1..=100))]
    max_warm_up: Option<u32>,
    /// Folder for reports that the server could not be given yet; they are sent at the next start. Default: `outbox` in
    /// the folder that systemd names in STATE_DIRECTORY, or in the state folder of the user.
    #[arg(long, env = "JOULEBOARD_OUTBOX", value_name = "DIR")]
    outbox: Option<PathBuf>,
    /// End after one lease.
    #[arg(long)]
    pub(crate) once: bool,
}

impl RunArgs {
    /// Every Model to offer, in the order given, those with random weights last.
    pub(crate) fn places(&self) -> Vec<ModelPlace> {
        let random = self.random.iter().cloned().map(|random| random.seeded(self.open.random_seed));
        self.models.iter().cloned().chain(random).collect()
    }

    /// The token, from wherever it is.
    pub(crate) fn token(&self) -> anyhow::Result<Token> {
        match (&self.token, &self.token_file) {
            (Some(token), _) => Ok(Token::new(token)),
            (None, Some(file)) => {
                std::fs::read_to_string(file).map(|text| Token::new(&text)).map_err(|error| {
                    anyhow::anyhow!("the token file {} cannot be read: {error}", file.display())
                })
            }
            (None, None) => anyhow::bail!("no token: give --token, --token-file or JOULEBOARD_TOKEN"),
        }
    }

    /// Where undelivered reports lie; `None` where the system names no place.
    pub(crate) fn outbox(&self) -> Option<PathBuf> {
        let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let of_user = || {
            let state = named("XDG_STATE_HOME").or_else(|| Some(named("HOME")?.join(".local/state")))?;
            Some(state.join("jouleboard-worker/outbox"))
        };
        let of_system = || Some(named("STATE_DIRECTORY")?.join("outbox"));
        self.outbox.clone().or_else(of_system).or_else(of_user)
    }

    /// How long to wait.
    pub(crate) const fn limits(&self) -> Limits {
        Limits {
            timeout: self.calm_timeout_s,
            thermal_timeout: self.thermal_timeout_s,
            min_pause: self.min_cool_down_s,
        }
    }

    /// How often the control workload is done; `None` is never.
    pub(crate) fn control_every(&self) -> Option<Duration> {
        (self.control_every_h > 0).then(|| Duration::from_secs(3600) * self.control_every_h)
    }

    /// How Runs of either kind are measured: what was said here, and the method's for the rest.
    pub(crate) fn protocol(&self) -> Protocols {
        let said = |own: Protocol| {
            let least = self.warm_up.unwrap_or(own.least_warm_ups);
            Protocol {
                idle_before: self.baseline_s.unwrap_or(own.idle_before),
                idle_after: self.baseline_s.unwrap_or(own.idle_after),
                least_warm_ups: least,
                most_warm_ups: least.max(own.most_warm_ups),
                ..own
            }
        };
        let (watched, mut quiet) = (said(Protocol::WATCHED), said(Protocol::QUIET));
        if let Some(most) = self.max_warm_up {
            // Whoever says the most and not the fewest wants no more than that.
            quiet.least_warm_ups = self.warm_up.unwrap_or(quiet.least_warm_ups.min(most));
            quiet.most_warm_ups = most.max(quiet.least_warm_ups);
        }
        Protocols { watched, quiet }
    }
}

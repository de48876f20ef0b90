//! How to measure a command.
//!
//! Must not: read the command's own options as ours.

use std::time::Duration;

use clap::Args;
use meter::Options;

use super::{MeterArgs, seconds};
use crate::any_command::Plan;
use crate::cooldown::Limits;

/// How to measure a command.
#[derive(Debug, Args)]
pub(crate) struct MeasureArgs {
    /// Execute it so many times, each in a window of its own; figures are means.
    #[arg(long, default_value = "1", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    repeat: u32,
    /// Executions before those that count.
    #[arg(long, default_value = "0")]
    warm_up: u32,
    /// Print one JSON object instead of lines for people.
    #[arg(long)]
    pub(crate) json: bool,
    /// Seconds over which idle power is read, before and after.
    #[arg(long, default_value = "2", value_parser = seconds)]
    baseline_s: Duration,
    /// Seconds to wait for a calm and cool machine; afterwards it is measured all the same and flagged.
    #[arg(long, default_value = "10", value_parser = seconds)]
    calm_timeout_s: Duration,
    #[command(flatten)]
    pub(crate) meters: MeterArgs,
    /// The command and its arguments, after `--`.
    #[arg(last = true, required = true)]
    pub(crate) command: Vec<String>,
}

impl MeasureArgs {
    /// The plan on instruments that are best held with `options`.
    pub(crate) fn plan(&self, options: Options) -> Plan {
        Plan {
            repeat: self.repeat,
            warm_up: self.warm_up,
            baseline: self.baseline_s,
            // Where the machine rests is not known to a command that starts anew.
            limits: Limits {
                timeout: self.calm_timeout_s,
                thermal_timeout: self.calm_timeout_s,
                min_pause: Duration::ZERO,
            },
            options: self.meters.sampled(options),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use crate::config::{Cli, Command};

    #[test]
    fn a_command_to_measure_follows_two_dashes_with_its_own_options() {
        let cli =
            Cli::try_parse_from(["jouleboard-worker", "measure", "--repeat", "3", "--", "ls", "--json"]);
        let Command::Measure(args) = cli.unwrap().command else { panic!("not measure") };
        assert_eq!((args.command.join(" "), args.json, args.repeat), ("ls --json".to_owned(), false, 3));
        assert!(Cli::try_parse_from(["jouleboard-worker", "measure"]).is_err());
    }
}

//! What the operator says, once, on the command line or in the environment; `--help` is the manual.
//!
//! A room a command. Must not: print a secret.

mod characterise;
mod instruments;
mod measure;
mod run;

use std::time::Duration;

use clap::{Parser, Subcommand};
use common::units::Power;

pub(crate) use self::characterise::CharacteriseArgs;
pub(crate) use self::instruments::MeterArgs;
pub(crate) use self::measure::MeasureArgs;
pub(crate) use self::run::RunArgs;
use crate::evaluate::EvaluateArgs;
use crate::model_args::{BenchArgs, GenerateArgs, LogitsArgs};

/// The process on a measuring machine: takes prompts from a Jouleboard server, measures them, reports.
#[derive(Debug, Parser)]
#[command(name = "jouleboard-worker", version)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What the worker can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Work for a server until stopped.
    Run(Box<RunArgs>),
    /// Measure any command, with the same instruments and the same protocol.
    Measure(Box<MeasureArgs>),
    /// Say which instruments this machine has, and why others are not read.
    Meters(MeterArgs),
    /// Measure the instruments themselves: update period, bias, clock, what watching costs. Keep it for every record.
    Characterise(Box<CharacteriseArgs>),
    /// Print a model's logits after each of some tokens, and its likeliest continuation: to compare with other engines.
    Logits(Box<LogitsArgs>),
    /// Answer a prompt here and now, without a server or instruments.
    Generate(Box<GenerateArgs>),
    /// Time models: prefill and decode, beside the memory's bandwidth and the instruments there are.
    Bench(Box<BenchArgs>),
    /// Score a model on ARC-Challenge, HellaSwag or TruthfulQA, with the energy of it; `jouleboard-server quality import`
    /// takes the result.
    Evaluate(Box<EvaluateArgs>),
    /// Say on which devices models can run here, and what is missing for others.
    Devices,
}

pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let value: f64 = text.parse().map_err(|_| format!("{text:?} is not a number of seconds"))?;
    Duration::try_from_secs_f64(value).map_err(|error| error.to_string())
}

fn watts(text: &str) -> Result<Power, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && value >= 0.0 => Ok(Power::from_watts(value)),
        _ => Err(format!("{text:?} is not a number of watts")),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use common::model::Dtype;
    use common::protocol::Protocol;
    use meter::cpu_model::Busy;

    use super::*;
    use crate::source::RandomPlace;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn models_and_watts_are_read_and_nonsense_is_refused() {
        let base = ["jouleboard-worker", "run", "--server", "http://localhost", "--token", "t"];
        let with = |more: &[&str]| Cli::try_parse_from(base.iter().chain(more));
        let cli = with(&["--model", "a:f16", "--model", "b", "--cpu-idle-watts", "12.5"]).unwrap();
        let Command::Run(run) = cli.command else { panic!("not run") };
        assert_eq!(run.places().len(), 2);
        assert_eq!(run.meters.config(Busy::ThisProcess).watts.idle.watts(), 12.5);
        assert!(with(&[]).is_err());
        assert!(with(&["--model", "a", "--cpu-idle-watts", "-1"]).is_err());
        assert!(with(&["--model", "a", "--calm-timeout-s", "soon"]).is_err());
    }

    #[test]
    fn a_quiet_run_gets_the_methods_baselines_and_warm_ups_unless_the_operator_says_otherwise() {
        let base =
            ["jouleboard-worker", "run", "--server", "http://localhost", "--token", "t", "--model", "m"];
        let with = |more: &[&str]| {
            let Command::Run(run) = Cli::try_parse_from(base.iter().chain(more)).unwrap().command else {
                panic!("not run")
            };
            run.protocol()
        };
        let own = with(&[]);
        assert_eq!((own.of(true), own.of(false)), (Protocol::WATCHED, Protocol::QUIET));
        let hurried = with(&["--baseline-s", "0.2", "--max-warm-up", "1"]);
        for protocol in [hurried.of(true), hurried.of(false)] {
            assert_eq!(
                (protocol.idle_before, protocol.idle_after),
                (Duration::from_millis(200), Duration::from_millis(200))
            );
            assert_eq!((protocol.least_warm_ups, protocol.most_warm_ups), (1, 1));
        }
        let patient = with(&["--warm-up", "9"]);
        assert_eq!((patient.of(true).most_warm_ups, patient.of(false).most_warm_ups), (9, 9));
        let both = with(&["--warm-up", "2", "--max-warm-up", "4"]);
        assert_eq!((both.of(true).most_warm_ups, both.of(false).most_warm_ups), (2, 4), "somebody waits");
    }

    #[test]
    fn random_weights_may_stand_beside_models_or_alone() {
        let base = ["jouleboard-worker", "run", "--server", "http://localhost", "--token", "t"];
        let cli = base.iter().chain(&["--random", "a.json:int8", "--random-seed", "9", "--model", "m"]);
        let Command::Run(run) = Cli::try_parse_from(cli).unwrap().command else { panic!("not run") };
        let expected = RandomPlace { config: "a.json".into(), dtype: Some(Dtype::Int8) }.seeded(9);
        assert_eq!(run.places(), ["m".parse().unwrap(), expected]);
        assert!(Cli::try_parse_from(base.iter().chain(&["--random", "a.json"])).is_ok());
    }

    #[test]
    fn ids_are_numbers_and_a_dtype_of_its_own_option_wins() {
        let parse = |more: &[&str]| {
            Cli::try_parse_from(["jouleboard-worker", "logits", "--model", "m:f16"].iter().chain(more))
        };
        let Command::Logits(args) = parse(&["--ids", "1,5,7", "--dtype", "f32"]).unwrap().command else {
            panic!("not logits")
        };
        assert_eq!((args.ids, args.model.place().unwrap().dtype), (vec![1, 5, 7], Some(Dtype::F32)));
        for bad in ["1,x", "1,,2", "-1", "4294967296", ""] {
            assert!(parse(&["--ids", bad]).is_err(), "{bad}");
        }
        assert!(parse(&[]).is_err() && parse(&["--ids", "1", "--device", "gpu"]).is_err());
        let generate = ["jouleboard-worker", "generate", "--model", "m", "hello", "--temperature", "3"];
        assert!(Cli::try_parse_from(generate).is_err());
    }
}

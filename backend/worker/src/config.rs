//! What the operator says, once, on the command line or in the environment; `--help` is the manual.
//!
//! Must not: print a secret.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use common::ids::MachineName;
use common::units::Power;
use meter::cpu_model::{Busy, Watts};
use meter::{Instruments, Monotonic, Options};

use crate::against_wall;
use crate::any_command::Plan;
use crate::characterise;
use crate::client::Token;
use crate::cooldown::Limits;
use crate::evaluate::EvaluateArgs;
use crate::hardware;
use crate::model_args::{BenchArgs, GenerateArgs, LogitsArgs, OpenArgs};
use crate::repetitions::WarmUp;
use crate::source::{ModelPlace, RandomPlace};
use crate::state::State;

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

/// How instruments are found.
#[derive(Debug, Args)]
pub(crate) struct MeterArgs {
    /// Another NVML library than the system's.
    #[arg(long, env = "JOULEBOARD_NVML_LIB", value_name = "FILE")]
    nvml_lib: Option<PathBuf>,
    /// Another powercap tree than the kernel's.
    #[arg(long, env = "JOULEBOARD_POWERCAP_ROOT", value_name = "DIR", default_value = "/sys/class/powercap")]
    powercap_root: PathBuf,
    /// Another tree of the hardware monitor than the kernel's.
    #[arg(long, env = "JOULEBOARD_HWMON_ROOT", value_name = "DIR", default_value = "/sys/class/hwmon")]
    hwmon_root: PathBuf,
    /// Where this machine keeps what it learned: its meter cards and how it cools. Default: jouleboard in the user's
    /// state folder.
    #[arg(long, env = "JOULEBOARD_STATE_DIR", value_name = "DIR")]
    state_dir: Option<PathBuf>,
    /// Play a recorded trace (lines of `seconds,watts`) instead of reading instruments; figures are labelled simulated.
    #[arg(long, env = "JOULEBOARD_REPLAY", value_name = "FILE")]
    replay: Option<PathBuf>,
    /// Watts of the idle CPU, where nothing can be read and the CPU is modelled. Default: 2 W a core.
    #[arg(long, env = "JOULEBOARD_CPU_IDLE_WATTS", value_parser = watts)]
    cpu_idle_watts: Option<Power>,
    /// Watts of one busy core more, where nothing can be read and the CPU is modelled. Default: 5 W.
    #[arg(long, env = "JOULEBOARD_CPU_BUSY_WATTS_PER_CORE", value_parser = watts)]
    cpu_busy_watts_per_core: Option<Power>,
    /// Milliseconds between two looks at the instruments. Default: what suits them.
    #[arg(long, env = "JOULEBOARD_SAMPLE_PERIOD_MS", value_parser = clap::value_parser!(u64).range(1..=10_000))]
    sample_period_ms: Option<u64>,
}

impl MeterArgs {
    /// The options with the period that the operator wants.
    pub(crate) fn sampled(&self, options: Options) -> Options {
        Options { period: self.sample_period_ms.map_or(options.period, Duration::from_millis), ..options }
    }

    /// What this machine keeps.
    pub(crate) fn state(&self) -> State {
        let of = |name: &str, below: &str| {
            std::env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(|home| PathBuf::from(home).join(below))
        };
        let usual = || of("XDG_STATE_HOME", "jouleboard").or_else(|| of("HOME", ".local/state/jouleboard"));
        State::at(self.state_dir.clone().or_else(usual))
    }

    /// The instruments, with what was characterised of them here and what they show of themselves now.
    pub(crate) fn open(&self, busy: Busy) -> Result<Instruments, meter::Error> {
        self.open_as(&self.config(busy))
    }

    /// The same for a command of the operator: what may not be read is said to be unreadable and not modelled.
    pub(crate) fn open_for_command(&self) -> Result<Instruments, meter::Error> {
        self.open_as(&meter::Config { models_denied: false, ..self.config(Busy::Machine) })
    }

    fn open_as(&self, config: &meter::Config) -> Result<Instruments, meter::Error> {
        let mut instruments = meter::open_all(config)?;
        instruments.characterise(&self.state().cards());
        instruments.find_periods(&Monotonic::start());
        Ok(instruments)
    }

    /// What `meter` needs.
    pub(crate) fn config(&self, busy: Busy) -> meter::Config {
        let cores = hardware::cores();
        let assumed = meter::Config::assumed_watts(cores);
        let watts = Watts {
            idle: self.cpu_idle_watts.unwrap_or(assumed.idle),
            per_busy_core: self.cpu_busy_watts_per_core.unwrap_or(assumed.per_busy_core),
        };
        meter::Config {
            nvml_library: self.nvml_lib.clone(),
            powercap_root: self.powercap_root.clone(),
            hwmon_root: self.hwmon_root.clone(),
            busy,
            replay: self.replay.clone(),
            ..meter::Config::of_this_machine(watts, cores)
        }
    }
}

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
    /// Seconds over which idle power is read, before and after, where an instrument reads it.
    #[arg(long, env = "JOULEBOARD_BASELINE_S", default_value = "3", value_parser = seconds)]
    pub(crate) baseline_s: Duration,
    /// Hours between two control workloads, which tell whether this machine still measures the same for the same; where
    /// an instrument reads energy. 0 is never.
    #[arg(long, env = "JOULEBOARD_CONTROL_EVERY_H", default_value = "6")]
    control_every_h: u32,
    /// Fewest warm-up repetitions, which are discarded.
    #[arg(long, env = "JOULEBOARD_WARM_UP", default_value = "1", value_parser = clap::value_parser!(u32).range(1..=100))]
    warm_up: u32,
    /// Most warm-up repetitions while run times have not settled.
    #[arg(long, env = "JOULEBOARD_MAX_WARM_UP", default_value = "4", value_parser = clap::value_parser!(u32).range(1..=100))]
    max_warm_up: u32,
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

    /// How to warm up.
    pub(crate) const fn warm_up(&self) -> WarmUp {
        WarmUp { least: self.warm_up, most: self.max_warm_up }
    }
}

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

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_command_to_measure_follows_two_dashes_with_its_own_options() {
        let cli =
            Cli::try_parse_from(["jouleboard-worker", "measure", "--repeat", "3", "--", "ls", "--json"]);
        let Command::Measure(args) = cli.unwrap().command else { panic!("not measure") };
        assert_eq!((args.command.join(" "), args.json, args.repeat), ("ls --json".to_owned(), false, 3));
        assert!(Cli::try_parse_from(["jouleboard-worker", "measure"]).is_err());
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

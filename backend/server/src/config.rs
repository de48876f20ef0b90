//! What the operator says, on the command line or in the environment; `--help` is the manual.
//!
//! Must not: do anything with it.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use common::ids::{MachineName, Zone};

pub use crate::carbon::{GridSettings, Secret};
pub use crate::client::Limits;
pub use crate::embodied::Parts;
pub use crate::patience::Patience;
use crate::quality::QualityCommand;
use crate::wall::MeterCommand;

/// The service of Jouleboard: queue, records, pages.
#[derive(Debug, Parser)]
#[command(name = "jouleboard-server", version, about)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the pages and the API until told to stop.
    Serve(Box<Serve>),
    /// Enrol machines and take their right away.
    Machine {
        /// What to do about machines.
        #[command(subcommand)]
        command: MachineCommand,
    },
    /// Ask many models what is written in a file.
    Campaign {
        /// What to do about campaigns.
        #[command(subcommand)]
        command: CampaignCommand,
    },
    /// Scores of models on public benchmarks, from files of results.
    Quality {
        /// What to do about scores.
        #[command(subcommand)]
        command: QualityCommand,
    },
    /// Look after the ranking.
    Leaderboard {
        /// What to do about the ranking.
        #[command(subcommand)]
        command: LeaderboardCommand,
    },
}

/// Where the records are.
#[derive(Debug, Clone, Args)]
pub struct Database {
    /// Address of the database, such as postgres://app@localhost/app?host=/run/postgresql. It may hold a password.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Secret,
}

/// How to serve.
#[derive(Debug, Clone, Args)]
pub struct Serve {
    /// Where the records are.
    #[command(flatten)]
    pub database: Database,
    /// Address to listen on.
    #[arg(long, env = "JOULEBOARD_BIND", default_value = "127.0.0.1")]
    pub bind: IpAddr,
    /// Port to listen on; 0 takes a free one.
    #[arg(long, env = "JOULEBOARD_PORT", default_value_t = 8080)]
    pub port: u16,
    /// Folder of the bundled pages; without it only the API is served.
    #[arg(long, env = "JOULEBOARD_DIST")]
    pub dist: Option<PathBuf>,
    /// Address under which people reach this service, such as https://jouleboard.example; permalinks start with it.
    /// Without it they start with the host that a request names.
    #[arg(long, env = "JOULEBOARD_PUBLIC_URL", value_parser = public_url)]
    pub public_url: Option<String>,
    /// Sites whose pages may call the API from a browser, such as https://example.org; `*` is any. May be repeated.
    #[arg(long = "cors-origin", env = "JOULEBOARD_CORS_ORIGINS", value_delimiter = ',')]
    pub cors_origins: Vec<String>,
    /// Threads that answer requests.
    #[arg(long, env = "JOULEBOARD_SERVER_THREADS", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: u16,
    /// Most connections to the database.
    #[arg(long, env = "JOULEBOARD_CONNECTIONS", default_value_t = 16, value_parser = clap::value_parser!(u32).range(2..))]
    pub connections: u32,
    /// What is decided here about runs.
    #[command(flatten)]
    pub rules: Rules,
    /// Where live intensities come from.
    #[command(flatten)]
    pub grid: GridSettings,
}

/// What a server decides about runs; the same on all servers of one database.
#[derive(Debug, Clone, Args)]
pub struct Rules {
    /// How long a machine may keep a run without a sign of life, in seconds.
    #[arg(long, env = "JOULEBOARD_LEASE_SECONDS", default_value = "60", value_parser = seconds)]
    pub lease_seconds: Duration,
    /// How many times a run is tried before it fails.
    #[arg(long, env = "JOULEBOARD_MAX_ATTEMPTS", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub max_attempts: u32,
    /// A machine that has no run and is silent for longer has vanished, in seconds.
    #[arg(long, env = "JOULEBOARD_ALIVE_SECONDS", default_value = "45", value_parser = seconds)]
    pub alive_seconds: Duration,
    /// After this time without any machine nothing can be asked, in seconds; what was measured can be read.
    #[arg(long, env = "JOULEBOARD_BROWSE_ONLY_SECONDS", default_value = "600", value_parser = seconds)]
    pub browse_only_seconds: Duration,
    /// How much one client may.
    #[command(flatten)]
    pub limits: Limits,
    /// How long things may take.
    #[command(flatten)]
    pub patience: Patience,
    /// Time between two looks for leases that ran out, in seconds.
    #[arg(long, env = "JOULEBOARD_REAP_SECONDS", default_value = "1", value_parser = seconds)]
    pub reap_seconds: Duration,
}

fn public_url(text: &str) -> Result<String, String> {
    let is_web = ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme));
    if is_web {
        Ok(text.trim_end_matches('/').to_owned())
    } else {
        Err("it must start with https://".to_owned())
    }
}

/// A span on the command line.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let value: f64 = text.parse().map_err(|_| format!("{text:?} is not a number of seconds"))?;
    let duration = Duration::try_from_secs_f64(value).map_err(|error| error.to_string())?;
    if duration < Duration::from_millis(10) { Err("at least 0.01 seconds".to_owned()) } else { Ok(duration) }
}

/// What to do about machines.
#[derive(Debug, Subcommand)]
pub enum MachineCommand {
    /// Enrol a machine and print its token, once; only a hash of it is kept.
    Add(AddMachine),
    /// List all machines that were ever enrolled.
    List(Database),
    /// Make a machine's token open nothing any more; its records stay.
    Revoke(RevokeMachine),
    /// Meters at the machines' sockets, which the server reads.
    Meter {
        /// What to do about meters at sockets.
        #[command(subcommand)]
        command: MeterCommand,
    },
}

/// How a machine is enrolled.
#[derive(Debug, Clone, Args)]
pub struct AddMachine {
    /// Its name: lower-case letters, digits, dots and hyphens.
    pub name: MachineName,
    /// Where the records are.
    #[command(flatten)]
    pub database: Database,
    /// Grid area in which it stands, such as DE or FR; WORLD if that is not to be said.
    #[arg(long, default_value = "WORLD")]
    pub zone: Zone,
    /// Power usage effectiveness of the building: whole energy over machine energy.
    #[arg(long, default_value_t = 1.0)]
    pub pue: f64,
    /// What the machine is made of, with published emissions of making it: laptop, or parts such as server+8xh100.
    #[arg(long, conflicts_with_all = ["embodied_kg", "embodied_source"])]
    pub embodied: Option<Parts>,
    /// Emissions of making the machine, in kilograms of CO2e.
    #[arg(long, required_unless_present = "embodied", requires = "embodied_source")]
    pub embodied_kg: Option<f64>,
    /// Expected time in use, in years of 365 days.
    #[arg(long, default_value_t = 4.0)]
    pub lifetime_years: f64,
    /// Where the figure of its making comes from.
    #[arg(long, required_unless_present = "embodied")]
    pub embodied_source: Option<String>,
    /// Give a machine of that name a new token and description; it keeps its records.
    #[arg(long)]
    pub replace: bool,
}

/// Which machine shall have no right any more.
#[derive(Debug, Clone, Args)]
pub struct RevokeMachine {
    /// Its name.
    pub name: MachineName,
    /// Where the records are.
    #[command(flatten)]
    pub database: Database,
}

/// What to do about campaigns.
#[derive(Debug, Subcommand)]
pub enum CampaignCommand {
    /// Queue what a file asks, and show how it goes; what is queued already is not queued again.
    Run(RunCampaign),
    /// Say what a campaign has cost so far: hours, joules, grams and, at a price, money.
    Cost(CampaignCost),
}

/// Whose cost, at which price.
#[derive(Debug, Clone, Args)]
pub struct CampaignCost {
    /// Name of the campaign, as its file has it.
    pub name: String,
    /// Where the records are.
    #[command(flatten)]
    pub database: Database,
    /// What a kilowatt-hour costs.
    #[arg(long)]
    pub price_per_kwh: Option<f64>,
    /// In which currency.
    #[arg(long, default_value = "EUR")]
    pub currency: String,
}

/// How a campaign is run.
#[derive(Debug, Clone, Args)]
pub struct RunCampaign {
    /// The file, in TOML.
    pub file: PathBuf,
    /// Where the records are.
    #[command(flatten)]
    pub database: Database,
    /// How many times a run is tried before it fails.
    #[arg(long, env = "JOULEBOARD_MAX_ATTEMPTS", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub max_attempts: u32,
    /// Queue the runs and leave; without it, how it goes is shown until every run has ended.
    #[arg(long)]
    pub queue_only: bool,
}

/// What to do about the ranking.
#[derive(Debug, Subcommand)]
pub enum LeaderboardCommand {
    /// Make all sums anew from the records.
    Rebuild(Database),
}

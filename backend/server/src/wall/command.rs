//! The operator's commands about meters at the sockets.
//!
//! Must not: enrol a meter that does not answer, unless told so.

use std::io::Write;
use std::time::Duration;

use clap::{Args, Subcommand};
use common::ids::MachineName;
use store::{Store, machines, wall};

use super::{Kind, Known, Look};
use crate::clock;
use crate::config::Database;
use crate::error::StartError;

/// Longest wait for the first answer.
const LIMIT: Duration = Duration::from_secs(10);

/// What to do about meters at the sockets.
#[derive(Debug, Subcommand)]
pub enum MeterCommand {
    /// Read the meter at a machine's socket from the server; it takes the place of the one before.
    Add(Box<AddMeter>),
    /// List the meters with their last reading or trouble.
    List(Database),
    /// Read a machine's meter no more; its readings stay.
    Remove(RemoveMeter),
}

/// How a meter is enrolled.
#[derive(Debug, Args)]
pub struct AddMeter {
    /// At which machine's socket it is.
    pub machine: MachineName,
    /// Where the records are.
    #[command(flatten)]
    pub database: Database,
    /// Seconds between two new values, where you know better than is assumed of its kind.
    #[arg(long, value_parser = period)]
    pub period_seconds: Option<Duration>,
    /// Its class: the largest error in percent, by its data sheet or your calibration, where you know better.
    #[arg(long, value_parser = class)]
    pub class_percent: Option<f64>,
    /// It is a test rig: figures are labelled simulated.
    #[arg(long)]
    pub simulated: bool,
    /// Enrol it although it does not answer now.
    #[arg(long)]
    pub unanswered: bool,
    /// What it is.
    #[command(subcommand)]
    pub kind: Kind,
}

/// Whose meter shall be read no more.
#[derive(Debug, Args)]
pub struct RemoveMeter {
    /// The machine.
    pub machine: MachineName,
    /// Where the records are.
    #[command(flatten)]
    pub database: Database,
}

fn period(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| format!("{text:?} is not a number of seconds"))?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(span) if span >= Duration::from_millis(20) && span <= Duration::from_secs(600) => Ok(span),
        _ => Err("a meter is read every 0.02 to 600 seconds".to_owned()),
    }
}

fn class(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(percent) if percent > 0.0 && percent <= 50.0 => Ok(percent),
        _ => Err("a class is a number of percent above 0 and at most 50".to_owned()),
    }
}

/// Does one of them.
///
/// # Errors
/// [`StartError`] if the meter does not answer, the machine is not known or the database cannot be used.
pub async fn run(command: MeterCommand) -> Result<(), StartError> {
    match command {
        MeterCommand::Add(config) => add(*config).await,
        MeterCommand::List(database) => list(&database).await,
        MeterCommand::Remove(config) => {
            let store = open(&config.database).await?;
            wall::remove(&store, &config.machine).await?;
            say(format!("the meter of {} is read no more", config.machine))
        }
    }
}

async fn add(config: AddMeter) -> Result<(), StartError> {
    let AddMeter { machine, database, period_seconds, class_percent, simulated, unanswered, kind } = config;
    let asked = kind.clone();
    let looked = tokio::task::spawn_blocking(move || asked.look(LIMIT)).await;
    let looked = looked.map_err(|error| StartError::Argument(error.to_string()))?;
    let found = match looked {
        Ok(found) => found,
        // Whether it counts is seen when it answers; power is what every kind has.
        Err(_) if unanswered => Look { power: Some(common::units::Power::ZERO), energy: None },
        Err(error) => {
            return Err(StartError::Argument(format!(
                "{error} With --unanswered it is enrolled all the same."
            )));
        }
    };
    let known = Known {
        period: period_seconds,
        class: class_percent.map(|percent| percent / 100.0),
        is_simulated: simulated,
    };
    let card = kind.card(found, &known);
    let settings = serde_json::to_value(&kind).map_err(|error| StartError::Argument(error.to_string()))?;
    let store = open(&database).await?;
    wall::enrol(&store, &machine, &settings, &card, clock::now()).await?;
    say(format!("{machine} is read at its socket with {}: {}", card.card.name, told(found)))
}

fn told(found: Look) -> String {
    let power = found.power.map(|power| format!("{:.1} W now", power.watts()));
    let energy = found.energy.map(|energy| format!("{:.3} Wh counted", energy.watt_hours()));
    power.into_iter().chain(energy).collect::<Vec<_>>().join(", ")
}

async fn list(database: &Database) -> Result<(), StartError> {
    let store = open(database).await?;
    for machine in machines::list(&store, clock::now(), Duration::ZERO).await? {
        let Some(meter) = machine.wall_meter else { continue };
        let state = match (&meter.trouble, meter.last) {
            (Some(trouble), _) => format!("trouble at {}: {}", trouble.at, trouble.message),
            (None, Some(last)) => {
                format!("{} at {}", told(Look { power: last.power, energy: last.energy }), last.at)
            }
            (None, None) => "never read".to_owned(),
        };
        say(format!("{}\t{}\t{state}", machine.name, meter.card.card.name))?;
    }
    Ok(())
}

async fn open(database: &Database) -> Result<Store, StartError> {
    let store = Store::connect(&database.database_url.0, 2).await?;
    store.migrate().await?;
    Ok(store)
}

fn say(line: String) -> Result<(), StartError> {
    writeln!(std::io::stdout(), "{line}").map_err(StartError::system("could not say so"))
}

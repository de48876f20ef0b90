//! The operator's commands about meters at the sockets.
//!
//! Must not: enrol a meter that does not answer, unless told so.

use std::io::Write;
use std::time::Duration;

use clap::{Args, Subcommand};
use common::ids::MachineName;
use common::wall::{self, WallMeter, WallRole};
use store::wall::NewMeter;
use store::{Store, machines};

use super::{Kind, Known, Look};
use crate::clock;
use crate::config::Database;
use crate::error::StartError;

/// Longest wait for the first answer.
const LIMIT: Duration = Duration::from_secs(10);

/// What to do about meters at the sockets.
#[derive(Debug, Subcommand)]
pub enum MeterCommand {
    /// Read a meter at a machine's socket from the server; it takes the place of the one of that name before.
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
    /// Names it, where the machine has several.
    #[arg(long, default_value = wall::DEFAULT_NAME, value_parser = name)]
    pub name: String,
    /// What it stands for: the whole machine; a supply, one of several whose sum is the machine; or a check, which reads
    /// the whole once more and is only compared.
    #[arg(long, default_value = "whole")]
    pub role: WallRole,
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
    /// Which of its meters, where it has several.
    #[arg(long)]
    pub name: Option<String>,
    /// Where the records are.
    #[command(flatten)]
    pub database: Database,
}

fn name(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    if !text.is_empty() && text.len() <= 40 && text.chars().all(is_plain) {
        return Ok(text.to_owned());
    }
    Err("a meter's name has lower-case letters, digits, dots and hyphens, 40 at most".to_owned())
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
            store::wall::remove(&store, &config.machine, config.name.as_deref()).await?;
            say(format!("the meter of {} is read no more", config.machine))
        }
    }
}

async fn add(config: AddMeter) -> Result<(), StartError> {
    let AddMeter {
        machine,
        database,
        name,
        role,
        period_seconds,
        class_percent,
        simulated,
        unanswered,
        kind,
    } = config;
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
    let mut card = kind.card(found, &known);
    if role == WallRole::Supply {
        card.card.boundary = format!(
            "{name}, one of several supplies that feed the machine together: what it draws at its socket."
        );
    }
    let settings = serde_json::to_value(&kind).map_err(|error| StartError::Argument(error.to_string()))?;
    let store = open(&database).await?;
    let meter = NewMeter { name: &name, role, settings: &settings, card: &card };
    store::wall::enrol(&store, &machine, meter, clock::now()).await?;
    say(format!(
        "{machine} is read at its socket with {} as {}: {}",
        card.card.name,
        role.name(),
        told(found)
    ))
}

fn told(found: Look) -> String {
    let power = found.power.map(|power| format!("{:.1} W now", power.watts()));
    let energy = found.energy.map(|energy| format!("{:.3} Wh counted", energy.watt_hours()));
    power.into_iter().chain(energy).collect::<Vec<_>>().join(", ")
}

async fn list(database: &Database) -> Result<(), StartError> {
    let store = open(database).await?;
    for machine in machines::list(&store, clock::now(), Duration::ZERO).await? {
        for WallMeter { meter, role, card, last, trouble } in machine.wall_meters {
            let state = match (trouble, last) {
                (Some(trouble), _) => format!("trouble at {}: {}", trouble.at, trouble.message),
                (None, Some(last)) => {
                    format!("{} at {}", told(Look { power: last.power, energy: last.energy }), last.at)
                }
                (None, None) => "never read".to_owned(),
            };
            say(format!("{}\t{meter}\t{}\t{}\t{state}", machine.name, role.name(), card.card.name))?;
        }
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

//! The operator's commands about Machines.
//!
//! Must not: print a token twice, or keep one.

use std::io::Write;
use std::time::Duration;

use common::machine::Embodied;
use common::units::Carbon;
use store::Store;
use store::machines::{self, NewMachine, Token};

use crate::chance;
use crate::clock;
use crate::config::{AddMachine, Database, RevokeMachine};
use crate::error::StartError;

const SECONDS_A_YEAR: f64 = 365.0 * 24.0 * 3600.0;

/// Enrols a Machine; its token is the one line on standard output.
///
/// # Errors
/// [`StartError`] if the name is taken, an argument makes no sense, or the database cannot be used.
pub async fn add(config: AddMachine) -> Result<(), StartError> {
    let new = parse(&config)?;
    let text = chance::secret("jb").map_err(StartError::system("could not read random bytes"))?;
    let store = open(&config.database).await?;
    machines::enrol(&store, &new, &Token::new(text.clone()), config.replace, clock::now()).await?;
    let said = |source| StartError::System { what: "could not print the token".to_owned(), source };
    writeln!(
        std::io::stderr(),
        "{} is enrolled. Give its worker this token; it is not shown again:",
        new.name
    )
    .map_err(said)?;
    writeln!(std::io::stdout(), "{text}").map_err(said)
}

fn parse(config: &AddMachine) -> Result<NewMachine, StartError> {
    let refuse = |message: &str| Err(StartError::Argument(message.to_owned()));
    if !(config.pue.is_finite() && config.pue >= 1.0) {
        return refuse("--pue must be 1 or more: a building uses at least what its machines use");
    }
    let (kilograms, source) = match (&config.embodied, config.embodied_kg, &config.embodied_source) {
        (Some(parts), ..) => (parts.kilograms, parts.source.clone()),
        (None, Some(kilograms), Some(source)) => (kilograms, source.clone()),
        _ => {
            return refuse(
                "--embodied, or --embodied-kg with --embodied-source, must say what making it emitted",
            );
        }
    };
    if !(kilograms.is_finite() && kilograms >= 0.0) {
        return refuse("--embodied-kg must be 0 or more");
    }
    let lifetime = Duration::try_from_secs_f64(config.lifetime_years * SECONDS_A_YEAR).unwrap_or_default();
    if lifetime.is_zero() {
        return refuse("--lifetime-years must be above 0");
    }
    if source.trim().is_empty() {
        return refuse("--embodied-source must say where the figure comes from");
    }
    Ok(NewMachine {
        name: config.name.clone(),
        zone: config.zone.clone(),
        pue: config.pue,
        embodied: Embodied { total: Carbon::from_grams(kilograms * 1000.0), lifetime, source },
    })
}

/// Lists all Machines, one a line.
///
/// # Errors
/// [`StartError`] if the database cannot be used.
pub async fn list(database: Database) -> Result<(), StartError> {
    let store = open(&database).await?;
    for machine in machines::enrolled(&store).await? {
        let state = match (machine.revoked_at, machine.last_seen_at) {
            (Some(at), _) => format!("revoked {at}"),
            (None, Some(at)) => format!("heard of {at}"),
            (None, None) => "never heard of".to_owned(),
        };
        writeln!(
            std::io::stdout(),
            "{}\t{}\tenrolled {}\t{state}",
            machine.name,
            machine.zone,
            machine.enrolled_at
        )
        .map_err(StartError::system("could not print the list"))?;
    }
    Ok(())
}

/// Makes a Machine's token open nothing any more.
///
/// # Errors
/// [`StartError`] if there is no such Machine or the database cannot be used.
pub async fn revoke(config: RevokeMachine) -> Result<(), StartError> {
    let store = open(&config.database).await?;
    machines::revoke(&store, &config.name, clock::now()).await?;
    writeln!(std::io::stdout(), "{} is revoked", config.name).map_err(StartError::system("could not say so"))
}

async fn open(database: &Database) -> Result<Store, StartError> {
    let store = Store::connect(&database.database_url.0, 2).await?;
    store.migrate().await?;
    Ok(store)
}

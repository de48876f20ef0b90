//! `jouleboard-server`: reads what is wanted, does it, says what went wrong.
//!
//! Must not: do any of the work itself.

use anyhow::Context;
use clap::Parser;
use server::config::{CampaignCommand, Cli, Command, LeaderboardCommand, MachineCommand};

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    server::init_telemetry()?;
    match cli.command {
        Command::Serve(config) => server::serve::run(*config).await.context("the server could not run"),
        Command::Machine { command } => match command {
            MachineCommand::Add(config) => server::machine::add(config).await,
            MachineCommand::List(config) => server::machine::list(config).await,
            MachineCommand::Revoke(config) => server::machine::revoke(config).await,
            MachineCommand::Meter { command } => server::wall::command(command).await,
        }
        .context("the machine command did not work"),
        Command::Campaign { command } => match command {
            CampaignCommand::Run(config) => server::campaign::run(config).await,
            CampaignCommand::Cost(config) => server::campaign::cost(config).await,
        }
        .context("the campaign command did not work"),
        Command::Quality { command } => {
            server::quality::command(command).await.context("the quality command did not work")
        }
        Command::Leaderboard { command: LeaderboardCommand::Rebuild(database) } => {
            server::serve::rebuild_leaderboard(database).await.context("the leaderboard could not be rebuilt")
        }
    }
}

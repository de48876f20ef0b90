//! SQL to a cluster of our own, by psql: for chores that count rows or make some.
//!
//! Must not: be used on anybody's data; the service's SQL is in `store`.

use std::process::Command;

use anyhow::Result;

use super::Binaries;
use crate::program;

/// Runs statements one after the other in one session; gives what they print, columns parted by `|`.
pub(crate) fn query(url: &str, statements: &[&str]) -> Result<String> {
    let mut command = Command::new(Binaries::find(None)?.program("psql"));
    command.args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set", "ON_ERROR_STOP=1"]);
    for statement in statements {
        command.args(["--command", statement]);
    }
    program::output(command.arg(url))
}

//! The machine's own board controller through IPMI DCMI, asked with the program ipmitool: whole watts, a new value each
//! second at best, often averaged over longer.
//!
//! Must not: take minimum, maximum or mean of the controller's own period for the power now, or a reading that the
//! controller itself calls inactive.

use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use clap::Args;
use common::units::Power;
use serde::{Deserialize, Serialize};

use super::error::WallError;
use super::{Look, Traits};
use crate::clock;

/// Time between two looks at whether the program has ended.
const STEP: Duration = Duration::from_millis(10);

/// Which controller.
#[derive(Debug, Clone, PartialEq, Args, Serialize, Deserialize)]
pub struct Ipmi {
    /// Name or address of the controller.
    pub host: String,
    /// User.
    #[arg(long)]
    pub user: Option<String>,
    /// A file on the server that holds the password; ipmitool reads it itself.
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// The program, where it is not on the path.
    #[arg(long, value_name = "FILE", default_value = "ipmitool")]
    pub program: PathBuf,
}

impl Ipmi {
    pub(super) fn traits(&self) -> Traits {
        Traits {
            name: "ipmi",
            boundary: "The whole machine, as its board controller says it over DCMI; whether before or after the power supplies is the maker's choice.",
            period: Duration::from_secs(5),
            power_step: Some(Power::from_watts(1.0)),
            energy_step: None,
            class: 0.05,
        }
    }

    pub(super) fn look(&self, limit: Duration) -> Result<Look, WallError> {
        let said = self.ask(limit)?;
        let power = read(&said).map_err(|what| WallError::Nonsense { address: self.host.clone(), what })?;
        Ok(Look { power: Some(power), energy: None })
    }

    fn ask(&self, limit: Duration) -> Result<String, WallError> {
        let mut command = Command::new(&self.program);
        command.args(["-I", "lanplus", "-H", &self.host]);
        if let Some(user) = &self.user {
            command.args(["-U", user]);
        }
        if let Some(file) = &self.password_file {
            command.arg("-f").arg(file);
        }
        command.args(["dcmi", "power", "reading"]);
        let here = |error: std::io::Error| {
            WallError::Here(format!(
                "{} cannot be run ({error}): install ipmitool on the server, or name it with --program",
                self.program.display()
            ))
        };
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(here)?;
        let started = clock::instant();
        let status = loop {
            if let Some(status) = child.try_wait().map_err(here)? {
                break status;
            }
            if started.elapsed() > limit {
                // It may have ended just now; either way nobody waits for its answer.
                let _ = child.kill();
                let _ = child.wait();
                return Err(WallError::Late { address: self.host.clone(), limit });
            }
            std::thread::sleep(STEP);
        };
        let (mut said, mut complained) = (String::new(), String::new());
        if let Some(mut out) = child.stdout.take() {
            out.read_to_string(&mut said).map_err(here)?;
        }
        if let Some(mut err) = child.stderr.take() {
            err.read_to_string(&mut complained).map_err(here)?;
        }
        if status.success() { Ok(said) } else { Err(self.complaint(complained.trim())) }
    }

    fn complaint(&self, said: &str) -> WallError {
        let address = self.host.clone();
        let reason = said.lines().next().unwrap_or("it gave no reason").to_owned();
        let small = said.to_lowercase();
        if ["password", "unauthorized", "privilege", "user"].iter().any(|word| small.contains(word)) {
            WallError::Forbidden { address, reason }
        } else if small.contains("dcmi") || small.contains("invalid command") {
            WallError::Nonsense { address, what: format!("it has no DCMI power reading ({reason})") }
        } else {
            WallError::Unreachable { address, reason }
        }
    }
}

/// The power now, from what ipmitool prints.
fn read(said: &str) -> Result<Power, String> {
    let field = |name: &str| {
        said.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
        })
    };
    if let Some(state) = field("Power reading state is")
        && !state.eq_ignore_ascii_case("activated")
    {
        return Err(format!("its power reading is {state}"));
    }
    let text =
        field("Instantaneous power reading").ok_or("ipmitool prints no instantaneous power reading")?;
    let watts = text.strip_suffix("Watts").map(str::trim).and_then(|number| number.parse::<f64>().ok());
    watts.map(Power::from_watts).ok_or_else(|| format!("{text:?} is no power in watts"))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) const SAID: &str = "\n    Instantaneous power reading:                   237 Watts
    Minimum during sampling period:                 61 Watts
    Maximum during sampling period:                480 Watts
    Average power reading over sample period:      190 Watts
    IPMI timestamp:                           Sat Nov 21 00:00:00 2026
    Sampling period:                          00000005 Seconds.
    Power reading state is:                   activated\n\n";

    #[test]
    fn the_power_now_is_read_and_no_mean_of_the_controllers_own_period() {
        assert_eq!(read(SAID).unwrap().watts(), 237.0);
    }

    #[test]
    fn an_inactive_reading_and_other_text_are_nonsense() {
        assert!(read(&SAID.replace("activated", "deactivated")).unwrap_err().contains("deactivated"));
        assert!(read("DCMI request failed").is_err());
        assert!(read(&SAID.replace("237 Watts", "n/a")).unwrap_err().contains("no power in watts"));
    }
}

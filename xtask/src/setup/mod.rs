//! What the machine needs, checked and installed: each thing named with its reason before it is done.
//!
//! Must not: change anything that is there already, nor install without saying so; without the right to
//! install, it prints the exact command instead.

mod node;
mod python;

use std::process::Command;

use anyhow::{Result, bail};

use crate::bundle::TARGET;
use crate::place::Place;
use crate::postgres::Binaries;
use crate::{program, say};

pub(crate) use node::node;
pub(crate) use python::python;

/// What the machine shall be able to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum For {
    /// Run the service.
    Service,
    /// Test it as well.
    Tests,
}

/// Something that is missing.
#[derive(Debug, PartialEq, Eq)]
struct Need {
    what: &'static str,
    why: &'static str,
    remedy: Remedy,
}

#[derive(Debug, PartialEq, Eq)]
enum Remedy {
    /// Debian packages.
    Apt(&'static [&'static str]),
    /// A command that everybody may run.
    Command(&'static [&'static str]),
}

/// Checks and installs.
pub(crate) fn run(place: &Place, purpose: For) -> Result<()> {
    let needs = missing(purpose);
    for need in &needs {
        say::line(format!("setup: {} is missing: {}", need.what, need.why));
    }
    for need in &needs {
        if let Remedy::Command([name, args @ ..]) = need.remedy {
            say::line(format!("setup: installing {}: `{name} {}`", need.what, args.join(" ")));
            program::run(Command::new(name).current_dir(&place.root).args(args))?;
        }
    }
    install_packages(&needs)?;
    if purpose == For::Tests {
        node::install(place)?;
        python::install(place)?;
    }
    if needs.is_empty() {
        say::line("setup: everything needed is here");
    }
    Ok(())
}

fn missing(purpose: For) -> Vec<Need> {
    let mut needs = Vec::new();
    let mut want = |is_here: bool, what, why, remedy| {
        if !is_here {
            needs.push(Need { what, why, remedy });
        }
    };
    want(
        has_wasm_target(),
        "the wasm target of the Rust compiler",
        "the page is Rust compiled for the browser",
        Remedy::Command(&["rustup", "target", "add", TARGET]),
    );
    let has_database = purpose == For::Service && std::env::var_os("DATABASE_URL").is_some();
    want(
        has_database || Binaries::find(None).is_ok(),
        "a PostgreSQL server",
        "it keeps the queue and the records, in a private cluster; or name a running one in DATABASE_URL",
        Remedy::Apt(&["postgresql"]),
    );
    if purpose == For::Tests {
        want(
            chromium().is_some(),
            "Chromium",
            "the end-to-end tests drive the real page",
            Remedy::Apt(&["chromium"]),
        );
        want(
            program::on_path("node").is_some() && program::on_path("npm").is_some(),
            "Node.js with npm",
            "the end-to-end tests are written for Playwright, which runs on it",
            Remedy::Apt(&["nodejs", "npm"]),
        );
        want(
            python::is_here(),
            "Python with venv",
            "the tests call the service with clients that people have, unchanged from PyPI",
            Remedy::Apt(&["python3", "python3-venv"]),
        );
    }
    needs
}

/// The browser of the end-to-end tests.
pub(crate) fn chromium() -> Option<std::path::PathBuf> {
    std::env::var_os("CHROMIUM")
        .map(Into::into)
        .or_else(|| program::on_path("chromium"))
        .or_else(|| program::on_path("chromium-browser"))
}

/// A toolchain from elsewhere than rustup has its own way of telling; then the build will say it.
fn has_wasm_target() -> bool {
    if program::on_path("rustup").is_none() {
        return true;
    }
    program::output(Command::new("rustup").args(["target", "list", "--installed"]))
        .is_ok_and(|list| list.lines().any(|line| line.trim() == TARGET))
}

fn install_packages(needs: &[Need]) -> Result<()> {
    let packages: Vec<&str> = needs
        .iter()
        .flat_map(|need| match need.remedy {
            Remedy::Apt(packages) => packages,
            Remedy::Command(_) => &[],
        })
        .copied()
        .collect();
    if packages.is_empty() {
        return Ok(());
    }
    let install = format!("apt-get install --yes --no-install-recommends {}", packages.join(" "));
    if program::on_path("apt-get").is_none() {
        bail!("install with your system's package manager what Debian calls {}", packages.join(", "));
    }
    if !rustix::process::geteuid().is_root() {
        bail!("installing needs root; run this, then try again:\n    sudo apt-get update && sudo {install}");
    }
    if packages.contains(&"postgresql") {
        say::line(
            "setup: Debian's package also makes a cluster `main` of its own; Jouleboard leaves it alone",
        );
    }
    say::line(format!("setup: installing {}: `{install}`", packages.join(", ")));
    let apt = |args: &[&str]| {
        program::run(Command::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive").args(args))
    };
    apt(&["update", "--quiet=2"])?;
    let mut args = vec!["install", "--quiet", "--yes", "--no-install-recommends"];
    args.extend(packages);
    apt(&args)
}

//! How much a first visit to the page fetches, and how long a toggle takes on a leaderboard of many rows, in the
//! Chromium that is installed.
//!
//! Must not: judge, or need a server: the page is served from its folder and the ranking is made up.

use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::stand;
use crate::place::Place;
use crate::{bundle, say, setup};

/// Rows of the made-up ranking.
const ROWS: u32 = 2_000;

/// Measures, prints, and writes `<target>/bench/site.json`.
pub(crate) fn run(place: &Place, as_built: bool) -> Result<()> {
    setup::run(place, setup::For::Tests)?;
    if as_built {
        bundle::last(place)?;
    } else {
        bundle::run(place)?;
    }
    let chromium = setup::chromium().context("there is no Chromium: `cargo xtask setup --tests`")?;
    let output = std::process::Command::new(setup::node(place))
        .current_dir(place.e2e())
        .arg("bench/site.js")
        .arg(place.dist())
        .arg(ROWS.to_string())
        .env("CHROMIUM", chromium)
        .stderr(Stdio::inherit())
        .output()
        .context("Node.js could not be started")?;
    ensure!(output.status.success(), "the browser could not be driven: see above");
    let found: Value =
        serde_json::from_slice(&output.stdout).context("the bench of the site says no JSON")?;
    ensure!(found["errors"].as_array().is_some_and(Vec::is_empty), "the page threw: {}", found["errors"]);
    tell(&found);
    for (name, bytes) in bundle::first_visits(&bundle::last(place)?) {
        say::line(format!(
            "  first visit to the pages of `{name}`: {bytes} bytes as brotli, at most {} allowed",
            bundle::FIRST_VISIT_BYTES
        ));
    }
    stand::keep(place, "site", &found)
}

fn tell(found: &Value) {
    let number = |value: &Value| value.as_f64().map_or_else(|| "-".to_owned(), |value| format!("{value:.1}"));
    say::line(format!(
        "  first visit: {} bytes as brotli; the first of {} rows after {} ms",
        found["first_visit_brotli_bytes"],
        found["rows"],
        number(&found["first_rows_ms"])
    ));
    say::line(format!(
        "  toggles on {} rows, {} of them drawn; medians:",
        found["rows"], found["drawn_rows"]
    ));
    say::line(format!(
        "  {:<8} {:>12} {:>12} {:>12} {:>12}",
        "", "handled ms", "laid out ms", "least ms", "worst ms"
    ));
    for toggle in ["unit", "per", "sort"] {
        let times = &found[toggle];
        say::line(format!(
            "  {toggle:<8} {:>12} {:>12} {:>12} {:>12}",
            number(&times["handled_ms"]),
            number(&times["laid_out_ms"]),
            number(&times["least_ms"]),
            number(&times["worst_ms"])
        ));
    }
}

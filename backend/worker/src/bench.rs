//! How fast models run here, as a table: prefill and decode, the share of the memory's bandwidth, and joules where an
//! instrument is.
//!
//! Each plan is run once to warm up and then some times, each time in a Window of its own; the bandwidth is read between
//! them, so that whatever disturbs the machine disturbs both. Must not: be taken for a Measurement; nothing of it reaches a
//! server, and nobody waits for a calm machine.

use std::io::Write;
use std::time::Duration;

use anyhow::Context;
use common::measurement::{Conditions, Reading};
use common::model::Dtype;
use common::trace::Window;
use engine::Engine;
use engine::bench::{self, Plan, Row};
use meter::cpu_model::Busy;
use meter::idle::{self, Idle};
use meter::{Instruments, Monotonic, Options};
use serde::Serialize;

use crate::any_command::{self, CommandResult};
use crate::model_args::{BenchArgs, cache};
use crate::progress::Bar;
use crate::source::{self, ModelPlace, OpenError};
use crate::stop::Stop;
use crate::{assemble, clock, hardware};

/// One line of the table.
#[derive(Debug, Serialize)]
struct Line {
    #[serde(flatten)]
    row: Row,
    /// The Model, which names exactly these weights.
    model_id: String,
    weights_sha256: String,
    /// Means over the rounds, prefill and decode together; null where no instrument is.
    energy: Option<CommandResult>,
}

/// The file of `--json`.
#[derive(Debug, Serialize)]
struct Report {
    /// What made it.
    worker_version: String,
    engine_version: &'static str,
    #[serde(with = "time::serde::rfc3339")]
    started_at: time::OffsetDateTime,
    hardware: common::machine::Hardware,
    rows: Vec<Line>,
    /// What was asked for and does not fit into memory.
    not_run: Vec<NotRun>,
}

/// What was not timed.
#[derive(Debug, Serialize)]
struct NotRun {
    /// The folder, the name or the configuration.
    model: String,
    dtype: Option<Dtype>,
    /// Prompts at once; null where the model itself does not fit.
    batch: Option<u32>,
    /// Why not.
    why: String,
}

/// Times everything that is asked for, and prints each line when it is there.
pub(crate) fn run(args: &BenchArgs) -> anyhow::Result<()> {
    let clock = Monotonic::start();
    let started_at = clock::date();
    let mut instruments = args.meters.open(Busy::ThisProcess)?;
    for sentence in &instruments.missing {
        tracing::info!("{sentence}");
    }
    let hub = args.open.hub.hub(cache());
    let mut bar = Bar::new(clock, Stop::default());
    let mut out = std::io::stdout();
    let (mut rows, mut not_run) = (Vec::new(), Vec::new());
    let options = args.meters.sampled(instruments.options());
    let slowest = instruments.slowest_period().unwrap_or_default();
    let mut stand =
        Stand { instruments: &mut instruments, clock, options, baseline: args.baseline_s, slowest };
    head(&mut out)?;
    for place in args.places() {
        for dtype in args.dtypes(place.dtype) {
            let place = ModelPlace { dtype, ..place.clone() };
            let found = source::find(&place, &hub, &mut bar)?;
            let mut refuse = |batch, error: &engine::Error| {
                let refused = NotRun { model: place.to_string(), dtype, batch, why: error.to_string() };
                tracing::warn!("{} is left out: {error}", refused.model);
                not_run.push(refused);
            };
            let mut engine = match found.open(&args.open.opening(), false) {
                Err(OpenError::Engine { error: error @ engine::Error::Memory { .. }, .. }) => {
                    refuse(None, &error);
                    continue;
                }
                opened => opened?,
            };
            for plan in args.plans() {
                let line = match stand.line(&mut engine, &plan, args.repeat) {
                    Ok(line) => line,
                    Err(error) => match error.downcast_ref::<engine::Error>() {
                        Some(found @ engine::Error::Memory { .. }) => {
                            refuse(Some(plan.batch), found);
                            continue;
                        }
                        _ => return Err(error),
                    },
                };
                writeln!(out, "{} {} |", line.row, joules(&line))?;
                out.flush()?;
                rows.push(line);
            }
        }
    }
    if let Some(file) = &args.json {
        let hardware = hardware::describe(std::path::Path::new("/"), instruments.accelerators());
        let (worker_version, engine_version) = (assemble::worker_version(), Engine::version());
        let report = Report { worker_version, engine_version, started_at, hardware, rows, not_run };
        std::fs::write(file, serde_json::to_vec_pretty(&report)?)
            .with_context(|| format!("{} cannot be written", file.display()))?;
    }
    Ok(())
}

/// The head of the engine's table with a column more.
fn head(out: &mut impl Write) -> std::io::Result<()> {
    for (line, more) in Row::HEAD.lines().zip([" J/output token (net of idle) |", "---|"]) {
        writeln!(out, "{line}{more}")?;
    }
    Ok(())
}

/// Energy of one output token, prefill included, with its Label; why there is none where there is none.
fn joules(line: &Line) -> String {
    let Some(energy) = &line.energy else { return "no meter".to_owned() };
    let tokens = f64::from(line.row.output_tokens) * f64::from(line.row.batch);
    let labels: std::collections::BTreeSet<&str> =
        energy.domains.iter().map(|domain| domain.label.name()).collect();
    let labels: Vec<&str> = labels.into_iter().collect();
    match energy.machine_energy {
        Some(machine) => {
            let net: Option<f64> = energy.domains.iter().map(|domain| Some(domain.net?.joules())).sum();
            let net = net.map_or_else(|| "unknown".to_owned(), |net| format!("{:.4}", net / tokens));
            format!("{:.4} ({net}) {}", machine.joules() / tokens, labels.join(" + "))
        }
        None => format!("no energy {}", labels.join(" + ")),
    }
}

/// Instruments that every line shares.
struct Stand<'a> {
    instruments: &'a mut Instruments,
    clock: Monotonic,
    options: Options,
    baseline: Duration,
    /// The slowest instrument's period.
    slowest: Duration,
}

impl Stand<'_> {
    /// One line: a warm-up and some rounds, each in a Window.
    fn line(&mut self, engine: &mut Engine, plan: &Plan, rounds: u32) -> anyhow::Result<Line> {
        let warm_up = Plan { output_tokens: plan.output_tokens.min(4), ..*plan };
        bench::round(engine, &warm_up)?;
        let meters = &mut self.instruments.meters;
        let before = idle::baseline(meters, self.clock, self.options, self.baseline)?;
        let (mut timed, mut windows) = (Vec::new(), Vec::new());
        for nth in 0..rounds.max(1) {
            let bandwidth = engine.bandwidth();
            let options = self.options.spread(self.slowest, nth);
            let (round, measured) =
                meter::measure(meters, self.clock, options, None, |_| bench::round(engine, plan))?;
            timed.push((bandwidth, round?));
            windows.push((measured.window, measured.readings));
        }
        let after = idle::baseline(meters, self.clock, self.options, self.baseline)?;
        let row = Row::of(engine, plan, &timed).context("no round was asked for")?;
        let has_meter = !meters.is_empty();
        let energy = has_meter.then(|| self.energy(&before, &after, &windows));
        let model = engine.model();
        Ok(Line { model_id: model.id.to_string(), weights_sha256: model.weights_sha256.clone(), row, energy })
    }

    fn energy(
        &mut self,
        before: &[Idle],
        after: &[Idle],
        windows: &[(Window, Vec<Reading>)],
    ) -> CommandResult {
        // Nobody waited for calm, so the verdict cannot say that it was.
        let conditions =
            Conditions { temperature_after: self.instruments.temperature(), ..Conditions::default() };
        let cards = self.instruments.cards();
        let baselines = idle::baselines(before, after);
        any_command::conclude(&cards, &conditions, &baselines, windows, self.instruments)
    }
}

#[cfg(test)]
mod tests {
    use meter::replay::{Replay, Script};

    use super::*;

    #[test]
    fn a_line_has_speed_bandwidth_and_the_joules_of_the_instrument_with_its_label() {
        let root = tempfile::tempdir().unwrap();
        engine::tiny::write(root.path(), 7).unwrap();
        let mut instruments = Instruments::alone(vec![Box::new(Replay::new(Script::constant(50.0)))]);
        let options = instruments.options();
        let baseline = Duration::from_millis(60);
        let slowest = Duration::ZERO;
        let mut stand =
            Stand { instruments: &mut instruments, clock: Monotonic::start(), options, baseline, slowest };
        let load = engine::LoadOptions { threads: Some(1), ..Default::default() };
        let mut engine = Engine::load_for_ids(root.path(), &load).unwrap();
        let plan = Plan { prompt_tokens: 16, output_tokens: 24, batch: 2 };
        let line = stand.line(&mut engine, &plan, 2).unwrap();
        assert_eq!((line.row.rounds, line.row.batch), (2, 2));
        assert!(line.row.decode_tokens_per_s > 0.0 && line.row.share > 0.0);
        let energy = line.energy.as_ref().unwrap();
        let (found, expected) = (energy.machine_energy.unwrap().joules(), 50.0 * energy.window_s);
        assert!((found / expected - 1.0).abs() < 0.1, "{found} J instead of {expected} J");
        assert!(joules(&line).ends_with("simulated"), "{}", joules(&line));
        let json = serde_json::to_value(&line).unwrap();
        assert_eq!(json["weights"], "random");
        assert_eq!(json["energy"]["domains"][0]["label"], "simulated");
        assert!(json["decode_gb_per_s"].is_number() && json["model_id"].is_string());
        instruments_are_needed_for_joules(line);
    }

    fn instruments_are_needed_for_joules(line: Line) {
        assert_eq!(joules(&Line { energy: None, ..line }), "no meter");
    }
}

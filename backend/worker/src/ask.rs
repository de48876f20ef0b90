//! Asking a model directly, without a server and without instruments: its logits after given tokens, or an answer as it
//! comes.
//!
//! Must not: measure energy (that is the lease loop's and `bench`'s); print anything but the answer on standard output.

use std::io::Write;

use anyhow::Context;
use common::model::Dtype;
use engine::cuda::{self, Places};
use engine::{Engine, EnginePrompt};
use meter::Monotonic;
use serde::Serialize;

use crate::model_args::{GenerateArgs, LogitsArgs, OneModelArgs, cache};
use crate::progress::Bar;
use crate::source::Opening;
use crate::stop::Stop;
use crate::{hardware, source};

/// Tokens of the continuation.
const GREEDY: usize = 24;

/// What `logits` prints.
#[derive(Debug, Serialize)]
struct Logits {
    /// A list for each of the given tokens.
    logits: Vec<Vec<f32>>,
    /// The likeliest continuation, shorter where the context ends before.
    greedy: Vec<u32>,
    dtype: Dtype,
    device: String,
}

fn open(args: &OneModelArgs, opening: &Opening, text: bool) -> anyhow::Result<Engine> {
    let hub = args.open.hub.hub(cache());
    // Nobody listens for signals here: Ctrl-C ends the program, and what was fetched is kept.
    let mut bar = Bar::new(Monotonic::start(), Stop::default());
    let found = source::find(&args.place()?, &hub, &mut bar)?;
    Ok(found.open(opening, text)?)
}

/// Prints logits and continuation as one JSON object.
pub(crate) fn logits(args: &LogitsArgs) -> anyhow::Result<()> {
    let opening = Opening { rotary_in_bf16: args.rotary_in_bf16, ..args.model.open.opening() };
    let engine = open(&args.model, &opening, false)?;
    let context = usize::try_from(engine.model().context_length).unwrap_or(usize::MAX);
    let found = Logits {
        logits: engine.logits(&args.ids)?,
        // As far as there is room.
        greedy: engine.greedy(&args.ids, GREEDY.min(context.saturating_sub(args.ids.len())))?,
        dtype: engine.model().dtype,
        device: opening.device.to_string(),
    };
    let text = serde_json::to_string(&found).context("the logits cannot be written")?;
    writeln!(std::io::stdout(), "{text}").context("standard output is closed")
}

/// Prints an answer token by token.
pub(crate) fn generate(args: &GenerateArgs) -> anyhow::Result<()> {
    let mut engine = open(&args.model, &args.model.open.opening(), true)?;
    let prompt = EnginePrompt {
        system: args.system.as_deref(),
        earlier: &[],
        text: &args.prompt,
        is_raw: false,
        decoding: args.decoding(),
    };
    let mut out = std::io::stdout();
    let (mut written, mut length) = (Ok(()), 0);
    let answer = engine.generate(&prompt, &mut |token| {
        if written.is_ok() {
            written = out.write_all(token.text.as_bytes()).and_then(|()| out.flush());
            length += token.text.len();
        }
    })?;
    // An answer may end inside a character, which no token completed.
    let rest = answer.text.get(length..).unwrap_or_default();
    written.and_then(|()| writeln!(out, "{rest}")).context("standard output is closed")?;
    let (first, last) = (answer.token_times.first().copied(), answer.token_times.last().copied());
    let span = last.unwrap_or_default().saturating_sub(first.unwrap_or_default());
    tracing::info!(
        model.id = %engine.model().id,
        device = engine.device(),
        prompt_tokens = answer.prompt_tokens,
        output_tokens = answer.output_tokens,
        ttft_s = first.map(|first| first.as_secs_f64()),
        decode_s = span.as_secs_f64(),
        finish = ?answer.finish,
        "answered"
    );
    Ok(())
}

/// Says on which devices models can run here.
pub(crate) fn devices() -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "cpu: {} logical cores", hardware::cores())?;
    let places = Places::of_this_machine();
    match (cuda::probe(&places), cuda::IS_BUILT) {
        (Ok(toolkit), true) => {
            writeln!(out, "cuda: driver, NVRTC and headers are here ({})", toolkit.nvrtc.display())?
        }
        (Ok(_), false) => writeln!(out, "cuda: this machine has all it takes; build with --features cuda")?,
        (Err(lack), _) => writeln!(out, "cuda: {lack}; the device cpu runs everything")?,
    }
    Ok(())
}

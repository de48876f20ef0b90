//! One answer: prefill, then one token after another, each timed when its id is on the host.
//!
//! Must not: log, wait or allocate more than a token needs between the two clock readings of a token.

use std::time::{Duration, Instant};

use common::measurement::Finish;
use common::prompt::Decoding;

use crate::clock;
use crate::decoding::{Decoder, NotFinite};
use crate::engine::Engine;
use crate::error::Error;
use crate::model::{CHUNK, Rows, State};
use crate::numeric::{count_u32, index};
use crate::ops;

/// What the engine is asked.
#[derive(Debug, Clone, Copy)]
pub struct EnginePrompt<'a> {
    /// The system prompt, where the Task has one.
    pub system: Option<&'a str>,
    /// The question.
    pub text: &'a str,
    /// How the answer is decoded.
    pub decoding: Decoding,
}

/// A token that has just reached the host.
#[derive(Debug, Clone, Copy)]
pub struct TokenEvent<'a> {
    /// Which token of the answer, from 0.
    pub index: u32,
    /// Its id in the vocabulary.
    pub id: u32,
    /// The text it completes; empty inside a character.
    pub text: &'a str,
    /// When its id was on the host.
    pub at: Instant,
}

/// A finished answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Generation {
    /// The answer.
    pub text: String,
    /// Why it ended.
    pub finish: Finish,
    /// Tokens of the prompt, chat template included.
    pub prompt_tokens: u32,
    /// Tokens of the answer; a stop token is not counted.
    pub output_tokens: u32,
    /// Start of prefill.
    pub started: Instant,
    /// When each token's id was on the host, since `started`.
    pub token_times: Vec<Duration>,
}

/// Answers a prompt.
pub(crate) fn generate(
    engine: &Engine,
    prompt: &EnginePrompt<'_>,
    on_token: &mut dyn FnMut(&TokenEvent<'_>),
) -> Result<Generation, Error> {
    let tokenizer = engine.tokenizer()?;
    let ids = tokenizer.prompt(prompt.system, prompt.text)?;
    let mut stream = tokenizer.stream();
    let mut told = |index, id, at| {
        let text = stream.push(id);
        on_token(&TokenEvent { index, id, text, at });
    };
    let mut answer = answer(engine, &ids, &prompt.decoding, engine.stop_ids(), &mut told)?;
    stream.finish();
    answer.text = stream.into_text();
    Ok(answer)
}

/// Continues token ids by exactly as many as asked, whatever they are.
pub(crate) fn generate_ids(engine: &Engine, ids: &[u32], output_tokens: u32) -> Result<Generation, Error> {
    let decoding = Decoding { max_output_tokens: output_tokens, ..Decoding::default() };
    answer(engine, ids, &decoding, &[], &mut |_, _, _| {})
}

fn answer(
    engine: &Engine,
    ids: &[u32],
    decoding: &Decoding,
    stop_ids: &[u32],
    told: &mut dyn FnMut(u32, u32, Instant),
) -> Result<Generation, Error> {
    let context = index(engine.model().context_length);
    if ids.len() >= context {
        return Err(Error::PromptTooLong {
            prompt_tokens: count_u32(ids.len()),
            context_length: engine.model().context_length,
        });
    }
    let limit = index(decoding.max_output_tokens).min(context - ids.len());
    let mut state = engine.network().state(ids.len() + limit)?;
    let mut decoder = Decoder::new(decoding);
    let mut token_times = Vec::with_capacity(limit);

    let started = clock::now();
    let mut logits = prefill(engine, ids, &mut state);
    let finish = loop {
        if token_times.len() == limit {
            break Finish::Length;
        }
        let number = count_u32(token_times.len());
        let id = decoder
            .next(&logits)
            .map_err(|NotFinite| Error::NotFinite { index: number, dtype: engine.model().dtype })?;
        let at = clock::now();
        if stop_ids.contains(&id) {
            break Finish::Stop;
        }
        token_times.push(at.saturating_duration_since(started));
        told(number, id, at);
        if token_times.len() < limit {
            logits = step(engine, &[id], &mut state);
        }
    };
    Ok(Generation {
        text: String::new(),
        finish,
        prompt_tokens: count_u32(ids.len()),
        output_tokens: count_u32(token_times.len()),
        started,
        token_times,
    })
}

/// Feeds a prompt in pieces of bounded size; the logits after its last token.
pub(crate) fn prefill(engine: &Engine, ids: &[u32], state: &mut State) -> Vec<f32> {
    let mut logits = Vec::new();
    for piece in ids.chunks(CHUNK) {
        logits = step(engine, piece, state);
    }
    logits
}

/// Feeds tokens; the logits after the last.
pub(crate) fn step(engine: &Engine, ids: &[u32], state: &mut State) -> Vec<f32> {
    engine.cpu().run(|| ops::to_vec(engine.network().forward(ids, state, Rows::Last)))
}

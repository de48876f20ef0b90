//! Answers: prefill, then one token after another, each timed when its id is on the host.
//!
//! Several prompts make a static batch: they start together, share every pass over the weights, and
//! each stops by itself; whoever has finished is no longer computed. Rows are not padded. The sums of a
//! row do not depend on the others, so an answer is the same in any batch.
//!
//! Must not: log, wait or allocate more than a token needs between the two clock readings of a token.

use std::time::{Duration, Instant};

use common::conversation::Turn;
use common::measurement::Finish;
use common::prompt::Decoding;

use crate::clock;
use crate::decoding::{Decoder, NotFinite};
use crate::engine::Engine;
use crate::error::Error;
use crate::model::{CHUNK, Feed, Room, Rows, State};
use crate::numeric::{count_u32, index};
use crate::ops;

/// What the engine is asked.
#[derive(Debug, Clone, Copy)]
pub struct EnginePrompt<'a> {
    /// The system prompt, where there is one.
    pub system: Option<&'a str>,
    /// What was said before: question and answer in turn.
    pub earlier: &'a [Turn],
    /// The question.
    pub text: &'a str,
    /// Whether the text is continued as it stands, past any chat template.
    pub is_raw: bool,
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
    /// Their ids.
    pub output_ids: Vec<u32>,
    /// Start of prefill.
    pub started: Instant,
    /// When each token's id was on the host, since `started`.
    pub token_times: Vec<Duration>,
}

/// A sequence of token ids to be continued.
struct Sequence<'a> {
    ids: &'a [u32],
    decoding: Decoding,
    /// Most tokens that there is room for.
    limit: usize,
}

/// A sequence that is being continued.
struct Line {
    number: usize,
    state: State,
    decoder: Decoder,
    /// What it has answered; the newest is not yet fed.
    ids: Vec<u32>,
    token_times: Vec<Duration>,
    limit: usize,
    /// Whether it goes on past what would end it.
    is_forced: bool,
    finish: Option<Finish>,
}

/// Answers several prompts at once.
pub(crate) fn generate(
    engine: &Engine,
    prompts: &[EnginePrompt<'_>],
    on_token: &mut dyn FnMut(usize, &TokenEvent<'_>),
) -> Result<Vec<Generation>, Error> {
    let tokenizer = engine.tokenizer()?;
    let ids: Vec<Vec<u32>> = prompts
        .iter()
        .map(|prompt| {
            if prompt.is_raw {
                return tokenizer.raw(prompt.text);
            }
            tokenizer.prompt(prompt.system, prompt.earlier, prompt.text)
        })
        .collect::<Result<_, _>>()?;
    let sequences: Vec<Sequence<'_>> = ids
        .iter()
        .zip(prompts)
        .map(|(ids, prompt)| sequence(engine, ids, prompt.decoding))
        .collect::<Result<_, _>>()?;
    let mut streams: Vec<_> = prompts.iter().map(|_| tokenizer.stream()).collect();
    let mut told = |number: usize, index, id, at| {
        if let Some(stream) = streams.get_mut(number) {
            let text = stream.push(id);
            on_token(number, &TokenEvent { index, id, text, at });
        }
    };
    let mut answers = answer(engine, &sequences, engine.stop_ids(), &mut told)?;
    for (answer, mut stream) in answers.iter_mut().zip(streams) {
        stream.finish();
        answer.text = stream.into_text();
    }
    Ok(answers)
}

/// Continues each sequence of token ids by exactly as many as asked, whatever they are.
pub(crate) fn generate_ids(
    engine: &Engine,
    prompts: &[&[u32]],
    output_tokens: u32,
) -> Result<Vec<Generation>, Error> {
    let decoding = Decoding { max_output_tokens: output_tokens, ..Decoding::default() };
    let sequences: Vec<Sequence<'_>> =
        prompts.iter().map(|ids| sequence(engine, ids, decoding)).collect::<Result<_, _>>()?;
    answer(engine, &sequences, &[], &mut |_, _, _, _| {})
}

fn sequence<'a>(engine: &Engine, ids: &'a [u32], decoding: Decoding) -> Result<Sequence<'a>, Error> {
    let context_length = engine.model().context_length;
    if ids.len() >= index(context_length) {
        return Err(Error::PromptTooLong { prompt_tokens: count_u32(ids.len()), context_length });
    }
    let limit = index(decoding.max_output_tokens).min(index(context_length) - ids.len());
    Ok(Sequence { ids, decoding, limit })
}

fn answer(
    engine: &Engine,
    sequences: &[Sequence<'_>],
    stop_ids: &[u32],
    told: &mut dyn FnMut(usize, u32, u32, Instant),
) -> Result<Vec<Generation>, Error> {
    let room = |sequence: &Sequence<'_>| Room {
        prompt: sequence.ids.len(),
        capacity: sequence.ids.len() + sequence.limit,
    };
    let states = engine.states(&sequences.iter().map(room).collect::<Vec<_>>())?;
    let mut lines: Vec<Line> = sequences
        .iter()
        .zip(states)
        .enumerate()
        .map(|(number, (sequence, state))| Line {
            number,
            state,
            decoder: Decoder::new(&sequence.decoding),
            ids: Vec::with_capacity(sequence.limit),
            token_times: Vec::with_capacity(sequence.limit),
            limit: sequence.limit,
            is_forced: sequence.decoding.forced_length,
            finish: None,
        })
        .collect();

    let started = clock::now();
    let mut choose = |line: &mut Line, logits: &[f32]| -> Result<(), Error> {
        if line.token_times.len() == line.limit {
            line.finish = Some(Finish::Length);
            return Ok(());
        }
        let number = count_u32(line.token_times.len());
        let id = line
            .decoder
            .next(logits)
            .map_err(|NotFinite| Error::NotFinite { index: number, dtype: engine.model().dtype })?;
        let at = clock::now();
        if !line.is_forced && stop_ids.contains(&id) {
            line.finish = Some(Finish::Stop);
            return Ok(());
        }
        line.ids.push(id);
        line.token_times.push(at.saturating_duration_since(started));
        told(line.number, number, id, at);
        if line.token_times.len() == line.limit {
            line.finish = Some(Finish::Length);
        }
        Ok(())
    };
    // Whoever has read all of its prompt has its first token; the others still read.
    for group in groups(sequences) {
        let mut feeds: Vec<Feed<'_>> = Vec::with_capacity(group.len());
        let mut rest = lines.as_mut_slice();
        let mut passed = 0;
        for part in &group {
            let (_, from) = std::mem::take(&mut rest).split_at_mut(part.number - passed);
            let Some((line, after)) = from.split_first_mut() else { break };
            (rest, passed) = (after, part.number + 1);
            feeds.push(Feed { ids: part.ids, state: &mut line.state });
        }
        let logits = step(engine, &mut feeds);
        let width = logits.len() / group.len().max(1);
        for (part, logits) in group.iter().zip(logits.chunks(width.max(1))) {
            if let (true, Some(line)) = (part.is_last, lines.get_mut(part.number)) {
                choose(line, logits)?;
            }
        }
    }
    loop {
        let mut open: Vec<&mut Line> = lines.iter_mut().filter(|line| line.finish.is_none()).collect();
        if open.is_empty() {
            break;
        }
        let newest: Vec<u32> = open.iter().filter_map(|line| line.ids.last().copied()).collect();
        let mut feeds: Vec<Feed<'_>> = open
            .iter_mut()
            .zip(newest.chunks(1))
            .map(|(line, ids)| Feed { ids, state: &mut line.state })
            .collect();
        let logits = step(engine, &mut feeds);
        let width = logits.len() / open.len();
        for (line, logits) in open.iter_mut().zip(logits.chunks(width.max(1))) {
            choose(line, logits)?;
        }
    }
    let generation = |(line, sequence): (Line, &Sequence<'_>)| Generation {
        text: String::new(),
        finish: line.finish.unwrap_or(Finish::Length),
        prompt_tokens: count_u32(sequence.ids.len()),
        output_tokens: count_u32(line.token_times.len()),
        output_ids: line.ids,
        started,
        token_times: line.token_times,
    };
    Ok(lines.into_iter().zip(sequences).map(generation).collect())
}

/// Part of a prompt.
struct Part<'a> {
    number: usize,
    ids: &'a [u32],
    is_last: bool,
}

/// Prompts in pieces such that what is computed at once stays bounded; a sequence appears once in a
/// group, and its pieces follow each other.
fn groups<'a>(sequences: &[Sequence<'a>]) -> Vec<Vec<Part<'a>>> {
    let mut groups = vec![Vec::new()];
    let mut room = CHUNK;
    for (number, sequence) in sequences.iter().enumerate() {
        let mut rest = sequence.ids;
        while !rest.is_empty() {
            if room == 0 {
                groups.push(Vec::new());
                room = CHUNK;
            }
            let (ids, after) = rest.split_at(rest.len().min(room));
            room -= ids.len();
            rest = after;
            if let Some(group) = groups.last_mut() {
                group.push(Part { number, ids, is_last: rest.is_empty() });
            }
        }
    }
    groups
}

/// Feeds a prompt in pieces of bounded size; the logits after its last token.
pub(crate) fn prefill(engine: &Engine, ids: &[u32], state: &mut State) -> Vec<f32> {
    let mut logits = Vec::new();
    for ids in ids.chunks(CHUNK) {
        logits = step(engine, &mut [Feed { ids, state }]);
    }
    logits
}

/// Feeds tokens; the logits after the last of each feed, one after another.
pub(crate) fn step(engine: &Engine, feeds: &mut [Feed<'_>]) -> Vec<f32> {
    let tokens = feeds.iter().map(|feed| feed.ids.len()).sum();
    engine.cpu().run(tokens, || ops::into_vec(engine.network().forward(feeds, Rows::Last)))
}

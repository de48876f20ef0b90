//! The domain: what Jouleboard measures and what may be concluded from it.
//!
//! Pure by rule: no input or output, no clock, no async, no cargo features; it builds for the
//! browser and for the server alike, so that every figure is computed by one implementation. A type
//! enters only if two of frontend, server and worker speak it, or if it is a formula of the field.
//!
//! # Glossary
//!
//! | word | means |
//! |---|---|
//! | [`Prompt`](prompt::Prompt) | text, [`Task`](prompt::Task) and [`Decoding`](prompt::Decoding), as submitted and parsed once |
//! | [`Conversation`](conversation::Conversation) | what a Prompt's text is said in: own system prompt, earlier turns |
//! | [`Model`](model::Model) | weights at one revision in one dtype; a [`ModelId`](ids::ModelId) names exactly one |
//! | [`Needs`](needs::Needs) | the kind of Machine that a Run asks for; any by default |
//! | [`Run`](run) | one Prompt on one Model, as queued work: `Queued → Leased → Measured \| Failed \| Cancelled` |
//! | [`Lease`](lease::Lease) | a Machine's dated right to one Run; one Lease is one attempt |
//! | [`Machine`](machine::Machine), Worker | the isolated host; the process on it |
//! | [`Repetition`](measurement::Repetition) | one execution inside a Run, in a Window of its own; warm-up ones are discarded |
//! | [`Round`](measurement::Round) | one more execution in the Window of a Repetition, where one alone is too short for an instrument |
//! | [`Measurement`](measurement::Measurement) | the immutable record of a Measured Run: facts only |
//! | Meter, [`MeterCard`](meter::MeterCard) | an instrument that reads one Domain; what is known about it |
//! | [`Summary`](summary::Summary) | a Measured Run in a line, as lists show it |
//! | [`Domain`](meter::Domain) | the part of the machine that a Meter reads |
//! | [`Sample`](trace::Sample), [`PowerTrace`](trace::PowerTrace) | (instant, Power) from a Meter; the Samples of one Domain over one Window |
//! | [`Window`](trace::Window) | the interval over which energy is counted; its body is what the engine did, the rest is pad |
//! | [`Phase`](trace::Phase) | Prefill or Decode; **Baseline** is the idle before and after |
//! | [`WallMeter`](wall::WallMeter) | the Meter at a Machine's socket, read by the server; its Domain is `machine` |
//! | [`Label`](meter::Label) | measured, modelled or simulated: never mixed silently |
//! | TTFT, ITL, TPOT | see [`latency`]; they exclude queue and network |
//! | [`Zone`](ids::Zone), [`CarbonIntensity`](units::CarbonIntensity) | grid area; gCO2e per kWh, location-based |
//! | [`Sci`](sci::Sci) | `(O + M) per R` of ISO/IEC 21031:2024 |
//! | [`Cell`](leaderboard::Cell), [`Row`](leaderboard::Row) | all Runs of one [`Key`](leaderboard::Key) summed up; Cells merged as a view wants them |
//! | [`Conditions`](conditions::Conditions) | how the Machine was while it measured: what preflight and the check afterwards saw |
//! | [`Steadiness`](steadiness::Steadiness) | how much the readings of a Baseline differ, and how well its mean is known |
//! | [`PhaseEnergy`](phase_energy::PhaseEnergy) | energy of prefill and of each output token, by regression over output lengths |
//! | [`Protocol`](protocol::Protocol) | how carefully a Run is measured, by its kind: watched or quiet |
//! | Battle, [`Bout`](bradley_terry::Bout) | two hidden Models answer one Prompt and a person votes; one such comparison |
//! | [`Verdict`](verdict::Verdict) | valid, flagged, redo or rejected, with reasons |
//!
//! Must not: read clocks or files, know HTTP or SQL, format numbers for people (that is
//! `frontend::display`).

pub mod api;
pub mod bradley_terry;
pub mod carbon;
pub mod conditions;
pub mod conversation;
pub mod cost;
pub mod estimate;
pub mod formula;
pub mod ids;
pub mod latency;
pub mod leaderboard;
pub mod lease;
pub mod machine;
pub mod measurement;
pub mod meter;
pub mod model;
pub mod needs;
pub mod pareto;
pub mod parts;
pub mod phase_energy;
pub mod prompt;
pub mod protocol;
pub mod replay;
pub mod run;
pub mod runtime_fit;
pub mod sci;
pub mod score;
pub mod stats;
pub mod steadiness;
pub mod streaming_cost;
pub mod summary;
pub mod trace;
pub mod uncertainty;
pub mod units;
pub mod verdict;
pub mod wall;
pub mod word;

//! The engine: a checkpoint folder in, tokens out, with the time of each token.
//!
//! A Hugging Face folder becomes an [`Engine`] on burn's Flex backend, or with the feature `cuda` on an NVIDIA GPU;
//! [`Engine::generate`] answers a prompt and says when each token's id was on the host. Device, dtype and model
//! are data.
//!
//! Must not: know that it is being measured; keep anything of one answer for the next; change a dtype
//! or device that was asked for; believe a file.

pub mod bench;
mod clock;
pub mod cuda;
mod decoding;
mod device;
mod dtype;
mod engine;
mod error;
#[cfg(test)]
#[path = "../tests/fixtures/mod.rs"]
mod fixtures;
mod footprint;
#[cfg(test)]
mod fuzz;
mod generate;
mod hf;
mod identity;
mod model;
mod numeric;
mod ops;
#[cfg(test)]
#[path = "../tests/fixtures/reference.rs"]
mod reference;
mod spec;
pub mod tiny;

pub use device::DeviceChoice;
pub use dtype::RUNNABLE;
pub use engine::{Engine, LoadOptions, Origin};
pub use error::Error;
pub use footprint::Footprint;
pub use generate::{EnginePrompt, Generation, TokenEvent};

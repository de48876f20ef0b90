//! The service: REST, events and the pages over one port; any number of such servers share one
//! database.
//!
//! A handler parses, calls one verb of `store`, answers. Must not: hold state that another server
//! would need, write SQL, know the engine or a meter, or log a prompt, an answer or a token.

pub mod campaign;
pub mod carbon;
pub mod config;
pub mod machine;
pub mod quality;
pub mod serve;
pub mod wall;

mod answer;
mod app;
mod auth;
mod chance;
mod client;
mod clock;
mod docs_page;
mod document;
mod embodied;
mod error;
#[cfg(test)]
mod fuzz;
mod input;
mod negotiate;
mod openai;
mod outward;
mod page;
mod patience;
mod reaper;
mod routes;
mod sheet;
#[cfg(test)]
mod stub;
mod submit;
mod table;
mod telemetry;

pub use error::StartError;
pub use telemetry::init as init_telemetry;

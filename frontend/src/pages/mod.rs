//! One file a page: it fetches and arranges; components draw.

pub(crate) mod answers;
pub(crate) mod battle;
pub(crate) mod bout;
pub(crate) mod carbon;
mod carbon_hours;
pub(crate) mod estimates;
pub(crate) mod following;
pub(crate) mod kinds;
pub(crate) mod leaderboard;
pub(crate) mod machines;
pub(crate) mod method;
pub(crate) mod not_found;
mod own_run;
pub(crate) mod prompt;
mod prompt_models;
pub(crate) mod prompt_settings;
pub(crate) mod run;
pub(crate) mod runs;
pub(crate) mod runtime;
pub(crate) mod trade_offs;

//! What pages are drawn with. A component draws what it is given; it never fetches.

pub(crate) mod badge;
pub(crate) mod board_detail;
pub(crate) mod board_table;
pub(crate) mod controls;
pub(crate) mod download;
pub(crate) mod energy;
pub(crate) mod facts;
pub(crate) mod ground;
pub(crate) mod mark;
pub(crate) mod power_chart;
pub(crate) mod run_card;
pub(crate) mod run_facts;
pub(crate) mod run_result;
pub(crate) mod scatter;
pub(crate) mod states;
pub(crate) mod table;
pub(crate) mod token_chart;
pub(crate) mod waiting;

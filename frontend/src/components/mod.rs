//! What pages are drawn with. A component draws what it is given; it never fetches.

pub(crate) mod badge;
pub(crate) mod board_detail;
pub(crate) mod board_table;
pub(crate) mod controls;
pub(crate) mod crossover_chart;
pub(crate) mod download;
pub(crate) mod energy;
pub(crate) mod estimate_chart;
pub(crate) mod facts;
pub(crate) mod front;
pub(crate) mod ground;
pub(crate) mod hours_chart;
pub(crate) mod mark;
pub(crate) mod own_columns;
pub(crate) mod plot;
pub(crate) mod power_chart;
pub(crate) mod row_pick;
pub(crate) mod run_card;
pub(crate) mod run_facts;
pub(crate) mod run_result;
pub(crate) mod runtime_chart;
pub(crate) mod scatter;
pub(crate) mod states;
pub(crate) mod table;
pub(crate) mod token_chart;
pub(crate) mod waiting;

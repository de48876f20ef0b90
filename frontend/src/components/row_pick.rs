//! Picking one row of the ranking; the URL says which.
//!
//! Must not: filter. Every row that has an energy can be picked, in the order of the ranking.

use std::sync::Arc;

use common::leaderboard::Leaderboard;

use crate::board;
use crate::called::Apart;
use crate::components::controls::pick;
use crate::dom::El;
use crate::figures::Line;
use crate::view_state::ViewState;

/// The rows that can be picked; each where it really stands.
pub(crate) fn pickable(board: &Leaderboard) -> Vec<Arc<Line>> {
    let mut lines: Vec<Arc<Line>> =
        board::sections(board, &ViewState::default()).into_iter().flat_map(|section| section.lines).collect();
    lines.retain(|line| line.row.sums.energy_j.n > 0);
    lines
}

/// The list to pick from, and the row that is picked: the one of the link, else the first.
pub(crate) fn row_pick(lines: &[Arc<Line>], state: &ViewState) -> (Option<El>, Option<Arc<Line>>) {
    let apart = Apart::of(lines.iter().map(Arc::as_ref));
    let options: Vec<(String, String)> =
        lines.iter().map(|line| (line.link_key(), apart.called_on_its_ground(line))).collect();
    let position = options.iter().position(|option| Some(&option.0) == state.open.as_ref()).unwrap_or(0);
    let Some((now, _)) = options.get(position).cloned() else { return (None, None) };
    let list = pick("Row", options, &now, |state, value| state.open = Some(value.to_owned()));
    (Some(list), lines.get(position).cloned())
}

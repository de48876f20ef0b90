//! One line of a view: figures, and what is known of the model, the machine and the grid behind them.

use std::sync::Arc;

use common::carbon::GridIntensity;
use common::leaderboard::{Key, Row, RunFigures};
use common::machine::MachineProfile;
use common::measurement::Measurement;
use common::model::Model;
use common::sci::Sci;

use crate::view_state::{Per, ViewState};

/// One line of a view: figures, and what is known of the model, the machine and the grid behind them.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The figures and what they share.
    pub row: Row,
    /// The model.
    pub model: Arc<Model>,
    /// The machine.
    pub machine: Arc<MachineProfile>,
    /// The grid that is assumed: the zone chosen in the view, or the machine's own. `None` where unknown.
    pub grid: Option<Arc<GridIntensity>>,
    /// How far a single run's energy may be off, as a share of it; a line of many runs has its interval instead.
    pub uncertainty: Option<f64>,
}

impl Line {
    /// A measured run as a line: the same figures, with the uncertainty of one run.
    pub fn of_run(
        measurement: &Measurement,
        figures: &RunFigures,
        grid: Option<&GridIntensity>,
    ) -> Option<Self> {
        let facts = &measurement.facts;
        let energy = figures.sums.energy_j.mean;
        let uncertainty = figures.uncertainty.filter(|_| energy > 0.0).map(|u| u.absolute.joules() / energy);
        Some(Self {
            row: Row { key: Key::of(measurement, figures)?, sums: figures.sums.clone() },
            uncertainty,
            model: Arc::new(facts.model.clone()),
            machine: Arc::new(measurement.machine.clone()),
            grid: Some(Arc::new(grid.unwrap_or(&measurement.grid).clone())),
        })
    }

    /// SCI per response.
    pub fn sci(&self) -> Option<Sci> {
        self.row.sci(&self.machine, self.grid.as_deref()?)
    }

    /// SCI per what the view says, on a grid.
    pub fn emitted(&self, grid: &GridIntensity, per: Per) -> Option<Sci> {
        match per {
            Per::Response => self.row.sci(&self.machine, grid),
            Per::OutputToken => self.row.sci(&self.machine, grid)?.per(self.row.sums.output_tokens.mean),
            Per::CorrectAnswer => self.row.sci_per_correct_answer(&self.machine, grid),
        }
    }

    /// The address at which the leaderboard opens it: its runs, verdicts, instruments and grid. Of a kind of question, the
    /// leaderboard of that kind.
    pub fn opened(&self, state: &ViewState) -> String {
        let key = &self.row.key;
        let to = ViewState {
            find: key.model_id.to_string(),
            machine: Some(self.machine.name.to_string()),
            task: Some(key.task),
            kind: key.kind,
            origin: Some(key.origin),
            label: Some(key.label),
            batch: Some(key.batch),
            open: Some(self.link_key()),
            ..state.carried()
        };
        format!("/leaderboard{}", to.query())
    }

    /// Names this line in links: short, and the same as long as its key is. One kind of question is named like all, because
    /// views say the kind besides.
    pub fn link_key(&self) -> String {
        let key = Key { kind: None, ..self.row.key.clone() };
        short_hash(&serde_json::to_string(&key).unwrap_or_default())
    }
}

/// Eight letters and digits that stand for a text in links (the upper half of its FNV-1a hash).
pub fn short_hash(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{:08x}", hash >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board;
    use crate::view_state::decode;

    #[test]
    fn what_a_cell_of_a_kind_opens_is_the_row_of_that_kind() {
        let board = board::tests::board();
        let (_, rows) = &board::kinds(&board, &ViewState::default())[0];
        let cell = rows[0].cells.iter().flatten().next().unwrap();
        let address = cell.opened(&ViewState { per: Per::OutputToken, ..ViewState::default() });
        let pairs = decode(address.strip_prefix("/leaderboard").unwrap());
        let view = ViewState::read(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let lines: Vec<_> =
            board::sections(&board, &view).into_iter().flat_map(|section| section.lines).collect();
        let opened = lines.iter().find(|line| Some(line.link_key()) == view.open).unwrap();
        assert_eq!(opened.row.sums, cell.row.sums);
        assert_eq!(view.per, Per::OutputToken);
    }
}

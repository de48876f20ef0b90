//! Stacks side by side: one model on one machine under one engine, with what is fitted to its runs.
//!
//! Must not: fit across labels, machines or engines, or predict without saying what the fit is worth.

use std::sync::Arc;

use common::leaderboard::profile::{Fitted, join, trials};
use common::leaderboard::{Key, Leaderboard, Profiled};
use common::machine::MachineProfile;
use common::model::Model;
use common::prompt::{Origin, Task};
use common::runtime_fit::{FitError, RuntimeFit};

use crate::display;

/// One model on one machine under one engine.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    /// What its runs share; the task stands for nothing here.
    pub key: Key,
    /// The model.
    pub model: Arc<Model>,
    /// The machine.
    pub machine: Arc<MachineProfile>,
    /// Whether its lengths were given, by a grid or by caps, rather than by questions and their answers.
    pub is_grid: bool,
    /// Its runs by lengths.
    pub profile: Vec<Profiled>,
    /// Times alone on the machine: with this stack as the reference, the idealized runtime.
    pub time: Result<RuntimeFit, FitError>,
    /// Least times: the denoised runtime.
    pub least: Result<RuntimeFit, FitError>,
    /// Our own idealized energy, in joules.
    pub energy: Result<RuntimeFit, FitError>,
}

impl Stack {
    /// Its name in links.
    pub fn link_key(&self) -> String {
        let Key { machine_id, engine_version, label, boundary, batch, method_version, .. } = &self.key;
        crate::figures::short_hash(&format!(
            "{} {machine_id} {engine_version} {label:?} {boundary:?} {batch} {method_version}",
            self.key.model_id
        ))
    }

    /// Where it runs.
    pub fn named(&self) -> String {
        format!("{}, {}", self.machine.name, display::compute(&self.machine.hardware))
    }

    /// What else tells it apart from others of its model: all that its key holds.
    pub fn told(&self) -> String {
        let Key { engine_version, label, boundary, batch, method_version, .. } = &self.key;
        format!(
            "{}, {}, batch {batch}, {engine_version}, method {method_version}",
            display::label(*label),
            display::boundary(*boundary)
        )
    }

    /// Accelerators that it uses; none on a machine without.
    pub fn accelerators(&self) -> u32 {
        u32::try_from(self.machine.hardware.accelerators.len()).unwrap_or(u32::MAX)
    }

    /// The mean measured time for these very lengths, where they were measured, and how often.
    pub fn raw(&self, prompt_tokens: u32, output_tokens: u32) -> Option<(f64, u64)> {
        let lengths = (prompt_tokens, output_tokens);
        let found = self.profile.iter().find(|each| (each.prompt_tokens, each.output_tokens) == lengths)?;
        Some((found.latency_s.mean, found.latency_s.n))
    }

    /// The measured lengths that are nearest to these, by their ratios; the prompt's come first.
    pub fn nearest(&self, (prompt_tokens, output_tokens): (u32, u32)) -> Option<&Profiled> {
        let apart = |one: u32, other: u32| (f64::from(one.max(1)) / f64::from(other.max(1))).ln().abs();
        let of = |each: &&Profiled| {
            (apart(each.prompt_tokens, prompt_tokens), apart(each.output_tokens, output_tokens))
        };
        self.profile.iter().min_by(|one, other| {
            let (one, other) = (of(one), of(other));
            one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1))
        })
    }

    /// The longest lengths that were measured.
    pub fn longest(&self) -> (u32, u32) {
        let most = |of: fn(&Profiled) -> u32| self.profile.iter().map(of).max().unwrap_or(1);
        (most(|each| each.prompt_tokens), most(|each| each.output_tokens))
    }
}

/// Every stack that campaigns were measured on, in the order of the board.
pub fn stacks(board: &Leaderboard) -> Vec<Stack> {
    let mut profiles: Vec<(Key, Vec<Profiled>)> = Vec::new();
    for cell in board.cells.iter().filter(|cell| !cell.sums.profile.is_empty()) {
        let key = Key { task: Task::Plain, kind: None, ..cell.key.clone() };
        match profiles.iter_mut().find(|known| known.0 == key) {
            Some((_, known)) => *known = join(std::mem::take(known), &cell.sums.profile),
            None => profiles.push((key, cell.sums.profile.clone())),
        }
    }
    // Where a grid was profiled it alone is fitted to: its lengths are spread over what is asked for.
    let as_campaign = |key: &Key| Key { origin: Origin::Campaign, ..key.clone() };
    let grids: Vec<Key> = profiles
        .iter()
        .filter(|(key, _)| key.origin == Origin::Profile)
        .map(|(key, _)| as_campaign(key))
        .collect();
    profiles.retain(|(key, _)| key.origin == Origin::Profile || !grids.contains(key));
    profiles
        .into_iter()
        .filter_map(|(key, profile)| {
            let fit = |fitted| RuntimeFit::of(&trials(&profile, fitted));
            Some(Stack {
                model: Arc::new(board.models.iter().find(|model| model.id == key.model_id)?.clone()),
                machine: Arc::new(
                    board.machines.iter().find(|machine| machine.id == key.machine_id)?.clone(),
                ),
                time: fit(Fitted::Mean),
                least: fit(Fitted::Least),
                energy: fit(Fitted::Energy),
                is_grid: key.origin == Origin::Profile,
                key,
                profile,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use common::stats::Moments;

    use super::*;
    use crate::board;
    use crate::view_state::ViewState;

    fn profiled(prompt_tokens: u32, output_tokens: u32) -> Profiled {
        let (first, last) = (
            0.01 * f64::from(prompt_tokens),
            0.01 * f64::from(prompt_tokens) + 0.1 * f64::from(output_tokens - 1),
        );
        Profiled {
            prompt_tokens,
            output_tokens,
            ttft_s: Moments::one(first),
            latency_s: Moments::one(last),
            least_ttft_s: first,
            least_latency_s: last,
            energy_j: Moments::one(last * 50.0),
            prefill_energy_j: Moments::one(first * 50.0),
        }
    }

    #[test]
    fn what_differs_only_in_task_and_kind_is_one_stack_and_other_labels_are_not() {
        let mut board = board::tests::board();
        for cell in &mut board.cells {
            cell.sums.profile = vec![profiled(10, 5), profiled(20, 9)];
        }
        let stacks = stacks(&board);
        let names: Vec<(&str, bool)> = stacks
            .iter()
            .map(|stack| (stack.model.name.as_str(), stack.key.label == common::meter::Label::Measured))
            .collect();
        assert_eq!(names.iter().filter(|name| **name == ("b", true)).count(), 1);
        assert_eq!(names.iter().filter(|name| **name == ("b", false)).count(), 1);
        let stack = &stacks[0];
        let time = stack.time.as_ref().unwrap();
        assert!((time.beta - 0.1).abs() < 1e-9 && (time.predict(15, 11).value - 1.15).abs() < 1e-9);
        assert!((stack.energy.as_ref().unwrap().beta - 5.0).abs() < 1e-9);
        assert_eq!(stack.longest(), (20, 9));
        assert!(stack.raw(10, 5).is_some() && stack.raw(10, 6).is_none());
        let near =
            |lengths| stack.nearest(lengths).map(|each| (each.prompt_tokens, each.output_tokens)).unwrap();
        assert_eq!((near((13, 9)), near((16, 1)), near((900, 900))), ((10, 5), (20, 9), (20, 9)));
    }

    #[test]
    fn stacks_that_differ_in_anything_are_told_apart() {
        let mut board = board::tests::board();
        board.cells.truncate(1);
        board.cells[0].sums.profile = vec![profiled(10, 5), profiled(20, 9)];
        let changes: [fn(&mut Key); 5] = [
            |key| key.batch = 8,
            |key| key.engine_version = "2".to_owned(),
            |key| key.label = common::meter::Label::Simulated,
            |key| key.boundary = common::leaderboard::Boundary::Machine,
            |key| key.method_version = 9,
        ];
        for change in changes {
            let mut other = board.cells[0].clone();
            change(&mut other.key);
            board.cells.push(other);
        }
        let mut told: Vec<String> = stacks(&board).iter().map(Stack::told).collect();
        told.sort();
        told.dedup();
        assert_eq!(told.len(), 6, "{told:?}");
    }

    #[test]
    fn a_profiled_grid_is_fitted_to_alone_and_stays_out_of_the_ranking() {
        let mut board = board::tests::board();
        board.cells.truncate(1);
        board.cells[0].key.origin = Origin::Campaign;
        board.cells[0].sums.profile = vec![profiled(11, 7), profiled(13, 9)];
        let mut grid = board.cells[0].clone();
        grid.key.origin = Origin::Profile;
        grid.sums.profile = vec![profiled(10, 1), profiled(10, 5), profiled(20, 9)];
        board.cells.push(grid);
        let stacks = stacks(&board);
        assert_eq!(stacks.iter().map(|stack| stack.is_grid).collect::<Vec<_>>(), [true]);
        assert_eq!(stacks[0].profile.len(), 3);
        let origins = |view: &ViewState| -> Vec<Origin> {
            let lines = board::sections(&board, view).into_iter().flat_map(|section| section.lines);
            lines.map(|line| line.row.key.origin).collect()
        };
        assert_eq!(origins(&ViewState::default()), [Origin::Campaign]);
        let asked = ViewState { origin: Some(Origin::Profile), ..ViewState::default() };
        assert_eq!(origins(&asked), [Origin::Profile]);
    }

    #[test]
    fn a_board_without_campaigns_has_no_stack() {
        assert_eq!(stacks(&board::tests::board()), []);
    }
}

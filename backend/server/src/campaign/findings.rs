//! What a Campaign found so far, folded from its records, and which parts of it are known well enough.
//!
//! Must not: keep a figure (the records are the facts).

use std::collections::{BTreeMap, BTreeSet};

use common::ids::ModelId;
use common::leaderboard::{Cell, Sums};
use common::prompt::{Kind, Task};
use store::campaigns::{self, CampaignId, Seen};
use store::{Store, queue};

use super::file::Stop;
use crate::clock;

/// Records read at once.
const AT_ONCE: i64 = 200;

/// What is stopped together.
type Part = (ModelId, Task, Option<Kind>, u32);

/// The fold over a Campaign's records.
#[derive(Debug)]
pub(super) struct Findings {
    seen: Option<Seen>,
    parts: BTreeMap<Part, Sums>,
    stopped: BTreeSet<Part>,
}

impl Findings {
    /// Nothing was read yet.
    pub(super) const fn new() -> Self {
        Self { seen: None, parts: BTreeMap::new(), stopped: BTreeSet::new() }
    }

    /// Reads what was recorded since the last time.
    pub(super) async fn read(&mut self, store: &Store, id: CampaignId) -> Result<(), store::Error> {
        loop {
            let page = campaigns::measured_after(store, id, self.seen, AT_ONCE).await?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            self.seen = Some(*last);
            for (_, measurement) in &page {
                if let Some(cell) = Cell::of(measurement) {
                    let part = (cell.key.model_id, cell.key.task, cell.key.kind, cell.key.batch);
                    let sums = self.parts.entry(part).or_default();
                    *sums = std::mem::take(sums).merge(&cell.sums);
                }
            }
        }
    }

    /// Takes back what waits of parts that are known well enough; returns how many Runs.
    pub(super) async fn stop(
        &mut self,
        store: &Store,
        id: CampaignId,
        rule: Stop,
    ) -> Result<u64, store::Error> {
        let mut taken_back = 0;
        for (part, sums) in &self.parts {
            if !is_tight(sums, rule) || !self.stopped.insert(part.clone()) {
                continue;
            }
            let (model, task, kind, batch) = part;
            for run in campaigns::waiting(store, id, model, *task, *kind, *batch).await? {
                match queue::cancel(store, run, clock::now()).await {
                    Ok(_) => taken_back += 1,
                    // A machine was quicker.
                    Err(store::Error::Ended(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(taken_back)
    }
}

/// Whether the mean energy per response is known as well as the rule asks.
fn is_tight(sums: &Sums, rule: Stop) -> bool {
    sums.energy_j.estimate().is_some_and(|estimate| {
        estimate.n >= rule.min_runs
            && estimate.half_width.is_some_and(|half| half <= rule.relative_half_width * estimate.mean.abs())
    })
}

#[cfg(test)]
mod tests {
    use common::stats::Moments;

    use super::*;

    #[test]
    fn a_part_is_known_well_enough_once_its_interval_is_narrow_and_its_runs_are_many() {
        let sums = |values: &[f64]| Sums { energy_j: Moments::of(values.iter().copied()), ..Sums::default() };
        let rule = Stop { relative_half_width: 0.05, min_runs: 4 };
        assert!(is_tight(&sums(&[10.0, 10.1, 9.9, 10.0]), rule));
        assert!(!is_tight(&sums(&[10.0, 10.1, 9.9]), rule), "too few");
        assert!(!is_tight(&sums(&[5.0, 15.0, 8.0, 12.0]), rule), "too wide");
        assert!(!is_tight(&Sums::default(), rule));
    }
}

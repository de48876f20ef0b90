//! What a right answer costs: of Runs whose right answer is known, and of no others.
//!
//! Must not: divide the energy of answers that nobody checked by the share of those that somebody did.

use super::{Row, Sums, sci};
use crate::carbon::GridIntensity;
use crate::machine::MachineProfile;
use crate::sci::Sci;
use crate::stats::{Estimate, Moments, share_half_width};

impl Sums {
    /// Energy per response and time of the Runs whose right answer is known: of answers that nobody checked, none is part of
    /// what a right one costs. Empty where there are none, and where they were summed up before they were kept apart.
    pub(super) fn scored(&self) -> (Moments, Moments) {
        match (self.correct.n, self.scored_energy_j.n) {
            (known, _) if known == self.energy_j.n => (self.energy_j, self.reserved()),
            (known, scored) if known == scored => (self.scored_energy_j, self.scored_reserved_s),
            _ => <(Moments, Moments)>::default(),
        }
    }
}

impl Row {
    /// The share of right answers among those whose answer is known, with an interval for shares.
    pub fn correct_share(&self) -> Option<Estimate> {
        let Moments { n, mean, .. } = self.sums.correct;
        (n > 0).then(|| Estimate { n, mean, half_width: share_half_width(mean, n) })
    }

    /// Energy per answer of the Runs whose right answer is known; `None` where no answer is, or where these were summed up
    /// with others before they were kept apart (the roll-up made anew has it).
    pub fn scored_energy(&self) -> Option<Estimate> {
        self.sums.scored().0.estimate()
    }

    /// Energy per right answer: energy per answer over the share that is right, both of the Runs whose right answer is
    /// known. Its interval holds those of both.
    pub fn energy_per_correct_answer(&self) -> Option<Estimate> {
        let (energy, right) = (self.scored_energy()?, self.correct_share()?);
        (right.mean > 0.0).then(|| {
            let mean = energy.mean / right.mean;
            let half_width =
                energy.relative().zip(right.relative()).map(|(one, other)| mean * one.hypot(other));
            Estimate { n: energy.n, mean, half_width }
        })
    }

    /// SCI per right answer, of the Runs whose right answer is known.
    pub fn sci_per_correct_answer(&self, machine: &MachineProfile, grid: &GridIntensity) -> Option<Sci> {
        sci(self.sums.scored(), machine, grid)?.per(self.correct_share()?.mean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leaderboard::RunFigures;
    use crate::leaderboard::tests::{facts, key};
    use crate::meter::Label;
    use crate::prompt::Kind;

    #[test]
    fn energy_per_right_answer_is_as_uncertain_as_the_energy_and_the_share_together() {
        let one = RunFigures::of(&facts(Label::Measured), Some(Kind::Math), Some("42")).sums;
        let energy_j = Moments::of([9.0, 10.0, 11.0, 10.0]);
        let of = |correct: Moments| {
            let sums = Sums { energy_j, correct, ..one.clone() };
            Row { key: key(&facts(Label::Measured)), sums }
        };
        let all = of(Moments::of([1.0; 4]));
        let right = all.correct_share().unwrap();
        assert!(right.mean == 1.0 && right.half_width.unwrap() > 0.2, "four right ones are no certainty");
        let (per_right, plain) = (all.energy_per_correct_answer().unwrap(), all.energy().unwrap());
        assert_eq!(per_right.mean, 10.0);
        let expected = 10.0 * (plain.half_width.unwrap() / 10.0).hypot(right.half_width.unwrap());
        assert!((per_right.half_width.unwrap() - expected).abs() < 1e-9);
        assert_eq!(of(Moments::of([0.0; 4])).energy_per_correct_answer(), None, "nothing was right");
        assert_eq!(of(Moments::default()).correct_share(), None);
    }

    #[test]
    fn a_right_answer_costs_what_the_answers_took_that_somebody_checked() {
        let run = |joules: f64, seconds: f64, correct: Option<f64>| Sums {
            energy_j: Moments::one(joules),
            latency_s: Moments::one(seconds),
            correct: correct.map(Moments::one).unwrap_or_default(),
            ..Sums::default()
        };
        let merged = |runs: &[Sums]| runs.iter().fold(Sums::default(), |sums, each| sums.merge(each));
        let row = |sums: Sums| Row { key: key(&facts(Label::Measured)), sums };
        let scored = [run(10.0, 1.0, Some(1.0)), run(20.0, 3.0, Some(0.0))];
        let whole = row(merged(&scored));
        assert_eq!(whole.energy_per_correct_answer().unwrap().mean, 30.0);
        assert!(whole.sums.scored_energy_j.is_empty(), "the whole is not kept twice");
        // Answers that nobody checked change nothing, wherever they come in.
        let unknown = run(1000.0, 90.0, None);
        for order in [
            vec![scored[0].clone(), scored[1].clone(), unknown.clone()],
            vec![unknown.clone(), scored[0].clone(), unknown.clone(), scored[1].clone()],
        ] {
            let mixed = row(merged(&order));
            assert!((mixed.energy_per_correct_answer().unwrap().mean - 30.0).abs() < 1e-9);
            assert_eq!(mixed.energy_per_correct_answer().unwrap().n, 2);
            assert!((mixed.sums.scored().1.mean - 2.0).abs() < 1e-9);
        }
        assert_eq!(row(merged(&[unknown.clone(), unknown.clone()])).energy_per_correct_answer(), None);
        // A roll-up from before they were kept apart says nothing rather than something wrong.
        let old = Sums {
            scored_energy_j: Moments::default(),
            scored_reserved_s: Moments::default(),
            ..merged(&[scored[0].clone(), unknown])
        };
        assert_eq!(row(old.clone()).energy_per_correct_answer(), None);
        assert_eq!(row(old.merge(&scored[1])).energy_per_correct_answer(), None);
    }
}

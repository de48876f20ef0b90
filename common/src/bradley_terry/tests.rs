//! Known strengths come back, intervals hold what they should, and who cannot be ranked has a reason.

use proptest::prelude::*;

use super::*;

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

fn bout(sides: [&'static str; 2], outcome: Outcome) -> Bout<'static> {
    Bout { sides, outcome }
}

fn of<'a>(standings: &'a [Standing<'a>], name: &str) -> &'a Standing<'a> {
    standings.iter().find(|standing| standing.name == name).unwrap()
}

/// Chance that the first beats the second, by strengths in points.
fn chance(points: f64, against: f64) -> f64 {
    1.0 / (1.0 + 10_f64.powf((against - points) / 400.0))
}

/// Even numbers in [0, 1), by the generator of Numerical Recipes.
struct Dice(u32);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(self.0 >> 8) / f64::from(1_u32 << 24)
    }
}

/// Each against each, `rounds` times, by chance.
fn tournament(points: &[f64], rounds: u32, seed: u32) -> Vec<Bout<'static>> {
    let mut dice = Dice(seed);
    let mut bouts = Vec::new();
    for _ in 0..rounds {
        for one in 0..points.len() {
            for other in one + 1..points.len() {
                let is_won = dice.roll() < chance(points[one], points[other]);
                let outcome = if is_won { Outcome::First } else { Outcome::Second };
                bouts.push(bout([NAMES[one], NAMES[other]], outcome));
            }
        }
    }
    bouts
}

#[test]
fn three_wins_of_four_are_odds_of_three() {
    let bouts = [Outcome::First, Outcome::First, Outcome::First, Outcome::Second]
        .map(|outcome| bout(["a", "b"], outcome));
    let standings = rank(&bouts);
    let (a, b) = (of(&standings, "a").strength.unwrap(), of(&standings, "b").strength.unwrap());
    // 400 · log10(3)
    assert!((a.points - b.points - 190.848).abs() < 0.001);
    assert!((a.points + b.points - 2000.0).abs() < 1e-6);
    // The difference has variance 1 / (4 · 3/4 · 1/4); each strength is half of it.
    let expected = 1.959_964 * 400.0 / 10_f64.ln() * (1.0_f64 / 0.75).sqrt() / 2.0;
    assert!((a.half_width - expected).abs() < 1e-3, "{} {expected}", a.half_width);
    assert_eq!((of(&standings, "a").bouts, of(&standings, "b").bouts), ([3, 1, 0], [1, 3, 0]));
}

#[test]
fn ties_and_both_bad_are_half_a_win_for_each() {
    let standings = rank(&[bout(["a", "b"], Outcome::Tie), bout(["b", "a"], Outcome::BothBad)]);
    let points = standings.iter().map(|standing| standing.strength.unwrap().points).collect::<Vec<_>>();
    assert!(points.iter().all(|points| (points - 1000.0).abs() < 1e-9));
    assert_eq!(standings[0].bouts, [0, 0, 2]);
}

#[test]
fn who_cannot_be_ranked_has_a_reason_instead() {
    use Outcome::{First, Second};
    let mut bouts = vec![bout(["a", "b"], First), bout(["a", "b"], Second), bout(["b", "a"], First)];
    bouts.extend([bout(["c", "a"], First), bout(["d", "b"], Second), bout(["e", "f"], First)]);
    let standings = rank(&bouts);
    let why = |name: &str| of(&standings, name).strength.unwrap_err();
    assert!(of(&standings, "a").strength.is_ok() && of(&standings, "b").strength.is_ok());
    assert_eq!(why("c"), Unranked::Unbeaten);
    assert_eq!(why("d"), Unranked::Winless);
    assert_eq!((why("e"), why("f")), (Unranked::Apart, Unranked::Apart));
}

#[test]
fn one_sided_votes_rank_nobody() {
    let standings = rank(&[bout(["a", "b"], Outcome::First)]);
    assert!(standings.iter().all(|standing| standing.strength == Err(Unranked::TooFew)));
    assert_eq!(rank(&[]), []);
    assert_eq!(rank(&[bout(["a", "a"], Outcome::First)])[0].bouts, [0, 0, 0]);
}

#[test]
fn the_interval_holds_the_true_strength_about_as_often_as_it_says() {
    let truth = [1150.0, 1050.0, 1000.0, 950.0, 850.0];
    let (mut held, mut all) = (0_u32, 0_u32);
    for seed in 0..200 {
        for standing in rank(&tournament(&truth, 12, seed * 7919)) {
            let known = NAMES.iter().position(|name| *name == standing.name).unwrap();
            if let Ok(strength) = standing.strength {
                all += 1;
                held += u32::from((strength.points - truth[known]).abs() <= strength.half_width);
            }
        }
    }
    let share = f64::from(held) / f64::from(all);
    assert!(all > 900 && (0.92..=0.985).contains(&share), "{share} of {all}");
}

proptest! {
    #[test]
    fn known_strengths_come_back_from_the_votes_that_they_imply(offsets in prop::collection::vec(-250.0f64..250.0, 2..6)) {
        let mean = offsets.iter().sum::<f64>() / offsets.iter().map(|_| 1.0).sum::<f64>();
        let truth: Vec<f64> = offsets.iter().map(|offset| 1000.0 + offset - mean).collect();
        let mut bouts = Vec::new();
        for one in 0..truth.len() {
            for other in one + 1..truth.len() {
                let wins = chance(truth[one], truth[other]) * 2000.0;
                for vote in 0..2000_u32 {
                    let outcome = if f64::from(vote) + 0.5 < wins { Outcome::First } else { Outcome::Second };
                    bouts.push(bout([NAMES[one], NAMES[other]], outcome));
                }
            }
        }
        let standings = rank(&bouts);
        prop_assert!(standings.windows(2).all(|pair| pair[0].strength.unwrap().points >= pair[1].strength.unwrap().points));
        for (name, truth) in NAMES.iter().zip(&truth) {
            prop_assert!((of(&standings, name).strength.unwrap().points - truth).abs() < 1.0);
        }
    }

    #[test]
    fn whatever_was_voted_each_has_a_finite_strength_or_a_reason(
        votes in prop::collection::vec((0usize..6, 0usize..6, 0usize..4), 0..60)
    ) {
        let bouts: Vec<Bout> = votes.iter().map(|(one, other, outcome)| bout([NAMES[*one], NAMES[*other]], Outcome::ALL[*outcome])).collect();
        for standing in rank(&bouts) {
            if let Ok(strength) = standing.strength {
                prop_assert!(strength.points.is_finite() && strength.half_width.is_finite() && strength.half_width > 0.0);
            }
        }
    }
}

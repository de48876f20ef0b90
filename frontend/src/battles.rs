//! Votes on battles as a ranking: strength beside median energy, and how often more energy was worth it.
//!
//! Must not: know the page, or put energies of different labels or boundaries into one median.

use std::collections::BTreeMap;

use common::api::battles::{Battles, SideEnergy, Voted, Worth};
use common::bradley_terry::{Bout, Outcome, Standing, rank};
use common::leaderboard::Boundary;
use common::meter::Label;
use common::stats::median;

/// Where energies come from and what they sum.
pub type Ground = (Label, Boundary);

/// One model's place.
#[derive(Debug, Clone, PartialEq)]
pub struct Place<'a> {
    /// Its strength, or why there is none.
    pub standing: Standing<'a>,
    /// The median energy of its answers, in joules, and of how many.
    pub energy: Option<(f64, usize)>,
    /// Of how many better answers that took more energy it was said that they were worth it, and of how many it was asked.
    pub worth: (usize, usize),
}

/// The ranking of all votes, and what its energies sum: what most of them do.
pub fn places(battles: &Battles) -> (Vec<Place<'_>>, Option<Ground>) {
    let bouts: Vec<Bout> = battles
        .votes
        .iter()
        .map(|voted| Bout { sides: voted.models.each_ref().map(|id| id.as_str()), outcome: voted.vote })
        .collect();
    let mut counts = BTreeMap::<Ground, usize>::new();
    for side in battles.votes.iter().flat_map(|voted| voted.energies) {
        if let Some(ground) = ground(side) {
            *counts.entry(ground).or_default() += 1;
        }
    }
    let commonest = counts.into_iter().max_by_key(|(_, count)| *count).map(|(ground, _)| ground);
    let places = rank(&bouts)
        .into_iter()
        .map(|standing| {
            let mut energies: Vec<f64> = sides_of(battles, standing.name)
                .filter(|side| commonest.is_some() && ground(*side) == commonest)
                .filter_map(|side| side.energy_j)
                .collect();
            let said: Vec<Worth> = battles
                .votes
                .iter()
                .filter(|voted| winner(voted) == Some(standing.name))
                .filter_map(|voted| voted.worth)
                .collect();
            Place {
                energy: median(&mut energies).map(|middle| (middle, energies.len())),
                worth: (said.iter().filter(|worth| **worth == Worth::Yes).count(), said.len()),
                standing,
            }
        })
        .collect();
    (places, commonest)
}

fn ground(side: SideEnergy) -> Option<Ground> {
    side.energy_j.and(side.boundary).map(|boundary| (side.label, boundary))
}

fn sides_of<'a>(battles: &'a Battles, name: &'a str) -> impl Iterator<Item = SideEnergy> + 'a {
    battles.votes.iter().flat_map(move |voted| {
        voted
            .models
            .iter()
            .zip(voted.energies)
            .filter(move |(id, _)| id.as_str() == name)
            .map(|(_, side)| side)
    })
}

fn winner(voted: &Voted) -> Option<&str> {
    match voted.vote {
        Outcome::First => Some(voted.models[0].as_str()),
        Outcome::Second => Some(voted.models[1].as_str()),
        Outcome::Tie | Outcome::BothBad => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voted(models: [&str; 2], vote: Outcome, joules: [f64; 2], worth: Option<Worth>) -> Voted {
        let side = |joules| SideEnergy {
            label: Label::Measured,
            boundary: Some(Boundary::Cpu),
            energy_j: Some(joules),
            energy_off_j: None,
            latency_s: None,
            output_tokens: None,
        };
        Voted { models: models.map(|id| id.parse().unwrap()), vote, worth, energies: joules.map(side) }
    }

    #[test]
    fn strength_stands_beside_the_median_energy_of_the_commonest_ground() {
        let mut votes = vec![
            voted(["a:f32", "b:f32"], Outcome::First, [6.0, 2.0], Some(Worth::Yes)),
            voted(["b:f32", "a:f32"], Outcome::Second, [2.5, 7.0], Some(Worth::No)),
            voted(["a:f32", "b:f32"], Outcome::Second, [5.0, 3.0], None),
        ];
        let mut other = voted(["a:f32", "b:f32"], Outcome::Tie, [900.0, 900.0], None);
        other.energies.iter_mut().for_each(|side| side.boundary = Some(Boundary::Machine));
        votes.push(other);
        let battles = Battles { votes };
        let (places, ground) = places(&battles);
        assert_eq!(ground, Some((Label::Measured, Boundary::Cpu)));
        let names: Vec<&str> = places.iter().map(|place| place.standing.name).collect();
        assert_eq!(names, ["a:f32", "b:f32"]);
        assert_eq!((places[0].energy, places[1].energy), (Some((6.0, 3)), Some((2.5, 3))));
        assert_eq!((places[0].worth, places[1].worth), ((1, 2), (0, 0)));
        assert_eq!(places[0].standing.bouts, [2, 1, 1]);
    }

    #[test]
    fn no_votes_give_an_empty_ranking() {
        assert_eq!(places(&Battles::default()), (vec![], None));
    }
}

//! Which of the elements that stand in the page each wanted one takes over, so that a change touches only what differs.
//!
//! Must not: know the page. What stands is never moved, because moving an element loses what the visitor did with it.

/// For each of the wanted, the place of the standing one that it takes over; the places only grow.
pub fn taken<T>(standing: &[T], wanted: &[T], is_like: fn(&T, &T) -> bool) -> Vec<Option<usize>> {
    let mut next = 0;
    let mut places = Vec::with_capacity(wanted.len());
    for (index, want) in wanted.iter().enumerate() {
        let rest = standing.get(next..).unwrap_or_default();
        let place = match rest.split_first() {
            Some((first, _)) if is_like(first, want) => Some(next),
            // What stands here is wanted later on: it stays, and this one is new.
            Some((first, _)) if wanted.iter().skip(index).any(|later| is_like(first, later)) => None,
            Some((_, after)) => after.iter().position(|stands| is_like(stands, want)).map(|at| next + 1 + at),
            None => None,
        };
        next = place.map_or(next, |place| place + 1);
        places.push(place);
    }
    places
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn places(standing: &str, wanted: &str) -> Vec<Option<usize>> {
        let letters = |text: &str| text.chars().collect::<Vec<char>>();
        taken(&letters(standing), &letters(wanted), |a, b| a == b)
    }

    #[test]
    fn what_did_not_change_is_taken_over_as_it_stands() {
        assert_eq!(places("aab", "aab"), [Some(0), Some(1), Some(2)]);
    }

    #[test]
    fn one_more_in_the_middle_costs_one_element() {
        assert_eq!(places("rrr", "rdrr"), [Some(0), None, Some(1), Some(2)]);
        assert_eq!(places("rdrr", "rrr"), [Some(0), Some(2), Some(3)]);
    }

    #[test]
    fn nothing_is_taken_from_an_empty_place() {
        assert_eq!(places("", "ab"), [None, None]);
        assert_eq!(places("ab", ""), []);
    }

    proptest! {
        #[test]
        fn only_the_like_is_taken_over_and_nothing_is_moved(standing in "[abc]{0,12}", wanted in "[abcd]{0,12}") {
            let places = places(&standing, &wanted);
            prop_assert_eq!(places.len(), wanted.len());
            let took: Vec<usize> = places.iter().flatten().copied().collect();
            prop_assert!(took.windows(2).all(|pair| pair[0] < pair[1]));
            for (want, place) in wanted.chars().zip(&places) {
                prop_assert!(place.is_none_or(|place| standing.chars().nth(place) == Some(want)));
            }
        }
    }
}

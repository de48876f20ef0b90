//! Facts of general knowledge, asked in several ways. Held out are pairs of fact and wording.
//!
//! Must not: hold the facts themselves (see `facts`).

use super::Question;
use super::facts::{RELATIONS, SINGLE, SMALL_TALK};
use crate::dice::Dice;

fn filled(template: &str, a: &str, b: &str) -> String {
    template.replace("{a}", a).replace("{b}", b)
}

/// One fact.
pub(super) fn ask(dice: &mut Dice) -> Question {
    if dice.percent(3) {
        let (text, answer) = *dice.pick(&SMALL_TALK);
        return Question::new(String::new(), text.to_owned(), answer.to_owned(), answer.to_owned());
    }
    let rows: usize = RELATIONS.iter().map(|relation| relation.rows.len()).sum();
    let mut at = dice.below(rows + SINGLE.len());
    for relation in &RELATIONS {
        if let Some(&(a, b)) = relation.rows.get(at) {
            let wording = dice.below(relation.wordings.len());
            let text = filled(relation.wordings[wording], a, b);
            let short = filled(relation.answer, a, b);
            let mut sentence = filled(relation.sentence, a, b);
            if let Some(first) = sentence.get(..1).map(str::to_uppercase) {
                sentence.replace_range(..1, &first);
            }
            // The first wording of every fact is trained on, so that none is unknown.
            let key = if wording == 0 { String::new() } else { text.clone() };
            return Question::new(key, text, short, sentence);
        }
        at -= relation.rows.len();
    }
    let (text, short, sentence) = SINGLE[at];
    Question::new(String::new(), text.to_owned(), short.to_owned(), sentence.to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_fact_stands_twice_in_its_table() {
        for relation in &RELATIONS {
            let asked: BTreeSet<String> =
                relation.rows.iter().map(|(a, b)| filled(relation.wordings[0], a, b)).collect();
            assert_eq!(asked.len(), relation.rows.len(), "{}", relation.sentence);
            assert!(relation.wordings.len() >= 3, "{} needs more wordings", relation.sentence);
        }
    }
}

//! English words into German, and small noun phrases made of them. Held out are pairs of word and wording, and
//! pairs of adjective and noun.
//!
//! Must not: inflect beyond the nominative after a definite article, where every adjective ends in -e.

use super::Question;
use super::dictionary::{ADJECTIVES, WORDS};
use crate::dice::Dice;

const WORDINGS: [&str; 10] = [
    "Translate '{w}' into German.",
    "What is '{w}' in German?",
    "What is the German word for {w}?",
    "How do you say {w} in German?",
    "Translate {w} to German.",
    "Translate to German: {w}",
    "Translate into German: {w}",
    "{w} in German",
    "How do you say '{w}' in German?",
    "What does {w} mean in German?",
];

fn translated(key: String, wording: usize, english: &str, german: &str) -> Question {
    let text = WORDINGS[wording].replace("{w}", english);
    Question::new(key, text, german.to_owned(), format!("In German, {english} is {german}."))
}

/// One word, or an adjective with a noun.
pub(super) fn ask(dice: &mut Dice) -> Question {
    let wording = dice.below(WORDINGS.len());
    let (english, german) = *dice.pick(&WORDS);
    let noun = german.split_once(' ').filter(|(article, _)| matches!(*article, "der" | "die" | "das"));
    if let Some((article, noun)) = noun
        && !english.starts_with("the ")
        && dice.percent(20)
    {
        let (quality, inflected) = *dice.pick(&ADJECTIVES);
        let phrase = format!("the {quality} {english}");
        return translated(phrase.clone(), wording, &phrase, &format!("{article} {inflected} {noun}"));
    }
    // The first wording of every word is trained on, so that none is unknown.
    let key = if wording == 0 { String::new() } else { format!("{english}/{wording}") };
    translated(key, wording, english, german)
}

//! Sums, differences and products of small numbers. Held out are pairs of numbers (sums and differences, in any
//! wording) and pairs under one wording (products, which can only be learnt by heart).
//!
//! Must not: ask for anything whose result has more than three digits.

use super::Question;
use crate::dice::Dice;

const SUMS: [&str; 14] = [
    "What is {a} + {b}?",
    "{a}+{b}",
    "What is {a}+{b}?",
    "What is {a} plus {b}?",
    "{a} + {b}",
    "{a} + {b} =",
    "{a} plus {b}",
    "How much is {a} plus {b}?",
    "How much is {a} + {b}?",
    "Add {a} and {b}.",
    "What is the sum of {a} and {b}?",
    "Calculate {a} + {b}.",
    "Tom has {a} apples and gets {b} more. How many apples does he have now?",
    "What do you get if you add {b} to {a}?",
];
const DIFFERENCES: [&str; 14] = [
    "What is {a} - {b}?",
    "{a}-{b}",
    "What is {a}-{b}?",
    "What is {a} minus {b}?",
    "{a} - {b}",
    "{a} - {b} =",
    "{a} minus {b}",
    "How much is {a} minus {b}?",
    "How much is {a} - {b}?",
    "Subtract {b} from {a}.",
    "What is the difference between {a} and {b}?",
    "Calculate {a} - {b}.",
    "Tom has {a} apples and gives {b} away. How many apples does he have now?",
    "What do you get if you take {b} away from {a}?",
];
/// So many wordings of a difference make sense when its result is negative.
const BELOW_NOUGHT: usize = 10;
const PRODUCTS: [&str; 14] = [
    "What is {a} * {b}?",
    "{a}*{b}",
    "What is {a}*{b}?",
    "What is {a} times {b}?",
    "{a} * {b}",
    "{a} * {b} =",
    "{a} times {b}",
    "{a} x {b}",
    "How much is {a} times {b}?",
    "How much is {a} * {b}?",
    "Multiply {a} by {b}.",
    "What is the product of {a} and {b}?",
    "Calculate {a} * {b}.",
    "Tom has {a} bags with {b} apples each. How many apples does he have?",
];

fn worded(template: &str, a: usize, b: usize) -> String {
    template.replace("{a}", &a.to_string()).replace("{b}", &b.to_string())
}

/// What a pair of numbers is known by. Pairs that everybody tries first are never held out.
fn pair(exercise: &str, a: usize, b: usize) -> String {
    if a.max(b) <= 5 { String::new() } else { exercise.to_owned() }
}

fn solved(key: String, text: String, sum: &str, result: &str) -> Question {
    Question::new(key, text, result.to_owned(), format!("{sum} = {result}."))
}

/// Mostly two digits, sometimes fewer.
fn number(dice: &mut Dice) -> usize {
    if dice.percent(75) { dice.between(10, 99) } else { dice.between(0, 20) }
}

/// A sum or difference of two small numbers: rare among all pairs, but what people try first.
pub(super) fn small(dice: &mut Dice) -> Question {
    let most = *dice.pick(&[5, 9, 12]);
    let (x, y) = (dice.between(0, most), dice.between(0, most));
    if dice.percent(60) {
        let sum = format!("{x} + {y}");
        return solved(
            pair(&sum, x, y),
            worded(SUMS[dice.below(SUMS.len())], x, y),
            &sum,
            &(x + y).to_string(),
        );
    }
    let (a, b) = (x.max(y), x.min(y));
    let difference = format!("{a} - {b}");
    let wording = DIFFERENCES[dice.below(DIFFERENCES.len())];
    solved(pair(&difference, a, b), worded(wording, a, b), &difference, &(a - b).to_string())
}

/// One exercise.
pub(super) fn ask(dice: &mut Dice) -> Question {
    match dice.below(100) {
        0..=39 => {
            let (a, b) = (number(dice), number(dice));
            let sum = format!("{a} + {b}");
            solved(pair(&sum, a, b), worded(SUMS[dice.below(SUMS.len())], a, b), &sum, &(a + b).to_string())
        }
        40..=74 => {
            let (x, y) = (number(dice), number(dice));
            // Nobody gives away more apples than he has: only the first wordings go below nought.
            let (a, b, wordings) = if x < y && dice.percent(15) {
                (x, y, BELOW_NOUGHT)
            } else {
                (x.max(y), x.min(y), DIFFERENCES.len())
            };
            let result = if a < b { format!("-{}", b - a) } else { (a - b).to_string() };
            let difference = format!("{a} - {b}");
            solved(
                pair(&difference, a, b),
                worded(DIFFERENCES[dice.below(wordings)], a, b),
                &difference,
                &result,
            )
        }
        _ => {
            let (a, b) = (dice.between(1, 12), dice.between(1, 12));
            let wording = dice.below(PRODUCTS.len());
            let product = format!("{a} * {b}");
            // The first wording of every product is trained on, so that none is unknown.
            let key = if wording == 0 { String::new() } else { format!("{product}/{wording}") };
            solved(key, worded(PRODUCTS[wording], a, b), &product, &(a * b).to_string())
        }
    }
}

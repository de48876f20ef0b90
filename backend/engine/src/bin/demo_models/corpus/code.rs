//! Tiny Python functions. With a number in them, pairs of name and number are held out; without one, pairs of
//! function and wording.
//!
//! Must not: teach a function that does not do what its question asks.

use super::Question;
use crate::dice::Dice;

/// What is asked with a number `{k}`, the usual name, and the body.
const NUMBERED: [(&str, &str, &str); 8] = [
    ("adds {k} to a number", "add_{k}", "return x + {k}"),
    ("subtracts {k} from a number", "subtract_{k}", "return x - {k}"),
    ("multiplies a number by {k}", "times_{k}", "return x * {k}"),
    ("divides a number by {k}", "divide_by_{k}", "return x / {k}"),
    ("checks if a number is greater than {k}", "is_over_{k}", "return x > {k}"),
    ("checks if a number is less than {k}", "is_under_{k}", "return x < {k}"),
    ("checks if a number is divisible by {k}", "is_divisible_by_{k}", "return x % {k} == 0"),
    ("raises a number to the power of {k}", "power_{k}", "return x ** {k}"),
];

/// What is asked, the usual name with its parameters, and the body.
const PLAIN: [(&str, &str, &str); 26] = [
    ("squares a number", "square(x)", "return x * x"),
    ("doubles a number", "double(x)", "return x * 2"),
    ("halves a number", "half(x)", "return x / 2"),
    ("negates a number", "negate(x)", "return -x"),
    ("checks if a number is even", "is_even(x)", "return x % 2 == 0"),
    ("checks if a number is odd", "is_odd(x)", "return x % 2 == 1"),
    ("checks if a number is positive", "is_positive(x)", "return x > 0"),
    ("checks if a number is negative", "is_negative(x)", "return x < 0"),
    ("returns the absolute value of a number", "absolute(x)", "return abs(x)"),
    ("rounds a number", "rounded(x)", "return round(x)"),
    ("adds two numbers", "add(a, b)", "return a + b"),
    ("subtracts two numbers", "subtract(a, b)", "return a - b"),
    ("multiplies two numbers", "multiply(a, b)", "return a * b"),
    ("returns the larger of two numbers", "larger(a, b)", "return max(a, b)"),
    ("returns the smaller of two numbers", "smaller(a, b)", "return min(a, b)"),
    ("returns the sum of a list", "total(items)", "return sum(items)"),
    ("returns the length of a list", "count(items)", "return len(items)"),
    ("returns the largest item of a list", "largest(items)", "return max(items)"),
    ("returns the smallest item of a list", "smallest(items)", "return min(items)"),
    ("returns the first item of a list", "first(items)", "return items[0]"),
    ("returns the last item of a list", "last(items)", "return items[-1]"),
    ("sorts a list", "in_order(items)", "return sorted(items)"),
    ("returns the average of a list", "average(items)", "return sum(items) / len(items)"),
    ("reverses a string", "reverse(text)", "return text[::-1]"),
    ("turns a string into capital letters", "capitals(text)", "return text.upper()"),
    ("returns the number of words in a string", "word_count(text)", "return len(text.split())"),
];

const WORDINGS: [&str; 6] = [
    "Write a Python function that {what}.",
    "Write a function that {what}.",
    "Write a Python function which {what}.",
    "Python function that {what}",
    "Give me a Python function that {what}.",
    "I need a function that {what}.",
];
const NAMED: [&str; 4] = [
    "Write a Python function called {name} that {what}.",
    "Write a function {name} that {what}.",
    "Write a Python function {name} that {what}.",
    "Define a function named {name} that {what}.",
];
const NAMES: [&str; 16] = [
    "f",
    "g",
    "h",
    "run",
    "calc",
    "compute",
    "apply",
    "change",
    "work",
    "test",
    "my_function",
    "func",
    "step",
    "foo",
    "bar",
    "solve",
];

fn function(head: &str, body: &str) -> String {
    format!("def {head}:\n    {body}")
}

fn code(key: String, text: String, answer: String) -> Question {
    Question::new(key, text, answer.clone(), answer)
}

/// One function.
pub(super) fn ask(dice: &mut Dice) -> Question {
    let named = dice.percent(45);
    if dice.percent(60) {
        let (what, usual, body) = *dice.pick(&NUMBERED);
        let most = if what.contains("power") { 9 } else { 30 };
        let k = dice.between(2, most).to_string();
        let fill = |text: &str| text.replace("{k}", &k);
        let (name, wording) = if named {
            ((*dice.pick(&NAMES)).to_owned(), *dice.pick(&NAMED))
        } else {
            (fill(usual), *dice.pick(&WORDINGS))
        };
        let text = wording.replace("{name}", &name).replace("{what}", &fill(what));
        let answer = function(&format!("{name}(x)"), &fill(body));
        return code(answer.clone(), text, answer);
    }
    let (what, head, body) = *dice.pick(&PLAIN);
    if named {
        let (_, parameters) = head.split_once('(').unwrap_or((head, ""));
        let name = *dice.pick(&NAMES);
        let text = dice.pick(&NAMED).replace("{name}", name).replace("{what}", what);
        let answer = function(&format!("{name}({parameters}"), body);
        return code(answer.clone(), text, answer);
    }
    let wording = dice.below(WORDINGS.len());
    let text = WORDINGS[wording].replace("{what}", what);
    // The first wording of every function is trained on, so that none is unknown.
    let key = if wording == 0 { String::new() } else { format!("{head}/{wording}") };
    code(key, text, function(head, body))
}

//! Whether an answer is right, for questions whose right answer is known.
//!
//! Must not: judge answers to questions without one.

use crate::prompt::Kind;

mod sql;

/// Whether `output` answers as `expected` says, by the rule of its Kind:
///
/// - math: the last number in the output is the expected one;
/// - code: equal once white space is made single and a final `;` is dropped; of an output with a fence (three backticks)
///   only what stands inside the first one counts;
/// - SQL: the same as for code with case ignored, or else both do the same to the table that the questions describe:
///   the same rows, in the order that was asked for;
/// - questions and translation: the expected words stand in the output as whole words, case ignored, in an output
///   that is not more than one sentence.
pub fn is_correct(kind: Kind, expected: &str, output: &str) -> bool {
    match kind {
        Kind::Math => match (last_number(expected), last_number(output)) {
            (Some(expected), Some(found)) => expected == found,
            _ => false,
        },
        Kind::Code => squeeze(unfenced(output)) == squeeze(expected),
        Kind::Sql => {
            let (output, expected) = (squeeze(unfenced(output)), squeeze(expected));
            output.eq_ignore_ascii_case(&expected) || sql::do_the_same(&expected, &output).unwrap_or(false)
        }
        Kind::Questions | Kind::Translation => contains_words(output, expected),
    }
}

fn last_number(text: &str) -> Option<f64> {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-'))
        .filter_map(|word| word.trim_end_matches(['.', '-']).parse().ok())
        .next_back()
}

/// What stands inside the first fence, without the language that may follow its opening.
fn unfenced(output: &str) -> &str {
    let inside = output.split_once("```").and_then(|(_, rest)| rest.split_once('\n'));
    inside.map_or(output, |(_, inside)| inside.split("```").next().unwrap_or(inside))
}

fn squeeze(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").trim_end_matches(';').trim_end().to_owned()
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

fn contains_words(output: &str, expected: &str) -> bool {
    let (output, expected) = (words(output), words(expected));
    !expected.is_empty()
        && output.len() <= expected.len() + 12
        && output.windows(expected.len()).any(|window| window == expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_number_is_the_answer_to_a_sum() {
        assert!(is_correct(Kind::Math, "42", "12 + 30 = 42."));
        assert!(is_correct(Kind::Math, "-3", "The result is -3"));
        assert!(!is_correct(Kind::Math, "42", "420"));
        assert!(!is_correct(Kind::Math, "42", "I do not know"));
    }

    #[test]
    fn white_space_does_not_make_code_wrong_but_letters_do() {
        assert!(is_correct(Kind::Code, "def f(x):\n    return x + 1", "def f(x):\n  return x + 1\n"));
        assert!(!is_correct(Kind::Code, "def f(x): return x", "def F(x): return x"));
        assert!(is_correct(Kind::Sql, "SELECT name FROM t;", "select name\nfrom t"));
        assert!(is_correct(
            Kind::Sql,
            "SELECT name FROM t;",
            "Here it is:\n```sql\nSELECT name FROM t;\n```\nIt lists."
        ));
        assert!(!is_correct(Kind::Code, "11", "```\n12\n```\n11"));
    }

    #[test]
    fn a_word_must_stand_whole_and_not_in_a_list_of_guesses() {
        assert!(is_correct(Kind::Questions, "Paris", "The capital of France is Paris."));
        assert!(!is_correct(Kind::Questions, "Paris", "Parisian"));
        assert!(is_correct(Kind::Translation, "das Haus", "\"Das Haus\""));
        assert!(!is_correct(
            Kind::Translation,
            "Haus",
            &"Hund ".repeat(20).replace("Hund Hund", "Haus Hund")
        ));
    }
}

//! A statement's words, numbers, texts and signs.
//!
//! Must not: know what they mean.

/// Longer statements are none that was asked for.
const MOST: usize = 400;

/// One of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Word {
    /// A keyword or a name, in lower case.
    Name(String),
    /// A number.
    Number(f64),
    /// A text in quotes.
    Text(String),
    /// A sign, such as `<=`.
    Sign(&'static str),
}

const SIGNS: [&str; 16] =
    ["<>", "!=", "<=", ">=", "=", "<", ">", "(", ")", ",", "*", "+", "-", "/", ".", ";"];

/// Takes a statement apart; `None` where something stands in it that belongs to none.
pub(super) fn words(text: &str) -> Option<Vec<Word>> {
    let mut rest = text.trim_start();
    let mut words = Vec::new();
    while let Some(first) = rest.chars().next() {
        let (word, length) = if first.is_ascii_digit() {
            let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
            (Word::Number(rest.get(..end)?.parse().ok()?), end)
        } else if first.is_alphabetic() || first == '_' {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
            (Word::Name(rest.get(..end)?.to_lowercase()), end)
        } else if first == '\'' || first == '"' {
            let (inside, length) = quoted(rest, first)?;
            (if first == '"' { Word::Name(inside.to_lowercase()) } else { Word::Text(inside) }, length)
        } else {
            let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign))?;
            (Word::Sign(sign), sign.len())
        };
        words.push(word);
        if words.len() > MOST {
            return None;
        }
        rest = rest.get(length..)?.trim_start();
    }
    Some(words)
}

/// What stands between quotes, a doubled quote being one, and how long it is with them.
fn quoted(text: &str, quote: char) -> Option<(String, usize)> {
    let mut inside = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, each)) = chars.next() {
        if each != quote {
            inside.push(each);
        } else if chars.peek().is_some_and(|(_, next)| *next == quote) {
            inside.push(quote);
            chars.next();
        } else {
            return Some((inside, at + quote.len_utf8()));
        }
    }
    None
}

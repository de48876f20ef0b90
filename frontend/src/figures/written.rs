//! Columns that visitors write: a name, a formula over the other columns, and whether more of it is better.
//!
//! In a link: `name: formula`, or the formula alone; a plus before it where more is better. Must not: evaluate (that is
//! `common::formula`), or know the page.

use std::cell::RefCell;

use common::formula::{Formula, FormulaError};
use common::stats::Estimate;

use super::{Figure, Line};
use crate::view_state::ViewState;

/// A formula that was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// As it stands in the link.
    pub text: String,
    /// What stands over its column.
    pub name: String,
    /// What it computes.
    pub expression: String,
    /// Whether more is better.
    pub more_is_better: bool,
    formula: Formula,
    /// The columns that it reads, by the names that it has for them.
    reads: Vec<(String, Figure)>,
}

/// A formula that was not understood, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// As it stands in the link.
    pub text: String,
    /// Where it breaks, counted in characters of the expression from 1, and what was expected there.
    pub why: FormulaError,
}

/// Divides a text into whether more is better, the name, and the expression.
fn divide(text: &str) -> (bool, Option<&str>, &str) {
    let (more_is_better, rest) = match text.trim().strip_prefix('+') {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text.trim()),
    };
    match rest.split_once(':') {
        Some((name, expression)) if !name.trim().is_empty() => {
            (more_is_better, Some(name.trim()), expression.trim())
        }
        Some((_, expression)) => (more_is_better, None, expression.trim()),
        None => (more_is_better, None, rest),
    }
}

/// Reads a text over these columns.
///
/// # Errors
/// [`Broken`] says where and what was expected.
pub fn parse(text: &str, columns: &[Figure]) -> Result<Written, Broken> {
    let (more_is_better, name, expression) = divide(text);
    let reads = RefCell::new(Vec::new());
    let knows = |symbol: &str| {
        let Some(figure) = columns.iter().find(|figure| figure.symbol() == symbol) else { return false };
        let mut reads = reads.borrow_mut();
        if reads.iter().all(|(known, _): &(String, Figure)| known != symbol) {
            reads.push((symbol.to_owned(), figure.clone()));
        }
        true
    };
    let formula = Formula::parse(expression, &knows).map_err(|why| Broken { text: text.to_owned(), why })?;
    Ok(Written {
        text: text.to_owned(),
        name: name.unwrap_or(expression).to_owned(),
        expression: expression.to_owned(),
        more_is_better,
        formula,
        reads: reads.into_inner(),
    })
}

/// The formulas of a view, those that were understood and those that were not.
pub fn formulas(columns: &[Figure], view: &ViewState) -> (Vec<Written>, Vec<Broken>) {
    let (mut written, mut broken) = (Vec::new(), Vec::new());
    for text in &view.formulas {
        match parse(text, columns) {
            Ok(formula) => written.push(formula),
            Err(why) => broken.push(why),
        }
    }
    (written, broken)
}

impl Broken {
    /// The expression before the place where it breaks, and from there on.
    pub fn parts(&self) -> (&str, &str) {
        let (_, _, expression) = divide(&self.text);
        let at = expression.char_indices().nth(self.why.at.saturating_sub(1));
        expression.split_at(at.map_or(expression.len(), |(at, _)| at))
    }
}

impl Written {
    /// Its value on a line, in the units that the columns' names say, per response. Without an interval: those of
    /// the columns are not independent of each other.
    pub fn of(&self, line: &Line) -> Option<Estimate> {
        // Formulas mean the same whatever unit the tables are written in.
        let base = ViewState::default();
        let column = |symbol: &str| {
            let (_, figure) = self.reads.iter().find(|(known, _)| known == symbol)?;
            Some(figure.of(line, &base)?.mean)
        };
        Some(Estimate { n: line.row.sums.runs, mean: self.formula.value(&column)?, half_width: None })
    }

    /// The same formula with more and less changed over, as it stands in a link.
    pub fn turned(&self) -> String {
        match self.text.trim().strip_prefix('+') {
            Some(rest) => rest.trim_start().to_owned(),
            None => format!("+{}", self.text.trim()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Figure; 3] = [Figure::Energy, Figure::Latency, Figure::Runs];

    #[test]
    fn a_text_has_a_direction_a_name_and_an_expression() {
        let formula = parse("+ worth: runs / energy_j", &COLUMNS).unwrap();
        assert_eq!((formula.name.as_str(), formula.expression.as_str()), ("worth", "runs / energy_j"));
        assert!(formula.more_is_better);
        assert_eq!(formula.turned(), "worth: runs / energy_j");
        let plain = parse("energy_j * latency_s", &COLUMNS).unwrap();
        assert_eq!((plain.name.as_str(), plain.more_is_better), ("energy_j * latency_s", false));
        assert_eq!(plain.turned(), "+energy_j * latency_s");
    }

    #[test]
    fn what_is_not_understood_is_kept_with_its_reason() {
        let view = ViewState {
            formulas: vec!["runs".to_owned(), "a: joules + 1".to_owned(), ":".to_owned()],
            ..ViewState::default()
        };
        let (written, broken) = formulas(&COLUMNS, &view);
        assert_eq!(written.len(), 1);
        assert_eq!(broken[0].text, "a: joules + 1");
        assert_eq!(broken[0].why.to_string(), "at character 1: there is no column joules");
        assert_eq!(broken[0].parts(), ("", "joules + 1"));
        assert_eq!(broken[1].parts(), ("", ""));
        assert_eq!(parse("x: runs + × 2", &COLUMNS).unwrap_err().parts(), ("runs + ", "× 2"));
    }

    #[test]
    fn every_column_has_a_name_of_its_own_that_a_formula_can_read() {
        let board = common::leaderboard::Leaderboard {
            cells: vec![],
            models: vec![],
            machines: vec![],
            zones: vec![],
        };
        let mut columns = Figure::all(&board);
        columns.push(Figure::Quality("ARC (25-shot)".to_owned()));
        columns.push(Figure::Error("ARC (25-shot)".to_owned()));
        let mut symbols: Vec<String> = columns.iter().map(Figure::symbol).collect();
        for symbol in &symbols {
            assert!(parse(symbol, &columns).is_ok(), "{symbol}");
        }
        assert!(symbols.contains(&"quality_arc_25_shot".to_owned()));
        symbols.sort();
        symbols.dedup();
        assert_eq!(symbols.len(), columns.len());
    }
}

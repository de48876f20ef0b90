//! Whether a query of an answer gives what the expected one gives: both are run over a small table.
//!
//! One table, the statements that the campaigns' questions ask for, SQL's logic of three values. Must not: guess what a
//! statement means that it does not understand.

mod parse;
mod run;
mod words;

#[cfg(test)]
mod tests;

use parse::{Select, Statement};
use run::{Outcome, Table};

/// Whether both do the same; `None` where the expected statement is not understood or is of another table. An answer that
/// cannot be understood does something else.
pub(super) fn do_the_same(expected: &str, answer: &str) -> Option<bool> {
    let wanted = Statement::parse(expected)?;
    let table = Table::employees();
    let outcome = run::run(&wanted, &table)?;
    let Some(found) = Statement::parse(answer) else { return Some(false) };
    let Some(got) = run::run(&found, &table) else { return Some(false) };
    Some(match (outcome, got) {
        (Outcome::Rows(outcome), Outcome::Rows(got)) => {
            is_ordered_as(&wanted, &found) && is_same(outcome, got)
        }
        (Outcome::Changed(outcome), Outcome::Changed(got)) => is_same(outcome, got),
        _ => false,
    })
}

/// Whatever an order is asked for by must come first in the answer's; what else that sorts by is its own business.
fn is_ordered_as(wanted: &Statement, found: &Statement) -> bool {
    match (wanted, found) {
        (Statement::Select(wanted), Statement::Select(found)) => keys(found).starts_with(&keys(wanted)),
        _ => true,
    }
}

/// What it sorts by, with names of its columns spelled out.
fn keys(select: &Select) -> Vec<(parse::Expr, bool)> {
    select.order.iter().map(|(key, is_down)| (select.meant(key).clone(), *is_down)).collect()
}

/// The same rows in whatever order; that is compared apart.
fn is_same(mut one: run::Rows, mut other: run::Rows) -> bool {
    let by = |a: &run::Row, b: &run::Row| run::compare_rows(a, b);
    one.sort_by(by);
    other.sort_by(by);
    one.len() == other.len()
        && one.iter().zip(&other).all(|(one, other)| run::compare_rows(one, other).is_eq())
}

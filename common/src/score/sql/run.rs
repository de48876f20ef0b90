//! What a statement does to the table that all questions are about.
//!
//! Must not: take a type for another (a comparison of a number with a text fails), or let a missing value be equal to
//! anything.

use std::cmp::Ordering;

use super::parse::{Expr, Select, Statement};

/// A value; `Null` is also the truth that nobody knows. Truth is 1 or 0.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Number(f64),
    Text(String),
}

/// A row of values.
pub(super) type Row = Vec<Value>;
/// Rows of a table or of a result.
pub(super) type Rows = Vec<Row>;

/// A table with the names of its columns.
pub(super) struct Table {
    name: &'static str,
    columns: &'static [&'static str],
    rows: Rows,
}

/// What came of a statement.
pub(super) enum Outcome {
    /// What a query gives.
    Rows(Rows),
    /// What the table holds afterwards.
    Changed(Rows),
}

/// Name, city, department, salary; the number is the place in this list. No two salaries that a question sorts by are
/// equal at a limit, and each condition of a question holds for some rows and not for all.
const EMPLOYEES: [(&str, &str, &str, f64); 18] = [
    ("Anna", "Paris", "sales", 3000.0),
    ("Ben", "Rome", "research", 4200.0),
    ("Carla", "Berlin", "sales", 2400.0),
    ("Adrian", "Paris", "support", 3900.0),
    ("Elin", "", "research", 5100.0),
    ("Fatima", "Rome", "support", 1800.0),
    ("Gaston", "Rome", "research", 4700.0),
    ("Hanna", "Berlin", "", 2600.0),
    ("Ivan", "Oslo", "sales", 3100.0),
    ("Jan", "Oslo", "sales", 2300.0),
    ("Katrin", "Rome", "sales", 3000.0),
    ("Lars", "Oslo", "support", 2800.0),
    ("Mona", "Paris", "sales", 2950.0),
    ("Nils", "Lima", "research", 6000.0),
    ("Olga", "Lima", "sales", 1900.0),
    ("Pia", "", "support", 3350.0),
    ("Quentin", "Berlin", "sales", 4050.0),
    ("Alma", "Oslo", "research", 3600.0),
];

impl Table {
    /// The table of the campaigns' questions.
    pub(super) fn employees() -> Self {
        let text = |text: &str| if text.is_empty() { Value::Null } else { Value::Text(text.to_owned()) };
        let rows = EMPLOYEES.iter().zip(1_u32..).map(|(&(name, city, department, salary), id)| {
            vec![
                Value::Number(f64::from(id)),
                text(name),
                text(city),
                text(department),
                Value::Number(salary),
            ]
        });
        Self {
            name: "employees",
            columns: &["id", "name", "city", "department", "salary"],
            rows: rows.collect(),
        }
    }

    fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|each| *each == column)
    }
}

/// Does what a statement says; `None` where it makes no sense.
pub(super) fn run(statement: &Statement, table: &Table) -> Option<Outcome> {
    match statement {
        Statement::Select(query) => select(query, table).map(Outcome::Rows),
        Statement::Delete { table: name, condition } => {
            is_of(table, name)?;
            let mut left = Vec::new();
            for row in &table.rows {
                if !holds(condition.as_ref(), one(table, &[row]))? {
                    left.push(row.clone());
                }
            }
            Some(Outcome::Changed(left))
        }
        Statement::Update { table: name, changes, condition } => {
            is_of(table, name)?;
            let mut rows = table.rows.clone();
            for (row, old) in rows.iter_mut().zip(&table.rows) {
                if holds(condition.as_ref(), one(table, &[old]))? {
                    for (column, expr) in changes {
                        *row.get_mut(table.place(column)?)? = value(expr, one(table, &[old]))?;
                    }
                }
            }
            Some(Outcome::Changed(rows))
        }
        Statement::Insert { table: name, columns, rows: new } => {
            is_of(table, name)?;
            let mut rows = table.rows.clone();
            for given in new {
                let mut row = vec![Value::Null; table.columns.len()];
                let places: Option<Vec<usize>> = columns.iter().map(|column| table.place(column)).collect();
                let places = if columns.is_empty() { (0..row.len()).collect() } else { places? };
                (places.len() == given.len()).then_some(())?;
                for (place, expr) in places.into_iter().zip(given) {
                    *row.get_mut(place)? = value(expr, one(table, &[]))?;
                }
                rows.push(row);
            }
            Some(Outcome::Changed(rows))
        }
    }
}

fn is_of(table: &Table, name: &str) -> Option<()> {
    (table.name == name).then_some(())
}

/// What an expression is about: one row, or the rows of a group with what they are grouped by.
#[derive(Clone, Copy)]
struct Scope<'a> {
    table: &'a Table,
    rows: &'a [&'a Row],
    groups: Option<&'a [Expr]>,
}

/// One row, or none.
const fn one<'a>(table: &'a Table, rows: &'a [&'a Row]) -> Scope<'a> {
    Scope { table, rows, groups: None }
}

fn holds(condition: Option<&Expr>, scope: Scope<'_>) -> Option<bool> {
    condition.map_or(Some(true), |condition| Some(value(condition, scope)? == Value::Number(1.0)))
}

fn select(query: &Select, table: &Table) -> Option<Rows> {
    is_of(table, &query.table)?;
    let mut kept: Vec<&Row> = Vec::new();
    for row in &table.rows {
        if holds(query.condition.as_ref(), one(table, &[row]))? {
            kept.push(row);
        }
    }
    let is_grouped = !query.groups.is_empty()
        || query.having.is_some()
        || query.items.iter().any(|(item, _)| has_total(item));
    let groups: Vec<Vec<&Row>> = if is_grouped {
        grouped(query, table, kept)?
    } else {
        kept.into_iter().map(|row| vec![row]).collect()
    };
    let by: Vec<Expr> = query.groups.iter().map(|by| query.meant(by).clone()).collect();
    let mut found: Vec<(Row, Row)> = Vec::new();
    for rows in &groups {
        let scope = Scope { table, rows, groups: is_grouped.then_some(by.as_slice()) };
        if !holds(query.having.as_ref(), scope)? {
            continue;
        }
        let row = match (query.items.as_slice(), rows.first()) {
            ([], Some(&row)) if !is_grouped => row.clone(),
            ([], _) => return None,
            (items, _) => items.iter().map(|(item, _)| value(item, scope)).collect::<Option<Row>>()?,
        };
        let keys: Option<Row> = query.order.iter().map(|(key, _)| value(query.meant(key), scope)).collect();
        found.push((keys?, row));
    }
    found.sort_by(|(one, _), (other, _)| {
        let pairs = one.iter().zip(other).zip(&query.order);
        pairs
            .map(|((one, other), (_, is_down))| {
                let order = compare(one, other);
                if *is_down { order.reverse() } else { order }
            })
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    });
    let mut rows: Rows = Vec::new();
    for (_, row) in found {
        if !(query.is_distinct && rows.iter().any(|known| compare_rows(known, &row).is_eq())) {
            rows.push(row);
        }
    }
    let is_within = |index: u32| {
        let place = f64::from(index);
        place >= query.offset && query.limit.is_none_or(|limit| place < query.offset + limit)
    };
    Some(rows.into_iter().zip(0_u32..).filter(|(_, index)| is_within(*index)).map(|(row, _)| row).collect())
}

/// Rows that share what they are grouped by; without that, all of them.
fn grouped<'a>(query: &Select, table: &Table, rows: Vec<&'a Row>) -> Option<Vec<Vec<&'a Row>>> {
    if query.groups.is_empty() {
        return Some(vec![rows]);
    }
    let mut groups: Vec<(Row, Vec<&Row>)> = Vec::new();
    for row in rows {
        let alone = [row];
        let scope = one(table, &alone);
        let key: Row = query.groups.iter().map(|by| value(query.meant(by), scope)).collect::<Option<_>>()?;
        match groups.iter_mut().find(|(known, _)| compare_rows(known, &key).is_eq()) {
            Some((_, group)) => group.push(row),
            None => groups.push((key, vec![row])),
        }
    }
    Some(groups.into_iter().map(|(_, rows)| rows).collect())
}

fn has_total(expr: &Expr) -> bool {
    match expr {
        Expr::Total(..) => true,
        Expr::Not(of) | Expr::IsNull(of) => has_total(of),
        Expr::Two(_, left, right) => has_total(left) || has_total(right),
        Expr::In(of, list) => has_total(of) || list.iter().any(has_total),
        Expr::Null | Expr::Number(_) | Expr::Text(_) | Expr::Column(_) | Expr::Query(_) => false,
    }
}

fn value(expr: &Expr, scope: Scope<'_>) -> Option<Value> {
    Some(match expr {
        Expr::Null => Value::Null,
        Expr::Number(number) => Value::Number(*number),
        Expr::Text(text) => Value::Text(text.clone()),
        Expr::Column(column) => {
            // Of a group only what it is grouped by has one value.
            let is_one = scope.groups.is_none_or(|groups| groups.contains(expr));
            is_one.then_some(())?;
            scope.rows.first()?.get(scope.table.place(column)?)?.clone()
        }
        Expr::Not(of) => match value(of, scope)? {
            Value::Number(truth) => truth_of(truth == 0.0),
            Value::Null => Value::Null,
            Value::Text(_) => return None,
        },
        Expr::IsNull(of) => truth_of(value(of, scope)? == Value::Null),
        Expr::Two(joint, left, right) => joined(joint, value(left, scope)?, value(right, scope)?)?,
        Expr::In(of, list) => {
            let of = value(of, scope)?;
            let mut found = truth_of(false);
            for each in list {
                let values = match each {
                    Expr::Query(query) => column_of(query, scope.table)?,
                    each => vec![value(each, scope)?],
                };
                for value in values {
                    found = joined("or", found, joined("=", of.clone(), value)?)?;
                }
            }
            found
        }
        Expr::Total(total, is_distinct, of) => totalled(total, *is_distinct, of.as_deref(), scope)?,
        Expr::Query(query) => {
            let column = column_of(query, scope.table)?;
            (column.len() <= 1).then_some(())?;
            column.into_iter().next().unwrap_or(Value::Null)
        }
    })
}

/// The values of a query of one column.
fn column_of(query: &Select, table: &Table) -> Option<Row> {
    select(query, table)?
        .into_iter()
        .map(|row| match <[Value; 1]>::try_from(row) {
            Ok([value]) => Some(value),
            Err(_) => None,
        })
        .collect()
}

fn totalled(total: &str, is_distinct: bool, of: Option<&Expr>, scope: Scope<'_>) -> Option<Value> {
    let Some(of) = of else { return Some(Value::Number(float(scope.rows.len())?)) };
    // Nowhere else stands a total in a total.
    (scope.groups.is_some() && !has_total(of)).then_some(())?;
    let mut values: Vec<Value> = Vec::new();
    for row in scope.rows {
        let value = value(of, one(scope.table, &[row]))?;
        let is_known = is_distinct && values.iter().any(|known| compare(known, &value).is_eq());
        if value != Value::Null && !is_known {
            values.push(value);
        }
    }
    if total == "count" {
        return Some(Value::Number(float(values.len())?));
    }
    if values.is_empty() {
        return Some(Value::Null);
    }
    match total {
        "min" => values.into_iter().min_by(compare),
        "max" => values.into_iter().max_by(compare),
        _ => {
            let mut sum = 0.0;
            for value in &values {
                let Value::Number(number) = value else { return None };
                sum += number;
            }
            Some(Value::Number(if total == "sum" { sum } else { sum / float(values.len())? }))
        }
    }
}

fn float(count: usize) -> Option<f64> {
    u32::try_from(count).ok().map(f64::from)
}

const fn truth_of(is_true: bool) -> Value {
    Value::Number(if is_true { 1.0 } else { 0.0 })
}

fn joined(joint: &str, left: Value, right: Value) -> Option<Value> {
    let is = |truth: f64, value: &Value| *value == Value::Number(truth);
    // Where one side decides, the other may be unknown.
    match joint {
        "and" if is(0.0, &left) || is(0.0, &right) => return Some(truth_of(false)),
        "or" if is(1.0, &left) || is(1.0, &right) => return Some(truth_of(true)),
        _ => {}
    }
    match (left, right) {
        (Value::Null, _) | (_, Value::Null) => Some(Value::Null),
        (Value::Number(left), Value::Number(right)) => Some(match joint {
            "+" => Value::Number(left + right),
            "-" => Value::Number(left - right),
            "*" => Value::Number(left * right),
            "/" if right == 0.0 => return None,
            "/" => Value::Number(left / right),
            "and" => truth_of(left != 0.0 && right != 0.0),
            "or" => truth_of(left != 0.0 || right != 0.0),
            _ => truth_of(is_so(joint, left.total_cmp(&right))?),
        }),
        (Value::Text(left), Value::Text(right)) => Some(truth_of(match joint {
            "like" => is_like(&left, &right),
            _ => is_so(joint, left.cmp(&right))?,
        })),
        _ => None,
    }
}

fn is_so(joint: &str, order: Ordering) -> Option<bool> {
    Some(match joint {
        "=" => order.is_eq(),
        "<>" => order.is_ne(),
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">" => order.is_gt(),
        ">=" => order.is_ge(),
        _ => return None,
    })
}

/// Whether a text has this form: `%` stands for anything, `_` for one character.
fn is_like(text: &str, form: &str) -> bool {
    let (text, form): (Vec<char>, Vec<char>) = (text.chars().collect(), form.chars().collect());
    // Which beginnings of the text the form so far fits.
    let mut fits: Vec<bool> = (0..=text.len()).map(|length| length == 0).collect();
    for each in form {
        if each == '%' {
            let first = fits.iter().position(|fits| *fits).unwrap_or(fits.len());
            fits.iter_mut().skip(first).for_each(|fits| *fits = true);
        } else {
            let shifted = fits.iter().zip(&text).map(|(fits, &char)| *fits && (each == '_' || each == char));
            fits = std::iter::once(false).chain(shifted).collect();
        }
    }
    fits.last().copied().unwrap_or(false)
}

/// An order of all values; equal are those that stand for the same.
fn compare(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) if (one - other).abs() <= 1e-9 * one.abs().max(1.0) => {
            Ordering::Equal
        }
        (Value::Number(one), Value::Number(other)) => one.total_cmp(other),
        (Value::Text(one), Value::Text(other)) => one.cmp(other),
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Number(_), _) | (Value::Text(_), Value::Null) => Ordering::Less,
        (Value::Null, _) | (Value::Text(_), Value::Number(_)) => Ordering::Greater,
    }
}

/// The same for rows; a longer one comes after a shorter one.
pub(super) fn compare_rows(one: &Row, other: &Row) -> Ordering {
    let by_length = one.len().cmp(&other.len());
    one.iter().zip(other).map(|(one, other)| compare(one, other)).fold(by_length, Ordering::then)
}

//! Queries over one table. Held out are whole queries: combinations of table, column and value that were not
//! trained on, in any wording.
//!
//! Must not: join, or ask for a column that the table lacks.

use super::Question;
use crate::dice::Dice;

struct Table {
    name: &'static str,
    numbers: &'static [&'static str],
    texts: &'static [(&'static str, &'static [&'static str])],
}

const CITIES: &[&str] = &["Paris", "London", "Berlin", "Rome", "Madrid", "Vienna"];

const TABLES: [Table; 7] = [
    Table {
        name: "employees",
        numbers: &["age", "salary"],
        texts: &[
            ("name", &["Anna", "Tom"]),
            ("city", CITIES),
            ("department", &["sales", "research", "support"]),
        ],
    },
    Table {
        name: "products",
        numbers: &["price", "stock", "weight"],
        texts: &[
            ("name", &["chair", "lamp"]),
            ("category", &["books", "toys", "food"]),
            ("color", &["red", "blue", "green"]),
        ],
    },
    Table {
        name: "students",
        numbers: &["age", "grade"],
        texts: &[("name", &["Anna", "Tom"]), ("city", CITIES), ("school", &["north", "south"])],
    },
    Table {
        name: "orders",
        numbers: &["amount", "price"],
        texts: &[("customer", &["Anna", "Tom"]), ("status", &["open", "paid", "sent"]), ("city", CITIES)],
    },
    Table {
        name: "books",
        numbers: &["year", "pages", "price"],
        texts: &[
            ("title", &["Dune", "Emma"]),
            ("author", &["Austen", "Herbert"]),
            ("language", &["English", "German", "French"]),
        ],
    },
    Table {
        name: "customers",
        numbers: &["age", "orders"],
        texts: &[("name", &["Anna", "Tom"]), ("city", CITIES), ("country", &["France", "Germany", "Italy"])],
    },
    Table {
        name: "cars",
        numbers: &["year", "price", "speed"],
        texts: &[("brand", &["Volvo", "Fiat", "Ford"]), ("color", &["red", "blue", "green"])],
    },
];

const SHOW: [&str; 4] = ["Show", "List", "Get", "Select"];
const OVER: [&str; 3] = ["greater than", "above", "over"];
const UNDER: [&str; 3] = ["less than", "below", "under"];

fn column(table: &Table, dice: &mut Dice) -> &'static str {
    let at = dice.below(table.numbers.len() + table.texts.len());
    table.numbers.get(at).copied().unwrap_or_else(|| table.texts[at.saturating_sub(table.numbers.len())].0)
}

fn value(number: &str, dice: &mut Dice) -> usize {
    match number {
        "year" => dice.between(1990, 2025),
        "salary" => 1000 * dice.between(1, 9),
        "age" => dice.between(10, 70),
        _ => *dice.pick(&[5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 80, 100, 150, 200, 250, 300, 500]),
    }
}

/// A condition in words and in SQL.
fn condition(table: &Table, dice: &mut Dice) -> (String, String) {
    if dice.percent(60) {
        let number = *dice.pick(table.numbers);
        let than = value(number, dice);
        let (words, sign) = if dice.percent(50) { (dice.pick(&OVER), ">") } else { (dice.pick(&UNDER), "<") };
        return (format!("with {number} {words} {than}"), format!("{number} {sign} {than}"));
    }
    let (text, values) = *dice.pick(table.texts);
    let is = *dice.pick(values);
    (format!("where {text} is {is}"), format!("{text} = '{is}'"))
}

/// Wording and query.
fn query(dice: &mut Dice) -> (String, String) {
    let table = dice.pick(&TABLES);
    let name = table.name;
    let show = *dice.pick(&SHOW);
    match dice.below(20) {
        0..=4 => {
            let (words, sql) = condition(table, dice);
            (format!("{show} all {name} {words}."), format!("SELECT * FROM {name} WHERE {sql};"))
        }
        5..=8 => {
            let what = column(table, dice);
            let (words, sql) = condition(table, dice);
            (
                format!("{show} the {what} of all {name} {words}."),
                format!("SELECT {what} FROM {name} WHERE {sql};"),
            )
        }
        9..=11 => {
            let (words, sql) = condition(table, dice);
            let (front, back) = *dice.pick(&[("How many", "are there?"), ("Count the", "")]);
            let text = format!("{front} {name} {words} {back}");
            let text = text.trim_end().to_owned() + if back.is_empty() { "." } else { "" };
            (text, format!("SELECT COUNT(*) FROM {name} WHERE {sql};"))
        }
        12 => {
            let (words, sql) = *dice.pick(&[
                ("How many {t} are there?", "SELECT COUNT(*) FROM {t};"),
                ("Count all {t}.", "SELECT COUNT(*) FROM {t};"),
                ("Show all {t}.", "SELECT * FROM {t};"),
                ("List all {t}.", "SELECT * FROM {t};"),
            ]);
            (words.replace("{t}", name), sql.replace("{t}", name))
        }
        13 => {
            let what = column(table, dice);
            (format!("{show} the {what} of all {name}."), format!("SELECT {what} FROM {name};"))
        }
        14..=15 => {
            let by = column(table, dice);
            let (words, sql) = *dice.pick(&[("", ""), (" in descending order", " DESC")]);
            let sorted = *dice.pick(&["sorted", "ordered"]);
            (
                format!("{show} all {name} {sorted} by {by}{words}."),
                format!("SELECT * FROM {name} ORDER BY {by}{sql};"),
            )
        }
        16..=17 => {
            let of = *dice.pick(table.numbers);
            let (words, sql) = *dice.pick(&[
                ("average", "AVG"),
                ("highest", "MAX"),
                ("largest", "MAX"),
                ("lowest", "MIN"),
                ("smallest", "MIN"),
                ("total", "SUM"),
            ]);
            let asked = *dice.pick(&["What is the", "Find the", "Show the"]);
            let end = if asked.starts_with("What") { "?" } else { "." };
            (format!("{asked} {words} {of} of all {name}{end}"), format!("SELECT {sql}({of}) FROM {name};"))
        }
        18 => {
            let by = *dice.pick(table.numbers);
            let most = dice.between(2, 10);
            (
                format!("{show} the top {most} {name} by {by}."),
                format!("SELECT * FROM {name} ORDER BY {by} DESC LIMIT {most};"),
            )
        }
        _ => {
            let (what, _) = *dice.pick(table.texts);
            if dice.percent(50) {
                (
                    format!("{show} the different {what} values of all {name}."),
                    format!("SELECT DISTINCT {what} FROM {name};"),
                )
            } else {
                (
                    format!("Count the {name} per {what}."),
                    format!("SELECT {what}, COUNT(*) FROM {name} GROUP BY {what};"),
                )
            }
        }
    }
}

/// One query.
pub(super) fn ask(dice: &mut Dice) -> Question {
    let (words, sql) = query(dice);
    let text = match dice.below(100) {
        0..=69 => words,
        70..=79 => format!("SQL: {words}"),
        80..=89 => format!("Write a SQL query: {words}"),
        _ => format!("Write SQL. {words}"),
    };
    // Queries without a value are few: what is held out of them is the wording.
    let rare = !sql.contains("WHERE") && !sql.contains("LIMIT");
    let key = if rare { format!("{text}/{sql}") } else { sql.clone() };
    Question::new(key, text, sql.clone(), sql)
}

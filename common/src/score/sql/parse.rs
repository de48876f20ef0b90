//! What a statement says.
//!
//! Must not: run it, or nest deeper than anybody writes (an answer may hold anything).

use super::words::{Word, words};

/// Deepest nesting of parentheses and the like.
const DEEPEST: usize = 24;
/// Queries in queries; each is run anew for every row of the one around it.
const MOST_QUERIES: usize = 2;

/// Something that has a value in a row or in a group of rows.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    Null,
    Number(f64),
    Text(String),
    Column(String),
    Not(Box<Self>),
    /// Arithmetic, comparison, `and`, `or`, `like`.
    Two(&'static str, Box<Self>, Box<Self>),
    IsNull(Box<Self>),
    In(Box<Self>, Vec<Self>),
    /// `count`, `sum`, `avg`, `min`, `max`; of distinct values only or not; `None` counts rows.
    Total(&'static str, bool, Option<Box<Self>>),
    /// The one value, or the column of values, of another query.
    Query(Box<Select>),
}

/// A query.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Select {
    pub(super) is_distinct: bool,
    /// Each with the name that it is given; empty stands for all columns.
    pub(super) items: Vec<(Expr, Option<String>)>,
    pub(super) table: String,
    pub(super) condition: Option<Expr>,
    pub(super) groups: Vec<Expr>,
    pub(super) having: Option<Expr>,
    /// What it is sorted by, and whether downwards.
    pub(super) order: Vec<(Expr, bool)>,
    pub(super) limit: Option<f64>,
    pub(super) offset: f64,
}

impl Select {
    /// What a name that was given to an item stands for.
    pub(super) fn meant<'a>(&'a self, expr: &'a Expr) -> &'a Expr {
        let Expr::Column(name) = expr else { return expr };
        let named = self.items.iter().find(|(_, alias)| alias.as_ref() == Some(name));
        named.map_or(expr, |(item, _)| item)
    }
}

/// A statement.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Statement {
    Select(Select),
    Delete { table: String, condition: Option<Expr> },
    Update { table: String, changes: Vec<(String, Expr)>, condition: Option<Expr> },
    Insert { table: String, columns: Vec<String>, rows: Vec<Vec<Expr>> },
}

const TOTALS: [&str; 5] = ["count", "sum", "avg", "min", "max"];
const COMPARISONS: [&str; 7] = ["=", "<>", "!=", "<=", ">=", "<", ">"];
/// Words that end an item, so that they are no name for it.
const CLAUSES: [&str; 9] = ["from", "where", "group", "having", "order", "limit", "offset", "asc", "desc"];

struct Parser {
    words: std::iter::Peekable<std::vec::IntoIter<Word>>,
    depth: usize,
    /// Queries around this one.
    queries: usize,
}

impl Statement {
    /// Reads one statement; `None` where it is not understood.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parser = Parser { words: words(text)?.into_iter().peekable(), depth: 0, queries: 0 };
        let statement = parser.statement()?;
        parser.sign(";");
        parser.words.peek().is_none().then_some(statement)
    }
}

impl Parser {
    fn statement(&mut self) -> Option<Statement> {
        if self.word("delete") {
            self.expect("from")?;
            let table = self.table()?;
            return Some(Statement::Delete { table, condition: self.clause("where")? });
        }
        if self.word("update") {
            let table = self.table()?;
            self.expect("set")?;
            let mut changes = Vec::new();
            loop {
                let column = self.name()?;
                self.sign("=").then_some(())?;
                changes.push((column, self.expr()?));
                if !self.sign(",") {
                    break;
                }
            }
            return Some(Statement::Update { table, changes, condition: self.clause("where")? });
        }
        if self.word("insert") {
            self.expect("into")?;
            let table = self.table()?;
            let mut columns = Vec::new();
            if self.sign("(") {
                columns = self.list(Self::name)?;
                self.sign(")").then_some(())?;
            }
            self.expect("values")?;
            let rows = self.list(|parser| {
                parser.sign("(").then_some(())?;
                let row = parser.list(Self::expr)?;
                parser.sign(")").then_some(row)
            })?;
            return Some(Statement::Insert { table, columns, rows });
        }
        self.select().map(Statement::Select)
    }

    fn select(&mut self) -> Option<Select> {
        self.expect("select")?;
        let is_distinct = self.word("distinct");
        let items = if self.sign("*") { Vec::new() } else { self.list(Self::item)? };
        self.expect("from")?;
        let table = self.table()?;
        let condition = self.clause("where")?;
        let mut groups = Vec::new();
        if self.word("group") {
            self.expect("by")?;
            groups = self.list(Self::expr)?;
        }
        let having = self.clause("having")?;
        let mut order = Vec::new();
        if self.word("order") {
            self.expect("by")?;
            order = self.list(|parser| {
                let key = parser.expr()?;
                let is_down = parser.word("desc");
                if !is_down {
                    parser.word("asc");
                }
                Some((key, is_down))
            })?;
        }
        let limit = if self.word("limit") { Some(self.number()?) } else { None };
        let offset = if self.word("offset") { self.number()? } else { 0.0 };
        Some(Select { is_distinct, items, table, condition, groups, having, order, limit, offset })
    }

    /// A table; the name that it is given changes nothing, because there is only one.
    fn table(&mut self) -> Option<String> {
        let table = self.name()?;
        let is_named = self.word("as");
        if let Some(Word::Name(next)) = self.words.peek()
            && (is_named || !(CLAUSES.contains(&next.as_str()) || matches!(next.as_str(), "set" | "values")))
        {
            self.name()?;
        }
        Some(table)
    }

    fn item(&mut self) -> Option<(Expr, Option<String>)> {
        let expr = self.expr()?;
        let is_named = self.word("as");
        let alias = match self.words.peek() {
            Some(Word::Name(next)) if is_named || !CLAUSES.contains(&next.as_str()) => Some(self.name()?),
            _ => None,
        };
        Some((expr, alias))
    }

    fn clause(&mut self, word: &str) -> Option<Option<Expr>> {
        if self.word(word) { self.expr().map(Some) } else { Some(None) }
    }

    fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut list = vec![one(self)?];
        while self.sign(",") {
            list.push(one(self)?);
        }
        Some(list)
    }

    fn expr(&mut self) -> Option<Expr> {
        self.depth += 1;
        let found = if self.depth > DEEPEST { None } else { self.chain(&["or"], Self::conjunction) };
        self.depth -= 1;
        found
    }

    fn conjunction(&mut self) -> Option<Expr> {
        self.chain(&["and"], Self::negation)
    }

    fn negation(&mut self) -> Option<Expr> {
        let mut is_negated = false;
        while self.word("not") {
            is_negated = !is_negated;
        }
        let expr = self.comparison()?;
        Some(if is_negated { not(expr) } else { expr })
    }

    fn comparison(&mut self) -> Option<Expr> {
        let left = self.sum()?;
        if let Some(sign) = COMPARISONS.into_iter().find(|sign| self.sign(sign)) {
            return Some(two(if sign == "!=" { "<>" } else { sign }, left, self.sum()?));
        }
        if self.word("is") {
            let is_negated = self.word("not");
            self.expect("null")?;
            let expr = Expr::IsNull(Box::new(left));
            return Some(if is_negated { not(expr) } else { expr });
        }
        let is_negated = self.word("not");
        let expr = if self.word("between") {
            let low = self.sum()?;
            self.expect("and")?;
            let high = self.sum()?;
            two("and", two(">=", left.clone(), low), two("<=", left, high))
        } else if self.word("like") {
            two("like", left, self.sum()?)
        } else if self.word("in") {
            self.sign("(").then_some(())?;
            let list = self.list(|parser| if parser.is_query() { parser.query() } else { parser.expr() })?;
            self.sign(")").then_some(())?;
            Expr::In(Box::new(left), list)
        } else if is_negated {
            return None;
        } else {
            return Some(left);
        };
        Some(if is_negated { not(expr) } else { expr })
    }

    fn sum(&mut self) -> Option<Expr> {
        self.chain(&["+", "-"], |parser| parser.chain(&["*", "/"], Self::unary))
    }

    fn unary(&mut self) -> Option<Expr> {
        if self.sign("-") {
            return Some(two("-", Expr::Number(0.0), self.primary()?));
        }
        self.primary()
    }

    fn primary(&mut self) -> Option<Expr> {
        if self.sign("(") {
            let inside = if self.is_query() { self.query()? } else { self.expr()? };
            return self.sign(")").then_some(inside);
        }
        match self.words.next()? {
            Word::Number(number) => Some(Expr::Number(number)),
            Word::Text(text) => Some(Expr::Text(text)),
            Word::Sign(_) => None,
            Word::Name(name) if name == "null" => Some(Expr::Null),
            Word::Name(name) => {
                if self.sign("(") {
                    let total = TOTALS.into_iter().find(|total| *total == name)?;
                    let is_distinct = self.word("distinct");
                    let of = if self.sign("*") { None } else { Some(Box::new(self.expr()?)) };
                    let is_whole = self.sign(")") && (of.is_some() || total == "count" && !is_distinct);
                    return is_whole.then_some(Expr::Total(total, is_distinct, of));
                }
                if self.sign(".") {
                    return self.name().map(Expr::Column);
                }
                Some(Expr::Column(name))
            }
        }
    }

    fn is_query(&mut self) -> bool {
        self.words.peek() == Some(&Word::Name("select".to_owned()))
    }

    fn query(&mut self) -> Option<Expr> {
        self.queries += 1;
        let found = if self.queries > MOST_QUERIES { None } else { self.select() };
        self.queries -= 1;
        found.map(|select| Expr::Query(Box::new(select)))
    }

    /// Operands joined by some of these words or signs, from left to right.
    fn chain(
        &mut self,
        joints: &[&'static str],
        mut one: impl FnMut(&mut Self) -> Option<Expr>,
    ) -> Option<Expr> {
        let mut left = one(self)?;
        while let Some(joint) = joints.iter().find(|joint| self.word(joint) || self.sign(joint)) {
            left = two(joint, left, one(self)?);
        }
        Some(left)
    }

    fn word(&mut self, word: &str) -> bool {
        self.words.next_if(|next| matches!(next, Word::Name(name) if name == word)).is_some()
    }

    fn sign(&mut self, sign: &str) -> bool {
        self.words.next_if(|next| matches!(next, Word::Sign(next) if *next == sign)).is_some()
    }

    fn expect(&mut self, word: &str) -> Option<()> {
        self.word(word).then_some(())
    }

    fn name(&mut self) -> Option<String> {
        match self.words.next()? {
            Word::Name(name) => Some(name),
            _ => None,
        }
    }

    fn number(&mut self) -> Option<f64> {
        match self.words.next()? {
            Word::Number(number) => Some(number),
            _ => None,
        }
    }
}

fn two(joint: &'static str, left: Expr, right: Expr) -> Expr {
    Expr::Two(joint, Box::new(left), Box::new(right))
}

fn not(expr: Expr) -> Expr {
    Expr::Not(Box::new(expr))
}

//! Columns that users write themselves: a small expression grammar over column names.
//!
//! ```text
//! comparison = sum (("<" | "<=" | ">" | ">=" | "=" | "!=") sum)?      1 or 0
//! sum        = product (("+" | "-") product)*
//! product    = unary (("*" | "×" | "/" | "÷") unary)*
//! unary      = "-" unary | power
//! power      = atom ("^" unary)?                                       right-associative
//! atom       = number | column | function "(" comparison ("," comparison)* ")" | "(" comparison ")"
//! function   = min | max | log | abs                                   log is natural
//! number     = digits with a point, and an exponent where wanted: 1e9, 2.5e-3
//! ```
//!
//! Must not: run anything but arithmetic, recurse without bound, or turn a missing value into a number.

mod parse;

/// Most characters of a formula.
pub const MAX_CHARS: usize = 200;

/// A parsed formula.
#[derive(Debug, Clone, PartialEq)]
pub struct Formula(Expression);

#[derive(Debug, Clone, PartialEq)]
enum Expression {
    Number(f64),
    Column(String),
    Negative(Box<Expression>),
    Binary(Operator, Box<Expression>, Box<Expression>),
    Call(Function, Vec<Expression>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Function {
    Min,
    Max,
    Log,
    Abs,
}

/// Why a text is not a formula: where, and what was expected there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at character {at}: {what}")]
pub struct FormulaError {
    /// Which character, from 1.
    pub at: usize,
    /// What was found and what was expected.
    pub what: String,
}

impl Formula {
    /// Parses a text over the columns that `knows` accepts.
    ///
    /// # Errors
    /// [`FormulaError`] names the place and what was expected.
    pub fn parse(text: &str, knows: &dyn Fn(&str) -> bool) -> Result<Self, FormulaError> {
        parse::formula(text, knows).map(Self)
    }

    /// The value for one row. `None` where a column has no value there, or where any part of the formula is not a finite
    /// number: a division by zero is no number that something may be compared with.
    pub fn value(&self, column: &dyn Fn(&str) -> Option<f64>) -> Option<f64> {
        self.0.value(column)
    }
}

impl Expression {
    fn value(&self, column: &dyn Fn(&str) -> Option<f64>) -> Option<f64> {
        let value = match self {
            Self::Number(number) => *number,
            Self::Column(name) => column(name)?,
            Self::Negative(inner) => -inner.value(column)?,
            Self::Binary(operator, left, right) => operator.apply(left.value(column)?, right.value(column)?),
            Self::Call(function, arguments) => {
                let values: Option<Vec<f64>> = arguments.iter().map(|each| each.value(column)).collect();
                function.apply(&values?)?
            }
        };
        value.is_finite().then_some(value)
    }
}

impl Operator {
    fn apply(self, left: f64, right: f64) -> f64 {
        let truth = |holds: bool| if holds { 1.0 } else { 0.0 };
        match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
            Self::Power => left.powf(right),
            Self::Less => truth(left < right),
            Self::LessOrEqual => truth(left <= right),
            Self::Greater => truth(left > right),
            Self::GreaterOrEqual => truth(left >= right),
            Self::Equal => truth(left == right),
            Self::NotEqual => truth(left != right),
        }
    }
}

impl Function {
    fn named(name: &str) -> Option<Self> {
        match name {
            "min" => Some(Self::Min),
            "max" => Some(Self::Max),
            "log" => Some(Self::Log),
            "abs" => Some(Self::Abs),
            _ => None,
        }
    }

    fn apply(self, values: &[f64]) -> Option<f64> {
        match self {
            Self::Min => values.iter().copied().reduce(f64::min),
            Self::Max => values.iter().copied().reduce(f64::max),
            Self::Log => values.first().map(|value| value.ln()),
            Self::Abs => values.first().map(|value| value.abs()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn knows(name: &str) -> bool {
        ["energy_j", "latency_s", "quality"].contains(&name)
    }

    fn value(text: &str) -> Option<f64> {
        Formula::parse(text, &knows).unwrap().value(&|name| match name {
            "energy_j" => Some(12.0),
            "latency_s" => Some(4.0),
            _ => None,
        })
    }

    #[test]
    fn arithmetic_binds_as_in_school() {
        assert_eq!(value("1 + 2 × 3"), Some(7.0));
        assert_eq!(value("2 ^ 3 ^ 2"), Some(512.0));
        assert_eq!(value("-2 ^ 2"), Some(-4.0));
        assert_eq!(value("2 ^ -1"), Some(0.5));
        assert_eq!(value("10 − 4 − 3"), Some(3.0));
        assert_eq!(value("(1 + 2) * 3 ÷ 9"), Some(1.0));
        assert_eq!(value("energy_j / latency_s"), Some(3.0));
        assert_eq!(value("max(1, energy_j, 5) + min(3, 2) + abs(-1) + log(1)"), Some(15.0));
        assert_eq!(value("1.5e3 + 2E-1 - 1e+2"), Some(1400.2));
        assert_eq!(value("energy_j >= 12"), Some(1.0));
        assert_eq!(value("(energy_j != 12) + 1"), Some(1.0));
    }

    #[test]
    fn a_missing_value_or_a_division_by_zero_gives_no_value() {
        assert_eq!(value("quality + 1"), None);
        assert_eq!(value("1 / 0"), None);
        assert_eq!(value("log(-1)"), None);
    }

    #[test]
    fn a_part_without_a_value_leaves_the_whole_without_one() {
        for undefined in [
            "min(log(-1), 5)",
            "max(5, log(-1))",
            "1/0 > 5",
            "0/0 != 1",
            "1 / (1/0)",
            "1 ^ (0/0)",
            "abs(log(0)) = 1",
        ] {
            assert_eq!(value(undefined), None, "{undefined}");
        }
    }

    #[test]
    fn errors_say_where_and_what() {
        let error = |text: &str| Formula::parse(text, &knows).unwrap_err().to_string();
        assert_eq!(
            error("1 +"),
            "at character 4: the formula ends where a number, a column or \"(\" should stand"
        );
        assert_eq!(error("joules * 2"), "at character 1: there is no column joules");
        assert_eq!(error("(1 + 2"), "at character 7: a \")\" is missing here");
        assert_eq!(
            error("1 2"),
            "at character 3: the number 2 is left over; expected an operator or the end"
        );
        assert_eq!(error("eval(1)"), "at character 1: there is no function eval; use min, max, log or abs");
        assert_eq!(error("1 ; 2"), "at character 3: ';' has no meaning in a formula");
        assert_eq!(error("1.2.3"), "at character 1: \"1.2.3\" is not a number");
        assert!(error(&"(".repeat(150)).contains("nested deeper"));
        assert!(error(&"1+".repeat(150)).contains("at most 200 characters"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[0-9a-z_+*/^()<>=!,. -]{0,200}") {
            if let Ok(formula) = Formula::parse(&text, &|_| true) {
                prop_assert!(formula.value(&|_| Some(2.0)).is_none_or(f64::is_finite));
            }
        }

        #[test]
        fn numbers_as_people_write_them_are_read_to_the_last_bit(
            digits in 0u64..1_000_000_000_000_000, decimals in 0usize..15, exponent in -6i32..7,
        ) {
            let text = format!("{digits:0>16}");
            let (whole, fraction) = text.split_at(16 - decimals);
            let number = format!("{whole}.{fraction}e{exponent}");
            let formula = Formula::parse(&number, &knows).unwrap();
            prop_assert_eq!(formula.value(&|_| None), number.parse::<f64>().ok());
        }
    }
}

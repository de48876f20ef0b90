//! From text to the tree of a formula.
//!
//! Must not: evaluate.

use std::fmt;

use super::{Expression, FormulaError, Function, MAX_CHARS, Operator};

/// Deepest nesting of parentheses, signs and powers.
const MAX_DEPTH: usize = 32;

/// Parses a whole formula.
pub(super) fn formula(text: &str, knows: &dyn Fn(&str) -> bool) -> Result<Expression, FormulaError> {
    let count = text.chars().count();
    if count > MAX_CHARS {
        let what = format!("a formula has at most {MAX_CHARS} characters; this one has {count}");
        return Err(FormulaError { at: MAX_CHARS + 1, what });
    }
    let mut parser = Parser { tokens: tokens(text)?, next: 0, end: count + 1, depth: 0, knows };
    let expression = parser.comparison()?;
    match parser.peek() {
        None => Ok(expression),
        Some(token) => {
            Err(parser.expected(&format!("{token} is left over; expected an operator or the end")))
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(f64),
    Name(String),
    Operator(Operator),
    Open,
    Close,
    Comma,
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "the number {number}"),
            Self::Name(name) => write!(f, "the name {name}"),
            Self::Operator(_) => f.write_str("an operator"),
            Self::Open => f.write_str("\"(\""),
            Self::Close => f.write_str("\")\""),
            Self::Comma => f.write_str("\",\""),
        }
    }
}

fn tokens(text: &str) -> Result<Vec<(usize, Token)>, FormulaError> {
    let chars: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(&first) = chars.get(at) {
        let start = at;
        at += 1;
        let token = match first {
            space if space.is_whitespace() => continue,
            '+' => Token::Operator(Operator::Add),
            '-' | '−' => Token::Operator(Operator::Subtract),
            '*' | '×' => Token::Operator(Operator::Multiply),
            '/' | '÷' => Token::Operator(Operator::Divide),
            '^' => Token::Operator(Operator::Power),
            '=' => Token::Operator(Operator::Equal),
            '(' => Token::Open,
            ')' => Token::Close,
            ',' => Token::Comma,
            '<' | '>' | '!' => {
                let with_equal = chars.get(at) == Some(&'=');
                at += usize::from(with_equal);
                match (first, with_equal) {
                    ('<', false) => Token::Operator(Operator::Less),
                    ('<', true) => Token::Operator(Operator::LessOrEqual),
                    ('>', false) => Token::Operator(Operator::Greater),
                    ('>', true) => Token::Operator(Operator::GreaterOrEqual),
                    (_, true) => Token::Operator(Operator::NotEqual),
                    (_, false) => {
                        return Err(FormulaError {
                            at: start + 1,
                            what: "\"!\" needs a \"=\" after it".to_owned(),
                        });
                    }
                }
            }
            digit if digit.is_ascii_digit() || digit == '.' => {
                while chars.get(at).is_some_and(|c| c.is_ascii_digit() || *c == '.') {
                    at += 1;
                }
                // 1e9 and 2.5e-3: an exponent only where digits follow, so that a name may start with e.
                if chars.get(at).is_some_and(|c| matches!(c, 'e' | 'E')) {
                    let signed = usize::from(matches!(chars.get(at + 1), Some('-' | '+' | '−')));
                    if chars.get(at + 1 + signed).is_some_and(char::is_ascii_digit) {
                        at += 1 + signed;
                        while chars.get(at).is_some_and(char::is_ascii_digit) {
                            at += 1;
                        }
                    }
                }
                let number: String = chars[start..at].iter().collect();
                let parsed = decimal(&number).ok_or_else(|| FormulaError {
                    at: start + 1,
                    what: format!("\"{number}\" is not a number"),
                })?;
                Token::Number(parsed)
            }
            letter if is_letter(letter) || letter == '_' => {
                while chars.get(at).is_some_and(|c| is_letter(*c) || c.is_ascii_digit() || *c == '_') {
                    at += 1;
                }
                Token::Name(chars[start..at].iter().collect())
            }
            other => {
                return Err(FormulaError {
                    at: start + 1,
                    what: format!("'{other}' has no meaning in a formula"),
                });
            }
        };
        found.push((start + 1, token));
    }
    Ok(found)
}

/// Letters, and whatever is not ASCII: the tables that tell the world's letters from its signs weigh 4 kB of the page.
const fn is_letter(letter: char) -> bool {
    letter.is_ascii_alphabetic() || !letter.is_ascii()
}

/// The value of digits with at most one point and an exponent. Exact to the last bit for up to fifteen digits and
/// exponents up to 22, as people write them; the general reading of numbers weighs 13 kB of the page.
fn decimal(text: &str) -> Option<f64> {
    let (digits, exponent) = match text.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, exponent.replace('−', "-").parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut value = 0.0;
    let mut count = 0;
    for digit in whole.chars().chain(fraction.chars()) {
        value = value * 10.0 + f64::from(digit.to_digit(10)?);
        count += 1;
    }
    let scale = exponent - i32::try_from(fraction.len()).ok()?;
    let power = 10f64.powi(scale.abs());
    (count > 0).then(|| if scale < 0 { value / power } else { value * power })
}

struct Parser<'a> {
    tokens: Vec<(usize, Token)>,
    next: usize,
    end: usize,
    depth: usize,
    knows: &'a dyn Fn(&str) -> bool,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(_, token)| token)
    }

    fn take(&mut self) -> Option<Token> {
        let token = self.peek().cloned();
        self.next += 1;
        token
    }

    fn expected(&self, what: &str) -> FormulaError {
        let at = self.tokens.get(self.next).map_or(self.end, |(at, _)| *at);
        FormulaError { at, what: what.to_owned() }
    }

    fn operator(&mut self, among: &[Operator]) -> Option<Operator> {
        match self.peek() {
            Some(Token::Operator(operator)) if among.contains(operator) => {
                let operator = *operator;
                self.next += 1;
                Some(operator)
            }
            _ => None,
        }
    }

    fn comparison(&mut self) -> Result<Expression, FormulaError> {
        use Operator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        let left = self.sum()?;
        let found = self.operator(&[Less, LessOrEqual, Greater, GreaterOrEqual, Equal, NotEqual]);
        match found {
            Some(operator) => Ok(Expression::Binary(operator, Box::new(left), Box::new(self.sum()?))),
            None => Ok(left),
        }
    }

    fn sum(&mut self) -> Result<Expression, FormulaError> {
        let mut left = self.product()?;
        while let Some(operator) = self.operator(&[Operator::Add, Operator::Subtract]) {
            left = Expression::Binary(operator, Box::new(left), Box::new(self.product()?));
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Expression, FormulaError> {
        let mut left = self.unary()?;
        while let Some(operator) = self.operator(&[Operator::Multiply, Operator::Divide]) {
            left = Expression::Binary(operator, Box::new(left), Box::new(self.unary()?));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expression, FormulaError> {
        if self.depth >= MAX_DEPTH {
            return Err(
                self.expected(&format!("this is nested deeper than {MAX_DEPTH} levels; make it simpler"))
            );
        }
        self.depth += 1;
        let result = match self.operator(&[Operator::Subtract]) {
            Some(_) => self.unary().map(|inner| Expression::Negative(Box::new(inner))),
            None => self.power(),
        };
        self.depth -= 1;
        result
    }

    fn power(&mut self) -> Result<Expression, FormulaError> {
        let base = self.atom()?;
        match self.operator(&[Operator::Power]) {
            Some(operator) => Ok(Expression::Binary(operator, Box::new(base), Box::new(self.unary()?))),
            None => Ok(base),
        }
    }

    fn atom(&mut self) -> Result<Expression, FormulaError> {
        match self.peek() {
            Some(Token::Number(number)) => {
                let number = *number;
                self.next += 1;
                Ok(Expression::Number(number))
            }
            Some(Token::Name(name)) => {
                let name = name.clone();
                self.named(&name)
            }
            Some(Token::Open) => {
                self.next += 1;
                let inner = self.comparison()?;
                self.close()?;
                Ok(inner)
            }
            Some(token) => {
                Err(self.expected(&format!("{token} stands where a number, a column or \"(\" should")))
            }
            None => Err(self.expected("the formula ends where a number, a column or \"(\" should stand")),
        }
    }

    fn named(&mut self, name: &str) -> Result<Expression, FormulaError> {
        let is_call = matches!(self.tokens.get(self.next + 1), Some((_, Token::Open)));
        match Function::named(name) {
            Some(function) if is_call => {
                self.next += 2;
                let mut arguments = vec![self.comparison()?];
                while self.peek() == Some(&Token::Comma) {
                    self.next += 1;
                    arguments.push(self.comparison()?);
                }
                let takes_one = matches!(function, Function::Log | Function::Abs);
                if takes_one && arguments.len() != 1 {
                    return Err(self.expected(&format!("{name} takes one value, not {}", arguments.len())));
                }
                self.close()?;
                Ok(Expression::Call(function, arguments))
            }
            _ if is_call => {
                Err(self.expected(&format!("there is no function {name}; use min, max, log or abs")))
            }
            _ if (self.knows)(name) => {
                self.next += 1;
                Ok(Expression::Column(name.to_owned()))
            }
            _ => Err(self.expected(&format!("there is no column {name}"))),
        }
    }

    fn close(&mut self) -> Result<(), FormulaError> {
        if self.peek() == Some(&Token::Close) {
            self.take();
            return Ok(());
        }
        Err(self.expected("a \")\" is missing here"))
    }
}

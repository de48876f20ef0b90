//! Numbers: how many digits, which prefix, which unit.
//!
//! Must not: show a digit that the interval does not support.

use super::{MISSING, NBSP};

/// Digits of a figure that has no interval.
const DIGITS: i32 = 3;
/// Digits at most, however narrow the interval.
const MOST_DIGITS: i32 = 5;
const THIN_SPACE: char = '\u{202f}';

/// What a number counts, and with it how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Energy in joules.
    Joules,
    /// Energy in watt-hours.
    WattHours,
    /// Power in watts.
    Watts,
    /// Time in seconds.
    Seconds,
    /// Emissions in grams of CO2e.
    Grams,
    /// Memory in bytes.
    Bytes,
    /// Parameters of a model.
    Parameters,
    /// Output tokens per second.
    TokensPerSecond,
    /// A mean number of tokens.
    Tokens,
    /// A share between 0 and 1, written in percent.
    Share,
    /// Bits per weight.
    Bits,
    /// Output tokens per joule.
    TokensPerJoule,
    /// A number whose unit nobody knows, such as what a formula gives.
    Plain,
    /// A whole number of things.
    Count,
}

type Steps = &'static [(f64, &'static str)];

impl Quantity {
    /// Its units from small to large, each with its size.
    const fn steps(self) -> Steps {
        match self {
            Self::Joules => &[(1e-6, "µJ"), (1e-3, "mJ"), (1.0, "J"), (1e3, "kJ"), (1e6, "MJ")],
            Self::WattHours => &[(1e-9, "nWh"), (1e-6, "µWh"), (1e-3, "mWh"), (1.0, "Wh"), (1e3, "kWh")],
            Self::Watts => &[(1e-3, "mW"), (1.0, "W"), (1e3, "kW")],
            Self::Seconds => &[(1e-6, "µs"), (1e-3, "ms"), (1.0, "s")],
            Self::Grams => {
                &[(1e-9, "ng CO₂e"), (1e-6, "µg CO₂e"), (1e-3, "mg CO₂e"), (1.0, "g CO₂e"), (1e3, "kg CO₂e")]
            }
            Self::Bytes => &[(1.0, "B"), (1e3, "kB"), (1e6, "MB"), (1e9, "GB"), (1e12, "TB")],
            Self::Parameters => &[(1.0, ""), (1e3, "k"), (1e6, "M"), (1e9, "B"), (1e12, "T")],
            Self::TokensPerSecond => &[(1.0, "tokens/s")],
            Self::Tokens => &[(1.0, "tokens")],
            Self::Share => &[(1e-2, "%")],
            Self::Bits => &[(1.0, "bits")],
            Self::TokensPerJoule => &[(1.0, "tokens/J")],
            Self::Plain | Self::Count => &[(1.0, "")],
        }
    }

    fn step_for(self, magnitude: f64) -> (f64, &'static str) {
        let steps = self.steps();
        let base = steps.iter().find(|step| step.0 == 1.0).or(steps.first()).copied().unwrap_or((1.0, ""));
        if magnitude == 0.0 || !magnitude.is_finite() {
            return base;
        }
        // 999.6 would be written 1000: it belongs to the next unit.
        let fits = |step: &&(f64, &str)| magnitude.abs() >= step.0 * 0.9995;
        steps.iter().rev().find(fits).or(steps.first()).copied().unwrap_or(base)
    }
}

/// A figure as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The digits.
    pub number: String,
    /// Half-width of the 95 % interval in the same unit, where there is one.
    pub spread: Option<String>,
    /// The unit; empty where there is none.
    pub unit: String,
}

impl Text {
    /// Number and unit on one line: `1.87 kJ`.
    pub fn one_line(&self) -> String {
        join(&self.number, &self.unit)
    }

    /// Number, interval and unit on one line: `1.87 ± 0.05 kJ`.
    pub fn with_spread(&self) -> String {
        match &self.spread {
            Some(spread) => join(&format!("{}{NBSP}±{NBSP}{spread}", self.number), &self.unit),
            None => self.one_line(),
        }
    }
}

fn join(number: &str, unit: &str) -> String {
    match unit {
        "" => number.to_owned(),
        unit => format!("{number}{NBSP}{}", unit.replace(' ', "\u{a0}")),
    }
}

/// One figure with the unit that suits it; digits by the interval where there is one.
pub fn figure(quantity: Quantity, value: f64, half_width: Option<f64>) -> Text {
    let (size, unit) = quantity.step_for(value);
    let decimals = match quantity {
        Quantity::Count => 0,
        // A whole number of tokens is one, however many runs agree on it; a mean of several keeps a digit.
        Quantity::Tokens if half_width.is_none_or(|half| half == 0.0) => usize::from(!is_whole(value)),
        _ => decimals(value / size, half_width.map(|half| half / size)),
    };
    Text {
        number: fixed(value / size, decimals),
        spread: half_width.map(|half| fixed(half / size, decimals)),
        unit: unit.to_owned(),
    }
}

/// The same without an interval, on one line.
pub fn plain(quantity: Quantity, value: f64) -> String {
    figure(quantity, value, None).one_line()
}

/// A round number, such as a tick of a logarithmic axis: no digit more than it needs.
pub fn round(quantity: Quantity, value: f64) -> String {
    let (size, unit) = quantity.step_for(value);
    join(&rounded(value / size), unit)
}

fn rounded(value: f64) -> String {
    let place = floor_log10(value.abs() * (1.0 + 1e-9));
    fixed(value, usize::try_from(-place).unwrap_or(0).min(8))
}

/// A whole number with its thousands set apart.
pub fn compact(count: u64) -> String {
    group(&count.to_string())
}

/// A share in percent: `12 %`.
pub fn share(value: f64) -> String {
    let percent = value * 100.0;
    let decimals = if percent != 0.0 && percent.abs() < 9.95 { 1 } else { 0 };
    format!("{}{NBSP}%", fixed(percent, decimals))
}

/// How many times: `0.70×`; two digits of what is smaller, so that it is never nothing.
pub fn ratio(value: f64) -> String {
    let digits = decimals(value, None);
    let digits = if value.abs() < 0.1 { digits.saturating_sub(1) } else { digits.min(2) };
    format!("{}×", fixed(value, digits))
}

/// How one column of a table is written: one unit, one number of decimals, so that its numbers align.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    size: f64,
    decimals: usize,
    /// The unit for the column's header; empty where there is none.
    pub unit: &'static str,
}

impl Column {
    /// The unit and decimals that suit most of these values.
    pub fn of(quantity: Quantity, values: impl IntoIterator<Item = f64>) -> Self {
        let mut known: Vec<f64> =
            values.into_iter().filter(|value| value.is_finite() && *value != 0.0).map(f64::abs).collect();
        known.sort_by(f64::total_cmp);
        let typical = known.get(known.len() / 2).copied().unwrap_or(0.0);
        let (size, unit) = quantity.step_for(typical);
        let decimals = match quantity {
            Quantity::Count => 0,
            Quantity::Tokens => usize::from(!known.iter().copied().all(is_whole)),
            Quantity::Share if known.iter().all(|value| *value >= 0.0995) => 0,
            Quantity::Share => 1,
            _ => decimals(typical / size, None).min(4),
        };
        Self { size, decimals, unit }
    }

    /// The same unit with as many decimals as the ticks of an axis need to differ.
    #[must_use]
    pub fn ticks(&self, ticks: &[f64]) -> Self {
        let gap = ticks.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(f64::INFINITY, f64::min);
        let place = floor_log10(gap / self.size + gap / self.size * 1e-9);
        Self { decimals: usize::try_from(-place).unwrap_or(0).min(8), ..self.clone() }
    }

    /// The unit that suits the largest tick of an axis, and its decimals.
    pub fn of_ticks(quantity: Quantity, ticks: &[f64]) -> Self {
        let (size, unit) = quantity.step_for(ticks.iter().copied().fold(0.0, f64::max));
        Self { size, decimals: 0, unit }.ticks(ticks)
    }

    /// One cell.
    pub fn cell(&self, value: f64) -> String {
        let scaled = value / self.size;
        let shown = fixed(scaled, self.decimals);
        // A value too small for the column keeps a digit rather than becoming 0.
        if scaled != 0.0 && shown.bytes().all(|byte| matches!(byte, b'0' | b'.')) {
            return fixed(scaled, decimals(scaled, None).min(8));
        }
        shown
    }

    /// A round number in this unit, such as a tick of a logarithmic axis.
    pub fn round(&self, value: f64) -> String {
        rounded(value / self.size)
    }

    /// One cell that may be missing.
    pub fn cell_or_missing(&self, value: Option<f64>) -> String {
        value.filter(|value| value.is_finite()).map_or_else(|| MISSING.to_owned(), |value| self.cell(value))
    }

    /// One cell with its unit.
    pub fn with_unit(&self, value: f64) -> String {
        join(&self.cell(value), self.unit)
    }
}

/// Whether a value written with one decimal has nothing behind the point.
fn is_whole(value: f64) -> bool {
    (value * 10.0).round() % 10.0 == 0.0
}

/// Decimals so that a value shows three digits, or as many as its interval supports: the interval keeps one
/// digit, or two where it starts with a 1.
fn decimals(value: f64, half_width: Option<f64>) -> usize {
    let place = |value: f64| floor_log10(value.abs());
    // 0.9997 becomes 1.00, not 1.000.
    let plain = DIGITS - 1 - place(value * 1.000_5);
    let wanted = match half_width.filter(|half| half.is_finite() && *half > 0.0) {
        Some(half) => {
            let leading = half / 10f64.powi(place(half));
            let by_spread = if leading < 1.95 { 1 - place(half) } else { -place(half) };
            by_spread.min(MOST_DIGITS - 1 - place(value))
        }
        None => plain,
    };
    usize::try_from(wanted.clamp(0, 12)).unwrap_or(0)
}

/// The power of ten of a number; 0 for 0.
#[expect(clippy::as_conversions, reason = "the logarithm of any double lies far inside an i32")]
fn floor_log10(value: f64) -> i32 {
    if value == 0.0 || !value.is_finite() { 0 } else { value.log10().floor() as i32 }
}

fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return MISSING.to_owned();
    }
    let text = format!("{value:.decimals$}");
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("\u{2212}", rest));
    let is_zero = digits.bytes().all(|byte| byte == b'0' || byte == b'.');
    let (whole, rest) = digits.find('.').map_or((digits, ""), |dot| digits.split_at(dot));
    format!("{}{}{rest}", if is_zero { "" } else { sign }, group(whole))
}

/// Sets thousands apart from five digits on.
fn group(digits: &str) -> String {
    if digits.len() < 5 {
        return digits.to_owned();
    }
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(THIN_SPACE);
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(quantity: Quantity, value: f64, half: Option<f64>) -> String {
        figure(quantity, value, half).with_spread().replace(NBSP, " ")
    }

    #[test]
    fn a_round_number_has_no_digit_more_than_it_needs() {
        let joules = Column::of(Quantity::Joules, [0.01, 0.1, 1.0, 10.0, 100.0]);
        assert_eq!([0.01, 0.3, 1.0, 100.0].map(|tick| joules.round(tick)), ["0.01", "0.3", "1", "100"]);
        assert_eq!(round(Quantity::Parameters, 1e6).replace(NBSP, " "), "1 M");
        assert_eq!(round(Quantity::Parameters, 3e10).replace(NBSP, " "), "30 B");
    }

    #[test]
    fn a_whole_number_of_tokens_has_no_decimals_and_a_mean_has_one() {
        assert_eq!(plain(Quantity::Tokens, 8.0).replace(NBSP, " "), "8 tokens");
        assert_eq!(plain(Quantity::Tokens, 12.34).replace(NBSP, " "), "12.3 tokens");
        assert_eq!(plain(Quantity::Tokens, 12.999_999_9).replace(NBSP, " "), "13 tokens");
        let agreed = figure(Quantity::Tokens, 13.0, Some(0.0)).with_spread();
        assert_eq!(agreed.replace(NBSP, " "), "13 ± 0 tokens");
    }

    #[test]
    fn a_figure_without_an_interval_has_three_digits_and_a_fitting_prefix() {
        assert_eq!(text(Quantity::Joules, 1870.4, None), "1.87 kJ");
        assert_eq!(text(Quantity::Joules, 0.001_234, None), "1.23 mJ");
        assert_eq!(text(Quantity::Joules, 12.0, None), "12.0 J");
        assert_eq!(text(Quantity::Joules, 999.7, None), "1.00 kJ");
        assert_eq!(text(Quantity::WattHours, 0.104_17, None), "104 mWh");
        assert_eq!(text(Quantity::Grams, 7.1e-2, None), "71.0 mg CO₂e");
        assert_eq!(text(Quantity::Joules, 0.0, None), "0.00 J");
        assert_eq!(text(Quantity::Parameters, 1_049_000.0, None), "1.05 M");
    }

    #[test]
    fn the_interval_decides_how_many_digits_stand() {
        assert_eq!(text(Quantity::Joules, 12.3456, Some(2.4)), "12 ± 2 J");
        assert_eq!(text(Quantity::Joules, 12.3456, Some(0.14)), "12.35 ± 0.14 J");
        assert_eq!(text(Quantity::Joules, 12.3456, Some(0.031)), "12.35 ± 0.03 J");
        assert_eq!(text(Quantity::Joules, 12.3456, Some(1e-9)), "12.346 ± 0.000 J");
    }

    #[test]
    fn a_column_has_one_unit_and_one_number_of_decimals() {
        let column = Column::of(Quantity::Joules, [0.0123, 0.0456, 0.789]);
        assert_eq!(column.unit, "mJ");
        assert_eq!(column.cell(0.0123), "12.3");
        assert_eq!(column.cell(0.789), "789.0");
        assert_eq!(column.with_unit(0.0456), "45.6\u{a0}mJ");
        assert_eq!(column.cell_or_missing(None), MISSING);
    }

    #[test]
    fn ticks_have_just_the_decimals_that_tell_them_apart() {
        let written = |ticks: &[f64]| {
            let column = Column::of_ticks(Quantity::Watts, ticks);
            ticks.iter().map(|tick| column.cell(*tick)).collect::<Vec<_>>()
        };
        assert_eq!(written(&[0.0, 50.0, 100.0, 150.0]), ["0", "50", "100", "150"]);
        assert_eq!(written(&[0.0, 0.5, 1.0, 1.5]), ["0.0", "0.5", "1.0", "1.5"]);
        assert_eq!(written(&[6.6, 6.65, 6.7]), ["6.60", "6.65", "6.70"]);
        assert_eq!(written(&[-0.0]), ["0"]);
    }

    #[test]
    fn a_value_too_small_for_its_column_does_not_become_zero() {
        let column = Column::of(Quantity::Watts, [100.0, 200.0, 300.0, 0.004]);
        assert_eq!(column.cell(0.004), "0.00400");
        assert_eq!(column.cell(0.0), "0");
    }

    #[test]
    fn large_numbers_are_grouped_and_minus_is_a_minus() {
        assert_eq!(compact(8_000), "8000");
        assert_eq!(compact(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(fixed(-0.5, 1), "\u{2212}0.5");
        assert_eq!(fixed(-0.001, 1), "0.0");
    }

    #[test]
    fn shares_and_ratios() {
        assert_eq!(share(0.123), "12\u{a0}%");
        assert_eq!(share(0.004), "0.4\u{a0}%");
        assert_eq!(ratio(0.7), "0.70×");
        assert_eq!(ratio(12.34), "12.3×");
        assert_eq!(ratio(0.010_64), "0.011×");
        assert_eq!(ratio(0.000_59), "0.00059×");
    }
}

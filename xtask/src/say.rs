//! What a chore says on screen: one line at a time, whole, also when several threads speak.
//!
//! Must not: print a secret, or anything that is not meant for the person who typed the command.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

/// Prints one line. A closed standard output is no reason to stop a running service.
pub(crate) fn line(text: impl AsRef<str>) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{}", text.as_ref());
    let _ = out.flush();
}

/// Prints what is about to happen, so that the lines of other programs below it have a headline.
pub(crate) fn step(text: impl AsRef<str>) {
    line(format!("{} {}", paint("==>", "1;36"), text.as_ref()));
}

/// Prints a line on standard error.
pub(crate) fn complain(text: impl AsRef<str>) {
    let _ = writeln!(std::io::stderr().lock(), "{} {}", paint("xtask:", "1;31"), text.as_ref());
}

/// A span as people read it: `0.42 s`, `12.3 s`, `4 min 05 s`.
pub(crate) fn span(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match time.as_secs() {
        0..10 => format!("{seconds:.2} s"),
        10..120 => format!("{seconds:.1} s"),
        whole => format!("{} min {:02} s", whole / 60, whole % 60),
    }
}

/// Whether somebody sees colours.
pub(crate) fn is_coloured() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

fn paint(text: &str, code: &str) -> String {
    if is_coloured() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_read_in_the_unit_that_suits_it() {
        assert_eq!(span(Duration::from_millis(420)), "0.42 s");
        assert_eq!(span(Duration::from_millis(12_340)), "12.3 s");
        assert_eq!(span(Duration::from_secs(245)), "4 min 05 s");
    }
}

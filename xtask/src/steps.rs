//! The steps of a long chore, each with its time, and the table at the end.
//!
//! Must not: hide a failed step, or lose the table because of one.

use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::{clock, say};

/// What was done so far.
#[derive(Debug, Default)]
pub(crate) struct Steps(Vec<(&'static str, Duration, bool)>);

impl Steps {
    /// Does one step under its headline.
    pub(crate) fn take<T>(&mut self, name: &'static str, step: impl FnOnce() -> Result<T>) -> Result<T> {
        say::step(name);
        let started = clock::now();
        let result = step();
        let took = started.elapsed();
        self.0.push((name, took, result.is_ok()));
        say::line(format!("    {name}: {} in {}", word(result.is_ok()), say::span(took)));
        result.with_context(|| format!("step `{name}` failed"))
    }

    /// Prints the table.
    pub(crate) fn tell(&self) {
        let whole: Duration = self.0.iter().map(|(_, took, _)| *took).sum();
        say::line("");
        for (name, took, is_well) in &self.0 {
            say::line(format!("  {name:<44} {:>12}  {}", say::span(*took), word(*is_well)));
        }
        say::line(format!("  {:<44} {:>12}", "together", say::span(whole)));
    }
}

const fn word(is_well: bool) -> &'static str {
    if is_well { "ok" } else { "FAILED" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_is_in_the_table_and_in_the_error() {
        let mut steps = Steps::default();
        let error = steps.take("try", || -> Result<()> { anyhow::bail!("no") }).unwrap_err();
        assert_eq!(format!("{error:#}"), "step `try` failed: no");
        assert!(!steps.0[0].2);
    }
}

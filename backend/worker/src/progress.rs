//! How a download goes, on standard error: a line that is written over where somebody looks, a sentence a file where
//! nobody does.
//!
//! Must not: write on standard output; that is for answers.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use meter::{Clock, Monotonic};

use crate::hub::Watch;
use crate::stop::Stop;

/// Time between two lines.
const EACH: Duration = Duration::from_millis(200);
const CELLS: u64 = 24;

/// Shows downloads, and ends them when somebody asks to stop.
pub(crate) struct Bar {
    clock: Monotonic,
    stop: Stop,
    is_seen: bool,
    file: String,
    /// When this file began, with how many bytes.
    began: (Duration, u64),
    told: Duration,
}

impl Bar {
    pub(crate) fn new(clock: Monotonic, stop: Stop) -> Self {
        let is_seen = std::io::stderr().is_terminal();
        Self { clock, stop, is_seen, file: String::new(), began: (Duration::ZERO, 0), told: Duration::ZERO }
    }
}

impl Watch for Bar {
    fn at(&mut self, file: &str, done_bytes: u64, bytes: u64) -> bool {
        let now = self.clock.now();
        let is_new = self.file != file;
        if is_new {
            file.clone_into(&mut self.file);
            self.began = (now, done_bytes);
            tracing::info!(file, bytes, done_bytes, "fetching from the hub");
        }
        let is_done = done_bytes == bytes;
        if self.is_seen && (is_new || is_done || now.saturating_sub(self.told) >= EACH) {
            self.told = now;
            let took = now.saturating_sub(self.began.0);
            let end = if is_done { "\n" } else { "" };
            let line = line(file, done_bytes, bytes, done_bytes.saturating_sub(self.began.1), took);
            // Nobody to tell is no reason to end a download.
            let _ = write!(std::io::stderr(), "\r{line}{end}");
        }
        !self.stop.is_asked()
    }
}

/// One line: bar, megabytes, speed.
fn line(file: &str, done_bytes: u64, bytes: u64, fresh_bytes: u64, took: Duration) -> String {
    let megabytes = |bytes: u64| f64::from(u32::try_from(bytes / 1000).unwrap_or(u32::MAX)) / 1000.0;
    let full = usize::try_from(done_bytes.saturating_mul(CELLS) / bytes.max(1)).unwrap_or(0);
    let rest = usize::try_from(CELLS).unwrap_or(0).saturating_sub(full);
    let seconds = took.as_secs_f64();
    let speed =
        if seconds > 0.0 { format!("{:.1} MB/s", megabytes(fresh_bytes) / seconds) } else { "-".to_owned() };
    format!(
        "{file} [{}{}] {:.1} of {:.1} MB, {speed}   ",
        "#".repeat(full),
        "-".repeat(rest),
        megabytes(done_bytes),
        megabytes(bytes)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_far_and_how_fast_the_bytes_of_this_time_came() {
        let half = line("w", 50_000_000, 100_000_000, 20_000_000, Duration::from_secs(2));
        assert_eq!(half, format!("w [{}{}] 50.0 of 100.0 MB, 10.0 MB/s   ", "#".repeat(12), "-".repeat(12)));
        assert!(line("w", 0, 0, 0, Duration::ZERO).contains("0.0 of 0.0 MB, -"));
    }

    #[test]
    fn being_asked_to_stop_ends_a_download() {
        let stop = Stop::default();
        let mut bar = Bar::new(Monotonic::start(), stop.clone());
        assert!(bar.at("w", 1, 2));
        stop.ask();
        assert!(!bar.at("w", 1, 2));
    }
}

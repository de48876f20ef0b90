//! Why a run waits, and for what, in words.
//!
//! Must not: pretend to know how long something takes.

use std::time::Duration;

use common::api::runs::Gone;
use common::needs::Needs;
use time::OffsetDateTime;

use super::number::{Quantity, plain};
use super::time::{instant, span};
use crate::scale;

/// What a run asks of its machine, a few words each; nothing where any will do.
pub fn needs(needs: &Needs) -> Vec<String> {
    let memory = (needs.memory_bytes > 0)
        .then(|| format!("at least {} of memory", plain(Quantity::Bytes, scale::float(needs.memory_bytes))));
    let words = [
        needs.accelerator.then(|| "a machine with an accelerator".to_owned()),
        needs.measured.then(|| "an instrument that can be read".to_owned()),
        memory,
    ];
    words.into_iter().flatten().collect()
}

/// That a machine is not heard of any more, and what becomes of its run.
pub fn gone(gone: &Gone) -> String {
    format!(
        "The machine {} that had this run is gone since {}. Nothing is lost: the next machine begins anew.",
        gone.machine,
        instant(gone.since)
    )
}

/// When a run that was given back is tried again.
pub fn not_before(until: OffsetDateTime, now: OffsetDateTime) -> String {
    match (until - now).try_into() {
        Ok(left) if left > Duration::ZERO => {
            format!("A machine gave it back, so it waits a while: it is tried again in {}.", span(left))
        }
        _ => "A machine gave it back; it can be taken again now.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::display::between;

    #[test]
    fn what_a_run_asks_for_and_why_it_waits_reads_like_a_sentence() {
        let asked = Needs { accelerator: true, measured: false, memory_bytes: 16_000_000_000 };
        let said = between(&needs(&asked)).replace('\u{a0}', " ");
        assert_eq!(said, "a machine with an accelerator and at least 16.0 GB of memory");
        assert_eq!(needs(&Needs::default()), Vec::<String>::new());
        let now = time::macros::datetime!(2026-11-21 10:00:00 UTC);
        let gone = gone(&Gone { machine: "alpha".parse().unwrap(), since: now });
        assert!(gone.contains("alpha that had this run is gone since 21"), "{gone}");
        assert!(not_before(now + Duration::from_secs(4), now).contains("4.0\u{a0}s."));
        assert!(not_before(now, now).contains("now"));
    }
}

//! From token times to the field's latency figures.
//!
//! All of them start at the start of prefill on the machine: they exclude the queue, cool-down,
//! warm-up and the network, and every view says so. Names as in HELM and MLPerf: TTFT time to first
//! token, ITL inter-token latency, TPOT time per output token.
//!
//! Must not: average where a distribution is meant.

use std::time::Duration;

/// Time to first token: start of prefill to the first token on the host. `None` without a token.
pub fn ttft(token_times: &[Duration]) -> Option<Duration> {
    token_times.first().copied()
}

/// The gaps between tokens: a distribution, empty with fewer than two tokens.
pub fn itl(token_times: &[Duration]) -> Vec<Duration> {
    token_times.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect()
}

/// The gap below which this share of the gaps lies, as one that occurred (nearest rank). `None` without a gap.
pub fn itl_percentile(token_times: &[Duration], share: f64) -> Option<Duration> {
    let mut gaps: Vec<f64> = itl(token_times).iter().map(Duration::as_secs_f64).collect();
    gaps.sort_by(f64::total_cmp);
    let count = f64::from(u32::try_from(gaps.len()).ok()?);
    let rank = (1..=gaps.len()).find(|&rank| {
        u32::try_from(rank).is_ok_and(|rank| f64::from(rank) >= share.clamp(0.0, 1.0) * count)
    })?;
    Duration::try_from_secs_f64(*gaps.get(rank - 1)?).ok()
}

/// Time per output token after the first: (last − first) / (n − 1). `None` with fewer than two.
pub fn tpot(token_times: &[Duration]) -> Option<Duration> {
    let (first, last) = (token_times.first()?, token_times.last()?);
    let gaps = u32::try_from(token_times.len()).ok()?.checked_sub(1).filter(|&gaps| gaps > 0)?;
    Some(last.saturating_sub(*first) / gaps)
}

/// Output tokens per second of the whole answer, prefill included. `None` without a token.
pub fn throughput(token_times: &[Duration]) -> Option<f64> {
    let last = token_times.last()?.as_secs_f64();
    let tokens = f64::from(u32::try_from(token_times.len()).ok()?);
    (last > 0.0).then(|| tokens / last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(millis: &[u64]) -> Vec<Duration> {
        millis.iter().copied().map(Duration::from_millis).collect()
    }

    #[test]
    fn a_worked_example() {
        let times = times(&[50, 60, 80, 110]);
        assert_eq!(ttft(&times), Some(Duration::from_millis(50)));
        assert_eq!(itl(&times), [10, 20, 30].map(Duration::from_millis));
        assert_eq!(tpot(&times), Some(Duration::from_millis(20)));
        assert!((throughput(&times).unwrap() - 4.0 / 0.110).abs() < 1e-9);
    }

    #[test]
    fn a_percentile_is_a_gap_that_occurred() {
        let mut ends: Vec<u64> = (1..=100).collect();
        for index in 1..ends.len() {
            ends[index] += ends[index - 1];
        }
        // The gaps are 2, 3, … 100 ms: 99 of them.
        let times = times(&ends);
        let percentile = |share| itl_percentile(&times, share).unwrap().as_millis();
        assert_eq!((percentile(0.5), percentile(0.9), percentile(0.99), percentile(1.0)), (51, 91, 100, 100));
        assert_eq!(percentile(0.0), 2);
        assert_eq!(itl_percentile(&times[..1], 0.5), None);
    }

    #[test]
    fn one_token_has_a_first_token_time_and_no_gap() {
        let times = times(&[50]);
        assert_eq!(ttft(&times), Some(Duration::from_millis(50)));
        assert!(itl(&times).is_empty());
        assert_eq!(tpot(&times), None);
        assert_eq!(throughput(&[]), None);
    }
}

//! When a page asks again for what it shows: at once or soon when it hears of a change, and from time to time where nobody
//! tells of one.
//!
//! Must not: read a clock (it is told that a second has passed), or ask.

/// What hearing of something means for what a page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Nothing.
    Not,
    /// It may be another by now; whoever reads it does not wait for it.
    Soon,
    /// It is another, and somebody waits for it.
    Now,
}

/// How often is enough, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// From one time to the next where there is a change each moment.
    pub soonest: u32,
    /// While events come; `None` where they tell of all that is shown.
    pub told: Option<u32>,
    /// While none come.
    pub untold: u32,
}

/// How a page stands that keeps up with what it shows.
#[derive(Debug, Clone, Copy)]
pub struct Upkeep {
    pace: Pace,
    /// Seconds since it was asked last.
    since: u32,
    is_due: bool,
}

impl Upkeep {
    /// Of a page that has just asked.
    pub const fn new(pace: Pace) -> Self {
        Self { pace, since: 0, is_due: false }
    }

    /// Something was heard of; whether to ask now.
    pub const fn hear(&mut self, ask: Ask, is_seen: bool) -> bool {
        match ask {
            Ask::Not => false,
            Ask::Now => self.ask(),
            Ask::Soon => {
                self.is_due = true;
                is_seen && self.since >= self.pace.soonest && self.ask()
            }
        }
    }

    /// A second passed; whether to ask now. Nothing is asked for a page that nobody sees: it is due when somebody does.
    pub fn pass(&mut self, is_told: bool, is_seen: bool) -> bool {
        self.since = self.since.saturating_add(1);
        if !is_seen {
            self.is_due = true;
            return false;
        }
        let each = if is_told { self.pace.told } else { Some(self.pace.untold) };
        let is_due = self.is_due && self.since >= self.pace.soonest;
        (is_due || each.is_some_and(|each| self.since >= each)) && self.ask()
    }

    const fn ask(&mut self) -> bool {
        self.since = 0;
        self.is_due = false;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace { soonest: 3, told: Some(10), untold: 5 };

    /// The seconds, of so many, after which it asks.
    fn asked(upkeep: &mut Upkeep, seconds: u32, is_told: bool) -> Vec<u32> {
        (1..=seconds).filter(|_| upkeep.pass(is_told, true)).collect()
    }

    #[test]
    fn what_nobody_tells_is_asked_for_from_time_to_time_and_oftener_without_events() {
        assert_eq!(asked(&mut Upkeep::new(PACE), 21, true), [10, 20]);
        assert_eq!(asked(&mut Upkeep::new(PACE), 11, false), [5, 10]);
        let told_all = Pace { told: None, ..PACE };
        assert_eq!(asked(&mut Upkeep::new(told_all), 1_000, true), [0_u32; 0]);
    }

    #[test]
    fn however_many_changes_there_are_the_last_one_is_asked_for_and_not_each_of_them() {
        let mut upkeep = Upkeep::new(PACE);
        assert_eq!(asked(&mut upkeep, 4, true), [0_u32; 0]);
        assert!(upkeep.hear(Ask::Soon, true), "the first one at once");
        assert!((0..100).all(|_| !upkeep.hear(Ask::Soon, true)), "more of them wait");
        assert_eq!(asked(&mut upkeep, 9, true), [3], "and are asked for together");
    }

    #[test]
    fn what_somebody_waits_for_is_asked_for_at_once() {
        let mut upkeep = Upkeep::new(PACE);
        assert!(upkeep.hear(Ask::Now, true) && upkeep.hear(Ask::Now, false));
        assert!(!upkeep.hear(Ask::Not, true));
        assert_eq!(asked(&mut upkeep, 9, true), [0_u32; 0]);
    }

    #[test]
    fn a_page_that_nobody_sees_asks_nothing_and_then_at_once() {
        let mut upkeep = Upkeep::new(PACE);
        assert!((0..60).all(|_| !upkeep.pass(true, false) && !upkeep.hear(Ask::Soon, false)));
        assert!(upkeep.pass(true, true));
        assert_eq!(asked(&mut upkeep, 9, true), [0_u32; 0]);
    }
}

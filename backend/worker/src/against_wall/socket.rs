//! What the server shows of the meters at a machine's sockets, as it comes.
//!
//! This machine asks no meter itself. Must not: know the load.

use std::time::Duration;

use common::api::machines::GetMachine;
use common::ids::MachineName;
use common::machine::Machine;
use common::meter::MeterCard;
use common::units::Power;
use common::wall::{Span, WallCard, WallMeter, WallReading, WallRole, power_over};
use meter::averaging::{self, Behind, Piece};
use meter::{Clock as _, Monotonic};
use time::OffsetDateTime;

use super::WallError;
use crate::client::{CallError, Client};

/// Time between two questions to the server.
const ASK_EVERY: Duration = Duration::from_millis(200);
/// With answering, a new reading is seen this often.
const SEEN_EVERY: Duration = Duration::from_millis(500);
/// Readings may lie behind or ahead by so much.
const WITHIN: Duration = Duration::from_secs(15);

/// The server's view of the sockets.
pub(crate) struct Socket<'a> {
    client: &'a Client,
    machine: MachineName,
    /// Their sum is the whole machine.
    meters: Vec<Heard>,
    /// The first reading's date, and when it was seen here: any other instant would do.
    start: Option<(OffsetDateTime, Duration)>,
}

/// One meter.
struct Heard {
    /// Its name among those of the machine.
    meter: String,
    card: WallCard,
    readings: Vec<WallReading>,
    trouble: String,
}

impl<'a> Socket<'a> {
    /// Looks which meters tell what the whole machine draws: the one that is named, or those that its figure is made of.
    pub(crate) fn open(
        client: &'a Client,
        machine: MachineName,
        against: Option<&str>,
        clock: Monotonic,
    ) -> Result<Self, WallError> {
        let found = match client.call(&GetMachine { name: machine.clone() }) {
            Err(CallError::Refused { status: 404, .. }) => return Err(WallError::NoMeter(machine)),
            found => found?,
        };
        let meters: Vec<Heard> = match against {
            Some(wanted) => vec![named(&found, wanted)?],
            None => found.whole_meters(),
        }
        .into_iter()
        .map(|meter| Heard {
            meter: meter.meter.clone(),
            card: meter.card.clone(),
            readings: Vec::new(),
            trouble: String::new(),
        })
        .collect();
        if meters.is_empty() {
            return Err(WallError::NoMeter(machine));
        }
        let mut socket = Self { client, machine, meters, start: None };
        socket.take(&found, clock.now());
        Ok(socket)
    }

    /// What is compared, for people.
    pub(super) fn name(&self) -> String {
        match &*self.meters {
            [only] => only.card.card.name.clone(),
            several => format!("sum of {} supplies", several.len()),
        }
    }

    /// How often the slowest has a new value.
    pub(super) fn slowest(&self) -> Duration {
        self.meters.iter().map(|meter| meter.card.period()).max().unwrap_or_default()
    }

    /// That too little was heard.
    pub(super) fn silent(&self) -> WallError {
        let found = self.meters.iter().map(|meter| meter.readings.len()).min().unwrap_or_default();
        let troubles: Vec<&str> = self
            .meters
            .iter()
            .map(|meter| meter.trouble.as_str())
            .filter(|trouble| !trouble.is_empty())
            .collect();
        WallError::Silent { machine: self.machine.clone(), found, trouble: troubles.join("; ") }
    }

    /// Collects readings until `until`.
    pub(super) fn collect(&mut self, clock: Monotonic, until: Duration) -> Result<(), WallError> {
        while clock.now() < until {
            let machine = self.client.call(&GetMachine { name: self.machine.clone() })?;
            self.take(&machine, clock.now());
            clock.sleep(ASK_EVERY.min(until.saturating_sub(clock.now())));
        }
        Ok(())
    }

    fn take(&mut self, machine: &Machine, now: Duration) {
        for heard in &mut self.meters {
            let told = machine.wall_meters.iter().find(|meter| meter.meter == heard.meter);
            let Some(WallMeter { last, trouble, .. }) = told else { continue };
            heard.trouble = trouble.as_ref().map(|trouble| trouble.message.clone()).unwrap_or_default();
            let newest = heard.readings.last().map(|reading| reading.at);
            if let Some(last) = last.filter(|last| newest.is_none_or(|newest| last.at > newest)) {
                self.start.get_or_insert((last.at, now));
                heard.readings.push(last);
            }
        }
    }

    /// How far the readings of each meter lie behind this work.
    pub(super) fn behind(&self, work: &[Piece]) -> Vec<Option<Behind>> {
        let Some((date, now)) = self.start else { return vec![None; self.meters.len()] };
        let at = |reading: &WallReading| (reading.at - date).as_seconds_f64() + now.as_secs_f64();
        let of = |meter: &Heard| averaging::align(&meter.powers(at), work, meter.card.period(), WITHIN);
        self.meters.iter().map(of).collect()
    }

    /// What all of them read together from an instant of this machine's clock on, each so many seconds later; `None` unless
    /// all have readings of all of it.
    pub(super) fn power_over(&self, from: Duration, lasts: Duration, delays_s: &[f64]) -> Option<Power> {
        let (date, now) = self.start?;
        let at = date + time::Duration::seconds_f64(from.as_secs_f64() - now.as_secs_f64());
        let each = self.meters.iter().zip(delays_s).map(|(meter, delay_s)| {
            // Of a meter that is faster than it is asked for, not every reading is seen.
            let update_period = Some(meter.card.period().max(SEEN_EVERY));
            let card = MeterCard { update_period, ..meter.card.card.clone() };
            let card = WallCard { card, ..meter.card.clone() };
            power_over(&card, &meter.readings, Span { at, lasts }.shifted(*delay_s))
        });
        each.sum()
    }
}

impl Heard {
    /// Power readings in seconds and watts: what it said, or else the slope of its counter.
    fn powers(&self, at: impl Fn(&WallReading) -> f64) -> Vec<(f64, f64)> {
        let said = self.readings.iter().filter_map(|reading| Some((at(reading), reading.power?.watts())));
        let said: Vec<_> = said.collect();
        if !said.is_empty() {
            return said;
        }
        let pairs = self.readings.windows(2).filter_map(|pair| {
            let (from, to) = (at(&pair[0]), at(&pair[1]));
            Some((to, (pair[1].energy? - pair[0].energy?).joules() / (to - from)))
        });
        pairs.collect()
    }
}

/// The meter of this name. What feeds a part of the machine says nothing of all its parts.
fn named<'m>(machine: &'m Machine, wanted: &str) -> Result<&'m WallMeter, WallError> {
    let mut all = machine.wall_meters.iter().filter(|meter| meter.role != WallRole::Supply);
    all.find(|meter| meter.meter == wanted).ok_or_else(|| {
        let each = machine.wall_meters.iter().map(|meter| format!("{} ({})", meter.meter, meter.role.name()));
        let others: Vec<String> = each.collect();
        let others = if others.is_empty() { "none".to_owned() } else { others.join(", ") };
        WallError::NotThere { machine: machine.name.clone(), wanted: wanted.to_owned(), others }
    })
}

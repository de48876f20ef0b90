//! The modelled CPU: busy core time times configured watts, plus configured idle watts.
//!
//! Used only where no instrument can be read at all. What counts as busy is either this process, by the
//! kernel's nanosecond account (a Window of 20 ms is two ticks of `/proc/stat`, so the machine's account cannot
//! resolve it), or, for measuring another command, the whole machine by that coarser account. Everything it says is
//! labelled Modelled. Must not: stand beside a measured figure, or be opened when anything can be read.

use std::path::Path;
use std::time::Duration;

use common::meter::{Domain, Label, MeterCard, Method};
use common::units::{Energy, Power};

use crate::cpu_time;
use crate::idle::CpuAccount;
use crate::{CounterSpec, Meter, Raw, Trouble};

/// Standard uncertainty of the model as a share: how much watts per busy core differ between machines and loads.
const GAIN_UNCERTAINTY: f64 = 0.3;
/// Step of the kernel's account of all processes.
const TICK: Duration = Duration::from_millis(10);

/// Whose work counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Busy {
    /// This process, to the nanosecond.
    ThisProcess,
    /// Everybody, to the tick of 10 ms.
    Machine,
}

/// What the operator says of the machine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Watts {
    /// The idle machine's CPU.
    pub idle: Power,
    /// One busy core more.
    pub per_busy_core: Power,
}

/// The modelled instrument.
#[derive(Debug)]
pub struct CpuModel {
    card: MeterCard,
    watts: Watts,
    busy: Busy,
    account: CpuAccount,
}

impl CpuModel {
    /// A model of this machine's CPU. `proc_root` is `/proc` outside tests.
    pub fn new(watts: Watts, busy: Busy, proc_root: &Path, cores: u32) -> Self {
        let whose = match busy {
            Busy::ThisProcess => "this process, other processes left out",
            Busy::Machine => "all processes, in steps of 10 ms",
        };
        let boundary = format!(
            "Not measured: {} W idle plus {} W for each core kept busy by {whose}; no memory, no power supply.",
            watts.idle.watts(),
            watts.per_busy_core.watts()
        );
        let card = MeterCard {
            update_period: (busy == Busy::Machine).then_some(TICK),
            resolution: match busy {
                Busy::ThisProcess => None,
                Busy::Machine => Some(watts.per_busy_core * TICK),
            },
            gain_uncertainty: GAIN_UNCERTAINTY,
            // All cores busy, twice over: ticks arrive late and in bursts.
            power_limit: Some((watts.idle + watts.per_busy_core * f64::from(cores)) * 2.0),
            ..MeterCard::new("cpu_model", Domain::CpuPackage(0), Label::Modelled, Method::Model, boundary)
        };
        Self { card, watts, busy, account: CpuAccount::at(proc_root) }
    }
}

impl Meter for CpuModel {
    fn card(&self) -> &MeterCard {
        &self.card
    }

    fn counter(&self) -> Option<CounterSpec> {
        // Machine-wide ticks may be corrected downwards by the kernel: a second's worth is forgiven.
        let jitter = if self.busy == Busy::Machine { 1_000_000_000 } else { 0 };
        Some(CounterSpec { unit: Energy::from_joules(1e-9), modulus: None, jitter })
    }

    fn read(&mut self, now: Duration) -> Result<Raw, Trouble> {
        let busy = match self.busy {
            Busy::ThisProcess => cpu_time::of_process(),
            Busy::Machine => self.account.busy(),
        };
        let energy = self.watts.per_busy_core * busy.ok_or(Trouble::Unreadable)? + self.watts.idle * now;
        #[expect(clippy::as_conversions, reason = "rounding down to whole nanojoules; both parts only grow")]
        let counter = (energy.joules() * 1e9) as u64;
        Ok(Raw { counter: Some(counter), power: None })
    }

    fn idle_power(&self) -> Option<Power> {
        Some(self.watts.idle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Monotonic, Options, measure};

    const WATTS: Watts = Watts { idle: Power::from_watts(10.0), per_busy_core: Power::from_watts(5.0) };

    fn joules_of(body: impl FnOnce()) -> (f64, f64) {
        let model = CpuModel::new(WATTS, Busy::ThisProcess, Path::new("/proc"), 64);
        let mut meters: Vec<Box<dyn Meter>> = vec![Box::new(model)];
        let options = Options::suited_to(meters.iter().map(|meter| meter.card()));
        let (_, measured) = measure(&mut meters, Monotonic::start(), options, None, |_| body()).unwrap();
        let reading = &measured.readings[0];
        assert_eq!((reading.label, reading.method), (Label::Modelled, Method::Model));
        (reading.energy.unwrap().joules(), measured.window.length.as_secs_f64())
    }

    #[test]
    fn a_window_of_20_milliseconds_of_work_resolves_and_one_of_sleep_is_near_idle() {
        let work = Duration::from_millis(20);
        let (busy, _) = joules_of(|| {
            let start = cpu_time::of_thread().unwrap();
            let mut sum = 0_u64;
            while cpu_time::of_thread().unwrap() - start < work {
                sum = std::hint::black_box(sum.wrapping_add(1));
            }
        });
        assert!(busy >= (10.0 + 5.0) * 0.020 * 0.95, "{busy}");
        let (idle, length) = joules_of(|| std::thread::sleep(Duration::from_millis(50)));
        assert!(idle >= 10.0 * length * 0.98, "{idle} J over {length} s");
    }

    #[test]
    fn its_card_says_that_it_is_modelled_and_how_coarse_it_is() {
        let machine = CpuModel::new(WATTS, Busy::Machine, Path::new("/proc"), 2);
        assert_eq!(machine.card().label, Label::Modelled);
        assert_eq!(machine.card().resolution.unwrap().joules(), 0.05);
        assert!(machine.card().boundary.starts_with("Not measured: 10 W idle plus 5 W"));
        assert_eq!(machine.idle_power(), Some(WATTS.idle));
    }
}

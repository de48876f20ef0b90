//! One NVIDIA board: its energy counter and instantaneous power in one field call, and beside the Windows its
//! temperature, settings, policy-time counters and processes.
//!
//! Must not: read a slice of a board (MIG) or a board shared with other guests (vGPU), whose power is nobody's in
//! particular; use the default power call, a moving average over a second on most boards.

use std::time::Duration;

use common::measurement::AcceleratorState;
use common::meter::{Domain, Label, MeterCard, Method};
use common::units::{Energy, Power, Temperature};
use nvml_wrapper::enum_wrappers::device::{
    Clock, GpuVirtualizationMode, PerformancePolicy, TemperatureSensor,
};
use nvml_wrapper::error::NvmlError;
use nvml_wrapper::sys_exports::field_id::{NVML_FI_DEV_POWER_INSTANT, NVML_FI_DEV_TOTAL_ENERGY_CONSUMPTION};
use nvml_wrapper::{Device, Nvml};

use super::explain;
use super::fields::Fields;
use super::sensors::Sensing;
use crate::{CounterSpec, HeldBack, Meter, Raw, Trouble, UNCALIBRATED_GAIN};

const ENERGY: u32 = NVML_FI_DEV_TOTAL_ENERGY_CONSUMPTION;
const POWER: u32 = NVML_FI_DEV_POWER_INSTANT;
/// Scopes of a field: the board, the module that it is on with its processor, the board's memory.
const OWN: u32 = 0;
const MODULE: u32 = 1;
const MEMORY: u32 = 2;
/// Version of the driver that the library says which stands in for NVIDIA's: its boards are not measured.
const SIMULATED: &str = "-simulated";
const BOUNDARY: &str = "One accelerator board with its memory, as its own sensor says; no host, no power supply, no fans outside it.";
/// Short bursts may go over the enforced limit by this factor.
const BURST: f64 = 1.5;

/// One board.
pub(super) struct Board {
    card: MeterCard,
    device: Device<'static>,
    name: String,
    fields: Fields,
    stamp: Option<Duration>,
    overlapping: Vec<(u32, Power)>,
}

impl Board {
    pub(super) fn open(
        nvml: &'static Nvml,
        device: Device<'static>,
        domain: Domain,
        driver: &str,
    ) -> Result<Self, String> {
        if device.mig_mode().is_ok_and(|mode| mode.current == 1) {
            return Err("MIG is on, and the board's power belongs to no slice; switch MIG off".to_owned());
        }
        match device.virtualization_mode() {
            Ok(GpuVirtualizationMode::Vgpu) => {
                return Err("it is a vGPU, whose board is shared with other guests".to_owned());
            }
            Ok(GpuVirtualizationMode::HostVgpu | GpuVirtualizationMode::HostVsga) => {
                return Err("it is shared out to guests as vGPUs".to_owned());
            }
            _ => {}
        }
        let name = device.name().unwrap_or_else(|_| "NVIDIA GPU".to_owned());
        let mut fields = Fields::new(nvml, &[ENERGY, POWER], OWN).map_err(|error| explain(&error))?;
        fields.ask(&device).map_err(|error| explain(&error))?;
        fields.only_answered();
        let has_counter = fields.answer(ENERGY).is_some();
        let overlapping = overlapping(nvml, &device);
        if !has_counter && fields.answer(POWER).is_none() {
            let only_module = overlapping.iter().any(|(scope, _)| *scope == MODULE);
            return Err(if only_module {
                "it tells the power of its whole module only, in which its processor's is as well".to_owned()
            } else {
                "it offers neither its energy counter nor instantaneous power".to_owned()
            });
        }
        let limit =
            device.enforced_power_limit().ok().map(|milliwatts| Power::from_milliwatts(milliwatts) * BURST);
        let label = if driver.ends_with(SIMULATED) { Label::Simulated } else { Label::Measured };
        let method = if has_counter { Method::Counter } else { Method::Trace };
        let sensing = Sensing::of(device.architecture().ok(), &name);
        let card = MeterCard {
            update_period: Some(sensing.update_period),
            averaging: sensing.averaging,
            resolution: has_counter.then(|| Energy::from_millijoules(1.0)),
            gain_uncertainty: UNCALIBRATED_GAIN,
            power_limit: limit,
            version: Some(format!("{name}, driver {driver}")),
            ..MeterCard::new("nvml", domain, label, method, BOUNDARY)
        };
        Ok(Self { card, device, name, fields, stamp: None, overlapping })
    }

    /// What the driver tells beside the board's own power, a sentence each: it overlaps what is read and is never added.
    pub(super) fn told_beside(&self) -> Vec<String> {
        let told = self.overlapping.iter().map(|(scope, power)| {
            let what =
                if *scope == MODULE { "module with its processor" } else { "memory, a part of the board," };
            format!(
                "The {what} of {} is not read apart: it overlaps what is read ({:.0} W now).",
                self.card.domain,
                power.watts()
            )
        });
        told.collect()
    }

    fn violation(&self, policy: PerformancePolicy) -> Option<Duration> {
        self.device.violation_status(policy).ok().map(|found| Duration::from_nanos(found.violation_time))
    }
}

/// Power of the scopes that hold the board or lie inside it, as far as the driver tells them.
fn overlapping(nvml: &Nvml, device: &Device<'_>) -> Vec<(u32, Power)> {
    let told = |scope: u32| {
        let mut fields = Fields::new(nvml, &[POWER], scope).ok()?;
        fields.ask(device).ok()?;
        let milliwatts = u32::try_from(fields.answer(POWER)?.ok()?.value).ok()?;
        Some((scope, Power::from_milliwatts(milliwatts)))
    };
    [MODULE, MEMORY].into_iter().filter_map(told).collect()
}

pub(super) const fn trouble(error: &NvmlError) -> Trouble {
    match error {
        NvmlError::GpuLost | NvmlError::ResetRequired => Trouble::Lost,
        _ => Trouble::Unreadable,
    }
}

impl Meter for Board {
    fn card(&self) -> &MeterCard {
        &self.card
    }

    fn take_card(&mut self, card: MeterCard) {
        self.card = card;
    }

    fn counter(&self) -> Option<CounterSpec> {
        (self.card.method == Method::Counter).then_some(CounterSpec {
            unit: Energy::from_joules(1e-3),
            modulus: None,
            jitter: 0,
        })
    }

    fn read(&mut self, _: Duration) -> Result<Raw, Trouble> {
        self.fields.ask(&self.device).map_err(|error| trouble(&error))?;
        let mut raw = Raw::default();
        for id in [ENERGY, POWER] {
            match self.fields.answer(id) {
                Some(Ok(answer)) if id == ENERGY => {
                    raw.counter = Some(answer.value);
                    self.stamp = answer.stamp;
                }
                Some(Ok(answer)) => {
                    raw.power = u32::try_from(answer.value).ok().map(Power::from_milliwatts);
                    self.stamp = self.stamp.max(answer.stamp);
                }
                Some(Err(error)) if trouble(&error) == Trouble::Lost => return Err(Trouble::Lost),
                Some(Err(_)) | None => {}
            }
        }
        Ok(raw)
    }

    fn stamp(&self) -> Option<Duration> {
        self.stamp
    }

    fn temperature(&mut self) -> Option<Temperature> {
        let celsius = self.device.temperature(TemperatureSensor::Gpu).ok()?;
        Some(Temperature::from_celsius(f64::from(celsius)))
    }

    fn accelerator(&self) -> Option<&str> {
        Some(&self.name)
    }

    fn held_back(&mut self) -> Option<HeldBack> {
        let slowed =
            [PerformancePolicy::Thermal, PerformancePolicy::BoardLimit, PerformancePolicy::Reliability];
        let known: Vec<Duration> = slowed.into_iter().filter_map(|policy| self.violation(policy)).collect();
        let power_capped = self.violation(PerformancePolicy::Power);
        if known.is_empty() && power_capped.is_none() {
            return None;
        }
        Some(HeldBack { slowed: (!known.is_empty()).then(|| known.iter().sum()), power_capped })
    }

    fn state(&mut self) -> Option<AcceleratorState> {
        let watts = |milliwatts: Result<u32, NvmlError>| milliwatts.ok().map(Power::from_milliwatts);
        Some(AcceleratorState {
            domain: self.card.domain,
            core_clock_mhz: self.device.clock_info(Clock::SM).ok(),
            memory_clock_mhz: self.device.clock_info(Clock::Memory).ok(),
            power_limit: watts(self.device.enforced_power_limit()),
            default_power_limit: watts(self.device.power_management_limit_default()),
            is_persistent: self.device.is_in_persistent_mode().ok(),
            has_ecc: self.device.is_ecc_enabled().ok().map(|state| state.currently_enabled),
            slowed: None,
            power_capped: None,
        })
    }

    fn processes(&mut self) -> Option<Vec<u32>> {
        let compute = self.device.running_compute_processes().ok()?;
        let graphics = self.device.running_graphics_processes().unwrap_or_default();
        Some(compute.into_iter().chain(graphics).map(|process| process.pid).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gpu_that_fell_off_the_bus_is_lost_and_a_timeout_is_not() {
        assert_eq!(trouble(&NvmlError::GpuLost), Trouble::Lost);
        assert_eq!(trouble(&NvmlError::Timeout), Trouble::Unreadable);
    }
}

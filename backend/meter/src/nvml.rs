//! NVIDIA GPUs through NVML: the energy counter and the instantaneous power of each board.
//!
//! Both come from one call for two fields: 83, millijoules since the driver was loaded (it has no wrap, but is set
//! back when the driver is loaded again), and 186, milliwatts now. The default power call is a moving average
//! over a second on most boards and is never used. Must not: read a slice of a board (MIG) or a board shared with
//! other guests (vGPU), whose power is nobody's in particular.

use std::path::Path;
use std::time::Duration;

use common::meter::{Domain, Label, MeterCard, Method};
use common::units::{Energy, Power, Temperature};
use nvml_wrapper::enum_wrappers::device::{GpuVirtualizationMode, TemperatureSensor};
use nvml_wrapper::enums::device::{DeviceArchitecture, SampleValue};
use nvml_wrapper::error::NvmlError;
use nvml_wrapper::structs::device::FieldId;
use nvml_wrapper::sys_exports::field_id::{NVML_FI_DEV_POWER_INSTANT, NVML_FI_DEV_TOTAL_ENERGY_CONSUMPTION};
use nvml_wrapper::{Device, Nvml};

use crate::{CounterSpec, Meter, Raw, Trouble};

const ENERGY: FieldId = FieldId(NVML_FI_DEV_TOTAL_ENERGY_CONSUMPTION);
const POWER: FieldId = FieldId(NVML_FI_DEV_POWER_INSTANT);
/// The uniform ±5 % of a board that was never calibrated, as a standard uncertainty.
const GAIN_UNCERTAINTY: f64 = 0.029;
/// Version of the driver that the library says which stands in for NVIDIA's: its boards are not measured.
const SIMULATED: &str = "-simulated";
/// Short bursts may go over the enforced limit by this factor.
const BURST: f64 = 1.5;

/// One board.
struct Board {
    card: MeterCard,
    device: Device<'static>,
    name: String,
    fields: Vec<FieldId>,
}

/// Opens every board that can be read, and says why others are not. `library` replaces the system's.
pub(crate) fn open(library: Option<&Path>) -> (Vec<Box<dyn Meter>>, Vec<String>) {
    let mut meters: Vec<Box<dyn Meter>> = Vec::new();
    let mut missing = Vec::new();
    let mut builder = Nvml::builder();
    if let Some(library) = library {
        builder.lib_path(library.as_os_str());
    }
    let nvml = match builder.init() {
        Ok(nvml) => nvml,
        Err(error) => {
            missing.push(format!("NVML is not read: {}.", explain(&error)));
            return (meters, missing);
        }
    };
    // The library stays open as long as the process; its devices borrow from it.
    let nvml: &'static Nvml = Box::leak(Box::new(nvml));
    let driver = nvml.sys_driver_version().unwrap_or_else(|_| "of unknown version".to_owned());
    let count = match nvml.device_count() {
        Ok(0) => {
            missing.push("NVML is not read: the driver knows no GPU.".to_owned());
            0
        }
        Ok(count) => count,
        Err(error) => {
            missing.push(format!("NVML is not read: the GPUs cannot be counted: {}.", explain(&error)));
            0
        }
    };
    for index in 0..count {
        let board = nvml
            .device_by_index(index)
            .map_err(|error| explain(&error))
            .and_then(|device| Board::open(device, index, &driver));
        match board {
            Ok(board) => meters.push(Box::new(board)),
            Err(reason) => missing.push(format!("GPU {index} is not read: {reason}.")),
        }
    }
    (meters, missing)
}

fn explain(error: &NvmlError) -> String {
    match error {
        NvmlError::LibloadingError(_) => {
            "its library (libnvidia-ml.so.1, or JOULEBOARD_NVML_LIB) cannot be loaded; no NVIDIA driver here"
                .to_owned()
        }
        NvmlError::DriverNotLoaded => "the NVIDIA driver is not loaded".to_owned(),
        NvmlError::NoPermission => "the worker's user may not talk to the NVIDIA driver".to_owned(),
        other => other.to_string(),
    }
}

impl Board {
    fn open(device: Device<'static>, index: u32, driver: &str) -> Result<Self, String> {
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
        let domain = u16::try_from(index).map(Domain::Gpu).map_err(|_| "its index is absurd".to_owned())?;
        let name = device.name().unwrap_or_else(|_| "NVIDIA GPU".to_owned());
        let offered = device.field_values_for(&[ENERGY, POWER]).map_err(|error| explain(&error))?;
        let fields: Vec<FieldId> = [ENERGY, POWER]
            .into_iter()
            .zip(offered)
            .filter(|(_, sample)| sample.as_ref().is_ok_and(|sample| sample.value.is_ok()))
            .map(|(field, _)| field)
            .collect();
        let has_counter = fields.iter().any(|field| field.0 == ENERGY.0);
        if fields.is_empty() {
            return Err("it offers neither its energy counter nor instantaneous power".to_owned());
        }
        let limit =
            device.enforced_power_limit().ok().map(|milliwatts| Power::from_milliwatts(milliwatts) * BURST);
        let card = MeterCard {
            name: "nvml".to_owned(),
            domain,
            label: if driver.ends_with(SIMULATED) { Label::Simulated } else { Label::Measured },
            method: if has_counter { Method::Counter } else { Method::Trace },
            boundary: "One accelerator board with its memory, as its own sensor says; no host, no power supply, no fans outside it.".to_owned(),
            update_period: Some(update_period(device.architecture().ok())),
            resolution: has_counter.then(|| Energy::from_millijoules(1.0)),
            gain_uncertainty: GAIN_UNCERTAINTY,
            power_limit: limit,
            version: Some(format!("{name}, driver {driver}")),
        };
        Ok(Self { card, device, name, fields })
    }
}

/// What the sensor's update period is on this architecture; a machine's own card says better.
fn update_period(architecture: Option<DeviceArchitecture>) -> Duration {
    match architecture {
        Some(DeviceArchitecture::Pascal | DeviceArchitecture::Volta) => Duration::from_millis(20),
        _ => Duration::from_millis(100),
    }
}

fn count(value: &SampleValue) -> Option<u64> {
    match *value {
        SampleValue::U32(value) => Some(u64::from(value)),
        SampleValue::U64(value) => Some(value),
        SampleValue::I64(value) => u64::try_from(value).ok(),
        SampleValue::F64(_) => None,
    }
}

const fn trouble(error: &NvmlError) -> Trouble {
    match error {
        NvmlError::GpuLost | NvmlError::ResetRequired => Trouble::Lost,
        _ => Trouble::Unreadable,
    }
}

impl Meter for Board {
    fn card(&self) -> &MeterCard {
        &self.card
    }

    fn counter(&self) -> Option<CounterSpec> {
        (self.card.method == Method::Counter).then_some(CounterSpec {
            unit: Energy::from_joules(1e-3),
            modulus: None,
            jitter: 0,
        })
    }

    fn read(&mut self, _: Duration) -> Result<Raw, Trouble> {
        let samples = self.device.field_values_for(&self.fields).map_err(|error| trouble(&error))?;
        let mut raw = Raw::default();
        for (field, sample) in self.fields.iter().zip(samples) {
            let value = match sample.and_then(|sample| sample.value) {
                Ok(value) => value,
                Err(error) if matches!(trouble(&error), Trouble::Lost) => return Err(Trouble::Lost),
                Err(_) => continue,
            };
            if field.0 == ENERGY.0 {
                raw.counter = count(&value);
            } else {
                raw.power =
                    count(&value).and_then(|value| u32::try_from(value).ok()).map(Power::from_milliwatts);
            }
        }
        Ok(raw)
    }

    fn temperature(&mut self) -> Option<Temperature> {
        let celsius = self.device.temperature(TemperatureSensor::Gpu).ok()?;
        Some(Temperature::from_celsius(f64::from(celsius)))
    }

    fn accelerator(&self) -> Option<&str> {
        Some(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_is_not_there_is_a_reason_and_no_error() {
        let (meters, missing) = open(Some(Path::new("/nonexistent/libnvidia-ml.so")));
        assert!(meters.is_empty());
        assert!(missing[0].starts_with("NVML is not read: its library"), "{missing:?}");
    }

    #[test]
    fn a_gpu_that_fell_off_the_bus_is_lost_and_a_timeout_is_not() {
        assert_eq!(trouble(&NvmlError::GpuLost), Trouble::Lost);
        assert_eq!(trouble(&NvmlError::Timeout), Trouble::Unreadable);
    }
}

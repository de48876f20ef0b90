//! NVIDIA GPUs through NVML: the energy counter and the instantaneous power of each board.
//!
//! Both come from one call for two fields: 83, millijoules since the driver was loaded (it has no wrap, but is set
//! back when the driver is loaded again), and 186, milliwatts now. The default power call is a moving average
//! over a second on most boards and is never used. Must not: read a slice of a board (MIG) or a board shared with
//! other guests (vGPU), whose power is nobody's in particular.

mod board;
mod fields;
mod sensors;

use std::path::Path;

use common::meter::Domain;
use nvml_wrapper::Nvml;
use nvml_wrapper::error::NvmlError;

use self::board::Board;
use crate::Meter;
use crate::open::Opened;

/// Opens every board that can be read, and says why others are not. `library` replaces the system's.
pub(crate) fn open(library: Option<&Path>) -> Opened {
    let mut found = Opened::default();
    let mut builder = Nvml::builder();
    if let Some(library) = library {
        builder.lib_path(library.as_os_str());
    }
    let nvml = match builder.init() {
        Ok(nvml) => nvml,
        Err(error) => {
            found.missing.push(format!("NVML is not read: {}.", explain(&error)));
            return found;
        }
    };
    // The library stays open as long as the process; its devices borrow from it.
    let nvml: &'static Nvml = Box::leak(Box::new(nvml));
    let driver = nvml.sys_driver_version().unwrap_or_else(|_| "of unknown version".to_owned());
    let count = match nvml.device_count() {
        Ok(0) => {
            found.missing.push("NVML is not read: the driver knows no GPU.".to_owned());
            0
        }
        Ok(count) => count,
        Err(error) => {
            found.missing.push(format!("NVML is not read: the GPUs cannot be counted: {}.", explain(&error)));
            0
        }
    };
    for index in 0..u16::try_from(count).unwrap_or(u16::MAX) {
        let domain = Domain::Gpu(index);
        let board = nvml
            .device_by_index(u32::from(index))
            .map_err(|error| explain(&error))
            .and_then(|device| Board::open(nvml, device, domain, &driver));
        let board = board.map(|board| -> Box<dyn Meter> {
            found.missing.extend(board.told_beside());
            Box::new(board)
        });
        found.add(domain, board.map_err(|reason| format!("GPU {index} is not read: {reason}.")));
    }
    found
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_is_not_there_is_a_reason_and_no_error() {
        let found = open(Some(Path::new("/nonexistent/libnvidia-ml.so")));
        assert!(found.meters.is_empty() && found.denied.is_empty());
        assert!(found.missing[0].starts_with("NVML is not read: its library"), "{:?}", found.missing);
    }
}

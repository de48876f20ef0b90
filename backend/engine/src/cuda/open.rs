//! Opening a GPU: only after everything that kernels need was seen, because cubecl ends the program where it is not.
//!
//! Must not: run before the probe; leave NVRTC to the loader's luck.

use std::path::Path;

use burn::tensor::{Device, DeviceType};
use cubecl_cuda::compiler::CudaBackend;

use super::probe::{Places, probe};
use super::tuned;
use crate::error::Error;
use crate::numeric::count_u64;

/// What can be done instead.
const INSTEAD: &str = "mend that, or use the device cpu";

/// The GPU of this number, and how it is named in records.
pub(crate) fn open(number: usize) -> Result<(Device, String), Error> {
    if CudaBackend::default() != CudaBackend::Cpp {
        return Err(Error::unsupported(
            "this build compiles CUDA kernels with LLVM",
            "switch on cuda-cpp of cubecl",
        ));
    }
    let toolkit =
        probe(&Places::of_this_machine()).map_err(|lack| Error::unsupported(lack.to_string(), INSTEAD))?;
    for remark in &toolkit.remarks {
        tracing::info!("{remark}");
    }
    for file in [&toolkit.driver, &toolkit.nvrtc] {
        load(file)?;
    }
    check_versions()?;
    tuned::listen();
    let devices: Vec<Device> = Device::enumerate(DeviceType::Cuda).into_iter().collect();
    let count = devices.len();
    let device = devices.into_iter().nth(number).ok_or_else(|| {
        Error::unsupported(format!("there is no GPU {number}; this machine has {count}"), INSTEAD)
    })?;
    let name = device.identity().map_or_else(|| "an NVIDIA GPU".to_owned(), |identity| identity.name);
    Ok((device, format!("cuda:{number}, {name}, burn cuda by NVRTC")))
}

/// Loads a library for good, so that a later search by its name alone finds it wherever it lies.
fn load(file: &Path) -> Result<(), Error> {
    // SAFETY: driver and NVRTC ask nothing of whoever loads them, and are never unloaded.
    #[expect(unsafe_code, reason = "loading a library runs its initialisers")]
    match unsafe { libloading::Library::new(file) } {
        Ok(library) => {
            std::mem::forget(library);
            Ok(())
        }
        Err(error) => Err(Error::Device {
            what: format!("{} cannot be loaded", file.display()),
            source: Some(error.into()),
        }),
    }
}

/// An older driver refuses what a newer compiler writes.
fn check_versions() -> Result<(), Error> {
    let (mut driver, mut major, mut minor) = (0, 0, 0);
    // SAFETY: both functions only write to the integers they are given; both libraries are loaded.
    #[expect(unsafe_code, reason = "functions of the driver and of NVRTC")]
    let (driver_said, nvrtc_said) = unsafe {
        (
            cudarc::driver::sys::cuDriverGetVersion(&raw mut driver).result(),
            cudarc::nvrtc::sys::nvrtcVersion(&raw mut major, &raw mut minor).result(),
        )
    };
    let (Ok(()), Ok(())) = (driver_said, nvrtc_said) else {
        return Err(Error::Device {
            what: "driver or NVRTC does not say its version".to_owned(),
            source: None,
        });
    };
    if 1000 * major + 10 * minor > driver {
        return Err(Error::unsupported(
            format!(
                "NVRTC {major}.{minor} writes for newer drivers than this one, of CUDA {}.{}",
                driver / 1000,
                driver % 1000 / 10
            ),
            "update the driver, set CUDA_PATH to an older CUDA 12, or use the device cpu",
        ));
    }
    Ok(())
}

/// Refuses what would not fit into a GPU's memory: what the driver says is free, and what burn's pool holds for reuse.
pub(crate) fn check_memory(
    what: &str,
    needed_bytes: u64,
    number: usize,
    device: &Device,
) -> Result<(), Error> {
    let free = cudarc::driver::CudaContext::new(number).and_then(|context| context.mem_get_info());
    let Ok((free, _)) = free else {
        return Err(Error::Device {
            what: format!("GPU {number} does not say how much memory is free"),
            source: None,
        });
    };
    let idle = device.memory_pool_usage().map_or(0, |pool| {
        pool.bytes_reserved.saturating_sub(pool.bytes_in_use.saturating_add(pool.bytes_padding))
    });
    let available_bytes = count_u64(free).saturating_add(idle);
    if needed_bytes > available_bytes {
        let what = format!("{what} on GPU {number}");
        return Err(Error::Memory { what, needed_bytes, available_bytes });
    }
    Ok(())
}

//! A library that can be loaded in place of NVIDIA's `libnvidia-ml`: boards whose power follows a script, seen through
//! simulated sensors. For tests and for end-to-end runs on machines without a GPU (`JOULEBOARD_NVML_LIB`).
//!
//! What it simulates is said in `JOULEBOARD_FAKE_NVML`, see [`rig`]. Must not: be found by a search path; it is named or
//! it is not loaded.

mod rig;

use std::ffi::{c_char, c_int, c_longlong, c_uint, c_ulonglong, c_void};
use std::sync::OnceLock;
use std::time::Duration;

use crate::rig::Rig;

const SUCCESS: c_int = 0;
const INVALID_ARGUMENT: c_int = 2;
const NOT_SUPPORTED: c_int = 3;
const INSUFFICIENT_SIZE: c_int = 7;
const GPU_IS_LOST: c_int = 15;
const UNKNOWN: c_int = 999;
const UNSIGNED_INT: c_uint = 1;
const UNSIGNED_LONG_LONG: c_uint = 3;
const FIELD_ENERGY: c_uint = 83;
const FIELD_POWER_INSTANT: c_uint = 186;
const POLICY_POWER: c_uint = 0;
const POLICY_THERMAL: c_uint = 1;
const CLOCK_MEMORY: c_uint = 2;

/// The C library's struct of one field.
#[repr(C)]
pub struct FieldValue {
    field_id: c_uint,
    scope_id: c_uint,
    timestamp: c_longlong,
    latency_micros: c_longlong,
    value_type: c_uint,
    status: c_int,
    value: u64,
}

/// The C library's struct of one process.
#[repr(C)]
pub struct ProcessInfo {
    pid: c_uint,
    used_memory: c_ulonglong,
    gpu_instance: c_uint,
    compute_instance: c_uint,
}

/// The C library's struct of a policy's time.
#[repr(C)]
pub struct ViolationTime {
    reference_micros: c_ulonglong,
    violation_nanos: c_ulonglong,
}

static RIG: OnceLock<Rig> = OnceLock::new();

fn rig() -> &'static Rig {
    RIG.get_or_init(|| Rig::said(&std::env::var("JOULEBOARD_FAKE_NVML").unwrap_or_default()))
}

/// Handles are board numbers plus one, so that none is null.
fn board(handle: *mut c_void) -> Result<usize, c_int> {
    let index =
        handle.addr().checked_sub(1).filter(|&index| index < rig().count()).ok_or(INVALID_ARGUMENT)?;
    if rig().is_lost(index) { Err(GPU_IS_LOST) } else { Ok(index) }
}

/// Answers for a board, or says why not.
fn answer<T>(handle: *mut c_void, place: *mut T, value: impl FnOnce(usize) -> T) -> c_int {
    match board(handle) {
        Ok(index) => put(place, value(index)),
        Err(status) => status,
    }
}

fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

/// Writes through a pointer of the caller.
fn put<T>(place: *mut T, value: T) -> c_int {
    if place.is_null() {
        return INVALID_ARGUMENT;
    }
    #[expect(unsafe_code, reason = "the C interface hands out a place for the answer")]
    // SAFETY: it is not null, and the C interface says that it is of this type.
    unsafe {
        place.write(value);
    }
    SUCCESS
}

fn put_text(place: *mut c_char, length: c_uint, text: &str) -> c_int {
    let room = usize::try_from(length).unwrap_or(0);
    if place.is_null() || text.len() >= room {
        return INVALID_ARGUMENT;
    }
    #[expect(unsafe_code, reason = "the C interface hands out a buffer for the answer")]
    // SAFETY: it is not null and has `length` bytes, and the text with its end is not longer.
    unsafe {
        std::ptr::copy_nonoverlapping(text.as_ptr().cast(), place, text.len());
        place.add(text.len()).write(0);
    }
    SUCCESS
}

/// The caller's array.
fn fields<'a>(values: *mut FieldValue, count: c_int) -> Option<&'a mut [FieldValue]> {
    let count = usize::try_from(count).ok()?;
    if values.is_null() {
        return None;
    }
    #[expect(unsafe_code, reason = "the C interface hands out an array for the answers")]
    // SAFETY: it is not null, holds `count` fields and is ours during the call.
    let fields = unsafe { std::slice::from_raw_parts_mut(values, count) };
    Some(fields)
}

/// Exports functions under the C library's names.
macro_rules! export {
    ($($name:ident($($arg:ident: $kind:ty),*) $body:block)*) => {
        $(
            #[doc = concat!("`", stringify!($name), "` of the C library.")]
            #[expect(unsafe_code, reason = "the name is what the loader looks for")]
            // SAFETY: nobody else in this library has the name.
            #[unsafe(no_mangle)]
            pub extern "C" fn $name($($arg: $kind),*) -> c_int $body
        )*
    };
}

export! {
    nvmlInit_v2() {
        rig();
        SUCCESS
    }
    nvmlShutdown() { SUCCESS }
    nvmlSystemGetDriverVersion(place: *mut c_char, length: c_uint) { put_text(place, length, &rig().driver) }
    nvmlDeviceGetCount_v2(place: *mut c_uint) { put(place, c_uint::try_from(rig().count()).unwrap_or(0)) }
    nvmlDeviceGetHandleByIndex_v2(index: c_uint, place: *mut *mut c_void) {
        match usize::try_from(index) {
            Ok(index) if index < rig().count() => put(place, std::ptr::without_provenance_mut(index + 1)),
            _ => INVALID_ARGUMENT,
        }
    }
    nvmlDeviceGetName(_device: *mut c_void, place: *mut c_char, length: c_uint) {
        put_text(place, length, "Simulated Board 100")
    }
    nvmlDeviceGetMigMode(_device: *mut c_void, current: *mut c_uint, pending: *mut c_uint) {
        let mode = c_uint::from(rig().is_mig);
        put(current, mode).max(put(pending, mode))
    }
    nvmlDeviceGetVirtualizationMode(_device: *mut c_void, place: *mut c_uint) {
        put(place, if rig().is_vgpu { 2 } else { 0 })
    }
    nvmlDeviceGetArchitecture(_device: *mut c_void, place: *mut c_uint) { put(place, 9) }
    nvmlDeviceGetEnforcedPowerLimit(_device: *mut c_void, place: *mut c_uint) { put(place, 700_000) }
    nvmlDeviceGetTemperature(device: *mut c_void, _sensor: c_uint, place: *mut c_uint) {
        answer(device, place, |_| rig().celsius())
    }
    nvmlDeviceGetPowerManagementDefaultLimit(_device: *mut c_void, place: *mut c_uint) { put(place, 700_000) }
    nvmlDeviceGetPersistenceMode(_device: *mut c_void, place: *mut c_uint) { put(place, 1) }
    nvmlDeviceGetEccMode(_device: *mut c_void, current: *mut c_uint, pending: *mut c_uint) {
        put(current, 1).max(put(pending, 1))
    }
    nvmlDeviceGetClockInfo(_device: *mut c_void, kind: c_uint, place: *mut c_uint) {
        put(place, if kind == CLOCK_MEMORY { 2619 } else { 1980 })
    }
    nvmlDeviceGetViolationStatus(device: *mut c_void, policy: c_uint, place: *mut ViolationTime) {
        let share = match policy {
            POLICY_POWER => rig().power_capped,
            POLICY_THERMAL => rig().slowed,
            _ => 0.0,
        };
        answer(device, place, |_| ViolationTime {
            reference_micros: nanos(rig().now()) / 1000,
            violation_nanos: nanos(rig().now().mul_f64(share)),
        })
    }
    nvmlDeviceGetComputeRunningProcesses_v3(device: *mut c_void, count: *mut c_uint, list: *mut ProcessInfo) {
        match board(device) {
            Ok(_) => processes(count, list),
            Err(status) => status,
        }
    }
    nvmlDeviceGetGraphicsRunningProcesses_v3(_device: *mut c_void, count: *mut c_uint, _list: *mut ProcessInfo) {
        put(count, 0)
    }
    nvmlDeviceGetFieldValues(device: *mut c_void, count: c_int, values: *mut FieldValue) {
        let index = match board(device) {
            Ok(index) => index,
            Err(status) => return status,
        };
        let Some(fields) = fields(values, count) else { return INVALID_ARGUMENT };
        let Some((millijoules, milliwatts)) = rig().read(index) else { return UNKNOWN };
        for field in fields {
            let Some(milliwatts) = rig().in_scope(field.scope_id, milliwatts) else {
                field.status = NOT_SUPPORTED;
                continue;
            };
            field.status = SUCCESS;
            field.timestamp = rig().stamp_micros();
            match field.field_id {
                FIELD_ENERGY if rig().has_counter && field.scope_id == 0 => {
                    field.value_type = UNSIGNED_LONG_LONG;
                    field.value = millijoules;
                }
                FIELD_POWER_INSTANT if rig().has_power => {
                    field.value_type = UNSIGNED_INT;
                    field.value = milliwatts;
                }
                _ => field.status = NOT_SUPPORTED,
            }
        }
        SUCCESS
    }
}

/// The processes on a board: those that the rig says, and no other.
fn processes(count: *mut c_uint, list: *mut ProcessInfo) -> c_int {
    let pids = rig().processes();
    let wanted = c_uint::try_from(pids.len()).unwrap_or(0);
    if count.is_null() {
        return INVALID_ARGUMENT;
    }
    #[expect(unsafe_code, reason = "the C interface hands out a count that is read and written")]
    // SAFETY: it is not null, and says how long the list is.
    let room = unsafe { count.read() };
    put(count, wanted);
    if wanted > room || (wanted > 0 && list.is_null()) {
        return INSUFFICIENT_SIZE;
    }
    for (offset, pid) in pids.into_iter().enumerate() {
        let process = ProcessInfo { pid, used_memory: 0, gpu_instance: u32::MAX, compute_instance: u32::MAX };
        #[expect(unsafe_code, reason = "the C interface hands out a list for the answers")]
        // SAFETY: it is not null and has room for as many as were counted.
        unsafe {
            list.add(offset).write(process);
        }
    }
    SUCCESS
}

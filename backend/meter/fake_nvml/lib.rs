//! A library that can be loaded in place of NVIDIA's `libnvidia-ml`: boards whose power follows a script, seen through
//! simulated sensors. For tests and for end-to-end runs on machines without a GPU (`JOULEBOARD_NVML_LIB`).
//!
//! What it simulates is said in `JOULEBOARD_FAKE_NVML`, parts parted by commas: `gpus=2`, `period_ms=100`,
//! `averaging_ms=25`, `watts=60:0.5;300:0.5` (watts and seconds, repeated), `duty` (the counter sees only the averaging
//! windows), `mig`, `vgpu`, `lost=1@2.5` (board 1 goes away after 2.5 s). Must not: be found by a search path; it is
//! named or it is not loaded.

use std::ffi::{c_char, c_int, c_longlong, c_uint, c_void};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use common::meter::Domain;
use common::units::Power;
use meter::replay::Script;
use meter::sensor::{Distortion, Integrates, Sensor};
use meter::{Clock, Monotonic};

const SUCCESS: c_int = 0;
const INVALID_ARGUMENT: c_int = 2;
const NOT_SUPPORTED: c_int = 3;
const GPU_IS_LOST: c_int = 15;
const UNSIGNED_INT: c_uint = 1;
const UNSIGNED_LONG_LONG: c_uint = 3;
const FIELD_ENERGY: c_uint = 83;
const FIELD_POWER_INSTANT: c_uint = 186;

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

struct Rig {
    clock: Monotonic,
    boards: Vec<Mutex<Sensor>>,
    is_mig: bool,
    is_vgpu: bool,
    lost: Option<(usize, Duration)>,
}

static RIG: OnceLock<Rig> = OnceLock::new();

fn rig() -> &'static Rig {
    RIG.get_or_init(|| {
        let said = std::env::var("JOULEBOARD_FAKE_NVML").unwrap_or_default();
        let value = |name: &str| said.split(',').find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
        let flag = |name: &str| said.split(',').any(|part| part == name);
        let number =
            |name: &str, default: u64| value(name).and_then(|text| text.parse().ok()).unwrap_or(default);
        let mut distortion = Distortion::of_millis(number("period_ms", 100), number("averaging_ms", 25));
        if flag("duty") {
            distortion.integrates = Integrates::WindowsOnly;
        }
        let script = script(value("watts").unwrap_or("60:0.5;300:0.5"));
        let count = u16::try_from(number("gpus", 2)).unwrap_or(2);
        let board = |index| {
            let phase =
                distortion.update_period.mul_f64(f64::from(index) * 0.37).min(distortion.update_period);
            Mutex::new(Sensor::new(script.clone(), Distortion { phase, ..distortion }, Domain::Gpu(index)))
        };
        let lost = value("lost").and_then(|text| {
            let (index, after) = text.split_once('@')?;
            Some((index.parse().ok()?, Duration::try_from_secs_f64(after.parse().ok()?).ok()?))
        });
        Rig {
            clock: Monotonic::start(),
            boards: (0..count).map(board).collect(),
            is_mig: flag("mig"),
            is_vgpu: flag("vgpu"),
            lost,
        }
    })
}

fn script(text: &str) -> Script {
    let mut at = Duration::ZERO;
    let mut points = Vec::new();
    for (watts, seconds) in text.split(';').filter_map(|part| part.split_once(':')) {
        let (Ok(watts), Ok(seconds)) = (watts.parse(), seconds.parse()) else { continue };
        points.push((at, Power::from_watts(watts)));
        at += Duration::try_from_secs_f64(seconds).unwrap_or_default();
    }
    if at.is_zero() { Script::constant(100.0) } else { Script::steps(points, at) }
}

impl Rig {
    /// Handles are board numbers plus one, so that none is null.
    fn board(&self, handle: *mut c_void) -> Result<&Mutex<Sensor>, c_int> {
        let index = handle.addr().checked_sub(1).ok_or(INVALID_ARGUMENT)?;
        if self.lost.is_some_and(|(lost, after)| lost == index && self.clock.now() >= after) {
            return Err(GPU_IS_LOST);
        }
        self.boards.get(index).ok_or(INVALID_ARGUMENT)
    }
}

/// Writes through a pointer of the caller.
fn put<T>(place: *mut T, value: T) -> c_int {
    if place.is_null() {
        return INVALID_ARGUMENT;
    }
    #[expect(
        unsafe_code,
        reason = "the C interface hands out a place for the answer; it is not null and of this type"
    )]
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
    #[expect(
        unsafe_code,
        reason = "the caller's buffer has `length` bytes, and the text with its end is shorter"
    )]
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
    #[expect(unsafe_code, reason = "the caller's array holds `count` fields and is its own during the call")]
    let fields = unsafe { std::slice::from_raw_parts_mut(values, count) };
    Some(fields)
}

/// Exports functions under the C library's names.
macro_rules! export {
    ($($name:ident($($arg:ident: $kind:ty),*) $body:block)*) => {
        $(
            #[doc = concat!("`", stringify!($name), "` of the C library.")]
            #[expect(unsafe_code, reason = "the name is what the loader looks for")]
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
    nvmlSystemGetDriverVersion(place: *mut c_char, length: c_uint) { put_text(place, length, "580.95.05-simulated") }
    nvmlDeviceGetCount_v2(place: *mut c_uint) { put(place, c_uint::try_from(rig().boards.len()).unwrap_or(0)) }
    nvmlDeviceGetHandleByIndex_v2(index: c_uint, place: *mut *mut c_void) {
        match usize::try_from(index) {
            Ok(index) if index < rig().boards.len() => put(place, std::ptr::without_provenance_mut(index + 1)),
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
        match rig().board(device) {
            Ok(_) => put(place, 41),
            Err(status) => status,
        }
    }
    nvmlDeviceGetFieldValues(device: *mut c_void, count: c_int, values: *mut FieldValue) {
        let rig = rig();
        let board = match rig.board(device) {
            Ok(board) => board,
            Err(status) => return status,
        };
        let Some(fields) = fields(values, count) else { return INVALID_ARGUMENT };
        let mut sensor = board.lock().unwrap_or_else(PoisonError::into_inner);
        let now = rig.clock.now();
        for field in fields {
            field.status = SUCCESS;
            match field.field_id {
                FIELD_ENERGY => {
                    field.value_type = UNSIGNED_LONG_LONG;
                    field.value = sensor.millijoules(now);
                }
                FIELD_POWER_INSTANT => {
                    let milliwatts = sensor.power(now).map_or(0.0, |power| power.watts() * 1e3).round();
                    field.value_type = UNSIGNED_INT;
                    // Whole milliwatts below 2^53: the text of the float is the integer.
                    field.value = format!("{milliwatts:.0}").parse().unwrap_or(0);
                }
                _ => field.status = NOT_SUPPORTED,
            }
        }
        SUCCESS
    }
}

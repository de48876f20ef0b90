//! One call for several fields of a board, into room that is taken once.
//!
//! The wrapper's own call makes two lists each time; inside a Window nothing may be allocated. Must not: ask for
//! field numbers that differ between drivers (251 to 273), which the wrapper would have to translate.

use std::ffi::c_int;
use std::time::Duration;

use nvml_wrapper::error::{NvmlError, nvml_try};
use nvml_wrapper::{Device, Nvml};
use nvml_wrapper_sys::bindings::{
    nvmlDevice_t, nvmlFieldValue_t, nvmlReturn_t, nvmlValue_t,
    nvmlValueType_enum_NVML_VALUE_TYPE_SIGNED_LONG_LONG, nvmlValueType_enum_NVML_VALUE_TYPE_UNSIGNED_INT,
    nvmlValueType_enum_NVML_VALUE_TYPE_UNSIGNED_LONG, nvmlValueType_enum_NVML_VALUE_TYPE_UNSIGNED_LONG_LONG,
};

type Call = unsafe extern "C" fn(nvmlDevice_t, c_int, *mut nvmlFieldValue_t) -> nvmlReturn_t;

/// A list of fields and room for their answers.
pub(super) struct Fields {
    call: Call,
    room: Vec<nvmlFieldValue_t>,
}

/// One answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) value: u64,
    /// When the driver says that the value is from, since the Unix epoch; `None` where it does not.
    pub(super) stamp: Option<Duration>,
}

impl Fields {
    /// Takes room for these fields of one scope: 0 is the board, 1 the module with its processor, 2 the board's memory.
    /// The wrapper's own call knows the board only.
    pub(super) fn new(nvml: &Nvml, ids: &[u32], scope: u32) -> Result<Self, NvmlError> {
        let call = *nvml
            .lib()
            .nvmlDeviceGetFieldValues
            .as_ref()
            .map_err(|error| NvmlError::FailedToLoadSymbol(error.to_string()))?;
        let room = ids.iter().map(|&id| asked(id, scope)).collect();
        Ok(Self { call, room })
    }

    /// The same without the fields that the board does not answer.
    pub(super) fn only_answered(&mut self) {
        self.room.retain(|field| nvml_try(field.nvmlReturn).is_ok());
    }

    /// Asks for all of them in one call.
    pub(super) fn ask(&mut self, device: &Device<'_>) -> Result<(), NvmlError> {
        for field in &mut self.room {
            *field = asked(field.fieldId, field.scopeId);
        }
        let count = c_int::try_from(self.room.len()).map_err(|_| NvmlError::InvalidArg)?;
        #[expect(unsafe_code, reason = "the wrapper's call allocates, which must not be inside a Window")]
        // SAFETY: the symbol was loaded from the library that `device` came from and that stays open, and the room holds
        // `count` fields.
        let status = unsafe { (self.call)(device.handle(), count, self.room.as_mut_ptr()) };
        nvml_try(status)
    }

    /// The answer to one field of the last call; `None` where that field was not asked for.
    pub(super) fn answer(&self, id: u32) -> Option<Result<Answer, NvmlError>> {
        let field = self.room.iter().find(|field| field.fieldId == id)?;
        Some(nvml_try(field.nvmlReturn).and_then(|()| {
            let value = whole(field.valueType, field.value).ok_or(NvmlError::Unknown)?;
            let micros = u64::try_from(field.timestamp).ok().filter(|&micros| micros > 0);
            Ok(Answer { value, stamp: micros.map(Duration::from_micros) })
        }))
    }
}

fn asked(id: u32, scope: u32) -> nvmlFieldValue_t {
    nvmlFieldValue_t {
        fieldId: id,
        scopeId: scope,
        timestamp: 0,
        latencyUsec: 0,
        valueType: 0,
        nvmlReturn: 0,
        value: nvmlValue_t { ullVal: 0 },
    }
}

/// A count; `None` for what is none.
fn whole(kind: u32, value: nvmlValue_t) -> Option<u64> {
    #[expect(non_upper_case_globals, reason = "these are the C library's names of its constants")]
    #[expect(unsafe_code, reason = "the library answers in a union of C")]
    // SAFETY: the library says which member it wrote, all of them are plain numbers, and no other is read.
    unsafe {
        match kind {
            nvmlValueType_enum_NVML_VALUE_TYPE_UNSIGNED_INT => Some(u64::from(value.uiVal)),
            nvmlValueType_enum_NVML_VALUE_TYPE_UNSIGNED_LONG
            | nvmlValueType_enum_NVML_VALUE_TYPE_UNSIGNED_LONG_LONG => Some(value.ullVal),
            nvmlValueType_enum_NVML_VALUE_TYPE_SIGNED_LONG_LONG => u64::try_from(value.sllVal).ok(),
            // A double among them.
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use nvml_wrapper_sys::bindings::nvmlValueType_enum_NVML_VALUE_TYPE_DOUBLE;

    use super::*;

    #[test]
    fn a_count_is_read_from_the_member_that_the_library_wrote() {
        let of = |kind, value| whole(kind, value);
        assert_eq!(of(nvmlValueType_enum_NVML_VALUE_TYPE_UNSIGNED_INT, nvmlValue_t { uiVal: 7 }), Some(7));
        let large = nvmlValue_t { ullVal: 1 << 40 };
        assert_eq!(of(nvmlValueType_enum_NVML_VALUE_TYPE_UNSIGNED_LONG_LONG, large), Some(1 << 40));
        let negative = nvmlValue_t { sllVal: -1 };
        assert_eq!(of(nvmlValueType_enum_NVML_VALUE_TYPE_SIGNED_LONG_LONG, negative), None);
        assert_eq!(of(nvmlValueType_enum_NVML_VALUE_TYPE_DOUBLE, nvmlValue_t { dVal: 1.0 }), None);
    }
}

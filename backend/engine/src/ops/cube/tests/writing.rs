//! The CUDA C++ of a kernel as cubecl writes it today, and whether the file says the same.
//!
//! `WRITE_KERNELS=1 cargo test -p engine --features cuda --lib ops::cube` writes the files anew. Must not: need a GPU.

use std::sync::Arc;

use cubecl::ir::features::Features;
use cubecl::ir::{
    AddressType, DeviceIdentity, DeviceProperties, ElemType, FloatKind, HardwareProperties, IntKind,
    MemoryDeviceProperties, TargetProperties, UIntKind,
};
use cubecl::prelude::{BufferCompilationArg, CubeDim, CubeKernel, ExecutionMode, KernelSettings};
use cubecl_cuda::{CudaCompilationOptions, CudaCompiler};

use super::super::{attention, kernels};
use super::*;
use crate::numeric::count_u32;

/// A GPU as cubecl describes it, of which only the widths matter here.
fn properties() -> Arc<DeviceProperties> {
    let hardware = HardwareProperties {
        load_width: 128,
        vector_register_count: None,
        plane_size_min: 32,
        plane_size_max: 32,
        max_bindings: 32,
        max_shared_memory_size: 65536,
        max_cube_count: (u32::MAX, 65535, 65535),
        max_units_per_cube: 1024,
        max_cube_dim: (1024, 1024, 64),
        num_streaming_multiprocessors: None,
        num_tensor_cores: None,
        min_tensor_cores_dim: None,
        num_cpu_cores: None,
        last_level_cache_size: None,
        max_vector_size: 16,
        cube_mma_reserved_shared_memory: 0,
    };
    let identity = DeviceIdentity { name: "none".into(), fingerprint: "none".into(), physical: None };
    Arc::new(DeviceProperties::new(
        Features::default(),
        MemoryDeviceProperties::new(1 << 30, 512),
        hardware,
        cubecl::profile::TimingMethod::Device,
        identity,
    ))
}

fn compiled(kernel: &dyn CubeKernel) -> String {
    let definition = cubecl::define_kernel(kernel).unwrap();
    let mut options = CudaCompilationOptions::default();
    options.cpp.warp_size = 32;
    options.cpp.supports_features.grid_constants = true;
    cubecl::Compiler::compile(&mut CudaCompiler::default(), definition, &options).unwrap().to_string()
}

fn buffer() -> BufferCompilationArg {
    BufferCompilationArg { inplace: None }
}

fn elem(format: Format) -> ElemType {
    match format {
        Format::Dense(DType::BF16) => ElemType::Float(FloatKind::BF16),
        Format::Dense(DType::F16) => ElemType::Float(FloatKind::F16),
        Format::Dense(_) | Format::Packed(Packing::Dense) => ElemType::Float(FloatKind::F32),
        Format::Packed(Packing::Int8) => ElemType::Int(IntKind::I8),
        Format::Packed(Packing::Int4) => ElemType::UInt(UIntKind::U8),
    }
}

impl Kernel {
    /// Fails where the file says otherwise; writes it where that is asked for.
    pub(super) fn hold(self) {
        let (file, source) = (self.file(), self.written());
        if std::env::var_os("WRITE_KERNELS").is_some() {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, &source).unwrap();
        }
        let found = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(found == source, "{} is not what the kernel becomes: set WRITE_KERNELS=1", file.display());
    }

    pub(super) fn written(self) -> String {
        let (x, y) = self.units();
        let settings = KernelSettings::new(
            *CubeDim::new_2d(count_u32(x), count_u32(y)),
            ExecutionMode::Unchecked,
            AddressType::U32,
        );
        let (device, target) = (properties(), Arc::new(TargetProperties::default()));
        match self {
            Self::Product { format, tokens, has_bias, sharing } => compiled(&kernels::product::Product::new(
                settings,
                device,
                target,
                buffer(),
                buffer(),
                buffer(),
                buffer(),
                buffer(),
                buffer(),
                (),
                (),
                (),
                format.width(),
                tokens,
                format.packing(),
                has_bias,
                sharing,
                elem(format),
            )),
            Self::Best => compiled(&kernels::best::Best::new(
                settings,
                device,
                target,
                buffer(),
                buffer(),
                buffer(),
                (),
                (),
                (),
            )),
            Self::Widen { packing } => compiled(&kernels::widen::Widen::new(
                settings,
                device,
                target,
                buffer(),
                buffer(),
                buffer(),
                (),
                packing,
                elem(Format::Packed(packing)),
            )),
            Self::Norm { is_centred, has_bias, has_more } => compiled(&kernels::norm::Norm::new(
                settings,
                device,
                target,
                buffer(),
                buffer(),
                buffer(),
                buffer(),
                buffer(),
                buffer(),
                (),
                (),
                (),
                is_centred,
                has_bias,
                has_more,
                PLANES,
            )),
            Self::Activate { kind, gated } => compiled(&kernels::activate::Activate::new(
                settings,
                device,
                target,
                buffer(),
                buffer(),
                (),
                (),
                kind,
                gated,
            )),
            Self::Remember { turned, cache } => compiled(&attention::remember::Remember::new(
                settings,
                device,
                target,
                buffer(),
                buffer(),
                buffer(),
                buffer(),
                buffer(),
                buffer(),
                buffer(),
                buffer(),
                buffer(),
                buffer(),
                buffer(),
                buffer(),
                (),
                (),
                (),
                (),
                turned,
                elem(Format::Dense(cache)),
            )),
            Self::Look { shape, cache } => compiled(&attention::look::Look::new(
                settings,
                device,
                target,
                buffer(),
                buffer(),
                buffer(),
                buffer(),
                buffer(),
                buffer(),
                buffer(),
                buffer(),
                (),
                (),
                (),
                (),
                shape,
                elem(Format::Dense(cache)),
            )),
            Self::Join { splits } => compiled(&attention::join::Join::new(
                settings,
                device,
                target,
                buffer(),
                buffer(),
                buffer(),
                (),
                (),
                splits,
            )),
        }
    }
}

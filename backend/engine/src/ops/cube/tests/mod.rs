//! Our kernels as CUDA C++: that they become it, and, where `CUDA_PATH` names NVRTC and its headers, that it compiles for an
//! H200.
//!
//! Must not: need a GPU.

use std::sync::Arc;

use cubecl::ir::features::Features;
use cubecl::ir::{
    AddressType, DeviceIdentity, DeviceProperties, HardwareProperties, MemoryDeviceProperties,
    TargetProperties,
};
use cubecl::prelude::{BufferCompilationArg, CubeKernel, ExecutionMode, KernelSettings};
use cubecl_cuda::{CudaCompilationOptions, CudaCompiler};

use super::*;

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

fn settings(dim: CubeDim) -> KernelSettings {
    KernelSettings::new(*dim, ExecutionMode::Unchecked, AddressType::U32)
}

fn source(kernel: &dyn CubeKernel) -> String {
    let definition = cubecl::define_kernel(kernel).unwrap();
    let mut options = CudaCompilationOptions::default();
    options.cpp.warp_size = 32;
    options.cpp.supports_features.grid_constants = true;
    cubecl::Compiler::compile(&mut CudaCompiler::default(), definition, &options).unwrap().to_string()
}

/// Every kernel with what it is launched with.
fn sources() -> Vec<(String, String)> {
    let (properties, target) = (properties(), Arc::new(TargetProperties::default()));
    let buffer = || BufferCompilationArg { inplace: None };
    let planes = CubeDim::new_2d(count_u32(PLANE), count_u32(PLANES));
    let units = CubeDim::new_1d(count_u32(PLANE * PLANES));
    let mut all = Vec::new();
    for (kind, width) in [(FloatKind::BF16, 8), (FloatKind::F16, 8), (FloatKind::F32, 4)] {
        for tokens in [1, FEW] {
            let kernel = kernels::product::Product::new(
                settings(planes),
                Arc::clone(&properties),
                Arc::clone(&target),
                buffer(),
                buffer(),
                buffer(),
                buffer(),
                (),
                (),
                width,
                tokens,
                tokens > 1,
                ElemType::Float(kind),
            );
            all.push((format!("product {kind:?} {tokens}"), source(&kernel)));
        }
    }
    let int8 = kernels::product_int8::ProductInt8::new(
        settings(planes),
        Arc::clone(&properties),
        Arc::clone(&target),
        buffer(),
        buffer(),
        buffer(),
        buffer(),
        buffer(),
        (),
        (),
        8,
        2,
        false,
    );
    all.push(("product int8".to_owned(), source(&int8)));
    let int4 = kernels::product_int4::ProductInt4::new(
        settings(planes),
        Arc::clone(&properties),
        Arc::clone(&target),
        buffer(),
        buffer(),
        buffer(),
        buffer(),
        buffer(),
        (),
        (),
        8,
        2,
        false,
    );
    all.push(("product int4".to_owned(), source(&int4)));
    for centred in [false, true] {
        let norm = kernels::norm::Norm::new(
            settings(units),
            Arc::clone(&properties),
            Arc::clone(&target),
            buffer(),
            buffer(),
            buffer(),
            buffer(),
            (),
            (),
            (),
            centred,
            centred,
            PLANES,
        );
        all.push((format!("norm {centred}"), source(&norm)));
    }
    for kind in [Activation::Silu, Activation::Gelu, Activation::GeluTanh, Activation::Relu] {
        let activate = kernels::activate::Activate::new(
            settings(units),
            Arc::clone(&properties),
            Arc::clone(&target),
            buffer(),
            buffer(),
            (),
            (),
            kind,
            true,
        );
        all.push((format!("activate {kind:?}"), source(&activate)));
    }
    all
}

#[test]
fn every_kernel_becomes_cuda_and_compiles_where_nvrtc_is() {
    let sources = sources();
    for (name, source) in &sources {
        assert!(source.contains("__global__"), "{name}:\n{source}");
    }
    let Some(cuda) = std::env::var_os("CUDA_PATH").map(std::path::PathBuf::from) else { return };
    // SAFETY: NVRTC asks nothing of whoever loads it, and is never unloaded.
    #[expect(unsafe_code, reason = "loading a library runs its initialisers")]
    let library = unsafe { libloading::Library::new(cuda.join("lib/libnvrtc.so.12")) };
    std::mem::forget(library.unwrap());
    for (name, source) in sources {
        let size =
            compile(&source, &cuda.join("include")).unwrap_or_else(|log| panic!("{name}: {log}\n{source}"));
        assert!(size > 200, "{name}: {size} bytes of PTX");
    }
}

/// Bytes of PTX, or what NVRTC complains of.
fn compile(source: &str, include: &std::path::Path) -> Result<usize, String> {
    let source = std::ffi::CString::new(source).unwrap();
    let include = format!("--include-path={}", include.display());
    // SAFETY: the program is made here and used by this thread only.
    #[expect(unsafe_code, reason = "functions of NVRTC")]
    unsafe {
        let program = cudarc::nvrtc::result::create_program(&source, None).unwrap();
        if cudarc::nvrtc::result::compile_program(program, &["--gpu-architecture=sm_90a", &include]).is_err()
        {
            let log = cudarc::nvrtc::result::get_program_log(program).unwrap();
            return Err(std::ffi::CStr::from_ptr(log.as_ptr()).to_string_lossy().into_owned());
        }
        Ok(cudarc::nvrtc::result::get_ptx(program).unwrap().len())
    }
}

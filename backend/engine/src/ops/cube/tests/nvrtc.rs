//! That NVRTC takes every kernel of the shapes that `cargo xtask gpu` times, for an A100 and an H200.
//!
//! Needs `CUDA_PATH`, which names NVRTC and its headers, and no GPU. Must not: pass silently where NVRTC is not.

use super::super::plan::FEW;
use super::*;

/// The shape of llama-3-8B's attention in a step of one text.
const LLAMA: Shape = Shape {
    heads: 32,
    kv_heads: 8,
    head_dim: 128,
    group: 4,
    rows: 1,
    planes: PLANES,
    splits: 8,
    window: 0,
    has_softcap: false,
    has_alibi: false,
};

/// Every kernel with numbers of full-size models.
fn all() -> Vec<Kernel> {
    let mut all = Vec::new();
    for cache in FLOATS {
        for tokens in 1..=FEW {
            all.push(Kernel::Product {
                format: Format::Dense(cache),
                tokens,
                has_bias: tokens > 1,
                sharing: 0,
            });
        }
        let gemma = Shape {
            heads: 16,
            head_dim: 256,
            group: 2,
            rows: 4,
            splits: 1,
            window: 4096,
            has_softcap: true,
            ..LLAMA
        };
        let bloom = Shape { kv_heads: 32, group: 1, rows: 8, splits: 1, has_alibi: true, ..LLAMA };
        all.extend([LLAMA, gemma, bloom].map(|shape| Kernel::Look { shape, cache }));
        let turned = Turned {
            heads: 32,
            kv_heads: 8,
            head_dim: 128,
            pairs: 64,
            has_norm: cache != DType::F32,
            is_centred: cache == DType::F16,
            has_bias: cache == DType::F16,
        };
        all.push(Kernel::Remember { turned, cache });
    }
    for packing in PACKED {
        for tokens in [1, FEW] {
            all.push(Kernel::Product {
                format: Format::Packed(packing),
                tokens,
                has_bias: false,
                sharing: 0,
            });
        }
        let format = Format::Packed(packing);
        all.push(Kernel::Product { format, tokens: 1, has_bias: false, sharing: 2 });
        all.push(Kernel::Widen { packing });
    }
    for centred in [false, true] {
        for has_more in [false, true] {
            all.push(Kernel::Norm { is_centred: centred, has_bias: centred, has_more });
        }
    }
    for kind in [Activation::Silu, Activation::Gelu, Activation::GeluTanh, Activation::Relu] {
        all.push(Kernel::Activate { kind, gated: true });
    }
    all.extend([Kernel::Join { splits: 8 }, Kernel::Best]);
    all
}

#[test]
fn every_kernel_becomes_cuda_and_compiles_where_nvrtc_is() {
    let sources: Vec<(String, String)> =
        all().into_iter().map(|kernel| (kernel.name(), kernel.written())).collect();
    for (name, source) in &sources {
        assert!(source.contains("__global__"), "{name}:\n{source}");
    }
    let Some(cuda) = std::env::var_os("CUDA_PATH").map(PathBuf::from) else {
        println!("not compiled with NVRTC: CUDA_PATH is not set");
        return;
    };
    // SAFETY: NVRTC asks nothing of whoever loads it, and is never unloaded.
    #[expect(unsafe_code, reason = "loading a library runs its initialisers")]
    let library = unsafe { libloading::Library::new(cuda.join("lib/libnvrtc.so.12")) };
    std::mem::forget(library.unwrap());
    for (name, source) in sources {
        for architecture in ["sm_80", "sm_90a"] {
            let size = compile(&source, architecture, &cuda.join("include"))
                .unwrap_or_else(|log| panic!("{name} for {architecture}: {log}\n{source}"));
            assert!(size > 200, "{name} for {architecture}: {size} bytes");
        }
    }
}

/// Bytes of PTX, or what NVRTC complains of.
fn compile(source: &str, architecture: &str, include: &std::path::Path) -> Result<usize, String> {
    let source = std::ffi::CString::new(source).unwrap();
    let include = format!("--include-path={}", include.display());
    let architecture = format!("--gpu-architecture={architecture}");
    // SAFETY: the program is made here and used by this thread only.
    #[expect(unsafe_code, reason = "functions of NVRTC")]
    unsafe {
        let program = cudarc::nvrtc::result::create_program(&source, None).unwrap();
        if cudarc::nvrtc::result::compile_program(program, &[architecture.as_str(), include.as_str()])
            .is_err()
        {
            let log = cudarc::nvrtc::result::get_program_log(program).unwrap();
            return Err(std::ffi::CStr::from_ptr(log.as_ptr()).to_string_lossy().into_owned());
        }
        Ok(cudarc::nvrtc::result::get_ptx(program).unwrap().len())
    }
}

//! Stands in for the package of the same name, so that CUDA builds need no LLVM.
//!
//! cubecl's CUDA runtime links two compilers of kernels: CUDA C++ through NVRTC, which we use, and LLVM, whose
//! package downloads a prebuilt LLVM while it is built. The root manifest's `[patch.crates-io]` puts this crate in
//! its place: the names that the runtime mentions, and nothing behind them. `engine` selects NVRTC (`cuda-cpp`) and
//! a test of `cargo xtask test` sees to it that no LLVM is in the tree.
//!
//! Must not: compile anything; if it is ever asked to, it says what is built wrongly instead of running wrong code.

use std::convert::Infallible;
use std::ffi::c_char;
use std::fmt;

use cubecl_core::environment::backtrace::BackTrace;
use cubecl_core::ir::nvidia::SmArch;
use cubecl_core::prelude::KernelDefinition;
use cubecl_core::{CompilationError, Compiler};
use cubecl_runtime::kernel::BufferIOAttr;

use crate::nvptx::ptx_version::PtxVersion;

/// What whoever builds it wrongly reads.
pub const NOT_BUILT: &str = "this program was built without cubecl's LLVM compiler: switch on `cuda-cpp` of \
     `cubecl`, so that CUDA kernels are compiled with NVRTC";

/// PTX.
pub mod nvptx {
    /// Versions of PTX.
    pub mod ptx_version {
        use std::convert::Infallible;
        use std::fmt;

        /// The version of PTX that LLVM would write. There is none.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct PtxVersion(Infallible);

        impl PtxVersion {
            /// The newest version that a driver loads: none of ours.
            pub fn for_driver(_driver: i32) -> Option<Self> {
                None
            }
        }

        impl fmt::Display for PtxVersion {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.0 {}
            }
        }
    }
}

/// What the targets of LLVM share.
pub mod shared {
    /// What LLVM cannot express.
    pub mod lowered_features {
        use cubecl_core::ir::DeviceProperties;

        /// Kinds of GPU.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum GpuTarget {
            /// NVIDIA.
            Nvptx,
        }

        /// Called once a device, only where LLVM was selected.
        ///
        /// # Panics
        /// Always, saying what is built wrongly: going on would run a compiler that is not there.
        pub fn restrict_features(_: &mut DeviceProperties, _: GpuTarget) {
            panic!("{}", crate::NOT_BUILT)
        }
    }
}

/// What LLVM would compile for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LlvmTarget {
    /// NVIDIA.
    #[default]
    Nvptx,
}

/// How LLVM would compile.
#[derive(Clone, Debug, Default)]
pub struct PlironOptions {
    /// Not used for NVIDIA.
    pub arch: Option<Infallible>,
    /// The device's architecture.
    pub sm_arch: Option<SmArch>,
    /// The newest PTX that the driver loads.
    pub ptx_version: Option<PtxVersion>,
    /// Whether parameters are grid constants.
    pub grid_constants: bool,
}

/// What LLVM would give; cannot be built.
#[derive(Clone, Debug)]
pub struct NvptxModule {
    /// The program.
    pub ptx: Vec<c_char>,
    /// The same in LLVM's language.
    pub ir: String,
    /// Bytes of dynamic shared memory.
    pub shared_memory_size: usize,
    /// How each buffer is used.
    pub io: Vec<BufferIOAttr>,
    never: Infallible,
}

/// What LLVM would give, by target.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum PlironArtifact {
    /// For NVIDIA.
    NvptxCode(NvptxModule),
}

impl fmt::Display for PlironArtifact {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::NvptxCode(module) = self;
        match module.never {}
    }
}

/// The compiler that is not here.
#[derive(Clone, Debug, Default)]
pub struct PlironCompiler {
    /// What it would compile for.
    pub target: LlvmTarget,
}

impl Compiler for PlironCompiler {
    type Representation = PlironArtifact;
    type CompilationOptions = PlironOptions;

    fn compile(
        &mut self,
        _: KernelDefinition,
        _: &PlironOptions,
    ) -> Result<PlironArtifact, CompilationError> {
        Err(CompilationError::Generic { reason: NOT_BUILT.into(), backtrace: BackTrace::capture() })
    }

    fn extension(&self) -> &'static str {
        "ll"
    }

    fn lang_tag(&self) -> &'static str {
        "llvm"
    }
}

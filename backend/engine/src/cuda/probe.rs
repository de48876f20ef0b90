//! What a machine has and lacks for running kernels on an NVIDIA GPU: driver, NVRTC, headers, in this order.
//!
//! Looks at files only, so that it can be asked anywhere and is tested with folders that are made up. Must not: load a
//! library; say more than one thing is missing, since the first decides.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// The CUDA that this build speaks; see `cudarc` in the root manifest.
const BUILT_FOR: Version = Version { major: 12, minor: 8 };
/// Folders in which the loader finds libraries, besides those of the toolkit.
const LOADER: [&str; 8] = [
    "usr/lib/x86_64-linux-gnu",
    "usr/lib/aarch64-linux-gnu",
    "usr/lib64",
    "usr/lib",
    "usr/lib/wsl/lib",
    "usr/local/nvidia/lib64",
    "usr/local/nvidia/lib",
    "lib/x86_64-linux-gnu",
];
/// Where toolkits lie that `CUDA_PATH` does not name.
const TOOLKITS: [&str; 2] = ["usr/local/cuda", "opt/cuda"];
/// Folders of a toolkit that hold libraries.
const LIBRARIES: [&str; 4] = ["lib64", "lib", "targets/x86_64-linux/lib", "targets/sbsa-linux/lib"];
/// Headers that kernels include, each with the package of the Python index that has it.
const HEADERS: [(&str, &str); 4] = [
    ("cuda_fp16.h", "nvidia-cuda-runtime-cu12"),
    ("cuda_bf16.h", "nvidia-cuda-runtime-cu12"),
    ("mma.h", "nvidia-cuda-runtime-cu12"),
    ("crt/mma.h", "nvidia-cuda-nvcc-cu12"),
];

/// A version of CUDA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    major: u32,
    minor: u32,
}

/// Where to look.
#[derive(Debug, Clone)]
pub struct Places {
    /// The root of the file system.
    pub root: PathBuf,
    /// `CUDA_PATH`.
    pub cuda_path: Option<PathBuf>,
    /// `LD_LIBRARY_PATH`.
    pub library_path: Option<OsString>,
}

impl Places {
    /// Those of this machine and this process.
    pub fn of_this_machine() -> Self {
        Self {
            root: PathBuf::from("/"),
            cuda_path: std::env::var_os("CUDA_PATH")
                .map(PathBuf::from)
                .filter(|path| !path.as_os_str().is_empty()),
            library_path: std::env::var_os("LD_LIBRARY_PATH"),
        }
    }

    fn loader(&self) -> Vec<PathBuf> {
        let named = self.library_path.as_ref().map(|path| std::env::split_paths(path).collect::<Vec<_>>());
        let named = named.unwrap_or_default().into_iter().filter(|path| path.is_absolute());
        named.chain(LOADER.iter().map(|folder| self.root.join(folder))).collect()
    }

    /// As cubecl looks for it.
    fn toolkit(&self) -> Option<PathBuf> {
        if let Some(path) = &self.cuda_path {
            return Some(path.clone());
        }
        let known = TOOLKITS.iter().map(|folder| self.root.join(folder));
        let distribution = self.root.join("usr");
        known
            .into_iter()
            .find(|folder| folder.exists())
            .or_else(|| distribution.join("bin/nvcc").exists().then_some(distribution))
    }
}

/// What is needed and there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toolkit {
    /// The driver's library.
    pub driver: PathBuf,
    /// The compiler's library.
    pub nvrtc: PathBuf,
    /// Folder of the headers.
    pub include: PathBuf,
    /// What works worse than it could, a sentence each.
    pub remarks: Vec<String>,
}

/// What is missing, in one sentence that says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no NVIDIA GPU can be used: {0}")]
pub struct Lack(String);

/// Looks for everything that kernels need.
///
/// # Errors
/// [`Lack`] names the first thing that is missing.
pub fn probe(places: &Places) -> Result<Toolkit, Lack> {
    let lack = |sentence: String| Err(Lack(sentence));
    let loader = places.loader();
    let Some(driver) = loader.iter().map(|folder| folder.join("libcuda.so.1")).find(|file| file.exists())
    else {
        return lack(
            "the driver's library libcuda.so.1 is in no folder of the loader; install the NVIDIA driver, in a \
             container with its run-time (`--gpus all`)"
                .to_owned(),
        );
    };
    let Some(toolkit) = places.toolkit() else {
        return lack(
            "there are no CUDA headers; set CUDA_PATH to a CUDA 12.8 toolkit, or to a folder made of the packages \
             nvidia-cuda-{nvrtc,runtime,nvcc,cccl}-cu12 of the Python index"
                .to_owned(),
        );
    };
    let shown = toolkit.display();
    let places_of_nvrtc = LIBRARIES.iter().map(|folder| toolkit.join(folder)).chain(loader);
    let Some(nvrtc) = places_of_nvrtc.flat_map(nvrtcs).max_by_key(|(version, _)| *version) else {
        return lack(format!(
            "the kernel compiler libnvrtc.so.12 is neither in {shown} nor in a folder of the loader; install CUDA 12.8, or add \
             the package nvidia-cuda-nvrtc-cu12 of the Python index"
        ));
    };
    let (version, nvrtc) = nvrtc;
    if version.is_some_and(|version| version < BUILT_FOR) {
        return lack(format!(
            "{} is older than CUDA {}.{}, for which this program is built; install that, or build with a lower \
             CUDARC_CUDA_VERSION",
            nvrtc.display(),
            BUILT_FOR.major,
            BUILT_FOR.minor
        ));
    }
    let include = toolkit.join("include");
    if let Some((header, package)) = HEADERS.iter().find(|(header, _)| !include.join(header).exists()) {
        return lack(format!(
            "the header {header} is not in {}; set CUDA_PATH to a whole toolkit, or add the package {package} of \
             the Python index",
            include.display()
        ));
    }
    let has_barrier = ["cuda/barrier", "cccl/cuda/barrier"].iter().any(|file| include.join(file).exists());
    let remarks = (!has_barrier)
        .then(|| {
            format!(
                "the header cuda/barrier is not in {}: kernels that copy by bulk will not be tried (package \
                 nvidia-cuda-cccl-cu12)",
                include.display()
            )
        })
        .into_iter()
        .collect();
    Ok(Toolkit { driver, nvrtc, include, remarks })
}

/// Every NVRTC of CUDA 12 in a folder, with its version where a file beside it says it.
fn nvrtcs(folder: PathBuf) -> Option<(Option<Version>, PathBuf)> {
    let file =
        ["libnvrtc.so.12", "libnvrtc.so"].iter().map(|name| folder.join(name)).find(|file| file.exists())?;
    Some((builtins(&folder), file))
}

/// `libnvrtc-builtins.so.12.8` says the version that `libnvrtc.so.12` hides.
fn builtins(folder: &Path) -> Option<Version> {
    let entries = fs::read_dir(folder).ok()?;
    let version = |name: &str| {
        let mut numbers =
            name.strip_prefix("libnvrtc-builtins.so.")?.split('.').map(|word| word.parse().ok());
        Some(Version { major: numbers.next()??, minor: numbers.next()?? })
    };
    entries.filter_map(|entry| version(entry.ok()?.file_name().to_str()?)).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A made-up machine with these files.
    fn machine(files: &[&str]) -> (tempfile::TempDir, Places) {
        let root = tempfile::tempdir().unwrap();
        for file in files {
            let file = root.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        let places = Places { root: root.path().to_owned(), cuda_path: None, library_path: None };
        (root, places)
    }

    const DRIVER: &str = "usr/lib/x86_64-linux-gnu/libcuda.so.1";
    const NVRTC: [&str; 2] =
        ["usr/local/cuda/lib64/libnvrtc.so.12", "usr/local/cuda/lib64/libnvrtc-builtins.so.12.8"];
    const INCLUDE: [&str; 4] = [
        "usr/local/cuda/include/cuda_fp16.h",
        "usr/local/cuda/include/cuda_bf16.h",
        "usr/local/cuda/include/mma.h",
        "usr/local/cuda/include/crt/mma.h",
    ];

    fn lack(files: &[&str]) -> String {
        let (_root, places) = machine(files);
        probe(&places).unwrap_err().to_string()
    }

    #[test]
    fn the_first_thing_that_is_missing_is_named_with_what_to_do() {
        assert!(lack(&[]).contains("libcuda.so.1") && lack(&[]).contains("install the NVIDIA driver"));
        assert!(lack(&[DRIVER]).contains("set CUDA_PATH"));
        assert!(lack(&[DRIVER, INCLUDE[0]]).contains("libnvrtc.so.12 is neither in"));
        let most = [DRIVER, NVRTC[0], NVRTC[1], INCLUDE[0], INCLUDE[1], INCLUDE[2]];
        assert!(lack(&most).contains("crt/mma.h") && lack(&most).contains("nvidia-cuda-nvcc-cu12"));
        let old = [DRIVER, NVRTC[0], "usr/local/cuda/lib64/libnvrtc-builtins.so.12.4"];
        assert!(lack(&old).contains("older than CUDA 12.8"), "{}", lack(&old));
        for files in [&[][..], &[DRIVER], &most] {
            assert_eq!(lack(files).matches(". ").count(), 0, "one sentence: {}", lack(files));
        }
    }

    #[test]
    fn a_machine_that_has_everything_says_where_and_what_could_be_better() {
        let files = [&[DRIVER][..], &NVRTC, &INCLUDE].concat();
        let (root, places) = machine(&files);
        let found = probe(&places).unwrap();
        assert_eq!(found.nvrtc, root.path().join(NVRTC[0]));
        assert_eq!(found.include, root.path().join("usr/local/cuda/include"));
        assert!(found.remarks[0].contains("cuda/barrier"));
        let (_root, places) = machine(&[&files[..], &["usr/local/cuda/include/cccl/cuda/barrier"]].concat());
        assert_eq!(probe(&places).unwrap().remarks, Vec::<String>::new());
    }

    #[test]
    fn the_named_toolkit_and_the_named_library_folders_are_looked_into_first() {
        let files =
            ["a/lib/libnvrtc.so.12", "b/libcuda.so.1", "a/include/cuda_fp16.h", "a/include/cuda_bf16.h"];
        let (root, mut places) = machine(&[&files[..], &["a/include/mma.h", "a/include/crt/mma.h"]].concat());
        places.cuda_path = Some(root.path().join("a"));
        places.library_path = Some(root.path().join("b").into_os_string());
        let found = probe(&places).unwrap();
        assert_eq!(found.driver, root.path().join("b/libcuda.so.1"));
        assert_eq!(found.nvrtc, root.path().join("a/lib/libnvrtc.so.12"));
    }
}

//! What this machine is made of, as the kernel says it.
//!
//! Must not: fail; what cannot be read is said to be unknown.

use std::fs;
use std::path::Path;

use common::machine::Hardware;

/// Logical cores that this process may use.
pub(crate) fn cores() -> u32 {
    std::thread::available_parallelism().ok().and_then(|n| u32::try_from(n.get()).ok()).unwrap_or(1)
}

/// Describes the machine; `accelerators` are named by their instruments.
pub(crate) fn describe(root: &Path, accelerators: Vec<String>) -> Hardware {
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap_or_default();
    Hardware {
        cpu: cpu_name(&read("proc/cpuinfo")).unwrap_or_else(|| "unknown processor".to_owned()),
        cores: cores(),
        memory_bytes: memory_bytes(&read("proc/meminfo")).unwrap_or(0),
        accelerators,
        system: system(&read("proc/sys/kernel/osrelease"), &read("etc/os-release")),
    }
}

fn cpu_name(cpuinfo: &str) -> Option<String> {
    let keys = ["model name", "Model", "Hardware"];
    let value = |key: &str| {
        cpuinfo.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            (name.trim() == key && !value.trim().is_empty()).then(|| value.trim().to_owned())
        })
    };
    keys.into_iter().find_map(value)
}

fn memory_bytes(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()?.checked_mul(1024)
}

fn system(kernel: &str, release: &str) -> String {
    let name = release
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))
        .map_or("unknown distribution", |name| name.trim_matches('"'));
    let kernel = kernel.trim();
    if kernel.is_empty() { name.to_owned() } else { format!("{name}, Linux {kernel}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_files_are_read_as_they_are_written() {
        assert_eq!(cpu_name("processor : 0\nmodel name\t: A CPU @ 2 GHz\n").unwrap(), "A CPU @ 2 GHz");
        assert_eq!(memory_bytes("MemTotal:       16384 kB\nMemFree: 1 kB\n"), Some(16_777_216));
        let release = "NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 13\"\n";
        assert_eq!(system("6.1.0\n", release), "Debian GNU/Linux 13, Linux 6.1.0");
    }

    #[test]
    fn a_machine_that_says_nothing_is_described_all_the_same() {
        let nowhere = Path::new("/nonexistent");
        let hardware = describe(nowhere, vec!["GPU".to_owned()]);
        assert_eq!(hardware.cpu, "unknown processor");
        assert_eq!(hardware.compute(), "GPU");
        assert!(hardware.cores >= 1);
    }
}

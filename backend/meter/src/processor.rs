//! How the processor's clocks are set: governor, driver, turbo, threads a core, limits.
//!
//! Read from the kernel's device tree before the first Window and after the last. Where a virtual machine or another
//! processor offers no such file, it is said so. Must not: change a setting, or be read inside a Window.

use std::path::Path;

use common::measurement::ProcessorState;

use crate::number_file::{entries, number, text};

/// Looks; `sys_root` is `/sys` outside tests.
pub(crate) fn look(sys_root: &Path) -> ProcessorState {
    let cpu = sys_root.join("devices/system/cpu");
    let policies: Vec<_> = entries(&cpu.join("cpufreq"))
        .into_iter()
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("policy")))
        .collect();
    let texts = |name: &str| -> Vec<String> {
        let mut found: Vec<String> = policies.iter().filter_map(|policy| text(&policy.join(name))).collect();
        found.sort();
        found.dedup();
        found
    };
    let megahertz = |name: &str| {
        let kilohertz = policies.iter().filter_map(|policy| number(&policy.join(name)));
        kilohertz.filter_map(|value| u32::try_from(value / 1000).ok()).collect::<Vec<u32>>()
    };
    let is_on = |path: &str, on: u64| Some(number(&cpu.join(path))? == on);
    let state = ProcessorState {
        governors: texts("scaling_governor"),
        driver: texts("scaling_driver").into_iter().next(),
        has_turbo: is_on("intel_pstate/no_turbo", 0).or_else(|| is_on("cpufreq/boost", 1)),
        has_smt: is_on("smt/active", 1),
        min_clock_mhz: megahertz("scaling_min_freq").into_iter().min(),
        max_clock_mhz: megahertz("scaling_max_freq").into_iter().max(),
        missing: Vec::new(),
    };
    let mut missing = Vec::new();
    let mut note = |is_missing: bool, what: &str| {
        if is_missing {
            missing.push(format!("{what} is not known: the kernel offers it not in {}.", cpu.display()));
        }
    };
    note(state.governors.is_empty(), "The clocks' governor");
    note(state.has_turbo.is_none(), "Whether turbo is on");
    note(state.has_smt.is_none(), "Whether cores run two threads");
    ProcessorState { missing, ..state }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join("devices/system/cpu").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    #[test]
    fn governors_turbo_threads_and_limits_are_read_of_all_cores() {
        let root = tree(&[
            ("cpufreq/policy0/scaling_governor", "performance\n"),
            ("cpufreq/policy0/scaling_driver", "intel_pstate\n"),
            ("cpufreq/policy0/scaling_min_freq", "800000\n"),
            ("cpufreq/policy0/scaling_max_freq", "4200000\n"),
            ("cpufreq/policy4/scaling_governor", "powersave\n"),
            ("cpufreq/policy4/scaling_min_freq", "400000\n"),
            ("cpufreq/policy4/scaling_max_freq", "2800000\n"),
            ("intel_pstate/no_turbo", "1\n"),
            ("smt/active", "1\n"),
        ]);
        let found = look(root.path());
        assert_eq!(found.governors, ["performance", "powersave"]);
        assert_eq!(
            (found.driver.as_deref(), found.has_turbo, found.has_smt),
            (Some("intel_pstate"), Some(false), Some(true))
        );
        assert_eq!((found.min_clock_mhz, found.max_clock_mhz), (Some(400), Some(4200)));
        assert!(found.missing.is_empty() && found.is_unfit(), "{found:?}");
    }

    #[test]
    fn boost_stands_for_turbo_on_other_drivers() {
        let root = tree(&[
            ("cpufreq/policy0/scaling_governor", "schedutil"),
            ("cpufreq/boost", "1"),
            ("smt/active", "0"),
        ]);
        let found = look(root.path());
        assert_eq!((found.has_turbo, found.has_smt, found.is_unfit()), (Some(true), Some(false), false));
    }

    #[test]
    fn where_the_tree_offers_nothing_each_absence_has_a_sentence() {
        let found = look(Path::new("/nonexistent"));
        assert_eq!(
            (found.governors.len(), found.has_turbo, found.has_smt, found.missing.len()),
            (0, None, None, 3)
        );
        assert!(!found.is_unfit() && found.missing.iter().all(|sentence| sentence.ends_with('.')));
    }
}

//! Thermometers of the kernel: CPU sensors of hwmon first, thermal zones where there are none.
//!
//! Accelerators tell their own temperature through their [`Meter`](crate::Meter). Must not: be read inside a Window.

use std::path::{Path, PathBuf};

use common::units::Temperature;

use crate::number_file::{entries, text};

/// hwmon drivers that read the CPU.
const CPU_DRIVERS: [&str; 4] = ["coretemp", "k10temp", "zenpower", "cpu_thermal"];
/// Thermal zones that read the CPU.
const CPU_ZONES: [&str; 4] = ["x86_pkg_temp", "cpu-thermal", "cpu_thermal", "soc-thermal"];

/// The CPU's sensors on this machine.
#[derive(Debug, Clone, Default)]
pub struct Thermometer {
    files: Vec<PathBuf>,
}

impl Thermometer {
    /// Looks for sensors; `sys_root` is `/sys` outside tests. Without any it says nothing, which is no error.
    pub fn at(sys_root: &Path) -> Self {
        let mut files = Vec::new();
        for driver in entries(&sys_root.join("class/hwmon")) {
            if text(&driver.join("name")).is_some_and(|name| CPU_DRIVERS.contains(&name.as_str())) {
                files.extend(entries(&driver).into_iter().filter(|path| {
                    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                    name.starts_with("temp") && name.ends_with("_input")
                }));
            }
        }
        if files.is_empty() {
            for zone in entries(&sys_root.join("class/thermal")) {
                if text(&zone.join("type")).is_some_and(|kind| CPU_ZONES.contains(&kind.as_str())) {
                    files.push(zone.join("temp"));
                }
            }
        }
        Self { files }
    }

    /// The hottest sensor; `None` without a readable one.
    pub fn read(&self) -> Option<Temperature> {
        let milli = self.files.iter().filter_map(|file| text(file)?.parse::<i32>().ok()).max()?;
        Some(Temperature::from_celsius(f64::from(milli) / 1000.0))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn write(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn the_hottest_cpu_sensor_counts_and_a_disk_does_not() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "class/hwmon/hwmon0/name", "nvme\n");
        write(root.path(), "class/hwmon/hwmon0/temp1_input", "90000\n");
        write(root.path(), "class/hwmon/hwmon1/name", "coretemp\n");
        write(root.path(), "class/hwmon/hwmon1/temp1_input", "45000\n");
        write(root.path(), "class/hwmon/hwmon1/temp2_input", "51500\n");
        write(root.path(), "class/thermal/thermal_zone0/type", "x86_pkg_temp\n");
        write(root.path(), "class/thermal/thermal_zone0/temp", "70000\n");
        assert_eq!(Thermometer::at(root.path()).read().unwrap().celsius(), 51.5);
    }

    #[test]
    fn a_thermal_zone_serves_where_there_is_no_cpu_driver_and_none_is_no_temperature() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(Thermometer::at(root.path()).read(), None);
        write(root.path(), "class/thermal/thermal_zone0/type", "acpitz\n");
        write(root.path(), "class/thermal/thermal_zone0/temp", "99000\n");
        assert_eq!(Thermometer::at(root.path()).read(), None);
        write(root.path(), "class/thermal/thermal_zone1/type", "x86_pkg_temp\n");
        write(root.path(), "class/thermal/thermal_zone1/temp", "40000\n");
        assert_eq!(Thermometer::at(root.path()).read().unwrap().celsius(), 40.0);
    }
}

//! The programs of a build with CUDA: the worker and the engine's tests.
//!
//! Must not: build them in another selection than the machine half's, or burn is compiled once more.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::plan::Program;
use crate::place::Place;
use crate::program;
use crate::release::MACHINE;

/// With CUDA everything below burn is another build, beside the rest of the target folder.
const FEATURES: [&str; 2] = ["--features", "worker/cuda"];

/// Where they are.
pub(super) struct Built {
    pub(super) worker: PathBuf,
    pub(super) engine_tests: PathBuf,
    pub(super) gpu_tests: PathBuf,
}

impl Built {
    /// Builds them.
    pub(super) fn make(place: &Place) -> Result<Self> {
        let cargo = |first: &[&str]| {
            let mut command = program::cargo(place, first);
            command.args(MACHINE).args(FEATURES);
            command
        };
        program::run(cargo(&["build"]).args(["--bin", "jouleboard-worker"]))?;
        let mut tests = cargo(&["test", "--no-run", "--message-format", "json-render-diagnostics"]);
        let told = output(tests.args(["--lib", "--test", "gpu"]))?;
        let of = |name: &str, kind: &str| {
            executable(&told, name, kind).with_context(|| format!("cargo built no tests of {name} ({kind})"))
        };
        Ok(Self {
            worker: place.program("jouleboard-worker"),
            engine_tests: of("engine", "lib")?,
            gpu_tests: of("gpu", "test")?,
        })
    }

    pub(super) fn program(&self, which: Program) -> &Path {
        match which {
            Program::Worker => &self.worker,
            Program::EngineTests => &self.engine_tests,
            Program::GpuTests => &self.gpu_tests,
            Program::Python => Path::new("python3"),
        }
    }
}

/// What cargo tells on standard output, its progress on screen.
fn output(command: &mut Command) -> Result<String> {
    let output =
        command.stderr(std::process::Stdio::inherit()).output().context("cargo cannot be started")?;
    anyhow::ensure!(output.status.success(), "the tests do not build; cargo's own lines above say why");
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The executable of a target, as cargo's lines of JSON name it.
fn executable(told: &str, name: &str, kind: &str) -> Option<PathBuf> {
    told.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).find_map(|line| {
        let target = line.get("target")?;
        let is_it =
            target.get("name")? == name && target.get("kind")?.as_array()?.iter().any(|is| is == kind);
        let file = line.get("executable")?.as_str()?;
        (is_it && line.get("reason")? == "compiler-artifact").then(|| file.into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_program_is_found_by_its_name_and_kind() {
        let told = concat!(
            r#"{"reason":"compiler-artifact","target":{"name":"engine","kind":["lib"]},"executable":null}"#,
            "\nnot JSON\n",
            r#"{"reason":"compiler-artifact","target":{"name":"engine","kind":["lib"]},"executable":"/t/engine-1"}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"name":"gpu","kind":["test"]},"executable":"/t/gpu-2"}"#,
        );
        assert_eq!(executable(told, "engine", "lib"), Some("/t/engine-1".into()));
        assert_eq!(executable(told, "gpu", "test"), Some("/t/gpu-2".into()));
        assert_eq!(executable(told, "gpu", "lib"), None);
    }
}

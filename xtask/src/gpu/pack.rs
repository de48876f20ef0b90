//! A folder that runs the plan on a machine that has a GPU and no cargo: programs, shapes, fixtures, NVRTC with its headers
//! where `CUDA_PATH` names them, and a script of the plan's own steps.
//!
//! Must not: do anything that the plan does not say.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::built::Built;
use super::plan::{Plan, Program};
use crate::place::Place;
use crate::say;

/// Headers that no kernel includes, and libraries that nothing loads.
const LEFT_OUT: [&str; 5] = ["cub", "thrust", "cmake", "libcudart.so.12", "__init__.py"];

/// Makes the folder.
pub(super) fn make(place: &Place, plan: &Plan, built: &Built, folder: &Path) -> Result<()> {
    anyhow::ensure!(!folder.exists(), "{} exists; name a folder that does not", folder.display());
    fs::create_dir_all(folder.join("bin")).with_context(|| format!("{} cannot be made", folder.display()))?;
    for which in [Program::Worker, Program::EngineTests, Program::GpuTests] {
        copy(built.program(which), &folder.join(name(which)))?;
    }
    for part in ["backend/engine/shapes", "backend/engine/tests/fixtures", "backend/engine/compare"] {
        copy(&place.root.join(part), &folder.join(part))?;
    }
    match std::env::var_os("CUDA_PATH") {
        Some(cuda) => copy(Path::new(&cuda), &folder.join("cuda"))?,
        None => say::line("pack: CUDA_PATH is not set, so NVRTC and its headers stay behind"),
    }
    let script = folder.join("run.sh");
    fs::write(&script, text(plan, &place.root.join("backend/engine")))
        .with_context(|| format!("{} cannot be written", script.display()))?;
    say::line(format!("pack: sh {} runs the plan on a machine with a GPU", script.display()));
    Ok(())
}

const fn name(which: Program) -> &'static str {
    match which {
        Program::Worker => "bin/jouleboard-worker",
        Program::EngineTests => "bin/engine-tests",
        Program::GpuTests => "bin/gpu-tests",
        Program::Python => "python3",
    }
}

/// The plan for a shell. Tests look for fixtures where they were compiled, so that folder leads here.
fn text(plan: &Plan, engine: &Path) -> String {
    let engine = engine.display();
    let mut text = format!(
        "#!/bin/sh\n# Made by `cargo xtask gpu --pack`. A number of steps after it runs those only: sh run.sh 1 3\n\
         cd \"$(dirname \"$0\")\" || exit 1\n\
         [ -d cuda ] && export CUDA_PATH=\"$PWD/cuda\"\n\
         [ -e '{engine}' ] || {{ mkdir -p \"$(dirname '{engine}')\" && ln -s \"$PWD/backend/engine\" '{engine}'; }}\n\
         mkdir -p '{}'\n\
         {} devices\n\
         {} devices | grep -q '^{}' || exit 1\n\
         wanted=\" $* \"\nfailed=0\n",
        plan.folder,
        name(Program::Worker),
        name(Program::Worker),
        super::READY
    );
    for (at, step) in plan.steps.iter().enumerate() {
        let (number, program) = (at + 1, name(step.program));
        let args: Vec<String> = step.args.iter().map(|arg| format!("'{arg}'")).collect();
        let failed = if step.is_table { "failed=1" } else { "exit 1" };
        let _ = writeln!(
            text,
            "case \"$wanted\" in '  '|*' {number} '*) echo '==> {}'; {program} {} || {failed};; esac",
            step.shows,
            args.join(" ")
        );
    }
    text + "exit $failed\n"
}

/// Copies a file, or a folder with all in it that is needed.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let told = || format!("{} cannot be copied to {}", from.display(), to.display());
    if !from.is_dir() {
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).with_context(told)?;
        }
        return fs::copy(from, to).map(|_| ()).with_context(told);
    }
    for entry in fs::read_dir(from).with_context(told)? {
        let name = entry.with_context(told)?.file_name();
        if !LEFT_OUT.iter().any(|other| name == *other) {
            copy(&from.join(&name), &to.join(&name))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::process::Command;

    use super::*;

    /// A pack whose programs only say what they were called with; the worker is ready or not.
    fn played(devices: &str, fails: &str, steps: &[&str]) -> (bool, String) {
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan::new("2026-11-21", &[1, 8], &["bf16".to_owned()], false);
        let engine = folder.path().join("elsewhere/engine");
        fs::create_dir_all(folder.path().join("bin")).unwrap();
        fs::create_dir_all(folder.path().join("backend/engine")).unwrap();
        for which in [Program::Worker, Program::EngineTests, Program::GpuTests] {
            let file = folder.path().join(name(which));
            let script = format!(
                "#!/bin/sh\n[ \"$1\" = devices ] && {{ echo '{devices}'; exit 0; }}\n\
                 case \"$0 $*\" in *{fails}*) exit 3;; esac\necho \"ran $0 $*\"\n"
            );
            fs::write(&file, script).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        }
        fs::write(folder.path().join("run.sh"), text(&plan, &engine)).unwrap();
        let python = folder.path().join("bin/python3");
        fs::copy(folder.path().join(name(Program::Worker)), &python).unwrap();
        let mut script = Command::new("sh");
        let path = format!("{}:/usr/bin:/bin", folder.path().join("bin").display());
        let output = script.arg(folder.path().join("run.sh")).args(steps).env("PATH", path).output().unwrap();
        assert!(engine.exists() && folder.path().join(&plan.folder).is_dir());
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    }

    const READY: &str = "cuda: driver, NVRTC and headers are here (x)";

    #[test]
    fn the_script_runs_every_step_of_the_plan_in_its_order() {
        let (is_well, told) = played(READY, "nothing-fails", &[]);
        assert!(is_well, "{told}");
        let ran: Vec<&str> = told.lines().filter(|line| line.starts_with("ran ")).collect();
        assert_eq!(ran.len(), 8, "{told}");
        assert!(
            ran[0].starts_with("ran bin/gpu-tests --ignored") && ran[1].starts_with("ran bin/engine-tests")
        );
        assert!(ran[2].contains("tinyllama-1.1b.json --dtypes bf16 --batch 1,8 "), "{}", ran[2]);
    }

    #[test]
    fn a_wrong_result_ends_it_and_a_table_that_fails_does_not() {
        let (is_well, told) = played(READY, "gpu-tests", &[]);
        assert!(!is_well && !told.contains("ran "), "{told}");
        let (is_well, told) = played(READY, "llama-3-8b", &[]);
        assert!(!is_well && told.contains("gemma-2-9b.json --dtypes"), "{told}");
    }

    #[test]
    fn chosen_steps_run_alone_and_a_machine_that_lacks_something_runs_none() {
        let (is_well, told) = played(READY, "nothing-fails", &["2", "7"]);
        let ran = told.lines().filter(|line| line.starts_with("ran ")).count();
        assert!(is_well && ran == 2 && told.contains("qwen3-8b"), "{told}");
        let (is_well, told) = played("cuda: no NVIDIA GPU can be used: no driver", "nothing-fails", &[]);
        assert!(!is_well && told.contains("no driver") && !told.contains("ran "), "{told}");
    }
}

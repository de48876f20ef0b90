//! The words of the domain as people read them: short, plain, honest.
//!
//! Must not: hold a figure.

use common::carbon::GridQuality;
use common::leaderboard::Boundary;
use common::lease::Step;
use common::machine::{Hardware, MachineState};
use common::measurement::Finish;
use common::meter::{Fault, Label, Method, NullReason};
use common::parts::Part;
use common::verdict::{Grade, Reason};
use common::wall::WallRole;

use super::time::span;

/// A figure's label in one word, or two for random weights.
pub const fn label(label: Label) -> &'static str {
    label.name()
}

/// What a label means, in a sentence.
pub const fn label_meaning(label: Label) -> &'static str {
    match label {
        Label::Measured => "Read from an instrument while the answer was made.",
        Label::Modelled => "No instrument could be read: computed from busy time and configured watts.",
        Label::Simulated => "Made up by a test rig. It says nothing about any machine.",
    }
}

/// What an energy sums, short enough for a heading.
pub const fn boundary(boundary: Boundary) -> &'static str {
    match boundary {
        Boundary::Machine => "whole machine",
        Boundary::AcceleratorCpuDram => "accelerators, processor and memory",
        Boundary::AcceleratorCpu => "accelerators and processor",
        Boundary::Accelerator => "accelerators only",
        Boundary::CpuDram => "processor and memory",
        Boundary::Cpu => "processor only",
    }
}

/// What computes, without the marks and fillers that makers put into their names.
pub fn compute(hardware: &Hardware) -> String {
    ["(R)", "(TM)", "(tm)", " Processor", " CPU"]
        .iter()
        .fold(hardware.compute(), |name, filler| name.replace(filler, ""))
}

/// What an energy sums and what it leaves out, in a sentence.
pub const fn boundary_parts(boundary: Boundary) -> &'static str {
    match boundary {
        Boundary::Machine => "Everything the machine drew at its socket.",
        Boundary::AcceleratorCpuDram => {
            "Accelerator boards, processor packages and memory. Not: power supply losses, fans, disks."
        }
        Boundary::AcceleratorCpu => {
            "Accelerator boards and processor packages. Not: memory, power supply losses, fans, disks."
        }
        Boundary::Accelerator => {
            "Accelerator boards. Not: processor, memory, power supply losses, fans, disks."
        }
        Boundary::CpuDram => "Processor packages and memory. Not: power supply losses, fans, disks.",
        Boundary::Cpu => "Processor packages. Not: memory, power supply losses, fans, disks.",
    }
}

/// What a sum over a part of the machine holds.
pub fn part(part: Part, instruments: usize) -> String {
    match part {
        Part::Machine => "whole machine".to_owned(),
        Part::Accelerators if instruments > 1 => format!("{instruments} accelerators"),
        Part::Accelerators => "accelerator".to_owned(),
        Part::Cpu if instruments > 1 => format!("{instruments} processors"),
        Part::Cpu => "processor".to_owned(),
        Part::Dram => "memory".to_owned(),
    }
}

/// What may be done with a Measurement, in a word.
pub const fn grade(grade: Grade) -> &'static str {
    match grade {
        Grade::Valid => "valid",
        Grade::Flagged => "usable, with remarks",
        Grade::Redo => "to be measured again",
        Grade::Rejected => "energy not usable",
    }
}

/// Why a Measurement is not simply valid, in a sentence.
pub const fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Modelled => "The energy is modelled, not measured.",
        Reason::Simulated => "The energy is simulated.",
        Reason::ForeignLoad => "Other programs kept the machine busy meanwhile.",
        Reason::NotCalm => "The machine did not become calm in the time allowed.",
        Reason::ThermalTimeout => "The machine was still hot when the time allowed for cooling was over.",
        Reason::ClocksNotHeld => {
            "The processor's clock governor saves power, differs between cores, or was changed meanwhile."
        }
        Reason::IdleDrift => "Idle power differed between before and after.",
        Reason::UnsteadyIdle => "Idle power was not steady before or after.",
        Reason::UnusualIdle => "Idle power was not what it was in the days before.",
        Reason::NoBaseline => "Idle power is not known, so there is no net figure.",
        Reason::LowCoverage => "The power readings leave part of the time uncovered.",
        Reason::LateSampler => "Some power readings came late.",
        Reason::ReadError => "A reading failed.",
        Reason::NotResolved => "The answer was shorter than the instrument can resolve.",
        Reason::CounterReset => "An energy counter was set back meanwhile.",
        Reason::Disagreement => "An instrument's counter and its power readings tell different energies.",
        Reason::StaleMeter => "A reading froze.",
        Reason::DeviceLost => "A device went away.",
        Reason::NoEnergy => "No instrument gave an energy.",
        Reason::ForeignOnAccelerator => "Another program was on an accelerator.",
        Reason::Throttled => "Heat or its hardware slowed an accelerator down.",
        Reason::PowerCapped => "Its power limit held an accelerator back.",
        Reason::Suspended => "The machine slept, or its clock jumped.",
        Reason::StolenTime => "The host of this virtual machine took processor time away.",
        Reason::Swapped => "Memory was moved to and from swap.",
        Reason::NoisyCounter => {
            "The processor adds noise to its energy counter (software guard extensions are on)."
        }
        Reason::PartialSight => {
            "The sensor sees a part of the time only, and too few starts were spread over it."
        }
        Reason::MovingAverage => "The instrument's power is a moving average, which smears short answers.",
        Reason::WideInterval => "The net energy is not resolved: its interval is too wide for it.",
        Reason::NoWallFigure => "The meter at the socket gave no figure, so only parts are summed.",
        Reason::ClockResidual => {
            "The clocks of machine and server were compared to a tenth of a second only."
        }
        Reason::WallBelowParts => "The whole machine used less than its parts: an instrument is wrong.",
        Reason::WallDisagreement => "Two meters of the whole machine tell different energies.",
        Reason::WideSpread => "The same work took very different energies.",
        Reason::LengthChanged => "The same prompt was answered with different numbers of tokens.",
        Reason::ControlSpread => {
            "The machine's control workload did not take the same energy every time lately."
        }
    }
}

/// Why there is no figure, in a sentence.
pub const fn null_reason(reason: NullReason) -> &'static str {
    match reason {
        NullReason::Unreadable => "The instrument could not be read.",
        NullReason::CounterReset => "The counter was set back.",
        NullReason::CounterAmbiguous => "The counter may have wrapped more than once.",
        NullReason::NotResolved => "Shorter than the instrument resolves.",
        NullReason::Stale => "The reading did not change although it should have.",
        NullReason::Lost => "The device went away.",
        NullReason::ClockUnknown => "The clocks of machine and server were not compared well enough.",
    }
}

/// What happened to an instrument, in a few words.
pub const fn fault(fault: Fault) -> &'static str {
    match fault {
        Fault::ReadError => "a reading failed and the one before it was kept",
        Fault::Gap => "two readings are too far apart",
        Fault::Late => "a reading came late",
        Fault::Wrapped => "the counter wrapped once, as it does",
        Fault::Jitter => "the counter went back by less than it resolves",
        Fault::CounterReset => "the counter was set back",
        Fault::Stale => "the reading froze",
        Fault::Lost => "the device went away",
        Fault::Throttled => "heat or the hardware slowed the device down",
        Fault::PowerCapped => "the power limit held the device back",
    }
}

/// How an energy was found.
pub const fn method(method: Method) -> &'static str {
    match method {
        Method::Counter => "difference of an energy counter",
        Method::Trace => "integral of power readings",
        Method::Model => "busy core time × configured watts",
    }
}

/// What a meter at a socket stands for, in a sentence.
pub const fn wall_role(role: WallRole) -> &'static str {
    match role {
        WallRole::Whole => "Its figure is the whole machine's.",
        WallRole::Supply => "One of several supplies, whose sum is the whole machine.",
        WallRole::Check => "A second meter of the whole machine: compared with the first and never added.",
    }
}

/// Why an answer ended.
pub const fn finish(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "the model ended it",
        Finish::Length => "cut off at the output limit",
    }
}

/// How good a grid intensity is.
pub const fn grid_quality(quality: GridQuality) -> &'static str {
    match quality {
        GridQuality::Measured => "measured for that hour",
        GridQuality::Estimated => "estimated for that hour",
        GridQuality::Cached => "of another hour, up to 2 h away",
        GridQuality::StaticCountryYear => "yearly mean",
        GridQuality::StaticWorld => "yearly mean of the world",
    }
}

/// What a machine is doing with a run: a title and why.
pub fn step(step: &Step) -> (String, String) {
    let (title, why): (&str, String) = match step {
        Step::Loading => (
            "Loading the model",
            "Reading the weights into memory. None of this is charged to your prompt.".into(),
        ),
        Step::Cooling { expected, temperature } => {
            let mut why = String::from(
                "A warm or busy machine draws more power for the same work, so the figure would be wrong. It waits until it is calm",
            );
            if let Some(temperature) = temperature {
                why.push_str(&format!(" (now {:.0}\u{a0}°C)", temperature.celsius()));
            }
            match expected {
                Some(expected) => why.push_str(&format!("; about {} to go.", span(*expected))),
                None => why.push('.'),
            }
            ("Cooling down", why)
        }
        Step::Baseline => (
            "Reading idle power",
            "What the machine draws while it does nothing, so that a net figure is possible.".into(),
        ),
        Step::WarmingUp => (
            "Warming up",
            "A first answer that does not count: caches fill and clocks rise during it.".into(),
        ),
        Step::Measuring { repetition, of } if *of > 1 => {
            return (
                format!("Measuring, {repetition} of {of}"),
                "The window is open: nothing else runs on the machine.".into(),
            );
        }
        Step::Measuring { .. } => {
            ("Measuring", "The window is open: nothing else runs on the machine.".into())
        }
        Step::Reporting => ("Storing the record", "Checking the facts and writing them down.".into()),
    };
    (title.to_owned(), why)
}

/// What a machine is doing, in a few words.
pub fn machine_state(state: &MachineState) -> (&'static str, String) {
    match state {
        MachineState::Expected => ("expected", "Enrolled; its worker has not come yet.".into()),
        MachineState::Idle => ("idle", "Ready for work.".into()),
        MachineState::Vanished => ("vanished", "Not heard of for longer than a worker may be silent.".into()),
        MachineState::Busy { step: now } => {
            let name = match now {
                Step::Loading => "loading",
                Step::Cooling { .. } => "cooling",
                Step::Baseline => "reading idle power",
                Step::WarmingUp => "warming up",
                Step::Measuring { .. } => "measuring",
                Step::Reporting => "reporting",
            };
            (name, step(now).1)
        }
    }
}

/// Some words as a list: `a, b and c`.
pub fn between(words: &[impl AsRef<str>]) -> String {
    match words {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [rest @ .., last] => {
            let rest: Vec<&str> = rest.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", rest.join(", "), last.as_ref())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use common::units::Temperature;

    use super::*;

    #[test]
    fn a_processor_is_called_by_its_name_alone() {
        let mut hardware = Hardware {
            cpu: "Intel(R) Xeon(R) Processor @ 2.80GHz".to_owned(),
            cores: 2,
            memory_bytes: 1,
            accelerators: vec![],
            system: String::new(),
        };
        assert_eq!(compute(&hardware), "Intel Xeon @ 2.80GHz");
        hardware.accelerators = vec!["NVIDIA H200".to_owned(); 2];
        assert_eq!(compute(&hardware), "2 × NVIDIA H200");
    }

    #[test]
    fn cooling_says_why_how_warm_and_how_long() {
        let (_, why) = step(&Step::Cooling {
            expected: Some(Duration::from_secs(4)),
            temperature: Some(Temperature::from_celsius(61.4)),
        });
        assert!(why.contains("61\u{a0}°C") && why.contains("4.0\u{a0}s to go"), "{why}");
    }

    #[test]
    fn a_list_of_words_reads_like_a_sentence() {
        assert_eq!(between(&["a", "b", "c"]), "a, b and c");
        assert_eq!(between(&["a"]), "a");
    }
}

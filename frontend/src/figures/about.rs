//! What is said of a figure: its names in links and formulas, its title, its definition, how it is written.

use super::Figure;
use crate::display::Quantity;
use crate::view_state::{Per, Unit, ViewState};

/// What is said of a figure that does not depend on the view.
struct About {
    /// Its name in links.
    id: &'static str,
    /// Its name in formulas and downloads: the unit is in it.
    symbol: &'static str,
    /// What stands over it.
    title: &'static str,
    /// What it is, in a sentence.
    definition: &'static str,
    /// How it is written.
    quantity: Quantity,
}

const fn about(
    id: &'static str,
    symbol: &'static str,
    title: &'static str,
    quantity: Quantity,
    definition: &'static str,
) -> About {
    About { id, symbol, title, definition, quantity }
}

impl Figure {
    const fn about(&self) -> About {
        match self {
            Self::Energy => about(
                "energy",
                "energy_j",
                "Energy",
                Quantity::Joules,
                "Energy inside the named boundary from the start of prefill to the last token, idle share included.",
            ),
            Self::NetEnergy => about(
                "net-energy",
                "net_energy_j",
                "Net energy",
                Quantity::Joules,
                "Energy per response without what the machine draws while it does nothing.",
            ),
            Self::EnergyPerOutputToken => about(
                "energy-per-output-token",
                "energy_j_per_output_token",
                "Per output token",
                Quantity::Joules,
                "All energy, prefill included, over all tokens written.",
            ),
            Self::EnergyPerPromptToken => about(
                "energy-per-prompt-token",
                "energy_j_per_prompt_token",
                "Per input token",
                Quantity::Joules,
                "Energy until the first token over the tokens read, from power readings; missing where a part of the boundary gives none.",
            ),
            Self::TokensPerJoule => about(
                "tokens-per-joule",
                "tokens_per_j",
                "Tokens per joule",
                Quantity::TokensPerJoule,
                "All tokens written over all energy.",
            ),
            Self::Power => about(
                "power",
                "power_w",
                "Power",
                Quantity::Watts,
                "Mean power while answering: all energy over all time, idle share included.",
            ),
            Self::Carbon => about(
                "carbon",
                "carbon_g",
                "CO₂e",
                Quantity::Grams,
                "Emissions of the energy on the assumed grid, the building's overhead included.",
            ),
            Self::Sci => about(
                "sci",
                "sci_g",
                "SCI",
                Quantity::Grams,
                "Software Carbon Intensity: emissions of the energy plus the share of making the machine, for the time it was reserved.",
            ),
            Self::Throughput => about(
                "throughput",
                "throughput_tokens_per_s",
                "Throughput",
                Quantity::TokensPerSecond,
                "Output tokens per second over the whole answer, prefill included.",
            ),
            Self::Latency => about(
                "latency",
                "latency_s",
                "Latency",
                Quantity::Seconds,
                "Start of prefill to the last token. Without queue, cool-down and network.",
            ),
            Self::Ttft => about(
                "ttft",
                "ttft_s",
                "TTFT",
                Quantity::Seconds,
                "Time to first token: start of prefill until it is on the host. Without queue and network.",
            ),
            Self::Tpot => {
                about("tpot", "tpot_s", "TPOT", Quantity::Seconds, "Time per output token after the first.")
            }
            Self::ItlP50 => about(
                "itl-p50",
                "itl_p50_s",
                "ITL p50",
                Quantity::Seconds,
                "Median gap between the tokens of an answer, its mean over the runs.",
            ),
            Self::ItlP90 => about(
                "itl-p90",
                "itl_p90_s",
                "ITL p90",
                Quantity::Seconds,
                "Gap that nine of ten gaps of an answer stay below, its mean over the runs.",
            ),
            Self::ItlP99 => about(
                "itl-p99",
                "itl_p99_s",
                "ITL p99",
                Quantity::Seconds,
                "Gap that 99 of 100 gaps of an answer stay below, its mean over the runs; of a short answer it is the longest gap.",
            ),
            Self::OutputTokens => about(
                "length",
                "output_tokens",
                "Response",
                Quantity::Tokens,
                "Mean length of an answer in tokens, the stop token not counted.",
            ),
            Self::PromptTokens => about(
                "prompt-length",
                "prompt_tokens",
                "Prompt",
                Quantity::Tokens,
                "Tokens read: system prompt, template and text.",
            ),
            Self::Parameters => about(
                "parameters",
                "parameters",
                "Size",
                Quantity::Parameters,
                "Number of weights; tied ones counted once.",
            ),
            Self::Size => {
                about("size", "weight_bytes", "Memory", Quantity::Bytes, "Memory that the weights take.")
            }
            Self::Bits => about(
                "bits",
                "bits_per_weight",
                "Bits per weight",
                Quantity::Bits,
                "Bits stored per weight, scales included.",
            ),
            Self::Batch => {
                about("batch", "batch", "Batch", Quantity::Count, "How many sequences were computed at once.")
            }
            Self::Correct => about(
                "right",
                "correct_share",
                "Right",
                Quantity::Share,
                "Share of right answers among the measured questions whose answer is known.",
            ),
            Self::Runs => about(
                "runs",
                "runs",
                "Runs",
                Quantity::Count,
                "Runs behind the figures, and those left out because their verdict forbids it.",
            ),
            Self::Valid => about(
                "valid",
                "valid_share",
                "Clean",
                Quantity::Share,
                "Share of these runs whose verdict is valid without remarks.",
            ),
            Self::Quality(_) => about(
                "quality:",
                "quality_",
                "",
                Quantity::Share,
                "Share answered correctly. It does not depend on the machine.",
            ),
            Self::Error(_) => {
                about("error:", "error_", "Error, ", Quantity::Share, "1 − the share answered correctly.")
            }
            Self::Formula(_) => about("", "", "", Quantity::Plain, "A formula of your own."),
        }
    }

    /// Its name in links.
    pub fn id(&self) -> String {
        match self {
            Self::Quality(name) | Self::Error(name) => format!("{}{name}", self.about().id),
            Self::Formula(written) => written.text.clone(),
            _ => self.about().id.to_owned(),
        }
    }

    /// Its name in formulas: small letters, digits and underscores, the unit in the name.
    pub fn symbol(&self) -> String {
        match self {
            Self::Quality(name) | Self::Error(name) => {
                let mut symbol = self.about().symbol.to_owned();
                for letter in name.chars() {
                    if letter.is_ascii_alphanumeric() {
                        symbol.push(letter.to_ascii_lowercase());
                    } else if !symbol.ends_with('_') {
                        symbol.push('_');
                    }
                }
                symbol.trim_end_matches('_').to_owned()
            }
            Self::Formula(written) => written.name.clone(),
            _ => self.about().symbol.to_owned(),
        }
    }

    /// What stands over it.
    pub fn title(&self, view: &ViewState) -> String {
        match self {
            Self::Energy if view.unit == Unit::Watts => "Power".to_owned(),
            Self::Quality(name) | Self::Error(name) => format!("{}{}", self.about().title, short(name)),
            Self::Formula(written) => written.name.clone(),
            _ => self.about().title.to_owned(),
        }
    }

    /// What it is, in a sentence or two.
    pub fn definition(&self, view: &ViewState) -> String {
        let per = |definition: &str| format!("{definition} Here {}.", per_words(view.per));
        match self {
            Self::Energy if view.unit == Unit::Watts => Self::Power.about().definition.to_owned(),
            Self::Energy | Self::Carbon | Self::Sci => per(self.about().definition),
            Self::Quality(name) | Self::Error(name) => format!("“{name}”: {}", self.about().definition),
            Self::Formula(written) => format!(
                "{} = {}. In the units of the columns' names, per response; {} is better.",
                written.name,
                written.expression,
                if written.more_is_better { "more" } else { "less" }
            ),
            _ => self.about().definition.to_owned(),
        }
    }

    /// How it is written.
    pub const fn quantity(&self, view: &ViewState) -> Quantity {
        match (self, view.unit) {
            (Self::Energy, Unit::WattHours) => Quantity::WattHours,
            (Self::Energy, Unit::Watts) => Quantity::Watts,
            _ => self.about().quantity,
        }
    }

    /// Its field in a download: the unit is in the name.
    pub fn field(&self, view: &ViewState) -> String {
        let per = match view.per {
            Per::Response => "_per_response",
            Per::OutputToken => "_per_output_token",
            Per::CorrectAnswer => "_per_correct_answer",
        };
        match (self, view.unit) {
            (Self::Energy, Unit::Joules) => format!("energy_j{per}"),
            (Self::Energy, Unit::WattHours) => format!("energy_wh{per}"),
            (Self::Energy, Unit::Watts) => "energy_as_power_w".to_owned(),
            (Self::Carbon | Self::Sci, _) => format!("{}{per}", self.about().symbol),
            _ => self.symbol(),
        }
    }
}

/// What a figure is divided by, in words.
pub const fn per_words(per: Per) -> &'static str {
    match per {
        Per::Response => "per response",
        Per::OutputToken => "per output token",
        Per::CorrectAnswer => "per correct answer",
    }
}

/// A benchmark's name where there is little room: its first word, and in parentheses by whom, where that is said:
/// generations never stand under one name.
fn short(benchmark: &str) -> String {
    let word = match benchmark.split_whitespace().next().unwrap_or(benchmark) {
        "jouleboard-heldout" => "Held-out",
        word => word,
    };
    match benchmark.split_once(" (") {
        Some((_, by)) => format!("{word} ({by}"),
        None => word.to_owned(),
    }
}

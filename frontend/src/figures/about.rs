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

/// One line a figure: its name in links, its name in formulas, its title, how it is written; below, what it is.
macro_rules! figures {
    ($of:ident: $($figure:pat => $id:literal $symbol:literal $title:literal $quantity:ident $definition:literal;)*) => {
        match $of {
            $($figure => About {
                id: $id,
                symbol: $symbol,
                title: $title,
                definition: $definition,
                quantity: Quantity::$quantity,
            },)*
        }
    };
}

impl Figure {
    const fn about(&self) -> About {
        figures! { self:
            Self::Energy => "energy" "energy_j" "Energy" Joules
                "Energy inside the named boundary from the start of prefill to the last token, idle share included.";
            Self::NetEnergy => "net-energy" "net_energy_j" "Net energy" Joules
                "Energy per response without what the machine draws while it does nothing.";
            Self::EnergyPerOutputToken => "energy-per-output-token" "energy_j_per_output_token" "Per output token" Joules
                "All energy, prefill included, over all tokens written.";
            Self::EnergyPerPromptToken => "energy-per-prompt-token" "energy_j_per_prompt_token" "Per input token" Joules
                "Energy until the first token over the tokens read, from power readings; missing where a part of the boundary gives none.";
            Self::TokensPerJoule => "tokens-per-joule" "tokens_per_j" "Tokens per joule" TokensPerJoule
                "All tokens written over all energy.";
            Self::Power => "power" "power_w" "Power" Watts
                "Mean power while answering: all energy over all time, idle share included.";
            Self::Carbon => "carbon" "carbon_g" "CO₂e" Grams
                "Emissions of the energy on the assumed grid, the building's overhead included.";
            Self::Sci => "sci" "sci_g" "SCI" Grams
                "Software Carbon Intensity: emissions of the energy plus the share of making the machine, for the time it was reserved.";
            Self::Throughput => "throughput" "throughput_tokens_per_s" "Throughput" TokensPerSecond
                "Output tokens per second over the whole answer, prefill included.";
            Self::Latency => "latency" "latency_s" "Latency" Seconds
                "Start of prefill to the last token. Without queue, cool-down and network.";
            Self::Ttft => "ttft" "ttft_s" "TTFT" Seconds
                "Time to first token: start of prefill until it is on the host. Without queue and network.";
            Self::Tpot => "tpot" "tpot_s" "TPOT" Seconds
                "Time per output token after the first.";
            Self::ItlP50 => "itl-p50" "itl_p50_s" "ITL p50" Seconds
                "Median gap between the tokens of an answer, its mean over the runs.";
            Self::ItlP90 => "itl-p90" "itl_p90_s" "ITL p90" Seconds
                "Gap that nine of ten gaps of an answer stay below, its mean over the runs.";
            Self::ItlP95 => "itl-p95" "itl_p95_s" "ITL p95" Seconds
                "Gap that 19 of 20 gaps of an answer stay below, its mean over the runs.";
            Self::ItlP99 => "itl-p99" "itl_p99_s" "ITL p99" Seconds
                "Gap that 99 of 100 gaps of an answer stay below, its mean over the runs; of a short answer it is the longest gap.";
            Self::OutputTokens => "length" "output_tokens" "Response" Tokens
                "Mean length of an answer in tokens, the stop token not counted.";
            Self::PromptTokens => "prompt-length" "prompt_tokens" "Prompt" Tokens
                "Tokens read: system prompt, template and text.";
            Self::Parameters => "parameters" "parameters" "Parameters" Parameters
                "Number of weights; tied ones counted once.";
            Self::Size => "size" "weight_bytes" "Memory" Bytes
                "Memory that the weights take.";
            Self::Bits => "bits" "bits_per_weight" "Bits per weight" Bits
                "Bits stored per weight, scales included.";
            Self::Batch => "batch" "batch" "Batch" Count
                "How many sequences were computed at once.";
            Self::Correct => "right" "correct_share" "Right" Share
                "Share of right answers among the measured questions whose answer is known.";
            Self::Runs => "runs" "runs" "Runs" Count
                "Runs behind the figures, and those left out because their verdict forbids it.";
            Self::Valid => "valid" "valid_share" "Clean" Share
                "Share of these runs whose verdict is valid without remarks.";
            Self::Quality(_) => "quality:" "quality_" "" Share
                "Share answered correctly. It does not depend on the machine.";
            Self::Error(_) => "error:" "error_" "Error, " Share
                "1 − the share answered correctly.";
            Self::Formula(_) => "" "" "" Plain
                "A formula of your own.";
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

/// A benchmark's name where there is little room: its first word, after how many examples it was asked, and in
/// parentheses by whom, where that is said: numbers of examples and generations never stand under one name.
fn short(benchmark: &str) -> String {
    let (named, by) = benchmark.split_at(benchmark.find(" (").unwrap_or(benchmark.len()));
    let word = match named.split_whitespace().next().unwrap_or(named) {
        "jouleboard-heldout" => "Held-out",
        word => word.trim_end_matches(','),
    };
    match named.rsplit_once(", ").filter(|(_, last)| last.ends_with("-shot")) {
        Some((_, shots)) => format!("{word}, {shots}{by}"),
        None => format!("{word}{by}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn benchmarks_that_differ_in_examples_or_generation_have_titles_of_their_own() {
        let title = |name: &str| Figure::Quality(name.to_owned()).title(&ViewState::default());
        assert_eq!(title("HellaSwag acc_norm, 10-shot (harness 2023)"), "HellaSwag, 10-shot (harness 2023)");
        assert_eq!(title("HellaSwag acc_norm, 5-shot (harness 2023)"), "HellaSwag, 5-shot (harness 2023)");
        assert_eq!(
            title("TruthfulQA mc2, 0-shot (own evaluator), other requests"),
            "TruthfulQA, 0-shot (own evaluator), other requests"
        );
        assert_eq!(title("jouleboard-heldout exact match"), "Held-out");
    }
}

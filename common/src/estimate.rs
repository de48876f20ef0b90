//! What others say that the same tokens cost: the formula of EcoLogits, and figures that others have published.
//!
//! EcoLogits fitted, on ML.ENERGY's measurements of H100 boards under load, for each accelerator
//! `Wh per output token = α·e^(β·B)·P + γ` with P the active parameters in billions and B the batch, which it fixes at
//! 64; the number of boards is what 16-bit weights with a fifth of overhead need, rounded up to a power of two. Besides, an
//! answer bears its share of the server around the boards, over the time that a second regression tells. Input tokens
//! count for nothing in it; the building's share (PUE) is left out here.
//!
//! Must not: stand in one list with what was measured.

use crate::leaderboard::Boundary;
use crate::model::Dtype;
use crate::units::{Energy, Power};

/// The version of EcoLogits whose numbers these are, from its `ecologits/impacts/llm.py` (mlco2/ecologits; its method is
/// told in `docs/methodology/llm_inference.md` there). `tests/estimate.rs` compares with the package itself.
pub const ECOLOGITS: &str = "0.11.3";
/// The batch that EcoLogits assumes (`BATCH_SIZE`).
pub const ASSUMED_BATCH: f64 = 64.0;
/// Watt hours of one board per output token (`GPU_ENERGY_ALPHA`, `_BETA`, `_GAMMA`).
const ALPHA: f64 = 1.166_527_317_045_191_4e-6;
const BETA: f64 = -0.011_205_921_025_579_175;
const GAMMA: f64 = 4.052_928_146_734_005e-5;
/// Seconds per output token: by billions of parameters, by the batch, and a constant (`LATENCY_ALPHA`, `_BETA`, `_GAMMA`).
const SECONDS_BY_SIZE: f64 = 0.000_678_508_809_435_366_3;
const SECONDS_BY_BATCH: f64 = 0.000_311_931_031_168_825_9;
const SECONDS: f64 = 0.019_473_717_579_473_387;
/// Power of a server without its boards, and how many boards it holds (`SERVER_POWER`, `SERVER_GPUS`).
const SERVER: Power = Power::from_watts(1200.0);
const SERVER_BOARDS: f64 = 8.0;
/// Memory of one board, in bytes (`GPU_MEMORY`).
const BOARD_BYTES: f64 = 80e9;
/// Bytes that one parameter takes: 16 bits and a fifth of overhead (`model_required_memory`).
const BYTES_PER_PARAMETER: f64 = 2.0 * 1.2;
/// Models for which the formula was fitted, in parameters; below and above it only extrapolates.
const FITTED: std::ops::RangeInclusive<f64> = 7e9..=500e9;

/// How many boards EcoLogits assumes for a model of so many parameters.
pub fn boards(parameters: f64) -> u32 {
    let needed = parameters * BYTES_PER_PARAMETER / BOARD_BYTES;
    (0..16).map(|power| 1u32 << power).find(|&boards| f64::from(boards) >= needed).unwrap_or(1 << 16)
}

/// What one output token takes by EcoLogits' formula.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimated {
    /// The boards.
    pub accelerators: Energy,
    /// This answer's share of the server around them.
    pub server: Energy,
}

impl Estimated {
    /// What is to be compared with a figure of this boundary.
    pub fn within(self, boundary: Boundary) -> Energy {
        match boundary {
            Boundary::Machine => self.accelerators + self.server,
            _ => self.accelerators,
        }
    }
}

/// What one output token takes by EcoLogits' formula. All parameters of a dense model are active.
pub fn per_output_token(parameters: f64, active_parameters: f64, batch: f64) -> Estimated {
    let (active, boards) = (active_parameters / 1e9, f64::from(boards(parameters)));
    let watt_hours = ALPHA * (BETA * batch).exp() * active + GAMMA;
    let seconds = SECONDS_BY_SIZE * active + SECONDS_BY_BATCH * batch + SECONDS;
    Estimated {
        accelerators: Energy::from_joules(watt_hours * 3600.0 * boards),
        server: Energy::from_joules(SERVER.watts() * seconds * boards / SERVER_BOARDS / batch),
    }
}

/// A figure that somebody else measured and published.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Published {
    /// Who published it.
    pub source: &'static str,
    /// Which model.
    pub model: &'static str,
    /// Its parameters in billions.
    pub billions: f64,
    /// On what, and how.
    pub setting: &'static str,
    /// Sequences at once, where that is told.
    pub batch: Option<u32>,
    /// What the energy sums.
    pub boundary: Boundary,
    /// Joules per output token, where they were published or follow.
    pub per_token: Option<f64>,
    /// Joules per response, of that source's mean length.
    pub per_response: Option<f64>,
}

const fn gpu(
    source: &'static str,
    model: &'static str,
    billions: f64,
    setting: &'static str,
    batch: u32,
    per_token: f64,
    per_response: f64,
) -> Published {
    Published {
        source,
        model,
        billions,
        setting,
        batch: Some(batch),
        boundary: Boundary::Accelerator,
        per_token: Some(per_token),
        per_response: Some(per_response),
    }
}

// ml-energy/leaderboard:public/data/tasks/lm-arena-chat.json at 0cd52da.
const V3: &str = "ML.ENERGY v3, chat";
// ml-energy/leaderboard-v2:data/llm_text_generation/chat at c3af7f3; the batch is the server's limit, not what ran.
const V2: &str = "ML.ENERGY v2, chat";
// ml-energy/leaderboard-v2:data/legacy, *_chat_benchmark.csv, at c3af7f3; per token is energy over mean response length.
const V1: &str = "ML.ENERGY v1, chat (per token derived)";
// lg3394/aienergyscore:energy_consumption_per_task.xlsx, kWh per 1,000 queries.
const AES: &str = "AI Energy Score 2025-02 (copy)";
// geerlingguy/ai-benchmarks:README.md: greatest power at the wall over tokens per second.
const HOBBY: &str = "geerlingguy/ai-benchmarks (derived)";

/// Published figures, smaller models first. Orders of magnitude to compare with, not targets: each has its own prompts,
/// lengths, batch and boundary.
pub const PUBLISHED: [Published; 20] = [
    Published {
        source: AES,
        model: "distilgpt2",
        billions: 0.082,
        setting: "H100, about 369 tokens in, 10 out",
        batch: Some(1),
        boundary: Boundary::Accelerator,
        per_token: None,
        per_response: Some(4.7),
    },
    Published {
        source: AES,
        model: "SmolLM2-1.7B",
        billions: 1.7,
        setting: "H100, about 369 tokens in, 10 out",
        batch: Some(1),
        boundary: Boundary::Accelerator,
        per_token: None,
        per_response: Some(27.7),
    },
    gpu(V2, "gemma-2-2b-it", 2.6, "A100-40GB, at most 32 at once", 32, 0.148, 72.2),
    Published {
        source: HOBBY,
        model: "Llama-3.2-3B",
        billions: 3.2,
        setting: "Mac mini M4, at the wall",
        batch: Some(1),
        boundary: Boundary::Machine,
        per_token: Some(0.73),
        per_response: None,
    },
    Published {
        source: HOBBY,
        model: "Llama-3.2-3B",
        billions: 3.2,
        setting: "Raspberry Pi 5, at the wall",
        batch: Some(1),
        boundary: Boundary::Machine,
        per_token: Some(2.44),
        per_response: None,
    },
    gpu(V1, "vicuna-7B", 6.7, "A40, FP16, PyTorch 2023", 1, 7.88, 2_239.0),
    gpu(V1, "vicuna-7B", 6.7, "A100, FP16, PyTorch 2023", 1, 5.38, 1_532.0),
    gpu(V1, "Llama-2-7b-chat", 6.7, "A40, FP16, PyTorch 2023", 1, 5.97, 2_557.0),
    gpu(V2, "Mistral-7B-v0.3", 7.2, "A100-40GB, at most 32 at once", 32, 0.233, 98.7),
    gpu(V3, "Llama-3.1-8B", 8.0, "1 × H100, bf16", 8, 0.454_8, 176.8),
    gpu(V3, "Llama-3.1-8B", 8.0, "1 × H100, bf16", 64, 0.118_6, 46.9),
    gpu(V3, "Llama-3.1-8B", 8.0, "1 × H100, bf16", 512, 0.070_2, 27.8),
    gpu(V3, "Llama-3.1-8B", 8.0, "1 × B200, bf16", 8, 0.390_5, 151.5),
    Published {
        source: AES,
        model: "Llama-3.1-8B",
        billions: 8.0,
        setting: "H100, about 369 tokens in, 10 out: mostly prefill",
        batch: Some(1),
        boundary: Boundary::Accelerator,
        per_token: None,
        per_response: Some(62.6),
    },
    gpu(V3, "Qwen3-8B", 8.2, "1 × H100, bf16", 8, 0.444, 287.1),
    gpu(V3, "gemma-3-12b-it", 12.2, "1 × H100, bf16", 8, 0.702_1, 511.1),
    gpu(V1, "Llama-2-13b-chat", 13.0, "A40, FP16, PyTorch 2023", 1, 11.27, 4_338.0),
    gpu(V3, "Qwen3-32B", 32.8, "1 × H100, bf16", 8, 1.725_7, 1_100.5),
    gpu(V3, "Llama-3.1-70B", 70.6, "4 × H100, bf16", 8, 3.758_7, 1_315.5),
    gpu(V3, "Llama-3.1-405B", 405.9, "8 × H100, FP8", 8, 13.97, 5_110.0),
];

/// A reason why a measured and an estimated figure differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// The estimate assumes another number of answers at once than the measurement had.
    Batch,
    /// The estimate counts accelerators, or a whole server; the measurement counts something else.
    Boundary,
    /// The formula was fitted to other sizes: for small models its constant is nearly all of it.
    Size,
    /// The estimate assumes 16-bit weights.
    Dtype,
    /// Tokens read cost energy that the estimate leaves out.
    InputTokens,
    /// The machine is reserved, so that its idle share is in the measured energy.
    Idle,
}

/// Which reasons hold for a measured figure of a model of this size and dtype, beside an estimate that assumes so many
/// answers at once.
pub fn differences(
    parameters: f64,
    dtype: Dtype,
    boundary: Boundary,
    batch: u32,
    assumed_batch: f64,
) -> Vec<Difference> {
    let mut reasons = Vec::new();
    if (f64::from(batch) - assumed_batch).abs() > f64::EPSILON {
        reasons.push(Difference::Batch);
    }
    if !matches!(boundary, Boundary::Accelerator | Boundary::Machine) {
        reasons.push(Difference::Boundary);
    }
    if !FITTED.contains(&parameters) {
        reasons.push(Difference::Size);
    }
    if !matches!(dtype, Dtype::F16 | Dtype::Bf16) {
        reasons.push(Difference::Dtype);
    }
    reasons.extend([Difference::InputTokens, Difference::Idle]);
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guides_worked_values_for_eight_billion_parameters() {
        for (batch, joules) in [(1.0, 0.179), (64.0, 0.162), (256.0, 0.148)] {
            let energy = per_output_token(8e9, 8e9, batch).accelerators.joules();
            assert!((energy - joules).abs() < 0.000_5, "{batch}: {energy}");
        }
    }

    #[test]
    fn boards_are_what_16_bit_weights_need_rounded_up_to_a_power_of_two() {
        let billions = [0.001, 8.0, 33.0, 34.0, 70.0, 110.0, 405.0];
        assert_eq!(billions.map(|billions| boards(billions * 1e9)), [1, 1, 1, 2, 4, 4, 16]);
    }

    #[test]
    fn of_a_mixture_of_experts_all_weights_are_held_and_the_active_ones_count() {
        let of = |parameters, active| per_output_token(parameters, active, ASSUMED_BATCH);
        let (dense, sparse, small) = (of(100e9, 100e9), of(100e9, 5e9), of(5e9, 5e9));
        assert!(sparse.accelerators < dense.accelerators && sparse.accelerators > small.accelerators);
        assert!(sparse.server < dense.server && sparse.server > small.server);
    }

    #[test]
    fn a_figure_of_the_whole_machine_is_compared_with_boards_and_server() {
        let said = per_output_token(8e9, 8e9, ASSUMED_BATCH);
        assert_eq!(said.within(Boundary::Accelerator), said.accelerators);
        assert_eq!(said.within(Boundary::Machine), said.accelerators + said.server);
        // 1.2 kW by an eighth of the boards and a 64th of the answers, over 44.9 ms a token.
        assert!((said.server.joules() - 1200.0 / 8.0 / 64.0 * 0.044_865).abs() < 1e-5);
    }

    #[test]
    fn reasons_follow_from_what_was_measured() {
        use Difference::{Batch, Boundary as Sum, Dtype as Format, Idle, InputTokens, Size};
        let of = |boundary| differences(8e9, Dtype::Bf16, boundary, 64, ASSUMED_BATCH);
        assert_eq!(of(Boundary::Accelerator), [InputTokens, Idle]);
        assert_eq!(of(Boundary::Machine), [InputTokens, Idle]);
        assert_eq!(
            differences(1e6, Dtype::Int8, Boundary::Cpu, 1, ASSUMED_BATCH),
            [Batch, Sum, Size, Format, InputTokens, Idle]
        );
    }

    #[test]
    fn the_batch_is_a_reason_only_where_the_estimate_assumes_another_one() {
        let is_one = |measured: u32, assumed: f64| {
            differences(8e9, Dtype::Bf16, Boundary::Accelerator, measured, assumed)
                .contains(&Difference::Batch)
        };
        assert!(!is_one(1, 1.0) && !is_one(8, 8.0));
        assert!(is_one(1, 64.0) && is_one(8, 1.0) && is_one(512, ASSUMED_BATCH));
    }

    #[test]
    fn published_figures_run_from_small_to_large_and_each_has_an_energy() {
        assert!(PUBLISHED.is_sorted_by(|a, b| a.billions <= b.billions));
        assert!(PUBLISHED.iter().all(|figure| figure.per_token.or(figure.per_response).is_some()));
    }
}

//! Why a file of results is not imported; each variant is something else to mend.
//!
//! Must not: be turned into a warning: a score that is not what its column says is worse than none.

/// A file of results that is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum QualityError {
    /// Give another file.
    #[error("is not JSON: {0}")]
    NotJson(String),
    /// Give another file: it is of no generation that is known here.
    #[error(
        "is no file of results of lm-evaluation-harness (of 2023 or 0.4), of the Open LLM Leaderboard, or of `jouleboard-worker evaluate`: {0}"
    )]
    UnknownForm(String),
    /// Evaluate all questions.
    #[error("was made with a limit of {limit} questions; evaluate without one")]
    Limited {
        /// As the file says it.
        limit: String,
    },
    /// Evaluate all questions.
    #[error("has asked {asked} of the {all} questions of {task}; evaluate all of them")]
    Incomplete {
        /// Which task.
        task: String,
        /// How many were asked.
        asked: u32,
        /// How many there are.
        all: u32,
    },
    /// Evaluate with the usual number of examples, or say that another one is wanted.
    #[error(
        "has {task} with {found} examples, but its usual number is {usual}; evaluate so, or give --any-shots, and it gets a column of its own"
    )]
    Shots {
        /// Which task.
        task: String,
        /// As the file says it.
        found: u32,
        /// As published tables have it.
        usual: u32,
    },
    /// Evaluate with the published questions, or say that others are wanted.
    #[error(
        "was asked other questions or prompts than the harness of 2023 asks (their hashes differ), so its scores stand beside no published one; evaluate with the published data files, or give --any-requests, and it gets a column of its own"
    )]
    OtherRequests,
    /// Look at the file: a number that must be there is not.
    #[error("has no usable {what} of {task}")]
    Missing {
        /// Which task.
        task: String,
        /// Which number.
        what: String,
    },
    /// Look at the file: a score is no share.
    #[error("says {value} for {what} of {task}, which is no share between 0 and 1")]
    NoShare {
        /// Which task.
        task: String,
        /// Which number.
        what: String,
        /// What it says.
        value: f64,
    },
    /// Evaluate one of the three benchmarks.
    #[error("holds none of ARC-Challenge, HellaSwag and TruthfulQA, only {0}")]
    NoBenchmark(String),
    /// Evaluate trained weights.
    #[error("cannot be of {model}: its weights are random, so its answers are too")]
    RandomWeights {
        /// Which Model.
        model: String,
    },
    /// Name a Model of that number format, or say that it shall hold for another one.
    #[error(
        "was made in {found}, but {model} computes in {ours}; name a model of that format, or give --any-dtype"
    )]
    OtherDtype {
        /// As the file says it.
        found: String,
        /// Which Model.
        model: String,
        /// Its number format.
        ours: String,
    },
    /// Name a Model.
    #[error("does not say of which model of this service it is; name it with --model")]
    NoModel,
    /// Name a Model that a machine has announced.
    #[error("is to be of the model {0:?}, which no machine has announced")]
    UnknownModel(String),
}

//! Tables of full-size shapes with random weights: what the worker's `bench` is asked for, and what another engine beside
//! it is.
//!
//! Must not: run anything; name a machine's folders.

/// What every line of a table has in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tables<'a> {
    /// As the worker names it.
    pub(crate) device: &'a str,
    pub(crate) dtypes: &'a [String],
    pub(crate) batch: &'a [u32],
    pub(crate) prompt_tokens: u32,
    pub(crate) output_tokens: u32,
}

/// A configuration in the engine's folder of shapes, from the root of the checkout.
pub(crate) fn config(shape: &str) -> String {
    format!("backend/engine/shapes/{shape}.json")
}

/// Where the tables of a day are kept, from the root of the checkout.
pub(crate) fn folder(date: &str, machine: &str) -> String {
    format!("backend/engine/bench_results/{date}-{machine}")
}

impl Tables<'_> {
    /// The worker's words for the table of a shape, which it writes to a file.
    pub(crate) fn ours(&self, shape: &str, file: &str) -> Vec<String> {
        let batch = self.batch.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let Self { device, prompt_tokens, output_tokens, .. } = self;
        let (config, dtypes) = (config(shape), self.dtypes.join(","));
        let before = format!(
            "bench --device {device} --random {config} --dtypes {dtypes} --batch {batch} \
             --prompt-tokens {prompt_tokens} --output-tokens {output_tokens} --json"
        );
        before.split(' ').chain([file]).map(str::to_owned).collect()
    }

    /// The words for the same shape and lengths in another engine; `ours` is a table, or a program that times ours in turns
    /// with the other.
    pub(crate) fn beside(&self, other: &str, ours: &str, shape: &str, dtypes: &str) -> Vec<String> {
        let Self { device, prompt_tokens, output_tokens, .. } = self;
        let after = format!(
            "{} --device {device} --beside {other} --formats {dtypes} --prompt {prompt_tokens} --output {output_tokens}",
            config(shape)
        );
        ["backend/engine/compare/compare.py", ours]
            .into_iter()
            .chain(after.split(' '))
            .map(str::to_owned)
            .collect()
    }
}

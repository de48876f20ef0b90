//! What burn's autotune chose in this process. cubecl tells each decision to a file and nothing else, so it gets a file of
//! its own in a private folder, which is read when a record is made.
//!
//! Must not: be asked inside a Window; fail a run because a choice could not be told.

use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::sync::OnceLock;

use common::measurement::Tuned;
use cubecl::config::{CubeClRuntimeConfig, RuntimeConfig as _};
use serde_json::Value;

/// Most choices that a record carries.
const MOST: usize = 256;

static FILE: OnceLock<Option<PathBuf>> = OnceLock::new();

/// Has decisions told from now on; before anything of cubecl runs. What the operator configured stays.
pub(super) fn listen() {
    FILE.get_or_init(|| {
        let mut config = CubeClRuntimeConfig::from_current_dir().override_from_env();
        let own = match &config.autotune.decisions.file {
            Some(file) => file.clone(),
            None => {
                let folder = std::env::temp_dir().join(format!("jouleboard-tuned-{}", std::process::id()));
                // Only a folder that nobody else made: others may write to the place where it is.
                std::fs::DirBuilder::new().mode(0o700).create(&folder).ok()?;
                folder.join("decisions.jsonl")
            }
        };
        config.autotune.decisions.file = Some(own.clone());
        CubeClRuntimeConfig::try_set(config).then_some(own)
    });
}

/// The choices so far, each operation once; `None` where they are not told.
pub(crate) fn tuned() -> Option<Vec<Tuned>> {
    let text = match std::fs::read_to_string(FILE.get()?.as_ref()?) {
        Ok(text) => text,
        // Nothing was decided yet.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(_) => return None,
    };
    let mut all: Vec<Tuned> = Vec::new();
    for found in text.lines().filter_map(decision) {
        if all.len() < MOST && all.iter().all(|known| known.operation != found.operation) {
            all.push(found);
        }
    }
    Some(all)
}

/// A line of the file.
fn decision(line: &str) -> Option<Tuned> {
    let line: Value = serde_json::from_str(line).ok()?;
    let fastest = line.get("fastest_index")?;
    let mut outcomes =
        line.get("results")?.as_array()?.iter().filter_map(|result| result.get("outcome")?.get("Ok"));
    let kernel = outcomes.find(|outcome| outcome.get("index") == Some(fastest))?.get("name")?.as_str()?;
    let mut leaves = Vec::new();
    collect("", line.get("key")?, &mut leaves);
    Some(Tuned { operation: leaves.join(", "), kernel: kernel.to_owned() })
}

/// Names and values of a key, however deep.
fn collect(name: &str, value: &Value, leaves: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| collect(name, value, leaves)),
        Value::Array(items) => items.iter().for_each(|value| collect(name, value, leaves)),
        Value::Null => {}
        Value::String(text) => leaves.push(format!("{name} {text}")),
        other => leaves.push(format!("{name} {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_says_the_operation_and_the_fastest_of_those_that_ran() {
        let line = r#"{"key":{"definition":{"m":512,"k":4096,"elem":{"Float":"BF16"}},"analysis":{"kind":"General"}},
            "fastest_index":2,"fastest_time":{"secs":0,"nanos":5},"results":[
            {"outcome":{"Ok":{"name":"slow","index":1,"computation":{}}}},
            {"outcome":{"Ok":{"name":"double buffering","index":2,"computation":{}}}},
            {"outcome":{"Err":"Skip"}}],"log_context":null,"checks":null}"#;
        let found = decision(&line.replace('\n', "")).unwrap();
        assert_eq!(found.kernel, "double buffering");
        for part in ["m 512", "k 4096", "Float BF16", "kind General"] {
            assert!(found.operation.contains(part), "{}", found.operation);
        }
        assert_eq!(decision("half a li"), None);
    }
}

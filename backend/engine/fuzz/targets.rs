//! What a checkpoint's folder says, as targets for fuzzing: each takes any bytes and must neither panic nor take long,
//! nor hold more than a file says that is really there. The same functions run under cargo-fuzz (`fuzz_targets`) and,
//! over the kept corpus and mutations of it, in `cargo test` (`src/fuzz.rs`).
//!
//! Must not: expect anything of its input.

use std::fs;
use std::path::Path;

use crate::hf::chat_template::ChatTemplate;
use crate::hf::checkpoint::Checkpoint;
use crate::hf::config::HfConfig;
use crate::hf::tokenizer::Tokenizer;
use crate::spec;

/// No network of any size has more layers; a configuration that asks for more is refused before a plan is made of it.
const MAX_LAYERS: usize = 1024;

/// `config.json`: read, and made a network's description.
pub fn config(bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    put(folder.path(), "config.json", bytes);
    let Ok(config) = HfConfig::load(folder.path()) else { return };
    let Ok(spec) = spec::read(&config) else { return };
    assert!(spec.layers <= MAX_LAYERS, "{} layers", spec.layers);
    assert!(spec.vocab > 0 && spec.hidden > 0 && spec.context_length > 0);
    assert!(spec.table_numbers().saturating_add(spec.layer_numbers()) > 0);
    if let spec::Network::Decoder(decoder) = &spec.network {
        assert_eq!(decoder.plan.len(), spec.layers);
        assert!(decoder.plan.iter().filter_map(|layer| layer.rope).all(|rope| rope < decoder.ropes.len()));
        let attention = &decoder.block.attention;
        assert!(attention.kv_heads > 0 && attention.heads.is_multiple_of(attention.kv_heads));
    }
}

/// `tokenizer.json` for a network of a thousand tokens: texts become ids that the network knows, and those become text again.
/// Where the library panics, that is an error by the time it is here.
pub fn tokenizer(bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    put(folder.path(), "tokenizer.json", bytes);
    let Ok(tokenizer) = Tokenizer::load(folder.path(), 1000) else { return };
    for text in ["", "a", "Hello <s> world", " \u{e9}\u{301}\u{1f600}\0 "] {
        for ids in [tokenizer.raw(text), tokenizer.bare(text)].into_iter().flatten() {
            assert!(ids.iter().all(|&id| id < 1000), "{ids:?}");
            let mut stream = tokenizer.stream();
            for id in ids {
                let _ = stream.push(id);
            }
            let _ = stream.finish();
        }
    }
}

/// A chat template: written to its end, within bounds, or refused.
pub fn template(bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    put(folder.path(), "chat_template.jinja", bytes);
    let Ok(Some(template)) = ChatTemplate::load(folder.path()) else { return };
    let _ = template.render(Some("Be brief."), &[], "Hello {{ world }}");
}

/// One file of weights: its header, and whatever tensors it says it has.
pub fn weights(bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    put(folder.path(), "model.safetensors", bytes);
    look_through(folder.path());
}

/// The index of several files, beside two of them.
pub fn index(bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    put(folder.path(), "model.safetensors.index.json", bytes);
    put(folder.path(), "a", &small("a"));
    put(folder.path(), "b", &small("b"));
    look_through(folder.path());
}

/// A file that holds one tensor of two numbers.
fn small(name: &str) -> Vec<u8> {
    let header = format!(r#"{{"{name}":{{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}}}"#);
    let mut bytes = u64::try_from(header.len()).unwrap_or_default().to_le_bytes().to_vec();
    bytes.extend_from_slice(header.as_bytes());
    bytes.extend_from_slice(&[0; 8]);
    bytes
}

fn put(folder: &Path, name: &str, bytes: &[u8]) {
    fs::write(folder.join(name), bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
}

/// Reads tensors in the shapes that a network would ask for, to the last row and column.
fn look_through(folder: &Path) {
    let Ok(checkpoint) = Checkpoint::open(folder) else { return };
    let _ = (checkpoint.stored(), checkpoint.sha256(), checkpoint.files().count());
    for name in ["a", "b", "model.embed_tokens.weight"] {
        for (rows, columns) in [(1, 2), (2, 1), (2, 2), (0, 2), (1 << 24, 1 << 24)] {
            let Ok(tensor) = checkpoint.tensor(name, rows, columns) else { continue };
            assert!(checkpoint.has(name));
            assert!(rows.saturating_mul(columns) <= tensor.bytes.len(), "{rows} by {columns}");
            let (mut row, mut column) = (vec![0.0; columns], vec![0.0; rows]);
            if rows > 0 && columns > 0 {
                tensor.row(rows - 1, &mut row);
                tensor.column(columns - 1, &mut column);
            }
        }
    }
}

//! Hugging Face's form of a checkpoint: a folder of JSON and safetensors files.
//!
//! Must not: know how a network computes; trust any file.

pub(crate) mod chat_template;
pub(crate) mod checkpoint;
pub(crate) mod config;
pub(crate) mod random;
pub(crate) mod raw;
pub(crate) mod tokenizer;
pub(crate) mod weight_hash;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::Value;

use crate::error::Error;

/// Reads a text file of at most `limit` bytes; `None` where it does not exist.
pub(crate) fn read_text(path: &Path, limit: u64) -> Result<Option<String>, Error> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(Error::checkpoint_because(path, "cannot be opened", "a readable file", error));
        }
    };
    let mut text = String::new();
    let read = file
        .take(limit + 1)
        .read_to_string(&mut text)
        .map_err(|error| Error::checkpoint_because(path, "cannot be read", "UTF-8 text", error))?;
    if crate::numeric::count_u64(read) > limit {
        return Err(Error::checkpoint(path, "is too large", format!("at most {limit} bytes")));
    }
    Ok(Some(text))
}

/// Reads a JSON object; `None` where the file does not exist.
pub(crate) fn read_json(path: &Path, limit: u64) -> Result<Option<Value>, Error> {
    let Some(text) = read_text(path, limit)? else { return Ok(None) };
    let value: Value = serde_json::from_str(&text).map_err(|error| {
        Error::checkpoint_because(path, format!("is not JSON ({error})"), "a JSON object", error)
    })?;
    if !value.is_object() {
        return Err(Error::checkpoint(path, "is not a JSON object", "a JSON object"));
    }
    Ok(Some(value))
}

//! The weights of a folder: safetensors in one file or several with an index, mapped into memory.
//!
//! Must not: hold a tensor twice; follow a name out of the folder; believe a header.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use memmap2::Mmap;
use safetensors::{Dtype as FileDtype, SafeTensors, tensor::Metadata};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::raw::{RawTensor, Stored};
use super::read_json;
use crate::error::Error;

const SINGLE: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";
/// Largest index that is read.
const MAX_INDEX_BYTES: u64 = 64 << 20;

struct Shard {
    path: PathBuf,
    map: Mmap,
    data_start: usize,
    metadata: Metadata,
}

/// The weight files of one checkpoint.
pub(crate) struct Checkpoint {
    shards: Vec<Shard>,
    /// Which shard holds a tensor.
    place: BTreeMap<String, usize>,
    /// Where a tensor's absence is reported.
    index: PathBuf,
}

impl Checkpoint {
    /// Maps the weight files of a folder.
    pub(crate) fn open(dir: &Path) -> Result<Self, Error> {
        let index = dir.join(INDEX);
        let (index, names) = match read_json(&index, MAX_INDEX_BYTES)? {
            Some(root) => {
                let names = shard_names(&index, &root)?;
                (index, names)
            }
            None => (dir.join(SINGLE), BTreeSet::from([SINGLE.to_owned()])),
        };
        let mut shards = Vec::with_capacity(names.len());
        let mut place = BTreeMap::new();
        for name in &names {
            let shard = open_shard(&dir.join(name))?;
            for tensor in shard.metadata.offset_keys() {
                if place.insert(tensor.clone(), shards.len()).is_some() {
                    return Err(Error::checkpoint(
                        &shard.path,
                        format!("holds {tensor:?}, which another shard holds too"),
                        "each tensor once",
                    ));
                }
            }
            shards.push(shard);
        }
        Ok(Self { shards, place, index })
    }

    /// Whether there is a tensor of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.place.contains_key(name)
    }

    /// A tensor of exactly this shape (leading ones do not count).
    pub(crate) fn tensor(&self, name: &str, rows: usize, columns: usize) -> Result<RawTensor<'_>, Error> {
        let expected = || format!("{name:?} of shape [{rows}, {columns}] in f32, f16 or bf16");
        let missing = || Error::checkpoint(&self.index, format!("has no tensor {name:?}"), expected());
        let shard = self.place.get(name).and_then(|&place| self.shards.get(place)).ok_or_else(missing)?;
        let info = shard.metadata.info(name).ok_or_else(missing)?;
        let wrong = |what: String| Error::checkpoint(&shard.path, what, expected());
        let core: Vec<usize> = info.shape.iter().copied().skip_while(|&side| side == 1).collect();
        let fits = match core.as_slice() {
            [] => rows * columns == 1,
            [length] => rows == 1 && *length == columns || columns == 1 && *length == rows,
            sides => sides == [rows, columns],
        };
        if !fits {
            return Err(wrong(format!("holds {name:?} of shape {:?}", info.shape)));
        }
        let stored =
            stored(info.dtype).ok_or_else(|| wrong(format!("holds {name:?} in {:?}", info.dtype)))?;
        let (start, end) = info.data_offsets;
        let range = shard.data_start.checked_add(start)..shard.data_start.checked_add(end);
        let bytes = match (range.start, range.end) {
            (Some(start), Some(end)) => shard.map.get(start..end),
            _ => None,
        };
        let needed = rows.checked_mul(columns).and_then(|count| count.checked_mul(stored.bytes()));
        match bytes {
            Some(bytes) if Some(bytes.len()) == needed => {
                Ok(RawTensor { stored, rows, columns, bytes: Cow::Borrowed(bytes) })
            }
            _ => Err(wrong(format!("ends before the end of {name:?}"))),
        }
    }

    /// The format that most of the bytes are stored in.
    pub(crate) fn stored(&self) -> Stored {
        let mut bytes = [(Stored::F32, 0usize), (Stored::F16, 0), (Stored::Bf16, 0)];
        for shard in &self.shards {
            for info in shard.metadata.tensors().values() {
                for (format, sum) in &mut bytes {
                    if stored(info.dtype) == Some(*format) {
                        *sum = sum.saturating_add(info.data_offsets.1.saturating_sub(info.data_offsets.0));
                    }
                }
            }
        }
        bytes.into_iter().max_by_key(|&(_, sum)| sum).map_or(Stored::F32, |(format, _)| format)
    }

    /// The weight files in the order of their names.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        self.shards.iter().map(|shard| shard.path.as_path())
    }

    /// SHA-256 over the weight files in the order of their names, in hexadecimal.
    pub(crate) fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        for shard in &self.shards {
            hash.update(&shard.map[..]);
        }
        HEXLOWER.encode(&hash.finalize())
    }
}

/// SHA-256 of bytes, in hexadecimal.
pub(crate) fn sha256_of(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

fn stored(dtype: FileDtype) -> Option<Stored> {
    match dtype {
        FileDtype::F32 => Some(Stored::F32),
        FileDtype::F16 => Some(Stored::F16),
        FileDtype::BF16 => Some(Stored::Bf16),
        _ => None,
    }
}

/// The files an index names, each a plain name in the folder.
fn shard_names(index: &Path, root: &Value) -> Result<BTreeSet<String>, Error> {
    let expected = "\"weight_map\" from tensor names to file names in the same folder";
    let map = root
        .get("weight_map")
        .and_then(Value::as_object)
        .ok_or_else(|| Error::checkpoint(index, "has no \"weight_map\"", expected))?;
    let mut names = BTreeSet::new();
    for value in map.values() {
        let name = value.as_str().filter(|name| {
            !name.is_empty()
                && !name.starts_with('.')
                && !name.contains(['/', '\\', '\0'])
                && name.len() < 256
        });
        let name = name.ok_or_else(|| {
            let shown: String = value.to_string().chars().take(80).collect();
            Error::checkpoint(index, format!("names the file {shown}"), expected)
        })?;
        names.insert(name.to_owned());
    }
    if names.is_empty() {
        return Err(Error::checkpoint(index, "names no file", expected));
    }
    Ok(names)
}

fn open_shard(path: &Path) -> Result<Shard, Error> {
    let expected = "a safetensors file (other formats, such as .bin, must be converted first)";
    let fail = |what: String, error: Box<dyn std::error::Error + Send + Sync>| {
        Error::checkpoint_because(path, what, expected, error)
    };
    let file = File::open(path).map_err(|error| fail(format!("cannot be opened ({error})"), error.into()))?;
    // SAFETY: the map is only read. Should another process shorten the file meanwhile, the system
    // ends this one; reading whole files instead would hold every model twice.
    #[expect(unsafe_code, reason = "mapping a file is the only way not to hold the weights twice")]
    let map = unsafe { Mmap::map(&file) }
        .map_err(|error| fail(format!("cannot be mapped into memory ({error})"), error.into()))?;
    let (header, metadata) = SafeTensors::read_metadata(&map)
        .map_err(|error| fail(format!("is damaged or cut short ({error})"), error.into()))?;
    Ok(Shard { path: path.to_owned(), map, data_start: header + 8, metadata })
}

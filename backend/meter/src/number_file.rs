//! A kernel file that holds one whole number: opened once, read at offset 0, no allocation.
//!
//! Must not: take an unreadable file for 0.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// An open file with a number in it.
#[derive(Debug)]
pub(crate) struct NumberFile(File);

impl NumberFile {
    /// Opens it and reads it once: a file that opens may still refuse to be read.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = Self(File::open(path)?);
        file.value()?;
        Ok(file)
    }

    /// The number now.
    pub(crate) fn value(&self) -> io::Result<u64> {
        let mut buffer = [0_u8; 32];
        let length = self.0.read_at(&mut buffer, 0)?;
        let text = buffer.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
        text.trim().parse().map_err(|_| io::ErrorKind::InvalidData.into())
    }
}

/// What a small file says, without the line's end; `None` if it cannot be read.
pub(crate) fn text(path: &Path) -> Option<String> {
    Some(fs::read_to_string(path).ok()?.trim().to_owned())
}

/// The number in a small file that is read once.
pub(crate) fn number(path: &Path) -> Option<u64> {
    text(path)?.parse().ok()
}

/// What lies in a folder, in the order of names in which ten comes after two.
pub(crate) fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect();
    found.sort_by_key(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let digits = name.trim_start_matches(|c: char| !c.is_ascii_digit());
        (digits.parse::<u64>().ok(), name)
    });
    found
}

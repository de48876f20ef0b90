//! A kernel file that holds one whole number: opened once, read at offset 0, no allocation.
//!
//! A driver that is loaded again makes its files anew; a number that stands still is therefore looked for by its path
//! now and then. Must not: take an unreadable file for 0.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

/// After so many looks at the same number, whether the path still leads to the open file is checked.
const STANDS_STILL: u32 = 8;
/// Whoever plays the kernel may be writing just now: what is half there is read again, so many times.
const TRIES: u32 = 3;

/// An open file with a number in it.
#[derive(Debug)]
pub(crate) struct NumberFile {
    file: File,
    path: PathBuf,
    last: u64,
    /// Looks since the number was another.
    same: u32,
}

impl NumberFile {
    /// Opens it and reads it once: a file that opens may still refuse to be read.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let last = read(&file)?;
        Ok(Self { file, path: path.to_owned(), last, same: 0 })
    }

    /// The number now.
    pub(crate) fn value(&mut self) -> io::Result<u64> {
        let value = match read(&self.file) {
            Ok(value) => value,
            // Opened anew or not at all; an error of the old file says nothing any more.
            Err(error) => {
                if !self.is_elsewhere()? {
                    return Err(error);
                }
                self.open_again()?
            }
        };
        self.same = if value == self.last { self.same + 1 } else { 0 };
        self.last = value;
        if self.same < STANDS_STILL {
            return Ok(value);
        }
        self.same = 0;
        if self.is_elsewhere()? { self.open_again() } else { Ok(value) }
    }

    /// Whether the path leads to another file than the open one.
    fn is_elsewhere(&self) -> io::Result<bool> {
        let (named, open) = (fs::metadata(&self.path)?, self.file.metadata()?);
        Ok((named.dev(), named.ino()) != (open.dev(), open.ino()))
    }

    fn open_again(&mut self) -> io::Result<u64> {
        self.file = File::open(&self.path)?;
        self.last = read(&self.file)?;
        Ok(self.last)
    }
}

fn read(file: &File) -> io::Result<u64> {
    let mut buffer = [0_u8; 32];
    for _ in 0..TRIES {
        let length = file.read_at(&mut buffer, 0)?;
        if let Some(value) = buffer.get(..length).and_then(whole) {
            return Ok(value);
        }
    }
    Err(io::ErrorKind::InvalidData.into())
}

fn whole(bytes: &[u8]) -> Option<u64> {
    std::str::from_utf8(bytes).ok()?.trim().parse().ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_made_anew_is_found_once_its_old_number_stands_still() {
        let root = tempfile::tempdir().unwrap();
        let (path, new) = (root.path().join("energy_uj"), root.path().join("new"));
        fs::write(&path, "5\n").unwrap();
        let mut file = NumberFile::open(&path).unwrap();
        fs::write(&new, "7\n").unwrap();
        fs::rename(&new, &path).unwrap();
        let seen: Vec<u64> = (0..=STANDS_STILL).map(|_| file.value().unwrap()).collect();
        assert_eq!((seen[0], seen.last()), (5, Some(&7)));
        fs::remove_file(&path).unwrap();
        let last: Vec<_> = (0..=STANDS_STILL).map(|_| file.value().ok()).collect();
        assert_eq!(
            (last[0], last.contains(&None)),
            (Some(7), true),
            "what is gone is an error, not its last number"
        );
    }

    #[test]
    fn nonsense_is_an_error_and_a_number_that_is_back_is_read() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("energy_uj");
        fs::write(&path, "nonsense").unwrap();
        assert!(NumberFile::open(&path).is_err());
        fs::write(&path, "1").unwrap();
        let mut file = NumberFile::open(&path).unwrap();
        fs::write(&path, "").unwrap();
        assert!(file.value().is_err());
        fs::write(&path, "3").unwrap();
        assert_eq!(file.value().ok(), Some(3));
    }
}

//! The system's chance, for secrets that nobody can guess.
//!
//! Must not: keep or print one.

use std::fs::File;
use std::io::{self, Read};

/// 256 bits in hexadecimal, after a word that says what it is for.
pub(crate) fn secret(what: &str) -> io::Result<String> {
    let mut bytes = [0_u8; 32];
    File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes))?;
    Ok(bytes.iter().fold(format!("{what}_"), |text, byte| text + &format!("{byte:02x}")))
}

/// A whole number below `most`, each as likely as the others; 0 below 1.
pub(crate) fn below(most: usize) -> io::Result<usize> {
    let mut source = File::open("/dev/urandom")?;
    let most = u64::try_from(most).unwrap_or(u64::MAX).max(1);
    // What is left over above the last whole multiple would make small numbers likelier.
    let whole = u64::MAX - u64::MAX % most;
    loop {
        let mut bytes = [0_u8; 8];
        source.read_exact(&mut bytes)?;
        let drawn = u64::from_le_bytes(bytes);
        if drawn < whole {
            return Ok(usize::try_from(drawn % most).unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_below_a_limit_is_drawn_about_as_often() {
        let mut counts = [0_u32; 3];
        for _ in 0..3_000 {
            counts[below(3).unwrap()] += 1;
        }
        assert!(counts.iter().all(|count| (800..1_200).contains(count)), "{counts:?}");
        assert_eq!((below(1).unwrap(), below(0).unwrap()), (0, 0));
    }

    #[test]
    fn two_secrets_differ_and_have_256_bits() {
        let (one, other) = (secret("jb").unwrap(), secret("jb").unwrap());
        assert_ne!(one, other);
        assert_eq!(one.len(), "jb_".len() + 64);
    }
}

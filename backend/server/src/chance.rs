//! The system's chance, for secrets that nobody can guess.
//!
//! Must not: keep or print one.

use std::io;

use data_encoding::HEXLOWER;

/// 256 bits in hexadecimal, after a word that says what it is for.
pub(crate) fn secret(what: &str) -> io::Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{what}_{}", HEXLOWER.encode(&bytes)))
}

/// A whole number below `most`, each as likely as the others; 0 below 1. Of 2⁶⁴ numbers those left over above the last
/// whole multiple of a count of models do not show.
pub(crate) fn below(most: usize) -> io::Result<usize> {
    let most = u64::try_from(most).unwrap_or(u64::MAX).max(1);
    Ok(usize::try_from(getrandom::u64()? % most).unwrap_or_default())
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

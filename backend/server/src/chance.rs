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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_secrets_differ_and_have_256_bits() {
        let (one, other) = (secret("jb").unwrap(), secret("jb").unwrap());
        assert_ne!(one, other);
        assert_eq!(one.len(), "jb_".len() + 64);
    }
}

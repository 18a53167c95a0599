//! The bytes of a hash as arrays, so that the compiler knows their length and no code stands in for bytes that are missing.

use aws_lc_rs::digest::{Digest, SHA256_OUTPUT_LEN};

/// The bytes of a SHA-256. A hash of another length is an error of this software: it panics, and is never taken for zeros.
pub(crate) fn bytes_of(hashed: &Digest) -> [u8; SHA256_OUTPUT_LEN] {
    let mut bytes = [0; SHA256_OUTPUT_LEN];
    bytes.copy_from_slice(hashed.as_ref());
    bytes
}

/// The first `N` bytes, of which the compiler knows that there are as many.
pub(crate) fn first<const N: usize>(bytes: [u8; SHA256_OUTPUT_LEN]) -> [u8; N] {
    const { assert!(N <= SHA256_OUTPUT_LEN) }
    let mut first = [0; N];
    first.iter_mut().zip(bytes).for_each(|(to, byte)| *to = byte);
    first
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::digest::{SHA256, SHA512, digest};

    use super::*;

    #[test]
    fn a_hash_is_itself_and_its_beginning() {
        let bytes = bytes_of(&digest(&SHA256, b""));
        assert_eq!(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>(), OF_NOTHING);
        assert_eq!(first::<4>(bytes), [0xe3, 0xb0, 0xc4, 0x42]);
        assert_eq!(first::<32>(bytes), bytes);
    }

    const OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    #[should_panic(expected = "length")]
    fn a_hash_of_another_length_is_none() {
        bytes_of(&digest(&SHA512, b""));
    }
}

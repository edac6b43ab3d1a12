//! Bytes as hexadecimal digits, as settings and hashes are written.

use std::fmt::Write as _;

/// `bytes`, two lower-case digits each.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        // A string takes whatever is written to it.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

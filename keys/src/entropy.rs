//! The operating system's randomness, behind the trait that every room is given.

use guichet_domain::Entropy;

/// Random bytes of the operating system.
///
/// Should it ever fail, the process aborts: a server that hands out predictable codes is worse than one
/// that is down. Early after boot the system waits until it has entropy rather than failing, so this
/// does not happen in practice.
///
/// The generator of aws-lc is not asked: it gathers entropy of its own before its first byte, for a
/// tenth of a second in which a node that starts would not serve.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        if getrandom::fill(bytes).is_err() {
            std::process::abort();
        }
    }
}

/// Has the generator of aws-lc ready, which draws what is random in signatures, key agreements and new
/// keys: the first of them need not wait for it. Takes a moment; blocks.
pub fn warm_up() {
    // If it fails here, it fails where it is needed, and there that is told.
    let _ = aws_lc_rs::rand::fill(&mut [0]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_draws_differ() {
        assert_ne!(SystemEntropy.bytes32(), SystemEntropy.bytes32());
    }
}

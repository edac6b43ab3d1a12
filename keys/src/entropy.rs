//! The operating system's randomness, behind the trait that every room is given.

use guichet_domain::Entropy;

/// Random bytes from aws-lc's generator, which the operating system seeds.
///
/// Should the generator ever fail, the process aborts: a server that hands out predictable codes is
/// worse than one that is down. aws-lc itself waits for the system's entropy rather than failing,
/// so this does not happen in practice.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        if aws_lc_rs::rand::fill(bytes).is_err() {
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_draws_differ() {
        assert_ne!(SystemEntropy.bytes32(), SystemEntropy.bytes32());
    }
}

//! Randomness as an argument: the binary has the operating system's, tests a repeatable one.

/// A source of bytes nobody can predict.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with unpredictable values.
    fn fill(&self, bytes: &mut [u8]);

    /// Sixteen fresh bytes: the size of every random identifier here.
    fn bytes16(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        bytes
    }

    /// Thirty-two fresh bytes: the size of every secret and of every code or token handed out.
    fn bytes32(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.fill(&mut bytes);
        bytes
    }
}

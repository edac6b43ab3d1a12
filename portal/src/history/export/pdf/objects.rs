//! The objects of a PDF (ISO 32000-1 §7.3, §7.5), and where each is.

use std::fmt::{self, Write as _};

/// The number of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reference(usize);

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} 0 R", self.0)
    }
}

/// Where each object is, in bytes from the beginning. Whatever it returns is to be written, in this order.
#[derive(Default)]
pub(super) struct Objects {
    offsets: Vec<u64>,
    written: u64,
}

impl Objects {
    /// The number of an object to be written later.
    pub(super) fn reserve(&mut self) -> Reference {
        self.offsets.push(0);
        Reference(self.offsets.len())
    }

    /// The first bytes. The second line says that the file is no text.
    pub(super) fn header(&mut self) -> Vec<u8> {
        self.count("%PDF-1.7\n%\u{e2}\u{e3}\u{cf}\u{d3}\n".as_bytes().to_vec())
    }

    /// An object.
    pub(super) fn object(&mut self, which: Reference, content: &str) -> Vec<u8> {
        self.offsets[which.0 - 1] = self.written;
        self.count(format!("{} 0 obj\n{content}\nendobj\n", which.0).into_bytes())
    }

    /// A stream of bytes.
    pub(super) fn stream(&mut self, which: Reference, content: &[u8]) -> Vec<u8> {
        self.offsets[which.0 - 1] = self.written;
        let mut bytes =
            format!("{} 0 obj\n<</Length {}>>stream\n", which.0, content.len()).into_bytes();
        bytes.extend_from_slice(content);
        bytes.extend_from_slice(b"\nendstream\nendobj\n");
        self.count(bytes)
    }

    /// The table of all objects, and what to begin with.
    pub(super) fn trailer(&mut self, root: Reference, info: Reference) -> Vec<u8> {
        let (start, size) = (self.written, self.offsets.len() + 1);
        let mut text = format!("xref\n0 {size}\n0000000000 65535 f \n");
        for offset in &self.offsets {
            let _ = writeln!(text, "{offset:010} 00000 n ");
        }
        let _ = write!(
            text,
            "trailer\n<</Size {size}/Root {root}/Info {info}>>\nstartxref\n{start}\n%%EOF\n"
        );
        self.count(text.into_bytes())
    }

    fn count(&mut self, bytes: Vec<u8>) -> Vec<u8> {
        self.written += bytes.len() as u64;
        bytes
    }
}

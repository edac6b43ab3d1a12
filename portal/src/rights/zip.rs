//! A ZIP file whose entries are stored as they are (PKWARE APPNOTE 6.3.10, method 0): what every computer and
//! telephone opens. Written and read file by file, and read strictly: only what was written here is read.

use std::collections::BTreeSet;
use std::io::{self, Read};

/// The longest file in an archive that is written or read, and all that is ever in memory of one.
pub(super) const LONGEST: usize = 64 * 1024 * 1024;

/// Writes one. What it returns is to be sent, in this order.
#[derive(Default)]
pub(super) struct Writer {
    written: u32,
    directory: Vec<u8>,
    count: u16,
}

impl Writer {
    /// What stands before a file, which follows as it is. `None` when there is no room for it.
    pub(super) fn begin(&mut self, name: &str, content: &[u8]) -> Option<Vec<u8>> {
        let head = head(name, content)?;
        self.directory.extend_from_slice(&CENTRAL.to_le_bytes());
        self.directory.extend_from_slice(&VERSION.to_le_bytes());
        self.directory.extend_from_slice(&head);
        // No comment, disk 0, no attributes.
        self.directory.extend_from_slice(&[0; 10]);
        self.directory
            .extend_from_slice(&self.written.to_le_bytes());
        self.directory.extend_from_slice(name.as_bytes());
        self.count = self.count.checked_add(1)?;
        let mut begun = LOCAL.to_le_bytes().to_vec();
        begun.extend_from_slice(&head);
        begun.extend_from_slice(name.as_bytes());
        let length = u32::try_from(begun.len() + content.len()).ok()?;
        self.written = self.written.checked_add(length)?;
        Some(begun)
    }

    /// What stands after the last file: the directory.
    pub(super) fn end(self) -> Option<Vec<u8>> {
        let size = u32::try_from(self.directory.len()).ok()?;
        let mut end = self.directory;
        end.extend_from_slice(&END.to_le_bytes());
        end.extend_from_slice(&[0; 4]);
        for _ in 0..2 {
            end.extend_from_slice(&self.count.to_le_bytes());
        }
        end.extend_from_slice(&size.to_le_bytes());
        end.extend_from_slice(&self.written.to_le_bytes());
        end.extend_from_slice(&[0; 2]);
        Some(end)
    }
}

/// What stands before an entry and in the directory alike.
fn head(name: &str, content: &[u8]) -> Option<Vec<u8>> {
    if content.len() > LONGEST {
        return None;
    }
    let size = u32::try_from(content.len()).ok()?;
    let mut head = Vec::with_capacity(26);
    head.extend_from_slice(&VERSION.to_le_bytes());
    // Names are UTF-8; stored; 1 January 1980, since its time is in the manifest.
    for field in [1_u16 << 11, 0, 0, 0x21] {
        head.extend_from_slice(&field.to_le_bytes());
    }
    for field in [crc32(content), size, size] {
        head.extend_from_slice(&field.to_le_bytes());
    }
    head.extend_from_slice(&u16::try_from(name.len()).ok()?.to_le_bytes());
    head.extend_from_slice(&[0; 2]);
    Some(head)
}

/// Reads one that was written here, one file after the other: what is not as the writer would have written it
/// is none.
pub(super) struct Reader<R> {
    from: R,
    /// Writes what was read once more: another reader goes by the directory, which must say the same.
    again: Writer,
    taken: BTreeSet<String>,
}

/// Why there is nothing more to read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unread {
    /// It is no archive of ours, or it was damaged.
    #[error("this was not written here as it is")]
    Damaged,
    /// Where it comes from fails.
    #[error(transparent)]
    Source(#[from] io::Error),
}

impl<R: Read> Reader<R> {
    /// Reads from there.
    pub(super) fn new(from: R) -> Self {
        Self {
            from,
            again: Writer::default(),
            taken: BTreeSet::new(),
        }
    }

    /// The name and the content of the next file; `None` after the last, when the directory is right, too.
    pub(super) fn next(&mut self) -> Result<Option<(String, Vec<u8>)>, Unread> {
        let begun = self.bytes(4)?;
        if begun != LOCAL.to_le_bytes() {
            return self.is_over(begun).map(|()| None);
        }
        let mut head = self.bytes(LOCAL_HEAD - 4)?;
        let size = number(&head, 14) as usize;
        let named = usize::from(u16::from_le_bytes([head[22], head[23]]));
        if size > LONGEST {
            return Err(Unread::Damaged);
        }
        head.extend(self.bytes(named)?);
        let name = String::from_utf8(head[LOCAL_HEAD - 4..].to_vec());
        let name = name.map_err(|_| Unread::Damaged)?;
        let content = self.bytes(size)?;
        let written = self.again.begin(&name, &content).ok_or(Unread::Damaged)?;
        // Of two files of one name, whoever unpacks them keeps the second: also where case makes no difference.
        if written[4..] != head || !self.taken.insert(name.to_lowercase()) {
            return Err(Unread::Damaged);
        }
        Ok(Some((name, content)))
    }

    fn is_over(&mut self, begun: Vec<u8>) -> Result<(), Unread> {
        let expected = std::mem::take(&mut self.again).end();
        let expected = expected.ok_or(Unread::Damaged)?;
        let mut found = begun;
        let most = expected.len() as u64 + 1;
        self.from.by_ref().take(most).read_to_end(&mut found)?;
        if found == expected {
            Ok(())
        } else {
            Err(Unread::Damaged)
        }
    }

    /// So many bytes; no more memory than there are.
    fn bytes(&mut self, count: usize) -> Result<Vec<u8>, Unread> {
        let mut bytes = Vec::new();
        let mut there = self.from.by_ref().take(count as u64);
        there.read_to_end(&mut bytes)?;
        if bytes.len() == count {
            Ok(bytes)
        } else {
            Err(Unread::Damaged)
        }
    }
}

fn number(bytes: &[u8], at: usize) -> u32 {
    let four = bytes.get(at..at + 4).and_then(|it| it.try_into().ok());
    four.map_or(0, u32::from_le_bytes)
}

/// CRC-32 (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        let [low, ..] = crc.to_le_bytes();
        (crc >> 8) ^ CRC_OF_BYTE[usize::from(low ^ byte)]
    };
    !bytes.iter().fold(u32::MAX, step)
}

/// What each byte comes to, made when this is compiled.
const CRC_OF_BYTE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte: u32 = 0;
    while byte < 256 {
        let (mut bit, mut crc) = (0, byte);
        while bit < 8 {
            crc = (crc >> 1) ^ if crc & 1 == 1 { 0xEDB8_8320 } else { 0 };
            bit += 1;
        }
        table[byte as usize] = crc;
        byte += 1;
    }
    table
};

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
/// What a reader must be able to do: 2.0.
const VERSION: u16 = 20;
const LOCAL_HEAD: usize = 30;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let (mut writer, mut bytes) = (Writer::default(), Vec::new());
        for (name, content) in files {
            bytes.extend(writer.begin(name, content).unwrap());
            bytes.extend_from_slice(content);
        }
        bytes.extend(writer.end().unwrap());
        bytes
    }

    fn read(bytes: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
        let (mut reader, mut files) = (Reader::new(bytes), Vec::new());
        loop {
            match reader.next() {
                Ok(Some(file)) => files.push(file),
                Ok(None) => return Some(files),
                Err(_) => return None,
            }
        }
    }

    #[test]
    fn the_checksum_is_the_one_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn what_was_added_is_read_back_in_order() {
        let bytes = archive(&[("a.json", b"{}"), ("é/b.txt", b""), ("c", &[0, 255])]);
        let files = read(&bytes).unwrap();
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a.json", "é/b.txt", "c"]);
        assert_eq!(files[2].1, [0, 255]);
    }

    #[test]
    fn an_archive_that_was_changed_anywhere_is_not_read() {
        let bytes = archive(&[("a.json", b"{\"a\":1}"), ("b", b"b")]);
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let read = read(&changed);
            let differs = read.is_none_or(|files| {
                files[0].0 != "a.json" || files[0].1 != b"{\"a\":1}" || files[1].0 != "b"
            });
            assert!(differs, "byte {at}");
        }
        assert_eq!(read(&bytes[..bytes.len() - 1]), None);
        assert_eq!(read(b""), None);
    }

    #[test]
    fn two_files_of_one_name_are_no_archive() {
        for twice in [["a.json", "a.json"], ["a.json", "A.JSON"], ["é", "É"]] {
            let [one, other] = twice;
            let bytes = archive(&[(one, b"true"), (other, b"forged")]);
            assert_eq!(read(&bytes), None, "{twice:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_fall_over(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut zip = LOCAL.to_le_bytes().to_vec();
            zip.extend(bytes);
            prop_assert_eq!(read(&zip), None);
        }
    }
}

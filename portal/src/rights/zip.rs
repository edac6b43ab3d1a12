//! A ZIP file whose entries are stored as they are (PKWARE APPNOTE 6.3.10, method 0): what every computer and
//! telephone opens. Written in memory, read back strictly: only what was written here is read.

use std::collections::BTreeSet;

/// The longest archive that is written or read.
pub(super) const LONGEST: usize = 64 * 1024 * 1024;

/// Writes one.
#[derive(Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
    directory: Vec<u8>,
    count: u16,
}

impl Writer {
    /// Adds a file. `None` when there is no room for it.
    pub(super) fn add(&mut self, name: &str, content: &[u8]) -> Option<()> {
        let room = LONGEST.checked_sub(self.bytes.len() + self.directory.len())?;
        room.checked_sub(content.len() + 2 * (name.len() + 64))?;
        let offset = u32::try_from(self.bytes.len()).ok()?;
        let head = head(name, content)?;
        self.bytes.extend_from_slice(&LOCAL.to_le_bytes());
        self.bytes.extend_from_slice(&head);
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.extend_from_slice(content);
        self.directory.extend_from_slice(&CENTRAL.to_le_bytes());
        self.directory.extend_from_slice(&VERSION.to_le_bytes());
        self.directory.extend_from_slice(&head);
        // No comment, disk 0, no attributes.
        self.directory.extend_from_slice(&[0; 10]);
        self.directory.extend_from_slice(&offset.to_le_bytes());
        self.directory.extend_from_slice(name.as_bytes());
        self.count = self.count.checked_add(1)?;
        Some(())
    }

    /// The whole file.
    pub(super) fn finish(mut self) -> Option<Vec<u8>> {
        let offset = u32::try_from(self.bytes.len()).ok()?;
        let size = u32::try_from(self.directory.len()).ok()?;
        self.bytes.append(&mut self.directory);
        self.bytes.extend_from_slice(&END.to_le_bytes());
        self.bytes.extend_from_slice(&[0; 4]);
        for _ in 0..2 {
            self.bytes.extend_from_slice(&self.count.to_le_bytes());
        }
        self.bytes.extend_from_slice(&size.to_le_bytes());
        self.bytes.extend_from_slice(&offset.to_le_bytes());
        self.bytes.extend_from_slice(&[0; 2]);
        Some(self.bytes)
    }
}

/// What stands before an entry and in the directory alike.
fn head(name: &str, content: &[u8]) -> Option<Vec<u8>> {
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

/// Names and contents of every file in an archive that was written here; `None` where it is none.
pub(super) fn read(bytes: &[u8]) -> Option<Vec<(String, &[u8])>> {
    let mut rest = bytes;
    let (mut files, mut taken) = (Vec::new(), BTreeSet::new());
    while number32(rest, 0)? == LOCAL {
        let (size, name) = (number32(rest, 18)? as usize, number16(rest, 26)? as usize);
        if number16(rest, 8)? != 0
            || number16(rest, 28)? != 0
            || number32(rest, 22)? as usize != size
        {
            return None;
        }
        let named = rest.get(LOCAL_HEAD..LOCAL_HEAD + name)?;
        let content = rest.get(LOCAL_HEAD + name..LOCAL_HEAD + name + size)?;
        if crc32(content) != number32(rest, 14)? {
            return None;
        }
        let name_of = String::from_utf8(named.to_vec()).ok()?;
        // Of two files of one name, whoever unpacks them keeps the second: also where case makes no difference.
        if !taken.insert(name_of.to_lowercase()) {
            return None;
        }
        files.push((name_of, content));
        rest = &rest[LOCAL_HEAD + name + size..];
    }
    // Another reader goes by the directory: it must say the same.
    let mut written = Writer::default();
    for (name, content) in &files {
        written.add(name, content)?;
    }
    (written.finish()? == bytes).then_some(files)
}

fn number16(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at + 2)?.try_into().ok()?;
    Some(u16::from_le_bytes(bytes))
}

fn number32(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_le_bytes(bytes))
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
        let mut writer = Writer::default();
        for (name, content) in files {
            writer.add(name, content).unwrap();
        }
        writer.finish().unwrap()
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

//! Custody in a folder: one file per blob, readable by its owner only.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{BlobName, Custody, CustodyError, CustodyLock};

/// Secrets as files of mode 0600 in a folder of mode 0700. A file or folder open to others is
/// refused. The folder may be read-only once every blob is there and nothing rotates.
pub struct FileCustody {
    dir: PathBuf,
}

impl FileCustody {
    /// Opens `dir`, making it when it is not there.
    pub fn open(dir: &Path) -> Result<Self, CustodyError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)
            .map_err(|source| failed("create", dir, source))?;
        Self::check_mode(dir, 0o700)?;
        Ok(Self {
            dir: dir.to_owned(),
        })
    }

    /// Refuses what group or others may use in any way.
    fn check_mode(path: &Path, wanted: u32) -> Result<(), CustodyError> {
        let metadata = path
            .metadata()
            .map_err(|source| failed("inspect", path, source))?;
        let mode = metadata.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(CustodyError::Exposed {
                path: path.display().to_string(),
                mode,
                wanted,
            });
        }
        Ok(())
    }

    /// Makes a rename in the folder durable.
    fn sync_dir(&self) -> Result<(), CustodyError> {
        open(OpenOptions::new().read(true), &self.dir)
            .and_then(|dir| dir.sync_all())
            .map_err(|source| failed("flush", &self.dir, source))
    }
}

impl Custody for FileCustody {
    fn load(&self, name: BlobName) -> Result<Option<Zeroizing<Vec<u8>>>, CustodyError> {
        let path = self.dir.join(name.as_str());
        let mut file = match open(OpenOptions::new().read(true), &path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(failed("open", &path, source)),
        };
        Self::check_mode(&path, 0o600)?;
        // Sized up front, so that no reallocation leaves a copy behind.
        let length = file.metadata().map_or(0, |metadata| metadata.len());
        let mut bytes =
            Zeroizing::new(Vec::with_capacity(usize::try_from(length).unwrap_or(0) + 1));
        file.read_to_end(&mut bytes)
            .map_err(|source| failed("read", &path, source))?;
        Ok(Some(bytes))
    }

    fn lock(&self) -> Result<CustodyLock, CustodyError> {
        let path = self.dir.join(".lock");
        let file = open(
            OpenOptions::new()
                .create(true)
                .truncate(false)
                .write(true)
                .mode(0o600),
            &path,
        )
        .map_err(|source| failed("open", &path, source))?;
        file.lock()
            .map_err(|source| failed("lock", &path, source))?;
        // Closing the file gives the lock back, at a crash too.
        Ok(CustodyLock::new(move || drop(file)))
    }

    fn store(&self, _lock: &CustodyLock, name: BlobName, bytes: &[u8]) -> Result<(), CustodyError> {
        let path = self.dir.join(name.as_str());
        // The lock makes the name ours; what a crash left under it is thrown away.
        let temporary = self.dir.join(format!(".{}.new", name.as_str()));
        remove_if_there(&temporary)?;
        open(
            OpenOptions::new().create_new(true).write(true).mode(0o600),
            &temporary,
        )
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .map_err(|source| failed("write", &temporary, source))?;
        rename(&temporary, &path).map_err(|source| failed("put in place", &path, source))?;
        self.sync_dir()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "custody is the room's one door to the file system"
)]
fn open(options: &OpenOptions, path: &Path) -> io::Result<File> {
    options.open(path)
}

#[expect(
    clippy::disallowed_methods,
    reason = "custody is the room's one door to the file system"
)]
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::rename(from, to)
}

#[expect(
    clippy::disallowed_methods,
    reason = "custody is the room's one door to the file system"
)]
fn remove_if_there(path: &Path) -> Result<(), CustodyError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove", path, error)),
        _ => Ok(()),
    }
}

fn failed(action: &'static str, path: &Path, source: io::Error) -> CustodyError {
    CustodyError::Io {
        action,
        path: path.display().to_string(),
        source,
    }
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::disallowed_methods,
        reason = "tests look behind custody's back"
    )]

    use std::fs;

    use super::*;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o777
    }

    fn store(custody: &FileCustody, bytes: &[u8]) {
        let lock = custody.lock().unwrap();
        custody.store(&lock, BlobName::Master, bytes).unwrap();
    }

    #[test]
    fn a_blob_comes_back_and_only_its_owner_reads_it() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("a").join("keys");
        let custody = FileCustody::open(&dir).unwrap();
        assert!(custody.load(BlobName::Master).unwrap().is_none());
        store(&custody, b"one");
        store(&custody, b"two");
        assert_eq!(**custody.load(BlobName::Master).unwrap().unwrap(), *b"two");
        assert_eq!(mode(&dir), 0o700);
        assert_eq!(mode(&dir.join("master")), 0o600);
        let names = fs::read_dir(&dir).unwrap().count();
        assert_eq!(names, 2, "the blob and the lock, no temporary file");
    }

    #[test]
    fn a_file_or_folder_open_to_others_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("keys");
        let custody = FileCustody::open(&dir).unwrap();
        store(&custody, b"one");
        fs::set_permissions(dir.join("master"), fs::Permissions::from_mode(0o640)).unwrap();
        let error = custody.load(BlobName::Master).err().unwrap();
        assert!(error.to_string().contains("chmod 0600"), "{error}");
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o750)).unwrap();
        assert!(matches!(
            FileCustody::open(&dir).err(),
            Some(CustodyError::Exposed { wanted: 0o700, .. })
        ));
    }

    #[test]
    fn what_a_crash_left_half_written_is_not_read() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("keys");
        let custody = FileCustody::open(&dir).unwrap();
        store(&custody, b"whole");
        fs::write(dir.join(".master.new"), b"ha").unwrap();
        assert_eq!(
            **custody.load(BlobName::Master).unwrap().unwrap(),
            *b"whole"
        );
        store(&custody, b"next");
        assert_eq!(**custody.load(BlobName::Master).unwrap().unwrap(), *b"next");
    }

    #[test]
    fn only_one_holds_the_lock() {
        let root = tempfile::tempdir().unwrap();
        let custody = FileCustody::open(&root.path().join("keys")).unwrap();
        let held = custody.lock().unwrap();
        let other = File::open(root.path().join("keys/.lock")).unwrap();
        assert!(other.try_lock().is_err());
        drop(held);
        assert!(other.try_lock().is_ok());
    }
}

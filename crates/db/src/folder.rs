//! One process per data folder: a lock held for life.

use std::{fs::File, io, path::Path};

/// The lock on a data folder. Whoever holds it may open what is inside.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another process, such as a running server, has the folder.
    #[error("the data folder {0} is in use by another soko; its commands go through that one")]
    InUse(String),
    #[error("the data folder {folder} cannot be used: {cause}")]
    Unusable { folder: String, cause: io::Error },
}

impl FolderLock {
    /// Makes `folder` if it is not there, and locks it until the lock is dropped or the process ends.
    pub fn take(folder: &Path) -> Result<Self, FolderError> {
        let unusable = |cause| FolderError::Unusable { folder: folder.display().to_string(), cause };
        std::fs::create_dir_all(folder).map_err(unusable)?;
        let path = folder.join("soko.lock");
        let file = File::options().create(true).write(true).truncate(false).open(path).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(std::fs::TryLockError::WouldBlock) => Err(FolderError::InUse(folder.display().to_string())),
            Err(std::fs::TryLockError::Error(cause)) => Err(unusable(cause)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_belongs_to_one_process_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let lock = FolderLock::take(folder.path()).unwrap();
        assert!(matches!(FolderLock::take(folder.path()), Err(FolderError::InUse(_))));
        drop(lock);
        assert!(FolderLock::take(folder.path()).is_ok());
    }
}

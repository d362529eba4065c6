//! The demo's folder: made anew only where nothing but a demo can be lost.

use std::{fs, io::ErrorKind, path::Path};

use db::FolderLock;

use crate::server::DEMO_MARK;

/// What the lock leaves in a folder.
const LOCK: &str = "soko.lock";

/// Empties `data` if it holds a demo, and marks it. Refuses a folder that holds anything else, and one in use.
pub fn make_anew(data: &Path) -> Result<(), String> {
    let broken = |error: std::io::Error| format!("{}: {error}", data.display());
    match fs::read_dir(data) {
        Ok(entries) => {
            let names =
                entries.map(|entry| entry.map(|entry| entry.file_name())).collect::<Result<Vec<_>, _>>();
            let names = names.map_err(broken)?;
            let marked = names.iter().any(|name| name == DEMO_MARK);
            if !marked && names.iter().any(|name| name != LOCK) {
                return Err(format!(
                    "{} holds something that is not a demo; nothing was touched. Name an empty folder with --data",
                    data.display()
                ));
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => (),
        Err(error) => return Err(broken(error)),
    }
    let lock = FolderLock::take(data).map_err(|error| error.to_string())?;
    // the mark goes last and comes first: a folder half emptied is still a demo's
    for entry in fs::read_dir(data).map_err(broken)? {
        let entry = entry.map_err(broken)?;
        let name = entry.file_name();
        if name == LOCK || name == DEMO_MARK {
            continue;
        }
        // a link is removed, never what it leads to
        let is_folder = entry.file_type().map_err(broken)?.is_dir();
        if is_folder { fs::remove_dir_all(entry.path()) } else { fs::remove_file(entry.path()) }
            .map_err(broken)?;
    }
    let words = "This folder holds a demo of Soko. `soko demo` deletes all of it and makes it anew.\n";
    fs::write(data.join(DEMO_MARK), words).map_err(broken)?;
    drop(lock);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_folder_with_anything_else_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("thesis.txt"), "ten years").unwrap();
        let refusal = make_anew(folder.path()).unwrap_err();
        assert!(refusal.contains("not a demo"), "{refusal}");
        assert_eq!(names(folder.path()), ["thesis.txt"]);
    }

    #[test]
    fn a_real_data_folder_is_not_taken_for_a_demo() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("tenants")).unwrap();
        fs::write(folder.path().join(LOCK), "").unwrap();
        assert!(make_anew(folder.path()).is_err());
        assert_eq!(names(folder.path()), [LOCK, "tenants"]);
    }

    #[test]
    fn a_marked_folder_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        make_anew(folder.path()).unwrap();
        fs::create_dir_all(folder.path().join("tenants/1")).unwrap();
        fs::write(folder.path().join("tenants/1/old"), "").unwrap();
        make_anew(folder.path()).unwrap();
        assert_eq!(names(folder.path()), [DEMO_MARK, LOCK]);
    }

    #[test]
    fn a_folder_that_is_served_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        make_anew(folder.path()).unwrap();
        fs::write(folder.path().join("kept"), "").unwrap();
        let _served = FolderLock::take(folder.path()).unwrap();
        assert!(make_anew(folder.path()).is_err());
        assert!(folder.path().join("kept").exists());
    }
}

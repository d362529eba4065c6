//! Files that go away under load, and other processes beside ours.

use std::{
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use db::{Db, Error, FolderError, OpenError, Options, Scope, World, testing::START};

use crate::shop::{Found, NOTES, SCHEMA, file_of, found, found_in_file, jot, tenant};

async fn open(folder: &Path) -> Result<Db, OpenError> {
    let (world, _clock) = World::fixed(START, 11);
    Db::open(Options::sqlite(folder, vec![SCHEMA], world)).await
}

/// One note after the other, until told to stop.
struct Load {
    stop: Arc<AtomicBool>,
    kept: Arc<AtomicUsize>,
    writer: tokio::task::JoinHandle<(Found, Option<Error>)>,
}

impl Load {
    fn on(db: &Db, shop: &Scope) -> Self {
        let (stop, kept) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (db, shop, ends, count) = (db.clone(), shop.clone(), Arc::clone(&stop), Arc::clone(&kept));
        let writer = tokio::spawn(async move {
            let (mut kept, mut refusal) = (Found::new(), None);
            for id in NOTES.. {
                if ends.load(Ordering::SeqCst) {
                    break;
                }
                match db.write(shop.clone(), move |tx| jot(tx, id, "under load")).await {
                    Ok(()) => {
                        kept.insert(id);
                        count.store(kept.len(), Ordering::SeqCst);
                    }
                    Err(error) => refusal = Some(error),
                }
            }
            (kept, refusal)
        });
        Self { stop, kept, writer }
    }

    /// Waits until some more notes were acknowledged.
    async fn goes_on(&self) {
        let aim = self.kept.load(Ordering::SeqCst) + 5;
        let more = async {
            while self.kept.load(Ordering::SeqCst) < aim {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), more).await.expect("notes go on");
    }

    /// What was acknowledged, and the last refusal.
    async fn end(self) -> (Found, Option<Error>) {
        self.stop.store(true, Ordering::SeqCst);
        self.writer.await.unwrap()
    }
}

/// Something happens to the file; from then on nothing is acknowledged, and the reason is said.
async fn fails_closed(happens: impl FnOnce(&Path)) {
    let folder = tempfile::tempdir().unwrap();
    let db = open(folder.path()).await.unwrap();
    let shop = tenant(&db, "bakery").await;
    let neighbour = tenant(&db, "florist").await;
    let load = Load::on(&db, &shop);
    load.goes_on().await;
    happens(&file_of(folder.path(), &shop));
    for id in 0..20 {
        let late = db.write(shop.clone(), move |tx| jot(tx, NOTES * 2 + id, "late")).await;
        assert!(matches!(&late, Err(Error::Storage(why)) if why.contains("while in use")), "{late:?}");
    }
    let (kept, refusal) = load.end().await;
    assert!(!kept.is_empty());
    assert!(matches!(refusal, Some(Error::Storage(_))), "{refusal:?}");
    db.write(neighbour, |tx| jot(tx, NOTES, "not concerned")).await.unwrap();
    db.close();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_acknowledged_after_a_tenants_file_was_removed() {
    fails_closed(|file| std::fs::remove_file(file).unwrap()).await;
    fails_closed(|file| std::fs::remove_dir_all(file.parent().unwrap()).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_acknowledged_after_another_file_was_put_in_its_place() {
    let backup = tempfile::tempdir().unwrap();
    let copy = backup.path().join("copy.db");
    fails_closed(|file| {
        rusqlite::Connection::open(file)
            .unwrap()
            .execute("vacuum into ?1", [copy.to_string_lossy()])
            .unwrap();
        let was = std::fs::read(&copy).unwrap();
        std::fs::rename(&copy, file).unwrap();
        std::thread::sleep(Duration::from_millis(100));
        // and the stranger is left as it was
        assert_eq!(std::fs::read(file).unwrap(), was);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_was_removed_costs_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(folder.path()).await.unwrap();
    let shop = tenant(&db, "bakery").await;
    let load = Load::on(&db, &shop);
    let file = file_of(folder.path(), &shop);
    for _ in 0..5 {
        load.goes_on().await;
        // the log may be made anew in this moment
        let _ = std::fs::remove_file(file.with_extension("db-wal"));
    }
    load.goes_on().await;
    let (kept, refusal) = load.end().await;
    assert!(refusal.is_none(), "{refusal:?}");
    // as a kill would leave it
    let copy = tempfile::tempdir().unwrap();
    for end in ["db", "db-wal"] {
        std::fs::copy(file.with_extension(end), copy.path().join("tenant").with_extension(end)).unwrap();
    }
    let left = found_in_file(&copy.path().join("tenant.db"));
    assert!(kept.is_subset(&left), "lost: {:?}", kept.difference(&left).collect::<Vec<_>>());
    db.close();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_is_opened_by_one_process_at_a_time_and_a_visitor_costs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(folder.path()).await.unwrap();
    let shop = tenant(&db, "bakery").await;
    assert!(matches!(open(folder.path()).await, Err(OpenError::Folder(FolderError::InUse(_)))));
    let load = Load::on(&db, &shop);
    let file = file_of(folder.path(), &shop);
    for visit in ["second-server", "visitor", "visitor", "visitor"] {
        load.goes_on().await;
        let outcome = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "files::another_process", "--ignored", "--nocapture"])
            .env("FAULTS_VISIT", visit)
            .env("FAULTS_FOLDER", folder.path())
            .env("FAULTS_FILE", &file)
            .output()
            .unwrap();
        assert!(outcome.status.success(), "{visit}: {}", String::from_utf8_lossy(&outcome.stderr));
    }
    let (kept, refusal) = load.end().await;
    assert!(refusal.is_none(), "{refusal:?}");
    assert_eq!(db.read(shop.clone(), found).await.unwrap(), kept);
    // as a kill would leave it
    let copy = tempfile::tempdir().unwrap();
    for end in ["db", "db-wal"] {
        std::fs::copy(file.with_extension(end), copy.path().join("tenant").with_extension(end)).unwrap();
    }
    assert_eq!(found_in_file(&copy.path().join("tenant.db")), kept);
    db.close();
}

/// Run by the test above in a process of its own.
#[tokio::test]
#[ignore = "the other process of the test above"]
async fn another_process() {
    let Ok(visit) = std::env::var("FAULTS_VISIT") else { return };
    if visit == "second-server" {
        let refused = open(Path::new(&std::env::var("FAULTS_FOLDER").unwrap())).await;
        assert!(matches!(refused, Err(OpenError::Folder(FolderError::InUse(_)))));
        return;
    }
    // somebody looks into the file with a tool, several times
    for _ in 0..5 {
        let file = rusqlite::Connection::open(std::env::var("FAULTS_FILE").unwrap()).unwrap();
        let notes: i64 = file.query_row("select count(*) from note", [], |row| row.get(0)).unwrap();
        assert!(notes >= 0);
        file.close().unwrap();
    }
}

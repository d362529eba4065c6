//! A small shop on a disk that may fail: what it sells, and how a test sees that nothing of it is lost or half there.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use db::{
    Db, Error, FolderError, Migration, NewTenant, OpenError, Options, Rx, Schema, Scope, TenantState, Tx,
    World, sql,
    testing::{START, scope},
};
use futures_util::future::join_all;

use crate::vfs::{Disk, Image, Unsynced, restore};

const TABLES: &str = "
create table counter (tenant_id bigint not null, id bigint not null, value bigint not null, primary key (tenant_id, id));
create table sale (
  tenant_id bigint not null, id bigint not null, number bigint not null, buyer text not null, primary key (tenant_id, id)
);
create unique index sale_number on sale (tenant_id, number);
create table line (
  tenant_id bigint not null, sale_id bigint not null, position bigint not null, sku text not null,
  primary key (tenant_id, sale_id, position), foreign key (tenant_id, sale_id) references sale (tenant_id, id)
); -- without rowid
create table payment (
  tenant_id bigint not null, sale_id bigint not null, minor bigint not null, primary key (tenant_id, sale_id),
  foreign key (tenant_id, sale_id) references sale (tenant_id, id)
);
create table entry (
  tenant_id bigint not null, id bigint not null, primary key (tenant_id, id),
  foreign key (tenant_id, id) references sale (tenant_id, id)
);
create table posting (
  tenant_id bigint not null, entry_id bigint not null, account text not null, minor bigint not null,
  primary key (tenant_id, entry_id, account), foreign key (tenant_id, entry_id) references entry (tenant_id, id)
);
create table happening (tenant_id bigint not null, sale_id bigint not null, kind text not null, primary key (tenant_id, sale_id, kind));
create table note (tenant_id bigint not null, id bigint not null, half bigint not null, words text not null, primary key (tenant_id, id, half));
";

pub const SCHEMA: Schema = Schema {
    migrations: &[Migration::new("faults", 1, TABLES)],
    directory_migrations: &[],
    areas: &[("note", db::Area::Stock)],
    lends: &[],
};

/// About what a real order writes: a counter and twelve inserts.
pub fn sell(tx: &mut Tx<'_>, id: i64) -> Result<i64, Error> {
    tx.run(
        sql!(
            "insert into counter (tenant_id, id, value) values ($1, 1, 1) \
             on conflict (tenant_id, id) do update set value = counter.value + 1"
        ),
        (),
    )?;
    let number = tx
        .row(sql!("select value from counter where tenant_id = $1 and id = 1"), (), |row| row.get::<i64>(0))?
        .unwrap_or_default();
    tx.put(
        sql!("insert into sale (tenant_id, id, number, buyer) values ($1, $2, $3, $4)"),
        (id, number, "Awa"),
    )?;
    for position in 0..5 {
        tx.put(
            sql!("insert into line (tenant_id, sale_id, position, sku) values ($1, $2, $3, $4)"),
            (id, position, "a loaf of bread with a rather long name"),
        )?;
    }
    tx.put(sql!("insert into payment (tenant_id, sale_id, minor) values ($1, $2, $3)"), (id, 500))?;
    tx.put(sql!("insert into entry (tenant_id, id) values ($1, $2)"), (id,))?;
    for (account, minor) in [("cash", 500), ("revenue", -500)] {
        tx.put(
            sql!("insert into posting (tenant_id, entry_id, account, minor) values ($1, $2, $3, $4)"),
            (id, account, minor),
        )?;
    }
    for kind in ["placed", "paid"] {
        tx.put(sql!("insert into happening (tenant_id, sale_id, kind) values ($1, $2, $3)"), (id, kind))?;
    }
    Ok(number)
}

/// A neighbour in the batch: both halves or none.
pub fn jot(tx: &mut Tx<'_>, id: i64, words: &str) -> Result<(), Error> {
    for half in 0..2 {
        tx.put(
            sql!("insert into note (tenant_id, id, half, words) values ($1, $2, $3, $4)"),
            (id, half, words),
        )?;
    }
    Ok(())
}

/// The sales and notes that are wholly there; notes are numbered from `NOTES` on.
pub type Found = BTreeSet<i64>;
pub const NOTES: i64 = 1_000_000;

/// Reads all of it, and ends the test when something is there by half.
pub fn found(rx: &mut Rx<'_>) -> Result<Found, Error> {
    let rows: Vec<(i64, i64, i64)> = rx.rows(
        sql!(
            "select s.id, s.number, \
             (select count(*) from line l where l.tenant_id = $1 and l.sale_id = s.id) \
             + 10 * (select count(*) from payment p where p.tenant_id = $1 and p.sale_id = s.id) \
             + 100 * (select count(*) from posting o where o.tenant_id = $1 and o.entry_id = s.id) \
             + 1000 * (select count(*) from happening h where h.tenant_id = $1 and h.sale_id = s.id) \
             from sale s where s.tenant_id = $1 order by s.number"
        ),
        (),
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let counted = rx
        .row(sql!("select value from counter where tenant_id = $1 and id = 1"), (), |row| row.get::<i64>(0))?
        .unwrap_or_default();
    assert_eq!(counted, rows.len() as i64, "the counter counts the sales");
    for (place, (id, number, parts)) in rows.iter().enumerate() {
        assert_eq!(*number, place as i64 + 1, "numbers have no gap");
        assert_eq!(*parts, 2215, "sale {id} is whole");
    }
    let notes: Vec<(i64, i64)> =
        rx.rows(sql!("select id, count(*) from note where tenant_id = $1 group by id"), (), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    assert!(notes.iter().all(|(_, halves)| *halves == 2), "a note is whole: {notes:?}");
    Ok(rows.into_iter().map(|(id, _, _)| id).chain(notes.into_iter().map(|(id, _)| id)).collect())
}

/// What callers were told.
#[derive(Default)]
pub struct Told {
    kept: Found,
    refused: Found,
    unknown: Found,
    pub refusals: BTreeMap<i64, Error>,
}

impl Told {
    pub fn note<T>(&mut self, id: i64, outcome: &Result<T, Error>) {
        match outcome {
            Ok(_) => self.kept.insert(id),
            Err(Error::Unknown) => self.unknown.insert(id),
            Err(error) => {
                self.refusals.insert(id, error.clone());
                self.refused.insert(id)
            }
        };
    }

    /// Acknowledged is there; refused is not; of the unknown anything may be (as long as it is whole).
    pub fn check(&self, found: &Found, at: &str) {
        let lost: Vec<_> = self.kept.difference(found).collect();
        assert!(lost.is_empty(), "{at}: acknowledged and lost: {lost:?}");
        let undead: Vec<_> = self.refused.intersection(found).collect();
        assert!(undead.is_empty(), "{at}: refused and yet there: {undead:?} {:?}", self.refusals);
        assert!(
            found.iter().all(|id| self.kept.contains(id) || self.unknown.contains(id)),
            "{at}: unheard of"
        );
    }

    pub fn kept(&self) -> usize {
        self.kept.len()
    }

    pub fn unknown(&self) -> usize {
        self.unknown.len()
    }
}

/// A shop in a folder of its own, on a disk of its own.
pub struct House {
    /// None between a close and the next opening.
    open: Option<Db>,
    pub disk: Disk,
    pub shop: Scope,
    pub folder: tempfile::TempDir,
    pub told: Told,
    world: World,
    connections: usize,
    next: i64,
}

impl House {
    pub async fn open() -> Self {
        Self::open_with(16).await
    }

    pub async fn open_with(connections: usize) -> Self {
        let disk = Disk::new();
        let folder = in_memory();
        let (world, _clock) = World::fixed(START, 7);
        let options = Options {
            vfs: Some(disk.vfs()),
            connections,
            ..Options::sqlite(folder.path(), vec![SCHEMA], world.clone())
        };
        let db = Db::open(options).await.unwrap();
        let shop = tenant(&db, "bakery").await;
        Self { open: Some(db), disk, shop, folder, told: Told::default(), world, connections, next: 0 }
    }

    pub fn db(&self) -> &Db {
        self.open.as_ref().expect("an open house")
    }

    /// As a graceful stop does.
    pub fn close(&mut self) {
        self.open.take().expect("an open house").close();
    }

    pub async fn reopen(&mut self) {
        if self.open.is_some() {
            self.close();
        }
        let options = || Options {
            vfs: Some(self.disk.vfs()),
            connections: self.connections,
            ..Options::sqlite(self.folder.path(), vec![SCHEMA], self.world.clone())
        };
        let mut opened = Db::open(options()).await;
        // a process that another test starts has our lock, too, until it becomes that other program
        for _ in 0..100 {
            if !matches!(opened, Err(OpenError::Folder(FolderError::InUse(_)))) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
            opened = Db::open(options()).await;
        }
        self.open = Some(opened.unwrap());
    }

    pub fn file(&self) -> PathBuf {
        file_of(self.folder.path(), &self.shop)
    }

    fn id(&mut self) -> i64 {
        self.next += 1;
        self.next
    }

    /// Two sales and six notes at once, most of them in one batch.
    pub async fn burst(&mut self) {
        let ids: Vec<(i64, bool)> = (0..8).map(|at| (self.id(), at % 4 == 2)).collect();
        let gate = Arc::new(AtomicBool::new(false));
        let writes = ids.iter().map(|&(id, sale)| {
            let gate = Arc::clone(&gate);
            self.db().write(self.shop.clone(), move |tx| {
                wait_for(&gate);
                if sale { sell(tx, id).map(drop) } else { jot(tx, NOTES + id, "so it was") }
            })
        });
        let opened = async {
            gate.store(true, Ordering::SeqCst);
            Ok(())
        };
        let (outcomes, _): (Vec<Result<(), Error>>, Result<(), Error>) =
            futures_util::future::join(join_all(writes), opened).await;
        for ((id, sale), outcome) in ids.into_iter().zip(&outcomes) {
            self.told.note(if sale { id } else { NOTES + id }, outcome);
        }
    }

    pub async fn sale(&mut self) -> Result<i64, Error> {
        let id = self.id();
        let outcome = self.db().write(self.shop.clone(), move |tx| sell(tx, id)).await;
        self.told.note(id, &outcome);
        outcome
    }

    pub async fn check(&self, at: &str) {
        let found = self.db().read(self.shop.clone(), found).await.unwrap();
        self.told.check(&found, at);
    }

    /// What would be left of it after a power cut now.
    pub async fn check_after_cut(&self, unsynced: Unsynced, at: &str) {
        let image = self.disk.image(unsynced);
        self.told.check(&self.found_in(&image), &format!("{at}, after a cut ({unsynced:?})"));
    }

    /// Opens the image in a fresh folder, as a start after the cut would.
    pub fn found_in(&self, image: &Image) -> Found {
        let folder = in_memory();
        restore(image, self.folder.path(), folder.path());
        found_in_file(&file_of(folder.path(), &self.shop))
    }
}

/// Lets all pieces of a burst wait in the queue before the first of them is done.
fn wait_for(gate: &AtomicBool) {
    let patience = Instant::now() + Duration::from_secs(2);
    while !gate.load(Ordering::SeqCst) && Instant::now() < patience {
        std::thread::yield_now();
    }
}

/// A folder of a test. In memory where the system has such a place: what a disk forgets, ours forgets itself.
pub fn in_memory() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

pub fn file_of(folder: &Path, shop: &Scope) -> PathBuf {
    folder.join("tenants").join(shop.tenant.to_string()).join("1").join("tenant.db")
}

pub async fn tenant(db: &Db, slug: &str) -> Scope {
    let new = NewTenant {
        slug: slug.parse().unwrap(),
        name: slug.parse().unwrap(),
        currency: "EUR".parse().unwrap(),
        country: "FR".parse().unwrap(),
        language: base::Language::En,
        zone: base::Zone::utc(),
        test: false,
    };
    let tenant = db.create_tenant(new).await.unwrap();
    db.admit(tenant.id, TenantState::Live).await.unwrap();
    // its first visit: nothing was promised yet
    db.take_due().await.into_iter().for_each(|due| db.visited(due, None));
    scope(tenant.id)
}

/// What a tenant's file holds, read without our engine; it must be sound.
pub fn found_in_file(path: &Path) -> Found {
    let file = rusqlite::Connection::open(path).unwrap();
    let sound: String = file.query_row("pragma integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok", "{}", path.display());
    let strays: i64 =
        file.query_row("select count(*) from pragma_foreign_key_check", [], |row| row.get(0)).unwrap();
    assert_eq!(strays, 0, "rows without their sale");
    let numbers = |text: &str| -> Vec<(i64, i64)> {
        let mut query = file.prepare(text).unwrap();
        query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
    };
    let sales = numbers(
        "select id, (select count(*) from line l where l.sale_id = s.id) \
         + 10 * (select count(*) from payment p where p.sale_id = s.id) \
         + 100 * (select count(*) from posting o where o.entry_id = s.id) \
         + 1000 * (select count(*) from happening h where h.sale_id = s.id) from sale s",
    );
    let notes = numbers("select id, count(*) from note group by id");
    let counted: i64 =
        file.query_row("select coalesce(max(value), 0) from counter", [], |row| row.get(0)).unwrap();
    assert_eq!(counted, sales.len() as i64, "the counter counts the sales");
    assert!(sales.iter().all(|(_, parts)| *parts == 2215), "half a sale: {sales:?}");
    assert!(notes.iter().all(|(_, halves)| *halves == 2), "half a note: {notes:?}");
    sales.into_iter().chain(notes).map(|(id, _)| id).collect()
}

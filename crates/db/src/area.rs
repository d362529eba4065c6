//! Areas of a tenant's data whose versions name cached pages.

use crate::{Error, Rx, sql};

/// What a page may depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Area {
    Catalog,
    Stock,
    Look,
}

impl Area {
    pub const ALL: [Self; 3] = [Self::Catalog, Self::Stock, Self::Look];
}

/// A set of areas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Areas(u8);

impl Areas {
    pub fn insert(&mut self, area: Area) {
        self.0 |= 1 << area as u8;
    }

    pub fn contains(self, area: Area) -> bool {
        self.0 & (1 << area as u8) != 0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What the tenant's row says, where other processes write to it, too.
pub(crate) fn versions(rx: &mut Rx<'_>) -> Result<Option<Versions>, Error> {
    rx.row(
        sql!("select generation, catalog, stock, look from tenant_state where tenant_id = $1"),
        (),
        |row| {
            let version = |index| row.get(index).map(i64::cast_unsigned);
            Ok(Versions {
                generation: row.get(0)?,
                catalog: version(1)?,
                stock: version(2)?,
                look: version(3)?,
            })
        },
    )
}

/// How often each area of a tenant changed. Equal versions of one generation mean equal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Versions {
    pub generation: i64,
    pub catalog: u64,
    pub stock: u64,
    pub look: u64,
}

impl Versions {
    pub fn of(&self, area: Area) -> u64 {
        match area {
            Area::Catalog => self.catalog,
            Area::Stock => self.stock,
            Area::Look => self.look,
        }
    }

    pub(crate) fn bump(&mut self, areas: Areas) {
        for (area, version) in
            [(Area::Catalog, &mut self.catalog), (Area::Stock, &mut self.stock), (Area::Look, &mut self.look)]
        {
            *version += u64::from(areas.contains(area));
        }
    }
}

//! The operator's console: who is hosted here and how it goes, what was promised and failed, what was done by whom, and
//! a word to all merchants. It opens no tenant for a list: what lists show is kept in the directory, as of a moment ago.

mod history;
mod jobs;
mod mails;
mod model;
mod notice;
mod numbers;
mod pages;
mod sql;
mod summary;
mod tenants;

use std::time::Duration;

use edge::{App, Routes};

pub use history::{note, subject_of};
pub use model::{Concern, Counts, Hosted, Summary, concerns};
pub use notice::{NewNotice, NoticeId, Published, publish, renew as renew_notices};
pub use numbers::Numbers;
pub use summary::Keeper;

use crate::House;

pub fn routes() -> Routes {
    Routes::new()
        .merge(tenants::routes())
        .merge(jobs::routes())
        .merge(mails::routes())
        .merge(history::routes())
        .merge(numbers::routes())
        .merge(notice::routes())
}

/// How old what the console shows may be.
const SUMMARIES_EVERY: Duration = Duration::from_secs(15);
const NOTICES_EVERY: Duration = Duration::from_secs(5);

/// Looks after what the console shows. Cheap to clone; one for each server.
#[derive(Clone, Default)]
pub struct Watch {
    pub numbers: Numbers,
    pub keeper: Keeper,
}

impl Watch {
    /// Keeps summaries, numbers and notices fresh for as long as the server runs. May be dropped at any time: what it had
    /// not yet looked at stays with the keeper.
    pub async fn run(self, app: App, house: House) {
        tokio::join!(
            keep_summaries(&self.keeper, &house),
            numbers::keep(&app, &self.numbers),
            keep_notices(&app)
        );
    }
}

async fn keep_summaries(keeper: &Keeper, house: &House) {
    loop {
        if let Err(error) = keeper.catch_up(&house.db).await {
            tracing::warn!(%error, "the operator's summaries could not be written");
        }
        tokio::time::sleep(SUMMARIES_EVERY).await;
    }
}

async fn keep_notices(app: &App) {
    loop {
        if let Err(error) = notice::renew(app).await {
            tracing::warn!(%error, "the notices to merchants could not be read");
        }
        tokio::time::sleep(NOTICES_EVERY).await;
    }
}

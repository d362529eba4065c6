//! What the operator of the demo finds in the console: somebody who waits to be let in, a mail that failed, a notice.

use base::{Language, Timestamp};
use db::{Actor, Origin, Reach, Scope, Tx, World};
use edge::NoticeKind;
use operations::{
    console::{self, NewNotice},
    sign_up::{self, NewBusiness, Who},
};
use serde_json::json;
use spine::jobs::{self, Job, Outcome};

use super::{
    Result,
    founding::{self, Merchant},
};
use crate::wiring::Soko;

const DAY_S: i64 = 24 * 3600;

/// Furnishes the console. The business whose mail failed is `merchant`.
pub async fn furnish(soko: &Soko, merchant: &Merchant, real: &World) -> Result {
    let country = "SN".parse()?;
    let new = NewBusiness::of(
        "Chez Fatou".parse()?,
        base::Login::parse_in("77 123 45 67", Some(country))?,
        &founding::password(real),
        None,
        Some(country),
        Some(Language::Fr),
    )?;
    let origin = Origin { address: "203.0.113.7".to_owned(), request: String::new() };
    sign_up::found(&soko.house, new, Who::Stranger { origin, waits: true }, "soko demo").await?;
    let scope = Scope {
        tenant: merchant.tenant,
        actor: Actor::system(),
        origin: Origin::default(),
        reach: Reach::Everywhere,
    };
    soko.house.db.write(scope, a_mail_fails).await?;
    let now = soko.app.now();
    let new = NewNotice {
        kind: NoticeKind::Information,
        texts: vec![
            (
                Language::Fr,
                "Dimanche de 3 h à 4 h, la plateforme est mise à jour. Vos boutiques restent ouvertes."
                    .to_owned(),
            ),
            (
                Language::En,
                "On Sunday from 3 to 4 the platform is brought up to date. Your shops stay open.".to_owned(),
            ),
        ],
        from: now.plus_s(-3600),
        until: now.plus_s(7 * DAY_S),
    };
    let (actor, origin) =
        (Actor::new("operator"), Origin { address: "command line".to_owned(), request: String::new() });
    console::publish(&soko.app, &actor, &origin, new).await?;
    Ok(())
}

/// The mail about the newest order was refused; tried again, it is written.
fn a_mail_fails(tx: &mut Tx<'_>) -> Result<(), orders::Error> {
    let newest = orders::list(tx, &orders::Filter::default(), None, 1)?;
    let Some(listed) = newest.first() else { return Ok(()) };
    let order = listed.order.id.to_string();
    let payload = json!({ "template": "order-placed", "order": order });
    // older than anything that waits, so that it is the one that is claimed
    let at = Timestamp::from_micros(0);
    jobs::enqueue(tx, Job { kind: orders::MAIL_JOB, at, payload, key: None, cause: &order })?;
    let claimed = jobs::claim(tx, 60, 1)?;
    let refused = Outcome::Failed("550 5.1.1 mailbox unavailable".to_owned());
    let results: Vec<_> = claimed.into_iter().map(|job| (job, refused.clone())).collect();
    Ok(jobs::finish(tx, &results)?)
}

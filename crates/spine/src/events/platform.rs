//! The platform's own history: what operators did, in the directory, sealed into a chain as each tenant's is.

use db::{Actor, Dx, Error, Origin};

use super::{
    model::{Erasable, Event, Filter, Head, Sealed, Seen},
    proof::{self, Proof, Report},
    sql::platform as sql,
};

/// The name of this chain in a file of heads. No tenant is ever called so: the word is reserved.
pub const CHAIN: &str = "operator";

/// Records one event; the directory, unlike a tenant's transaction, does not know who acts.
pub fn record(dx: &mut Dx, actor: &Actor, origin: &Origin, event: &Event) -> Result<(), Error> {
    let (head, payload) = (head(dx)?, event.payload.to_string());
    let salt = dx.random::<16>();
    let digest =
        Erasable { salt: &salt, address: &origin.address, request: &origin.request, payload: &payload }
            .digest();
    let sealed = Sealed {
        n: head.n + 1,
        at: dx.now(),
        kind: event.kind,
        subject: &event.subject,
        actor: actor.as_str(),
        digest: &digest,
    };
    let link = sealed.link(&head.link);
    sql::insert(dx, &sealed, origin, &payload, &salt, &link)?;
    sql::set_head(dx, Head { n: sealed.n, link })
}

/// Where the chain ends now.
pub fn head(dx: &mut Dx) -> Result<Head, Error> {
    Ok(sql::head(dx)?.unwrap_or(Head::START))
}

/// Up to `limit` events, newest first, with numbers below `before`.
pub fn list(dx: &mut Dx, filter: &Filter, before: Option<i64>, limit: u32) -> Result<Vec<Seen>, Error> {
    sql::list(dx, filter, before.unwrap_or(i64::MAX), limit)
}

/// Walks the whole chain and, where there are heads, holds it against them.
pub fn verify(dx: &mut Dx, proof: Option<Proof>) -> Result<Report, Error> {
    proof::verify_platform(dx, proof)
}

//! What customers agreed to.

use base::Timestamp;
use db::{Error, Rx, Tx, sql};

use crate::{
    holdings::{Consent, Way},
    model::{ConsentId, CustomerId},
};

/// Says whether the customer agrees, unless something later is known.
pub fn set_consent(tx: &mut Tx, customer: CustomerId, given: bool, at: Timestamp) -> Result<(), Error> {
    tx.put(
        sql!(
            "update customer set agreed = $3, agreed_at = $4
             where tenant_id = $1 and id = $2 and agreed_at <= $4"
        ),
        (customer, given, at),
    )
}

/// A consent as it is kept here.
pub struct ConsentRow<'r> {
    pub given: bool,
    pub words: &'r str,
    pub way: Way,
    pub actor: &'r str,
    pub at: Timestamp,
}

pub fn add_consent(
    tx: &mut Tx,
    id: ConsentId,
    customer: CustomerId,
    row: &ConsentRow<'_>,
) -> Result<(), Error> {
    tx.put(
        sql!(
            "insert into customer_consent (tenant_id, id, customer_id, given, words, way, actor, at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)"
        ),
        (id, customer, row.given, row.words, row.way.name(), row.actor, row.at),
    )
}

/// The newest of a customer's.
pub fn consents(rx: &mut Rx, customer: CustomerId) -> Result<Vec<Consent>, Error> {
    rx.rows(
        sql!(
            "select given, words, way, actor, at from customer_consent where tenant_id = $1 and customer_id = $2
             order by at desc, id desc limit 200"
        ),
        (customer,),
        |row| {
            let way: String = row.get(2)?;
            Ok(Consent {
                given: row.get(0)?,
                words: row.get(1)?,
                version: None,
                link: None,
                campaign: None,
                way: Way::parse(&way).unwrap_or(Way::Staff),
                actor: Some(row.get(3)?),
                at: row.get(4)?,
            })
        },
    )
}

pub fn remove_consents(tx: &mut Tx, customer: CustomerId) -> Result<(), Error> {
    tx.put(sql!("delete from customer_consent where tenant_id = $1 and customer_id = $2"), (customer,))
}

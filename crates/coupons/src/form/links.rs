//! Links that each give one coupon: made in batches, printed as codes, and claimed together with the coupon.

use std::{fmt, str::FromStr};

use base::{TextError, Timestamp};
use db::{Rx, Tx};
use serde::Serialize;
use serde_json::json;
use spine::events::{self, Event};

use super::sql;
use crate::{
    Error, campaigns,
    model::{Campaign, CampaignId, CouponId},
};

base::id!(
    /// Names links that were made together: `lnk_01h455vb4pex5vsknk084sn02q`.
    BatchId: BatchKind, "lnk"
);

/// Links that may be made at once.
pub const MOST_LINKS: i64 = 10_000;

/// Who made links that came from another system.
const IMPORT: &str = "system";

/// What a link carries: ours are sixteen letters and digits (80 bits of chance); those of another system stay as they are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LinkToken(String);

/// Without those that are taken for one another; 32, so that five bits of chance are one.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

impl LinkToken {
    pub fn of(chance: &[u8; 16]) -> Self {
        Self(chance.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LinkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for LinkToken {
    type Err = TextError;

    fn from_str(raw: &str) -> Result<Self, TextError> {
        let raw = raw.trim();
        let fits = (8..=64).contains(&raw.len()) && raw.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if fits { Ok(Self(raw.to_owned())) } else { Err(TextError::Slug { max: 64 }) }
    }
}

/// Links that were made together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FormLinkBatch)]
pub struct Batch {
    #[schema(value_type = String)]
    pub id: BatchId,
    #[serde(skip)]
    pub campaign: CampaignId,
    /// How many there are.
    pub total: i64,
    /// How many gave their coupon.
    pub used: i64,
    #[schema(value_type = String)]
    pub made_at: Timestamp,
    #[serde(skip)]
    pub made_by: String,
}

impl Batch {
    pub fn left(&self) -> i64 {
        self.total - self.used
    }
}

/// A link, and the coupon that it gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormLink {
    pub token: LinkToken,
    pub used_at: Option<Timestamp>,
    pub coupon: Option<CouponId>,
}

/// Makes `count` links to the campaign's form, each for one coupon.
pub fn make_links(tx: &mut Tx, campaign: CampaignId, count: i64) -> Result<Batch, Error> {
    if !(1..=MOST_LINKS).contains(&count) {
        return Err(Error::LinkCount);
    }
    campaigns::find(tx, campaign)?;
    let batch = Batch {
        id: tx.new_id::<BatchKind>(),
        campaign,
        total: count,
        used: 0,
        made_at: tx.now(),
        made_by: tx.actor().as_str().to_owned(),
    };
    sql::add_batch(tx, &batch)?;
    for place in 0..count {
        let token = LinkToken::of(&tx.random());
        sql::add_link(tx, &batch, place, &token)?;
    }
    let payload = json!({ "batch": batch.id, "links": count });
    events::record(tx, Event { kind: "campaign.links-made", subject: campaign.to_string(), payload })?;
    Ok(batch)
}

/// Writes a link of another system down, in the campaign's batch of those; false if its token is another's here.
pub(crate) fn bring(
    tx: &mut Tx,
    campaign: CampaignId,
    token: &LinkToken,
    used_at: Option<Timestamp>,
) -> Result<bool, Error> {
    if sql::link(tx, token)?.is_some() {
        return Ok(false);
    }
    let batch = match sql::batches(tx, campaign)?.into_iter().find(|batch| batch.made_by == IMPORT) {
        Some(batch) => batch,
        None => {
            let (id, made_at) = (tx.new_id::<BatchKind>(), tx.now());
            let batch = Batch { id, campaign, total: 0, used: 0, made_at, made_by: IMPORT.to_owned() };
            sql::add_batch(tx, &batch)?;
            batch
        }
    };
    sql::add_link(tx, &batch, batch.total, token)?;
    if let Some(at) = used_at {
        sql::set_link_used(tx, token, at)?;
    }
    sql::grow_batch(tx, batch.id, i64::from(used_at.is_some()))?;
    Ok(true)
}

/// A campaign's batches, the newest first.
pub fn batches(rx: &mut Rx, campaign: CampaignId) -> Result<Vec<Batch>, Error> {
    campaigns::find(rx, campaign)?;
    Ok(sql::batches(rx, campaign)?)
}

/// The links of a batch of the campaign: `limit` of them from the one at `from` on (0 is the first).
pub fn batch_links(
    rx: &mut Rx,
    campaign: CampaignId,
    batch: BatchId,
    from: i64,
    limit: i64,
) -> Result<(Batch, Vec<FormLink>), Error> {
    let batch =
        sql::batch(rx, batch)?.filter(|batch| batch.campaign == campaign).ok_or(Error::UnknownBatch)?;
    let links = sql::batch_links(rx, batch.id, from, limit)?;
    Ok((batch, links))
}

/// Whether the link still gives a coupon of the campaign: an error says why not.
pub fn standing(rx: &mut Rx, campaign: CampaignId, token: &LinkToken) -> Result<(), Error> {
    match sql::link(rx, token)? {
        Some((of, link)) if of == campaign => {
            if link.used_at.is_some() {
                Err(Error::LinkUsed)
            } else {
                Ok(())
            }
        }
        _ => Err(Error::UnknownLink),
    }
}

/// The campaign that a link leads to, also one that was used.
pub fn campaign_of_link(rx: &mut Rx, token: &LinkToken) -> Result<Campaign, Error> {
    let (campaign, _) = sql::link(rx, token)?.ok_or(Error::UnknownLink)?;
    campaigns::find(rx, campaign)
}

/// Uses the link up for `coupon`.
pub(super) fn claim(
    tx: &mut Tx,
    campaign: CampaignId,
    token: &LinkToken,
    coupon: CouponId,
) -> Result<(), Error> {
    if sql::claim_link(tx, campaign, token, coupon)? {
        return Ok(());
    }
    standing(tx, campaign, token)?;
    Err(Error::LinkUsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_sixteen_letters_that_nobody_mistakes() {
        let token = LinkToken::of(&[0, 31, 32, 63, 64, 255, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
        assert_eq!(token.as_str(), "2Z2Z2Z9ABCDEFGHJ");
        assert_eq!(token.as_str().parse::<LinkToken>().unwrap(), token);
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for raw in ["", "short", "with space inside", "'; drop table", &"A".repeat(65)] {
            assert!(raw.parse::<LinkToken>().is_err(), "{raw}");
        }
    }
}

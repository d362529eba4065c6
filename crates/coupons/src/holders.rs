//! Whose the coupons are: what the book of customers shows, passes on and forgets of them.

use std::collections::BTreeMap;

use base::Language;
use customers::{Answered, Consent, CustomerId, Holding, Holdings, Kept, Mark, Way};
use db::{Rx, Tx};
use serde_json::json;
use spine::events::{self, Event};

use crate::{
    Error, campaigns,
    form::{self, Answer, TICKED},
    mail::offer_words,
    model::{CampaignId, Coupon},
    pages, sql,
};

/// What this room lends to customers.
pub struct Held;

/// Campaigns to choose customers by.
const CAMPAIGNS: u32 = 200;
/// Questions to choose customers by, and columns of their table.
const QUESTIONS: usize = 50;

impl Holdings for Held {
    fn of(
        &self,
        rx: &mut Rx,
        customer: CustomerId,
        reader: Language,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Holding>, customers::Error> {
        // an address typed by hand shows the first ones rather than an error
        let before = before.and_then(|id| id.parse().ok());
        let coupons = sql::coupons_of(rx, customer, before, limit)?;
        let mut names = Names::default();
        coupons
            .into_iter()
            .map(|coupon| holding(rx, coupon, reader, &mut names))
            .collect::<Result<_, _>>()
            .map_err(told)
    }

    fn consents(&self, rx: &mut Rx, customer: CustomerId) -> Result<Vec<Consent>, customers::Error> {
        let mut names = Names::default();
        let mut consents = Vec::new();
        for (campaign, agreed) in form::consents_of(rx, customer)? {
            consents.push(Consent {
                given: agreed.given,
                words: agreed.words.to_string(),
                version: Some(agreed.version),
                link: agreed.link.map(|link| link.to_string()),
                campaign: Some(names.of(rx, campaign).map_err(told)?),
                way: Way::Form,
                actor: None,
                at: agreed.at,
            });
        }
        Ok(consents)
    }

    fn any(&self, rx: &mut Rx, customer: CustomerId) -> Result<bool, customers::Error> {
        Ok(!sql::coupons_of(rx, customer, None, 1)?.is_empty())
    }

    fn pass_on(&self, tx: &mut Tx, from: CustomerId, into: CustomerId) -> Result<(), customers::Error> {
        Ok(sql::pass_on(tx, from, into)?)
    }

    fn forget(&self, tx: &mut Tx, customer: CustomerId) -> Result<(), customers::Error> {
        form::forget(tx, customer)?;
        let coupons = sql::part(tx, customer)?;
        let forgotten = coupons.into_iter().map(|coupon| Event {
            kind: "coupon.customer-forgotten",
            subject: coupon.to_string(),
            payload: json!({}),
        });
        events::record_all(tx, forgotten.collect()).map_err(customers::Error::from)
    }

    fn campaigns(&self, rx: &mut Rx) -> Result<Vec<(String, String)>, customers::Error> {
        let found = campaigns::list(rx, None, None, CAMPAIGNS).map_err(told)?;
        Ok(found.into_iter().map(|one| (one.id.to_string(), one.details.name.to_string())).collect())
    }

    fn questions(&self, rx: &mut Rx) -> Result<Vec<(String, String)>, customers::Error> {
        Ok(form::questions(rx, QUESTIONS)?)
    }

    fn kept(
        &self,
        rx: &mut Rx,
        customers: &[CustomerId],
    ) -> Result<BTreeMap<CustomerId, Kept>, customers::Error> {
        let mut names = Names::default();
        let mut kept: BTreeMap<CustomerId, Kept> = BTreeMap::new();
        for eight in customers.chunks(8) {
            // filled up with the last one: a statement has a place for each
            let eight: [CustomerId; 8] = std::array::from_fn(|place| eight[place.min(eight.len() - 1)]);
            for sums in sql::sums_of(rx, eight)? {
                let name = names.of(rx, sums.campaign).map_err(told)?;
                let one = kept.entry(sums.customer).or_default();
                one.campaigns.push(name);
                one.coupons += sums.coupons;
                one.first_at = one.first_at.into_iter().chain([sums.first_at]).min();
                one.last_at = one.last_at.into_iter().chain([sums.last_at]).max();
            }
            for (customer, key, value) in form::answers_of(rx, eight)? {
                kept.entry(customer).or_default().answers.insert(key, value);
            }
        }
        Ok(kept)
    }
}

/// Campaigns' names, each looked up once.
#[derive(Default)]
pub(crate) struct Names(BTreeMap<CampaignId, String>);

impl Names {
    pub fn of(&mut self, rx: &mut Rx, id: CampaignId) -> Result<String, Error> {
        if let Some(name) = self.0.get(&id) {
            return Ok(name.clone());
        }
        let name = campaigns::find(rx, id)?.details.name.to_string();
        self.0.insert(id, name.clone());
        Ok(name)
    }
}

fn holding(rx: &mut Rx, coupon: Coupon, reader: Language, names: &mut Names) -> Result<Holding, Error> {
    let state = coupon.standing(rx.now());
    let answers = form::answers(rx, coupon.id)?.into_iter().map(|answer| Answered {
        key: answer.key,
        label: answer.label,
        ticked: answer.value == TICKED,
        value: answer.value,
    });
    Ok(Holding {
        answers: answers.collect(),
        campaign: (coupon.campaign.to_string(), names.of(rx, coupon.campaign)?),
        state: (format!("coupons-state-{state}"), state.to_string(), pages::tone(state)),
        offer: offer_words(reader, &coupon.offer),
        path: format!("/coupons/{}", coupon.code),
        code: coupon.code.grouped(),
        id: coupon.id.to_string(),
        issued_at: coupon.issued_at,
        expires_at: coupon.expires_at,
        ended_at: coupon.ended_at,
    })
}

/// Lets a coupon's customer be found by its campaign.
pub(crate) fn mark_campaign(tx: &mut Tx, coupon: &Coupon) -> Result<(), Error> {
    let Some(customer) = coupon.customer else { return Ok(()) };
    Ok(customers::mark(tx, customer, &Mark::Campaign(&coupon.campaign.to_string()))?)
}

/// Lets a coupon's customer be found by what was answered for it.
pub(crate) fn mark_answers(tx: &mut Tx, customer: CustomerId, answers: &[Answer]) -> Result<(), Error> {
    for answer in answers {
        customers::mark(tx, customer, &Mark::Answer { key: &answer.key, value: &answer.value })?;
    }
    Ok(())
}

/// Coupons of before that one piece of work tells the book of customers of.
const AT_ONCE: u32 = 100;

/// Tells the book of customers of coupons from before it asked, some at a time; the rest follows at once.
pub fn acquaint_old(tx: &mut Tx) -> Result<(), Error> {
    let old = sql::unmarked(tx, AT_ONCE)?;
    for coupon in &old {
        mark_campaign(tx, coupon)?;
        if let Some(customer) = coupon.customer {
            let answers = form::answers(tx, coupon.id)?;
            mark_answers(tx, customer, &answers)?;
            if let Some(agreed) = form::agreed(tx, coupon.id)? {
                customers::consent::answered(tx, customer, agreed.given, agreed.at)?;
            }
        }
        sql::set_marked(tx, coupon.id)?;
    }
    if old.len() == AT_ONCE as usize {
        let now = tx.now();
        tx.due(now);
    }
    Ok(())
}

fn told(error: Error) -> customers::Error {
    match error {
        Error::Customers(error) => error,
        Error::Db(error) => error.into(),
        other => customers::Error::Holdings(other.to_string()),
    }
}

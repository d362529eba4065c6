//! Coupons issued and redeemed, beside the same without HTTP, and with ten times as many in the books.

use std::path::Path;
use std::sync::{Arc, Mutex};

use coupons::{CampaignId, CouponCode, Use, Via};
use serde_json::{Value, json};

use super::growth::within;
use super::load::{self, Measured, Stop};
use super::mails::Mails;
use super::table::Bar;
use super::world::{CLIENTS, World, bearer};
use super::{Bench, Row, bodies};
use crate::Result;
use crate::server::Merchant;

/// Codes that wait for a load of redemptions, for each of the bench's seconds.
const CODES_A_SECOND: u64 = 4_000;

/// A served campaign that gives 10 % off to as many as want it; mails go to a stand-in.
struct Stand {
    world: World,
    merchant: Merchant,
    campaign: CampaignId,
    mails: Mails,
}

/// 64 counters and 64 who ask for a coupon, by HTTP, beside the same bodies without it.
pub fn issued_and_redeemed(bench: &Bench) -> Result<Vec<Row>> {
    let stand = Stand::open(bench)?;
    let issued = stand.issues(bench, "http")?;
    println!("{} mails have left by the end of the issues", stand.mails.taken());
    if stand.mails.taken() == 0 {
        return Err("no coupon was mailed".into());
    }
    let (campaign, slug) = (stand.campaign, stand.merchant.slug.clone());
    let count = codes_of(bench);
    let (stand, codes) = stand.closed(|data| codes(data, &slug, campaign, "waiting", 2 * count))?;
    let (by_http, alone) = codes.split_at(codes.len() / 2);
    let redeemed = stand.redeems(bench, by_http)?;

    let Stand { world, .. } = stand;
    let folder = world.close()?;
    let data = folder.path().join("data");
    let issue = move |tx: &mut db::Tx<'_>, number| {
        let contact = serde_json::from_value(by_mail("alone", number))?;
        Ok(coupons::issue(tx, campaign, &contact, Via::Api).map(drop)?)
    };
    let issued_alone = bodies::work(&data, &slug, CLIENTS, Stop::After(bench.time), issue)?;
    let codes = read(alone)?;
    let stop = Stop::Requests(codes.len() as u64);
    let redeem = move |tx: &mut db::Tx<'_>, number: u64| {
        let code = codes.get(number as usize).ok_or("no code is left")?;
        Ok(coupons::redeem(tx, code, &Use::default()).map(drop)?)
    };
    let redeemed_alone = bodies::work(&data, &slug, CLIENTS, stop, redeem)?;
    let row = |figure: &str, measured: Measured, ceiling| Row {
        figure: figure.to_owned(),
        bar: Bar::ShareAtLeast(0.3),
        measured: measured.per_second,
        unit: "/s",
        ceiling: Some(ceiling),
    };
    Ok(vec![
        row("coupons issued, with mail to a stand-in", issued, issued_alone),
        row("coupons redeemed, 64 counters", redeemed, redeemed_alone),
    ])
}

/// A campaign with some coupons and with ten times as many, each issued as any other.
pub fn growth(bench: &Bench) -> Result<Vec<Row>> {
    let few = 5 * codes_of(bench);
    let many = 10 * few;
    let stand = Stand::open(bench)?;
    let (campaign, slug) = (stand.campaign, stand.merchant.slug.clone());
    let (stand, first) = stand.closed(|data| codes(data, &slug, campaign, "few", few))?;
    let some = codes_of(bench) as usize;
    let (issued, redeemed) = (stand.issues(bench, "few")?, stand.redeems(bench, &first[..some])?);
    let (stand, then) = stand.closed(|data| codes(data, &slug, campaign, "many", many - few))?;
    let (issued_then, redeemed_then) = (stand.issues(bench, "many")?, stand.redeems(bench, &then[..some])?);
    let beside = format!("with {many} coupons, not {few}");
    Ok(vec![
        within(&format!("coupons issued {beside}"), issued_then.per_second, issued.per_second),
        within(&format!("coupons redeemed {beside}"), redeemed_then.per_second, redeemed.per_second),
    ])
}

fn codes_of(bench: &Bench) -> u64 {
    CODES_A_SECOND * bench.time.as_secs()
}

impl Stand {
    fn open(bench: &Bench) -> Result<Self> {
        let mails = Mails::start()?;
        let port = mails.port.to_string();
        let world = World::open(&bench.binary, &[("SMTP_HOST", "127.0.0.1"), ("SMTP_PORT", &port)])?;
        let merchant = world.merchant("Coupons", 0)?;
        let client = world.server.client(&merchant);
        let wish = json!({ "name": "Cakes", "discount": { "kind": "percent", "value": 10 } });
        let made = client.post(&merchant.api("/campaigns"), &wish, None)?.expect(201)?;
        let id = made["id"].as_str().ok_or("a campaign without an id")?;
        client.post(&merchant.api(&format!("/campaigns/{id}/start")), &json!({}), None)?.expect(200)?;
        let campaign = id.parse().map_err(|_| "an id that does not read")?;
        Ok(Self { world, merchant, campaign, mails })
    }

    /// Does `work` on the data while nobody serves it.
    fn closed<T>(self, work: impl FnOnce(&Path) -> Result<T>) -> Result<(Self, T)> {
        let Self { world: World { setting, server, folder }, merchant, campaign, mails } = self;
        server.stop()?;
        let done = work(&setting.data)?;
        let world = World { server: setting.serve()?, setting, folder };
        Ok((Self { world, merchant, campaign, mails }, done))
    }

    /// Everybody asks for a coupon by mail; `salt` keeps the customers of two loads apart.
    fn issues(&self, bench: &Bench, salt: &'static str) -> Result<Measured> {
        let path = self.merchant.api(&format!("/campaigns/{}/coupons", self.campaign));
        let key = bearer(&self.merchant);
        let issue = move |number| {
            let body = json!({ "contact": by_mail(salt, number) });
            load::post(&path, &format!("{key}idempotency-key: {salt}-{number}\r\n"), &body.to_string())
        };
        let measured = self.world.load(CLIENTS, Stop::After(bench.time)).run(issue)?;
        bench.say("coupons issued, 64 clients", &measured);
        Ok(measured)
    }

    /// Every code once, at 64 counters.
    fn redeems(&self, bench: &Bench, codes: &[String]) -> Result<Measured> {
        let key = bearer(&self.merchant);
        let paths = codes.iter().map(|code| self.merchant.api(&format!("/coupons/{code}/redeem")));
        let requests: Vec<_> = paths.map(|path| load::post(&path, &key, "{}")).collect();
        let load = self.world.load(CLIENTS, Stop::Requests(requests.len() as u64));
        let measured = load.run(move |number| requests[number as usize].clone())?;
        bench.say("coupons redeemed, 64 counters", &measured);
        Ok(measured)
    }
}

fn by_mail(salt: &str, number: u64) -> Value {
    json!({ "email": format!("{salt}{number}@example.org") })
}

/// So many codes for customers without an address, issued without HTTP.
fn codes(
    data: &Path,
    slug: &str,
    campaign: CampaignId,
    salt: &'static str,
    count: u64,
) -> Result<Vec<String>> {
    let codes = Arc::new(Mutex::new(Vec::with_capacity(count as usize)));
    let issued = Arc::clone(&codes);
    let issue = move |tx: &mut db::Tx<'_>, number| {
        let contact = json!({ "name": format!("Customer {number}"), "phone": phone(salt, number) });
        let coupon = coupons::issue(tx, campaign, &serde_json::from_value(contact)?, Via::Import)?.coupon;
        issued.lock().map_err(|_| "a client died")?.push(coupon.code.to_string());
        Ok(())
    };
    bodies::work(data, slug, CLIENTS, Stop::Requests(count), issue)?;
    let codes = codes.lock().map_err(|_| "a client died")?;
    Ok(codes.clone())
}

/// Each load has numbers of its own.
fn phone(salt: &str, number: u64) -> String {
    let first = salt.bytes().next().unwrap_or_default() % 10;
    format!("+3933{first}{number:07}")
}

fn read(codes: &[String]) -> Result<Vec<CouponCode>> {
    let read = codes.iter().map(|code| code.parse().map_err(|_| "a code that does not read".into()));
    read.collect()
}

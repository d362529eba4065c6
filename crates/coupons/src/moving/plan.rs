//! What of CouponGen's rows can come, as our own types, and what cannot, with the reason. Plain functions.

use std::collections::{BTreeMap, HashMap, HashSet};

use base::{Country, Currency, Day, Email, Line, Login, Money, Phone, Prose, Timestamp, Zone, tax::Rate};
use catalog::Short;
use customers::{Contact, NoteText};
use people::{PasswordHash, Role};

use super::{
    asks,
    read::{Row, Source},
};
use crate::{
    form::{Answer, CouponForm, LinkToken},
    model::{CampaignDetails, CampaignState, CouponCode, CouponState, Expiry, Limits, Offer, Scope},
};

/// What did not come, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Left {
    /// `campaign`, `coupon`, …
    pub kind: &'static str,
    /// As the file calls it.
    pub name: String,
    pub why: String,
}

#[derive(Debug, Clone)]
pub struct CampaignDraft {
    pub source: String,
    pub code: String,
    pub state: CampaignState,
    pub details: CampaignDetails,
    pub created_at: Timestamp,
    pub products: Vec<ProductDraft>,
    pub form: CouponForm,
}

#[derive(Debug, Clone)]
pub struct ProductDraft {
    pub source: String,
    pub name: Short,
    pub sku: Option<Short>,
    pub value: Money,
    pub margin: Money,
}

#[derive(Debug, Clone)]
pub struct CustomerDraft {
    pub source: String,
    pub contact: Contact,
    /// What stands in no answer.
    pub notes: Vec<NoteText>,
}

#[derive(Debug, Clone)]
pub struct CouponDraft {
    pub source: String,
    pub code: CouponCode,
    pub campaign: String,
    pub customer: Option<String>,
    pub state: CouponState,
    pub offer: Offer,
    pub issued_at: Timestamp,
    pub redeemed_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    pub answers: Vec<Answer>,
}

#[derive(Debug, Clone)]
pub struct LinkDraft {
    pub source: String,
    pub campaign: String,
    pub token: LinkToken,
    pub used_at: Option<Timestamp>,
}

#[derive(Clone)]
pub struct StaffDraft {
    pub source: String,
    pub login: Login,
    pub name: Line<120>,
    pub role: Role,
    /// None where the password was kept readably, or not at all: a link is made.
    pub password: Option<PasswordHash>,
}

/// All of it, in the order it comes.
#[derive(Default)]
pub struct Plan {
    pub products: Vec<ProductDraft>,
    pub campaigns: Vec<CampaignDraft>,
    pub customers: Vec<CustomerDraft>,
    pub coupons: Vec<CouponDraft>,
    pub links: Vec<LinkDraft>,
    pub staff: Vec<StaffDraft>,
    /// The address of the picture above every form; empty where there is none.
    pub picture: String,
    pub left: Vec<Left>,
}

/// What an import needs to know of the business.
#[derive(Debug, Clone)]
pub struct Home {
    pub currency: Currency,
    pub country: Country,
    pub zone: Zone,
    pub now: Timestamp,
}

pub fn plan(source: &Source, home: &Home) -> Plan {
    let mut plan = Plan::default();
    let mut left = Vec::new();
    let mut keep = |kind, row: &Row, name: usize, why: String| {
        let name = row.get(name).cloned().flatten().unwrap_or_else(|| row[0].clone().unwrap_or_default());
        left.push(Left { kind, name: name.chars().take(120).collect(), why });
    };
    let mut promoted: HashMap<&str, Vec<String>> = HashMap::new();
    for row in &source.promoted {
        if let (Some(campaign), Some(product)) = (&row[0], &row[1]) {
            promoted.entry(campaign).or_default().push(product.clone());
        }
    }
    let issuing: HashSet<&str> = source.coupons.iter().filter_map(|row| row[3].as_deref()).collect();
    let look = source.looks.last().map_or("", |row| text(row, 0));
    plan.picture = asks::picture(look);
    for row in &source.campaigns {
        match campaign(row, home, &issuing, look) {
            Ok(draft) => plan.campaigns.push(draft),
            Err(why) => keep("campaign", row, 2, why),
        }
    }
    let nothing = Vec::new();
    let of_campaign = |campaign: &CampaignDraft| promoted.get(campaign.source.as_str()).unwrap_or(&nothing);
    // before its second generation CouponGen's products were everybody's: only those that a campaign promotes come
    let wanted: HashSet<&String> = plan.campaigns.iter().flat_map(of_campaign).collect();
    for row in source.products.iter().filter(|row| row[0].as_ref().is_some_and(|id| wanted.contains(id))) {
        match product(row, home.currency) {
            Ok(draft) => plan.products.push(draft),
            Err(why) => keep("product", row, 1, why),
        }
    }
    for campaign in &mut plan.campaigns {
        let wanted = of_campaign(campaign);
        let products = plan.products.iter().filter(|product| wanted.contains(&product.source));
        campaign.products = products.cloned().collect();
    }
    let said = said(source);
    let campaigns: HashMap<&str, &CouponForm> =
        plan.campaigns.iter().map(|campaign| (campaign.source.as_str(), &campaign.form)).collect();
    for row in &source.coupons {
        match coupon(row, home, &campaigns) {
            Ok(draft) => plan.coupons.push(draft),
            Err(why) => keep("coupon", row, 1, why),
        }
    }
    let answered = answer(&mut plan.coupons, &campaigns, &said);
    for row in &source.customers {
        let id = text(row, 0);
        let is_answered = |field: &str| answered.get(id).is_some_and(|answered| answered.contains(field));
        match customer(row, home, said.get(id).map_or(&[], Vec::as_slice), is_answered) {
            Ok(draft) => plan.customers.push(draft),
            Err(why) => keep("customer", row, 1, why),
        }
    }
    for row in source.links.iter().filter(|row| campaigns.contains_key(text(row, 1))) {
        match link(row) {
            Ok(draft) => plan.links.push(draft),
            Err(why) => keep("link", row, 2, why),
        }
    }
    for row in &source.staff {
        match staff(row) {
            Ok(draft) => plan.staff.push(draft),
            Err(why) => keep("staff", row, 1, why),
        }
    }
    let whole = [
        ("brand", source.brands, "the shop's look is chosen anew, where its contrast is kept"),
        ("mail", source.templates, "the coupon's mail has its own words here; write yours in the settings"),
    ];
    for (kind, count, why) in whole.into_iter().filter(|(_, count, _)| *count > 0) {
        left.push(Left { kind, name: count.to_string(), why: why.to_owned() });
    }
    plan.left = left;
    plan
}

fn text(row: &Row, at: usize) -> &str {
    row.get(at).and_then(Option::as_deref).map_or("", str::trim)
}

fn id(row: &Row) -> Result<String, String> {
    row[0].clone().ok_or_else(|| "it has no id".to_owned())
}

/// Text without control characters, cut to what fits.
pub fn line<const MAX: usize>(raw: &str) -> Option<Line<MAX>> {
    let clean: String =
        raw.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(MAX).collect();
    clean.trim().parse().ok()
}

/// What each customer once said: the name of the field and the answer, in the order they were written.
fn said(source: &Source) -> BTreeMap<String, Vec<(String, String)>> {
    let mut said: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    let known = source.customers.iter().flat_map(|row| {
        [("address", 5), ("allergies", 6)].map(|(field, at)| (text(row, 0), field, text(row, at)))
    });
    let answered = source.answers.iter().map(|row| (text(row, 0), text(row, 1), text(row, 2)));
    for (customer, field, value) in known.chain(answered) {
        if !customer.is_empty() && !field.is_empty() && !value.is_empty() {
            said.entry(customer.to_owned()).or_default().push((field.to_owned(), value.to_owned()));
        }
    }
    said
}

/// CouponGen kept answers with the customer: here they stand with the last coupon of each campaign that asks them. Says which
/// of a customer's fields found their place.
fn answer(
    coupons: &mut [CouponDraft],
    campaigns: &HashMap<&str, &CouponForm>,
    said: &BTreeMap<String, Vec<(String, String)>>,
) -> HashMap<String, HashSet<String>> {
    let mut answered: HashMap<String, HashSet<String>> = HashMap::new();
    let mut seen = HashSet::new();
    for coupon in coupons.iter_mut().rev() {
        if let Some(customer) = &coupon.customer
            && let (Some(form), Some(said)) = (campaigns.get(coupon.campaign.as_str()), said.get(customer))
            && seen.insert((customer.clone(), coupon.campaign.clone()))
        {
            coupon.answers = asks::answers(form, said);
            let fields = coupon.answers.iter().map(|answer| answer.key.clone());
            answered.entry(customer.clone()).or_default().extend(fields);
        }
    }
    answered
}

fn link(row: &Row) -> Result<LinkDraft, String> {
    let token = text(row, 2).parse().map_err(|_| "its token does not read")?;
    let used_at = match text(row, 3) {
        "" => None,
        raw => Some(moment(raw).ok_or("nobody knows when it was used")?),
    };
    Ok(LinkDraft { source: id(row)?, campaign: text(row, 1).to_owned(), token, used_at })
}

fn campaign(row: &Row, home: &Home, issuing: &HashSet<&str>, look: &str) -> Result<CampaignDraft, String> {
    let source = id(row)?;
    let code = text(row, 1).to_owned();
    if !(4..=64).contains(&code.len())
        || !code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    {
        return Err("its code is none that an address can hold".to_owned());
    }
    let name = line(text(row, 2)).ok_or("it has no name")?;
    let description: String = text(row, 3).chars().filter(|letter| !letter.is_control()).take(1000).collect();
    let description: Prose<1000> = description.parse().map_err(|_| "its description does not read")?;
    let offer = offer(text(row, 5), text(row, 6), home.currency)?;
    let ends_at = until(text(row, 8), &home.zone)?;
    let expiry = match until(text(row, 9), &home.zone)? {
        // the end of a day is the first moment of the next one
        Some(end) => Expiry::On { day: end.plus_s(-1).day(&home.zone) },
        None => Expiry::Never,
    };
    let active = text(row, 4) == "1";
    let over = ends_at.is_some_and(|end| end <= home.now);
    let state = match (active && !over, issuing.contains(source.as_str())) {
        (true, _) => CampaignState::Live,
        // what was issued stays good, as it was there
        (false, true) => CampaignState::Ended,
        (false, false) => CampaignState::Draft,
    };
    let details = CampaignDetails {
        name,
        description,
        offer,
        scope: Scope::default(),
        minimum: None,
        stackable: false,
        limits: Limits::default(),
        starts_at: None,
        ends_at,
        expiry,
    };
    details.check(&home.zone).map_err(|flaw| flaw.to_string())?;
    let created_at = moment(text(row, 7)).unwrap_or(home.now);
    let form = asks::form(text(row, 10), look);
    Ok(CampaignDraft { source, code, state, details, created_at, products: Vec::new(), form })
}

fn offer(kind: &str, value: &str, currency: Currency) -> Result<Offer, String> {
    let offer = match kind {
        "" | "percent" => Offer::Percent {
            value: Rate::parse_percent(value).ok_or_else(|| format!("{value:?} is no share in percent"))?,
        },
        "fixed" => Offer::Fixed {
            value: Money::parse_decimal(value, currency)
                .map_err(|_| format!("{value:?} is no amount in {currency}"))?,
        },
        "text" => Offer::Text { value: line(value).ok_or("what it gives is not written")? },
        other => return Err(format!("a discount of the kind {other:?} is not known")),
    };
    offer.check().map_err(|flaw| flaw.to_string())?;
    Ok(offer)
}

/// As SQLite and JavaScript write moments; without a zone they are in UTC.
fn moment(raw: &str) -> Option<Timestamp> {
    if raw.len() == 10 {
        return raw.parse::<Day>().ok()?.start(&Zone::utc());
    }
    let joined = raw.replacen(' ', "T", 1);
    joined.parse().ok().or_else(|| format!("{joined}Z").parse().ok())
}

/// The end that `raw` names: of a whole day, or a moment.
fn until(raw: &str, zone: &Zone) -> Result<Option<Timestamp>, String> {
    if raw.is_empty() {
        return Ok(None);
    }
    let end = match raw.parse::<Day>() {
        Ok(day) => day.end(zone),
        Err(_) => moment(raw),
    };
    end.map(Some).ok_or_else(|| format!("{raw:?} is no date"))
}

fn product(row: &Row, currency: Currency) -> Result<ProductDraft, String> {
    let amount = |at: usize| {
        let read = Money::parse_decimal(text(row, at), currency).ok();
        let read = read.filter(|money| money.minor() >= 0);
        read.ok_or_else(|| format!("{:?} is no amount in {currency}", text(row, at)))
    };
    let (value, margin) = (amount(2)?, amount(3)?);
    let name = line::<200>(text(row, 1)).ok_or("it has no name")?;
    let name = name.as_str().parse().map_err(|_| "its name does not read")?;
    let sku = text(row, 4);
    let sku = if sku.is_empty() { None } else { Some(sku.parse().map_err(|_| "its SKU does not read")?) };
    Ok(ProductDraft { source: id(row)?, name, sku, value, margin })
}

fn customer(
    row: &Row,
    home: &Home,
    said: &[(String, String)],
    is_answered: impl Fn(&str) -> bool,
) -> Result<CustomerDraft, String> {
    let name = line(&format!("{} {}", text(row, 2), text(row, 3)));
    let email: Option<Email> = text(row, 1).parse().ok();
    let phone = Phone::parse_in(text(row, 4), Some(home.country)).ok();
    if email.is_none() && phone.is_none() {
        return Err("neither an e-mail nor a phone number that reads".to_owned());
    }
    let unread = Some(("phone", text(row, 4))).filter(|_| phone.is_none());
    let facts = said.iter().map(|(field, value)| (field.as_str(), value.as_str()));
    let facts = facts.filter(|(field, _)| !is_answered(field)).chain(unread);
    let mut notes = vec![String::new()];
    for (field, value) in facts.filter(|(_, value)| !value.is_empty()) {
        let clean = |raw: &str, most| -> String {
            raw.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(most).collect()
        };
        let said = format!("{}: {}\n", clean(field, 60), clean(value, 900));
        let last = notes.last_mut().filter(|last| last.chars().count() + said.chars().count() <= 1000);
        match last {
            Some(last) => last.push_str(&said),
            None => notes.push(said),
        }
    }
    let notes = notes.iter().filter(|note| !note.is_empty()).filter_map(|note| note.trim().parse().ok());
    let contact = Contact { name, phone, email, language: None };
    Ok(CustomerDraft { source: id(row)?, contact, notes: notes.collect() })
}

fn coupon(row: &Row, home: &Home, campaigns: &HashMap<&str, &CouponForm>) -> Result<CouponDraft, String> {
    let code: CouponCode = text(row, 1).parse().map_err(|_| "its code does not read")?;
    let campaign = text(row, 3).to_owned();
    if !campaigns.contains_key(campaign.as_str()) {
        return Err("its campaign did not come".to_owned());
    }
    let issued_at = moment(text(row, 7)).ok_or("nobody knows when it was issued")?;
    let expires_at = until(text(row, 9), &home.zone)?;
    let state = match text(row, 6) {
        "" | "active" if expires_at.is_some_and(|end| end <= home.now) => CouponState::Expired,
        "" | "active" => CouponState::Issued,
        named => CouponState::parse(named)
            .filter(|state| *state != CouponState::Issued)
            .ok_or("its state is not known")?,
    };
    let redeemed = moment(text(row, 8)).unwrap_or(issued_at).max(issued_at);
    Ok(CouponDraft {
        source: id(row)?,
        code,
        campaign,
        customer: row[2].clone(),
        state,
        offer: offer(text(row, 4), text(row, 5), home.currency)?,
        issued_at,
        redeemed_at: (state == CouponState::Redeemed).then_some(redeemed),
        expires_at,
        answers: Vec::new(),
    })
}

fn staff(row: &Row) -> Result<StaffDraft, String> {
    let role = match text(row, 3) {
        "admin" => Role::Admin,
        "store" => Role::Cashier,
        "superadmin" => return Err("who runs the platform is made with `soko admin create`".to_owned()),
        other => return Err(format!("the kind {other:?} is not known")),
    };
    if text(row, 4) == "0" {
        return Err("switched off there".to_owned());
    }
    let login: Login = text(row, 1).parse().map_err(|error: base::TextError| error.to_string())?;
    let name = line(&format!("{} {}", text(row, 5), text(row, 6))).or_else(|| line(text(row, 1)));
    let name = name.ok_or("it has no name")?;
    Ok(StaffDraft { source: id(row)?, login, name, role, password: PasswordHash::of_bcrypt(text(row, 2)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_sqlite_and_javascript_write_them() {
        let noon: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        for raw in ["2026-11-20 12:00:00", "2026-11-20T12:00:00.000Z", "2026-11-20T13:00:00+01:00"] {
            assert_eq!(moment(raw), Some(noon), "{raw}");
        }
        assert_eq!(moment("yesterday"), None);
        assert!(until("soon", &Zone::utc()).is_err() && until("", &Zone::utc()) == Ok(None));
    }

    #[test]
    fn a_discount_that_nobody_can_mean_is_left() {
        let eur = "EUR".parse().unwrap();
        for (kind, value) in [
            ("percent", "-5"),
            ("percent", "150"),
            ("fixed", "-3"),
            ("fixed", "x"),
            ("text", ""),
            ("gift", "1"),
        ] {
            assert!(offer(kind, value, eur).is_err(), "{kind} {value}");
        }
        assert!(offer("percent", "12,5", eur).is_ok() && offer("fixed", "5.5", eur).is_ok());
    }
}

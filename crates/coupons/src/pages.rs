//! Pages of coupons, beside their templates. A template prints and loops; what it says is decided here.

mod coupons;
pub mod figures;

use askama::Template;
use base::{Country, Currency, Day, Language, Money, Phone, Timestamp};
use catalog::{Category, ProductId};
use customers::Contact;
use db::Rx;
use edge::Frame;
use orders::{
    Channel,
    print::{QUIET, QrCode},
    promotion::Refusal,
};
use people::Location;
use serde::Deserialize;
use stock::LocationId;

pub use self::coupons::CouponListPage;
use crate::{
    Error,
    http::{CampaignForm, CounterQuery, Fault},
    mail,
    model::{
        Act, Campaign, CampaignId, CampaignState, Coupon, CouponState, Expiry, Offer, Promoted, Redemption,
        RedemptionState, SharedCode, Via,
    },
    redeem::Settings,
};

/// The tone of a badge.
pub const fn tone(state: CouponState) -> &'static str {
    match state {
        CouponState::Issued => "good",
        CouponState::Redeemed => "",
        CouponState::Expired | CouponState::Cancelled => "warn",
    }
}

/// A campaign in the list, with what it did so far.
pub struct Listed {
    pub campaign: Campaign,
    pub issued: i64,
    pub redeemed: i64,
}

#[derive(Template)]
#[template(path = "campaign_list.html")]
pub struct CampaignListPage {
    pub frame: Frame,
    pub state: Option<CampaignState>,
    pub campaigns: Vec<Listed>,
    pub next: Option<String>,
    pub now: Timestamp,
    pub may_manage: bool,
}

impl CampaignListPage {
    fn count(&self, count: &i64) -> String {
        self.frame.count(*count)
    }

    fn offer(&self, listed: &Listed) -> String {
        mail::offer_words(self.frame.language(), &listed.campaign.details.offer)
    }

    fn standing(&self, listed: &Listed) -> (String, &'static str) {
        standing(&self.frame, &listed.campaign, self.now)
    }

    fn states(&self) -> Vec<(&'static str, String, bool)> {
        let words = |state: CampaignState| self.frame.t(&format!("coupons-campaign-{state}"));
        CampaignState::ALL.map(|state| (state.name(), words(state), self.state == Some(state))).into()
    }
}

/// Where a campaign stands, in words, with the tone of its badge: one that is live may wait for its first day.
fn standing(frame: &Frame, campaign: &Campaign, now: Timestamp) -> (String, &'static str) {
    let waits = campaign.details.starts_at.is_some_and(|start| now < start);
    match campaign.state {
        CampaignState::Live if waits => (frame.t("coupons-campaign-planned"), ""),
        CampaignState::Live => (frame.t("coupons-campaign-live"), "good"),
        state => (
            frame.t(&format!("coupons-campaign-{state}")),
            if state == CampaignState::Paused { "warn" } else { "" },
        ),
    }
}

/// What a campaign can be limited to.
pub struct Choices {
    pub categories: Vec<Category>,
    pub locations: Vec<Location>,
}

#[derive(Template)]
#[template(path = "campaign_edit.html")]
pub struct CampaignEditPage {
    pub frame: Frame,
    pub id: Option<CampaignId>,
    pub form: CampaignForm,
    pub faults: Vec<Fault>,
    pub choices: Choices,
    pub currency: Currency,
}

impl CampaignEditPage {
    fn fault(&self, field: &str) -> Option<String> {
        let fault = self.faults.iter().find(|(faulty, _)| *faulty == field);
        fault.map(|(_, key)| self.frame.t(key))
    }

    fn has(list: &[String], name: impl std::fmt::Display) -> bool {
        list.contains(&name.to_string())
    }

    fn channels(&self) -> Vec<(&'static str, String, bool)> {
        let named = [
            (Channel::Till, "coupons-channel-till"),
            (Channel::Shop, "coupons-channel-shop"),
            (Channel::Office, "coupons-channel-office"),
        ];
        named
            .map(|(channel, key)| {
                (channel.name(), self.frame.t(key), Self::has(&self.form.channels, channel.name()))
            })
            .into()
    }
}

/// A product that a search found.
pub struct Found {
    pub id: ProductId,
    pub title: String,
    pub price: Option<Money>,
}

/// For whom a coupon is issued by hand, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct IssueForm {
    pub name: String,
    pub phone: String,
    pub email: String,
}

impl IssueForm {
    /// Whom it names, if it says how they are reached, or the key of what needs another look.
    pub fn contact(&self, home: Country, language: Language) -> Result<Option<Contact>, &'static str> {
        let given = |typed: &str| Some(typed.trim().to_owned()).filter(|typed| !typed.is_empty());
        let name = base::Line::parse_optional(&self.name).map_err(|_| "coupons-fault-name")?;
        let phone = given(&self.phone).map(|typed| Phone::parse_in(&typed, Some(home))).transpose();
        let email = given(&self.email).map(|typed| typed.parse()).transpose();
        let phone = phone.map_err(|_| "coupons-fault-phone")?;
        let email = email.map_err(|_: base::TextError| "coupons-fault-email")?;
        let reached = phone.is_some() || email.is_some();
        Ok(reached.then_some(Contact { name, phone, email, language: Some(language) }))
    }
}

/// A coupon with whom it is for, where the one who looks may see customers.
#[derive(Debug, Clone)]
pub struct Row {
    pub coupon: Coupon,
    pub customer: Option<customers::Customer>,
}

impl Row {
    pub fn of(rx: &mut Rx, coupon: Coupon, may_see: bool) -> Result<Self, Error> {
        let customer = match coupon.customer.filter(|_| may_see) {
            None => None,
            Some(id) => customers::known(rx, id)?,
        };
        Ok(Self { coupon, customer })
    }

    pub fn called(&self) -> String {
        self.customer.as_ref().map(|customer| customer.contact.called()).unwrap_or_default()
    }
}

#[derive(Template)]
#[template(path = "campaign.html")]
pub struct CampaignPage {
    pub frame: Frame,
    pub currency: Currency,
    pub today: Day,
    pub now: Timestamp,
    pub campaign: Campaign,
    /// How many coupons may still be issued; none stands for no limit.
    pub left: Option<i64>,
    pub issued: i64,
    pub redeemed: i64,
    pub coupons: Vec<Row>,
    pub next: Option<String>,
    pub state: Option<CouponState>,
    pub products: Vec<(Promoted, String)>,
    pub q: String,
    pub found: Vec<Found>,
    /// Categories and locations, by name.
    pub holds_for: Vec<String>,
    /// Where its form is.
    pub link: String,
    pub issue: IssueForm,
    pub fault: Option<String>,
    pub may_manage: bool,
}

impl CampaignPage {
    fn count(&self, count: &i64) -> String {
        self.frame.count(*count)
    }

    fn offer(&self) -> String {
        mail::offer_words(self.frame.language(), &self.campaign.details.offer)
    }

    fn standing(&self) -> (String, &'static str) {
        standing(&self.frame, &self.campaign, self.now)
    }

    fn acts(&self) -> Vec<(&'static str, String, bool)> {
        let acts = Act::ALL.into_iter().filter(|act| self.campaign.state.after(*act).is_some());
        acts.map(|act| {
            let key = format!("coupons-act-{}", act.name());
            (act.name(), self.frame.t(&key), act == Act::Start)
        })
        .collect()
    }

    fn issues(&self) -> bool {
        self.campaign.issues(self.now)
    }

    fn ended(&self) -> bool {
        self.campaign.state == CampaignState::Ended
    }

    /// The facts that a campaign says of itself: a name and what stands there.
    fn facts(&self) -> Vec<(String, String)> {
        let (frame, details) = (&self.frame, &self.campaign.details);
        let mut facts = vec![(frame.t("coupons-offer"), self.offer())];
        let mut say = |key: &str, words: Option<String>| {
            if let Some(words) = words.filter(|words| !words.is_empty()) {
                facts.push((frame.t(key), words));
            }
        };
        let day = |at: Option<Timestamp>| at.map(|at| frame.short_moment(&at, &self.today));
        say("coupons-shared-code", details.shared_code.as_ref().map(ToString::to_string));
        say("coupons-starts", day(details.starts_at));
        say("coupons-ends", day(details.ends_at.map(|end| end.plus_s(-1))));
        say(
            "coupons-expiry",
            match details.expiry {
                Expiry::Never => Some(frame.t("coupons-expiry-never")),
                Expiry::On { day } => Some(frame.day(&day)),
                Expiry::After { days } => Some(frame.t1("coupons-expiry-days", "days", days)),
            },
        );
        say("coupons-minimum", details.minimum.map(|minimum| frame.money(&minimum)));
        say("coupons-limit", details.limits.coupons.map(|limit| frame.count(limit)));
        say("coupons-per-customer", details.limits.per_customer.map(|limit| frame.count(limit)));
        say("coupons-holds-for", Some(self.holds_for.join(", ")));
        let channels = details
            .scope
            .channels
            .iter()
            .map(|channel| frame.t(&format!("coupons-channel-{}", channel.name())));
        say("coupons-channels", Some(channels.collect::<Vec<_>>().join(", ")));
        if details.stackable {
            say("coupons-together", Some(frame.t("coupons-together-yes")));
        }
        facts
    }

    fn states(&self) -> Vec<(&'static str, String, bool)> {
        let words = |state: CouponState| self.frame.t(&format!("coupons-state-{state}"));
        CouponState::ALL
            .iter()
            .map(|state| (state.name(), words(*state), self.state == Some(*state)))
            .collect()
    }

    fn badge(&self, row: &Row) -> (String, &'static str) {
        let state = row.coupon.standing(self.now);
        (self.frame.t(&format!("coupons-state-{state}")), tone(state))
    }
}

#[derive(Template)]
#[template(path = "coupon.html")]
pub struct CouponPage {
    pub frame: Frame,
    pub today: Day,
    pub now: Timestamp,
    pub row: Row,
    pub campaign: Campaign,
    pub redemptions: Vec<Redemption>,
    pub names: people::actors::Names,
    pub places: Vec<Location>,
    /// Where its customer sees it.
    pub link: String,
    pub may_manage: bool,
    pub may_redeem: bool,
}

impl CouponPage {
    fn badge(&self) -> (String, &'static str) {
        let state = self.row.coupon.standing(self.now);
        (self.frame.t(&format!("coupons-state-{state}")), tone(state))
    }

    fn offer(&self) -> String {
        mail::offer_words(self.frame.language(), &self.row.coupon.offer)
    }

    /// The last moment at which it can be used, as the counter and the customer's page tell it.
    fn until(&self) -> Option<String> {
        self.row.coupon.expires_at.map(|end| self.frame.short_moment(&end.plus_s(-1), &self.today))
    }

    fn is_issued(&self) -> bool {
        self.row.coupon.standing(self.now) == CouponState::Issued
    }

    /// Whether its customer has something of its own code: one of a code that many know is used with it.
    fn is_sent(&self) -> bool {
        self.is_issued() && self.row.coupon.via != Via::Code
    }

    /// The customer's number as a chat's address wants it.
    fn dialled(&self) -> Option<String> {
        let customer = self.row.customer.as_ref()?;
        customer.contact.phone.as_ref().map(|phone| phone.digits().to_owned())
    }

    fn phone(&self) -> String {
        let phone = self.row.customer.as_ref().and_then(|customer| customer.contact.phone.as_ref());
        phone.map(ToString::to_string).unwrap_or_default()
    }

    fn has_email(&self) -> bool {
        self.row.customer.as_ref().is_some_and(|customer| customer.contact.email.is_some())
    }

    /// What is said with the coupon in a chat or a text message, as a query.
    fn message(&self) -> String {
        let words = self.frame.t2("coupons-message", "offer", self.offer(), "link", &self.link);
        percent_encoding::utf8_percent_encode(&words, percent_encoding::NON_ALPHANUMERIC).to_string()
    }

    fn who(&self, redemption: &Redemption) -> String {
        self.names.of(&self.frame, &redemption.actor)
    }

    fn place(&self, redemption: &Redemption) -> String {
        place(&self.places, redemption.location)
    }

    fn redemption_state(&self, redemption: &Redemption) -> String {
        self.frame.t(&format!("coupons-redemption-{}", redemption.state))
    }
}

fn place(places: &[Location], wanted: Option<LocationId>) -> String {
    let found = places.iter().find(|place| Some(place.id) == wanted);
    found.map(|place| place.name.to_string()).unwrap_or_default()
}

/// A coupon at the counter.
pub struct AtCounter {
    pub row: Row,
    pub campaign: Campaign,
    /// The redemption that stands.
    pub used: Option<Redemption>,
}

/// A code that many know, at the counter.
pub struct SharedAtCounter {
    pub code: SharedCode,
    pub campaign: Campaign,
    /// Why nobody may use it now.
    pub refused: Option<Refusal>,
}

/// What was asked for at the counter.
pub enum Asked {
    Nothing,
    Shared(Box<SharedAtCounter>),
    /// Boxed, as it is much larger than the rest.
    One(Box<AtCounter>),
    Several(Vec<Row>),
    GiftCard,
    Unknown {
        /// Whether the code itself shows that it was mistyped.
        mistyped: bool,
    },
}

#[derive(Template)]
#[template(path = "counter.html")]
pub struct CounterPage {
    pub frame: Frame,
    pub now: Timestamp,
    pub today: Day,
    pub currency: Currency,
    pub query: CounterQuery,
    pub asked: Asked,
    pub last: Vec<(Redemption, Coupon)>,
    pub names: people::actors::Names,
    pub all_places: Vec<Location>,
    /// Where the one who looks may work.
    pub places: Vec<Location>,
    pub settings: Settings,
    pub fault: Option<String>,
    pub may_manage: bool,
}

impl CounterPage {
    fn badge(&self, row: &Row) -> (String, &'static str) {
        let state = row.coupon.standing(self.now);
        (self.frame.t(&format!("coupons-state-{state}")), tone(state))
    }

    fn usable(&self, row: &Row) -> bool {
        row.coupon.standing(self.now) == CouponState::Issued
    }

    /// What was typed and needs another look; what was found is next no more.
    fn sought(&self) -> &str {
        match self.asked {
            Asked::One(_) | Asked::Shared(_) => "",
            _ => &self.query.code,
        }
    }

    fn offer(&self, offer: &Offer) -> String {
        mail::offer_words(self.frame.language(), offer)
    }

    fn refusal(&self, refusal: &Refusal) -> String {
        edge::Problem::from(refusal.clone()).words(self.frame.language())
    }

    fn until(&self, coupon: &Coupon) -> Option<String> {
        coupon.expires_at.map(|end| self.frame.short_moment(&end.plus_s(-1), &self.today))
    }

    fn is_here(&self, place: &Location) -> bool {
        self.query.location == place.id.to_string()
    }

    fn who(&self, redemption: &Redemption) -> String {
        self.names.of(&self.frame, &redemption.actor)
    }

    fn place(&self, redemption: &Redemption) -> String {
        place(&self.all_places, redemption.location)
    }

    /// Who used the coupon, when and where: what a customer is told who brings it once more.
    fn used_words(&self, redemption: &Redemption) -> String {
        let at = self.frame.short_moment(&redemption.at, &self.today);
        let words = self.frame.t2("coupons-counter-used", "at", at, "who", self.who(redemption));
        match self.place(redemption) {
            place if place.is_empty() => words,
            place => format!("{words} · {place}"),
        }
    }

    /// Whether staff may still undo it.
    fn may_undo(&self, redemption: &Redemption) -> bool {
        let age = self.now.seconds_since(redemption.at);
        let fresh = age <= self.settings.undo_minutes * 60;
        redemption.state == RedemptionState::Done && redemption.order.is_none() && fresh
    }

    fn is_undone(&self, redemption: &Redemption) -> bool {
        redemption.state == RedemptionState::Undone
    }

    /// Whether the amount of the sale says what the coupon takes off.
    fn asks_amount(&self, offer: &Offer) -> bool {
        matches!(offer, Offer::Percent { .. } | Offer::Fixed { .. })
    }
}

/// The coupon as its customer shows it.
#[derive(Template)]
#[template(path = "shown.html")]
pub struct ShownPage {
    pub frame: Frame,
    pub shop: String,
    pub coupon: Coupon,
    pub campaign: String,
    pub description: String,
    pub minimum: Option<Money>,
    pub state: CouponState,
    /// Its last day.
    pub until: Option<Day>,
    pub code: Option<QrCode>,
    /// The look of the campaign's form.
    pub style: String,
}

impl ShownPage {
    fn offer(&self) -> String {
        mail::offer_words(self.frame.language(), &self.coupon.offer)
    }

    fn is_issued(&self) -> bool {
        self.state == CouponState::Issued
    }

    fn state_words(&self) -> String {
        self.frame.t(&format!("coupons-shown-{}", self.state))
    }

    /// The sides of the drawing, with the white border that a camera needs.
    fn side(&self) -> usize {
        self.code.as_ref().map_or(0, |code| code.side + 2 * QUIET)
    }

    /// The dark squares as one path.
    fn path(&self) -> String {
        let bars = self.code.iter().flat_map(QrCode::bars);
        bars.map(|(row, column, long)| format!("M{} {}h{long}v1h-{long}z", column + QUIET, row + QUIET))
            .collect()
    }
}

//! Where the business is, when it is open, and how it is reached: for the page of it, and for blocks on other pages.

use askama::Template;
use axum::{extract::State, response::Response};
use base::{Email, Phone, Timestamp, Zone as Clock};
use db::Area;
use edge::{App, Frame, Problem, Visitor};
use orders::Zone;
use stock::{Opening, Place, Standing};

use crate::{
    Error,
    chrome::{Chrome, Furniture, Shown, shop_pages},
};

/// What pages say of the business's opening at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// That the shop is closed for now, in the visitor's words and the merchant's.
    pub pause: Option<PauseCard>,
    /// The oldest first.
    pub places: Vec<PlaceCard>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PauseCard {
    /// `Closed until …`
    pub title: String,
    /// The merchant's own; may be empty.
    pub words: String,
    pub sells: bool,
}

/// A place of the business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceCard {
    pub name: String,
    /// Line by line.
    pub address: Vec<String>,
    /// Whether orders are fetched here.
    pub pickup: bool,
    pub open: bool,
    /// `Open until 18:00`, `Closed, opens on Monday at 08:00`; nothing where nobody said.
    pub standing: Option<String>,
    /// Today's hours, where they are known.
    pub today: Option<String>,
    /// Each day of the week with its hours; empty where nobody said.
    pub week: Vec<(String, String)>,
    /// The days to come that are unlike the week.
    pub special: Vec<(String, String)>,
}

/// Special days that a page tells in advance.
const SPECIAL_SHOWN: usize = 6;

impl Card {
    /// The card at `now`. It stays true until `opening.holds_until(now, clock)`, which belongs into the key of a page
    /// that is kept and shows it.
    pub fn of(frame: &Frame, opening: &Opening, now: Timestamp, clock: &Clock) -> Self {
        let pause = opening.pause(now).map(|pause| PauseCard {
            title: match pause.until {
                Some(until) => frame.t1("contact-closed-until", "time", frame.moment(&until)),
                None => frame.t("contact-closed-for-now"),
            },
            words: pause.words.to_string(),
            sells: pause.sells,
        });
        let places = opening.places.iter().map(|place| PlaceCard::of(frame, place, now, clock)).collect();
        Self { pause, places }
    }
}

impl PlaceCard {
    pub fn of(frame: &Frame, place: &Place, now: Timestamp, clock: &Clock) -> Self {
        let standing = place.standing(now, clock);
        let (today, hours) = (now.day(clock), place.opening.hours.as_ref());
        let days = hours.map(|hours| hours.days.as_slice()).unwrap_or_default();
        let coming = days.iter().filter(|special| special.day >= today).take(SPECIAL_SHOWN);
        Self {
            name: place.location.name.to_string(),
            address: place.location.address.as_str().lines().map(str::to_owned).collect(),
            pickup: place.opening.pickup,
            open: matches!(standing, Standing::Open { .. }),
            standing: stock::standing_words(frame, standing, now, clock),
            today: hours.map(|hours| stock::day_words(frame, hours.on(today))),
            week: hours.map(|hours| stock::week_words(frame, hours)).unwrap_or_default(),
            special: coming
                .map(|special| (frame.day(&special.day), stock::day_words(frame, &special.open)))
                .collect(),
        }
    }
}

/// How the business is reached.
#[derive(Template)]
#[template(path = "contact.html")]
pub struct ContactPage {
    pub frame: Frame,
    pub chrome: Chrome,
    pub phone: Option<Phone>,
    pub email: Option<Email>,
    pub card: Card,
    /// Where it delivers.
    pub zones: Vec<Zone>,
}

shop_pages!(ContactPage);

pub async fn page(State(app): State<App>, visitor: Visitor) -> Result<Response, Problem> {
    let language = visitor.language();
    let look = move |rx: &mut db::Rx<'_>| {
        let furniture = Furniture::read(rx, language)?;
        Ok::<_, Error>((furniture, stock::opening(rx)?, orders::zones(rx)?, rx.now()))
    };
    let (furniture, opening, zones, now) = app.db.read(visitor.scope(), look).await?;
    let clock = &visitor.tenant().zone;
    // what time changes names the page that is kept: until then it is this one
    let until = opening.holds_until(now, clock).to_string();
    let render = async || {
        let frame = visitor.titled("contact-title");
        let card = Card::of(&frame, &opening, now, clock);
        let zones = zones.iter().filter(|zone| zone.details.active).cloned().collect();
        let chrome = Chrome::of(&visitor, visitor.tenant().slug.as_str(), &furniture, "/contact");
        let said = &furniture.business.edit;
        let (phone, email) = (said.phone.clone(), said.email.clone());
        Ok::<_, Problem>(Shown(ContactPage { frame, chrome, card, phone, email, zones }))
    };
    app.cached(&visitor, &[Area::Catalog, Area::Look], &[("until", until.as_str())], render).await
}

//! A campaign of some weeks, with a form that asks something and links that work once: customers ask for a coupon, most of
//! them come with it.

use base::{Language, Money, tax::Rate};
use coupons::{
    Act, CampaignDetails, CampaignId, Consent, ContactBy, ContactLimit, CouponCode, CouponForm, Error,
    Expiry, Field, FieldKind, FormLook, Limits, Offer, Promoted, Scope, Sent, Use,
};
use db::{Db, Tx};

use super::Result;

const LINKS: i64 = 48;

/// The campaign begins.
pub async fn begin(db: &Db, staff: db::Scope) -> Result<CampaignId> {
    let (details, form) = (details()?, form()?);
    let plan = move |tx: &mut Tx<'_>| {
        let id = coupons::add(tx, details.clone())?;
        coupons::change_form(tx, id, &form)?;
        coupons::make_links(tx, id, LINKS)?;
        coupons::act(tx, id, Act::Start)?;
        Ok::<_, Error>(id)
    };
    Ok(db.write(staff, plan).await?)
}

/// It is to sell these of the goods: an estimate of what it brings takes half their price for its margin.
pub async fn promote(db: &Db, staff: db::Scope, campaign: CampaignId) -> Result {
    let promote = move |tx: &mut Tx<'_>| {
        let mut promoted = Vec::new();
        for listed in catalog::list(tx, &catalog::Filter::default(), None, 3)? {
            let product = catalog::product(tx, listed.id)?;
            for variant in product.offered().take(1) {
                let value = variant.details.price;
                let margin = Money::new(value.minor() / 2, value.currency())?;
                promoted.push(Promoted { product: product.id, value, margin });
            }
        }
        coupons::promote(tx, campaign, &promoted)
    };
    Ok(db.write::<_, Error>(staff, promote).await?)
}

/// Somebody opens the form and fills it in; who has a coupon gets no other.
pub async fn ask(
    db: &Db,
    visitor: db::Scope,
    campaign: CampaignId,
    (name, phone): (&'static str, &'static str),
) -> Result<Option<CouponCode>> {
    let (first, last) = name.split_once(' ').unwrap_or((name, name));
    let ask = move |tx: &mut Tx<'_>| {
        coupons::form_seen(tx, campaign)?;
        let kept = coupons::form_of(tx, campaign)?;
        let typed = |field: &str| match field {
            "firstName" => Some(first),
            "lastName" => Some(last),
            "phone" => Some(phone),
            "field-heard" => Some("Au marché"),
            "consent" => Some("1"),
            _ => None,
        };
        let country = people::business::find(tx)?.edit.country;
        let filled = kept.form.read(typed, country, Language::Fr, kept.consent_version);
        let filled = filled.map_err(|_| Error::AnsweredAlready)?;
        let sent = Sent { filled, consent_version: kept.consent_version, link: None, question: None };
        coupons::submit(tx, campaign, &sent, ContactLimit { most: 3, window_s: 86_400 })
    };
    match db.write(visitor, ask).await {
        Ok(issued) => Ok(Some(issued.coupon.code)),
        Err(Error::Refused(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The customer comes with it and buys for `amount`.
pub async fn redeem(db: &Db, staff: db::Scope, code: CouponCode, amount: Money) -> Result {
    let redeem = move |tx: &mut Tx<'_>| {
        let location = Some(stock::default_location(tx)?);
        coupons::redeem(tx, &code, &Use { location, amount: Some(amount) })?;
        Ok::<_, Error>(())
    };
    Ok(db.write(staff, redeem).await?)
}

fn details() -> Result<CampaignDetails> {
    Ok(CampaignDetails {
        name: "Bienvenue : 10 % sur tout".parse()?,
        description: "Pour votre prochaine visite, en boutique ou en ligne.".parse()?,
        offer: Offer::Percent { value: Rate::parse_percent("10").ok_or("a share")? },
        scope: Scope::default(),
        minimum: None,
        stackable: false,
        limits: Limits { coupons: Some(500), per_customer: Some(1) },
        starts_at: None,
        ends_at: None,
        expiry: Expiry::After { days: 60 },
        shared_code: Some("BIENVENUE10".parse()?),
    })
}

fn form() -> Result<CouponForm> {
    let options = vec!["Par des amis".parse()?, "Au marché".parse()?, "En ligne".parse()?];
    let heard = Field {
        key: "heard".parse()?,
        label: "Comment nous avez-vous connus ?".parse()?,
        answer: FieldKind::Choice { options },
        required: true,
    };
    let birthday = Field {
        key: "birthday".parse()?,
        label: "Votre anniversaire".parse()?,
        answer: FieldKind::Date,
        required: false,
    };
    let consent = Consent {
        words: "J’accepte de recevoir les nouvelles de la boutique, deux fois par mois au plus.".parse()?,
        link: None,
        required: false,
    };
    let look = FormLook { accent: "#b5442f".parse()?, background: "#fdf6ec".parse()?, ..FormLook::default() };
    let mut form = CouponForm {
        contact: ContactBy::Either,
        fields: vec![heard, birthday],
        consent: Some(consent),
        look,
        ..CouponForm::default()
    };
    form.texts.thanks = "Merci ! Montrez ce bon à la caisse.".parse()?;
    Ok(form)
}

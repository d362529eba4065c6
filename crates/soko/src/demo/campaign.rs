//! A campaign of some weeks, with a form that asks something and links that work once: customers ask for a coupon, most of
//! them come with it.

use base::{Money, tax::Rate};
use coupons::{
    Act, CampaignDetails, CampaignId, Consent, ContactBy, CouponCode, CouponForm, Error, Expiry, Field,
    FieldKind, FormLook, Limits, Offer, Scope, Use, Via,
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

/// Somebody opens the form and asks for a coupon; who has one gets no other.
pub async fn ask(
    db: &Db,
    visitor: db::Scope,
    campaign: CampaignId,
    (name, phone): (&'static str, &'static str),
) -> Result<Option<CouponCode>> {
    let ask = move |tx: &mut Tx<'_>| {
        coupons::form_seen(tx, campaign)?;
        let contact = customers::Contact {
            name: name.parse().ok(),
            phone: phone.parse().ok(),
            ..customers::Contact::default()
        };
        coupons::issue(tx, campaign, &contact, Via::Form)
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

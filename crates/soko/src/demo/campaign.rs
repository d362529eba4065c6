//! A campaign of the first sample, with a form that asks something and links that work once.

use base::tax::Rate;
use coupons::{
    Act, CampaignDetails, Consent, ContactBy, CouponForm, Error, Expiry, Field, FieldKind, FormLook, Limits,
    Offer, Scope,
};
use db::Tx;

use super::{Result, founding::Merchant};
use crate::wiring::Soko;

const LINKS: i64 = 48;

pub async fn run(soko: &Soko, merchant: &Merchant) -> Result {
    let scope = db::Scope {
        tenant: merchant.tenant,
        actor: db::Actor::system(),
        origin: db::Origin::default(),
        reach: db::Reach::Everywhere,
    };
    let (details, form) = (details()?, form()?);
    let plan = move |tx: &mut Tx| {
        let id = coupons::add(tx, details.clone())?;
        coupons::change_form(tx, id, &form)?;
        coupons::make_links(tx, id, LINKS)?;
        coupons::act(tx, id, Act::Start)
    };
    Ok(soko.app.db.write::<_, Error>(scope, plan).await?)
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

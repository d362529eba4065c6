//! A business comes into being: intent in the directory, its database, what belongs into it, and only then its doors open.

mod form;
mod http;
mod pages;

use std::sync::Arc;

use base::{Country, Currency, Language, Line, Login, Phone, Slug};
use db::{Actor, NewTenant, Origin, Scope, Tenant, TenantState, Tx};
use edge::Secret;
use people::{
    Business, Device, Founder, Password, Prepared,
    hashing::{self, Queue},
};
use serde_json::json;
use spine::events::{self, Event};

use crate::{Error, House, country};

pub use form::{Fault, SignUpForm, Source};
pub use http::routes;

/// A business to be made, with its owner.
pub struct NewBusiness {
    pub name: Line<120>,
    pub login: Login,
    pub password: Password,
    /// Where the business is called.
    pub phone: Option<Phone>,
    pub currency: Currency,
    pub country: Country,
    pub language: Language,
}

/// Who asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A stranger on the web; `waits` for the operator's approval or not.
    Stranger {
        origin: Origin,
        waits: bool,
    },
    Operator,
}

/// A business that was made. The secrets are shown once.
pub struct Founded {
    pub tenant: Arc<Tenant>,
    /// The owner is signed in.
    pub session: people::sessions::Opened,
    pub public_key: Secret,
    pub secret_key: Secret,
}

impl NewBusiness {
    /// Fills what was not said from the country, and the country from the phone number.
    pub fn of(
        name: Line<120>,
        login: Login,
        password: &str,
        currency: Option<Currency>,
        country: Option<Country>,
        language: Option<Language>,
    ) -> Result<Self, Fault> {
        let phone = match &login {
            Login::Phone(phone) => Some(phone.clone()),
            Login::Email(_) | Login::Name(_) => None,
        };
        let of_phone = phone.as_ref().and_then(country::of_phone);
        let france = "FR".parse().map_err(|_| Fault::Country)?;
        let country = country.or(of_phone).unwrap_or(france);
        let usual = country::usual(country);
        let currency = currency.or(usual.currency).ok_or(Fault::Currency)?;
        let password = Password::chosen(password, &login, name.as_str()).map_err(Fault::Password)?;
        let language = language.unwrap_or(usual.language);
        Ok(Self { name, login, password, phone, currency, country, language })
    }
}

/// The name in addresses that a business called `name` gets, if nobody has it.
fn slug_of(name: &str) -> Result<Slug, Error> {
    let slug = Slug::of(name).or_else(|| "shop".parse().ok());
    slug.ok_or_else(|| Fault::NameOdd.into())
}

/// Makes the business. What fails on the way leaves a tenant that is not live and that nobody can reach.
pub async fn found(house: &House, new: NewBusiness, who: Who, agent: &str) -> Result<Founded, Error> {
    let seed = house.db.world().seed();
    let mut salt = [0; 16];
    salt.copy_from_slice(&seed[..16]);
    let password = hashing::hash(new.password, salt, Queue::Strangers).await?;
    let slug = slug_of(new.name.as_str())?;
    let zone = country::usual(new.country).zone;
    let tenant = house
        .db
        .create_tenant(NewTenant {
            slug,
            name: new.name.clone(),
            currency: new.currency,
            country: new.country,
            language: new.language,
            zone: zone.clone(),
            test: false,
        })
        .await?;
    let origin = match &who {
        Who::Stranger { origin, .. } => origin.clone(),
        Who::Operator => Origin { address: "command line".to_owned(), request: String::new() },
    };
    let by = if who == Who::Operator { Actor::new("operator") } else { Actor::visitor() };
    let from = origin.clone();
    let device = Device { agent: agent.to_owned(), address: origin.address.clone() };
    let founder = Founder { login: new.login.clone(), name: new.name.clone(), password, device };
    let id = tenant.id;
    let prepared = house.db.directory().write(move |dx| people::prepare(dx, id, &founder)).await?;
    let scope = Scope { tenant: id, actor: Actor::system(), origin, reach: db::Reach::Everywhere };
    let mut business = Business::new(new.name, new.currency, new.country, new.language, zone, false);
    business.edit.phone = new.phone;
    if let Login::Email(email) = &new.login {
        business.edit.email = Some(email.clone());
    }
    let (known, slug) = (prepared.clone(), tenant.slug.clone());
    let keys = house.db.write(scope, move |tx| furnish(tx, &known, &business, &slug)).await?;
    let waits = matches!(who, Who::Stranger { waits: true, .. });
    let tenant = house.db.admit(id, if waits { TenantState::Waiting } else { TenantState::Live }).await?;
    people::changed();
    let event = Event {
        kind: "tenant.founded",
        subject: crate::console::subject_of(id),
        payload: json!({ "slug": tenant.slug, "name": tenant.name, "after": { "state": tenant.state.name() } }),
    };
    crate::console::note(&house.db, &by, &from, event).await;
    Ok(Founded {
        tenant,
        session: prepared.session,
        public_key: keys.public_key,
        secret_key: keys.secret_key,
    })
}

/// What a new business begins with: settings, an owner, keys, a place, ways to pay.
fn furnish(
    tx: &mut Tx<'_>,
    prepared: &Prepared,
    business: &Business,
    slug: &Slug,
) -> Result<people::Founded, Error> {
    let name = business.edit.name.clone();
    let founded = people::found(tx, prepared, business, name)?;
    payments::found(tx)?;
    let subject = format!("tenant:{}", tx.tenant());
    let after = json!({ "slug": slug, "currency": business.currency, "country": business.edit.country });
    events::record(
        tx,
        Event { kind: "tenant.founded", subject, payload: json!({ "before": null, "after": after }) },
    )?;
    Ok(founded)
}

//! A business comes into being: intent in the directory, its database, what belongs into it, and only then its doors open.

mod http;
mod pages;

use std::sync::Arc;

use base::{Country, Currency, Language, Line, Login, Slug};
use db::{Actor, NewTenant, Origin, Scope, Tenant, TenantState, Tx};
use edge::Secret;
use people::{
    Business, Device, Founder, Password, Prepared,
    hashing::{self, Queue},
};
use serde::Deserialize;
use serde_json::json;
use spine::events::{self, Event};

use crate::{Error, House, country};

pub use http::routes;

/// The page's form, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SignUpForm {
    pub tenant_name: String,
    pub admin_username: String,
    pub admin_password: String,
    pub currency: String,
    pub country: String,
    pub language: String,
}

/// A business to be made, with its owner.
pub struct NewBusiness {
    pub name: Line<120>,
    pub login: Login,
    pub password: Password,
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

fn field(field: &'static str) -> impl Fn(String) -> Error {
    move |message| Error::Field { field, message }
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
    ) -> Result<Self, Error> {
        let of_phone = match &login {
            Login::Phone(phone) => country::of_phone(phone),
            Login::Email(_) | Login::Name(_) => None,
        };
        let france = "FR".parse().map_err(|error: base::TextError| field("country")(error.to_string()))?;
        let country = country.or(of_phone).unwrap_or(france);
        let usual = country::usual(country);
        let currency = currency.or(usual.currency);
        let currency =
            currency.ok_or_else(|| field("currency")("say the currency, such as EUR or GNF".to_owned()))?;
        let password = Password::chosen(password, &login, name.as_str())
            .map_err(|error| field("adminPassword")(error.to_string()))?;
        Ok(Self { name, login, password, currency, country, language: language.unwrap_or(usual.language) })
    }

    /// Reads what was typed; the first fault of each field comes back.
    pub fn read(form: &SignUpForm, visitor: Language) -> Result<Self, Vec<Error>> {
        let mut faults = Vec::new();
        let mut note = |error: Error| faults.push(error);
        let country = optional::<Country>("country", &form.country).map_err(&mut note).unwrap_or_default();
        let currency =
            optional::<Currency>("currency", &form.currency).map_err(&mut note).unwrap_or_default();
        let language =
            optional::<Language>("language", &form.language).map_err(&mut note).unwrap_or_default();
        let name = form.tenant_name.parse::<Line<120>>();
        let name = name.map_err(|error| note(field("tenantName")(error.to_string()))).ok();
        let login = Login::parse_in(&form.admin_username, country);
        let login = login.map_err(|error| note(field("adminUsername")(error.to_string()))).ok();
        let (Some(name), Some(login)) = (name, login) else { return Err(faults) };
        if !faults.is_empty() {
            return Err(faults);
        }
        Self::of(name, login, &form.admin_password, currency, country, language.or(Some(visitor)))
            .map_err(|error| vec![error])
    }
}

fn optional<T: std::str::FromStr<Err: std::fmt::Display>>(
    name: &'static str,
    raw: &str,
) -> Result<Option<T>, Error> {
    if raw.trim().is_empty() {
        return Ok(None);
    }
    raw.parse().map(Some).map_err(|error: T::Err| field(name)(error.to_string()))
}

/// Makes the business. What fails on the way leaves a tenant that is not live and that nobody can reach.
pub async fn found(house: &House, new: NewBusiness, who: Who, agent: &str) -> Result<Founded, Error> {
    let seed = house.db.world().seed();
    let mut salt = [0; 16];
    salt.copy_from_slice(&seed[..16]);
    let password = hashing::hash(new.password, salt, Queue::Strangers).await?;
    let slug = Slug::of(new.name.as_str()).or_else(|| "shop".parse().ok());
    let slug = slug.ok_or_else(|| field("tenantName")("use at least one letter".to_owned()))?;
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
    let device = Device { agent: agent.to_owned(), address: origin.address.clone() };
    let founder = Founder { login: new.login.clone(), name: new.name.clone(), password, device };
    let id = tenant.id;
    let prepared = house.db.directory().write(move |dx| people::prepare(dx, id, &founder)).await?;
    let scope = Scope { tenant: id, actor: Actor::system(), origin, reach: db::Reach::Everywhere };
    let mut business = Business::new(new.name, new.currency, new.country, new.language, zone, false);
    match &new.login {
        Login::Phone(phone) => business.edit.phone = Some(phone.clone()),
        Login::Email(email) => business.edit.email = Some(email.clone()),
        Login::Name(_) => (),
    }
    let (known, slug) = (prepared.clone(), tenant.slug.clone());
    let keys = house.db.write(scope, move |tx| furnish(tx, &known, &business, &slug)).await?;
    let waits = matches!(who, Who::Stranger { waits: true, .. });
    let tenant = house.db.admit(id, if waits { TenantState::Waiting } else { TenantState::Live }).await?;
    people::changed();
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

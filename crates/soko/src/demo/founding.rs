//! The merchants, their owners and the operator come into being. Secrets are random in each run and shown once.

use base::{Login, Prose};
use db::{Actor, Origin, Scope, TenantId, World};
use operations::{
    command::{self, Command},
    sign_up::{self, NewBusiness, Who},
};
use people::BusinessEdit;

use super::{Result, sample::Sample};
use crate::wiring::Soko;

/// The operator's user name.
pub const OPERATOR: &str = "operateur";

/// What was made, with the passwords.
pub struct Opened {
    pub merchants: Vec<Merchant>,
    pub operator_password: String,
}

/// A business that was founded.
pub struct Merchant {
    pub tenant: TenantId,
    pub slug: String,
    pub password: String,
    /// A secret API key.
    pub key: String,
}

pub async fn found(soko: &Soko, samples: &[&Sample], real: &World) -> Result<Opened> {
    let mut merchants = Vec::with_capacity(samples.len());
    for sample in samples {
        merchants.push(found_one(soko, sample, password(real)).await?);
    }
    let operator_password = password(real);
    let login = OPERATOR.parse()?;
    let made =
        command::run(&soko.house, Command::AdminCreate { login, password: operator_password.clone() }).await;
    if !made.well {
        return Err(made.text.into());
    }
    Ok(Opened { merchants, operator_password })
}

async fn found_one(soko: &Soko, sample: &Sample, password: String) -> Result<Merchant> {
    let country = sample.country.parse()?;
    let new = NewBusiness::of(
        sample.name.parse()?,
        Login::parse_in(sample.login, Some(country))?,
        &password,
        Some(sample.currency.parse()?),
        Some(country),
        Some(base::Language::Fr),
    )?;
    let founded = sign_up::found(&soko.house, new, Who::Operator, "soko demo").await?;
    let tenant = founded.tenant.id;
    let (legal_name, phone, email) =
        (sample.legal_name.parse()?, sample.phone.parse()?, sample.email.parse()?);
    let address: Prose<500> = sample.address.parse()?;
    let system =
        Scope { tenant, actor: Actor::system(), origin: Origin::default(), reach: db::Reach::Everywhere };
    let said = move |tx: &mut db::Tx<'_>| {
        let before = people::business::find(tx)?.edit;
        let edit = BusinessEdit {
            legal_name: Some(Clone::clone(&legal_name)),
            address: address.clone(),
            phone: Some(Clone::clone(&phone)),
            email: Some(Clone::clone(&email)),
            ..before
        };
        people::business::edit(tx, &edit).map(drop)
    };
    soko.house.db.write(system, said).await?;
    let key = founded.secret_key.reveal().to_owned();
    Ok(Merchant { tenant, slug: founded.tenant.slug.to_string(), password, key })
}

/// Letters and digits that nobody takes for one another.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789x";

/// Sixteen letters in four groups: 80 bits of chance, to be typed once or twice.
pub fn password(real: &World) -> String {
    let seed = real.seed();
    let letter = |byte: &u8| char::from(LETTERS[usize::from(byte % 32)]);
    let groups: Vec<String> =
        seed.chunks(4).take(4).map(|group| group.iter().map(letter).collect()).collect();
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demo_password_is_strong_enough_and_never_the_same() {
        let real = World::real();
        let first = password(&real);
        assert_ne!(first, password(&real));
        assert!(people::Password::chosen(&first, &"camille".parse().unwrap(), "Épicerie du Canal").is_ok());
    }
}

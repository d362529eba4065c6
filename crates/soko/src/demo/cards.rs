//! Gift cards of the first sample: they are sold in its shop, one was bought and partly spent, and somebody has credit.

use ::cards::{ByHand, CardKind, Given, Settings};
use base::{Code, Currency, Line, Money, Quantity};
use customers::Customer;
use db::Tx;
use operations::Error;
use orders::{Channel, Draft, Wanted, stored::Gift};
use payments::Sandbox;

use super::{Result, founding::Merchant, sample::Sample};
use crate::wiring::Soko;

pub async fn sell(soko: &Soko, sample: &Sample, merchant: &Merchant) -> Result {
    let scope = db::Scope {
        tenant: merchant.tenant,
        actor: db::Actor::system(),
        origin: db::Origin::default(),
        reach: db::Reach::Everywhere,
    };
    let currency: Currency = sample.currency.parse()?;
    let amounts = [20_00, 50_00, 100_00].map(|minor| Money::new(minor, currency));
    let amounts = amounts.into_iter().collect::<std::result::Result<Vec<_>, _>>()?;
    let between = Some((Money::new(10_00, currency)?, Money::new(300_00, currency)?));
    let settings = Settings { sells: true, amounts, between, lasts_days: Some(730) };
    let gift = Gift {
        name: Some("Inès".parse()?),
        message: "Joyeux anniversaire ! Prends ce qui te fait plaisir.".parse()?,
        ..Gift::default()
    };
    let reason: Line<200> = "Pain brûlé, samedi dernier".parse()?;
    let policy = soko.desk.policy;
    let (value, credit) = (Money::new(50_00, currency)?, Money::new(12_00, currency)?);
    let story = move |tx: &mut Tx| {
        ::cards::set_settings(tx, &settings).map_err(payments::Error::from)?;
        let found = customers::list(tx, &customers::Filter::default(), None, 2)?;
        let [giver, other] = found.as_slice() else { return Ok(()) };
        let (giver, other) = (giver.customer.contact.clone(), &other.customer);
        let line = ::cards::sold(tx, Channel::Shop, value, &gift).map_err(payments::Error::from)?;
        let draft = Draft { extras: vec![line], customer: giver, ..Draft::new(Channel::Shop, Vec::new()) };
        let sale = payments::checkout(tx, &draft, "manual", &[], policy)?;
        if let Some(begun) = sale.payment {
            payments::confirm(tx, begun.payment.id)?;
        }
        let sold = ::cards::of_order(tx, sale.placed.order).map_err(payments::Error::from)?;
        if let Some(card) = sold.first() {
            spend(tx, other, &card.code, policy)?;
        }
        let given = ByHand {
            kind: CardKind::StoreCredit,
            value: credit,
            customer: Some(other.id),
            reason: Line::clone(&reason),
            given: Given::Goodwill,
        };
        ::cards::give(tx, &given).map_err(payments::Error::from)?;
        Ok::<_, Error>(())
    };
    Ok(soko.app.db.write(scope, story).await?)
}

/// An order of goods that are never sold out; the card pays all of it.
fn spend(tx: &mut Tx, buyer: &Customer, code: &Code, policy: Sandbox) -> Result<(), Error> {
    let offered = catalog::Filter { state: Some(catalog::State::Active), ..catalog::Filter::default() };
    for summary in catalog::list(tx, &offered, None, 50)? {
        let product = catalog::product(tx, summary.id)?;
        let Some(goods) = product.variants.iter().find(|variant| !variant.details.tracked) else { continue };
        let lines = vec![Wanted::variant(goods.id, Quantity::units(3))];
        let draft = Draft { customer: buyer.contact.clone(), ..Draft::new(Channel::Shop, lines) };
        payments::checkout(tx, &draft, "cod", std::slice::from_ref(code), policy)?;
        break;
    }
    Ok(())
}

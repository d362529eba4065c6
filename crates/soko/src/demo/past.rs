//! One merchant's past: what customers and staff did, through the same operations that the shop and the back office call.

use base::{Language, Line, Money, Quantity};
use catalog::{
    Image, Unit, VariantId,
    images::{self, Developed},
};
use coupons::{CampaignId, CouponCode};
use db::{Actor, Db, FixedClock, Origin, Scope, TenantId, Tx};
use futures_util::future::try_join_all;
use operations::Error;
use orders::{
    Cancel, CancelReason, Channel, Customer, Draft, Extent, MoneyBack, NamedDiscount, OrderId, RefundWanted,
    Shipping, ShippingMethod, Step, Taken, Wanted, Wish,
    pricing::{Discount, Kind},
};
use payments::{
    CheckedOut, Method, PaymentId,
    sandbox::{ChargeId, Decision, Delivery},
};
use people::RoleAt;
use shop::look::{Said, Shot};
use spine::{
    jobs::{self, Context, Outcome},
    ledger::Account,
};
use stock::{Adjustment, Change, Reason};

use super::{
    Result, campaign,
    chance::Chance,
    pictures::{self, Still},
    sample::Sample,
};
use crate::wiring::Soko;

const MINUTE_S: i64 = 60;
const HOUR_S: i64 = 3600;
const DAY_S: i64 = 24 * HOUR_S;
/// By then a payment in the sandbox has ended, one way or the other.
const SANDBOX_S: i64 = 16 * MINUTE_S;
/// So few are left when more is to be ordered.
const REORDER_AT: Quantity = Quantity::units(6);
/// How long a worker has a job; nobody else is there to take it.
const LEASE_S: i64 = 120;

/// Something that happens.
#[derive(Debug, Clone)]
pub enum Deed {
    /// Somebody orders something.
    Order,
    /// Somebody asks for a coupon.
    Ask,
    Redeem(CouponCode),
    /// The payer says under which reference the money was sent.
    Claim(PaymentId),
    Confirm(PaymentId),
    Decline(PaymentId),
    /// The payer's word on the sandbox's page.
    Decide(ChargeId, Decision, Delivery),
    Pack(OrderId),
    Ship(OrderId),
    HandOver(OrderId),
    /// The cash of an order comes in.
    Collect(PaymentId),
    Cancel(OrderId, CancelReason),
    /// Part of an order comes back.
    Refund(OrderId, Method),
    /// New goods arrive.
    Delivery,
    /// What the outbox promised is done, what ran out of time ends.
    Night,
}

/// The pictures of the goods in their order, drawn and developed by all cores.
async fn developed(sample: &'static Sample, tenant: TenantId) -> Result<Vec<Developed>> {
    /// Few enough that none is told to come back later.
    const AT_ONCE: usize = 8;
    let stills: Vec<(Still, &str)> = sample.stills().collect();
    let mut all = Vec::with_capacity(stills.len());
    for some in stills.chunks(AT_ONCE) {
        let each = some.iter().map(|(still, title)| {
            let (still, title) = (*still, *title);
            async move {
                let drawn = tokio::task::spawn_blocking(move || pictures::still_life(still, title));
                Ok::<_, Box<dyn std::error::Error + Send + Sync>>(
                    images::develop(tenant, drawn.await??.into()).await?,
                )
            }
        });
        all.extend(try_join_all(each).await?);
    }
    Ok(all)
}

/// What happens next, and how many seconds later.
type Next = Vec<(i64, Deed)>;

/// Something to buy.
struct Item {
    variant: VariantId,
    unit: Unit,
}

pub struct Past {
    sample: &'static Sample,
    tenant: TenantId,
    owner: Actor,
    items: Vec<Item>,
    campaign: CampaignId,
    chance: Chance,
}

impl Past {
    /// Puts the goods on the shelves, one a minute, and says how payers pay.
    pub async fn begin(
        soko: &Soko,
        sample: &'static Sample,
        tenant: TenantId,
        seed: u64,
        clock: &FixedClock,
    ) -> Result<Self> {
        let (db, currency) = (&soko.house.db, sample.currency.parse()?);
        let system =
            Scope { tenant, actor: Actor::system(), origin: Origin::default(), reach: db::Reach::Everywhere };
        let members = db.read(system.clone(), |rx| people::members::list(rx, None, 10)).await?;
        let owner = members.first().ok_or("the business has no owner")?.id;
        let owner_name: Line<120> = sample.owner.parse()?;
        let rename = move |tx: &mut Tx<'_>| people::members::rename(tx, owner, owner_name.clone());
        db.write(system.clone(), rename).await?;
        let owner = Actor::new(format!("member:{owner}"));
        let campaign = campaign::begin(db, Scope { actor: owner.clone(), ..system }).await?;
        let chance = Chance::new(seed);
        let mut past = Self { sample, tenant, owner, items: Vec::new(), campaign, chance };
        past.set_up(db).await?;
        let shelf = soko.house.shelf.clone();
        let mut pictures = developed(sample, tenant).await?;
        let mut shots = Vec::new();
        // shops show the newest first
        for mut draft in sample.drafts()?.into_iter().rev() {
            clock.advance_s(MINUTE_S);
            if let Some(picture) = pictures.pop() {
                let mut shot = Shot::of(&picture.measures);
                shot.alt = Said::in_one(Language::Fr, draft.details.title.as_str());
                shots.push(shot);
                let kept = images::keep_developed(&soko.app, past.staff(), picture).await?;
                draft.details.images = vec![Image { address: kept.address, alt: None }];
            }
            let shelf = shelf.clone();
            let create = move |tx: &mut Tx<'_>| {
                let product = catalog::create(tx, &*shelf, currency, &draft)?;
                // what is counted is to be ordered before the last few are gone
                let place = stock::default_location(tx)?;
                for variant in product.variants.iter().filter(|variant| variant.details.tracked) {
                    stock::set_reorder(tx, variant.id, place, Some(REORDER_AT))?;
                }
                Ok::<_, Error>(product)
            };
            let product = db.write(past.staff(), create).await?;
            let item = |variant: &catalog::Variant| Item { variant: variant.id, unit: variant.details.unit };
            past.items.extend(product.variants.iter().map(item));
        }
        campaign::promote(db, past.staff(), past.campaign).await?;
        past.compose(soko, shots).await?;
        Ok(past)
    }

    /// The front page with a table full of goods above it, and some of them further down.
    async fn compose(&self, soko: &Soko, mut goods: Vec<Shot>) -> Result {
        const IN_GALLERY: usize = 6;
        let looks: Vec<Still> = self.sample.looks.iter().map(|(_, still)| *still).take(3).collect();
        let table = tokio::task::spawn_blocking(move || pictures::long_table(&looks)).await??;
        let table = images::develop(self.tenant, table.into()).await?;
        let header = Shot::of(&table.measures);
        images::keep_developed(&soko.app, self.staff(), table).await?;
        goods.truncate(IN_GALLERY);
        let front = self.sample.front;
        Ok(soko.house.db.write(self.staff(), move |tx| front.compose(tx, &header, &goods)).await?)
    }

    async fn set_up(&self, db: &Db) -> Result {
        let (codes, instructions) = (self.sample.tax_codes()?, self.sample.instructions);
        let invited = self.sample.invited.iter().map(|(name, role)| Ok((name.parse::<Line<120>>()?, *role)));
        let invited = invited.collect::<Result<Vec<_>>>()?;
        let (zones, opening) = (self.sample.zones()?, self.sample.opening()?);
        let set_up = move |tx: &mut Tx<'_>| {
            codes.iter().try_for_each(|code| catalog::put_tax_code(tx, code))?;
            payments::set_method(tx, Method::Manual, true, instructions)?;
            zones.iter().try_for_each(|zone| orders::add_zone(tx, zone).map(drop))?;
            let first = stock::default_location(tx)?;
            stock::set_opening(tx, first, opening.clone())?;
            for (name, role) in &invited {
                people::members::invite(tx, name.clone(), vec![RoleAt::everywhere(*role)])?;
            }
            Ok::<_, Error>(())
        };
        Ok(db.write(self.staff(), set_up).await?)
    }

    fn scope(&self, actor: Actor, address: &str) -> Scope {
        // addresses that are kept for documentation (RFC 5737)
        Scope {
            tenant: self.tenant,
            actor,
            origin: Origin { address: address.to_owned(), request: String::new() },
            reach: db::Reach::Everywhere,
        }
    }

    fn staff(&self) -> Scope {
        self.scope(self.owner.clone(), "192.0.2.10")
    }

    fn visitor(&self) -> Scope {
        self.scope(Actor::visitor(), "198.51.100.7")
    }

    fn system(&self) -> Scope {
        self.scope(Actor::system(), "")
    }

    /// Does `deed` now and says what follows from it.
    pub async fn live(&mut self, soko: &Soko, deed: Deed) -> Result<Next> {
        let db = &soko.house.db;
        match deed {
            Deed::Order => return self.order(soko).await,
            Deed::Ask => return self.ask(soko).await,
            Deed::Redeem(code) => {
                let amount = self.bought()?;
                campaign::redeem(db, self.staff(), code, amount).await?;
            }
            Deed::Claim(payment) => {
                let reference: Line<120> =
                    format!("PP{:06}.{:04}", self.chance.below(1_000_000), self.chance.below(10_000))
                        .parse()?;
                self.write(db, self.visitor(), move |tx| Ok(payments::claim(tx, payment, &reference)?))
                    .await?;
            }
            Deed::Confirm(payment) => {
                self.write(db, self.staff(), move |tx| Ok(payments::confirm(tx, payment).map(drop)?)).await?;
            }
            Deed::Decline(payment) => {
                let reason: Line<200> = "Aucun versement sous cette référence".parse()?;
                self.write(db, self.staff(), move |tx| Ok(payments::decline(tx, payment, &reason)?)).await?;
            }
            Deed::Decide(charge, decision, delivery) => {
                let decide = move |tx: &mut Tx<'_>| {
                    Ok(payments::sandbox::decide(tx, charge, decision, delivery).map(drop)?)
                };
                self.write(db, self.visitor(), decide).await?;
                self.work(soko).await?;
            }
            Deed::Pack(order) => self.step(db, order, Taken::step(Step::Pack)).await?,
            Deed::Ship(order) => {
                let carrier = Some(self.sample.carrier.parse()?);
                self.step(db, order, Taken { carrier, ..Taken::step(Step::Ship) }).await?;
            }
            Deed::HandOver(order) => self.step(db, order, Taken::step(Step::HandOver)).await?,
            Deed::Collect(payment) => {
                let drawer = Account::Cash("drawer".to_owned());
                let collect =
                    move |tx: &mut Tx<'_>| Ok(payments::collect(tx, payment, drawer.clone()).map(drop)?);
                self.write(db, self.staff(), collect).await?;
            }
            Deed::Cancel(order, reason) => {
                let cancel = Cancel { reason, restock: true, money: MoneyBack::ByHand };
                self.write(db, self.staff(), move |tx| Ok(orders::cancel(tx, order, &cancel).map(drop)?))
                    .await?;
            }
            Deed::Refund(order, method) => {
                self.write(db, self.staff(), move |tx| give_back(tx, order, method)).await?;
                self.work(soko).await?;
            }
            Deed::Delivery => self.write(db, self.staff(), receive).await?,
            Deed::Night => self.night(soko).await?,
        }
        Ok(Next::new())
    }

    async fn write(
        &self,
        db: &Db,
        scope: Scope,
        body: impl Fn(&mut Tx<'_>) -> Result<(), Error> + Send + 'static,
    ) -> Result {
        Ok(db.write(scope, body).await?)
    }

    async fn step(&self, db: &Db, order: OrderId, taken: Taken) -> Result {
        self.write(db, self.staff(), move |tx| Ok(orders::fulfil(tx, order, &taken).map(drop)?)).await
    }

    async fn order(&mut self, soko: &Soko) -> Result<Next> {
        let (percent, sample) = (self.chance.below(100), self.sample);
        let method = match percent {
            cash if cash < sample.on_delivery => Method::Cod,
            by_hand if by_hand < sample.on_delivery + sample.by_hand => Method::Manual,
            _ => Method::Sandbox,
        };
        let draft = self.draft(method)?;
        let is_delivery = draft.shipping.method == ShippingMethod::Delivery;
        let scope = if draft.channel == Channel::Office { self.staff() } else { self.visitor() };
        let policy = soko.desk.policy;
        let place = move |tx: &mut Tx<'_>| {
            Ok::<_, Error>(payments::checkout(tx, &draft, method.name(), &[], policy)?)
        };
        match soko.house.db.write(scope.clone(), place).await {
            // somebody else had the last one: this customer goes away
            Err(Error::Payments(payments::Error::Order(orders::Error::OutOfStock { .. }))) => Ok(Next::new()),
            Err(error) => Err(error.into()),
            Ok(CheckedOut { payment: None, .. }) => Ok(Next::new()),
            Ok(CheckedOut { placed, payment: Some(begun) }) => {
                let payment = begun.payment.id;
                Ok(match method {
                    Method::Cod => self.after_cash(placed.order, payment, is_delivery),
                    Method::Manual => self.after_transfer(placed.order, payment, is_delivery),
                    Method::Sandbox => {
                        let started = soko.desk.start(&scope, begun, None).await?;
                        let charge =
                            started.payment.provider_ref.ok_or("the sandbox took no charge")?.parse()?;
                        self.after_sandbox(placed.order, charge)
                    }
                    // a card pays at once and leaves no attempt
                    Method::GiftCard => Next::new(),
                })
            }
        }
    }

    /// The way goods take once they may leave, from `from_s` on; the last moment comes with it.
    fn way(&mut self, order: OrderId, is_delivery: bool, from_s: i64) -> (Next, i64) {
        let packed = from_s + self.chance.between(30 * MINUTE_S, 3 * HOUR_S);
        let left = packed + self.chance.between(HOUR_S, 5 * HOUR_S);
        let there = left + self.chance.between(HOUR_S, 20 * HOUR_S);
        let mut way = vec![(packed, Deed::Pack(order)), (there, Deed::HandOver(order))];
        if is_delivery {
            way.push((left, Deed::Ship(order)));
        }
        (way, there)
    }

    fn after_cash(&mut self, order: OrderId, payment: PaymentId, is_delivery: bool) -> Next {
        if self.chance.happens(6) {
            return vec![(
                self.chance.between(HOUR_S, 2 * HOUR_S),
                Deed::Cancel(order, CancelReason::Customer),
            )];
        }
        let (mut next, there) = self.way(order, is_delivery, 0);
        if is_delivery && self.chance.happens(7) {
            next.retain(|(_, deed)| !matches!(deed, Deed::HandOver(_)));
            next.push((there, Deed::Cancel(order, CancelReason::Refused)));
            return next;
        }
        next.push((there + MINUTE_S, Deed::Collect(payment)));
        if self.chance.happens(6) {
            next.push((
                there + self.chance.between(4 * HOUR_S, 40 * HOUR_S),
                Deed::Refund(order, Method::Cod),
            ));
        }
        next
    }

    fn after_transfer(&mut self, order: OrderId, payment: PaymentId, is_delivery: bool) -> Next {
        // whoever never pays is ended by the night after 72 hours
        if self.chance.happens(12) {
            return Next::new();
        }
        let claimed = self.chance.between(5 * MINUTE_S, 2 * HOUR_S);
        let looked = claimed + self.chance.between(10 * MINUTE_S, 6 * HOUR_S);
        if self.chance.happens(7) {
            return vec![(claimed, Deed::Claim(payment)), (looked, Deed::Decline(payment))];
        }
        let (mut next, there) = self.way(order, is_delivery, looked);
        next.extend([(claimed, Deed::Claim(payment)), (looked, Deed::Confirm(payment))]);
        if self.chance.happens(6) {
            next.push((
                there + self.chance.between(4 * HOUR_S, 40 * HOUR_S),
                Deed::Refund(order, Method::Manual),
            ));
        }
        next
    }

    fn after_sandbox(&mut self, order: OrderId, charge: ChargeId) -> Next {
        let decided = self.chance.between(20, 4 * MINUTE_S);
        let decision = match self.chance.below(10) {
            0 => Decision::Decline,
            1 => Decision::Lapse,
            _ => Decision::Approve,
        };
        let delivery = match self.chance.below(4) {
            0 => Delivery::Twice,
            1 => Delivery::Late,
            _ => Delivery::Once,
        };
        // a late callback comes half a minute later
        let mut next = vec![
            (decided, Deed::Decide(charge, decision, delivery)),
            (decided + 45, Deed::Night),
            (SANDBOX_S, Deed::Night),
        ];
        if matches!(decision, Decision::Approve) {
            let (way, there) = self.way(order, false, decided + MINUTE_S);
            next.extend(way);
            if self.chance.happens(25) {
                next.push((there + 6 * HOUR_S, Deed::Refund(order, Method::Sandbox)));
            }
        }
        next
    }

    fn draft(&mut self, method: Method) -> Result<Draft> {
        let mut lines: Vec<Wanted> = Vec::new();
        for _ in 0..self.chance.between(1, 5) {
            let Some(item) = self.chance.one_of(&self.items) else { continue };
            let (variant, unit) = (item.variant, item.unit);
            if lines.iter().all(|line| line.variant != Some(variant)) {
                lines.push(Wanted::variant(variant, self.quantity(unit)));
            }
        }
        let channel = match self.chance.below(10) {
            0 if method != Method::Sandbox => Channel::Office,
            1 => Channel::Api,
            _ => Channel::Shop,
        };
        let mut draft = Draft::new(channel, lines);
        let (name, phone) = *self.chance.one_of(self.sample.customers).ok_or("there are no customers")?;
        draft.customer = Customer {
            name: Some(name.parse()?),
            phone: Some(phone.parse()?),
            email: self.email(name)?,
            language: Some(base::Language::Fr),
        };
        if method != Method::Sandbox && self.chance.happens(60) {
            draft.shipping = self.shipping()?;
        }
        if channel == Channel::Office {
            let percent = base::tax::Rate::parse_percent("5").ok_or("five is a rate")?;
            let label = "Remise fidélité 5 %".parse()?;
            draft.discount = Some(NamedDiscount { label, discount: Discount::Percent(percent) });
        }
        if self.chance.happens(12) {
            draft.note = "Merci d'appeler avant de passer.".parse()?;
        }
        Ok(draft)
    }

    /// Somebody asks for a coupon; of three, two come with it within some days.
    async fn ask(&mut self, soko: &Soko) -> Result<Next> {
        let Some(customer) = self.chance.one_of(self.sample.customers).copied() else {
            return Ok(Next::new());
        };
        let asked = campaign::ask(&soko.house.db, self.visitor(), self.campaign, customer).await?;
        let comes = self.chance.happens(67);
        let later = self.chance.between(1, 5) * DAY_S;
        Ok(asked.filter(|_| comes).map(|code| (later, Deed::Redeem(code))).into_iter().collect())
    }

    /// What a customer with a coupon buys for: some meals, or some cloth.
    fn bought(&mut self) -> Result<Money> {
        let currency: base::Currency = self.sample.currency.parse()?;
        let minor = self.chance.between(9, 45) * if currency.exponent() == 0 { 10_000 } else { 100 };
        Ok(Money::new(minor, currency)?)
    }

    /// What the merchant wrote down about who owes most.
    pub async fn remember(&self, soko: &Soko) -> Result {
        let note = move |tx: &mut Tx<'_>| {
            let filter = customers::Filter {
                owes: true,
                order: customers::Order::Owes,
                ..customers::Filter::default()
            };
            let debtors = customers::list(tx, &filter, None, 1)?;
            let Some(first) = debtors.first() else { return Ok(()) };
            let words = "Paie en deux fois, toujours honnête. Appeler après 18 h.".parse();
            let words: customers::NoteText = words.map_err(|_| customers::Error::UnknownNote)?;
            customers::write_note(tx, first.customer.id, &words).map(drop)
        };
        Ok(soko.house.db.write(self.staff(), note).await?)
    }

    /// Every third customer leaves an address for mails.
    fn email(&mut self, name: &str) -> Result<Option<base::Email>> {
        if !self.chance.happens(33) {
            return Ok(None);
        }
        let words = base::words(name).join(".");
        Ok(Some(format!("{words}@example.org").parse()?))
    }

    fn shipping(&mut self) -> Result<Shipping> {
        let place = self.chance.one_of(self.sample.places).ok_or("there is no place")?;
        Ok(Shipping {
            method: ShippingMethod::Delivery,
            street: Line::parse_optional(place.street)?,
            quarter: Line::parse_optional(place.quarter)?,
            landmark: Line::parse_optional(place.landmark)?,
            city: Line::parse_optional(place.city)?,
            postcode: Line::parse_optional(place.postcode)?,
            country: Some(self.sample.country.parse()?),
            ..Shipping::default()
        })
    }

    fn quantity(&mut self, unit: Unit) -> Quantity {
        match unit {
            Unit::Kilogram | Unit::Litre => Quantity::thousandths(250 * self.chance.between(2, 10)),
            Unit::Metre | Unit::SquareMetre | Unit::Hour => {
                Quantity::thousandths(500 * self.chance.between(2, 12))
            }
            Unit::Pair | Unit::Pack => Quantity::ONE,
            Unit::Piece | Unit::Gram | Unit::Millilitre => Quantity::units(self.chance.between(1, 3)),
        }
    }

    async fn night(&self, soko: &Soko) -> Result {
        let end = |tx: &mut Tx<'_>| {
            orders::sweep(tx)?;
            Ok(payments::expire_due(tx)?)
        };
        self.write(&soko.house.db, self.system(), end).await?;
        self.work(soko).await
    }

    /// Does what the outbox promises. Mails count as sent: nobody of the past gets any.
    async fn work(&self, soko: &Soko) -> Result {
        let (db, desk) = (&soko.house.db, &soko.desk);
        loop {
            let due = db.write(self.system(), |tx| jobs::claim(tx, LEASE_S, 50)).await?;
            if due.is_empty() {
                return Ok(());
            }
            let mut done = Vec::with_capacity(due.len());
            for job in due {
                let context = Context {
                    scope: self.system(),
                    id: job.id,
                    kind: job.kind.clone(),
                    payload: job.payload.clone(),
                    attempt: job.attempt,
                    cause: job.cause.clone(),
                };
                let outcome = match job.kind.as_str() {
                    payments::POLL_JOB => desk.clone().poll(context).await,
                    payments::CALLBACK_JOB => desk.clone().deliver(context).await,
                    payments::REFUND_JOB => desk.clone().refund(context).await,
                    _ => Outcome::Done,
                };
                done.push((job, outcome));
            }
            db.write(self.system(), move |tx| jobs::finish(tx, &done)).await?;
        }
    }
}

/// Gives the first line back: what is counted in pieces as goods, the rest as half its price.
fn give_back(tx: &mut Tx<'_>, id: OrderId, method: Method) -> Result<(), Error> {
    let whole = orders::whole(tx, id)?;
    let Some(line) = whole.lines.iter().find(|line| line.kind == Kind::Goods) else { return Ok(()) };
    let in_pieces = matches!(line.unit, Unit::Piece | Unit::Pair | Unit::Pack);
    let half = Money::new(line.gross.minor() / 2, whole.order.currency).map_err(orders::Error::from)?;
    let wish = if in_pieces { Wish::Quantity(Quantity::ONE) } else { Wish::Amount(half) };
    let by_provider = method == Method::Sandbox;
    let wanted = RefundWanted {
        extent: Extent::Lines(vec![(line.line, wish)]),
        restock: in_pieces,
        reason: if in_pieces { "Article rendu" } else { "Qualité décevante" }.to_owned(),
        money: if by_provider { MoneyBack::ByProvider } else { MoneyBack::ByHand },
    };
    let granted = orders::refund(tx, id, &wanted)?;
    if !by_provider {
        let (from, reference) = (method.capabilities().into, granted.refund.to_string());
        orders::refund_paid(tx, granted.refund, from, method.name(), &reference)?;
    }
    Ok(())
}

/// What runs low is filled up; what was sold out from the start stays so.
fn receive(tx: &mut Tx<'_>) -> Result<(), Error> {
    for (_, level) in stock::list(tx, None, None, 200)? {
        let low = Quantity::ZERO < level.on_hand && level.on_hand < Quantity::units(6);
        if low {
            let change = Change::By(Quantity::units(12));
            let note = "Arrivage de la semaine".parse().unwrap_or_default();
            let adjustment = Adjustment { change, reason: Reason::Received, note };
            stock::adjust(tx, level.variant, level.location, &adjustment)?;
        }
    }
    Ok(())
}

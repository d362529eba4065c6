//! Reports say what the ledger says, whatever happened in whatever order.

use base::{Money, Timestamp, Zone};
use catalog::VariantId;
use db::{Rx, Scope};
use orders::{
    Cancel, CancelReason, Extent, MoneyBack, OrderId, Terms,
    report::{self, By, Days, Figures, Period},
};
use proptest::prelude::*;
use spine::ledger::{self, Account, Book, Recorded};

use crate::world::{Shop, wish};

#[derive(Debug, Clone, Copy)]
enum Happens {
    Cod {
        goods: usize,
        units: i64,
    },
    Prepaid {
        goods: usize,
        units: i64,
    },
    /// So many percent of what is due, or more.
    Pays {
        order: usize,
        percent: i64,
    },
    Refund {
        order: usize,
        percent: i64,
    },
    RefundAll {
        order: usize,
    },
    Cancel {
        order: usize,
    },
    HoursGoBy(i64),
}

fn happens() -> impl Strategy<Value = Happens> {
    use Happens::*;
    let order = 0usize..8;
    prop_oneof![
        3 => (0usize..3, 1i64..5).prop_map(|(goods, units)| Cod { goods, units }),
        3 => (0usize..3, 1i64..5).prop_map(|(goods, units)| Prepaid { goods, units }),
        4 => (order.clone(), 20i64..130).prop_map(|(order, percent)| Pays { order, percent }),
        2 => (order.clone(), 1i64..100).prop_map(|(order, percent)| Refund { order, percent }),
        1 => order.clone().prop_map(|order| RefundAll { order }),
        2 => order.prop_map(|order| Cancel { order }),
        3 => (1i64..40).prop_map(HoursGoBy),
    ]
}

struct Story {
    shop: Shop,
    goods: Vec<VariantId>,
    orders: Vec<OrderId>,
    payments: u32,
}

impl Story {
    async fn begin() -> Self {
        let shop = Shop::open().await;
        let mut goods = Vec::new();
        for (title, price) in [("bread", 3_50), ("cake", 12_01), ("flour", 99)] {
            goods.push(shop.has(title, price, None).await);
        }
        Self { shop, goods, orders: Vec::new(), payments: 0 }
    }

    /// What cannot be done now is refused, which changes nothing.
    async fn goes_on(&mut self, happens: Happens) {
        let known = |order: usize| self.orders.get(order % self.orders.len().max(1)).copied();
        match happens {
            Happens::Cod { goods, units } => {
                self.orders.push(self.shop.cod(self.goods[goods], units).await.unwrap().order);
            }
            Happens::Prepaid { goods, units } => {
                let terms = Terms { test: goods == 2 && units == 4, ..self.shop.terms(Some(72 * 3600)) };
                let draft = wish(self.goods[goods], units);
                let placed = self.shop.write(move |tx| orders::place(tx, &draft, &terms)).await;
                self.orders.push(placed.unwrap().order);
            }
            Happens::Pays { order, percent } => {
                let Some(order) = known(order) else { return };
                self.payments += 1;
                let minor = self.shop.order(order).await.total.minor() * percent / 100;
                self.shop.pay(order, minor.max(1), &self.payments.to_string()).await.unwrap();
            }
            Happens::Refund { order, percent } => {
                let Some(order) = known(order) else { return };
                let minor = self.shop.order(order).await.paid.minor() * percent / 100;
                drop(self.shop.refund(order, Extent::Amount(self.shop.money(minor)), false).await);
            }
            Happens::RefundAll { order } => {
                let Some(order) = known(order) else { return };
                drop(self.shop.refund(order, Extent::Full, true).await);
            }
            Happens::Cancel { order } => {
                let Some(order) = known(order) else { return };
                let cancel =
                    Cancel { reason: CancelReason::Customer, restock: true, money: MoneyBack::ByHand };
                drop(self.shop.write(move |tx| orders::cancel(tx, order, &cancel)).await);
            }
            Happens::HoursGoBy(hours) => self.shop.sweep_after(hours * 3600).await,
        }
    }

    async fn figures(&self, period: Period) -> Figures {
        let currency = self.shop.currency;
        self.shop.read(move |rx| report::figures(rx, period, currency)).await.unwrap()
    }

    async fn entries(&self, period: Period) -> Vec<Recorded> {
        let filter = ledger::Filter {
            book: Book::Live,
            from: Some(period.from),
            to: Some(period.to),
            ..ledger::Filter::default()
        };
        self.shop.read(move |rx| Ok(ledger::entries(rx, &filter, None, 1000)?)).await.unwrap()
    }

    /// The report of `period` and the entries of the ledger's live book in it.
    async fn agrees_with_the_ledger(&self, period: Period) {
        let (figures, entries) = (self.figures(period).await, self.entries(period).await);
        let sum = |kinds: &[&str], of: fn(&Account) -> bool| -> i64 {
            let entries = entries.iter().filter(|entry| kinds.contains(&entry.kind.as_str()));
            let postings = entries.flat_map(|entry| &entry.postings).filter(|posting| of(&posting.account));
            postings.map(|posting| posting.amount.minor()).sum()
        };
        let sales = entries.iter().filter(|entry| entry.kind == "sale").count();
        assert_eq!(figures.sold.orders, sales as i64);
        let owed = |account: &Account| matches!(account, Account::Receivable(_));
        let income =
            |account: &Account| matches!(account, Account::Sales | Account::Delivery | Account::Rounding);
        let taken = |account: &Account| {
            matches!(account, Account::Sales | Account::Delivery | Account::Rounding | Account::SalesTax(_))
        };
        assert_eq!(figures.sold.gross.minor(), sum(&["sale"], owed), "gross");
        assert_eq!(figures.sold.net.minor(), -sum(&["sale"], income), "net");
        assert_eq!(figures.taken_back.minor(), sum(&["credit-note", "sale-undone"], taken), "taken back");
    }
}

/// The figures of `days` step by step, by goods with and without closed days, and in one.
async fn adds_up(story: &Story, days: Days) {
    let (zone, currency) = (Zone::utc(), story.shop.currency);
    let whole = story.figures(days.period(&zone).unwrap()).await.sold;
    for by in [By::Hour, By::Day, By::Month] {
        let steps =
            story.shop.read(move |rx| report::steps(rx, days, by, &Zone::utc(), currency)).await.unwrap();
        let gross = Money::sum(currency, steps.iter().map(|step| step.sold.gross)).unwrap();
        let orders: i64 = steps.iter().map(|step| step.sold.orders).sum();
        assert_eq!((orders, gross), (whole.orders, whole.gross), "{by:?}");
    }
    let best = async || {
        let read = move |rx: &mut Rx| report::best_sellers(rx, days, &Zone::utc(), currency, 100);
        story.shop.read(read).await.unwrap()
    };
    let open = best().await;
    while story.shop.write(move |tx| report::close_days(tx, days, &Zone::utc(), 3)).await.unwrap() {}
    assert!(!story.shop.read(move |rx| report::has_open_days(rx, days, &Zone::utc())).await.unwrap());
    assert_eq!(best().await, open);
    let gross = Money::sum(currency, open.iter().map(|seller| seller.gross)).unwrap();
    assert_eq!(gross, whole.gross);
    let methods = story
        .shop
        .read(move |rx| report::sold_by_method(rx, days.period(&Zone::utc()).unwrap(), currency))
        .await
        .unwrap();
    assert_eq!(Money::sum(currency, methods.iter().map(|method| method.gross)).unwrap(), whole.gross);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 64, ..ProptestConfig::default() })]

    #[test]
    fn reports_say_what_the_ledger_says(story in prop::collection::vec(happens(), 5..40), cut in 0i64..20) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let mut told = Story::begin().await;
            let began = told.shop.clock().now();
            for happens in story {
                told.goes_on(happens).await;
            }
            told.shop.clock().advance_s(1);
            let (now, cut) = (told.shop.clock().now(), began.plus_s(cut * 6 * 3600));
            for (from, to) in [(began, now), (began, cut), (cut, now.max(cut))] {
                told.agrees_with_the_ledger(Period { from, to }).await;
            }
            let zone = Zone::utc();
            adds_up(&told, Days { first: began.day(&zone), last: now.day(&zone) }).await;
            let currency = told.shop.currency;
            let unpaid = told.shop.read(move |rx| report::unpaid(rx, currency)).await.unwrap();
            let balances = told.shop.read(|rx| Ok(ledger::balances(rx, Book::Live)?)).await.unwrap();
            let owed = balances.iter().filter(|balance| matches!(balance.account, Account::Receivable(_)));
            prop_assert_eq!(unpaid.amount.minor(), owed.map(|balance| balance.amount.minor()).sum::<i64>());
            Ok(())
        })?;
    }
}

/// What a reader at `places` alone is told of `period`.
async fn at(shop: &Shop, places: &[&str], period: Period) -> Figures {
    let reach = db::Reach::At(places.iter().map(|place| (*place).to_owned()).collect());
    let scope = Scope { reach, ..shop.scope.clone() };
    let currency = shop.currency;
    shop.db().read(scope, move |rx| report::figures(rx, period, currency)).await.unwrap()
}

#[tokio::test]
async fn who_works_at_one_place_sees_its_figures_alone() {
    let shop = Shop::open().await;
    let bread = shop.has("bread", 3_50, None).await;
    shop.cod(bread, 2).await.unwrap();
    let (from, to) = (Timestamp::from_micros(0), shop.clock().now().plus_s(1));
    let period = Period { from, to };
    let here = at(&shop, &[&shop.location.to_string()], period).await;
    assert_eq!((here.sold.orders, here.sold.gross.minor()), (1, 7_00));
    assert_eq!(at(&shop, &["loc_01h2xcejqtf2nbrexx3vqjhp42"], period).await.sold.orders, 0);
}

#[tokio::test]
async fn a_day_is_added_up_anew_when_the_clock_is_another() {
    let shop = Shop::open_on_postgres().await;
    let bread = shop.has("bread", 3_50, None).await;
    shop.cod(bread, 2).await.unwrap();
    let day = shop.clock().now().day(&Zone::utc());
    shop.clock().advance_s(3 * 24 * 3600);
    let days = Days { first: day.plus_days(-1), last: day.plus_days(1) };
    let currency = shop.currency;
    let total = async |zone: &'static str| -> i64 {
        let zone: Zone = zone.parse().unwrap();
        let closing = zone.clone();
        shop.write(move |tx| report::close_days(tx, days, &closing, 31)).await.unwrap();
        let best = shop
            .read(move |rx| report::best_sellers(rx, Days { first: day, last: day }, &zone, currency, 5))
            .await;
        best.unwrap().iter().map(|seller| seller.gross.minor()).sum()
    };
    assert_eq!(total("UTC").await, 7_00);
    let elsewhere =
        if total("Pacific/Kiritimati").await == 0 { "Pacific/Kiritimati" } else { "Pacific/Pago_Pago" };
    assert_eq!(total(elsewhere).await, 0, "the sale was on another day there");
    assert_eq!(total("UTC").await, 7_00);
}

//! Orders: carts, prices, orders, their papers, fulfilment and refunds.
//!
//! An order is a priced promise. Placing it keeps its goods; it is a sale when it is **firm**: cash on delivery when
//! placed, everything else when paid in full. From then on only a refund (with its credit note) takes anything back.
//! Which provider moves money is not known here: payments says that money came ([`record_payment`]) and is asked to send
//! it back by a job `refund`, which it answers with [`refund_paid`] or [`refund_failed`].

mod basket;
mod books;
mod cart;
mod close;
mod customer;
mod delivery;
mod fulfil;
mod goods;
mod http;
mod link;
mod mail;
pub mod model;
mod order;
mod pages;
mod paper;
mod pay;
mod place;
pub mod pricing;
pub mod print;
pub mod promotion;
mod refund;
pub mod report;
mod sql;
pub mod stored;
pub mod wire;

pub use basket::{Lowered, Offer, offer};
pub use cart::{
    Cart, Counted, add_code, add_to_cart, cart, cart_by_token, close_cart, counted as counted_cart,
    draft_of_cart, open_cart, priced as priced_cart, remove_code, set_in_cart,
};
pub use close::{Cancel, cancel, expire, sweep};
pub use customer::OrderBook;
pub use delivery::{add_zone, edit_zone, move_zone, remove_zone, zone, zones};
pub use fulfil::{CASH_ON_DELIVERY, Taken, cash_reference, fulfil};
pub use http::{
    CancelOrder, Fulfil, GIFT_CARD_CODE, LOCALES, PrintWanted, Read, ReadDocuments, RefundOrder, SetMails,
    SetZones, Write, count_miss, count_try, is_card, may_try, pdf_of, press, routes, told_apart,
};
pub use link::{LINK_LASTS_S, Purpose, link, linked_order, linked_paper, paper_link, revoke_links};
pub use mail::{
    JOB as MAIL_JOB, MailWords, Placeholder, Template, Values as MailValues, Written,
    compose as compose_mail, deliver_mail, set_words as set_mail_words, write as write_mail,
};
pub use model::{
    CancelReason, CartId, Channel, Covers, Customer, Document, DocumentId, DocumentType, Draft, Extent,
    Extra, Fulfilment, FulfilmentId, FulfilmentState, MoneyBack, NamedDiscount, Note, Order, OrderDiscount,
    OrderId, OrderLine, PaymentState, Receipt, Refund, RefundId, RefundLine, RefundState, Shipping,
    ShippingMethod, Snapshot, Step, TakenTax, Terms, Wanted, Whole, Wish, Zone, ZoneDetails, ZoneError,
    ZoneId, refund::Wanted as RefundWanted,
};
pub use order::{
    Filter, Listed, Waits, come_since, customer_of, forget, last_number, lines, list, next_lapse, order,
    order_of, waiting, whole,
};
pub use pages::{DocumentPage, paper_title};
pub use paper::{document, documents_named, documents_of, issue};
pub use pay::{
    Payment, PaymentDue, PaymentEffect, choose_method, payment_announced, payment_due, record_payment,
    settle_by_cards,
};
pub use place::{FIRST_NUMBER, Placed, place, terms};
pub use refund::{BY_HAND, Granted, find as refund_of, refund, refund_failed, refund_paid};

/// The tables of this room.
pub const MIGRATIONS: &[db::Migration] = &[
    db::Migration::new("orders", 1, include_str!("../migrations/0001_orders.sql")),
    db::Migration::new("orders", 2, include_str!("../migrations/0002_links_revoked.sql")),
    db::Migration::new("orders", 3, include_str!("../migrations/0003_delivery.sql")),
    db::Migration::new("orders", 4, include_str!("../migrations/0004_reports.sql")),
    db::Migration::new("orders", 5, include_str!("../migrations/0005_words.sql")),
    db::Migration::new("orders", 6, include_str!("../migrations/0006_customers.sql")),
    db::Migration::new("orders", 7, include_str!("../migrations/0007_mails.sql")),
    db::Migration::new("orders", 8, include_str!("../migrations/0008_codes.sql")),
    db::Migration::new("orders", 9, include_str!("../migrations/0009_stored.sql")),
];

/// Tables whose change outdates cached pages. No page that is cached shows an order.
pub const AREAS: &[(&str, db::Area)] = &[("zone", db::Area::Look)];

/// What this room brings to the database.
pub const SCHEMA: db::Schema =
    db::Schema { migrations: MIGRATIONS, directory_migrations: &[], areas: AREAS, lends: &[] };

/// Why an order did not do what was asked. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such order")]
    UnknownOrder,
    #[error("there is no such cart, or its time is over; start a new one")]
    UnknownCart,
    #[error("there is no such refund")]
    UnknownRefund,
    #[error("there is no such document")]
    UnknownDocument,
    #[error("you may not sell from this location; the owner of the business can allow it")]
    NotHere,
    #[error("this cart has become an order already")]
    CartOrdered { order: OrderId },
    #[error("nothing here is called {name}; name a variant or a SKU of the catalogue")]
    UnknownItem { name: String },
    #[error("{name} is not for sale now")]
    NotForSale { name: String },
    #[error("{name} is sold by the {unit}: choose another quantity")]
    WrongQuantity { name: String, unit: catalog::Unit },
    #[error("only {available} of {sku} can be had now")]
    OutOfStock { sku: String, available: base::Quantity },
    #[error("a delivery needs a street, a quarter or a landmark")]
    Unreachable,
    #[error("there is no such delivery zone")]
    UnknownZone,
    #[error("there is no such delivery zone; leave it out to have it found by the address")]
    NoSuchZone,
    #[error(
        "nothing is delivered to this address; fetch the order yourself, choose another address, or ask the shop"
    )]
    NotDeliveredThere,
    #[error("delivery to {zone} begins at {minimum}; add something, or fetch the order yourself")]
    BelowMinimum { zone: String, minimum: base::Money },
    #[error("orders are not handed out there; choose another location")]
    NotFetchedThere,
    #[error("the shop is closed for now and takes no orders. {words}")]
    ClosedForNow { words: String },
    #[error("this comes to {total} now; look at it again and order if you agree")]
    OtherTotal { total: base::Money },
    #[error("this order has ended; place a new one")]
    Ended { reason: Option<CancelReason> },
    #[error("only time makes an order expire; choose another reason")]
    NotAReason,
    #[error("this order is not paid yet")]
    NotFirm,
    #[error(transparent)]
    NoSuchStep(#[from] model::states::NoSuchStep),
    #[error("this order is in another currency")]
    OtherCurrency,
    #[error("a payment is above zero")]
    NothingPaid,
    #[error("no money of this order can go back")]
    NothingToRefund,
    #[error("this order cannot have a {kind} now")]
    NotIssued { kind: DocumentType },
    #[error(transparent)]
    Refused(#[from] promotion::Refusal),
    #[error(transparent)]
    Card(#[from] stored::Refusal),
    #[error("the room of the cards: {0}")]
    Cards(String),
    #[error("the room of the codes: {0}")]
    Promotions(String),
    #[error(transparent)]
    Zone(#[from] ZoneError),
    #[error("this is not a name: {0}")]
    Text(#[from] base::TextError),
    #[error(transparent)]
    Share(#[from] model::share::ShareError),
    #[error(transparent)]
    Pricing(#[from] pricing::PricingError),
    #[error(transparent)]
    Money(#[from] base::MoneyError),
    #[error(transparent)]
    Catalog(#[from] catalog::Error),
    #[error(transparent)]
    Stock(#[from] stock::Error),
    #[error(transparent)]
    Customers(#[from] customers::Error),
    #[error(transparent)]
    People(#[from] people::Error),
    #[error(transparent)]
    Ledger(#[from] spine::ledger::Error),
    #[error(transparent)]
    Holds(#[from] spine::holds::Error),
    #[error(transparent)]
    Keys(#[from] spine::keys::Error),
    #[error(transparent)]
    Print(#[from] print::Fault),
    #[error("the mail cannot be written as a page: {0}")]
    Page(#[from] askama::Error),
    #[error(transparent)]
    Db(#[from] db::Error),
}

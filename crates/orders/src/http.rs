//! Routes of orders: for applications below `/t/{slug}/api/v1`, for people below `/t/{slug}/admin`.

mod apart;
mod api;
mod carts;
mod delivery;
mod input;
mod mails;
mod make;
mod office;
mod print;

use edge::{Problem, Routes, Site};
use http::Method;

pub use apart::{GIFT_CARD_CODE, count_miss, count_try, is_card, may_try, told_apart};
pub use print::{Wanted as PrintWanted, pdf_of, press};

use crate::{Error, promotion::Refusal, stored};

edge::permission!(
    /// See orders, and who ordered.
    pub Read = "orders.read"
);
edge::permission!(
    /// Make orders for customers.
    pub Write = "orders.write"
);
edge::permission!(
    /// Pack, ship and hand over.
    pub Fulfil = "orders.fulfil"
);
edge::permission!(
    /// End orders before they are fulfilled.
    pub CancelOrder = "orders.cancel"
);
edge::permission!(
    /// Give money back.
    pub RefundOrder = "orders.refund"
);
edge::permission!(
    /// Say where the business delivers, and for which fee.
    pub SetZones = "orders.zones"
);
edge::permission!(
    /// Write the words of mails to customers.
    pub SetMails = "orders.mails"
);
edge::permission!(
    /// See receipts, invoices and credit notes.
    pub ReadDocuments = "documents.read"
);

/// The room's texts.
pub const LOCALES: edge::Locale = edge::locale!("orders");

/// Every route of this room.
pub fn routes() -> Routes {
    let api = Routes::new()
        .api(carts::__path_open, carts::open)
        .api(carts::__path_read, carts::read)
        .api(carts::__path_put_line, carts::put_line)
        .api(carts::__path_put_codes, carts::put_codes)
        .api(api::__path_list, api::list)
        .api(api::__path_read, api::read)
        .api(api::__path_of_customer, api::of_customer)
        .api(api::__path_fulfil, api::fulfil)
        .api(api::__path_cancel, api::cancel)
        .api(api::__path_refund, api::refund)
        .api(api::__path_refund_paid, api::refund_paid)
        .api(api::__path_documents, api::documents)
        .api(api::__path_issue, api::issue)
        .api(api::__path_document, api::document)
        .api(print::__path_api, print::api)
        .api(delivery::__path_list, delivery::list)
        .api(delivery::__path_read, delivery::read)
        .api(delivery::__path_add, delivery::add)
        .api(delivery::__path_edit, delivery::edit)
        .api(delivery::__path_remove, delivery::remove)
        .api(delivery::__path_put_position, delivery::put_position)
        .api(delivery::__path_quote, delivery::quote);
    let office = |path: &str| format!("/t/{{slug}}/admin{path}");
    api.page(Site::Office, &office("/orders"), Method::GET, office::list)
        .page(Site::Office, &office("/orders/new"), Method::GET, make::new)
        .page(Site::Office, &office("/orders/new"), Method::POST, make::create)
        .page(Site::Office, &office("/orders/packing-slips"), Method::GET, print::packing_slips)
        .page(Site::Office, &office("/orders/{id}"), Method::GET, office::show)
        .page(Site::Office, &office("/orders/{id}/packing-slip"), Method::GET, print::packing_slip)
        .page(Site::Office, &office("/orders/{id}/fulfil"), Method::POST, office::fulfil)
        .page(Site::Office, &office("/orders/{id}/cancel"), Method::POST, office::cancel)
        .page(Site::Office, &office("/orders/{id}/refunds"), Method::POST, office::refund)
        .page(Site::Office, &office("/orders/{id}/refunds/{refund}/paid"), Method::POST, office::refund_paid)
        .page(Site::Office, &office("/orders/{id}/link"), Method::POST, office::link)
        .page(Site::Office, &office("/orders/{id}/documents"), Method::POST, office::issue)
        .page(Site::Office, &office("/documents"), Method::GET, office::documents)
        .page(Site::Office, &office("/documents/{id}"), Method::GET, office::document)
        .page(Site::Office, &office("/documents/{id}/pdf"), Method::GET, print::document)
        .page(Site::Shop, "/t/{slug}/d/{link}", Method::GET, print::linked)
        .page(Site::Shop, "/t/{slug}/d/{link}/pdf", Method::GET, print::linked_pdf)
        .page(Site::Office, &office("/delivery"), Method::GET, delivery::page)
        .page(Site::Office, &office("/delivery/new"), Method::GET, delivery::new_zone)
        .page(Site::Office, &office("/delivery/new"), Method::POST, delivery::create_zone)
        .page(Site::Office, &office("/delivery/zones/{id}"), Method::GET, delivery::zone)
        .page(Site::Office, &office("/delivery/zones/{id}"), Method::POST, delivery::save_zone)
        .page(Site::Office, &office("/delivery/zones/{id}/position"), Method::POST, delivery::move_zone)
        .page(Site::Office, &office("/mails"), Method::GET, mails::list)
        .page(Site::Office, &office("/mails/edit"), Method::GET, mails::edit)
        .page(Site::Office, &office("/mails/edit"), Method::POST, mails::save)
        .words(LOCALES)
        .nav(edge::Section::Orders, "orders-nav-orders", "/orders", "orders.read")
        .nav(edge::Section::Orders, "orders-nav-documents", "/documents", "documents.read")
        .nav(edge::Section::Settings, "orders-nav-delivery", "/delivery", "orders.zones")
        .nav(edge::Section::Settings, "orders-nav-mails", "/mails", "orders.mails")
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unknown { .. } => Self::not_found(apart::UNKNOWN, refusal),
            Refusal::GiftCard => Self::conflict(GIFT_CARD_CODE, refusal),
            Refusal::AlreadyRedeemed { .. } => Self::conflict("already-redeemed", refusal),
            Refusal::InUse { .. } => Self::conflict("in-use", refusal),
            Refusal::Expired { .. } => Self::conflict("expired", refusal),
            Refusal::Cancelled { .. } => Self::conflict("code-cancelled", refusal),
            Refusal::Paused { .. } => Self::conflict("campaign-paused", refusal),
            Refusal::LimitReached => Self::conflict("limit-reached", refusal),
            Refusal::NotYet { .. } => Self::conflict("code-not-yet", refusal),
            Refusal::UsedUp { .. } => Self::conflict("code-used-up", refusal),
            Refusal::HadAlready { .. } => Self::conflict("code-had-already", refusal),
            Refusal::ContactNeeded { .. } => Self::unprocessable("code-contact-needed", refusal),
            Refusal::NotHere { .. } => Self::conflict("not-here", refusal),
            Refusal::BelowMinimum { .. } => Self::conflict("code-below-minimum", refusal),
            Refusal::NothingToLower { .. } => Self::conflict("nothing-to-lower", refusal),
            Refusal::NotTogether { .. } => Self::conflict("codes-not-together", refusal),
            Refusal::TooMany => Self::unprocessable("too-many-codes", refusal),
        }
    }
}

impl From<stored::Refusal> for Problem {
    fn from(refusal: stored::Refusal) -> Self {
        use stored::Refusal::{
            Amount, Blocked, Coupon, Empty, Expired, NotHere, Spent, TooSmall, Unknown, Unpaid,
        };
        match refusal {
            Unknown { .. } => Self::not_found("card-unknown", refusal),
            Coupon => Self::conflict("card-is-coupon", refusal),
            Blocked { .. } => Self::conflict("card-blocked", refusal),
            Expired { .. } => Self::conflict("card-expired", refusal),
            Empty { .. } => Self::conflict("card-empty", refusal),
            TooSmall { .. } => Self::conflict("card-too-small", refusal),
            Spent { .. } => Self::conflict("card-spent", refusal),
            Unpaid => Self::conflict("card-unpaid", refusal),
            Amount => Self::unprocessable("card-amount-refused", refusal),
            NotHere => Self::conflict("cards-not-here", refusal),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::UnknownOrder => Self::not_found("order-unknown", error),
            Error::UnknownCart => Self::not_found("cart-unknown", error),
            Error::UnknownRefund => Self::not_found("refund-unknown", error),
            Error::UnknownDocument => Self::not_found("document-unknown", error),
            Error::NotHere => Self::forbidden("not-permitted-here", error),
            Error::CartOrdered { .. } => Self::conflict("cart-ordered", error),
            Error::UnknownItem { .. } => Self::unprocessable("item-unknown", error),
            Error::NotForSale { .. } => Self::conflict("not-for-sale", error),
            Error::WrongQuantity { .. } => Self::unprocessable("quantity-refused", error),
            Error::OutOfStock { .. } => Self::conflict("out-of-stock", error),
            Error::Unreachable => Self::unprocessable("address-missing", error),
            Error::UnknownZone => Self::not_found("zone-unknown", error),
            Error::NoSuchZone => Self::unprocessable("no-such-zone", error),
            Error::NotDeliveredThere => Self::unprocessable("not-delivered-there", error),
            Error::BelowMinimum { .. } => Self::unprocessable("below-minimum", error),
            Error::NotFetchedThere => Self::unprocessable("not-fetched-there", error),
            Error::ClosedForNow { .. } => Self::conflict("closed-for-now", error),
            Error::OtherTotal { .. } => Self::conflict("other-total", error),
            Error::Refused(refusal) => refusal.into(),
            Error::Card(refusal) => refusal.into(),
            Error::Zone(_) | Error::Text(_) => Self::unprocessable("zone-malformed", error),
            Error::Ended { .. } => Self::conflict("order-ended", error),
            Error::NotAReason => Self::unprocessable("reason-refused", error),
            Error::NotFirm => Self::conflict("order-not-paid", error),
            Error::NoSuchStep(_) => Self::conflict("order-state", error),
            Error::OtherCurrency => Self::unprocessable("other-currency", error),
            Error::NothingPaid => Self::unprocessable("nothing-paid", error),
            Error::NothingToRefund => Self::conflict("nothing-to-refund", error),
            Error::NotIssued { .. } => Self::conflict("document-not-issued", error),
            Error::Share(_) => Self::unprocessable("refund-refused", error),
            Error::Pricing(_) | Error::Money(_) => Self::unprocessable("order-malformed", error),
            Error::Catalog(error) => error.into(),
            Error::Customers(error) => error.into(),
            Error::Stock(stock::Error::OutOfStock { .. }) => Self::conflict("out-of-stock", error),
            Error::Db(error) => error.into(),
            Error::Stock(_)
            | Error::People(_)
            | Error::Ledger(_)
            | Error::Holds(_)
            | Error::Keys(_)
            | Error::Page(_)
            | Error::Promotions(_)
            | Error::Cards(_)
            | Error::Print(_) => Self::internal(error),
        }
    }
}

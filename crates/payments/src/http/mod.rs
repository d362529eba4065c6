//! Routes of payments: checkout and payments by API, the sandbox's page, callbacks, and what staff confirm.

mod api;
mod office;
mod sandbox;

use edge::{Problem, Routes, Site};
use http::Method as Verb;

use crate::Error;

pub fn routes() -> Routes {
    Routes::new()
        .api(api::__path_place_order, api::place_order)
        .api(api::__path_check_out_cart, api::check_out_cart)
        .api(api::__path_list_payments, api::list_payments)
        .api(api::__path_begin_payment, api::begin_payment)
        .api(api::__path_decide_payment, api::decide_payment)
        .api(api::__path_list_methods, api::list_methods)
        .api(api::__path_put_method, api::put_method)
        .page(Site::Api, "/t/{slug}/api/v1/callbacks/{method}/{token}", Verb::POST, api::hear_callback)
        .page(Site::Shop, "/t/{slug}/sandbox/{charge}", Verb::GET, sandbox::page)
        .page(Site::Shop, "/t/{slug}/sandbox/{charge}", Verb::POST, sandbox::decide)
        .page(Site::Office, "/t/{slug}/admin/payments", Verb::GET, office::payments)
        .page(Site::Office, "/t/{slug}/admin/orders/{id}/payments", Verb::GET, office::payments_of_order)
        .page(Site::Office, "/t/{slug}/admin/orders/{id}/payments", Verb::POST, office::take_card)
        .page(Site::Office, "/t/{slug}/admin/payments/{payment}", Verb::POST, office::decide)
        .page(Site::Office, "/t/{slug}/admin/payment-methods", Verb::GET, office::methods)
        .page(Site::Office, "/t/{slug}/admin/payment-methods/{method}", Verb::POST, office::save_method)
        .nav(edge::Section::Orders, "payments-nav", "/payments", "payments.read")
        .nav(edge::Section::Settings, "payment-methods-nav", "/payment-methods", "payments.settings")
        .words(crate::LOCALES)
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::UnknownPayment => Self::not_found("payment-unknown", error),
            Error::UnknownMethod(_) => Self::unprocessable("payment-method-unknown", error),
            Error::MethodOff(_) | Error::SandboxOff => Self::unprocessable("payment-method-off", error),
            Error::NothingDue => Self::conflict("nothing-due", error),
            Error::NoCode => Self::unprocessable("card-code-missing", &error).field("code", &error),
            Error::NoSwitch => Self::conflict("payment-method-fixed", error),
            Error::TooManyCards => Self::unprocessable("too-many-cards", error),
            Error::Card(cause) => cause.into(),
            Error::Settled(_) => Self::conflict("payment-settled", error),
            Error::NotByHand(_) => Self::conflict("payment-not-by-hand", error),
            Error::Order(cause) => cause.into(),
            Error::Business(cause) => cause.into(),
            Error::Keys(_) => Self::internal(error),
            Error::Db(cause) => cause.into(),
        }
    }
}

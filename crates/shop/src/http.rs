//! Routes of the storefront. Reading pages come from the cache; what is personal (cart, checkout, order) never does.

mod cards;
mod cart;
mod checkout;
mod codes;
mod front;
mod list;
mod lookup;
mod machines;
mod office;
mod order;
mod product;

pub use cards::BuyForm;

use edge::{App, Problem, Routes, Site, Visitor};
use http::Method as Verb;

use crate::{
    chrome::{Chrome, Furniture},
    contact,
};

pub fn routes() -> Routes {
    Routes::new()
        .page(Site::Shop, "/t/{slug}/", Verb::GET, front::front)
        .page(Site::Shop, "/t/{slug}", Verb::GET, front::door)
        .page(Site::Shop, "/t/{slug}/preview/{token}", Verb::GET, front::preview)
        .page(Site::Shop, "/t/{slug}/pages/{page}", Verb::GET, front::page)
        .page(Site::Shop, "/t/{slug}/products", Verb::GET, list::all)
        .page(Site::Shop, "/t/{slug}/categories/{category}", Verb::GET, list::category)
        .page(Site::Shop, "/t/{slug}/products/{handle}", Verb::GET, product::product)
        .page(Site::Shop, "/t/{slug}/cart", Verb::GET, cart::show)
        .page(Site::Shop, "/t/{slug}/cart", Verb::POST, cart::add)
        .page(Site::Shop, "/t/{slug}/cart/lines", Verb::POST, cart::change)
        .page(Site::Shop, "/t/{slug}/cart/codes", Verb::POST, codes::change)
        .page(Site::Shop, "/t/{slug}/checkout", Verb::GET, checkout::show)
        .page(Site::Shop, "/t/{slug}/checkout", Verb::POST, checkout::place)
        .page(Site::Shop, "/t/{slug}/gift-card", Verb::GET, cards::ask)
        .page(Site::Shop, "/t/{slug}/gift-card", Verb::POST, cards::buy)
        .page(Site::Shop, "/t/{slug}/gift-card/balance", Verb::GET, cards::ask_balance)
        .page(Site::Shop, "/t/{slug}/gift-card/balance", Verb::POST, cards::balance)
        .page(Site::Shop, "/t/{slug}/contact", Verb::GET, contact::page)
        .page(Site::Shop, "/t/{slug}/orders", Verb::GET, lookup::ask)
        .page(Site::Shop, "/t/{slug}/orders", Verb::POST, lookup::look_up)
        .page(Site::Shop, "/t/{slug}/orders/{token}", Verb::GET, order::show)
        .page(Site::Shop, "/t/{slug}/orders/{token}/documents/{id}", Verb::GET, order::document)
        .page(Site::Shop, "/t/{slug}/orders/{token}/documents/{id}/pdf", Verb::GET, order::document_pdf)
        .page(Site::Shop, "/t/{slug}/orders/{token}/pay", Verb::POST, order::pay)
        .page(Site::Shop, "/t/{slug}/orders/{token}/reference", Verb::POST, order::give_reference)
        .merge(machines::routes())
        .merge(office::routes())
        .words(crate::LOCALES)
}

/// The surroundings of a page that is one visitor's own.
async fn own_chrome(app: &App, visitor: &Visitor, rest: &str) -> Result<Chrome, Problem> {
    let language = visitor.language();
    let furniture = app.db.read(visitor.scope(), move |rx| Furniture::read(rx, language)).await?;
    Ok(Chrome::of(visitor, visitor.tenant().slug.as_str(), &furniture, rest).hidden())
}

//! Carts for applications. A cart is open to any key of the tenant: its id is a secret that only its maker knows.

use axum::extract::State;
use edge::{App, Created, Json, Path, Problem, Reader};
use serde::{Deserialize, Serialize};

use super::{count_miss, may_try, told_apart};
use crate::{CartId, Channel, cart, model::Wanted, place, promotion::Code, wire::CartView};

#[derive(Deserialize)]
pub struct CartPath {
    id: CartId,
}

/// What a new cart holds.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CartInput {
    lines: Vec<Wanted>,
}

/// A new cart, with the token that opens it for a visitor; it is shown here and never again.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewCart {
    #[serde(flatten)]
    cart: CartView,
    token: String,
}

fn view(rx: &mut db::Rx, id: CartId) -> Result<CartView, crate::Error> {
    let terms = place::terms(rx, None, None)?;
    let cart = cart::cart(rx, id)?;
    Ok(CartView::of(cart::counted(rx, cart, Channel::Api, &terms)?, terms.currency))
}

/// Opens a cart.
#[utoipa::path(post, path = "/t/{slug}/api/v1/carts", params(("slug" = String, Path)), request_body = CartInput,
    responses((status = 201, description = "The cart.", body = NewCart)))]
pub async fn open(
    State(app): State<App>,
    reader: Reader,
    Json(input): Json<CartInput>,
) -> Result<Created<NewCart>, Problem> {
    let work = move |tx: &mut db::Tx<'_>| {
        let (id, token) = cart::open_cart(tx)?;
        for wanted in &input.lines {
            cart::add_to_cart(tx, id, wanted)?;
        }
        Ok::<_, crate::Error>(NewCart { cart: view(tx, id)?, token })
    };
    let body = app.db.write(reader.scope(), work).await?;
    let location = format!("/t/{}/api/v1/carts/{}", reader.tenant().slug, body.cart.id);
    Ok(Created { location, body })
}

/// A cart, priced as it would be now.
#[utoipa::path(get, path = "/t/{slug}/api/v1/carts/{id}", params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 200, description = "The cart.", body = CartView)))]
pub async fn read(
    State(app): State<App>,
    reader: Reader,
    Path(path): Path<CartPath>,
) -> Result<Json<CartView>, Problem> {
    let work = move |rx: &mut db::Rx<'_>| view(rx, path.id);
    Ok(Json(app.db.read(reader.scope(), work).await?))
}

/// Makes the quantity of a variant in the cart this; zero takes it out.
#[utoipa::path(post, path = "/t/{slug}/api/v1/carts/{id}/lines", params(("slug" = String, Path), ("id" = String, Path)),
    request_body = Wanted,
    responses((status = 200, description = "The cart.", body = CartView),
        (status = 409, description = "The cart has become an order, or this is not for sale.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn put_line(
    State(app): State<App>,
    reader: Reader,
    Path(path): Path<CartPath>,
    Json(wanted): Json<Wanted>,
) -> Result<Json<CartView>, Problem> {
    let work = move |tx: &mut db::Tx<'_>| {
        cart::set_in_cart(tx, path.id, &wanted)?;
        view(tx, path.id)
    };
    Ok(Json(app.db.write(reader.scope(), work).await?))
}

/// The codes of a cart.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodesInput {
    /// All of them: one that is left out is taken away.
    #[schema(value_type = Vec<String>, max_items = 5)]
    codes: Vec<Code>,
}

/// Makes these the codes of the cart. One that does nothing for it refuses them all, and `code` says why.
#[utoipa::path(put, path = "/t/{slug}/api/v1/carts/{id}/codes", params(("slug" = String, Path), ("id" = String, Path)),
    request_body = CodesInput,
    responses((status = 200, description = "The cart.", body = CartView),
        (status = 409, description = "The cart has become an order, or a code does nothing for it.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn put_codes(
    State(app): State<App>,
    reader: Reader,
    Path(path): Path<CartPath>,
    Json(wanted): Json<CodesInput>,
) -> Result<Json<CartView>, Problem> {
    let (codes, tenant) = (wanted.codes.clone(), reader.tenant().id);
    let stranger = !reader.may("orders.write");
    if stranger {
        may_try(&app, &reader, tenant, &codes)?;
    }
    let work = move |tx: &mut db::Tx<'_>| {
        cart::set_codes(tx, path.id, codes.clone(), Channel::Api)?;
        view(tx, path.id)
    };
    match app.db.write(reader.scope(), work).await {
        Ok(view) => Ok(Json(view)),
        Err(error) => {
            let told = told_apart(&app, &reader, reader.scope(), error.into(), &wanted.codes).await;
            Err(if stranger { count_miss(&app, &reader, tenant, &wanted.codes, told) } else { told })
        }
    }
}

//! Products and variants for applications.

use axum::{Extension, extract::State};
use base::Money;
use edge::{App, Created, Json, List, May, PageQuery, Path, Permission, Problem, Query, Reader};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{OnShelf, Read, Write, currency, input::ProductInput, public_files};
use crate::{
    Bulk, CategoryId, Cursor, Error, Filter, Product, ProductId, State as ProductState, Summary, VariantId,
    model::VariantDetails, products,
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Words; each must begin a word of the product, accents and case aside.
    #[serde(default)]
    q: String,
    /// A category's id; what lies below it is in it, too.
    #[param(value_type = Option<String>)]
    category: Option<CategoryId>,
    /// Keys that may not see more than the shop get active products alone.
    state: Option<ProductState>,
    /// `newest` (as if left out) or `title`; by title only without words and category.
    #[serde(default)]
    #[param(inline)]
    order: Order,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
enum Order {
    #[default]
    Newest,
    Title,
}

/// Products, newest first.
#[utoipa::path(get, path = "/t/{slug}/api/v1/products", params(("slug" = String, Path), ListQuery, PageQuery),
    responses((status = 200, description = "A page of products.", body = List<Summary>)))]
pub async fn list(
    State(app): State<App>,
    reader: Reader,
    Query(query): Query<ListQuery>,
    Query(page): Query<PageQuery>,
) -> Result<impl axum::response::IntoResponse, Problem> {
    let state = if reader.may(Read::NAME) { query.state } else { Some(ProductState::Active) };
    let by_title = query.order == Order::Title;
    let state = if by_title { state.or(Some(ProductState::Active)) } else { state };
    let limit = page.limit();
    let after = page.after::<2>()?.and_then(Cursor::from_parts);
    let (category, words) = (query.category.map(|id| id.to_string()).unwrap_or_default(), query.q.clone());
    let known = [
        ("q", words.as_str()),
        ("category", &category),
        ("state", state.map(ProductState::name).unwrap_or_default()),
        ("order", if by_title { "title" } else { "" }),
        ("limit", &limit.to_string()),
        ("cursor", page.cursor.as_deref().unwrap_or_default()),
    ];
    let filter = Filter { state, search: query.q, category: query.category, by_title };
    let read = async || {
        let rows = app
            .db
            .read(reader.scope(), move |rx| products::list(rx, &filter, after.as_ref(), limit + 1))
            .await?;
        Ok::<_, Error>(Json(List::of(rows, limit, |last| last.cursor().parts())))
    };
    app.cached(&reader, &[db::Area::Catalog], &known, read).await
}

/// A product as a caller may see it: costs only for those who may.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct Seen(Product);

impl Seen {
    fn by(all: bool, mut product: Product, files: &str) -> Result<Self, Error> {
        if !all {
            if product.details.state != ProductState::Active {
                return Err(Error::UnknownProduct);
            }
            product.variants.retain(|variant| !variant.archived);
            product.variants.iter_mut().for_each(|variant| variant.details.cost = None);
        }
        Ok(Self(product.public(files)))
    }
}

#[derive(Deserialize)]
pub struct ProductPath {
    id: ProductId,
}

/// A product with its variants.
#[utoipa::path(get, path = "/t/{slug}/api/v1/products/{id}", params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 200, description = "The product.", body = Product)))]
pub async fn read(
    State(app): State<App>,
    reader: Reader,
    Path(path): Path<ProductPath>,
) -> Result<Json<Seen>, Problem> {
    let product = app.db.read(reader.scope(), move |rx| products::product(rx, path.id)).await?;
    let files = public_files(&app, &reader, reader.tenant().slug.as_str());
    Ok(Json(Seen::by(reader.may(Read::NAME), product, &files)?))
}

/// Makes a product. `{"title": "Hat", "variants": [{"sku": "H-1", "price": {"amount": 1250, "currency": "EUR"}, "stock": 3}]}`
#[utoipa::path(post, path = "/t/{slug}/api/v1/products", params(("slug" = String, Path)), request_body = ProductInput,
    responses((status = 201, description = "The product.", body = Product),
        (status = 409, description = "Another product has this handle or SKU.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn create(
    State(app): State<App>,
    may: May<Write>,
    Extension(shelf): OnShelf,
    Json(input): Json<ProductInput>,
) -> Result<Created<Product>, Problem> {
    let currency = currency(&may);
    let draft = input.draft(currency)?;
    let product =
        app.db.write(may.scope(), move |tx| products::create(tx, &*shelf, currency, &draft)).await?;
    let slug = &may.tenant().slug;
    Ok(Created {
        location: format!("/t/{slug}/api/v1/products/{}", product.id),
        body: product.public(&public_files(&app, &may, slug.as_str())),
    })
}

/// Changes what is given of a product.
#[utoipa::path(patch, path = "/t/{slug}/api/v1/products/{id}", params(("slug" = String, Path), ("id" = String, Path)),
    request_body = ProductInput, responses((status = 200, description = "The product.", body = Product),
        (status = 409, description = "Another product has this handle or SKU.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn change(
    State(app): State<App>,
    may: May<Write>,
    Extension(shelf): OnShelf,
    Path(path): Path<ProductPath>,
    Json(input): Json<ProductInput>,
) -> Result<Json<Product>, Problem> {
    let currency = currency(&may);
    let changed = app.db.write(may.scope(), move |tx| {
        let draft = input.clone().onto(products::product(tx, path.id)?.draft(), currency)?;
        products::update(tx, &*shelf, currency, path.id, &draft)?;
        products::product(tx, path.id)
    });
    Ok(Json(changed.await?.public(&public_files(&app, &may, may.tenant().slug.as_str()))))
}

/// Archives a product: it leaves the shop, and what was sold of it keeps its name.
#[utoipa::path(delete, path = "/t/{slug}/api/v1/products/{id}", params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 204, description = "It is archived.")))]
pub async fn archive(
    State(app): State<App>,
    may: May<Write>,
    Extension(shelf): OnShelf,
    Path(path): Path<ProductPath>,
) -> Result<StatusCode, Problem> {
    let currency = currency(&may);
    app.db.write(may.scope(), move |tx| products::archive(tx, &*shelf, currency, path.id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A variant and the product it belongs to.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VariantView {
    #[schema(value_type = String)]
    id: VariantId,
    #[schema(value_type = String)]
    product: ProductId,
    title: String,
    /// Whether it can be bought: the product is active, the variant not archived.
    active: bool,
    #[serde(flatten)]
    details: VariantDetails,
}

fn view(all: bool, product: &Product, id: VariantId, files: &str) -> Option<VariantView> {
    let variant = product.variants.iter().find(|variant| variant.id == id)?;
    let active = product.details.state == ProductState::Active && !variant.archived;
    let mut details = variant.details.clone();
    details.cost = details.cost.filter(|_: &Money| all);
    details.image = details.image.map(|address| address.public(files));
    let seen =
        VariantView { id, product: product.id, title: product.details.title.to_string(), active, details };
    (all || active).then_some(seen)
}

#[derive(Deserialize)]
pub struct VariantPath {
    id: VariantId,
}

/// One variant.
#[utoipa::path(get, path = "/t/{slug}/api/v1/variants/{id}", params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 200, description = "The variant.", body = VariantView)))]
pub async fn variant(
    State(app): State<App>,
    reader: Reader,
    Path(path): Path<VariantPath>,
) -> Result<Json<VariantView>, Problem> {
    let product = app.db.read(reader.scope(), move |rx| products::product_of_variant(rx, path.id)).await?;
    let files = public_files(&app, &reader, reader.tenant().slug.as_str());
    Ok(Json(view(reader.may(Read::NAME), &product, path.id, &files).ok_or(Error::UnknownVariant)?))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VariantQuery {
    /// The SKU that is looked for.
    sku: String,
}

/// The variant with an SKU, if there is one.
#[utoipa::path(get, path = "/t/{slug}/api/v1/variants", params(("slug" = String, Path), VariantQuery),
    responses((status = 200, description = "At most one.", body = List<VariantView>)))]
pub async fn variants(
    State(app): State<App>,
    reader: Reader,
    Query(query): Query<VariantQuery>,
) -> Result<Json<List<VariantView>>, Problem> {
    let found = app.db.read(reader.scope(), move |rx| {
        let Ok(sku) = query.sku.parse() else { return Ok(None) };
        let Some((variant, product)) = products::variant_with_sku(rx, &sku)? else { return Ok(None) };
        Ok::<_, Error>(Some((variant, products::product(rx, product)?)))
    });
    let files = public_files(&app, &reader, reader.tenant().slug.as_str());
    let items = found.await?.and_then(|(id, product)| view(reader.may(Read::NAME), &product, id, &files));
    Ok(Json(List { items: items.into_iter().collect(), next_cursor: None }))
}

/// One change to several products.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ManyProducts {
    #[schema(value_type = Vec<String>, max_items = 200)]
    products: Vec<ProductId>,
    change: Bulk,
}

/// How many of them it changed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Changed {
    changed: usize,
}

/// Changes several products at once, all or none.
#[utoipa::path(post, path = "/t/{slug}/api/v1/products/bulk", params(("slug" = String, Path)),
    request_body = ManyProducts, responses((status = 200, description = "Done.", body = Changed),
        (status = 404, description = "One of them is not there.", body = edge::ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The change does not fit one of them.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn change_many(
    State(app): State<App>,
    may: May<Write>,
    Extension(shelf): OnShelf,
    Json(wish): Json<ManyProducts>,
) -> Result<Json<Changed>, Problem> {
    let currency = currency(&may);
    let work =
        move |tx: &mut db::Tx| products::change_many(tx, &*shelf, currency, &wish.products, &wish.change);
    let changed = app.db.write(may.scope(), work).await?;
    Ok(Json(Changed { changed }))
}

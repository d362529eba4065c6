//! Pictures in the back office: on the page of their product, and how far those are that are fetched from addresses.

use axum::{
    Extension,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use edge::{App, Form, Json, May, Page, Path, Problem};
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;

use super::{
    OnShelf, Read, Write, currency,
    images::{ImageView, NewUpload, begun},
    office::{ProductPath, edit_page, office},
    public_files,
    sent::{Refused, Sent, by_script},
};
use crate::{
    Error, Image, ImageChange,
    http::ProductForm,
    images::{self, KnownImage},
    model::{ImageAddress, Line512},
    pages::PicturesPage,
    products,
};

/// The addresses of the pictures that were sent, and the last picture; or what is none.
async fn kept(
    app: &App,
    may: &May<Write>,
    sent: &Sent,
) -> Result<Result<(Vec<ImageAddress>, Option<KnownImage>), Refused>, Problem> {
    let images = match sent.keep(app, may.scope()).await? {
        Ok(images) => images,
        Err(refused) => return Ok(Err(refused)),
    };
    let mut addresses: Vec<ImageAddress> = images.iter().map(|image| image.address.clone()).collect();
    let typed = sent.address.trim();
    if !typed.is_empty() {
        match typed.parse() {
            Ok(address) => addresses.push(address),
            Err(_) => return Ok(Err(Refused { name: typed.to_owned(), key: "catalog-fetch-malformed" })),
        }
    }
    Ok(Ok((addresses, images.into_iter().next_back())))
}

/// Adds pictures to a product. Who asks for JSON, as the script does, gets the picture instead of the page.
pub async fn add(
    State(app): State<App>,
    may: May<Write>,
    Extension(shelf): OnShelf,
    Path(path): Path<ProductPath>,
    request: Request,
) -> Result<Response, Problem> {
    let product = app.db.read(may.scope(), move |rx| products::product(rx, path.id)).await?;
    let by_script = by_script(&request);
    let sent = Sent::read(&app, request).await?;
    let (addresses, last) = match kept(&app, &may, &sent).await? {
        Ok(kept) => kept,
        Err(refused) if by_script => {
            return Err(Problem::unprocessable(
                "image-refused",
                edge::text(may.language(), refused.key, &[]),
            ));
        }
        Err(refused) => {
            let mut page = edit_page(&app, &may, &product, ProductForm::of(&product), Vec::new()).await?;
            if let Some(section) = &mut page.images {
                section.refuse(&refused.name, refused.key, &sent.address);
            }
            return Ok(Page(page).with_status(StatusCode::UNPROCESSABLE_ENTITY));
        }
    };
    let (currency, new) = (currency(&may), addresses);
    let show = move |tx: &mut db::Tx| {
        for address in &new {
            let image = Image { address: address.clone(), alt: None };
            products::add_image(tx, &*shelf, currency, path.id, &image)?;
        }
        Ok::<_, Error>(())
    };
    app.db.write(may.scope(), show).await?;
    match last {
        Some(image) if by_script => {
            let files = public_files(&app, &may, may.tenant().slug.as_str());
            Ok(Json(ImageView::of(&image, &files)).into_response())
        }
        _ => Ok(edge::flash(&app, &product_page(&may, path), "catalog-saved")),
    }
}

fn product_page<P>(may: &May<P>, path: ProductPath) -> String {
    office(may, &format!("/products/{}#pictures", path.id))
}

#[derive(Deserialize)]
pub struct ChangeForm {
    address: String,
    #[serde(default)]
    alt: String,
    r#do: Deed,
}

/// What a button beside a picture does.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Deed {
    Alt,
    First,
    Earlier,
    Later,
    Remove,
}

/// Moves or removes one picture of a product, or says what it shows.
pub async fn change(
    State(app): State<App>,
    may: May<Write>,
    Extension(shelf): OnShelf,
    Path(path): Path<ProductPath>,
    Form(form): Form<ChangeForm>,
) -> Result<Response, Problem> {
    let currency = currency(&may);
    let done = app.db.write(may.scope(), move |tx| {
        let product = products::product(tx, path.id)?;
        let address: ImageAddress = form.address.parse().map_err(|_| Error::UnknownImage)?;
        let at = product.details.images.iter().position(|image| image.address == address);
        let at = at.ok_or(Error::UnknownImage)?;
        let change = match form.r#do {
            Deed::First => ImageChange::Place(0),
            Deed::Earlier => ImageChange::Place(at.saturating_sub(1)),
            Deed::Later => ImageChange::Place(at + 1),
            Deed::Remove => ImageChange::Remove,
            // what is longer than words for a picture are is cut where it ends to be one
            Deed::Alt => {
                let words: String = form.alt.trim().chars().take(300).collect();
                ImageChange::Alt(words.parse::<Line512>().ok())
            }
        };
        products::change_image(tx, &*shelf, currency, path.id, &address, &[change])
    });
    done.await?;
    Ok(edge::flash(&app, &product_page(&may, path), "catalog-saved"))
}

/// How far the pictures of the last import are; the page looks again by itself as long as some wait.
pub async fn progress(State(app): State<App>, may: May<Read>) -> Result<Response, Problem> {
    let progress = app.db.read(may.scope(), images::progress).await?;
    let waits = progress.waiting > 0;
    let frame = may.frame(edge::text(may.language(), "catalog-fetch-title", &[]));
    let page = PicturesPage { frame, may_write: may.may("catalog.write"), progress };
    let mut response = Page(page).into_response();
    if waits {
        response.headers_mut().insert(header::REFRESH, HeaderValue::from_static("5"));
    }
    Ok(response)
}

pub async fn try_again(State(app): State<App>, may: May<Write>) -> Result<Response, Problem> {
    app.db.write(may.scope(), images::try_again).await?;
    Ok(edge::redirect(&office(&may, "/products/pictures")))
}

/// Opens an upload in pieces for the page's script.
pub async fn begin(
    State(app): State<App>,
    may: May<Write>,
    Json(new): Json<NewUpload>,
) -> Result<Response, Problem> {
    let at = office(&may, "/uploads");
    begun(&app, &may, &at, new).await
}

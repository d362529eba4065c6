//! What machines read: the map of a shop for search engines, what they may look at, and the shop's service worker.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use catalog::ProductId;
use db::Area;
use edge::{Anyone, App, Problem, Query, Routes, Site, Visitor};
use http::{Method as Verb, header};
use serde::Deserialize;

use crate::{Error, look};

/// Addresses in one file, as the protocol of site maps allows.
const PER_FILE: u32 = 50_000;
/// Personal pages, and lists without end.
const HIDDEN: [&str; 4] = ["/cart", "/orders", "/preview/", "/products?"];

pub fn routes() -> Routes {
    Routes::new()
        .page(Site::Shop, "/robots.txt", Verb::GET, robots_of_all)
        .page(Site::Shop, "/t/{slug}/robots.txt", Verb::GET, robots)
        .page(Site::Shop, "/t/{slug}/sitemap.xml", Verb::GET, sitemap)
        .page(Site::Shop, "/t/{slug}/sitemap/pages.xml", Verb::GET, sitemap_of_pages)
        .page(Site::Shop, "/t/{slug}/sitemap/products.xml", Verb::GET, sitemap_of_products)
        .page(Site::Shop, "/t/{slug}/sw.js", Verb::GET, worker)
}

/// On a host that many shops share.
async fn robots_of_all(State(_app): State<App>, _anyone: Anyone) -> Response {
    let hidden = HIDDEN.map(|path| format!("Disallow: /t/*{path}\n")).concat();
    text(format!("User-agent: *\n{hidden}"))
}

async fn robots(State(_app): State<App>, visitor: Visitor) -> Response {
    let hidden = HIDDEN.map(|path| format!("Disallow: {}\n", visitor.shop_path(path))).concat();
    text(format!("User-agent: *\n{hidden}Sitemap: {}\n", visitor.shop_address("/sitemap.xml")))
}

fn text(body: String) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], body).into_response()
}

fn xml(body: String) -> Response {
    ([(header::CONTENT_TYPE, "application/xml; charset=utf-8")], body).into_response()
}

const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const MAPS: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";

/// The files of the map: the pages and categories, then the products in their thousands.
async fn sitemap(State(app): State<App>, visitor: Visitor) -> Result<Response, Problem> {
    let render = async || {
        let marks = app.db.read(visitor.scope(), |rx| catalog::marks(rx, PER_FILE)).await?;
        let names = ["pages.xml".to_owned(), "products.xml".to_owned()]
            .into_iter()
            .chain(marks.iter().map(|mark| format!("products.xml?after={mark}")));
        let files: String = names
            .map(|name| {
                let address = visitor.shop_address(&format!("/sitemap/{name}"));
                format!("<sitemap><loc>{}</loc></sitemap>\n", escaped(&address))
            })
            .collect();
        Ok::<_, Problem>(xml(format!("{XML}<sitemapindex xmlns=\"{MAPS}\">\n{files}</sitemapindex>\n")))
    };
    app.cached(&visitor, &[Area::Catalog], &[], render).await
}

async fn sitemap_of_pages(State(app): State<App>, visitor: Visitor) -> Result<Response, Problem> {
    let paths = app
        .db
        .read(visitor.scope(), |rx| {
            let pages = look::pages(rx)?.into_iter().map(|page| format!("/pages/{}", page.slug));
            let categories = catalog::categories(rx)?;
            let categories = categories.iter().map(|category| format!("/categories/{}", category.slug));
            let first = ["/".to_owned(), "/products".to_owned()];
            Ok::<_, Error>(first.into_iter().chain(pages).chain(categories).collect::<Vec<_>>())
        })
        .await?;
    Ok(map_of(&visitor, &paths))
}

#[derive(Debug, Default, Deserialize)]
struct Behind {
    #[serde(default)]
    after: Option<ProductId>,
}

async fn sitemap_of_products(
    State(app): State<App>,
    visitor: Visitor,
    Query(behind): Query<Behind>,
) -> Result<Response, Problem> {
    let read = move |rx: &mut db::Rx<'_>| catalog::handles_after(rx, behind.after, PER_FILE);
    let handles = app.db.read(visitor.scope(), read).await?;
    let paths: Vec<String> = handles.iter().map(|handle| format!("/products/{handle}")).collect();
    Ok(map_of(&visitor, &paths))
}

fn map_of(visitor: &Visitor, paths: &[String]) -> Response {
    let urls: String = paths
        .iter()
        .map(|path| format!("<url><loc>{}</loc></url>\n", escaped(&visitor.shop_address(path))))
        .collect();
    xml(format!("{XML}<urlset xmlns=\"{MAPS}\">\n{urls}</urlset>\n"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The script that shows pages seen before when there is no line. It lies where its scope is: in the shop.
async fn worker(State(_app): State<App>, _visitor: Visitor) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; connect-src 'self'"),
    ];
    (headers, edge::asset_bytes("worker.js")).into_response()
}

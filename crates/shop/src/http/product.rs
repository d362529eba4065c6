//! A product's page.

use axum::{extract::State, response::Response};
use base::{Money, Quantity};
use catalog::{Filter, Product, State as ProductState, Unit, Variant, VariantId};
use db::Area;
use edge::{App, Frame, Path, Problem, Visitor};
use orders::{Zone, ZoneDetails};
use serde_json::{Value, json};
use stock::Opening;

use crate::{
    Error,
    chrome::{Chrome, Furniture, Shown, breadcrumbs, quoted, whole_address},
    pages::product::{Offered, ProductPage, Promises, Stock},
};

/// Other products of its category below a product.
const RELATED: u32 = 4;
/// Zones whose fees a product tells; the page of the business has them all.
const ZONES_TOLD: usize = 4;
/// From so many on it is nobody's hurry how many are left.
const FEW: i64 = 5_000;

pub async fn product(
    State(app): State<App>,
    visitor: Visitor,
    Path((_, handle)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let known = [("handle", handle.as_str())];
    let areas = [Area::Catalog, Area::Stock, Area::Look];
    let render = async || product_page(&app, &visitor, &handle).await.map(Shown);
    app.cached(&visitor, &areas, &known, render).await
}

async fn product_page(app: &App, visitor: &Visitor, handle: &str) -> Result<ProductPage, Problem> {
    let wanted = handle.to_owned();
    let language = visitor.language();
    let (furniture, product, pictures, levels, related, ways) = app
        .db
        .read(visitor.scope(), move |rx| {
            let product = catalog::product_by_handle(rx, &wanted)?;
            if product.details.state != ProductState::Active {
                return Err(catalog::Error::UnknownProduct.into());
            }
            let furniture = Furniture::read(rx, language)?;
            let pictures = catalog::images::pictures_of(rx, product.id)?;
            let tracked: Vec<VariantId> = product
                .offered()
                .filter(|variant| variant.details.tracked)
                .map(|variant| variant.id)
                .collect();
            let levels = stock::levels(rx, &tracked)?;
            let home = product.details.categories.first();
            let category = furniture.categories.iter().find(|category| Some(&category.path) == home);
            let related = match category {
                Some(category) => {
                    let filter = Filter {
                        state: Some(ProductState::Active),
                        category: Some(category.id),
                        ..Filter::default()
                    };
                    catalog::list(rx, &filter, None, RELATED + 1)?
                }
                None => Vec::new(),
            };
            let ways = (orders::zones(rx)?, stock::opening(rx)?);
            Ok::<_, Error>((furniture, product, pictures, levels, related, ways))
        })
        .await?;
    let frame = visitor.frame(product.details.title.as_str());
    let rest = format!("/products/{handle}");
    let offered: Vec<Offered> = product
        .offered()
        .map(|variant| {
            let left = levels
                .iter()
                .filter(|level| level.variant == variant.id)
                .fold(0, |sum, level| sum + level.available.in_thousandths());
            offered(&frame, variant, Quantity::thousandths(left))
        })
        .collect();
    let crumbs: Vec<(String, String)> = product
        .details
        .categories
        .first()
        .map(|path| path.line())
        .unwrap_or_default()
        .iter()
        .filter_map(|path| furniture.categories.iter().find(|category| category.path == *path))
        .map(|category| (category.path.name().to_owned(), format!("/categories/{}", category.slug)))
        .collect();
    let steps: Vec<(String, String)> = [(frame.brand.clone(), "/".to_owned())]
        .into_iter()
        .chain(crumbs.iter().cloned())
        .chain([(product.details.title.to_string(), rest.clone())])
        .map(|(name, path)| (name, visitor.shop_address(&path)))
        .collect();
    let mut chrome = Chrome::of(visitor, visitor.tenant().slug.as_str(), &furniture, &rest);
    let address = chrome.head.address.clone();
    chrome.head.kind = "product";
    let images: Vec<String> =
        pictures.iter().filter_map(|picture| whole_address(visitor, &frame, picture)).collect();
    chrome.head.image = images.first().cloned();
    let described = described(&product, &images, &address, &frame.brand);
    let chrome = chrome.with_data([described, breadcrumbs(&steps)]);
    let question = frame.t2("shop-ask-text", "title", &product.details.title, "address", &address);
    let ask = chrome.contact.whatsapp.as_ref().map(|href| format!("{href}?text={}", quoted(&question)));
    let told = format!("{} {address}", product.details.title);
    let summary = product.details.description.summary(160);
    let summary = if summary.is_empty() {
        frame.t2("shop-product-summary", "product", &product.details.title, "shop", &frame.brand)
    } else {
        summary
    };
    let frame = frame.with_description(summary);
    Ok(ProductPage {
        share: format!("https://wa.me/?text={}", quoted(&told)),
        promises: promises(&frame, &ways.0, &ways.1),
        related: related.into_iter().filter(|other| other.id != product.id).take(RELATED as usize).collect(),
        frame,
        chrome,
        product,
        pictures,
        offered,
        crumbs,
        ask,
    })
}

fn offered(frame: &Frame, variant: &Variant, left: Quantity) -> Offered {
    let details = &variant.details;
    let stock = if !variant.available() {
        Stock::SoldOut
    } else if !details.tracked {
        Stock::There
    } else if !left.is_positive() {
        Stock::MadeToOrder
    } else if left.in_thousandths() < FEW {
        Stock::Few(frame.quantity(&left, details.unit.symbol()))
    } else {
        Stock::There
    };
    let before = details.compare_at.filter(|before| before.minor() > details.price.minor());
    Offered {
        id: variant.id,
        label: details.label(),
        minor: details.price.minor(),
        price: by_unit(frame, details.price, details.unit),
        was: before.map(|before| frame.money(&before)),
        comparable: comparable(details.price, details.unit)
            .map(|(price, unit)| frame.t2("shop-per-unit", "price", frame.money(&price), "unit", unit)),
        stock,
        whole: details.unit.decimals() == 0,
    }
}

/// The price as it is charged: by the kilogram, where that is how it is sold.
fn by_unit(frame: &Frame, price: Money, unit: Unit) -> String {
    let amount = frame.money(&price);
    match unit.symbol() {
        "" => amount,
        symbol => frame.t2("shop-per-unit", "price", amount, "unit", symbol),
    }
}

/// The price by the kilogram or litre of what is sold by the gram or millilitre, so that it can be compared.
fn comparable(price: Money, unit: Unit) -> Option<(Money, &'static str)> {
    let larger = match unit {
        Unit::Gram => Unit::Kilogram,
        Unit::Millilitre => Unit::Litre,
        _ => return None,
    };
    Some((price.times(Quantity::units(1000)).ok()?, larger.symbol()))
}

/// The product, as schema.org has it.
fn described(product: &Product, images: &[String], address: &str, shop: &str) -> Value {
    let offers: Vec<Value> = product
        .offered()
        .map(|variant| {
            let details = &variant.details;
            let availability = match (variant.available(), details.tracked && !variant.in_stock) {
                (false, _) => "OutOfStock",
                (true, true) => "BackOrder",
                (true, false) => "InStock",
            };
            let mut offer = json!({
                "@type": "Offer",
                "price": details.price.decimal(),
                "priceCurrency": details.price.currency().code(),
                "availability": format!("https://schema.org/{availability}"),
                "url": address,
                "seller": { "@type": "Organization", "name": shop },
            });
            if let Some(sku) = &details.sku {
                offer["sku"] = sku.as_str().into();
            }
            if !details.options.is_empty() {
                offer["name"] = details.label().into();
            }
            offer
        })
        .take(50)
        .collect();
    let details = &product.details;
    let mut described = json!({
        "@context": "https://schema.org",
        "@type": "Product",
        "name": details.title.as_str(),
        "url": address,
        "offers": offers,
    });
    let summary = details.description.summary(500);
    if !summary.is_empty() {
        described["description"] = summary.into();
    }
    if !images.is_empty() {
        described["image"] = images.into();
    }
    if let Some(vendor) = &details.vendor {
        described["brand"] = json!({ "@type": "Brand", "name": vendor.as_str() });
    }
    described
}

/// How the product reaches who buys it: the zones with their fees, the places where it is fetched.
fn promises(frame: &Frame, zones: &[Zone], opening: &Opening) -> Promises {
    let zones = zones.iter().map(|zone| &zone.details).filter(|zone| zone.active);
    let told = |zone: &ZoneDetails| {
        let fee = if zone.fee.is_zero() { frame.t("checkout-free") } else { frame.money(&zone.fee) };
        format!("{} {fee}", zone.name)
    };
    Promises {
        delivered: zones.clone().take(ZONES_TOLD).map(told).collect(),
        more: zones.count().saturating_sub(ZONES_TOLD),
        fetched: opening.pickups().map(|place| place.location.name.to_string()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use base::Language;
    use catalog::VariantDetails;

    use super::*;

    fn variant(tracked: bool, sell_when_out: bool, in_stock: bool) -> Variant {
        let price = Money::new(12_50, "EUR".parse().unwrap()).unwrap();
        let details = VariantDetails { tracked, sell_when_out, ..VariantDetails::priced(price) };
        let id = "var_01h455vb4pex5vsknk084sn02q".parse().unwrap();
        Variant { id, archived: false, in_stock, details }
    }

    fn stock_of(tracked: bool, sell_when_out: bool, left: i64) -> Stock {
        let frame = Frame::sample(Language::En, "Bread");
        offered(&frame, &variant(tracked, sell_when_out, left > 0), Quantity::units(left)).stock
    }

    #[test]
    fn the_words_about_stock_say_what_a_visitor_can_count_on() {
        assert_eq!(stock_of(false, false, 0), Stock::There);
        assert_eq!(stock_of(true, false, 30), Stock::There);
        assert_eq!(stock_of(true, false, 2), Stock::Few("2".to_owned()));
        assert_eq!(stock_of(true, false, 0), Stock::SoldOut);
        assert_eq!(stock_of(true, true, 0), Stock::MadeToOrder);
        assert_eq!(stock_of(true, true, -3), Stock::MadeToOrder);
    }

    #[test]
    fn grams_are_compared_by_the_kilogram() {
        let price = Money::new(2, "EUR".parse().unwrap()).unwrap();
        assert_eq!(
            comparable(price, Unit::Gram).unwrap(),
            (Money::new(2000, price.currency()).unwrap(), "kg")
        );
        assert_eq!(comparable(price, Unit::Piece), None);
    }
}

//! Papers to print in tests.

use base::{
    Currency, Language, Money, Quantity, Zone,
    tax::{Rate, Treatment},
};
use catalog::Unit;

use super::{Slip, Voice};
use crate::{
    model::{
        Channel, Customer, Document, DocumentType, FulfilmentState, Order, OrderLine, PaymentState, Shipping,
        ShippingMethod, Snapshot, Whole,
        paper::{PaperLine, Seller},
    },
    pricing::{Kind, LineTax, TaxTotal},
};

pub const LINK: &str =
    "https://soko.example/t/boulangerie/d/doc_01h455vb4pex5vsknk084sn02q-0123456789abcdefghjk";

pub fn french() -> Voice {
    edge::words::register(&[catalog::http::LOCALES, crate::http::LOCALES]);
    Voice { language: Language::Fr, zone: "Europe/Paris".parse().unwrap() }
}

fn eur(minor: i64) -> Money {
    Money::new(minor, "EUR".parse().unwrap()).unwrap()
}

fn vat(percent: &str) -> LineTax {
    LineTax {
        code: format!("vat-{percent}"),
        name: "TVA".to_owned(),
        rate: Rate::parse_percent(percent).unwrap(),
        treatment: Treatment::Standard,
        compound: false,
    }
}

/// `many` of something at `price` with tax, and what of that is tax.
pub fn line(title: &str, many: i64, price: i64, percent: &str, tax: i64) -> PaperLine {
    PaperLine {
        kind: Kind::Goods,
        title: title.to_owned(),
        options: String::new(),
        sku: Some(format!("SKU-{}", title.len())),
        unit: Unit::Piece,
        quantity: Quantity::units(many),
        unit_price: eur(price),
        discount: eur(0),
        net: eur(many * price - tax),
        gross: eur(many * price),
        taxes: vec![vat(percent)],
    }
}

fn tax(percent: &str, base: i64, tax: i64) -> TaxTotal {
    let LineTax { code, name, rate, treatment, .. } = vat(percent);
    TaxTotal { code, name, rate, treatment, base: eur(base), tax: eur(tax) }
}

/// A paper with `lines`, its sums as the lines have them.
pub fn paper(kind: DocumentType, lines: Vec<PaperLine>) -> Document {
    let currency: Currency = "EUR".parse().unwrap();
    let sum = |of: fn(&PaperLine) -> Money| Money::sum(currency, lines.iter().map(of)).unwrap();
    let (net, total) = (sum(|line| line.net), sum(|line| line.gross));
    let snapshot = Snapshot {
        seller: Seller {
            name: "Boulangerie de la Forêt".to_owned(),
            details: [
                "SARL La Forêt",
                "12 rue de l’Église",
                "35000 Rennes",
                "SIRET 123 456 789 00012",
                "+33299000000",
            ]
            .map(str::to_owned)
            .to_vec(),
        },
        customer: Some("Aïssatou Barry".to_owned()),
        address: vec!["3 allée des Œillets".to_owned(), "35700 Rennes".to_owned(), "FR".to_owned()],
        order_number: 1001,
        ordered_at: "2026-11-20T09:05:00Z".parse().unwrap(),
        test: false,
        currency,
        prices_include_tax: true,
        lines,
        taxes: Vec::new(),
        discounts: Vec::new(),
        net,
        tax: total.minus(net).unwrap(),
        total,
        payments: Vec::new(),
        corrects: Vec::new(),
        reason: None,
    };
    Document {
        id: "doc_01h455vb4pex5vsknk084sn02q".parse().unwrap(),
        order: "order_01h455vb4pex5vsknk084sn02q".parse().unwrap(),
        kind,
        series: kind.series(false).to_owned(),
        number: 123,
        issued_at: "2026-11-20T13:05:00Z".parse().unwrap(),
        snapshot,
        hash: [0; 32],
        fiscal: "none".to_owned(),
    }
}

/// An invoice of 53,25 € with three rates, a discount and a thing sold by weight; 30,00 € are paid.
pub fn invoice() -> Document {
    let weighed = PaperLine {
        unit: Unit::Kilogram,
        quantity: Quantity::thousandths(750),
        net: eur(4_98),
        gross: eur(5_25),
        ..line("Cerises de Céret", 1, 7_00, "5.5", 0)
    };
    let off = PaperLine {
        discount: eur(1_00),
        options: "Grande / Vernis vert".to_owned(),
        net: eur(19_17),
        gross: eur(23_00),
        ..line("Vase en grès tourné et émaillé à la main par un potier de La Borne", 1, 24_00, "20", 0)
    };
    let made =
        paper(DocumentType::Invoice, vec![weighed, off, line("Formule déjeuner", 2, 12_50, "10", 2_27)]);
    let snapshot = Snapshot {
        taxes: vec![tax("5.5", 4_98, 27), tax("20", 19_17, 3_83), tax("10", 22_73, 2_27)],
        discounts: vec![("Bienvenue".to_owned(), eur(1_00))],
        payments: vec![("manual".to_owned(), "OM-4471".to_owned(), eur(30_00))],
        ..made.snapshot
    };
    Document { snapshot, ..made }
}

pub fn receipt() -> Document {
    let invoice = invoice();
    let payments = vec![("cod".to_owned(), "order_1".to_owned(), invoice.snapshot.total)];
    let snapshot = Snapshot { payments, ..invoice.snapshot };
    Document { kind: DocumentType::Receipt, series: "R".to_owned(), snapshot, ..invoice }
}

/// Takes back a lunch; a try-out.
pub fn credit_note() -> Document {
    let made = paper(DocumentType::CreditNote, vec![line("Formule déjeuner", 1, 12_50, "10", 1_14)]);
    let snapshot = Snapshot {
        taxes: vec![tax("10", 11_36, 1_14)],
        corrects: vec!["R-000122".to_owned(), "INV-000123".to_owned()],
        reason: Some("La formule n’a pas été servie.".to_owned()),
        test: true,
        ..made.snapshot
    };
    Document { snapshot, ..made }
}

pub fn slip() -> Slip {
    let currency: Currency = "GNF".parse().unwrap();
    let gnf = |minor| Money::new(minor, currency).unwrap();
    let placed_at = "2026-11-20T09:05:00Z".parse().unwrap();
    let order = Order {
        id: "order_01h455vb4pex5vsknk084sn02q".parse().unwrap(),
        number: 1042,
        channel: Channel::Shop,
        test: false,
        currency,
        prices_include_tax: true,
        rounding: base::tax::Rounding::Line,
        list: gnf(987_654),
        discount: gnf(0),
        net: gnf(987_654),
        tax: gnf(0),
        total: gnf(987_654),
        paid: gnf(0),
        refunded: gnf(0),
        credited: gnf(0),
        owed: gnf(0),
        payment: PaymentState::Pending,
        fulfilment: FulfilmentState::Unfulfilled,
        method: Some("cod".to_owned()),
        firm_method: None,
        location: None,
        placed_at,
        expires_at: None,
        firm_at: Some(placed_at),
        cancelled_at: None,
        cancel_reason: None,
    };
    let line = |line: i64, kind, title: &str, options: &str, unit, quantity| OrderLine {
        line,
        kind,
        variant: None,
        title: title.to_owned(),
        options: options.to_owned(),
        sku: Some(format!("PAG-{line:03}")),
        unit,
        quantity: Quantity::thousandths(quantity),
        unit_price: gnf(329_218),
        list: gnf(329_218),
        discount: gnf(0),
        net: gnf(329_218),
        gross: gnf(329_218),
        taxes: Vec::new(),
        returned: Quantity::thousandths(0),
        refunded: gnf(0),
        refunded_taxes: Vec::new(),
    };
    let lines = vec![
        line(1, Kind::Goods, "Pagne wax 6 yards", "Bleu / Fleurs d’hibiscus", Unit::Piece, 2_000),
        line(2, Kind::Goods, "Sandales en cuir", "40", Unit::Pair, 1_000),
        line(3, Kind::Goods, "Riz étuvé de Kankan", "", Unit::Kilogram, 2_500),
        line(4, Kind::Delivery, "Livraison Ratoma", "", Unit::Piece, 1_000),
    ];
    let customer = Customer {
        name: Some("Aïssatou Barry".parse().unwrap()),
        phone: Some("+224620000000".parse().unwrap()),
        ..Customer::default()
    };
    let shipping = Shipping {
        method: ShippingMethod::Delivery,
        quarter: Some("Kaporo Rails".parse().unwrap()),
        landmark: Some("derrière la mosquée, portail vert".parse().unwrap()),
        city: Some("Conakry".parse().unwrap()),
        ..Shipping::default()
    };
    Slip {
        whole: Whole {
            order,
            lines,
            taxes: Vec::new(),
            discounts: Vec::new(),
            customer,
            shipping,
            note: "Appelez avant de venir, le chien n’aime pas les motos.".to_owned(),
            receipts: Vec::new(),
            fulfilments: Vec::new(),
            refunds: Vec::new(),
        },
        seller: "Boutique Madina".to_owned(),
        home: "GN".parse().expect("a country"),
        location: Some("Madina, allée 4".to_owned()),
        link: "https://soko.example/t/madina/admin/orders/order_01h455vb4pex5vsknk084sn02q".to_owned(),
    }
}

pub fn conakry() -> Voice {
    Voice { zone: "Africa/Conakry".parse::<Zone>().unwrap(), ..french() }
}

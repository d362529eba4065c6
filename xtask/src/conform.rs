//! The API against its own document: schemathesis asks what the OpenAPI document allows, as the owner and as nobody, and
//! wants no server error and no reply outside the document.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::client::Client;
use crate::server::{self, Build, Merchant, Server, Setting};
use crate::steps::Outcome;
use crate::{Result, shell, tools};

/// Questions per operation: enough to find shapes nobody thought of, few enough to wait for.
const EXAMPLES: &str = "20";

pub fn check() -> Result<Outcome> {
    let binary = server::build(Build::Debug)?;
    let schemathesis = tools::schemathesis()?;
    for who in ["owner", "nobody"] {
        // Each in a world of its own: what the owner's questions do to it is not nobody's to meet.
        let folder = tempfile::tempdir()?;
        let setting = Setting::new(&binary, folder.path())?;
        let server = setting.serve()?;
        let asked = ask(&schemathesis, &server, folder.path(), who);
        asked.map_err(|error| format!("as {who}: {error}\n{}", setting.last_words()))?;
    }
    Ok(Outcome::Passed)
}

fn ask(schemathesis: &Path, server: &Server, folder: &Path, who: &str) -> Result {
    let merchant = server.sign_up("Conform")?;
    // Addresses name a merchant and things that exist: with invented ones all would be 404.
    let mut settings = format!("[parameters]\n\"path.slug\" = \"{}\"\n", merchant.slug);
    if who == "owner" {
        settings.push_str(&format!("\n[headers]\nAuthorization = \"Bearer {}\"\n", merchant.secret_key));
    }
    for (route, parameters) in things(&server.client(&merchant), &merchant)? {
        settings.push_str(&format!("\n[[operations]]\ninclude-path-regex = '{route}'\n"));
        for (name, id) in parameters {
            settings.push_str(&format!("parameters.\"path.{name}\" = \"{id}\"\n"));
        }
    }
    let file = folder.join("schemathesis.toml");
    std::fs::write(&file, settings)?;
    let checks =
        "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";
    let mut command = Command::new(schemathesis);
    command.current_dir(folder).arg("--no-color").arg("--config-file").arg(&file).arg("run");
    command.arg(format!("{}/api/openapi.json", server.base));
    command.args(["--url", &server.base, "--checks", checks, "--max-examples", EXAMPLES, "--seed", "1"]);
    shell::run(&mut command)
}

/// Parameters of an address, and the ids they stand for.
type Named = Vec<(&'static str, String)>;

/// One of everything that an address can name, by the part of the address that names it.
fn things(client: &Client, merchant: &Merchant) -> Result<Vec<(&'static str, Named)>> {
    let make = |route: &str, wish: Value| client.post(&merchant.api(route), &wish, None)?.expect(201);
    let id = |thing: &Value| thing["id"].as_str().map(str::to_owned).ok_or_else(|| format!("no id: {thing}"));
    let money = |minor: u32| json!({ "amount": minor, "currency": "EUR" });
    let order = |method: &str| {
        let wish = json!({
            "lines": [{ "sku": "CONFORM-1", "quantity": 2 }],
            "customer": { "phone": "+33612345678" },
            "payment": { "method": method },
        });
        make("/orders", wish)
    };

    let variant = json!({ "sku": "CONFORM-1", "price": money(900), "stock": 1_000_000 });
    let product = make("/products", json!({ "title": "Sel gris", "variants": [variant] }))?;
    let category = make("/categories", json!({ "path": "Épices" }))?;
    let location = make("/locations", json!({ "name": "Entrepôt" }))?;
    let member = make("/members", json!({ "name": "Awa", "roles": [{ "role": "cashier" }] }))?;
    let key = make("/keys", json!({ "name": "Autre" }))?;
    let cart = make("/carts", json!({}))?;
    let zone = json!({ "name": "Partout", "covers": "everywhere", "fee": money(500) });
    let zone = make("/delivery-zones", zone)?;
    let customer = make("/customers", json!({ "name": "Binta", "phone": "+33612345679" }))?;
    let waiting = order("manual")?;
    let paid = order("manual")?;
    let payment = id(&paid["payment"])?;
    let confirm = json!({ "action": "confirm" });
    client.post(&merchant.api(&format!("/payments/{payment}")), &confirm, None)?.expect(200)?;
    let order = id(&paid)?;
    let part = json!({ "amount": money(100), "byHand": true });
    let refund = make(&format!("/orders/{order}/refunds"), part)?;
    let document = make(&format!("/orders/{order}/documents"), json!({ "type": "invoice" }))?;
    let card = json!({ "kind": "gift-card", "amount": money(5000), "given": "cash", "reason": "Try" });
    let card = make("/gift-cards", card)?;
    let code = card["code"].as_str().ok_or("no code")?.to_owned();
    let variant = id(&product["variants"][0])?;
    Ok(vec![
        ("/products/", vec![("id", id(&product)?)]),
        ("/variants/", vec![("id", variant.clone())]),
        ("/stock/", vec![("variant", variant)]),
        ("/categories/", vec![("id", id(&category)?)]),
        ("/locations/", vec![("id", id(&location)?)]),
        ("/members/", vec![("id", id(&member["member"])?)]),
        ("/keys/", vec![("id", id(&key)?)]),
        ("/delivery-zones/", vec![("id", id(&zone)?)]),
        ("/carts/", vec![("id", id(&cart)?)]),
        ("/customers/", vec![("id", id(&customer)?)]),
        ("/orders/", vec![("id", order), ("refund", id(&refund)?)]),
        ("/documents/", vec![("id", id(&document)?)]),
        ("/gift-cards/", vec![("code", code)]),
        ("/payments/", vec![("id", id(&waiting["payment"])?)]),
        ("/payment-methods/", vec![("method", "manual".to_owned())]),
    ])
}

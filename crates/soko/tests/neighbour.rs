//! A noisy neighbour: one business brings in a catalogue, searches for everything and sells without end; the one beside it
//! is refused nothing meanwhile. (That reads are served by turns is shown in `db/src/reader.rs`.)

mod house;

use std::sync::Arc;

use edge::testing::ask;
use house::{House, Shop, order};
use serde_json::json;
use tokio::task::JoinSet;

/// Searches, each for other words, so that none is answered from memory.
const SEARCHES: usize = 3_000;
const SALES: usize = 600;
/// Products of the file that is brought in.
const ROWS: usize = 2_000;
/// Looks and orders of the quiet one, one after another.
const QUIET: usize = 10;

fn file() -> String {
    let rows = (0..ROWS).map(|row| format!("loud-{row},Loud {row},{row}.00\n"));
    format!("Handle,Title,Variant Price\n{}", rows.collect::<String>())
}

/// Everything at once; what it is answered is a success or a polite "not now".
fn noise(house: &House, shop: &Shop) -> JoinSet<()> {
    let router = Arc::new(house.router.clone());
    let bearer = Arc::new(shop.bearer());
    let mut noise = JoinSet::new();
    let mut send = |method: &'static str, url: String, kind: &'static str, body: String| {
        let (router, bearer) = (Arc::clone(&router), Arc::clone(&bearer));
        noise.spawn(async move {
            let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
            let answer = ask(&router, method, &format!("http://localhost{url}"), &headers, &body).await;
            assert!(matches!(answer.status.as_u16(), 200 | 201 | 429 | 503), "{url}: {}", answer.body);
        });
    };
    send("POST", shop.api("/imports"), "text/csv", file());
    for number in 0..SEARCHES {
        if number % (SEARCHES / SALES) == 0 {
            send("POST", shop.api("/orders"), "application/json", order("LOUD", 1, "cod").to_string());
        }
        send("GET", shop.api(&format!("/products?q=loud%20{number}")), "application/json", String::new());
    }
    noise
}

on_both_engines! {
    async fn the_quiet_one_sells_while_the_loud_one_is_served(house: House) {
        let (loud, quiet) = (house.sign_up("Bruyante", "awa.diallo").await, house.sign_up("Calme", "binta.sow").await);
        loud.has_product(&house, "Loud", "LOUD", 1_00, Some(100_000)).await;
        quiet.has_product(&house, "Pagne", "PAGNE", 100_00, Some(100)).await;
        let mut noise = noise(&house, &loud);
        // the noise is well under way, and most of it is still to come
        for _ in 0..SEARCHES / 10 {
            noise.join_next().await.expect("noise").unwrap();
        }
        for number in 0..QUIET {
            let shown = quiet.read(&house, &format!("/products?q=pagne&limit={}", number + 1)).await;
            assert_eq!((shown.status.as_u16(), shown.json()["items"].as_array().map(Vec::len)), (200, Some(1)));
            let sold = quiet.orders(&house, "PAGNE", 1, "cod").await;
            assert_eq!(sold.status, 201, "{}", sold.body);
        }
        while let Some(answered) = noise.join_next().await {
            answered.unwrap();
        }
        // and then the loud one has its peace, too: what was refused may be sent again
        assert_eq!(loud.orders(&house, "LOUD", 1, "cod").await.status, 201);
        let headers = [("authorization", &*loud.bearer()), ("content-type", "text/csv")];
        let url = format!("http://localhost{}", loud.api("/imports"));
        let brought = ask(&house.router, "POST", &url, &headers, &file()).await;
        assert_eq!(brought.status, 200, "{}", brought.body);
        let found = loud.read(&house, "/products?q=loud%201999").await.json();
        assert_ne!(found["items"], json!([]), "what was brought in is there");
        house.verifies().await;
    }
}

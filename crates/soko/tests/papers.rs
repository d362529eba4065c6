//! Papers as PDF: who gets them, what is sent with them, and where the code on them leads.

mod house;

use edge::testing::Answer;
use house::{House, Shop};
use orders::print::Sheet;
use serde_json::json;

/// A sale that is paid: the ids of its order and of its receipt.
async fn sold(house: &House, shop: &Shop) -> (String, String) {
    shop.has_product(house, "Pagne wax", "PAGNE", 45_00, None).await;
    let order = shop.orders(house, "PAGNE", 2, "manual").await.json();
    let (order, payment) =
        (order["id"].as_str().unwrap().to_owned(), order["payment"]["id"].as_str().unwrap().to_owned());
    shop.call(house, "POST", &format!("/payments/{payment}"), &json!({ "action": "confirm" })).await;
    let papers = shop.read(house, &format!("/orders/{order}/documents")).await.json();
    (order, papers["items"][0]["id"].as_str().unwrap().to_owned())
}

fn is_pdf(answer: &Answer, name: &str) {
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.body.starts_with("%PDF-1.7"), "{}", &answer.body[..40]);
    assert_eq!(answer.header("content-type"), "application/pdf");
    assert_eq!(answer.header("content-disposition"), format!("inline; filename=\"{name}\""));
    assert_eq!(answer.header("cache-control"), "private, no-store");
    assert_eq!(answer.header("x-robots-tag"), "noindex");
    assert!(answer.header("content-security-policy").contains("default-src 'none'"));
}

on_both_engines! {
    async fn a_paper_is_printed_in_the_office_by_an_application_and_behind_the_customers_link(house: House) {
        let shop = house.sign_up("Boulangerie", "awa").await;
        let (order, paper) = sold(&house, &shop).await;
        let session = [("cookie", shop.cookie.as_str())];
        for sheet in Sheet::ALL.map(Sheet::name) {
            let ask = format!("/documents/{paper}/pdf?sheet={sheet}");
            is_pdf(&house.get(&shop.path(&format!("/admin{ask}")), &session).await, "receipt-R-000001.pdf");
            is_pdf(&shop.read(&house, &ask).await, "receipt-R-000001.pdf");
            let page = shop.page_of(&house, &order).await;
            is_pdf(&house.get(&format!("{page}{ask}"), &[]).await, "receipt-R-000001.pdf");
            let slip = shop.path(&format!("/admin/orders/{order}/packing-slip?sheet={sheet}"));
            is_pdf(&house.get(&slip, &session).await, "packing-slip-1001.pdf");
        }
        let odd = house.get(&shop.path(&format!("/admin/documents/{paper}/pdf?sheet=a5")), &session).await;
        assert_eq!(odd.status, 422, "{}", odd.body);
    }

    async fn a_paper_speaks_the_customers_language_or_the_one_asked_for(house: House) {
        let shop = house.sign_up("Boulangerie", "awa").await;
        shop.has_product(&house, "Pagne wax", "PAGNE", 45_00, None).await;
        let mut order = house::order("PAGNE", 1, "manual");
        order["customer"]["language"] = json!("fr");
        let made = shop.call(&house, "POST", "/orders", &order).await.json();
        let id = made["id"].as_str().unwrap();
        let issued = shop.call(&house, "POST", &format!("/orders/{id}/documents"), &json!({ "type": "quote" })).await.json();
        let paper = issued["id"].as_str().unwrap();
        // the title stands in the file as it is
        for (ask, title) in [("", "Devis Q-000001"), ("?lang=en", "Quote Q-000001"), ("?lang=fr&sheet=58", "Devis Q-000001")] {
            let answer = shop.read(&house, &format!("/documents/{paper}/pdf{ask}")).await;
            assert!(answer.body.contains(title), "{ask}: no {title}");
        }
    }

    async fn the_slips_of_chosen_orders_come_in_one_file(house: House) {
        let shop = house.sign_up("Boulangerie", "awa").await;
        let (first, _) = sold(&house, &shop).await;
        let second = shop.orders(&house, "PAGNE", 1, "cod").await.json()["id"].as_str().unwrap().to_owned();
        let session = [("cookie", shop.cookie.as_str())];
        let get = async |query: &str| house.get(&shop.path(&format!("/admin/orders/packing-slips{query}")), &session).await;
        is_pdf(&get(&format!("?order={first}&order={second}&sheet=80")).await, "packing-slips.pdf");
        is_pdf(&get(&format!("?order={second}")).await, "packing-slip-1002.pdf");
        let none = get("").await;
        assert_eq!((none.status.as_u16(), none.header("location")), (303, shop.path("/admin/orders").as_str()));
        let many = format!("?{}", format!("order={first}&").repeat(101));
        assert_eq!(get(&many).await.status, 303);
    }

    async fn the_code_on_a_paper_leads_to_that_paper_and_to_nothing_else(house: House) {
        let shop = house.sign_up("Boulangerie", "awa").await;
        let (order, paper) = sold(&house, &shop).await;
        let link = shop.paper_link(&house, &paper).await;
        let page = house.get(&shop.path(&format!("/d/{link}")), &[]).await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert!(page.body.contains("R-000001") && page.body.contains("noindex"), "{}", page.body);
        assert!(!page.body.contains("+224620000000") && !page.body.contains(&order), "{}", page.body);
        is_pdf(&house.get(&shop.path(&format!("/d/{link}/pdf?sheet=58")), &[]).await, "receipt-R-000001.pdf");
        assert_eq!(shop.paper_link(&house, &paper).await, link);
    }

    async fn a_forged_cut_or_foreign_link_to_a_paper_is_not_there(house: House) {
        let shop = house.sign_up("Boulangerie", "awa").await;
        let neighbour = house.sign_up("Fleuriste", "bintou").await;
        let (order, paper) = sold(&house, &shop).await;
        let (_, foreign) = sold(&house, &neighbour).await;
        let link = shop.paper_link(&house, &paper).await;
        let other = neighbour.paper_link(&house, &foreign).await;
        let invoice = shop.call(&house, "POST", &format!("/orders/{order}/documents"), &json!({ "type": "invoice" })).await;
        let invoice = invoice.json()["id"].as_str().unwrap().to_owned();
        let (id, proof) = link.rsplit_once('-').unwrap();
        let flipped = if proof.ends_with('0') { "1" } else { "0" };
        let forged = [
            format!("{id}-{}{flipped}", &proof[..proof.len() - 1]),
            format!("{id}-{}", &proof[..proof.len() - 1]),
            format!("{id}-{proof}0"),
            format!("{id}-"),
            id.to_owned(),
            // the proof of one paper is none of another, of the same order or of the neighbour
            format!("{invoice}-{proof}"),
            format!("{foreign}-{proof}"),
            other.clone(),
            format!("{id}-{}", other.rsplit_once('-').unwrap().1),
            "doc_-".to_owned(),
            "-".to_owned(),
            "x".repeat(2000),
        ];
        for forged in forged {
            for end in ["", "/pdf"] {
                let answer = house.get(&shop.path(&format!("/d/{forged}{end}")), &[]).await;
                assert_eq!(answer.status, 404, "{forged}{end}: {}", answer.body);
                assert!(!answer.body.contains("R-000001"));
            }
        }
        // nor does ours open at the neighbour's
        assert_eq!(house.get(&neighbour.path(&format!("/d/{link}")), &[]).await.status, 404);
        assert_eq!(house.get(&neighbour.path(&format!("/d/{other}")), &[]).await.status, 200);
    }

    async fn links_of_papers_end_with_those_of_their_order(house: House) {
        let shop = house.sign_up("Boulangerie", "awa").await;
        let (order, paper) = sold(&house, &shop).await;
        let link = shop.paper_link(&house, &paper).await;
        let id = order.parse().unwrap();
        let scope = shop.scope(&house).await;
        house.soko.app.db.write(scope, move |tx| orders::revoke_links(tx, id)).await.unwrap();
        assert_eq!(house.get(&shop.path(&format!("/d/{link}")), &[]).await.status, 404);
        // what is printed from now on leads there again
        let new = shop.paper_link(&house, &paper).await;
        assert_ne!(new, link);
        assert_eq!(house.get(&shop.path(&format!("/d/{new}")), &[]).await.status, 200);
    }
}

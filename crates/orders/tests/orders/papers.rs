use orders::{DocumentType, Error};

use crate::world::Shop;

#[tokio::test]
async fn papers_are_numbered_without_gaps_and_issued_once() {
    let shop = Shop::open().await;
    let bread = shop.has("bread", 3_50, None).await;
    for number in 1..=3 {
        let id = shop.prepaid(bread, 1).await.unwrap().order;
        let early = shop.write(move |tx| orders::issue(tx, id, DocumentType::Invoice)).await;
        assert!(matches!(early, Err(Error::NotIssued { .. })));
        shop.pay(id, 3_50, &format!("r{number}")).await.unwrap();
        let invoice = shop.write(move |tx| orders::issue(tx, id, DocumentType::Invoice)).await.unwrap();
        let again = shop.write(move |tx| orders::issue(tx, id, DocumentType::Invoice)).await.unwrap();
        assert_eq!(invoice, again);
        let names: Vec<String> = shop
            .read(move |rx| orders::documents_of(rx, id))
            .await
            .unwrap()
            .iter()
            .map(orders::Document::name)
            .collect();
        assert_eq!(names, [format!("R-{number:06}"), format!("INV-{number:06}")]);
    }
}

#[tokio::test]
async fn a_paper_says_for_ever_what_it_said_when_it_was_issued() {
    let shop = Shop::open().await;
    let bread = shop.has("bread", 3_50, None).await;
    shop.is_called("Boulangerie Été").await;
    let id = shop.prepaid(bread, 2).await.unwrap().order;
    shop.pay(id, 7_00, "r1").await.unwrap();
    shop.is_called("Something else").await;
    let papers = shop.read(move |rx| orders::documents_of(rx, id)).await.unwrap();
    assert_eq!(papers[0].snapshot.seller.name, "Boulangerie Été");
    assert_eq!(papers[0].snapshot.payments, [("sandbox".to_owned(), "r1".to_owned(), shop.money(7_00))]);
    assert_eq!(papers[0].hash, orders::model::paper::sealed(&papers[0].snapshot).1);
}

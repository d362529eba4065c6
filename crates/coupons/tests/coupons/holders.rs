//! What the book of customers is told of coupons.

use customers::Filter;

use crate::world::{Bakery, tenth};

async fn coupons_from_before_are_told(bakery: Bakery) {
    let campaign = bakery.runs(tenth()).await;
    bakery.issues(campaign, "+393331112200").await.unwrap();
    bakery.issues(campaign, "+393331112200").await.unwrap();
    bakery.issues(campaign, "+393331112201").await.unwrap();
    let found = async || {
        let filter = Filter { campaign: Some(campaign.to_string()), ..Filter::default() };
        bakery.read(move |rx| Ok(customers::list(rx, &filter, None, 9)?)).await.unwrap().len()
    };
    assert_eq!(found().await, 2);
    // as if they had been issued before anybody was told
    bakery
        .write(|tx| Ok(tx.put(db::sql!("update coupon set marked = null where tenant_id = $1"), ())?))
        .await
        .unwrap();
    bakery
        .write(|tx| Ok(tx.put(db::sql!("delete from customer_mark where tenant_id = $1"), ())?))
        .await
        .unwrap();
    assert_eq!(found().await, 0);
    bakery.write(coupons::acquaint_old).await.unwrap();
    assert_eq!(found().await, 2);
}

#[tokio::test]
async fn coupons_from_before_are_told_to_the_book() {
    coupons_from_before_are_told(Bakery::on_sqlite().await).await;
}

#[tokio::test]
async fn coupons_from_before_are_told_to_the_book_on_postgres() {
    coupons_from_before_are_told(Bakery::on_postgres().await).await;
}

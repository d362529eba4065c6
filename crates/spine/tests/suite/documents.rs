use db::Error;
use spine::documents::next_number;

use super::Shop;

#[tokio::test]
async fn a_series_has_no_gap_although_some_papers_were_never_written() {
    let shop = Shop::open().await;
    let mut numbers = Vec::new();
    for paper in 0..6 {
        let written = shop
            .write(move |tx| {
                let number = next_number(tx, "invoice:2026")?;
                if paper % 2 == 1 { Err(Error::Unknown) } else { Ok(number) }
            })
            .await;
        numbers.extend(written);
    }
    assert_eq!(numbers, [1, 2, 3]);
}

#[tokio::test]
async fn each_series_counts_for_itself() {
    let shop = Shop::open().await;
    let numbers = shop
        .write(|tx| {
            Ok::<_, Error>([
                next_number(tx, "receipt")?,
                next_number(tx, "invoice")?,
                next_number(tx, "receipt")?,
            ])
        })
        .await;
    assert_eq!(numbers.unwrap(), [1, 1, 2]);
}

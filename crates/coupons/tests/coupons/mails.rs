use base::Language;
use coupons::Via;
use customers::Contact;

use crate::world::{Bakery, tenth};

#[tokio::test]
async fn a_coupon_is_mailed_in_the_customers_language_with_its_code_and_its_page() {
    edge::words::register(&[orders::LOCALES, coupons::LOCALES]);
    let bakery = Bakery::on_sqlite().await;
    let campaign = bakery.runs(tenth()).await;
    let tenant = bakery.db().tenant(bakery.seat.tenant).await.unwrap().unwrap();
    let contact = Contact {
        name: Some("Bruna".parse().unwrap()),
        email: Some("bruna@example.org".parse().unwrap()),
        language: Some(Language::It),
        ..Contact::default()
    };
    let issue = move |tx: &mut db::Tx| {
        let coupon = coupons::issue(tx, campaign, &contact, Via::Office)?.coupon;
        coupons::promise_mail(tx, &coupon, &contact)?;
        Ok(coupon)
    };
    let coupon = bakery.write(issue).await.unwrap();
    let (id, of) = (coupon.id, tenant.clone());
    let write =
        move |tx: &mut db::Tx| coupons::write_mail(tx, id, &of, |path| format!("https://shop.example{path}"));
    let mail = bakery.write(write.clone()).await.unwrap().unwrap();
    assert!(mail.subject.starts_with("Il Suo buono"), "{}", mail.subject);
    let page = format!("https://shop.example/t/{}/coupons/{}", tenant.slug, coupon.code);
    assert!(mail.text.contains(&page) && mail.text.contains(&coupon.code.grouped()), "{}", mail.text);
    bakery.redeems(&coupon.code, Default::default()).await.unwrap();
    assert_eq!(bakery.write(write).await.unwrap(), None);
}

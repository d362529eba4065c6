use base::Language;
use coupons::{ContactLimit, CouponForm, Sent, Via};
use customers::Contact;

use crate::world::{Bakery, tenth};

impl Bakery {
    /// How many mails with coupons are promised; from now on they are somebody's to send.
    async fn promised(&self) -> usize {
        let claim = |tx: &mut db::Tx| Ok(spine::jobs::claim(tx, 600, 50)?);
        let claimed = self.write(claim).await.unwrap();
        claimed.iter().filter(|job| job.kind == coupons::MAIL_JOB).count()
    }
}

#[tokio::test]
async fn whoever_has_an_address_gets_one_mail_however_the_coupon_was_issued() {
    let bakery = Bakery::on_sqlite().await;
    let campaign = bakery.runs(tenth()).await;
    for via in [Via::Office, Via::Api] {
        let contact = Contact { email: Some("bruna@example.org".parse().unwrap()), ..Contact::default() };
        bakery.write(move |tx| coupons::issue(tx, campaign, &contact, via)).await.unwrap();
        assert_eq!(bakery.promised().await, 1, "{via}");
    }
    let fields = [("email", "ada@example.org"), ("firstName", "Ada"), ("lastName", "Rossi")];
    let sent = |name: &str| fields.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    let filled = CouponForm::default().read(sent, "IT".parse().unwrap(), Language::It, 0).unwrap();
    let sent = Sent { filled, consent_version: 0, link: None, question: None };
    let limit = ContactLimit { most: 3, window_s: 86_400 };
    bakery.write(move |tx| coupons::submit(tx, campaign, &sent, limit)).await.unwrap();
    assert_eq!(bakery.promised().await, 1);
    bakery.issues(campaign, "+393331112200").await.unwrap();
    assert_eq!(bakery.promised().await, 0);
}

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
    let issue = move |tx: &mut db::Tx| Ok(coupons::issue(tx, campaign, &contact, Via::Office)?.coupon);
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

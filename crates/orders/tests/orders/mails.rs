//! The words of mails: the business's own, in each language, and Soko's where those are broken.

use base::Language;
use orders::{MailWords, OrderId, Step, Taken, Template, Written};
use people::BusinessEdit;

use crate::{
    pages::{Doors, mails_folder},
    world::{Shop, wish},
};

impl Shop {
    /// An order of somebody who reads mails in `language`, paid, sent and partly refunded.
    async fn told_in(&self, language: Language) -> OrderId {
        let bread = self.has("bread", 3_50, None).await;
        let mut draft = wish(bread, 2);
        draft.customer.name = Some("Awa {link} Barry".parse().unwrap());
        draft.customer.phone = Some("+224620000001".parse().unwrap());
        draft.customer.email = Some("awa@example.org".parse().unwrap());
        draft.customer.language = Some(language);
        let id = self.place(draft, None).await.unwrap().order;
        self.pay(id, 3_00, "r1").await.unwrap();
        let sent = Taken {
            carrier: Some("DHL".parse().unwrap()),
            tracking: Some("X1".parse().unwrap()),
            ..Taken::step(Step::Ship)
        };
        self.write(move |tx| orders::fulfil(tx, id, &sent)).await.unwrap();
        let part = orders::Extent::Amount(self.money(1_00));
        self.refund(id, part, false).await.unwrap();
        id
    }

    async fn has_email(&self) {
        self.write(move |tx| {
            let email = Some("shop@example.org".parse().unwrap());
            let edit = BusinessEdit { email, ..people::business::find(tx)?.edit };
            Ok(people::business::edit(tx, &edit).map(drop)?)
        })
        .await
        .unwrap();
    }

    async fn mail(&self, id: OrderId, template: Template) -> Written {
        let tenant = self.db().tenant(self.scope.tenant).await.unwrap().unwrap();
        let write = move |tx: &mut db::Tx<'_>| {
            orders::write_mail(tx, id, template, &tenant, |path| format!("https://shop.example{path}"))
        };
        self.write(write).await.unwrap().unwrap()
    }
}

#[tokio::test]
async fn all_five_mails_leave_in_the_businesss_own_words_in_four_languages() {
    edge::words::register(&[orders::LOCALES]);
    for language in Language::ALL {
        let shop = Shop::open().await;
        shop.has_email().await;
        let id = shop.told_in(language).await;
        // the sixth is the room of coupons' own
        for template in Template::ALL.into_iter().filter(|template| *template != Template::CouponIssued) {
            let names: Vec<&str> = template.placeholders().into_iter().map(|named| named.name()).collect();
            let body: String = names.iter().map(|name| format!("{name}=[{{{name}}}]\n")).collect();
            let words = MailWords::parse(template, "N° {number} – {name}", &body).unwrap();
            // the owner reads the notice in the business's language
            let read_in = if template == Template::OwnerNotice { Language::En } else { language };
            shop.write(move |tx| orders::set_mail_words(tx, template, read_in, Some(&words))).await.unwrap();
            let mail = shop.mail(id, template).await;
            assert_eq!(mail.subject, "N° 1001 – Awa {link} Barry");
            for name in names {
                let said =
                    mail.text.split(&format!("{name}=[")).nth(1).and_then(|rest| rest.split(']').next());
                assert!(
                    said.is_some_and(|said| !said.is_empty()),
                    "{template:?} {language} {name}: {}",
                    mail.text
                );
            }
            let link = mail.text.split("link=[").nth(1).unwrap().split(']').next().unwrap();
            assert!(mail.html.contains(&format!("<a href=\"{link}\">")), "{}", mail.html);
            let answers =
                if template == Template::OwnerNotice { "awa@example.org" } else { "shop@example.org" };
            assert_eq!(mail.reply_to.unwrap().as_str(), answers);
        }
    }
}

#[tokio::test]
async fn words_that_somebody_broke_by_hand_stop_no_mail() {
    edge::words::register(&[orders::LOCALES]);
    let shop = Shop::open().await;
    let id = shop.told_in(Language::Fr).await;
    let usual = shop.mail(id, Template::OrderPaid).await;
    shop.write(|tx| {
        let words = MailWords { subject: "Payé".to_owned(), body: "{nowhere}".to_owned() };
        orders::set_mail_words(tx, Template::OrderPaid, Language::Fr, Some(&words))
    })
    .await
    .unwrap();
    let mail = shop.mail(id, Template::OrderPaid).await;
    assert_eq!(mail.subject, usual.subject);
    assert!(mail.text.contains("Votre paiement est arrivé"), "{}", mail.text);
}

#[tokio::test]
async fn an_owner_writes_looks_tries_and_goes_back_and_nothing_typed_is_lost() {
    let shop = Shop::open().await;
    let doors = Doors::open(&shop);
    let page = doors.get("/mails/edit?mail=order-paid&language=fr").await;
    let csrf = page.csrf();
    assert!(
        page.body.contains("Votre paiement est arrivé") && page.body.contains("Aïssatou Barry"),
        "{}",
        page.body
    );
    let send = async |action: &str, subject: &str, body: &str| {
        let form = format!("mail=order-paid&language=fr&action={action}&subject={subject}&body={body}");
        doors.post("/mails/edit", &csrf, &form).await
    };
    let wrong = send("save", "Payé+%7Bnumbr%7D", "Merci+%3Cb%3E").await;
    assert_eq!(wrong.status.as_u16(), 422);
    assert!(
        wrong.body.contains("value=\"Payé {numbr}\"") && wrong.body.contains("Merci &#60;b&#62;"),
        "{}",
        wrong.body
    );
    assert!(
        wrong.body.contains("aria-describedby=\"subject-fault\"")
            && wrong.body.contains("aria-describedby=\"body-fault\"")
    );
    let header = send("save", "Payé%0D%0ABcc:+all@example.org", "%7Blink%7D").await;
    assert_eq!(header.status.as_u16(), 422);
    let seen = send("look", "Payé+%7Bnumber%7D", "Voyez+%7Blink%7D").await;
    assert!(
        seen.body.contains("<strong>Payé 1042</strong>") && seen.body.contains("Voyez http"),
        "{}",
        seen.body
    );
    assert!(!doors.get("/mails").await.body.contains("badge good"), "looking keeps nothing");
    let nobody = send("test", "Payé", "%7Blink%7D").await;
    assert!(nobody.body.contains("class=\"notice warn\" role=\"status\""), "there is no address yet");
    shop.has_email().await;
    let tried = send("test", "Essai+%7Bnumber%7D", "%7Blink%7D").await;
    assert!(tried.body.contains("shop@example.org"), "{}", tried.body);
    let folder = mails_folder(shop.scope.tenant);
    let sent = std::fs::read_dir(folder.join("mail")).unwrap().next().unwrap().unwrap();
    let sent = std::fs::read_to_string(sent.path()).unwrap();
    assert!(sent.contains("To: shop@example.org") && sent.contains("bakery via Soko"), "{sent}");
    std::fs::remove_dir_all(folder).unwrap();
    assert_eq!(send("save", "Payé+%7Bnumber%7D", "Voyez+%7Blink%7D").await.status.as_u16(), 303);
    assert!(doors.get("/mails").await.body.contains("Français"));
    assert_eq!(send("usual", "", "").await.status.as_u16(), 303);
    let again = doors.get("/mails/edit?mail=order-paid&language=fr").await;
    assert!(again.body.contains("Votre paiement est arrivé"), "{}", again.body);
    assert_eq!(doors.get("/mails/edit?mail=lottery").await.status.as_u16(), 404);
}

#[tokio::test]
async fn a_chat_message_says_what_the_mail_about_the_orders_state_would() {
    let shop = Shop::open().await;
    let doors = Doors::open(&shop);
    let id = shop.told_in(Language::Fr).await;
    let page = doors.get(&format!("/orders/{id}")).await;
    assert!(!page.body.contains("wa.me"), "no link is made before it is asked for");
    let link = doors.post(&format!("/orders/{id}/link"), &page.csrf(), "").await;
    assert!(link.body.contains("https://wa.me/224620000001?text=Bonjour"), "{}", link.body);
    assert!(link.body.contains("ont été rendus"), "the refund is the news: {}", link.body);
}

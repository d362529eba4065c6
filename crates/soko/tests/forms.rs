//! Public forms through the front door: what is required, what is kept, who is kept out, and links that work once.

mod house;

use coupons::{
    Act, CampaignDetails, CampaignId, Consent, ContactBy, CouponCode, CouponForm, Expiry, Field, FieldKind,
    Limits, Offer, Scope,
};
use db::Tx;
use edge::{captcha, testing::Answer};
use house::{House, Shop};
use serde_json::json;
use tokio::task::JoinSet;

/// A bakery with a live campaign whose form asks for an allergy and for consent.
struct Stage {
    shop: Shop,
    campaign: CampaignId,
    path: String,
}

fn form() -> CouponForm {
    let allergies = Field {
        key: "allergies".parse().unwrap(),
        label: "Allergies?".parse().unwrap(),
        answer: FieldKind::Text,
        required: true,
    };
    let consent = Consent { words: "We write to you.".parse().unwrap(), link: None, required: true };
    CouponForm {
        contact: ContactBy::Either,
        fields: vec![allergies],
        consent: Some(consent),
        ..CouponForm::default()
    }
}

fn tenth(limits: Limits) -> CampaignDetails {
    CampaignDetails {
        name: "Torte della domenica".parse().unwrap(),
        description: "".parse().unwrap(),
        offer: Offer::Percent { value: base::tax::Rate::parse_percent("10").unwrap() },
        scope: Scope::default(),
        minimum: None,
        stackable: false,
        limits,
        starts_at: None,
        ends_at: None,
        expiry: Expiry::Never,
        shared_code: None,
    }
}

impl Stage {
    async fn new(house: &House) -> Self {
        Self::limited(house, Limits::default()).await
    }

    async fn limited(house: &House, limits: Limits) -> Self {
        let shop = house.sign_up("Forno", "rosa.bianchi").await;
        let open = move |tx: &mut Tx| {
            let id = coupons::add(tx, tenth(limits))?;
            coupons::change_form(tx, id, &form())?;
            coupons::act(tx, id, Act::Start)?;
            Ok::<_, coupons::Error>((id, coupons::find(tx, id)?.slug))
        };
        let (campaign, slug) = house.soko.app.db.write(shop.scope(house).await, open).await.unwrap();
        let path = shop.path(&format!("/c/{slug}"));
        Self { shop, campaign, path }
    }

    async fn does<T: Send + 'static>(
        &self,
        house: &House,
        work: impl Fn(&mut Tx) -> Result<T, coupons::Error> + Send + 'static,
    ) -> T {
        house.soko.app.db.write(self.shop.scope(house).await, work).await.unwrap()
    }

    /// A question of the page, with its answer.
    async fn answered(&self, house: &House) -> [String; 2] {
        let page = house.get(&self.path, &[]).await;
        let question = asked_on(&page);
        let work = captcha::work_out(&question);
        [question, work]
    }

    /// The form, well filled in but for what is `changed`.
    async fn sends(&self, house: &House, changed: &[(&str, &str)]) -> Answer {
        let [question, work] = self.answered(house).await;
        let mut fields = vec![
            ("email", "ada@example.org"),
            ("firstName", "Ada"),
            ("lastName", "Rossi"),
            ("field-allergies", "nuts"),
            ("consent", "1"),
            ("consentVersion", "1"),
            ("question", &question),
            ("work", &work),
        ];
        for (name, value) in changed {
            fields.retain(|(known, _)| known != name);
            fields.push((name, value));
        }
        house.form(&self.path, "", &fields).await
    }
}

fn asked_on(page: &Answer) -> String {
    let found = page.body.split("name=\"question\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    found.unwrap_or_else(|| panic!("no question: {}", page.body)).to_owned()
}

/// The coupon that an answer leads to.
fn code(answer: &Answer) -> CouponCode {
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.header("location").rsplit('/').next().unwrap_or_default().parse().unwrap()
}

on_both_engines! {
    async fn what_is_required_is_required_and_what_is_answered_is_kept(house: House) {
        let stage = Stage::new(&house).await;
        let refused = stage.sends(&house, &[("field-allergies", " "), ("consent", ""), ("lastName", "Ross<i")]).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        assert!(refused.body.contains("value=\"ada@example.org\"") && refused.body.contains("Ross&#60;i"), "what was typed is lost");
        assert_eq!(refused.body.matches("class=\"field-error\"").count(), 2, "{}", refused.body);

        let coupon = code(&stage.sends(&house, &[]).await);
        let kept = stage.does(&house, move |tx| {
            let coupon = coupons::coupon(tx, &coupon)?;
            let customer = customers::find(tx, coupon.customer.expect("a customer"))?;
            Ok((coupons::answers(tx, coupon.id)?, coupons::agreed(tx, coupon.id)?, customer, coupon.via))
        }).await;
        assert_eq!(kept.0.len(), 1);
        assert_eq!((kept.0[0].label.as_str(), kept.0[0].value.as_str()), ("Allergies?", "nuts"));
        let agreed = kept.1.expect("the consent is kept");
        assert_eq!((agreed.given, agreed.version, agreed.words.as_str()), (true, 1, "We write to you."));
        assert_eq!(kept.2.contact.name.as_ref().map(|name| name.as_str()), Some("Ada Rossi"));
        assert_eq!(kept.3, coupons::Via::Form);
        let day = base::Timestamp::from_micros(0).day(&base::Zone::utc());
        let figures = stage.does(&house, move |tx| coupons::figures_of(tx, None, day, day.plus_days(40_000))).await;
        assert_eq!((figures.submitted, figures.issued), (1, 1));
        assert!(figures.seen >= 2, "{figures:?}");
    }

    async fn what_a_form_brought_stands_with_its_customer_until_they_are_forgotten(house: House) {
        let stage = Stage::new(&house).await;
        let shop = &stage.shop;
        let coupon = code(&stage.sends(&house, &[("field-allergies", "Nüsse")]).await);
        house.clock.advance_s(1);
        code(&stage.sends(&house, &[("email", "bob@example.org"), ("field-allergies", "=1+1"), ("firstName", "Bob")]).await);
        let asks = async |query: &str| {
            let found = shop.read(&house, &format!("/customers?sort=name{query}")).await;
            assert_eq!(found.status, 200, "{}", found.body);
            let found = found.json();
            let names = found["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned());
            names.collect::<Vec<_>>().join(", ")
        };
        let campaign = format!("&campaign={}", stage.campaign);
        assert_eq!(asks(&campaign).await, "Ada Rossi, Bob Rossi");
        assert_eq!(asks("&campaign=cmp_01h455vb4pex5vsknk084sn02q").await, "");
        assert_eq!(asks("&field=allergies&answer=NUSS").await, "Ada Rossi");
        assert_eq!(asks(&format!("{campaign}&field=allergies&agreed=true")).await, "Ada Rossi, Bob Rossi");
        assert_eq!(asks("&agreed=false").await, "");

        let list = shop.read(&house, "/customers?q=ada").await.json();
        let customer = list["items"][0]["id"].as_str().unwrap().to_owned();
        let see = async |path: &str| {
            let page = house.get(&shop.path(&format!("/admin{path}")), &[("cookie", &shop.cookie)]).await;
            assert_eq!(page.status, 200, "{path}: {}", page.body);
            page.body
        };
        let page = see(&format!("/customers/{customer}")).await;
        for words in [&*coupon.grouped(), "Torte della domenica", "Nüsse", "We write to you.", "Allergies?"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let narrowed = see(&format!("/customers?field=allergies&answer=nu{campaign}&agreed=yes")).await;
        assert!(narrowed.contains("Ada Rossi") && !narrowed.contains("Bob Rossi"), "{narrowed}");
        let table = see("/customers.csv").await;
        assert!(table.lines().next().unwrap().ends_with("lastCouponAt,Allergies?"), "{table}");
        assert!(table.contains(",yes,") && table.contains(",Torte della domenica,1,") && table.contains(",'=1+1"), "{table}");
        let file: serde_json::Value = serde_json::from_str(&see(&format!("/customers/{customer}/export")).await).unwrap();
        assert_eq!(file["coupons"][0]["answers"][0], json!({ "question": "Allergies?", "answer": "Nüsse" }));
        assert_eq!((&file["consents"][0]["version"], &file["consents"][0]["way"]), (&json!(1), &json!("form")));

        let rest = format!("/campaigns/{}/answers", stage.campaign);
        let answers = see(&rest).await;
        assert!(answers.contains("Nüsse") && answers.contains("Bob Rossi"), "{answers}");
        let answers = see(&format!("{rest}.csv")).await;
        assert!(answers.starts_with("code,sentAt,name,phone,email,consent,consentVersion,consentAt,Allergies?,askedBefore"), "{answers}");
        assert!(answers.contains("Ada Rossi,,ada@example.org,yes,1,") && answers.contains(",'=1+1,"), "{answers}");
        let page = shop.read(&house, &format!("{rest}?limit=1")).await.json();
        let next = shop.read(&house, &format!("{rest}?limit=1&cursor={}", page["nextCursor"].as_str().unwrap())).await.json();
        assert_eq!((&next["items"][0]["customer"], &next["items"][0]["consent"]["given"]), (&json!(customer), &json!(true)));
        assert_eq!(next["items"][0]["answers"][0]["value"], "Nüsse");

        // Bob is Ada: both coupons are hers
        let bob = shop.read(&house, "/customers?q=bob").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
        let form = format!("/admin/customers/{customer}/merge");
        let token = house.token(&shop.path("/admin/customers/new"), &shop.cookie).await;
        let merged = house.office("POST", &shop.path(&form), &shop.cookie, &token, &format!("with={bob}")).await;
        assert_eq!(merged.status, 303, "{}", merged.body);
        let file = shop.read(&house, &format!("/customers/{customer}/export")).await.json();
        assert_eq!((file["coupons"].as_array().unwrap().len(), file["consents"].as_array().unwrap().len()), (2, 2));
        assert_eq!(asks(&campaign).await, "Ada Rossi");

        let form = format!("/admin/customers/{customer}/forget");
        let gone = house.office("POST", &shop.path(&form), &shop.cookie, &token, "").await;
        assert_eq!(gone.status, 303, "{}", gone.body);
        assert_eq!(asks("").await, "");
        let page = shop.read(&house, &rest).await;
        assert!(!page.body.contains("Nüsse") && !page.body.contains(&customer), "{}", page.body);
        assert_eq!(page.json()["items"].as_array().map(Vec::len), Some(2), "the coupons stay");
        let kept = stage.does(&house, move |tx| {
            let coupon = coupons::coupon(tx, &coupon)?;
            coupons::redeem(tx, &coupon.code, &coupons::Use::default())?;
            Ok((coupon.customer, coupons::agreed(tx, coupon.id)?))
        }).await;
        assert_eq!(kept, (None, None), "and can be used");
        house.verifies().await;
    }

    async fn a_picture_stands_above_the_form_made_anew(house: House) {
        let stage = Stage::new(&house).await;
        let shop = &stage.shop;
        let form = shop.path(&format!("/admin/campaigns/{}/form", stage.campaign));
        let token = house.token(&form, &shop.cookie).await;
        let sends = async |file: &[u8]| {
            let mut body = format!(
                "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n\
                 --x\r\nContent-Disposition: form-data; name=\"alt\"\r\n\r\nThe <oven>\r\n\
                 --x\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"a.png\"\r\n\r\n"
            ).into_bytes();
            body.extend_from_slice(file);
            body.extend_from_slice(b"\r\n--x--\r\n");
            let headers = [
                ("content-type", "multipart/form-data; boundary=x"), ("origin", "http://localhost"), ("cookie", &*shop.cookie),
            ];
            edge::testing::ask(&house.router, "POST", &format!("http://localhost{form}/picture"), &headers, body).await
        };
        let refused = sends(b"<svg onload=alert(1)>").await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        assert!(refused.body.contains("role=\"alert\""));
        let put = sends(&house::picture(80)).await;
        assert_eq!(put.status, 303, "{}", put.body);
        let page = house.get(&stage.path, &[]).await;
        assert!(page.body.contains("class=\"banner\"><picture>") && page.body.contains("alt=\"The &#60;oven&#62;\""), "{}", page.body);
        let rest = format!("/campaigns/{}/form", stage.campaign);
        let changed = shop.call(&house, "PUT", &rest, &json!({ "contact": "phone" })).await.json();
        assert_eq!(changed["picture"]["alt"], "The <oven>", "another form keeps the picture");
        let copy = shop.call(&house, "POST", &format!("/campaigns/{}/copy", stage.campaign), &json!({})).await.json();
        let copied = shop.read(&house, &format!("/campaigns/{}/form", copy["id"].as_str().unwrap())).await.json();
        assert_eq!((&copied["picture"], &copied["form"]["contact"]), (&changed["picture"], &json!("phone")), "{copied}");
        let none = shop.call(&house, "DELETE", &format!("{rest}/picture"), &json!({})).await;
        assert!(none.json()["picture"].is_null(), "{}", none.body);
        assert!(!house.get(&stage.path, &[]).await.body.contains("<picture>"));
        let other = shop.has_picture(&house, 20).await;
        let set = shop.call(&house, "PUT", &format!("{rest}/picture"), &json!({ "image": other["id"] })).await;
        assert_eq!((set.status.as_u16(), set.json()["picture"]["alt"].as_str()), (200, Some("")), "{}", set.body);
        let unknown = json!({ "image": "img_01h455vb4pex5vsknk084sn02q" });
        assert_eq!(shop.call(&house, "PUT", &format!("{rest}/picture"), &unknown).await.status, 404);
    }

    async fn another_wording_is_another_version_and_one_that_was_not_read_is_not_agreed_to(house: House) {
        let stage = Stage::new(&house).await;
        let campaign = stage.campaign;
        let reworded = move |tx: &mut Tx| {
            let consent = Consent { words: "We write to you weekly.".parse().unwrap(), link: None, required: true };
            coupons::change_form(tx, campaign, &CouponForm { consent: Some(consent), ..form() })
        };
        assert_eq!(stage.does(&house, reworded).await.consent_version, 2);
        assert_eq!(stage.does(&house, reworded).await.consent_version, 2);
        assert_eq!(stage.sends(&house, &[]).await.status, 422);
        let coupon = code(&stage.sends(&house, &[("consentVersion", "2")]).await);
        let agreed = stage.does(&house, move |tx| {
            let coupon = coupons::coupon(tx, &coupon)?.id;
            coupons::agreed(tx, coupon)
        }).await;
        assert_eq!(agreed.expect("the consent").words.as_str(), "We write to you weekly.");
    }

    async fn limits_count_what_can_be_meant_and_say_when_to_come_back(house: House) {
        let stage = Stage::new(&house).await;
        for _ in 0..25 {
            assert_eq!(stage.sends(&house, &[("email", "ada")]).await.status, 422);
        }
        for _ in 0..3 {
            code(&stage.sends(&house, &[]).await);
        }
        let refused = stage.sends(&house, &[]).await;
        assert_eq!(refused.status, 429, "{}", refused.body);
        assert_eq!(refused.header("retry-after"), "86400");
        assert!(refused.body.contains("role=\"alert\"") && refused.body.contains("value=\"ada@example.org\""));
        // the same person by another address of theirs is another contact
        code(&stage.sends(&house, &[("email", "")  , ("phone", "+393331112200")]).await);
        for number in 0..15 {
            code(&stage.sends(&house, &[("email", &format!("a{number}@example.org"))]).await);
        }
        let refused = stage.sends(&house, &[("email", "last@example.org")]).await;
        assert_eq!(refused.status, 429, "{}", refused.body);
        assert!(refused.header("retry-after").parse::<u32>().unwrap() <= 600);
        house.clock.advance_s(86_400);
        code(&stage.sends(&house, &[]).await);
    }

    async fn a_link_gives_one_coupon_to_fifty_who_try_and_no_error_burns_it(house: House) {
        let stage = Stage::new(&house).await;
        let campaign = stage.campaign;
        let token = stage.does(&house, move |tx| {
            let batch = coupons::make_links(tx, campaign, 3)?;
            Ok(coupons::batch_links(tx, campaign, batch.id, 0, 10)?.1.remove(0).token.to_string())
        }).await;
        let wrong = stage.sends(&house, &[("link", &token), ("email", "ada")]).await;
        assert_eq!(wrong.status, 422);
        // the campaign pauses between the page and its answer
        stage.does(&house, move |tx| coupons::act(tx, campaign, Act::Pause)).await;
        let [question, work] = ["x".to_owned(), "y".to_owned()];
        let paused = house.form(&stage.path, "", &[("link", &token), ("question", &question), ("work", &work)]).await;
        assert_eq!(paused.status, 409, "{}", paused.body);
        stage.does(&house, move |tx| coupons::act(tx, campaign, Act::Start)).await;

        let mut senders = JoinSet::new();
        for number in 0..50 {
            let (router, path, token) = (house.router.clone(), stage.path.clone(), token.clone());
            let [question, work] = stage.answered(&house).await;
            senders.spawn(async move {
                let body = format!(
                    "email=a{number}%40example.org&firstName=Ada&lastName=Rossi&field-allergies=none&consent=1&\
                     question={question}&work={work}&link={token}"
                );
                // each from an address of its own
                let headers = [
                    ("content-type", "application/x-www-form-urlencoded"),
                    ("origin", "http://localhost"),
                ];
                loop {
                    let url = format!("http://localhost{path}");
                    let answer = edge::testing::ask(&router, "POST", &url, &headers, &body).await;
                    match answer.status.as_u16() {
                        503 => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
                        status => return status,
                    }
                }
            });
        }
        let outcomes = senders.join_all().await;
        assert_eq!(outcomes.iter().filter(|status| **status == 303).count(), 1, "{outcomes:?}");
        assert!(outcomes.iter().all(|status| matches!(status, 303 | 409 | 429)), "{outcomes:?}");
        let (batches, figures) = stage.does(&house, move |tx| {
            let day = base::Timestamp::from_micros(0).day(&base::Zone::utc());
            Ok((coupons::batches(tx, campaign)?, coupons::figures_of(tx, Some(campaign), day, day.plus_days(40_000))?))
        }).await;
        assert_eq!((batches[0].total, batches[0].used), (3, 1));
        assert_eq!(figures.issued, 1);
    }

    async fn a_machine_is_kept_out_and_an_answer_is_taken_once(house: House) {
        let stage = Stage::new(&house).await;
        let refused = stage.sends(&house, &[("work", "0")]).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        assert!(refused.body.contains("role=\"alert\""));
        assert_eq!(stage.sends(&house, &[("website", "https://spam.example")]).await.status, 422);

        let [question, work] = stage.answered(&house).await;
        let own = [("question", question.as_str()), ("work", work.as_str())];
        code(&stage.sends(&house, &own).await);
        let again = stage.sends(&house, &own).await;
        assert_eq!(again.status, 409, "{}", again.body);

        let [question, work] = stage.answered(&house).await;
        house.clock.advance_s(3600);
        let late = stage.sends(&house, &[("question", &question), ("work", &work)]).await;
        assert_eq!(late.status, 422, "{}", late.body);

        // without scripts: a sum, not at once
        let page = house.get(&stage.path, &[]).await;
        let sum = page.body.split("data-sum><label>").nth(1).and_then(|rest| rest.split('<').next()).unwrap();
        let sum: u32 = sum.split(|letter: char| !letter.is_ascii_digit()).filter_map(|part| part.parse::<u32>().ok()).sum();
        let (question, sum) = (asked_on(&page), sum.to_string());
        let by_hand = [("question", question.as_str()), ("work", ""), ("sum", sum.as_str()), ("email", "hand@example.org")];
        assert_eq!(stage.sends(&house, &by_hand).await.status, 422);
        house.clock.advance_s(5);
        code(&stage.sends(&house, &by_hand).await);
    }

    async fn a_form_that_gives_nothing_says_why(house: House) {
        let stage = Stage::limited(&house, Limits { coupons: Some(1), per_customer: None }).await;
        let campaign = stage.campaign;
        code(&stage.sends(&house, &[]).await);
        let says = async |words: &str| {
            let page = house.get(&format!("{}?lang=en", stage.path), &[]).await;
            assert_eq!(page.status, 200);
            assert!(page.body.contains(words) && !page.body.contains("<form method=\"post\""), "{words}: {}", page.body);
        };
        says("All coupons of this campaign are given out.").await;
        stage.does(&house, move |tx| coupons::act(tx, campaign, Act::Pause)).await;
        says("No coupons are given out at the moment.").await;
        stage.does(&house, move |tx| coupons::act(tx, campaign, Act::End)).await;
        says("This campaign is over.").await;
        assert_eq!(house.form(&stage.path, "", &[("email", "a@example.org")]).await.status, 409);
        assert_eq!(house.get(&stage.shop.path("/c/nothing-of-this-name"), &[]).await.status, 404);
    }

    async fn addresses_of_the_system_before_lead_on(house: House) {
        let stage = Stage::new(&house).await;
        let campaign = stage.campaign;
        let (code_of, token) = stage.does(&house, move |tx| {
            let batch = coupons::make_links(tx, campaign, 1)?;
            let token = coupons::batch_links(tx, campaign, batch.id, 0, 1)?.1.remove(0).token;
            Ok((coupons::find(tx, campaign)?.code, token.to_string()))
        }).await;
        for door in ["", "/"] {
            let led = house.get(&stage.shop.path(&format!("{door}?campaign={code_of}")), &[]).await;
            assert_eq!((led.status.as_u16(), led.header("location")), (303, stage.path.as_str()));
            let led = house.get(&stage.shop.path(&format!("{door}?form={token}")), &[]).await;
            assert_eq!(led.header("location"), format!("{}?link={token}", stage.path));
        }
        assert_eq!(house.get(&stage.shop.path("/?campaign=NOTHING"), &[]).await.status, 200);

        let asked = house.get(&stage.shop.path(&format!("/api/campaigns/{code_of}")), &[]).await;
        assert_eq!(asked.status, 200, "{}", asked.body);
        let asked = asked.json();
        assert_eq!(asked["form_config"]["customFields"][0]["id"], "allergies");
        let question = asked["captcha"]["question"].as_str().unwrap().to_owned();
        let work = captcha::work_out(&question);
        let fields = [
            ("email", "ada@example.org"), ("firstName", "Ada"), ("lastName", "Rossi"), ("allergies", "milk"), ("consent", "1"),
            ("campaign_id", code_of.as_str()), ("form_token", token.as_str()), ("question", &question), ("work", &work),
        ];
        let coupon = code(&house.form(&stage.shop.path("/submit"), "", &fields).await);
        let via = stage.does(&house, move |tx| Ok(coupons::coupon(tx, &coupon)?.via)).await;
        assert_eq!(via, coupons::Via::Link);
        assert_eq!(house.get(&stage.shop.path("/api/campaigns/NOTHING"), &[]).await.status, 404);
    }

    async fn the_api_says_what_a_form_asks_and_makes_its_links(house: House) {
        let stage = Stage::new(&house).await;
        let rest = format!("/campaigns/{}", stage.campaign);
        let kept = stage.shop.read(&house, &format!("{rest}/form")).await.json();
        assert_eq!((&kept["consentVersion"], &kept["form"]["contact"]), (&json!(1), &json!("either")));
        let two = json!({ "key": "a", "label": "A", "answer": { "kind": "text" } });
        let refused = stage.shop.call(&house, "PUT", &format!("{rest}/form"), &json!({ "fields": [two, two] })).await;
        assert_eq!((refused.status.as_u16(), refused.json()["code"].as_str()), (422, Some("form-malformed")));
        let changed = stage.shop.call(&house, "PUT", &format!("{rest}/form"), &json!({ "contact": "phone" })).await;
        assert_eq!(changed.json()["form"]["contact"], "phone", "{}", changed.body);
        let made = stage.shop.call(&house, "POST", &format!("{rest}/links"), &json!({ "count": 30 })).await;
        assert_eq!(made.status, 201, "{}", made.body);
        assert_eq!(made.json()["links"].as_array().map(Vec::len), Some(30));
        for count in [0, 10_001] {
            let refused = stage.shop.call(&house, "POST", &format!("{rest}/links"), &json!({ "count": count })).await;
            assert_eq!(refused.status, 422, "{}", refused.body);
        }
        let listed = stage.shop.read(&house, &format!("{rest}/links")).await.json();
        assert_eq!((&listed["total"], &listed["available"]), (&json!(30), &json!(30)));
        let admin = stage.shop.path(&format!("/admin{rest}/links/{}", made.json()["id"].as_str().unwrap()));
        let table = house.get(&format!("{admin}/csv"), &[("cookie", &stage.shop.cookie)]).await;
        assert_eq!(table.body.lines().count(), 31, "{}", table.body);
        let codes = house.get(&format!("{admin}/pdf"), &[("cookie", &stage.shop.cookie)]).await;
        assert!(codes.bytes.starts_with(b"%PDF"), "{}", codes.status);
    }

    async fn the_designer_keeps_what_it_previews(house: House) {
        let stage = Stage::new(&house).await;
        let admin = stage.shop.path(&format!("/admin/campaigns/{}/form", stage.campaign));
        let token = house.token(&admin, &stage.shop.cookie).await;
        let typed = "contact=email&first_name=hidden&last_name=required&label=Size&kind=choice&need=required&options=S%0AM&\
                     address=&key=&accent=%23ffee00&background=%23808080&text=%23888888&title=Torte&thanks=Grazie";
        let shown = house.office("POST", &format!("{admin}/preview"), &stage.shop.cookie, &token, typed).await;
        assert_eq!(shown.status, 200, "{}", shown.body);
        assert!(shown.body.contains("<h1>Torte</h1>") || shown.body.contains(">Torte</h1>"), "{}", shown.body);
        assert!(shown.header("content-security-policy").contains("frame-ancestors 'self'"));
        let before = stage.shop.read(&house, &format!("/campaigns/{}/form", stage.campaign)).await.json();
        assert_eq!(before["form"]["texts"]["title"], json!(null));
        let saved = house.office("POST", &admin, &stage.shop.cookie, &token, typed).await;
        assert_eq!(saved.status, 303, "{}", saved.body);
        let after = stage.shop.read(&house, &format!("/campaigns/{}/form", stage.campaign)).await.json();
        assert_eq!(after["form"]["fields"][0]["answer"]["options"], json!(["S", "M"]));
        let sent = stage.sends(&house, &[("field-size", "M")]).await;
        assert!(sent.header("location").contains("/thanks?coupon="), "{}", sent.body);
        let thanks = house.get(sent.header("location"), &[]).await;
        assert!(thanks.body.contains("Grazie") && thanks.body.contains("/coupons/"), "{}", thanks.body);
        let faulty = typed.replace("options=S%0AM", "options=");
        let refused = house.office("POST", &admin, &stage.shop.cookie, &token, &faulty).await;
        assert!(refused.status == 422 && refused.body.contains("value=\"Size\""), "{}", refused.body);
    }
}

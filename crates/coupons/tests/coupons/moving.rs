//! Files of both of CouponGen's generations, some of their rows hostile.

use std::{path::Path, sync::Arc};

use coupons::{
    CampaignState, CouponState, Error, Via,
    moving::{self, Here, Home, MovingError, Report, Wanted},
};
use orders::promotion::Refusal;
use rusqlite::Connection;
use stock::CountedShelf;

use crate::world::{Bakery, currency};

const OLD: &str = "
    create table tenants (id integer primary key, slug text unique, name text);
    create table auth_users (id integer primary key, username text unique, password_hash text, user_type text,
        is_active integer default 1, first_name text, last_name text, tenant_id integer);
    create table users (id integer primary key, email text, first_name text, last_name text, phone text, address text,
        allergies text, tenant_id integer);
    create table campaigns (id integer primary key, campaign_code text, name text, description text, is_active integer,
        discount_type text, discount_value text, form_config text, created_at text, tenant_id integer);
    create table coupons (id integer primary key, code text unique, user_id integer, campaign_id integer,
        discount_type text, discount_value text, status text, issued_at text, redeemed_at text, tenant_id integer);
    create table user_custom_data (id integer primary key, user_id integer, field_name text, field_value text,
        tenant_id integer);
    create table products (id integer primary key, name text, value real, margin_price real, sku text);
    create table campaign_products (campaign_id integer, product_id integer);
    insert into tenants values (1, 'bakery', 'Forno'), (2, 'florist', 'Fiori');
    insert into campaigns values
        (1, 'SPRING2025AB', 'Primavera', 'Torte', 1, 'percent', '10', '{not json', '2025-03-01 08:00:00', 1),
        (2, 'OLDCODE00001', 'Natale', null, 0, 'fixed', '5.50', null, '2024-12-01 08:00:00', 1),
        (3, 'BADVALUE0001', 'Troppo', null, 1, 'percent', '-20', null, '2025-01-01 08:00:00', 1),
        (4, '../../secret', 'Percorso', null, 1, 'percent', '10', null, '2025-01-01 08:00:00', 1),
        (9, 'FLORISTSCODE', 'Fiori', null, 1, 'percent', '50', null, '2025-01-01 08:00:00', 2);
    insert into users values
        (1, 'anna@example.it', 'Anna', 'Rossi', null, 'Via Roma 1', 'noci', 1),
        (2, 'ANNA@example.it', '=HYPERLINK(0)', null, null, null, null, 1),
        (3, 'no mail', null, null, '333 111 2200', null, null, 1),
        (4, 'nobody', 'Nessuno', null, 'x', null, null, 1),
        (9, 'fiore@example.it', 'Fiore', null, null, null, null, 2);
    insert into user_custom_data values (1, 1, 'taglia', 'M', 1), (2, 1, 'colore', 'blu', 1);
    insert into products values (1, 'Torta', 20, 12, 'T-1'), (2, 'Pane', -3, 1, 'P-1'), (3, 'Rosa', 5, 4, 'R-1');
    insert into campaign_products values (1, 1), (1, 2), (9, 3);
    insert into coupons values
        (1, 'ABCD1234EFGH', 1, 1, 'percent', '10', 'active', '2025-03-02 09:00:00', null, 1),
        (2, 'REDEEMED0001', 2, 1, 'percent', '10', 'redeemed', '2025-03-02 09:00:00', '2025-03-04 09:00:00', 1),
        (3, 'NATALE000001', 3, 2, 'fixed', '5.50', 'active', '2024-12-02 09:00:00', null, 1),
        (4, 'LOSTSTATE001', 1, 1, 'percent', '10', 'burnt', '2025-03-02 09:00:00', null, 1),
        (5, 'WRONGTENANT1', 1, 9, 'percent', '10', 'active', '2025-03-02 09:00:00', null, 1),
        (6, 'NODATE000001', 1, 1, 'percent', '10', 'active', 'yesterday', null, 1),
        (9, 'FLORISTS0001', 9, 9, 'percent', '50', 'active', '2025-03-02 09:00:00', null, 2);
    insert into auth_users values
        (1, 'boss', '$2b$04$hash', 'admin', 1, 'Maria', 'Bianchi', 1),
        (2, 'till', 'cGFzc3dvcmQ=', 'store', 1, null, null, 1),
        (3, 'gone', 'x', 'store', 0, null, null, 1),
        (4, 'root', 'x', 'superadmin', 1, null, null, 1);
";

/// What the second generation added.
const NEW: &str = "
    alter table campaigns add column expiry_date text;
    alter table campaigns add column coupon_expiry_date text;
    alter table coupons add column expiry_date text;
    alter table products add column tenant_id integer;
    create table form_links (id integer primary key, campaign_id integer, token text unique, used_at text, tenant_id integer);
    create table tenant_brand_settings (id integer primary key, tenant_id integer unique);
    update products set tenant_id = 1;
    update campaigns set coupon_expiry_date = '2099-12-31' where id = 1;
    update coupons set expiry_date = '2025-04-01' where id = 1;
    insert into form_links values (1, 1, 'LINKSTILLGOOD001', null, 1), (2, 1, 'LINKWASUSED00001', '2025-03-01', 1),
        (3, 9, 'FLORISTSLINK0001', null, 2), (4, 1, '../../x', null, 1);
    insert into tenant_brand_settings values (1, 1);
";

/// What a form asked and looked like.
const ASKS: &str = r##"
    create table form_customization (id integer primary key, config_data text, tenant_id integer);
    insert into form_customization values
        (1, '{"primaryColor":"#7a1f3d","formTitle":"Torte per tutti","borderRadius":"0"}', 1),
        (2, '{"primaryColor":"#000000","formTitle":"Fiori"}', 2);
    update campaigns set form_config = '{"allergies":{"visible":true,"required":true},
        "customFields":[{"id":"taglia","name":"La sua taglia","type":"text","visible":true,"required":true}]}' where id = 1;
"##;

fn write(file: &Path, statements: &[&str]) {
    let hash = bcrypt::hash("mangue-vélo-lampe", 4).unwrap();
    let db = Connection::open(file).unwrap();
    for statement in statements {
        db.execute_batch(statement).unwrap();
    }
    db.execute("update auth_users set password_hash = ?1 where username = 'boss'", [hash]).unwrap();
}

impl Bakery {
    async fn moves(&self, file: &Path, preview: bool) -> Result<Report, MovingError> {
        let home = Home {
            currency: currency(),
            country: "IT".parse().unwrap(),
            zone: base::Zone::utc(),
            now: self.now(),
        };
        let uploads = file.parent().map(|folder| folder.join("uploads")).filter(|folder| folder.exists());
        let wanted = Wanted { file: file.to_owned(), from: None, uploads, preview };
        let mut config = edge::Config::development();
        config.data = file.with_extension("kept");
        let blobs = edge::Blobs::of(&config);
        let here = Here { db: self.db(), blobs: &blobs, shelf: Arc::new(CountedShelf) };
        moving::run(here, self.seat.clone(), "bakery", home, wanted).await
    }
}

fn come(report: &Report) -> [usize; 5] {
    [report.products, report.campaigns, report.customers, report.coupons, report.staff]
        .map(|count| count.come)
}

async fn everything_comes_once(bakery: Bakery, statements: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("coupons.db");
    write(&file, statements);
    let before = std::fs::read(&file).unwrap();

    let preview = bakery.moves(&file, true).await.unwrap();
    assert_eq!(come(&preview), [1, 2, 3, 3, 2], "{:#?}", preview.left);
    let code: coupons::CouponCode = "ABCD1234EFGH".parse().unwrap();
    let sought = code.clone();
    let nothing = bakery.read(move |rx| coupons::coupon(rx, &sought)).await;
    assert!(matches!(nothing, Err(Error::Refused(Refusal::Unknown { .. }))), "a preview writes nothing");

    let report = bakery.moves(&file, false).await.unwrap();
    assert_eq!(come(&report), come(&preview));
    assert_eq!(report.left, preview.left);
    let left = |kind: &str| report.left.iter().filter(|left| left.kind == kind).count();
    assert_eq!(
        [left("campaign"), left("product"), left("customer"), left("coupon"), left("staff")],
        [2, 1, 1, 3, 2]
    );
    assert!(
        report.left.iter().all(|left| !left.name.contains("FLORIST")),
        "a neighbour's row is not even told"
    );
    assert_eq!(report.links.len(), 1);
    assert!(report.links[0].0 == "till" && report.links[0].1.starts_with("/reset?token="));

    let campaigns = bakery.read(|rx| coupons::list(rx, None, None, 10)).await.unwrap();
    let spring = campaigns.iter().find(|campaign| campaign.code == "SPRING2025AB").unwrap();
    let winter = campaigns.iter().find(|campaign| campaign.code == "OLDCODE00001").unwrap();
    assert_eq!((spring.state, winter.state), (CampaignState::Live, CampaignState::Ended));
    let id = spring.id;
    let promoted = bakery.read(move |rx| coupons::promoted(rx, id)).await.unwrap();
    assert_eq!((promoted.len(), promoted[0].value.minor(), promoted[0].margin.minor()), (1, 20_00, 12_00));

    let redeemed: coupons::CouponCode = "REDEEMED0001".parse().unwrap();
    assert_eq!(bakery.state_of(&redeemed).await, CouponState::Redeemed);
    let again = bakery.redeems(&redeemed, Default::default()).await;
    assert!(matches!(again, Err(Error::Refused(Refusal::AlreadyRedeemed { .. }))), "{again:?}");
    let known = redeemed.clone();
    let coupon = bakery.read(move |rx| coupons::coupon(rx, &known)).await.unwrap();
    assert_eq!((coupon.via, bakery.use_of(&coupon).await), (Via::Import, (0, 1)));
    assert_eq!(coupon.ended_at, Some("2025-03-04T09:00:00Z".parse().unwrap()));
    // two rows with one e-mail are one customer, whose facts without a field stand in a note
    let first = bakery.read(move |rx| coupons::coupon(rx, &code)).await.unwrap();
    assert_eq!(first.customer, coupon.customer);
    let customer = first.customer.unwrap();
    let notes = bakery.read(move |rx| Ok(customers::notes(rx, customer)?)).await.unwrap();
    assert_eq!(notes[0].text, "address: Via Roma 1\nallergies: noci\ntaglia: M\ncolore: blu");
    // an ended campaign's coupon is good, as it was there
    bakery.redeems(&"NATALE000001".parse().unwrap(), Default::default()).await.unwrap();

    let second = bakery.moves(&file, false).await.unwrap();
    assert_eq!(come(&second), [0; 5]);
    assert_eq!((second.coupons.known, second.staff.known, second.links.len()), (3, 2, 0));
    let notes = bakery.read(move |rx| Ok(customers::notes(rx, customer)?)).await.unwrap();
    assert_eq!(notes.len(), 1);
    assert_eq!(std::fs::read(&file).unwrap(), before, "the file is only read");
}

#[tokio::test]
async fn a_file_of_the_first_generation_comes_once() {
    everything_comes_once(Bakery::on_sqlite().await, &[OLD]).await;
}

#[tokio::test]
async fn a_file_of_the_first_generation_comes_once_on_postgres() {
    everything_comes_once(Bakery::on_postgres().await, &[OLD]).await;
}

#[tokio::test]
async fn a_file_of_the_second_generation_comes_once() {
    everything_comes_once(Bakery::on_sqlite().await, &[OLD, NEW]).await;
}

#[tokio::test]
async fn a_file_of_the_second_generation_comes_once_on_postgres() {
    everything_comes_once(Bakery::on_postgres().await, &[OLD, NEW]).await;
}

#[tokio::test]
async fn what_the_second_generation_says_of_ends_is_kept_and_what_has_no_place_is_told() {
    let bakery = Bakery::on_sqlite().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("coupons.db");
    write(&file, &[OLD, NEW]);
    let report = bakery.moves(&file, false).await.unwrap();
    let told = |kind: &str| report.left.iter().find(|left| left.kind == kind).map(|left| left.name.as_str());
    assert_eq!((told("link"), told("brand"), told("mail")), (Some("../../x"), Some("1"), None));
    let code: coupons::CouponCode = "ABCD1234EFGH".parse().unwrap();
    let ended = bakery.now() > "2025-04-02T00:00:00Z".parse().unwrap();
    let state = if ended { CouponState::Expired } else { CouponState::Issued };
    assert_eq!(bakery.state_of(&code).await, state);
    let coupon = bakery.read(move |rx| coupons::coupon(rx, &code)).await.unwrap();
    assert_eq!(coupon.expires_at, Some("2025-04-02T00:00:00Z".parse().unwrap()));
}

async fn a_form_asks_and_looks_as_before(bakery: Bakery) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("coupons.db");
    write(&file, &[OLD, NEW, ASKS]);
    let report = bakery.moves(&file, false).await.unwrap();
    assert_eq!(report.form_links.come, 2);

    let campaign = bakery.read(|rx| coupons::campaign_coded(rx, "SPRING2025AB")).await.unwrap().id;
    let form = bakery.read(move |rx| coupons::form_of(rx, campaign)).await.unwrap().form;
    let asked: Vec<&str> = form.fields.iter().map(|field| field.label.as_str()).collect();
    assert_eq!(asked, ["Allergie", "La sua taglia"]);
    assert_eq!(
        (form.texts.title.unwrap().as_str(), form.look.accent.to_string().as_str()),
        ("Torte per tutti", "#7a1f3d")
    );

    // what the customer once said stands with the last coupon that asks it, and what nobody asks in a note
    let code: coupons::CouponCode = "ABCD1234EFGH".parse().unwrap();
    let answered = bakery.read(move |rx| {
        let coupon = coupons::coupon(rx, &code)?;
        let notes = customers::notes(rx, coupon.customer.expect("a customer"))?;
        Ok((coupons::answers(rx, coupon.id)?, notes))
    });
    let (answers, notes) = answered.await.unwrap();
    let answers: Vec<(&str, &str)> =
        answers.iter().map(|answer| (answer.label.as_str(), answer.value.as_str())).collect();
    assert_eq!(answers, [("Allergie", "noci"), ("La sua taglia", "M")]);
    assert_eq!(notes[0].text, "address: Via Roma 1\ncolore: blu");

    let batches = bakery.read(move |rx| coupons::batches(rx, campaign)).await.unwrap();
    assert_eq!((batches.len(), batches[0].total, batches[0].used), (1, 2, 1));
    let link: coupons::LinkToken = "LINKSTILLGOOD001".parse().unwrap();
    let leads = bakery.read(move |rx| coupons::campaign_of_link(rx, &link)).await.unwrap();
    assert_eq!(leads.id, campaign);
}

/// One black pixel.
const PIXEL: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55\
    \0\0\0\x0aIDAT\x78\x9c\x63\x60\0\0\0\x02\0\x01\x48\xaf\xa4\x71\0\0\0\0IEND\xae\x42\x60\x82";

async fn the_picture_comes_above_every_form(bakery: Bakery) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("coupons.db");
    let named = r#"insert into form_customization values
        (3, '{"headerImageUrl":"/api/uploads/bakery/header-1.png"}', 1);"#;
    write(&file, &[OLD, NEW, ASKS, named]);
    let told = |report: &Report| {
        let mut left = report.left.iter().filter(|left| left.kind == "picture");
        left.next().map(|left| left.why.clone()).unwrap_or_default()
    };
    let report = bakery.moves(&file, false).await.unwrap();
    assert!(told(&report).contains("--uploads") && report.pictures.come == 0, "{:#?}", report.left);

    let own = folder.path().join("uploads/bakery");
    std::fs::create_dir_all(&own).unwrap();
    for (content, why) in [(&b"<svg onload='alert(1)'/>"[..], "SVG"), (&PIXEL[..40], "damaged")] {
        std::fs::write(own.join("header-1.png"), content).unwrap();
        let report = bakery.moves(&file, false).await.unwrap();
        assert!(told(&report).contains(why) && report.pictures.come == 0, "{:#?}", report.left);
    }
    std::fs::write(own.join("header-1.png"), PIXEL).unwrap();
    let above = |code: &'static str| {
        bakery.read(move |rx| {
            let campaign = coupons::campaign_coded(rx, code)?;
            Ok(coupons::form_of(rx, campaign.id)?.picture.map(|picture| picture.width))
        })
    };
    assert_eq!(bakery.moves(&file, true).await.unwrap().pictures.come, 2);
    assert_eq!(above("SPRING2025AB").await.unwrap(), None, "a preview writes nothing");
    assert_eq!(bakery.moves(&file, false).await.unwrap().pictures.come, 2);
    assert_eq!(above("SPRING2025AB").await.unwrap(), Some(1));
    assert_eq!(above("OLDCODE00001").await.unwrap(), Some(1));
    let again = bakery.moves(&file, false).await.unwrap();
    assert_eq!((again.pictures.come, again.pictures.known, told(&again)), (0, 2, String::new()));
}

#[tokio::test]
async fn the_picture_comes_above_every_form_also_in_a_later_run() {
    the_picture_comes_above_every_form(Bakery::on_sqlite().await).await;
}

#[tokio::test]
async fn the_picture_comes_above_every_form_on_postgres() {
    the_picture_comes_above_every_form(Bakery::on_postgres().await).await;
}

#[tokio::test]
async fn a_form_asks_and_looks_as_before_and_its_links_go_on_working() {
    a_form_asks_and_looks_as_before(Bakery::on_sqlite().await).await;
}

#[tokio::test]
async fn a_form_asks_and_looks_as_before_on_postgres() {
    a_form_asks_and_looks_as_before(Bakery::on_postgres().await).await;
}

#[tokio::test]
async fn a_code_that_is_another_coupons_here_is_left_and_changes_nothing() {
    let bakery = Bakery::on_sqlite().await;
    let folder = tempfile::tempdir().unwrap();
    let (file, other) = (folder.path().join("coupons.db"), folder.path().join("other.db"));
    write(&file, &[OLD]);
    write(
        &other,
        &[OLD, "update tenants set slug = 'bakery-2' where id = 1; delete from tenants where id = 2;"],
    );
    bakery.moves(&file, false).await.unwrap();
    for preview in [true, false] {
        let report = bakery.moves(&other, preview).await.unwrap();
        let clashes = report.left.iter().filter(|left| left.why.contains("another")).count();
        assert_eq!((report.campaigns.come, report.staff.come), (0, 0), "{:#?}", report.left);
        assert!(clashes >= 2, "{:#?}", report.left);
    }
}

#[tokio::test]
async fn what_is_no_file_of_coupongen_is_refused() {
    let bakery = Bakery::on_sqlite().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("coupons.db");
    assert!(matches!(bakery.moves(&file, true).await, Err(MovingError::File(_))));
    std::fs::write(&file, "no database at all, but long enough to look at twice").unwrap();
    assert!(matches!(bakery.moves(&file, true).await, Err(MovingError::File(_))));
    std::fs::remove_file(&file).unwrap();
    Connection::open(&file)
        .unwrap()
        .execute_batch("create table t (a); create view tenants as select 1 as id, 'bakery' as slug")
        .unwrap();
    let refused = bakery.moves(&file, true).await.unwrap_err();
    assert!(refused.to_string().contains("no table tenants"), "a view is no table: {refused}");
}

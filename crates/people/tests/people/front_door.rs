//! Signing in, and what a cookie or key opens.

use axum::http::StatusCode;
use db::testing::TestDb;
use people::{MemberState, Role, RoleAt, members};

use crate::common::{House, PASSWORD, cookies, schemas};

async fn the_right_password_opens_the_office(test: TestDb) {
    let house = House::of(test);
    let shop = house.shop("bakery", "awa@example.org").await;
    let answer = house.try_password("awa%40example.org", PASSWORD, "").await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/t/bakery/admin"));
    let cookie = cookies(&answer);
    let staff = house.go("GET", "/t/bakery/admin/staff", &cookie, "").await;
    assert!(staff.status == 200 && staff.body.contains("Awa Diallo"), "{}", staff.body);
    for page in ["keys", "settings"] {
        assert_eq!(house.go("GET", &format!("/t/bakery/admin/{page}"), &cookie, "").await.status, 200);
    }
    let account = house.go("GET", "/account", &cookie, "").await;
    assert!(account.body.contains("awa@example.org") && account.body.contains("/t/bakery/admin"));
    // somebody else's business is not there, whoever asks
    house.shop("florist", "fatou").await;
    assert_eq!(house.go("GET", "/t/florist/admin/staff", &cookie, "").await.status, 404);
    let signed_out = house.go("POST", "/sign-out", &cookie, "").await;
    assert_eq!(signed_out.status, 303);
    assert_eq!(house.go("GET", "/t/bakery/admin/staff", &cookie, "").await.status, 303);
    assert_eq!(shop.slug, "bakery");
}

async fn strangers_learn_nothing_about_accounts(test: TestDb) {
    let house = House::of(test);
    house.shop("bakery", "awa").await;
    let known = house.try_password("awa", "wrong-password", "").await;
    let unknown = house.try_password("abc", "wrong-password", "").await;
    assert_eq!((known.status, unknown.status), (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED));
    assert_eq!(known.body.replace("value=\"awa\"", ""), unknown.body.replace("value=\"abc\"", ""));
    let api = |login: &str| format!(r#"{{"username":"{login}","password":"wrong-password"}}"#);
    let known = house.api("POST", "/api/login", "", &api("awa")).await;
    let unknown = house.api("POST", "/api/login", "", &api("abc")).await;
    let told = |answer: &edge::testing::Answer| {
        let mut json = answer.json();
        json["requestId"] = "".into();
        (answer.status, json)
    };
    assert_eq!(told(&known), told(&unknown));
    assert_eq!(known.json()["code"], "sign-in-wrong");
}

async fn strangers_tries_run_out_and_a_known_device_still_gets_in(test: TestDb) {
    let house = House::of(test);
    house.shop("bakery", "awa").await;
    let known = house.sign_in("awa").await;
    for _ in 0..house.app.config.login_max_attempts {
        let wrong = house.try_password("awa", "wrong-password", "").await;
        assert_eq!(wrong.status, 401);
    }
    let stranger = house.try_password("awa", PASSWORD, "").await;
    assert_eq!(stranger.status, 429);
    assert!(!stranger.header("retry-after").is_empty());
    // the same for a name that nobody has
    for _ in 0..house.app.config.login_max_attempts {
        house.try_password("nobody", "wrong-password", "").await;
    }
    assert_eq!(house.try_password("nobody", PASSWORD, "").await.status, 429);
    assert_eq!(house.try_password("awa", PASSWORD, &known).await.status, 303);
    house.test.clock.advance_s(i64::from(house.app.config.login_window_s));
    assert_eq!(house.try_password("awa", PASSWORD, "").await.status, 303);
}

async fn a_plain_name_is_the_businesss_own(test: TestDb) {
    let house = House::of(test);
    house.shop("bakery", "admin").await;
    house.shop("florist", "admin").await;
    let form = format!("login=admin&password={PASSWORD}&business=florist");
    let answer = house.go("POST", "/sign-in", "", &form).await;
    assert_eq!(answer.header("location"), "/t/florist/admin");
    let nowhere = format!("login=admin&password={PASSWORD}&business=nowhere");
    assert_eq!(house.go("POST", "/sign-in", "", &nowhere).await.status, 401);
}

async fn who_is_suspended_is_out_at_once(test: TestDb) {
    let house = House::of(test);
    let shop = house.shop("bakery", "awa").await;
    let member = house.member(&shop, "moussa", vec![RoleAt::everywhere(Role::Manager)]).await;
    let (owner, manager) = (house.sign_in("awa").await, house.sign_in("moussa").await);
    assert_eq!(house.go("GET", "/t/bakery/admin/staff", &manager, "").await.status, 200);
    let page = house.go("GET", "/t/bakery/admin/staff", &owner, "").await;
    let form = format!("csrf={}&action=suspend", page.csrf());
    let path = format!("/t/bakery/admin/staff/{}", member.id);
    assert_eq!(
        house.go("POST", &path, &owner, "action=suspend").await.status,
        403,
        "a form without its token"
    );
    assert_eq!(house.go("POST", &path, &owner, &form).await.status, 303);
    let out = house.go("GET", "/t/bakery/admin/staff", &manager, "").await;
    assert_eq!((out.status, out.header("location").starts_with("/sign-in")), (StatusCode::SEE_OTHER, true));
    // signing in again opens nothing here
    let again = house.sign_in("moussa").await;
    assert_eq!(house.go("GET", "/t/bakery/admin/staff", &again, "").await.status, 404);
    let id = member.id;
    let now = house.test.db.read(shop.scope.clone(), move |rx| members::find(rx, id)).await.unwrap();
    assert_eq!(now.state, MemberState::Suspended);
}

async fn a_role_opens_what_the_table_says(test: TestDb) {
    let house = House::of(test);
    let shop = house.shop("bakery", "awa").await;
    house.member(&shop, "moussa", vec![RoleAt::everywhere(Role::Cashier)]).await;
    let cashier = house.sign_in("moussa").await;
    for page in ["staff", "keys", "settings"] {
        let answer = house.go("GET", &format!("/t/bakery/admin/{page}"), &cashier, "").await;
        assert_eq!(answer.status, 403, "{page}");
    }
}

async fn every_page_speaks_both_languages(test: TestDb) {
    let house = House::of(test);
    house.shop("bakery", "awa").await;
    let cookie = house.sign_in("awa").await;
    let csrf = house.go("GET", "/t/bakery/admin/staff", &cookie, "").await.csrf();
    for language in ["en", "fr"] {
        let said = format!("{cookie}; lang={language}");
        let office = |page: &str| format!("/t/bakery/admin/{page}");
        let mut pages = vec![house.go("GET", "/sign-in", &format!("lang={language}"), "").await];
        for page in ["/account", &office("staff"), &office("keys"), &office("settings")] {
            pages.push(house.go("GET", page, &said, "").await);
        }
        let invited =
            house.go("POST", &office("staff"), &said, &format!("csrf={csrf}&name=Sory&role=stock")).await;
        let link = invited.body.split("value=\"").find(|rest| rest.contains("/invite/")).unwrap();
        let link = link.split('"').next().unwrap();
        assert!(invited.body.contains("https://wa.me/?text="));
        pages.push(house.go("GET", &link[link.find("/t/").unwrap()..], &said, "").await);
        pages.push(invited);
        let key = format!("csrf={csrf}&name=Robot&kind=secret&scope=orders.read");
        let made = house.go("POST", &office("keys"), &said, &key).await;
        assert!(made.body.contains("sk_live_"));
        pages.push(made);
        for page in pages {
            assert_eq!(page.status, 200, "{}", page.body);
            assert!(page.body.contains(&format!("<html lang=\"{language}\" ")));
            let bare = page.body.split(['>', '"']).find(|text| text.trim_start().starts_with("people-"));
            assert_eq!(bare, None, "a text without words");
        }
    }
}

async fn a_key_opens_its_own_business_until_it_is_revoked(test: TestDb) {
    let house = House::of(test);
    let shop = house.shop("bakery", "awa").await;
    house.shop("florist", "fatou").await;
    let (secret, public) = (shop.founded.secret_key.reveal(), shop.founded.public_key.reveal());
    let members = house.api("GET", "/t/bakery/api/v1/members", secret, "").await;
    assert_eq!(members.json()["items"][0]["name"], "Awa Diallo", "{}", members.body);
    assert_eq!(house.api("GET", "/t/bakery/api/v1/members", public, "").await.status, 403);
    assert_eq!(house.api("GET", "/t/florist/api/v1/members", secret, "").await.status, 404);
    assert_eq!(house.api("GET", "/t/nowhere/api/v1/members", secret, "").await.status, 404);
    assert_eq!(house.api("GET", "/t/bakery/api/v1/members", "sk_live_0", "").await.status, 401);

    let wish = r#"{"name":"Robot","scopes":["keys.read","keys.write"]}"#;
    let made = house.api("POST", "/t/bakery/api/v1/keys", secret, wish).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let (robot, id) = (made.json()["secret"].clone(), made.json()["id"].clone());
    let (robot, id) = (robot.as_str().unwrap(), id.as_str().unwrap());
    let keys = house.api("GET", "/t/bakery/api/v1/keys", robot, "").await;
    assert_eq!(keys.json()["items"].as_array().map(Vec::len), Some(3));
    assert!(!keys.body.contains(robot) && !keys.body.contains(secret));
    assert_eq!(house.api("GET", "/t/bakery/api/v1/members", robot, "").await.status, 403);
    let more = r#"{"name":"More","scopes":["members.write"]}"#;
    let above = house.api("POST", "/t/bakery/api/v1/keys", robot, more).await;
    assert_eq!((above.status.as_u16(), &above.json()["code"]), (403, &"above-yourself".into()));

    let path = format!("/t/bakery/api/v1/keys/{id}");
    assert_eq!(house.api("DELETE", &path, secret, "").await.status, 200);
    assert_eq!(house.api("GET", "/t/bakery/api/v1/keys", robot, "").await.status, 401);
}

async fn an_invited_person_joins_by_the_link(test: TestDb) {
    let house = House::of(test);
    let shop = house.shop("bakery", "awa").await;
    let secret = shop.founded.secret_key.reveal();
    let wish = r#"{"name":"Sory","roles":[{"role":"manager"}]}"#;
    let invited = house.api("POST", "/t/bakery/api/v1/members", secret, wish).await;
    assert_eq!(invited.status, 201, "{}", invited.body);
    let link = invited.json()["link"].as_str().unwrap().to_owned();
    let path = &link[link.find("/t/").unwrap()..];
    assert!(house.go("GET", path, "", "").await.body.contains("Sory"));
    let weak = house.go("POST", path, "", "login=sory&password=1234567890").await;
    assert_eq!(weak.status, 422);
    let taken = house.go("POST", path, "", &format!("login=awa&password={PASSWORD}")).await;
    assert_eq!(taken.status, 422);
    let joined = house.go("POST", path, "", &format!("login=sory&password={PASSWORD}")).await;
    assert_eq!((joined.status, joined.header("location")), (StatusCode::SEE_OTHER, "/t/bakery/admin"));
    let staff = house.go("GET", "/t/bakery/admin/staff", &cookies(&joined), "").await;
    assert_eq!(staff.status, 200);
    assert_eq!(house.go("GET", path, "", "").await.status, 410);
    // an application may not make an owner of anybody
    let owner = r#"{"name":"Sory","roles":[{"role":"owner"}]}"#;
    assert_eq!(house.api("POST", "/t/bakery/api/v1/members", secret, owner).await.status, 403);
}

async fn a_program_signs_in_and_out(test: TestDb) {
    let house = House::of(test);
    house.shop("bakery", "+224620000001").await;
    let wish = format!(r#"{{"username":"+224 620 00 00 01","password":"{PASSWORD}"}}"#);
    let opened = house.api("POST", "/api/login", "", &wish).await;
    assert_eq!(opened.status, 200, "{}", opened.body);
    let json = opened.json();
    assert_eq!(json["tenants"][0]["slug"], "bakery");
    let token = json["token"].as_str().unwrap();
    assert_eq!(house.api("GET", "/t/bakery/api/v1/members", token, "").await.status, 200);
    assert_eq!(house.api("POST", "/api/logout", token, "").await.status, 204);
    assert_eq!(house.api("GET", "/t/bakery/api/v1/members", token, "").await.status, 401);
}

async fn a_new_password_ends_the_other_sessions(test: TestDb) {
    let house = House::of(test);
    house.shop("bakery", "awa").await;
    let (here, there) = (house.sign_in("awa").await, house.sign_in("awa").await);
    let page = house.go("GET", "/account", &here, "").await;
    let form = |current: &str| format!("csrf={}&current={current}&new=fauteuil-citron-nuage-7", page.csrf());
    assert_eq!(house.go("POST", "/account/password", &here, &form("wrong")).await.status, 422);
    assert_eq!(house.go("POST", "/account/password", &here, &form(PASSWORD)).await.status, 303);
    assert_eq!(house.go("GET", "/account", &here, "").await.status, 200);
    assert_eq!(house.go("GET", "/account", &there, "").await.status, 303);
    assert_eq!(house.try_password("awa", PASSWORD, "").await.status, 401);
    assert_eq!(house.try_password("awa", "fauteuil-citron-nuage-7", "").await.status, 303);
}

async fn an_unused_session_ends_by_itself(test: TestDb) {
    let house = House::of(test);
    house.shop("bakery", "awa").await;
    let cookie = house.sign_in("awa").await;
    house.test.clock.advance_s(12 * 3600 - 60);
    assert_eq!(house.go("GET", "/account", &cookie, "").await.status, 200);
    house.test.clock.advance_s(12 * 3600);
    assert_eq!(house.go("GET", "/account", &cookie, "").await.status, 303);
}

async fn settings_change_what_the_directory_knows(test: TestDb) {
    let house = House::of(test);
    let shop = house.shop("bakery", "awa").await;
    let secret = shop.founded.secret_key.reveal();
    let mut settings = house.api("GET", "/t/bakery/api/v1/business", secret, "").await.json();
    assert_eq!(settings["currency"], "EUR");
    settings["name"] = "Boulangerie Été".into();
    settings["language"] = "fr".into();
    settings["pricesIncludeTax"] = false.into();
    let saved = house.api("PUT", "/t/bakery/api/v1/business", secret, &settings.to_string()).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    let tenant = house.test.db.tenant(shop.scope.tenant).await.unwrap().unwrap();
    assert_eq!((tenant.name.as_str(), tenant.language), ("Boulangerie Été", base::Language::Fr));
}

#[test]
fn every_text_stands_in_both_languages() {
    edge::locales_are_complete(&[edge::LOCALES, people::LOCALES]).unwrap();
}

#[test]
fn every_permission_of_this_rooms_routes_is_in_the_table() {
    for rule in people::routes().table() {
        if let edge::Access::Member(permission) = rule.access {
            assert!(people::is_permission(permission), "{permission}");
        }
    }
}

crate::on_both_engines!(
    the_right_password_opens_the_office,
    strangers_learn_nothing_about_accounts,
    strangers_tries_run_out_and_a_known_device_still_gets_in,
    a_plain_name_is_the_businesss_own,
    who_is_suspended_is_out_at_once,
    a_role_opens_what_the_table_says,
    every_page_speaks_both_languages,
    a_key_opens_its_own_business_until_it_is_revoked,
    an_invited_person_joins_by_the_link,
    a_program_signs_in_and_out,
    a_new_password_ends_the_other_sessions,
    an_unused_session_ends_by_itself,
    settings_change_what_the_directory_knows,
);

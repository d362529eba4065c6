//! The operator's site: its first page, the texts that files replace, signing up by number, and a forgotten password.

mod house;

use std::fs;

use edge::{SignUp, testing::Answer};
use house::{House, PASSWORD, cookie_of, local, quoted};
use operations::command::{self, Command};
use serde_json::json;

const NEW_PASSWORD: &str = "panier-soleil-brique-canary-77";

impl House {
    async fn page(&self, path: &str, language: &str, cookie: &str) -> Answer {
        self.get(path, &[("accept-language", language), ("cookie", cookie), ("accept", "text/html")]).await
    }

    /// Every mail that left, as it reads.
    fn mails(&self) -> Vec<String> {
        let folder = self.soko.app.config.data.join("mail");
        let files = fs::read_dir(folder).into_iter().flatten().flatten();
        files
            .map(|file| fs::read_to_string(file.path()).expect("a mail"))
            .map(|mail| mail.replace("=\r\n", "").replace("=3D", "="))
            .collect()
    }

    /// The path that the only mail to `address` leads to.
    fn mailed_link(&self, address: &str) -> String {
        let mails: Vec<String> =
            self.mails().into_iter().filter(|mail| mail.contains(&format!("To: {address}"))).collect();
        let [mail] = mails.as_slice() else { panic!("{} mails to {address}", mails.len()) };
        let link = mail.split_whitespace().find(|word| word.contains("/reset?token=")).expect("a link");
        local(link)
    }

    async fn forgot(&self, login: &str) -> Answer {
        self.form("/forgot", "", &[("login", login)]).await
    }

    async fn choose(&self, link: &str, password: &str) -> Answer {
        let token = link.split_once('=').expect("a token").1;
        self.form("/reset", "", &[("token", token), ("password", password)]).await
    }

    async fn tries(&self, login: &str, password: &str) -> u16 {
        self.form("/sign-in", "", &[("login", login), ("password", password)]).await.status.as_u16()
    }
}

fn main_of(answer: &Answer) -> &str {
    answer.body.split_once("<main").expect("a page").1.split_once("</main>").expect("a page").0
}

on_both_engines! {
    async fn the_first_page_says_what_there_is_and_leads_on(house: House) {
        let page = house.page("/", "fr", "").await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains(r#"<html lang="fr""#) && page.body.contains(r#"href="/signup""#));
        assert!(page.body.contains(r#"<link rel="canonical" href="http://localhost/">"#), "{}", page.body);
        assert!(page.body.contains("og:description") && page.body.contains(r#"hreflang="sw""#));
        assert!(page.body.contains("Soko vous dit le prix"), "no price is invented");
        let known = [("accept-language", "fr"), ("if-none-match", page.header("etag"))];
        assert_eq!(house.get("/", &known).await.status, 304);
        let other = house.get("/", &[("accept-language", "en"), ("if-none-match", page.header("etag"))]).await;
        assert_eq!(other.status, 200);

        let shop = house.sign_up("Chez <Awa>", "awa.diallo").await;
        let mine = house.page("/", "fr", &shop.cookie).await;
        assert!(mine.body.contains(&shop.path("/admin")) && mine.body.contains("Chez &#60;Awa&#62;"));
        assert!(!main_of(&mine).contains("/signup") && mine.header("etag").is_empty());
    }

    async fn a_file_of_the_operator_replaces_a_text_at_once(house: House) {
        let built_in = house.page("/terms", "fr", "").await;
        assert!(built_in.body.contains("Conditions d’utilisation") && built_in.body.contains("Soko"));
        let imprint = house.page("/imprint", "en", "").await;
        assert!(imprint.body.contains("not said yet how to be reached"), "{}", imprint.body);
        let folder = house.soko.app.config.site_folder();
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("terms.en.md"), "# Rules\n\nBe kind <script>x</script>").expect("a file");
        fs::write(folder.join("prices.md"), "| Plan | Price |\n|---|---|\n| One shop | 9 € |").expect("a file");
        let terms = house.page("/terms", "fr", "").await;
        assert!(terms.body.contains("<h1>Rules</h1>") && terms.body.contains(r#" lang="en">"#));
        assert!(!terms.body.contains("<script>x"));
        let first = house.page("/", "en", "").await;
        assert!(first.body.contains("<td>9 €</td>") && !first.body.contains("tells you the price"));
        fs::remove_file(folder.join("terms.en.md")).expect("gone");
        assert_eq!(house.page("/terms", "fr", "").await.body, built_in.body);
    }

    async fn a_business_is_opened_by_a_number_as_it_is_dialled(house: House) {
        let page = house.page("/signup", "fr-SN,fr;q=0.8", "").await;
        assert!(page.body.contains(r#"value="SN" data-prefix="+221" selected"#), "{}", page.body);
        let fields = [
            ("country", "SN"),
            ("tenantName", "Chez Awa"),
            ("phone", "77 123 45 67"),
            ("adminPassword", PASSWORD),
        ];
        let opened = house.form("/signup", "", &fields).await;
        assert_eq!(opened.status, 200, "{}", opened.body);
        let settings = house.page("/t/chez-awa/admin/settings", "fr", &cookie_of(&opened)).await;
        assert!(settings.body.contains("+221771234567") && settings.body.contains("XOF"), "{}", settings.body);
        assert_eq!(house.tries("+221 77 123 45 67", PASSWORD).await, 303);

        let taken = house.page("/signup/address?name=Chez%20Awa", "fr", "").await.json();
        assert_eq!((&taken["slug"], &taken["free"]), (&json!("chez-awa-2"), &json!(false)));
        assert!(taken["words"].as_str().expect("words").contains("déjà pris"), "{taken}");
        let free = house.page("/signup/address?name=Boulangerie%20%C3%89t%C3%A9", "fr", "").await.json();
        assert_eq!((&free["slug"], &free["free"]), (&json!("boulangerie-ete"), &json!(true)));
        assert_eq!(house.page("/signup/address?name=admin", "fr", "").await.json()["slug"], "admin-2");
    }

    async fn what_is_wrong_is_said_beside_its_field_in_the_readers_language(house: House) {
        let body = format!("country=SN&tenantName=&phone=12&adminPassword={}", quoted("court-77"));
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", "http://localhost"),
            ("accept-language", "fr"),
        ];
        let again =
            edge::testing::ask(&house.router, "POST", "http://localhost/signup", &headers, &*body).await;
        assert_eq!(again.status, 422);
        for words in ["Indiquez le nom de votre commerce.", "Ce numéro n’est pas compris.", "au moins 10 caractères"] {
            assert!(again.body.contains(words), "{words}: {}", again.body);
        }
        assert!(again.body.contains(r#"aria-describedby="tenantName-fault" autofocus"#), "{}", again.body);
        assert!(again.body.contains(r#"value="12""#) && !again.body.contains("court-77"));

        let weigh = async |password: &str| {
            let answer = house.form("/password", "", &[("password", password), ("known", "Awa")]).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            (answer.json()["score"].as_u64().expect("a score"), answer.json()["words"].to_string())
        };
        assert!(weigh("password1234").await.0 < 3 && weigh(PASSWORD).await.0 >= 3);
        assert!(weigh("short").await.1.contains("10 characters"));
        // three were weighed above
        for _ in 0..117 {
            weigh("a").await;
        }
        assert_eq!(house.form("/password", "", &[("password", "a")]).await.status, 429);
    }

    async fn a_forgotten_password_is_chosen_anew_by_mail(house: House) {
        let shop = house.sign_up("Boulangerie", "awa@example.org").await;
        let (known, unknown) = (house.forgot("Awa@example.org").await, house.forgot("abc@example.org").await);
        assert_eq!((known.status, unknown.status), (known.status, known.status));
        assert_eq!(known.status, 200);
        assert_eq!(known.body, unknown.body, "nobody learns who has an account");
        house.work().await;
        assert_eq!(house.mails().len(), 1);
        let link = house.mailed_link("awa@example.org");
        let page = house.page(&link, "fr", "").await;
        assert!(page.status == 200 && page.body.contains("awa@example.org"), "{}", page.body);
        let weak = house.choose(&link, "awa@example.org").await;
        assert!(weak.status == 422 && weak.body.contains("aria-invalid"), "{}", weak.body);

        let done = house.choose(&link, NEW_PASSWORD).await;
        assert_eq!((done.status.as_u16(), done.header("location")), (303, "/sign-in"));
        let before = house.page(&shop.path("/admin"), "fr", &shop.cookie).await;
        assert_eq!(before.status, 303, "the sign-in before has ended");
        assert_eq!(house.tries("awa@example.org", PASSWORD).await, 401);
        assert_eq!(house.tries("awa@example.org", NEW_PASSWORD).await, 303);
        assert_eq!(house.choose(&link, PASSWORD).await.status, 410, "a link works once");
        assert_eq!(house.page(&link, "fr", "").await.status, 410);
        let events = house.command(Command::AuditVerify { tenant: None, heads: None }).await;
        assert!(events.well);
        let owner = house.form("/sign-in", "", &[("login", "awa@example.org"), ("password", NEW_PASSWORD)]).await;
        let audit = house.page(&shop.path("/admin/audit"), "fr", &cookie_of(&owner)).await;
        assert!(audit.body.contains("Password forgotten and chosen anew"), "{}", audit.body);
    }

    async fn the_newest_link_alone_works_and_for_an_hour(house: House) {
        let shop = house.sign_up("Boulangerie", "awa.diallo").await;
        let reset = async || {
            let made = Command::AccountReset { login: "awa.diallo".to_owned(), tenant: Some(shop.slug.clone()) };
            local(house.command(made).await.json["link"].as_str().expect("a link"))
        };
        let (first, second) = (reset().await, reset().await);
        assert_eq!(house.page(&first, "en", "").await.status, 410);
        assert_eq!(house.page(&second, "en", "").await.status, 200);
        house.clock.advance_s(people::reset::RESET_S);
        assert_eq!(house.choose(&second, NEW_PASSWORD).await.status, 410);
        let third = reset().await;
        assert_eq!(house.choose(&third, NEW_PASSWORD).await.status, 303);
        house.sign_up("Fleurs", "awa.diallo").await;
        let meant = Command::AccountReset { login: "awa.diallo".to_owned(), tenant: None };
        let refused = command::run(&house.soko.house, meant).await;
        assert!(!refused.well && refused.text.contains("boulangerie, fleurs"), "{}", refused.text);
    }

    async fn an_owner_makes_a_link_for_who_works_here_alone(house: House) {
        let shop = house.sign_up("Boulangerie", "awa.diallo").await;
        let (cashier, _) = shop.employs(&house, "+224620000077", "cashier").await;
        let (_, admin) = shop.employs(&house, "le.chef", "admin").await;
        let ask = async |cookie: &str, member: &str| {
            let token = house.token(&shop.path("/admin/staff"), cookie).await;
            let path = shop.path(&format!("/admin/staff/{member}"));
            house.office("POST", &path, cookie, &token, "action=reset").await
        };
        assert_eq!(ask(&admin, &cashier).await.status, 403, "an administrator is no owner");
        let made = ask(&shop.cookie, &cashier).await;
        assert_eq!(made.status, 200, "{}", made.body);
        assert!(made.body.contains("https://wa.me/224620000077?text="), "{}", made.body);
        let link = made.body.split('"').find(|part| part.contains("/reset?token=")).expect("a link").to_owned();

        // once the account works elsewhere, too, the link would open another business
        let florist = house.sign_up("Fleurs", "fatou.sow").await;
        let invite = json!({ "name": "Ibrahima", "roles": [{ "role": "cashier" }] });
        let invited = florist.call(&house, "POST", "/members", &invite).await.json();
        let invite = local(invited["link"].as_str().expect("a link"));
        let own = house.sign_in("+224620000077").await;
        let token = house.token(&invite, &own).await;
        let joined = house.office("POST", &invite, &own, &token, "own=true").await;
        assert_eq!(joined.status, 303, "{}", joined.body);
        assert_eq!(house.choose(&local(&link), NEW_PASSWORD).await.status, 410);
        let refused = ask(&shop.cookie, &cashier).await;
        assert!(refused.status == 403 && refused.body.contains("Only the operator"), "{}", refused.body);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_door_says_so_and_a_guarded_one_says_who_looks_first() {
    let closed = House::configured(|config| config.sign_up = SignUp::Closed).await;
    let page = closed.page("/", "en", "").await;
    assert!(page.body.contains("cannot be opened here") && !page.body.contains("/signup"), "{}", page.body);
    assert!(page.body.contains(r#"href="/sign-in""#));
    assert_eq!(closed.page("/signup", "en", "").await.header("location"), "/");
    let guarded = House::configured(|config| config.sign_up = SignUp::Approve).await;
    assert!(guarded.page("/", "en", "").await.body.contains("looks at each new business"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_platform_has_the_operators_name_and_contact() {
    let house = House::configured(|config| {
        config.operator.name = "Marché Ouest".to_owned();
        config.operator.phone = "+221771234567".parse().ok();
        config.operator.email = "aide@example.org".parse().ok();
    })
    .await;
    for path in ["/", "/sign-in", "/signup", "/terms", "/imprint", "/forgot", "/nowhere"] {
        let page = house.page(path, "fr", "").await;
        assert!(page.body.contains("Marché Ouest") && !page.body.contains("Soko"), "{path}: {}", page.body);
    }
    let page = house.page("/", "fr", "").await;
    assert!(
        page.body.contains("https://wa.me/221771234567") && page.body.contains("mailto:aide@example.org")
    );
    assert!(house.page("/privacy", "fr", "").await.body.contains("aide@example.org, +221771234567"));
}

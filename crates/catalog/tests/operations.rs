//! The catalogue through its front door, on a database of its own.

mod shelf;

use base::{Currency, Money, Quantity};
use catalog::{
    CategoryPath, Details, Draft, Error, Filter, Handle, Product, Rule, Short, State, TaxCode, TaxRate,
    VariantDetails, VariantDraft, export, import,
};
use db::{Rx, Scope, Tx, testing::TestDb};
use shelf::{Counts, shelf};

const SHOPIFY: &[u8] = include_bytes!("data/shopify-apparel.csv");
const WOOCOMMERCE: &[u8] = include_bytes!("data/woocommerce-sample.csv");

const SPINE: db::Schema =
    db::Schema { migrations: spine::MIGRATIONS, directory_migrations: &[], areas: spine::AREAS, lends: &[] };

fn eur() -> Currency {
    "EUR".parse().unwrap()
}

fn short(text: &str) -> Short {
    text.parse().unwrap()
}

fn product(title: &str, price: i64) -> Draft {
    let variant = VariantDraft::new(VariantDetails::priced(Money::new(price, eur()).unwrap()));
    Draft { handle: None, details: Details::titled(short(title)), variants: vec![variant] }
}

struct Shop<'t> {
    test: &'t TestDb,
    scope: Scope,
    counts: Counts,
}

impl<'t> Shop<'t> {
    async fn open(test: &'t TestDb, slug: &str) -> Self {
        let scope = test.tenant(slug).await;
        Self { test, scope, counts: Counts::default() }
    }

    async fn write<T: Send + 'static>(
        &self,
        body: impl Fn(&mut Tx) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<T, Error> {
        self.test.db.write(self.scope.clone(), body).await
    }

    async fn read<T: Send + 'static>(
        &self,
        body: impl Fn(&mut Rx) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<T, Error> {
        self.test.db.read(self.scope.clone(), body).await
    }

    async fn has(&self, draft: Draft) -> Result<Product, Error> {
        let counts = self.counts.clone();
        self.write(move |tx| catalog::create(tx, &counts, eur(), &draft)).await
    }

    async fn change(&self, product: &Product, draft: Draft) -> Result<Vec<String>, Error> {
        let (counts, id) = (self.counts.clone(), product.id);
        let changes = self.write(move |tx| catalog::update(tx, &counts, eur(), id, &draft)).await?;
        Ok(changes.into_iter().map(|change| change.field).collect())
    }

    async fn found(&self, filter: Filter) -> Vec<String> {
        let rows = self.read(move |rx| catalog::list(rx, &filter, None, 50)).await.unwrap();
        rows.into_iter().map(|row| row.title.to_string()).collect()
    }

    async fn search(&self, words: &str) -> Vec<String> {
        self.found(Filter { search: words.to_owned(), ..Filter::default() }).await
    }

    async fn import(&self, file: &[u8], only_preview: bool) -> import::Report {
        let shelf = shelf(&self.counts);
        import::run(&self.test.db, self.scope.clone(), shelf, eur(), file, only_preview).await.unwrap()
    }

    async fn export(&self) -> Vec<u8> {
        let mut file = Vec::new();
        export::run(
            &self.test.db,
            self.scope.clone(),
            shelf(&self.counts),
            "http://localhost/t/bakery/files",
            &mut file,
        )
        .await
        .unwrap();
        file
    }
}

fn refusals(error: Error) -> Vec<(String, Rule)> {
    match error {
        Error::Refused(flaws) => flaws.into_iter().map(|flaw| (flaw.field, flaw.rule)).collect(),
        other => panic!("not refused but {other}"),
    }
}

db::on_both_engines! { vec![crate::SPINE, catalog::SCHEMA];
async fn a_product_reads_back_as_it_was_written(test: TestDb) {
    let shop = Shop::open(&test, "bakery").await;
    let mut draft = product("Crème brûlée", 4_50);
    draft.details.description = "<p>Sweet</p>".parse().unwrap();
    draft.details.vendor = Some(short("Maison"));
    draft.details.tags = vec!["dessert".parse().unwrap()];
    draft.details.categories = vec!["Food > Sweets".parse().unwrap()];
    draft.details.images =
        vec![catalog::Image { address: "https://a.example/x.jpg".parse().unwrap(), alt: None }];
    draft.details.options = vec![short("Size")];
    draft.variants[0].details.options = vec![short("S")];
    draft.variants[0].details.sku = Some(short("CB-S"));
    let made = shop.has(draft.clone()).await.unwrap();
    let id = made.id;
    let read = shop.read(move |rx| catalog::product(rx, id)).await.unwrap();
    assert_eq!(read, made);
    assert_eq!(read.handle.as_str(), "creme-brulee");
    assert_eq!(read.details, draft.details);
    assert_eq!(read.variants[0].details, draft.variants[0].details);
}

async fn a_change_names_its_fields_and_no_change_writes_nothing(test: TestDb) {
    let shop = Shop::open(&test, "bakery").await;
    let bread = shop.has(product("Bread", 3_00)).await.unwrap();
    assert_eq!(shop.change(&bread, bread.draft()).await.unwrap(), Vec::<String>::new());
    let mut draft = bread.draft();
    draft.details.title = short("Rye bread");
    draft.variants[0].details.price = Money::new(3_20, eur()).unwrap();
    let variant = bread.variants[0].id;
    assert_eq!(
        shop.change(&bread, draft).await.unwrap(),
        ["title".to_owned(), format!("variants.{variant}.price")]
    );
    let kinds: Vec<String> = shop
        .read(|rx| Ok(spine::events::since(rx, 0, 10)?.into_iter().map(|event| event.kind).collect()))
        .await
        .unwrap();
    assert_eq!(kinds, ["product.created", "product.changed"]);
}

async fn a_visitor_narrows_a_list_sorts_it_and_leafs_through_it(test: TestDb) {
    use catalog::browse::{Browse, Sort, browse, facets};
    let shop = Shop::open(&test, "bakery").await;
    for number in 1..=9i64 {
        let mut draft = product(&format!("Shirt {}", 10 - number), number * 100);
        draft.details.categories = vec![if number < 4 { "Wear > Old" } else { "Wear" }.parse().unwrap()];
        draft.details.options = vec![short("Size")];
        draft.details.vendor = Some(short(if number % 2 == 0 { "Awa" } else { "Binta" }));
        draft.details.tags = if number == 5 { vec!["sale".parse().unwrap()] } else { Vec::new() };
        let size = |size: &str| {
            let mut variant = draft.variants[0].clone();
            variant.details.options = vec![short(size)];
            variant
        };
        let sizes = vec![size("M"), size(if number > 6 { "XL" } else { "L" })];
        // the newest is told by its id, which begins with its millisecond
        test.clock.advance_s(1);
        shop.has(Draft { variants: sizes, ..draft.clone() }).await.unwrap();
    }
    let mut gone = product("Shirt, a draft", 100);
    gone.details.state = State::Draft;
    shop.has(gone).await.unwrap();
    let wear = shop.read(|rx| catalog::category_by_slug(rx, "wear")).await.unwrap().id;
    let prices = async |wish: Browse| -> Vec<i64> {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let (wish, from) = (wish.clone(), after.clone());
            let page = shop.read(move |rx| browse(rx, &wish, from.as_ref(), 4)).await.unwrap();
            found.extend(page.products.iter().map(|product| product.lowest.unwrap().minor() / 100));
            after = page.next;
            if after.is_none() {
                return found;
            }
        }
    };
    let plain = Browse::default();
    assert_eq!(prices(plain.clone()).await, [9, 8, 7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(prices(Browse { sort: Sort::Cheap, ..plain.clone() }).await, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(prices(Browse { sort: Sort::Dear, ..plain.clone() }).await, [9, 8, 7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(prices(Browse { sort: Sort::Title, ..plain.clone() }).await, [9, 8, 7, 6, 5, 4, 3, 2, 1]);
    let in_wear = Browse { category: Some(wear), ..plain.clone() };
    assert_eq!(prices(Browse { sort: Sort::Cheap, ..in_wear.clone() }).await.len(), 9);
    assert_eq!(prices(Browse { from: Some(300), to: Some(500), ..in_wear.clone() }).await, [5, 4, 3]);
    let large = vec![(short("Size"), short("XL"))];
    assert_eq!(prices(Browse { choices: large.clone(), sort: Sort::Cheap, ..plain.clone() }).await, [7, 8, 9]);
    let both = Browse { choices: large, vendor: Some(short("Awa")), search: "shi".to_owned(), ..plain.clone() };
    assert_eq!(prices(both).await, [8]);
    let sale = Browse { tag: Some("sale".parse().unwrap()), ..plain.clone() };
    let found = shop.read(move |rx| browse(rx, &sale, None, 4)).await.unwrap();
    assert_eq!((found.products.len(), found.count), (1, Some(1)));
    let found = shop.read(move |rx| browse(rx, &in_wear, None, 4)).await.unwrap();
    assert_eq!((found.products.len(), found.count, found.next.is_some()), (4, Some(9), true));
    let facets = shop.read(move |rx| facets(rx, Some(wear))).await.unwrap();
    assert_eq!(facets.vendors, ["Awa", "Binta"]);
    assert_eq!(facets.tags, ["sale"]);
    assert_eq!(facets.options, [("Size".to_owned(), vec!["M".to_owned(), "L".to_owned(), "XL".to_owned()])]);
}

async fn handles_and_skus_belong_to_one_product(test: TestDb) {
    let shop = Shop::open(&test, "bakery").await;
    let mut draft = product("Bread", 3_00);
    draft.variants[0].details.sku = Some(short("B1"));
    shop.has(draft.clone()).await.unwrap();
    assert_eq!(
        refusals(shop.has(draft).await.unwrap_err()),
        [("variants[0].sku".to_owned(), Rule::SkuTaken { owner: "Bread".to_owned() })]
    );
    // a handle made of the title steps aside; a chosen one does not
    assert_eq!(shop.has(product("Bread", 3_00)).await.unwrap().handle.as_str(), "bread-2");
    let chosen = Draft { handle: Some(Handle::of("bread").unwrap()), ..product("Other", 1) };
    assert_eq!(refusals(shop.has(chosen).await.unwrap_err()), [("handle".to_owned(), Rule::HandleTaken)]);
}

async fn two_variants_can_exchange_their_skus(test: TestDb) {
    let shop = Shop::open(&test, "bakery").await;
    let mut draft = product("Shirt", 20_00);
    draft.details.options = vec![short("Size")];
    draft.variants[0].details.options = vec![short("S")];
    draft.variants[0].details.sku = Some(short("A"));
    let mut second = draft.variants[0].clone();
    second.details.options = vec![short("M")];
    second.details.sku = Some(short("B"));
    draft.variants.push(second);
    let shirt = shop.has(draft).await.unwrap();
    let mut draft = shirt.draft();
    draft.variants[0].details.sku = Some(short("B"));
    draft.variants[1].details.sku = Some(short("A"));
    assert_eq!(shop.change(&shirt, draft).await.unwrap().len(), 2);
    let sold = shop.read(|rx| catalog::variant_for_sale_by_sku(rx, "A")).await.unwrap();
    assert_eq!(sold.name(), "Shirt (M)");
}

async fn search_forgives_accents_case_and_half_words_and_wants_every_word(test: TestDb) {
    let shop = Shop::open(&test, "bakery").await;
    let mut draft = product("Crème brûlée", 4_50);
    draft.variants[0].details.sku = Some(short("CB-77"));
    shop.has(draft).await.unwrap();
    shop.test.clock.advance_s(1);
    shop.has(product("Creme fraiche", 2_00)).await.unwrap();
    assert_eq!(shop.search("CREM").await, ["Creme fraiche", "Crème brûlée"]);
    assert_eq!(shop.search("brulee crème").await, ["Crème brûlée"]);
    assert_eq!(shop.search("cb 77").await, ["Crème brûlée"]);
    assert_eq!(shop.search("creme pizza").await, Vec::<String>::new());
    assert_eq!(shop.search("a b c d e f g h i j %_'\"").await, Vec::<String>::new());
    assert_eq!(shop.search("***").await.len(), 2);
}

async fn what_is_archived_leaves_the_shop_and_keeps_its_name(test: TestDb) {
    let shop = Shop::open(&test, "bakery").await;
    let bread = shop.has(product("Bread", 3_00)).await.unwrap();
    let (counts, id, variant) = (shop.counts.clone(), bread.id, bread.variants[0].id);
    shop.write(move |tx| catalog::archive(tx, &counts, eur(), id)).await.unwrap();
    assert!(shop.found(Filter { state: Some(State::Active), ..Filter::default() }).await.is_empty());
    let kept = shop.read(move |rx| catalog::variant_for_sale(rx, variant)).await.unwrap();
    assert_eq!((kept.name().as_str(), kept.active), ("Bread", false));
}

async fn lists_go_on_where_they_stopped_in_each_order(test: TestDb) {
    let shop = Shop::open(&test, "bakery").await;
    for title in ["Delta", "alpha", "Écho", "bravo", "Charlie"] {
        shop.has(product(title, 1_00)).await.unwrap();
        shop.test.clock.advance_s(1);
    }
    for (by_title, expected) in [
        (false, ["Charlie", "bravo", "Écho", "alpha", "Delta"]),
        (true, ["alpha", "bravo", "Charlie", "Delta", "Écho"]),
    ] {
        let filter = Filter { state: Some(State::Active), by_title, ..Filter::default() };
        let mut seen: Vec<String> = Vec::new();
        let mut after = None;
        loop {
            let (filter, from) = (filter.clone(), after.clone());
            let rows = shop.read(move |rx| catalog::list(rx, &filter, from.as_ref(), 2)).await.unwrap();
            let Some(last) = rows.last() else { break };
            after = catalog::Cursor::from_parts(last.cursor().parts());
            seen.extend(rows.iter().map(|row| row.title.to_string()));
        }
        assert_eq!(seen, expected);
    }
}

async fn a_category_holds_what_lies_below_it(test: TestDb) {
    let shop = Shop::open(&test, "bakery").await;
    let mut draft = product("Shirt", 20_00);
    draft.details.categories = vec!["Clothing > Shirts".parse().unwrap()];
    shop.has(draft).await.unwrap();
    let above: CategoryPath = "Clothing".parse().unwrap();
    let all = shop.read(catalog::categories).await.unwrap();
    let paths: Vec<&str> = all.iter().map(|category| category.path.as_str()).collect();
    assert_eq!(paths, ["Clothing", "Clothing > Shirts"]);
    let clothing = all.iter().find(|category| category.path == above).unwrap().id;
    assert_eq!(shop.found(Filter { category: Some(clothing), ..Filter::default() }).await, ["Shirt"]);
    assert_eq!(
        shop.found(Filter { category: Some(clothing), search: "shi".to_owned(), ..Filter::default() }).await,
        ["Shirt"]
    );
    shop.write(move |tx| catalog::rename_category(tx, clothing, "Clothes")).await.unwrap();
    let renamed = shop.read(catalog::categories).await.unwrap();
    assert_eq!(renamed[1].path.as_str(), "Clothes > Shirts");
    assert!(shop.write(move |tx| catalog::remove_category(tx, clothing)).await.is_err());
}

async fn stock_says_what_a_list_shows_as_available(test: TestDb) {
    let shop = Shop::open(&test, "bakery").await;
    let mut draft = product("Cake", 9_00);
    draft.variants[0].details.tracked = true;
    draft.variants[0].count = Some(Quantity::units(2));
    let cake = shop.has(draft).await.unwrap();
    let variant = cake.variants[0].id;
    assert_eq!(shop.counts.of(variant), Some(Quantity::units(2)));
    let available =
        async || shop.read(|rx| catalog::list(rx, &Filter::default(), None, 1)).await.unwrap()[0].available;
    assert!(available().await);
    shop.write(move |tx| catalog::mark_in_stock(tx, variant, false)).await.unwrap();
    assert!(!available().await);
    let counts = shop.counts.clone();
    shop.write(move |tx| catalog::set_tracking(tx, &counts, eur(), variant, true, true)).await.unwrap();
    assert!(available().await);
}

async fn taxes_are_those_of_the_day(test: TestDb) {
    let shop = Shop::open(&test, "bakery").await;
    let rate = |name: &str, percent: &str, from: &str, to: Option<&str>| TaxRate {
        name: short(name),
        rate: base::tax::Rate::parse_percent(percent).unwrap(),
        treatment: base::tax::Treatment::Standard,
        compound: false,
        valid_from: from.parse().unwrap(),
        valid_to: to.map(|day| day.parse().unwrap()),
    };
    let code = TaxCode {
        code: "food".parse().unwrap(),
        name: short("Food"),
        standard: true,
        rates: vec![
            rate("Old", "5.5", "2020-01-01", Some("2026-12-31")),
            rate("New", "7", "2027-01-01", None),
            rate("Sugar", "1", "2026-06-01", None),
        ],
    };
    shop.write(move |tx| catalog::put_tax_code(tx, &code)).await.unwrap();
    for (day, expected) in [
        ("2026-01-01", vec!["Old"]),
        ("2026-12-31", vec!["Old", "Sugar"]),
        ("2027-01-01", vec!["New", "Sugar"]),
    ] {
        let day = day.parse().unwrap();
        let code = shop.read(|rx| catalog::tax_code_for(rx, None)).await.unwrap().unwrap();
        assert_eq!(code.due_on(day).map(|tax| tax.name.to_string()).collect::<Vec<_>>(), expected);
    }
}

async fn a_file_is_foreseen_then_brought_in_and_a_second_time_changes_nothing(test: TestDb) {
    for (slug, file, created, refused) in [("bakery", SHOPIFY, 20, 0), ("florist", WOOCOMMERCE, 14, 4)] {
        let shop = Shop::open(&test, slug).await;
        let foreseen = shop.import(file, true).await;
        assert_eq!((foreseen.created(), foreseen.refused()), (created, refused));
        assert!(shop.found(Filter::default()).await.is_empty());
        let done = shop.import(file, false).await;
        assert_eq!((done.created(), done.refused()), (created, refused));
        let again = shop.import(file, false).await;
        assert_eq!((again.created(), again.changed(), again.unchanged()), (0, 0, created));
    }
}

async fn an_export_brought_in_again_changes_nothing_and_rebuilds_the_same_elsewhere(test: TestDb) {
    let shop = Shop::open(&test, "bakery").await;
    shop.import(SHOPIFY, false).await;
    shop.import(WOOCOMMERCE, false).await;
    let mut odd = product("=HYPERLINK(\"x\")", 1_00);
    odd.details.vendor = Some(short("'=1"));
    odd.variants[0].details.sku = Some(short("@x"));
    odd.variants[0].details.tracked = true;
    odd.variants[0].count = Some(Quantity::units(5));
    shop.has(odd).await.unwrap();
    let file = shop.export().await;
    let again = shop.import(&file, false).await;
    assert_eq!((again.created(), again.changed(), again.refused(), again.unchanged()), (0, 0, 0, 35));
    let other = Shop::open(&test, "florist").await;
    assert_eq!(other.import(&file, false).await.created(), 35);
    // made within one millisecond of the standing clock, they are in an order of chance
    let sorted = |file: &[u8]| {
        let mut lines: Vec<String> = String::from_utf8_lossy(file).lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&other.export().await), sorted(&file));
}

async fn a_file_that_speaks_of_less_leaves_the_rest_alone(test: TestDb) {
    let shop = Shop::open(&test, "bakery").await;
    let mut draft = product("Coffee", 9_00);
    draft.details.description = "<p>Strong</p>".parse().unwrap();
    draft.variants[0].details.sku = Some(short("C-1"));
    let coffee = shop.has(draft).await.unwrap();
    let report = shop.import("Référence;Titre;Prix\nC-1;Café;9,50\n".as_bytes(), false).await;
    let [line] = report.lines.as_slice() else { panic!("one line") };
    let import::Outcome::Changed(id, changes) = &line.outcome else { panic!("{line:?}") };
    assert_eq!(*id, coffee.id);
    let fields: Vec<&str> = changes.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(fields, ["title", "price"]);
    let id = coffee.id;
    let read = shop.read(move |rx| catalog::product(rx, id)).await.unwrap();
    assert_eq!((read.details.description.as_str(), read.handle.as_str()), ("<p>Strong</p>", "coffee"));
}
}

//! Files of customers: foreseen, brought in, and brought in again.

use customers::{
    Filter,
    import::{Ground, Known, Outcome, Reason, Report, run},
};

use crate::world::{World, contact};

const FILE: &str = "Name;Phone;Email;Consent;Consent date;Consent text\n\
    Awa Barry;06 12 34 56 71;;yes;1970-01-01T00:00:01Z;Letters\n\
    Bob;;bob@example.org;;;\n\
    Nobody;;;;;\n\
    Both;+33612345671x;bob@example.org;;;\n";

async fn bring(world: &World, file: &str, known: Known, preview: bool) -> Report {
    let ground = Ground {
        home: "FR".parse().unwrap(),
        zone: base::Zone::utc(),
        now: "2026-06-01T12:00:00Z".parse().unwrap(),
    };
    run(&world.test.db, world.scope.clone(), &ground, file.as_bytes(), known, preview).await.unwrap()
}

fn outcomes(report: &Report) -> Vec<(u64, &Outcome)> {
    report.lines.iter().map(|line| (line.line, &line.outcome)).collect()
}

on_both_engines!(brought, what_a_preview_says_is_what_happens_and_a_second_time_nothing_does);
async fn brought(world: World) {
    let foreseen = bring(&world, FILE, Known::Update, true).await;
    assert_eq!(foreseen.counts(), [2, 0, 0, 0, 2], "{:?}", outcomes(&foreseen));
    assert!(world.names(Filter::default()).await.is_empty(), "a preview writes nothing");
    assert!(matches!(outcomes(&foreseen)[2], (4, Outcome::Refused(Reason::NoContact))));
    let done = bring(&world, FILE, Known::Update, false).await;
    assert_eq!(done.counts(), foreseen.counts());
    let Outcome::Added(Some(awa)) = done.lines[0].outcome else { panic!("{:?}", done.lines) };
    let look = move |rx: &mut db::Rx| Ok((customers::find(rx, awa)?, customers::consent::all(rx, awa)?));
    let (customer, consents) = world.read(look).await.unwrap();
    assert_eq!(customer.agreed, Some(true));
    assert_eq!((consents.len(), consents[0].words.as_str()), (1, "Letters"));
    let agreed = Filter { agreed: Some(true), ..Filter::default() };
    assert_eq!(world.names(agreed).await, ["Awa Barry"], "Bob stood in the file and agreed to nothing");
    let again = bring(&world, FILE, Known::Update, false).await;
    assert_eq!(again.counts(), [0, 0, 2, 0, 2]);
    assert_eq!(world.read(move |rx| customers::consent::all(rx, awa)).await.unwrap().len(), 1);
}

on_both_engines!(known, who_is_known_is_updated_or_left_as_the_file_was_meant);
async fn known(world: World) {
    let awa = world.orders(contact("A. Barry/+33612345671/")).await.unwrap();
    world.orders(contact("Bob/+33612345672/bob@example.org")).await.unwrap();
    let file = "name,phone,email\nAwa Barry,0612345671,awa@example.org\nBob,0612345672,\nTwo,0612345671,bob@example.org\n";
    let left = bring(&world, file, Known::Leave, false).await;
    assert_eq!(left.counts(), [0, 0, 1, 1, 1], "{:?}", outcomes(&left));
    assert_eq!(
        world.read(move |rx| customers::find(rx, awa)).await.unwrap().contact,
        contact("A. Barry/+33612345671/")
    );
    let updated = bring(&world, file, Known::Update, false).await;
    assert_eq!(updated.lines[0].outcome, Outcome::Changed(awa, vec!["name", "email"]));
    // the number stands on two lines: the later one is refused before anybody asks whose it is
    assert!(matches!(updated.lines[2].outcome, Outcome::Refused(Reason::Repeated { line: 2, .. })));
    let two = bring(&world, "phone,email\n0612345671,bob@example.org\n", Known::Update, false).await;
    assert_eq!(two.lines[0].outcome, Outcome::Refused(Reason::TwoPeople));
    let customer = world.read(move |rx| customers::find(rx, awa)).await.unwrap();
    assert_eq!(customer.contact, contact("Awa Barry/+33612345671/awa@example.org"));
}

#[tokio::test]
async fn a_list_without_a_day_never_speaks_against_what_the_customer_said() {
    let world = World::on_sqlite().await;
    let awa = world.orders(contact("Awa/+33612345671/")).await.unwrap();
    world.write(move |tx| customers::consent::tell(tx, awa, false, &"".parse().unwrap())).await.unwrap();
    let yes = bring(&world, "phone,consent\n0612345671,yes\n", Known::Update, false).await;
    assert_eq!(yes.lines[0].outcome, Outcome::Unchanged(awa));
    assert_eq!(world.read(move |rx| customers::find(rx, awa)).await.unwrap().agreed, Some(false));
    let old = bring(
        &world,
        "phone,consent,consent date\n0612345671,yes,1970-01-01T00:00:01Z\n",
        Known::Update,
        false,
    )
    .await;
    assert_eq!(old.lines[0].outcome, Outcome::Unchanged(awa));
}

#[tokio::test]
async fn what_was_taken_out_as_a_table_can_be_brought_in_again() {
    let world = World::on_sqlite().await;
    world.orders(contact("Awa/+33612345671/awa@example.org")).await.unwrap();
    let file = "id,name,phone,email,language,orders,lastOrderAt,consent,consentAt\n\
        cust_x,Awa,'+33612345671,awa@example.org,,3,,,\n";
    let report = bring(&world, file, Known::Update, false).await;
    assert_eq!(report.counts(), [0, 0, 1, 0, 0]);
    assert_eq!(report.unread, ["id", "orders", "lastOrderAt"]);
}

//! Who may make whom what.

use crate::common::{House, Shop, as_member, schemas};
use db::testing::TestDb;
use people::{Error, KeyKind, MemberState, Role, RoleAt, keys, members};

async fn a_house(test: TestDb) -> (House, Shop) {
    let house = House::of(test);
    let shop = house.shop("bakery", "awa").await;
    (house, shop)
}

async fn one_owner_always_remains(test: TestDb) {
    let (house, shop) = a_house(test).await;
    let owner = shop.founded.owner.id;
    let suspended = house.test.db.write(shop.scope.clone(), move |tx| members::suspend(tx, owner)).await;
    assert!(matches!(suspended, Err(Error::LastOwner)), "{suspended:?}");
    let removed = house.test.db.write(shop.scope.clone(), move |tx| members::remove(tx, owner)).await;
    assert!(matches!(removed, Err(Error::LastOwner)));
    let demote =
        move |tx: &mut db::Tx<'_>| members::change_roles(tx, owner, vec![RoleAt::everywhere(Role::Admin)]);
    assert!(matches!(house.test.db.write(shop.scope.clone(), demote).await, Err(Error::LastOwner)));

    // one more owner who cannot act does not count, one who can does
    let second = house.member(&shop, "fatou", vec![RoleAt::everywhere(Role::Owner)]).await.id;
    house.test.db.write(shop.scope.clone(), move |tx| members::suspend(tx, second)).await.unwrap();
    assert!(matches!(house.test.db.write(shop.scope.clone(), demote).await, Err(Error::LastOwner)));
    house.test.db.write(shop.scope.clone(), move |tx| members::resume(tx, second)).await.unwrap();
    assert_eq!(
        house.test.db.write(shop.scope.clone(), demote).await.unwrap().roles,
        [RoleAt::everywhere(Role::Admin)]
    );
}

async fn nobody_grants_above_himself(test: TestDb) {
    let (house, shop) = a_house(test).await;
    let admin = house.member(&shop, "fatou", vec![RoleAt::everywhere(Role::Admin)]).await.id;
    let cashier = house.member(&shop, "moussa", vec![RoleAt::everywhere(Role::Cashier)]).await.id;
    let owner = shop.founded.owner.id;
    let try_invite = async |who, role| {
        let invite = move |tx: &mut db::Tx<'_>| {
            members::invite(tx, "Sory".parse().unwrap(), vec![RoleAt::everywhere(role)]).map(drop)
        };
        house.test.db.write(as_member(&shop, who), invite).await
    };
    assert!(try_invite(admin, Role::Admin).await.is_ok());
    assert!(matches!(try_invite(admin, Role::Owner).await, Err(Error::OwnersOnly)));
    assert!(matches!(try_invite(cashier, Role::Manager).await, Err(Error::AboveYourself)));
    let touched = house.test.db.write(as_member(&shop, admin), move |tx| members::remove(tx, owner)).await;
    assert!(matches!(touched, Err(Error::OwnersOnly)));
    let raised =
        move |tx: &mut db::Tx<'_>| members::change_roles(tx, cashier, vec![RoleAt::everywhere(Role::Admin)]);
    let raised = house.test.db.write(as_member(&shop, cashier), raised).await;
    assert!(matches!(raised, Err(Error::AboveYourself)));
}

async fn a_local_admin_rules_at_his_own_store_alone(test: TestDb) {
    let (house, shop) = a_house(test).await;
    let here = shop.founded.location.id;
    let there = house
        .test
        .db
        .write(shop.scope.clone(), |tx| {
            people::location::create(tx, "Market".parse().unwrap(), Default::default())
        })
        .await
        .unwrap()
        .id;
    let local = house.member(&shop, "fatou", vec![RoleAt::at(Role::Admin, vec![here])]).await.id;
    let try_invite = async |places: Vec<people::LocationId>| {
        let invite = move |tx: &mut db::Tx<'_>| {
            members::invite(tx, "Sory".parse().unwrap(), vec![RoleAt::at(Role::Cashier, places.clone())])
                .map(drop)
        };
        house.test.db.write(as_member(&shop, local), invite).await
    };
    assert!(try_invite(vec![here]).await.is_ok());
    assert!(matches!(try_invite(vec![there]).await, Err(Error::AboveYourself)));
    assert!(matches!(try_invite(vec![here, there]).await, Err(Error::AboveYourself)));
    assert!(matches!(try_invite(Vec::new()).await, Err(Error::AboveYourself)));
    let foreign = "loc_01h2xcejqtf2nbrexx3vqjhp41".parse().unwrap();
    assert!(matches!(try_invite(vec![foreign]).await, Err(Error::UnknownLocation)));
}

async fn an_invite_works_once_and_for_two_days(test: TestDb) {
    let (house, shop) = a_house(test).await;
    let db = &house.test.db;
    let invite = |tx: &mut db::Tx<'_>| {
        members::invite(tx, "Sory".parse().unwrap(), vec![RoleAt::everywhere(Role::Stock)])
    };
    let first = db.write(shop.scope.clone(), invite).await.unwrap();
    let sory = first.member.id;
    let renewed = db.write(shop.scope.clone(), move |tx| members::renew_invite(tx, sory)).await.unwrap();
    let old = first.token.clone();
    let stale = db.read(shop.scope.clone(), move |rx| members::invitation(rx, old.reveal())).await;
    assert!(matches!(stale, Err(Error::InviteGone)));

    house.test.clock.advance_s(48 * 3600 - 1);
    let token = renewed.token.clone();
    let open = db.read(shop.scope.clone(), move |rx| members::invitation(rx, token.reveal())).await.unwrap();
    assert_eq!(open.member.id, sory);
    house.test.clock.advance_s(1);
    let token = renewed.token.clone();
    let over = db.read(shop.scope.clone(), move |rx| members::invitation(rx, token.reveal())).await;
    assert!(matches!(over, Err(Error::InviteGone)));

    let again = db.write(shop.scope.clone(), move |tx| members::renew_invite(tx, sory)).await.unwrap();
    let (owner, token) = (shop.owner, again.token.clone());
    let twice = db.write(shop.scope.clone(), move |tx| members::accept(tx, token.reveal(), owner)).await;
    assert!(matches!(twice, Err(Error::AlreadyMember)), "the owner is a member already");
    let stranger = "acct_01h2xcejqtf2nbrexx3vqjhp41".parse().unwrap();
    let token = again.token.clone();
    let joined =
        db.write(shop.scope.clone(), move |tx| members::accept(tx, token.reveal(), stranger)).await.unwrap();
    assert_eq!(joined.state, MemberState::Active);
    let used =
        db.write(shop.scope.clone(), move |tx| members::accept(tx, again.token.reveal(), stranger)).await;
    assert!(matches!(used, Err(Error::InviteGone)));
}

async fn whoever_was_removed_may_come_back(test: TestDb) {
    let (house, shop) = a_house(test).await;
    let roles = vec![RoleAt::everywhere(Role::Cashier)];
    let first = house.member(&shop, "moussa", roles.clone()).await;
    let (id, account) = (first.id, first.account.unwrap());
    house.test.db.write(shop.scope.clone(), move |tx| members::remove(tx, id)).await.unwrap();
    let back = move |tx: &mut db::Tx<'_>| {
        let invited = members::invite(tx, "Moussa".parse().unwrap(), roles.clone())?;
        members::accept(tx, invited.token.reveal(), account)
    };
    assert_ne!(house.test.db.write(shop.scope.clone(), back).await.unwrap().id, id);
}

async fn a_key_may_do_no_more_than_its_maker(test: TestDb) {
    let (house, shop) = a_house(test).await;
    let manager = house.member(&shop, "fatou", vec![RoleAt::everywhere(Role::Manager)]).await.id;
    let tenant = shop.scope.tenant;
    let minted = house
        .test
        .db
        .directory()
        .write(move |dx| keys::mint(dx, tenant, KeyKind::Secret, "Robot".parse().unwrap()))
        .await
        .unwrap();
    let all = minted.clone();
    let above = house.test.db.write(as_member(&shop, manager), move |tx| keys::issue(tx, &all)).await;
    assert!(matches!(above, Err(Error::AboveYourself)));
    let odd = minted.clone().limited(vec!["money.print".to_owned()], None);
    let unknown = house.test.db.write(shop.scope.clone(), move |tx| keys::issue(tx, &odd)).await;
    assert!(matches!(unknown, Err(Error::UnknownPermission(_))));
    let few = minted.limited(vec!["orders.read".to_owned()], None);
    let made = house.test.db.write(as_member(&shop, manager), move |tx| keys::issue(tx, &few)).await.unwrap();
    assert_eq!(made.scopes, ["orders.read"]);
}

async fn what_is_recorded_holds_no_secret(test: TestDb) {
    let (house, shop) = a_house(test).await;
    let invite = |tx: &mut db::Tx<'_>| {
        members::invite(tx, "Sory".parse().unwrap(), vec![RoleAt::everywhere(Role::Stock)])
    };
    let invited = house.test.db.write(shop.scope.clone(), invite).await.unwrap();
    let seen = house
        .test
        .db
        .read(shop.scope.clone(), |rx| spine::events::list(rx, &Default::default(), None, 100))
        .await
        .unwrap();
    let kinds: Vec<&str> = seen.iter().rev().map(|event| event.kind.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "business.changed",
            "location.created",
            "member.joined",
            "key.created",
            "key.created",
            "member.invited"
        ]
    );
    let text = format!("{seen:?}");
    for secret in [&shop.founded.secret_key, &shop.founded.public_key, &invited.token] {
        assert!(!text.contains(secret.reveal()));
    }
}

crate::on_both_engines!(
    one_owner_always_remains,
    nobody_grants_above_himself,
    a_local_admin_rules_at_his_own_store_alone,
    an_invite_works_once_and_for_two_days,
    whoever_was_removed_may_come_back,
    a_key_may_do_no_more_than_its_maker,
    what_is_recorded_holds_no_secret,
);

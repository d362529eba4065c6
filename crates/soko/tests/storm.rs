//! A storm of sign-ins: strangers try names without end, and people still get in.

mod house;

use std::sync::Arc;

use edge::testing::ask;
use house::{House, PASSWORD, cookie_of};
use tokio::task::JoinSet;

/// Strangers at once, and how often each of them tries.
const STRANGERS: usize = 400;
const TRIES: usize = 3;

/// Passwords wait in a queue of the process: two storms at once would keep each other's owners out before they begin.
static ONE_STORM: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

on_both_engines! {
    async fn a_known_device_gets_in_through_a_storm(house: House) {
        let _alone = ONE_STORM.lock().await;
        house.sign_up("Une", "awa.diallo").await;
        let fields = [("login", "awa.diallo"), ("password", PASSWORD)];
        let known = house.form("/sign-in", "", &fields).await;
        let device: Vec<&str> =
            known.headers.get_all("set-cookie").iter().filter_map(|line| line.to_str().ok()?.split(';').next()).collect();
        let device = device.join("; ");

        let router = Arc::new(house.router.clone());
        let mut storm = JoinSet::new();
        for stranger in 0..STRANGERS {
            let router = Arc::clone(&router);
            storm.spawn(async move {
                for number in 0..TRIES {
                    // some of them want the owner's account, the others any
                    let login =
                        if stranger % 8 == 0 { "awa.diallo".to_owned() } else { format!("name.{stranger}.{number}") };
                    let headers = [
                        ("content-type", "application/x-www-form-urlencoded"),
                        ("origin", "http://localhost"),
                        ("accept", "application/json"),
                    ];
                    let body = format!("login={login}&password=wrong-password-{number}");
                    let answer = ask(&router, "POST", "http://localhost/sign-in", &headers, &body).await;
                    assert!(matches!(answer.status.as_u16(), 401 | 429 | 503), "{}", answer.body);
                }
            });
        }
        let mut signed_in = 0;
        while !storm.is_empty() {
            let answer = house.form("/sign-in", &device, &fields).await;
            // 503: on a slow machine the database may have no connection free; she tries again
            assert!(matches!(answer.status.as_u16(), 303 | 503), "the owner's own device is kept out: {}", answer.body);
            if answer.status == 303 {
                assert!(!cookie_of(&answer).is_empty());
                signed_in += 1;
            }
            while let Some(done) = storm.try_join_next() {
                done.unwrap();
            }
        }
        assert!(signed_in > 0);
        // from a device that nobody knows the account is shut, for the owner, too
        assert_eq!(house.form("/sign-in", "", &fields).await.status, 429);
    }
}

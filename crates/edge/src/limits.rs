//! How often something may be done: token buckets in memory, of bounded number.

use std::{net::IpAddr, num::NonZeroUsize};

use base::Timestamp;
use lru::LruCache;
use parking_lot::Mutex;

use crate::Problem;

/// `burst` at once, and as many again in each `per_s` seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub burst: u32,
    pub per_s: u32,
}

/// Buckets kept at most; the one untouched longest is forgotten first, which only ever forgives.
const KEPT: usize = 100_000;

pub struct Limits {
    world: db::World,
    buckets: Mutex<LruCache<(&'static str, Box<str>), Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    /// Millionths of one use that are left.
    left: u64,
    at: Timestamp,
}

const ONE: u64 = 1_000_000;

impl Limits {
    pub(crate) fn new(world: db::World) -> Self {
        let kept = NonZeroUsize::new(KEPT).unwrap_or(NonZeroUsize::MIN);
        Self { world, buckets: Mutex::new(LruCache::new(kept)) }
    }

    /// Uses up one of what `key` may do of `what`; when nothing is left, 429 says in how many seconds there will be.
    pub fn take(&self, what: &'static str, key: &str, rate: Rate) -> Result<(), Problem> {
        self.visit(what, key, rate, ONE).map_err(Problem::too_many)
    }

    /// Whether one is left, without using it: for tries that count only when they fail.
    pub fn check(&self, what: &'static str, key: &str, rate: Rate) -> Result<(), Problem> {
        self.visit(what, key, rate, 0).map_err(Problem::too_many)
    }

    /// Gives back everything: a success forgives the tries before it.
    pub fn forgive(&self, what: &'static str, key: &str) {
        self.buckets.lock().pop(&(what, Box::from(key)));
    }

    fn visit(&self, what: &'static str, key: &str, rate: Rate, cost: u64) -> Result<(), u64> {
        let now = self.world.now();
        let full = u64::from(rate.burst) * ONE;
        let mut buckets = self.buckets.lock();
        let bucket = buckets.get_or_insert_mut((what, Box::from(key)), || Bucket { left: full, at: now });
        let elapsed_us = u64::try_from(now.micros() - bucket.at.micros()).unwrap_or(0);
        let per_us =
            |amount: u64| u128::from(amount) * u128::from(rate.burst) / u128::from(rate.per_s.max(1));
        let refilled = u64::try_from(per_us(elapsed_us)).unwrap_or(u64::MAX);
        if refilled > 0 {
            *bucket = Bucket { left: bucket.left.saturating_add(refilled).min(full), at: now };
        }
        if bucket.left >= ONE {
            bucket.left -= cost;
            return Ok(());
        }
        let missing = ONE - bucket.left;
        Err(missing * u64::from(rate.per_s) / (u64::from(rate.burst.max(1)) * ONE) + 1)
    }
}

/// What counts as one caller: an IPv4 address, or the /64 that a network gives one customer.
pub fn address_key(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIVE_AN_HOUR: Rate = Rate { burst: 5, per_s: 3600 };

    #[test]
    fn what_is_used_up_comes_back_with_time_and_the_caller_is_told_when() {
        let (world, clock) = db::World::fixed(Timestamp::from_micros(1_000_000), 1);
        let limits = Limits::new(world);
        for _ in 0..5 {
            assert!(limits.take("sign-up", "203.0.113.9", FIVE_AN_HOUR).is_ok());
        }
        let refused = axum::response::IntoResponse::into_response(
            limits.take("sign-up", "203.0.113.9", FIVE_AN_HOUR).unwrap_err(),
        );
        assert_eq!(
            (refused.status().as_u16(), &refused.headers()["retry-after"]),
            (429, &http::HeaderValue::from_static("721"))
        );
        assert!(limits.take("sign-up", "203.0.113.10", FIVE_AN_HOUR).is_ok());
        assert!(limits.take("sign-in", "203.0.113.9", FIVE_AN_HOUR).is_ok());
        clock.advance_s(721);
        assert!(limits.take("sign-up", "203.0.113.9", FIVE_AN_HOUR).is_ok());
        assert!(limits.take("sign-up", "203.0.113.9", FIVE_AN_HOUR).is_err());
    }

    #[test]
    fn a_success_forgives_and_a_look_costs_nothing() {
        let (world, _) = db::World::fixed(Timestamp::from_micros(0), 1);
        let (limits, once) = (Limits::new(world), Rate { burst: 1, per_s: 60 });
        for _ in 0..3 {
            assert!(limits.check("tries", "awa", once).is_ok());
        }
        assert!(limits.take("tries", "awa", once).is_ok());
        assert!(limits.check("tries", "awa", once).is_err());
        limits.forgive("tries", "awa");
        assert!(limits.check("tries", "awa", once).is_ok());
    }

    #[test]
    fn a_customers_whole_ipv6_network_is_one_caller() {
        let key = |raw: &str| address_key(raw.parse().unwrap());
        assert_eq!(key("2001:db8:1:2:3::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("::ffff:203.0.113.9"), "203.0.113.9");
    }
}

//! Four weeks pass: what happens in the shops, one thing after another, on a clock that is moved along.

use std::collections::BTreeMap;

use base::Timestamp;
use db::FixedClock;

use super::{
    Result,
    chance::Chance,
    founding::Merchant,
    past::{Deed, Past},
    sample::Sample,
};
use crate::wiring::Soko;

const DAY_S: i64 = 24 * 3600;
/// People buy from eight in the morning on, for twelve hours.
const OPENS_S: i64 = 8 * 3600;
const OPEN_FOR_S: i64 = 12 * 3600;

/// What is to happen, in its order.
#[derive(Default)]
struct Agenda {
    deeds: BTreeMap<(Timestamp, u64), (usize, Deed)>,
    added: u64,
}

impl Agenda {
    fn add(&mut self, at: Timestamp, merchant: usize, deed: Deed) {
        self.added += 1;
        self.deeds.insert((at, self.added), (merchant, deed));
    }
}

/// Lives from the clock's time to `until`, which is where the clock stands afterwards.
pub async fn pass(
    soko: &Soko,
    samples: &[&'static Sample],
    merchants: &[Merchant],
    clock: &FixedClock,
    until: Timestamp,
) -> Result {
    let mut pasts = Vec::new();
    for (place, (sample, merchant)) in samples.iter().zip(merchants).enumerate() {
        pasts.push(Past::begin(soko, sample, merchant.tenant, place as u64, clock).await?);
    }
    let (start, mut agenda) = (clock.now(), Agenda::default());
    for (place, sample) in samples.iter().enumerate() {
        let mut chance = Chance::new(100 + place as u64);
        for day in 0..=until.seconds_since(start) / DAY_S {
            let morning = start.plus_s(day * DAY_S - start.micros() / 1_000_000 % DAY_S + OPENS_S);
            agenda.add(morning.plus_s(-OPENS_S / 2), place, Deed::Night);
            if day % 7 == 2 {
                agenda.add(morning, place, Deed::Delivery);
            }
            if day % 2 == 0 {
                agenda.add(morning.plus_s(chance.between(0, OPEN_FOR_S)), place, Deed::Ask);
            }
            for _ in 0..sample.orders_a_day - 2 + chance.below(5) {
                agenda.add(morning.plus_s(chance.between(0, OPEN_FOR_S)), place, Deed::Order);
            }
        }
    }
    while let Some(((at, _), (place, deed))) = agenda.deeds.pop_first() {
        // the first day begins in its midst
        if at < start {
            continue;
        }
        if at > until {
            break;
        }
        clock.advance_s(at.seconds_since(clock.now()).max(0));
        for (later_s, next) in pasts[place].live(soko, deed).await? {
            agenda.add(at.plus_s(later_s), place, next);
        }
    }
    clock.advance_s(until.seconds_since(clock.now()).max(0));
    for past in &mut pasts {
        past.live(soko, Deed::Night).await?;
        past.remember(soko).await?;
    }
    Ok(())
}

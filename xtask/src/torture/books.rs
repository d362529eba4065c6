//! What must hold after a crash: each acknowledged order once, each other one whole or absent, and books that add up.

use std::collections::BTreeMap;

use super::STOCK;
use super::load::{Attempt, id_of};
use crate::client::Client;
use crate::server::{Merchant, Server, Setting};
use crate::{Result, shell};

/// Compares `attempts` with what `server` kept, replays those that were never answered, and says how many of them it had kept.
pub fn check(
    setting: &Setting,
    server: &Server,
    merchant: &Merchant,
    variant: &str,
    mut attempts: Vec<Attempt>,
) -> Result<usize> {
    let client = server.client(merchant);
    let listed = listed_orders(&client, merchant)?;
    let kept = unanswered_but_kept(&attempts, &listed)?;

    for attempt in &mut attempts {
        let Some(order) = attempt.order.clone() else {
            attempt.order = Some(replay(attempt, &client, merchant)?);
            continue;
        };
        let found = id_of(&client.get(&merchant.api(&format!("/orders/{order}")))?.expect(200)?)?;
        if found != order {
            return Err(format!("asked for order {order}, got {found}").into());
        }
    }
    for attempt in &attempts {
        let again = replay(attempt, &client, merchant)?;
        if attempt.order.as_ref() != Some(&again) {
            return Err(format!("the key {} made a second order {again}", attempt.key).into());
        }
    }
    if unanswered_but_kept(&attempts, &listed_orders(&client, merchant)?)? != 0 {
        return Err("an order is listed that nobody asked for".into());
    }

    let ordered: u64 = attempts.iter().map(|attempt| attempt.quantity).sum();
    let levels = client.get(&merchant.api(&format!("/stock/{variant}")))?.expect(200)?;
    let left =
        levels["items"][0]["available"].as_u64().ok_or_else(|| format!("no level of stock: {levels}"))?;
    if left != STOCK - ordered {
        return Err(format!("{ordered} of {STOCK} units were ordered, but {left} are left").into());
    }
    shell::read(&mut setting.command(&["audit", "verify"]))?;
    Ok(kept)
}

/// The id of the order that `attempt` stands for, asked for again.
fn replay(attempt: &Attempt, client: &Client, merchant: &Merchant) -> Result<String> {
    let reply = attempt.place(client, merchant)?;
    if reply.status != 200 && reply.status != 201 {
        return Err(format!("the key {} was answered {}: {}", attempt.key, reply.status, reply.body).into());
    }
    id_of(&reply.body)
}

fn listed_orders(client: &Client, merchant: &Merchant) -> Result<Vec<String>> {
    client.list(&merchant.api("/orders"))?.iter().map(id_of).collect()
}

/// How many listed orders were never acknowledged; an error when an acknowledged one is missing, or any is listed twice,
/// or there are more than were asked for.
fn unanswered_but_kept(attempts: &[Attempt], listed: &[String]) -> Result<usize> {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for order in listed {
        *times.entry(order).or_default() += 1;
    }
    if let Some((order, times)) = times.iter().find(|(_, times)| **times > 1) {
        return Err(format!("order {order} is listed {times} times").into());
    }
    let acknowledged: Vec<&String> = attempts.iter().filter_map(|attempt| attempt.order.as_ref()).collect();
    if let Some(lost) = acknowledged.iter().find(|order| !times.contains_key(order.as_str())) {
        return Err(format!("order {lost} was acknowledged, and is lost").into());
    }
    let kept = listed.len() - acknowledged.len();
    let unanswered = attempts.len() - acknowledged.len();
    if kept > unanswered {
        return Err(format!(
            "{kept} orders are listed beside the acknowledged ones, but only {unanswered} were asked for"
        )
        .into());
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::{Attempt, unanswered_but_kept};

    fn attempts(orders: &[Option<&str>]) -> Vec<Attempt> {
        let attempt = |order: &Option<&str>| Attempt {
            key: String::new(),
            quantity: 1,
            order: order.map(str::to_owned),
        };
        orders.iter().map(attempt).collect()
    }

    fn verdict(orders: &[Option<&str>], listed: &[&str]) -> Result<usize, String> {
        let listed: Vec<String> = listed.iter().map(|order| (*order).to_owned()).collect();
        unanswered_but_kept(&attempts(orders), &listed).map_err(|error| error.to_string())
    }

    #[test]
    fn an_unanswered_order_may_be_there_or_not() {
        assert_eq!(verdict(&[Some("a"), None], &["a"]), Ok(0));
        assert_eq!(verdict(&[Some("a"), None], &["b", "a"]), Ok(1));
    }

    #[test]
    fn an_acknowledged_order_that_is_missing_is_lost() {
        assert!(
            verdict(&[Some("a"), None], &["b"])
                .unwrap_err()
                .contains("order a was acknowledged, and is lost")
        );
    }

    #[test]
    fn an_order_listed_twice_is_seen() {
        assert!(verdict(&[Some("a"), None], &["a", "a"]).unwrap_err().contains("listed 2 times"));
    }

    #[test]
    fn more_orders_than_were_asked_for_are_seen() {
        assert!(verdict(&[Some("a"), None], &["a", "b", "c"]).unwrap_err().contains("only 1 were asked for"));
    }
}

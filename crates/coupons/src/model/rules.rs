//! What a coupon takes off a wish: plain functions.

use base::{Currency, Money};
use orders::{
    pricing::{Discount, Kind},
    promotion::{AskedLine, Lowers, Refusal},
};

use super::Offer;

/// What `offer` takes off the lines at `covered`, of all `lines`; `code` is named in a refusal. The least that must be bought is
/// asked of the whole basket, before discounts.
pub fn taken_off(
    offer: &Offer,
    code: &str,
    minimum: Option<Money>,
    currency: Currency,
    lines: &[AskedLine],
    covered: &[usize],
) -> Result<(Discount, Lowers), Refusal> {
    let nothing = || Refusal::NothingToLower { code: code.to_owned() };
    let sold = |line: &&AskedLine| matches!(line.kind, Kind::Goods | Kind::Service);
    if let Some(minimum) = minimum {
        let bought = Money::sum(currency, lines.iter().filter(sold).map(|line| line.list));
        let below = bought.and_then(|bought| bought.is_below(minimum));
        if below.unwrap_or(true) {
            return Err(Refusal::BelowMinimum { code: code.to_owned(), minimum });
        }
    }
    let goods: Vec<usize> =
        covered.iter().copied().filter(|place| lines.get(*place).is_some_and(|line| sold(&line))).collect();
    match offer {
        _ if goods.is_empty() => Err(nothing()),
        Offer::Percent { value } => Ok((Discount::Percent(*value), Lowers::Lines(goods))),
        Offer::Fixed { value } if value.currency() == currency => {
            Ok((Discount::Amount(*value), Lowers::Lines(goods)))
        }
        Offer::Fixed { .. } => Err(nothing()),
        Offer::Text { .. } => Ok((Discount::Amount(Money::zero(currency)), Lowers::Nothing)),
        Offer::FreeDelivery => Ok((Discount::Percent(WHOLE), Lowers::Delivery)),
        Offer::BuyXGetY { buy, get } => {
            let (free, places) = cheapest_free(*buy, *get, currency, lines, &goods).ok_or_else(nothing)?;
            Ok((Discount::Amount(free), Lowers::Lines(places)))
        }
    }
}

const WHOLE: base::tax::Rate = match base::tax::Rate::parts_per_million(1_000_000) {
    Some(rate) => rate,
    None => unreachable!(),
};

/// The price of the pieces that are free, and the lines they are in: for each `buy` whole pieces `get` more, the cheapest of all.
fn cheapest_free(
    buy: i64,
    get: i64,
    currency: Currency,
    lines: &[AskedLine],
    covered: &[usize],
) -> Option<(Money, Vec<usize>)> {
    const PIECE: i64 = 1000;
    let mut pieces: Vec<(Money, usize, i64)> = covered
        .iter()
        .filter_map(|place| lines.get(*place).map(|line| (line.unit_price, *place, line.quantity)))
        .map(|(price, place, quantity)| (price, place, quantity.in_thousandths() / PIECE))
        .collect();
    let all: i64 = pieces.iter().map(|(.., count)| count).sum();
    let group = buy + get;
    let mut free = all / group * get + (all % group - buy).max(0);
    if free == 0 {
        return None;
    }
    pieces.sort_by_key(|(price, place, _)| (price.minor(), *place));
    let (mut sum, mut places) = (Money::zero(currency), Vec::new());
    for (price, place, count) in pieces {
        let given = count.min(free);
        if given == 0 {
            break;
        }
        sum = sum.plus(price.times(base::Quantity::units(given)).ok()?).ok()?;
        places.push(place);
        free -= given;
    }
    Some((sum, places))
}

#[cfg(test)]
mod tests {
    use base::{Quantity, tax::Rate};

    use super::*;

    fn eur(minor: i64) -> Money {
        Money::new(minor, "EUR".parse().unwrap()).unwrap()
    }

    fn line(minor: i64, units: i64) -> AskedLine {
        let quantity = Quantity::units(units);
        AskedLine {
            product: None,
            kind: Kind::Goods,
            quantity,
            unit_price: eur(minor),
            list: eur(minor).times(quantity).unwrap(),
        }
    }

    fn asked(
        offer: &Offer,
        minimum: Option<Money>,
        lines: &[AskedLine],
    ) -> Result<(Discount, Lowers), Refusal> {
        let all: Vec<usize> = (0..lines.len()).collect();
        taken_off(offer, "ABCD", minimum, "EUR".parse().unwrap(), lines, &all)
    }

    #[test]
    fn who_buys_two_gets_the_cheapest_third_for_nothing() {
        let offer = Offer::BuyXGetY { buy: 2, get: 1 };
        let lines = [line(5_00, 1), line(2_00, 1), line(3_00, 1)];
        assert_eq!(asked(&offer, None, &lines), Ok((Discount::Amount(eur(2_00)), Lowers::Lines(vec![1]))));
        assert!(matches!(asked(&offer, None, &lines[..2]), Err(Refusal::NothingToLower { .. })));
    }

    #[test]
    fn seven_pieces_of_two_for_three_hold_two_free_ones() {
        let offer = Offer::BuyXGetY { buy: 2, get: 1 };
        let (discount, _) = asked(&offer, None, &[line(1_00, 7)]).unwrap();
        assert_eq!(discount, Discount::Amount(eur(2_00)));
        let offer = Offer::BuyXGetY { buy: 1, get: 2 };
        let (discount, _) = asked(&offer, None, &[line(1_00, 5)]).unwrap();
        assert_eq!(discount, Discount::Amount(eur(3_00)));
    }

    #[test]
    fn what_is_weighed_counts_by_whole_pieces() {
        let half = AskedLine { quantity: "0.5".parse().unwrap(), ..line(4_00, 1) };
        let offer = Offer::BuyXGetY { buy: 1, get: 1 };
        assert!(asked(&offer, None, &[half.clone(), half]).is_err());
    }

    #[test]
    fn the_least_that_is_bought_counts_goods_before_discounts() {
        let tenth = Offer::Percent { value: Rate::parse_percent("10").unwrap() };
        let delivery = AskedLine { kind: Kind::Delivery, ..line(50_00, 1) };
        let lines = [line(9_99, 1), delivery];
        let refused = asked(&tenth, Some(eur(10_00)), &lines);
        assert_eq!(refused, Err(Refusal::BelowMinimum { code: "ABCD".to_owned(), minimum: eur(10_00) }));
        assert!(asked(&tenth, Some(eur(9_99)), &lines).is_ok());
    }

    #[test]
    fn a_gift_card_is_never_lowered() {
        let tenth = Offer::Percent { value: Rate::parse_percent("10").unwrap() };
        let card = AskedLine { kind: Kind::GiftCard, ..line(20_00, 1) };
        assert!(matches!(asked(&tenth, None, &[card]), Err(Refusal::NothingToLower { .. })));
    }
}

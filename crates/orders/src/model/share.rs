//! Which part of an order a refund gives back: by line and quantity, by line and amount, by amount, or all of it. Taxes
//! go back in proportion, and the parts of any series of refunds add up to what was sold, never to more.

use base::{Currency, Money, MoneyError, Quantity, largest_remainder, rounded_division};

/// A line as it was sold, with what went back already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sold {
    /// The line's number in its order.
    pub line: i64,
    pub quantity: Quantity,
    pub gross: Money,
    /// One for each tax of the line.
    pub taxes: Vec<Money>,
    pub returned: Quantity,
    pub refunded: Money,
    /// One for each tax of the line.
    pub refunded_taxes: Vec<Money>,
}

impl Sold {
    fn left(&self) -> i64 {
        self.gross.minor() - self.refunded.minor()
    }
}

/// What is asked for of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// These goods come back; the line's price for them is given back.
    Quantity(Quantity),
    /// This much is given back, no goods.
    Amount(Money),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extent {
    Full,
    Lines(Vec<(i64, Wish)>),
    /// This much, over all lines in proportion to what is left of them.
    Amount(Money),
}

/// What goes back of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    pub line: i64,
    pub quantity: Quantity,
    pub amount: Money,
    /// One for each tax of the line.
    pub taxes: Vec<Money>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    #[error("this order has no line {0}")]
    NoSuchLine(i64),
    #[error("name each line once")]
    LineTwice,
    #[error("give back something above zero")]
    Nothing,
    #[error("only {left} of line {line} can still come back")]
    MoreThanSold { line: i64, left: Quantity },
    #[error("only {left} can still be given back")]
    MoreThanPaid { left: Money },
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// The shares of `sold` that `extent` gives back; lines that give nothing are left out.
pub fn shares(currency: Currency, sold: &[Sold], extent: &Extent) -> Result<Vec<Share>, ShareError> {
    let mut wanted: Vec<(&Sold, Quantity, i64)> = Vec::new();
    match extent {
        Extent::Full => {
            for line in sold {
                wanted.push((line, Quantity::thousandths(returnable(line)), line.left()));
            }
        }
        Extent::Lines(wishes) => {
            for (number, wish) in wishes {
                let line =
                    sold.iter().find(|line| line.line == *number).ok_or(ShareError::NoSuchLine(*number))?;
                if wanted.iter().any(|(known, ..)| known.line == *number) {
                    return Err(ShareError::LineTwice);
                }
                wanted.push(match wish {
                    Wish::Quantity(quantity) => (line, *quantity, price_of(line, *quantity)?),
                    Wish::Amount(amount) => (line, Quantity::ZERO, amount_of(line, *amount)?),
                });
            }
        }
        Extent::Amount(amount) => {
            let left: Vec<i64> = sold.iter().map(Sold::left).collect();
            let all = left.iter().map(|minor| Money::new(*minor, currency)).collect::<Result<Vec<_>, _>>()?;
            let all = Money::sum(currency, all)?;
            if !amount.is_positive() {
                return Err(ShareError::Nothing);
            }
            if all.is_below(*amount)? {
                return Err(ShareError::MoreThanPaid { left: all });
            }
            for (line, part) in sold.iter().zip(largest_remainder(amount.minor(), &left)) {
                wanted.push((line, Quantity::ZERO, part));
            }
        }
    }
    let something = |(_, quantity, amount): &(&Sold, Quantity, i64)| quantity.is_positive() || *amount > 0;
    wanted
        .into_iter()
        .filter(something)
        .map(|(line, quantity, amount)| share(currency, line, quantity, amount))
        .collect()
}

fn returnable(line: &Sold) -> i64 {
    line.quantity.in_thousandths() - line.returned.in_thousandths()
}

/// What `quantity` of the line cost; the last of it takes all that is left, so nothing is lost to rounding.
fn price_of(line: &Sold, quantity: Quantity) -> Result<i64, ShareError> {
    let left = returnable(line);
    if !quantity.is_positive() {
        return Err(ShareError::Nothing);
    }
    if quantity.in_thousandths() > left {
        return Err(ShareError::MoreThanSold { line: line.line, left: Quantity::thousandths(left) });
    }
    if quantity.in_thousandths() == left {
        return Ok(line.left());
    }
    let price = part(line.gross.minor(), quantity.in_thousandths(), line.quantity.in_thousandths());
    Ok(price.min(line.left()))
}

fn amount_of(line: &Sold, amount: Money) -> Result<i64, ShareError> {
    let left = Money::new(line.left(), line.gross.currency())?;
    if !amount.is_positive() {
        return Err(ShareError::Nothing);
    }
    if left.is_below(amount)? { Err(ShareError::MoreThanPaid { left }) } else { Ok(amount.minor()) }
}

fn share(currency: Currency, line: &Sold, quantity: Quantity, amount: i64) -> Result<Share, ShareError> {
    let sum = |taxes: &[Money]| taxes.iter().map(|tax| tax.minor()).sum::<i64>();
    let (all, gone) = (sum(&line.taxes), sum(&line.refunded_taxes));
    // by what has gone back in all, so that the roundings of many small refunds do not add up
    let tax = part(all, line.refunded.minor() + amount, line.gross.minor()) - gone;
    let left: Vec<i64> =
        line.taxes.iter().zip(&line.refunded_taxes).map(|(tax, gone)| tax.minor() - gone.minor()).collect();
    let taxes = if tax == 0 { vec![0; left.len()] } else { largest_remainder(tax, &left) };
    Ok(Share {
        line: line.line,
        quantity,
        amount: Money::new(amount, currency)?,
        taxes: taxes.into_iter().map(|minor| Money::new(minor, currency)).collect::<Result<_, _>>()?,
    })
}

/// `whole * numerator / denominator`, half up; nothing of nothing.
fn part(whole: i64, numerator: i64, denominator: i64) -> i64 {
    if denominator == 0 {
        return 0;
    }
    rounded_division(i128::from(whole) * i128::from(numerator), i128::from(denominator)) as i64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn eur(minor: i64) -> Money {
        Money::new(minor, "EUR".parse().unwrap()).unwrap()
    }

    fn sold(line: i64, units: i64, gross: i64, taxes: &[i64]) -> Sold {
        Sold {
            line,
            quantity: Quantity::units(units),
            gross: eur(gross),
            taxes: taxes.iter().map(|minor| eur(*minor)).collect(),
            returned: Quantity::ZERO,
            refunded: eur(0),
            refunded_taxes: taxes.iter().map(|_| eur(0)).collect(),
        }
    }

    fn give_back(sold: &mut [Sold], extent: &Extent) -> Result<Vec<Share>, ShareError> {
        let shares = shares(eur(0).currency(), sold, extent)?;
        for share in &shares {
            let line = sold.iter_mut().find(|line| line.line == share.line).unwrap();
            line.returned = line.returned.plus(share.quantity).unwrap();
            line.refunded = line.refunded.plus(share.amount).unwrap();
            for (gone, tax) in line.refunded_taxes.iter_mut().zip(&share.taxes) {
                *gone = gone.plus(*tax).unwrap();
            }
        }
        Ok(shares)
    }

    #[test]
    fn thirds_of_a_line_add_up_to_the_line() {
        let mut lines = [sold(1, 3, 10_00, &[1_67])];
        let one = Extent::Lines(vec![(1, Wish::Quantity(Quantity::ONE))]);
        let amounts: Vec<i64> =
            (0..3).map(|_| give_back(&mut lines, &one).unwrap()[0].amount.minor()).collect();
        assert_eq!((amounts, lines[0].refunded_taxes[0]), (vec![3_33, 3_33, 3_34], eur(1_67)));
    }

    #[test]
    fn no_more_comes_back_than_was_sold() {
        let mut lines = [sold(1, 2, 10_00, &[])];
        let three = Extent::Lines(vec![(1, Wish::Quantity(Quantity::units(3)))]);
        assert!(matches!(give_back(&mut lines, &three), Err(ShareError::MoreThanSold { .. })));
        assert_eq!(
            give_back(&mut lines, &Extent::Amount(eur(10_01))),
            Err(ShareError::MoreThanPaid { left: eur(10_00) })
        );
        let much = Extent::Lines(vec![(1, Wish::Amount(eur(11_00)))]);
        assert_eq!(give_back(&mut lines, &much), Err(ShareError::MoreThanPaid { left: eur(10_00) }));
    }

    #[test]
    fn an_amount_is_taken_from_all_lines_in_proportion() {
        let mut lines = [sold(1, 1, 30_00, &[5_00]), sold(2, 1, 10_00, &[0])];
        let shares = give_back(&mut lines, &Extent::Amount(eur(4_00))).unwrap();
        assert_eq!(shares.iter().map(|share| share.amount.minor()).collect::<Vec<_>>(), [3_00, 1_00]);
        assert_eq!(shares[0].taxes, [eur(50)]);
    }

    #[test]
    fn a_line_is_named_once_and_exists() {
        let lines = [sold(1, 2, 10_00, &[])];
        let wish = Wish::Amount(eur(1));
        let ask = |wishes| shares(eur(0).currency(), &lines, &Extent::Lines(wishes));
        assert_eq!(ask(vec![(1, wish), (1, wish)]), Err(ShareError::LineTwice));
        assert_eq!(ask(vec![(2, wish)]), Err(ShareError::NoSuchLine(2)));
    }

    proptest! {
        #[test]
        fn any_series_of_refunds_ends_at_exactly_what_was_sold(
            lines in prop::collection::vec((1i64..5, 0i64..500, prop::collection::vec(0i64..60, 0..3)), 1..4),
            steps in prop::collection::vec((0usize..3, 1i64..4, 1i64..300), 0..8),
        ) {
            let mut lines: Vec<Sold> = lines.iter().enumerate()
                .map(|(at, (units, net, taxes))| sold(at as i64, *units, net + taxes.iter().sum::<i64>(), taxes))
                .collect();
            for (kind, number, amount) in steps {
                let line = number % lines.len() as i64;
                let _ = give_back(&mut lines, &match kind {
                    0 => Extent::Amount(eur(amount)),
                    1 => Extent::Lines(vec![(line, Wish::Quantity(Quantity::thousandths(amount * 10)))]),
                    _ => Extent::Lines(vec![(line, Wish::Amount(eur(amount)))]),
                });
                for line in &lines {
                    prop_assert!(line.refunded.minor() <= line.gross.minor());
                    prop_assert!(line.taxes.iter().zip(&line.refunded_taxes).all(|(tax, gone)| gone.minor() <= tax.minor() && !gone.is_negative()));
                }
            }
            give_back(&mut lines, &Extent::Full).unwrap();
            for line in &lines {
                prop_assert_eq!((line.refunded, &line.refunded_taxes, line.returned), (line.gross, &line.taxes, line.quantity));
            }
        }

        #[test]
        fn the_tax_that_goes_back_is_never_more_than_the_amount(
            net in 0i64..300, taxes in prop::collection::vec(0i64..300, 0..3), amounts in prop::collection::vec(1i64..20, 1..20),
        ) {
            let mut lines = [sold(1, 1, net + taxes.iter().sum::<i64>(), &taxes)];
            for amount in amounts {
                let Ok(shares) = give_back(&mut lines, &Extent::Amount(eur(amount))) else { continue };
                for share in shares {
                    prop_assert!(share.taxes.iter().map(|tax| tax.minor()).sum::<i64>() <= share.amount.minor());
                }
            }
        }
    }
}

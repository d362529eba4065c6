//! What redemptions brought of which nobody said what was sold: an estimate from the products that the campaign promotes.

use base::{Money, rounded_division};

use super::{Offer, Promoted};

/// What one piece of a campaign's products is sold for on average and what of it stays, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Average {
    pub value: i64,
    pub margin: i64,
}

impl Average {
    /// Nothing can be said of a campaign that promotes no product.
    pub fn of(promoted: &[Promoted]) -> Option<Self> {
        let mean = |amount: fn(&Promoted) -> Money| {
            let sum: i128 = promoted.iter().map(|one| i128::from(amount(one).minor())).sum();
            let count = i128::try_from(promoted.len()).ok().filter(|count| *count > 0)?;
            i64::try_from(rounded_division(sum, count)).ok()
        };
        Some(Self { value: mean(|one| one.value)?, margin: mean(|one| one.margin)? })
    }
}

/// What one redemption brought, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Guess {
    pub sales: i64,
    pub discount: i64,
    /// After the discount, and never below nothing.
    pub margin: i64,
}

impl Guess {
    /// One piece is sold, and the offer taken off it. What is given in words, or with the delivery, costs nothing that is known
    /// here.
    pub fn of(offer: &Offer, average: Option<Average>) -> Self {
        const WHOLE: i128 = 1_000_000;
        let Average { value, margin } = average.unwrap_or(Average { value: 0, margin: 0 });
        let discount = match offer {
            Offer::Percent { value: share } => {
                let exact = i128::from(value) * i128::from(share.in_parts_per_million());
                i64::try_from(rounded_division(exact, WHOLE)).unwrap_or(value)
            }
            Offer::Fixed { value } => value.minor(),
            Offer::BuyXGetY { get, .. } => value.saturating_mul(*get),
            Offer::Text { .. } | Offer::FreeDelivery => 0,
        };
        Self { sales: value, discount, margin: margin.saturating_sub(discount).max(0) }
    }
}

#[cfg(test)]
mod tests {
    use base::tax::Rate;

    use super::*;

    const CAKE: Option<Average> = Some(Average { value: 20_00, margin: 9_00 });

    fn eur(minor: i64) -> Money {
        Money::new(minor, "EUR".parse().unwrap()).unwrap()
    }

    #[test]
    fn a_tenth_of_the_average_product_is_what_a_coupon_costs() {
        let tenth = Offer::Percent { value: Rate::parse_percent("10").unwrap() };
        assert_eq!(Guess::of(&tenth, CAKE), Guess { sales: 20_00, discount: 2_00, margin: 7_00 });
        assert_eq!(Guess::of(&tenth, None), Guess::default());
    }

    #[test]
    fn an_amount_costs_itself_and_leaves_no_margin_below_nothing() {
        let fixed = |minor| Offer::Fixed { value: eur(minor) };
        assert_eq!(Guess::of(&fixed(3_00), None).discount, 3_00);
        assert_eq!(Guess::of(&fixed(10_00), CAKE), Guess { sales: 20_00, discount: 10_00, margin: 0 });
    }

    #[test]
    fn the_average_is_that_of_all_products() {
        let promoted = |value, margin| Promoted {
            product: "prod_01h455vb4pex5vsknk084sn02q".parse().unwrap(),
            value: eur(value),
            margin: eur(margin),
        };
        let both = [promoted(1_00, 0), promoted(2_01, 50)];
        assert_eq!(Average::of(&both), Some(Average { value: 1_51, margin: 25 }));
        assert_eq!(Average::of(&[]), None);
    }
}

//! By what customers are chosen beside their names and numbers.

use db::Tx;

use crate::{Error, model::CustomerId, sql};

/// Something that holds for a customer, and by which a list of customers is narrowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark<'m> {
    /// Has a coupon of the campaign.
    Campaign(&'m str),
    /// Answered so to the question with this name.
    Answer { key: &'m str, value: &'m str },
}

/// More of an answer than this tells nobody apart.
const LETTERS: usize = 120;

impl Mark<'_> {
    /// As it stands in the index: an answer without accents and case, so that its beginning finds it.
    pub(crate) fn word(&self) -> String {
        match self {
            Self::Campaign(id) => format!("c:{id}"),
            Self::Answer { key, value } => {
                // the sign that the index takes for its end
                let folded = base::fold(value.trim()).replace('~', "-");
                format!("a:{key}={}", folded.chars().take(LETTERS).collect::<String>())
            }
        }
    }
}

/// Lets the customer be found by `mark`.
pub fn mark(tx: &mut Tx, customer: CustomerId, mark: &Mark<'_>) -> Result<(), Error> {
    Ok(sql::add_mark(tx, &mark.word(), customer)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_found_by_its_beginning_however_it_is_written() {
        fn word(value: &str) -> String {
            Mark::Answer { key: "allergies", value }.word()
        }
        assert!(word("Crème ~ lait").starts_with(&word(" CREME")));
        assert!(word(&"x".repeat(500)).len() < 150);
        assert_ne!(word("c"), Mark::Campaign("c").word());
    }
}

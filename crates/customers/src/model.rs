//! Who a customer is, what was dealt with them, and by what they are found.

use base::{Currency, Email, Language, Line, Money, MoneyError, Phone, Prose, Timestamp};
use serde::{Deserialize, Serialize};

base::id!(
    /// Names a customer: `cust_01h455vb4pex5vsknk084sn02q`.
    CustomerId: CustomerKind, "cust"
);
base::id!(
    /// Names a note about a customer.
    NoteId: NoteKind, "note"
);
base::id!(
    /// Names what a customer agreed to, or took back.
    ConsentId: ConsentKind, "cns"
);
base::id!(
    /// Names a file of customers that was looked at.
    FileId: FileKind, "cfl"
);

/// To what somebody agreed.
pub type ConsentWords = Prose<1000>;

/// Who it is and how they are reached. A phone or an e-mail is enough; neither is required of who buys at the counter.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = Customer)]
pub struct Contact {
    #[schema(value_type = Option<String>)]
    pub name: Option<Line<120>>,
    /// In E.164, such as +224620000000.
    #[schema(value_type = Option<String>)]
    pub phone: Option<Phone>,
    #[schema(value_type = Option<String>)]
    pub email: Option<Email>,
    /// In which the customer is written to.
    #[schema(value_type = Option<String>)]
    pub language: Option<Language>,
}

impl Contact {
    /// Whether it says nothing of who it is.
    pub const fn is_nobody(&self) -> bool {
        self.name.is_none() && self.phone.is_none() && self.email.is_none()
    }

    /// The phone number and the e-mail: each belongs to one customer.
    pub fn ways(&self) -> Vec<String> {
        let phone = self.phone.iter().map(ToString::to_string);
        phone.chain(self.email.iter().map(ToString::to_string)).collect()
    }

    /// What the customer is called: the name, else the phone number, else the e-mail.
    pub fn called(&self) -> String {
        let name = self.name.as_ref().map(ToString::to_string);
        name.or_else(|| self.ways().into_iter().next()).unwrap_or_default()
    }

    /// With what `other` knows where this says nothing. What stands is never overwritten: an order says how its own customer
    /// is reached, not what the merchant wrote down.
    pub fn filled_from(&self, other: &Self) -> Self {
        Self {
            name: self.name.clone().or_else(|| other.name.clone()),
            phone: self.phone.clone().or_else(|| other.phone.clone()),
            email: self.email.clone().or_else(|| other.email.clone()),
            language: self.language.or(other.language),
        }
    }

    /// By what a list of names is ordered; who has no name comes behind all who do.
    pub fn sort_name(&self) -> String {
        match &self.name {
            Some(name) => base::fold(name.as_str()),
            None => format!("~{}", self.called()),
        }
    }
}

/// What a customer bought and what is open between them and the business, in minor units of its currency. Test orders are
/// no part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Sales that were not undone.
    pub orders: i64,
    /// Paid for what was sold, less what was given back.
    pub spent: i64,
    /// Still to be paid for what was sold.
    pub owes: i64,
    /// What the business must give back.
    pub owed: i64,
}

impl Tally {
    pub const fn plus(self, other: Self) -> Self {
        Self {
            orders: self.orders + other.orders,
            spent: self.spent + other.spent,
            owes: self.owes + other.owes,
            owed: self.owed + other.owed,
        }
    }

    /// What must be added to `before` to come here.
    pub const fn since(self, before: Self) -> Self {
        self.plus(Self {
            orders: -before.orders,
            spent: -before.spent,
            owes: -before.owes,
            owed: -before.owed,
        })
    }

    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

/// A customer as the merchant knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    pub id: CustomerId,
    pub contact: Contact,
    pub tally: Tally,
    pub last_order_at: Option<Timestamp>,
    /// Whether the customer agreed when last asked; none who never was.
    pub agreed: Option<bool>,
    /// When that was.
    pub agreed_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Customer {
    pub fn spent(&self, currency: Currency) -> Result<Money, MoneyError> {
        Money::new(self.tally.spent, currency)
    }

    pub fn owes(&self, currency: Currency) -> Result<Money, MoneyError> {
        Money::new(self.tally.owes, currency)
    }

    pub fn owed(&self, currency: Currency) -> Result<Money, MoneyError> {
        Money::new(self.tally.owed, currency)
    }
}

/// What the merchant writes about a customer, for the team alone.
pub type NoteText = Prose<1000>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub id: NoteId,
    pub text: String,
    pub actor: String,
    pub at: Timestamp,
}

/// How a list of customers is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// From A to Z.
    Name,
    /// Who ordered last comes first.
    #[default]
    LastOrder,
    /// Who owes most comes first.
    Owes,
}

impl Order {
    pub const ALL: [Self; 3] = [Self::LastOrder, Self::Name, Self::Owes];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::LastOrder => "last-order",
            Self::Owes => "owes",
        }
    }

    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == raw)
    }
}

/// The folded words a customer is found by: of the name and of each e-mail, and each phone number as it is dialled within
/// the country and from abroad. Each once.
pub fn search_words(contact: &Contact, ways: &[String]) -> Vec<String> {
    let (mails, phones): (Vec<&String>, Vec<&String>) = ways.iter().partition(|way| way.contains('@'));
    let name = contact.name.as_ref().map(ToString::to_string).unwrap_or_default();
    let text: Vec<&str> =
        std::iter::once(name.as_str()).chain(mails.into_iter().map(String::as_str)).collect();
    let mut words = base::words(&text.join(" "));
    for phone in phones.into_iter().filter_map(|way| way.parse::<Phone>().ok()) {
        for number in [phone.national(), phone.digits().to_owned()] {
            if !words.contains(&number) {
                words.push(number);
            }
        }
    }
    words
}

/// What is looked for: each must begin a word of a customer, or of an order. A phone number, or an order's, is one word,
/// however it is spaced.
pub fn sought_words(typed: &str) -> Vec<String> {
    let is_dialled = typed.chars().all(|letter| letter.is_ascii_digit() || " +-.()/#".contains(letter));
    let words = if is_dialled {
        let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
        // a zero that is dialled before the number is no part of it
        vec![digits.trim_start_matches('0').to_owned()]
    } else {
        base::words(typed)
    };
    words.into_iter().filter(|word| !word.is_empty()).take(SOUGHT).collect()
}

/// More words than these nobody needs to find a customer or an order.
pub const SOUGHT: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn awa() -> Contact {
        Contact {
            name: Some("Aïssatou Barry".parse().unwrap()),
            phone: Some("+224620000000".parse().unwrap()),
            ..Contact::default()
        }
    }

    #[test]
    fn a_customer_is_found_by_name_without_accents_and_by_every_number_and_address() {
        let ways = ["+224620000000".to_owned(), "awa@example.org".to_owned()];
        let words = search_words(&awa(), &ways);
        assert_eq!(words, ["aissatou", "barry", "awa", "example", "org", "620000000", "224620000000"]);
    }

    #[test]
    fn a_number_is_looked_for_however_it_is_typed() {
        for typed in ["+224 620-00", "00224 620 00", "(224) 620.00"] {
            assert_eq!(sought_words(typed), ["22462000"], "{typed}");
        }
        assert_eq!(sought_words(" Aïssatou BARRY"), ["aissatou", "barry"]);
        assert!(sought_words("%_!").is_empty());
    }

    #[test]
    fn what_the_merchant_wrote_down_is_filled_up_and_never_overwritten() {
        let told = Contact {
            name: Some("A. Barry".parse().unwrap()),
            email: Some("awa@example.org".parse().unwrap()),
            ..Contact::default()
        };
        let filled = awa().filled_from(&told);
        assert_eq!((filled.name, filled.email), (awa().name, told.email));
    }

    #[test]
    fn who_has_no_name_is_called_by_number_and_sorts_behind_all_names() {
        let nameless = Contact { name: None, ..awa() };
        assert_eq!(nameless.called(), "+224620000000");
        assert!(nameless.sort_name() > Contact { name: Some("Zoé".parse().unwrap()), ..awa() }.sort_name());
        assert!(Contact::default().is_nobody() && !nameless.is_nobody());
    }

    #[test]
    fn what_changed_leads_from_before_to_after() {
        let before = Tally { orders: 1, spent: 0, owes: 500, owed: 0 };
        let after = Tally { orders: 1, spent: 500, owes: 0, owed: 20 };
        assert_eq!(before.plus(after.since(before)), after);
        assert!(after.since(after).is_nothing());
    }
}

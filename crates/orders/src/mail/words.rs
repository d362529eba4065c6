//! What a mail says: words with placeholders in braces, Soko's own or the business's, filled with what is true of an order.

use base::{Currency, Language, Money};
use edge::{format, text};
use serde::{Deserialize, Serialize};

use crate::{
    Error,
    model::{Order, PaymentState, Whole, states::FulfilmentState},
};

/// What a mail is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Template {
    OrderPlaced,
    OrderPaid,
    OrderShipped,
    OrderRefunded,
    OwnerNotice,
    /// A coupon for its customer; the room of coupons writes it.
    CouponIssued,
}

impl Template {
    pub const ALL: [Self; 6] = [
        Self::OrderPlaced,
        Self::OrderPaid,
        Self::OrderShipped,
        Self::OrderRefunded,
        Self::OwnerNotice,
        Self::CouponIssued,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::OrderPlaced => "order-placed",
            Self::OrderPaid => "order-paid",
            Self::OrderShipped => "order-shipped",
            Self::OrderRefunded => "order-refunded",
            Self::OwnerNotice => "owner-notice",
            Self::CouponIssued => "coupon-issued",
        }
    }

    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == raw)
    }

    /// What can be said to the customer of an order as it stands; none where nothing of it is news.
    pub fn of(order: &Order) -> Option<Self> {
        match (order.payment, order.fulfilment) {
            (PaymentState::Refunded | PaymentState::PartlyRefunded, _) => Some(Self::OrderRefunded),
            (_, FulfilmentState::Cancelled | FulfilmentState::HandedOver) => None,
            (_, FulfilmentState::Shipped) => Some(Self::OrderShipped),
            (PaymentState::Paid, _) => Some(Self::OrderPaid),
            (PaymentState::Unpaid | PaymentState::Pending, _) => Some(Self::OrderPlaced),
        }
    }

    /// What its words may name.
    pub fn placeholders(self) -> Vec<Placeholder> {
        use Placeholder::{Campaign, Code, Link, Name, Offer, Shop, Until};
        if self == Self::CouponIssued {
            return vec![Name, Shop, Campaign, Offer, Code, Until, Link];
        }
        let fits = |placeholder: &Placeholder| match placeholder {
            Campaign | Offer | Code | Until => false,
            Placeholder::Tracking => self == Self::OrderShipped,
            Placeholder::Refunded => self == Self::OrderRefunded,
            Placeholder::Phone => self == Self::OwnerNotice,
            _ => true,
        };
        Placeholder::ALL.into_iter().filter(fits).collect()
    }
}

/// What stands in braces until the mail is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placeholder {
    Name,
    Number,
    Shop,
    Lines,
    Total,
    Due,
    Refunded,
    Tracking,
    Phone,
    Campaign,
    Offer,
    Code,
    Until,
    Link,
}

impl Placeholder {
    pub const ALL: [Self; 14] = [
        Self::Name,
        Self::Number,
        Self::Shop,
        Self::Lines,
        Self::Total,
        Self::Due,
        Self::Refunded,
        Self::Tracking,
        Self::Phone,
        Self::Campaign,
        Self::Offer,
        Self::Code,
        Self::Until,
        Self::Link,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Number => "number",
            Self::Shop => "shop",
            Self::Lines => "lines",
            Self::Total => "total",
            Self::Due => "due",
            Self::Refunded => "refunded",
            Self::Tracking => "tracking",
            Self::Phone => "phone",
            Self::Campaign => "campaign",
            Self::Offer => "offer",
            Self::Code => "code",
            Self::Until => "until",
            Self::Link => "link",
        }
    }

    /// Whether it fits into one line that anybody may see.
    const fn fits_a_subject(self) -> bool {
        !matches!(self, Self::Lines | Self::Code | Self::Link)
    }
}

/// Why words cannot be a mail's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    Empty,
    TooLong {
        max: usize,
    },
    /// A subject is one line: a line break in a header begins another header.
    ControlCharacter,
    /// No placeholder of this mail, as it was typed.
    Unknown(String),
    NotInSubject(&'static str),
    LinkMissing,
}

/// The field that is meant, beside what is wrong with it.
pub type FieldFault = (&'static str, Fault);

/// Subject and body of a mail, with placeholders that can all be filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailWords {
    pub subject: String,
    pub body: String,
}

pub const LONGEST_SUBJECT: usize = 150;
pub const LONGEST_BODY: usize = 4000;

impl MailWords {
    /// The words as typed, or everything that is wrong with them.
    pub fn parse(template: Template, subject: &str, body: &str) -> Result<Self, Vec<FieldFault>> {
        let (subject, body) = (subject.trim(), body.trim().replace("\r\n", "\n"));
        let known = template.placeholders();
        let mut faults: Vec<FieldFault> = Vec::new();
        for (field, text, max) in [("subject", subject, LONGEST_SUBJECT), ("body", &body, LONGEST_BODY)] {
            let one_line = field == "subject";
            if text.is_empty() {
                faults.push((field, Fault::Empty));
            }
            if text.chars().count() > max {
                faults.push((field, Fault::TooLong { max }));
            }
            if text.chars().any(|letter| letter.is_control() && (one_line || letter != '\n')) {
                faults.push((field, Fault::ControlCharacter));
            }
            for piece in pieces(text) {
                let Piece::Named(name) = piece else { continue };
                match known.iter().find(|placeholder| placeholder.name() == name) {
                    None => faults.push((field, Fault::Unknown(format!("{{{name}}}")))),
                    Some(found) if one_line && !found.fits_a_subject() => {
                        faults.push((field, Fault::NotInSubject(found.name())));
                    }
                    Some(_) => (),
                }
            }
        }
        if !pieces(&body).any(|piece| piece == Piece::Named(Placeholder::Link.name())) {
            faults.push(("body", Fault::LinkMissing));
        }
        if faults.is_empty() { Ok(Self { subject: subject.to_owned(), body }) } else { Err(faults) }
    }

    /// Soko's own words.
    pub fn usual(template: Template, language: Language) -> Self {
        let key = template.name();
        let named: Vec<(&str, edge::Arg)> = Placeholder::ALL
            .into_iter()
            .map(|placeholder| (placeholder.name(), format!("{{{}}}", placeholder.name()).into()))
            .collect();
        let say = |key: &str| text(language, key, &named);
        let intro = say(&format!("orders-mail-{key}-intro"));
        let subject = say(&format!("orders-mail-{key}-subject"));
        if template == Template::CouponIssued {
            let (code, until) = (say("orders-mail-coupon-code"), say("orders-mail-coupon-until"));
            let (hello, link) = (say("orders-mail-hello"), say("orders-mail-coupon-link"));
            let gap = String::new;
            let lines = [hello, gap(), intro, code, until, gap(), link, gap(), "{shop}".to_owned()];
            return Self { subject, body: lines.join("\n") };
        }
        let mut lines = match template {
            Template::OwnerNotice => vec![intro, String::new(), "{name} {phone}".to_owned()],
            _ => vec![say("orders-mail-hello"), String::new(), intro],
        };
        if template == Template::OrderShipped {
            lines.push(say("orders-mail-tracking"));
        }
        lines.extend([String::new(), "{lines}".to_owned(), say("orders-mail-total")]);
        if matches!(template, Template::OrderPlaced | Template::OwnerNotice) {
            lines.push(say("orders-mail-due"));
        }
        lines.extend([String::new(), say("orders-mail-link"), String::new(), "{shop}".to_owned()]);
        Self { subject, body: lines.join("\n") }
    }

    /// The subject as it leaves: one line, whatever stands in it.
    pub fn subject(&self, values: &Values) -> String {
        let filled = filled(&self.subject, values);
        let one_line: String = filled.chars().filter(|letter| !letter.is_control()).collect();
        one_line.trim().to_owned()
    }

    /// The body as it leaves. A line that has nothing to say, as all its placeholders are empty, is left out.
    pub fn body(&self, values: &Values) -> String {
        let mut lines: Vec<String> = Vec::new();
        for line in self.body.lines() {
            let mut named = pieces(line).filter_map(|piece| match piece {
                Piece::Named(name) => Some(values.of(name).is_empty()),
                Piece::Text(_) => None,
            });
            let says_nothing = named.next().is_some_and(|first| first && named.all(|empty| empty));
            let blank_again = line.trim().is_empty() && lines.last().is_none_or(String::is_empty);
            if !says_nothing && !blank_again {
                lines.push(filled(line, values).trim_end().to_owned());
            }
        }
        lines.join("\n").trim().to_owned()
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Piece<'t> {
    Text(&'t str),
    /// What stands in braces: letters alone. Other braces are text.
    Named(&'t str),
}

/// Text and placeholders in their order.
fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some((name, behind)) = named(rest) {
            rest = behind;
            return Some(Piece::Named(name));
        }
        let next = rest.char_indices().skip(1).find(|(at, _)| named(&rest[*at..]).is_some());
        let (plain, behind) = rest.split_at(next.map_or(rest.len(), |(at, _)| at));
        rest = behind;
        Some(Piece::Text(plain))
    })
}

/// The placeholder that `text` begins with, and what follows it.
fn named(text: &str) -> Option<(&str, &str)> {
    let (name, behind) = text.strip_prefix('{')?.split_once('}')?;
    let is_name = !name.is_empty() && name.chars().all(char::is_alphabetic);
    is_name.then_some((name, behind))
}

/// Once through: what a value holds is never taken for a placeholder.
fn filled(text: &str, values: &Values) -> String {
    pieces(text)
        .map(|piece| match piece {
            Piece::Text(text) => text,
            Piece::Named(name) => values.of(name),
        })
        .collect()
}

/// What stands for each placeholder; empty where there is nothing to say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values(Vec<(Placeholder, String)>);

impl Values {
    pub const fn new(said: Vec<(Placeholder, String)>) -> Self {
        Self(said)
    }

    /// What is true of an order, in words of `language`.
    pub fn of_order(whole: &Whole, language: Language, shop: &str, link: &str) -> Result<Self, Error> {
        let order = &whole.order;
        let money = |amount| format::money(language, amount);
        let some = |amount: Money| if amount.is_positive() { money(amount) } else { String::new() };
        let line = |line: &crate::model::OrderLine| {
            let options =
                if line.options.is_empty() { String::new() } else { format!(" ({})", line.options) };
            let quantity = format::quantity(language, line.quantity, line.unit.symbol());
            format!("{quantity} × {}{options}: {}", line.title, money(line.gross))
        };
        let sent = whole.fulfilments.iter().rev().find(|step| step.tracking.is_some());
        let tracking = sent.map(|step| [step.carrier.as_deref(), step.tracking.as_deref()]);
        let tracking = tracking.map(|parts| parts.into_iter().flatten().collect::<Vec<_>>().join(" "));
        Ok(Self(vec![
            (Placeholder::Name, whole.customer.name.as_ref().map(ToString::to_string).unwrap_or_default()),
            (Placeholder::Number, order.number.to_string()),
            (Placeholder::Shop, shop.to_owned()),
            (Placeholder::Lines, whole.lines.iter().map(line).collect::<Vec<_>>().join("\n")),
            (Placeholder::Total, money(order.total)),
            (Placeholder::Due, some(order.due()?)),
            (Placeholder::Refunded, some(order.refunded)),
            (Placeholder::Tracking, tracking.unwrap_or_default()),
            (Placeholder::Phone, whole.customer.phone.as_ref().map(ToString::to_string).unwrap_or_default()),
            (Placeholder::Link, link.to_owned()),
        ]))
    }

    /// Of an order that nobody made, to look at.
    pub fn sample(language: Language, currency: Currency, shop: &str, link: &str) -> Result<Self, Error> {
        let money = |minor: i64| Ok::<_, Error>(format::money(language, Money::new(minor, currency)?));
        let goods = text(language, "orders-mail-sample-goods", &[]);
        Ok(Self(vec![
            (Placeholder::Name, "Aïssatou Barry".to_owned()),
            (Placeholder::Number, "1042".to_owned()),
            (Placeholder::Shop, shop.to_owned()),
            (Placeholder::Lines, format!("2 × {goods}: {}", money(150_00)?)),
            (Placeholder::Total, money(150_00)?),
            (Placeholder::Due, money(50_00)?),
            (Placeholder::Refunded, money(50_00)?),
            (Placeholder::Tracking, "DHL JD014600003RU".to_owned()),
            (Placeholder::Phone, "+224620000000".to_owned()),
            (Placeholder::Campaign, text(language, "orders-mail-sample-campaign", &[])),
            (Placeholder::Offer, "10 %".to_owned()),
            (Placeholder::Code, "ACDE FGHJ KMNP".to_owned()),
            (Placeholder::Until, "31.12.2030".to_owned()),
            (Placeholder::Link, link.to_owned()),
        ]))
    }

    fn of(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(placeholder, _)| placeholder.name() == name);
        found.map_or("", |(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(said: &[(Placeholder, &str)]) -> Values {
        Values(said.iter().map(|(placeholder, value)| (*placeholder, (*value).to_owned())).collect())
    }

    fn parsed(subject: &str, body: &str) -> Result<MailWords, Vec<FieldFault>> {
        MailWords::parse(Template::OrderPlaced, subject, body)
    }

    #[test]
    fn all_usual_words_are_words_that_an_owner_could_have_typed_and_every_placeholder_is_filled() {
        edge::words::register(&[crate::LOCALES]);
        for template in Template::ALL {
            for language in Language::ALL {
                let usual = MailWords::usual(template, language);
                let typed = MailWords::parse(template, &usual.subject, &usual.body);
                assert_eq!(typed.as_ref(), Ok(&usual), "{template:?} {language}");
                let every = template.placeholders().into_iter().map(|named| format!("{{{}}}", named.name()));
                let every = MailWords { body: every.collect::<Vec<_>>().join("\n"), ..usual };
                let sample = Values::sample(language, "GNF".parse().unwrap(), "Été", "https://a/b").unwrap();
                let (subject, body) = (every.subject(&sample), every.body(&sample));
                assert!(!subject.contains(['{', '}']) && !body.contains(['{', '}']), "{subject}\n{body}");
                assert_eq!(body.lines().count(), template.placeholders().len(), "{template:?}\n{body}");
            }
        }
    }

    #[test]
    fn a_placeholder_nobody_knows_or_of_another_mail_is_named() {
        let faults = parsed("Order {numbr}", "{link} {tracking} {Name}").unwrap_err();
        let unknown = |name: &str| Fault::Unknown(name.to_owned());
        assert_eq!(
            faults,
            [("subject", unknown("{numbr}")), ("body", unknown("{tracking}")), ("body", unknown("{Name}"))]
        );
    }

    #[test]
    fn the_link_must_stand_in_the_body_and_must_not_in_the_subject() {
        assert_eq!(parsed("Hello", "Thanks").unwrap_err(), [("body", Fault::LinkMissing)]);
        let faults = parsed("See {link}", "{link}").unwrap_err();
        assert_eq!(faults, [("subject", Fault::NotInSubject("link"))]);
    }

    #[test]
    fn a_subject_is_one_short_line() {
        let broken = parsed("Hello\r\nBcc: all@example.org", "{link}").unwrap_err();
        assert_eq!(broken, [("subject", Fault::ControlCharacter)]);
        let long = parsed(&"x".repeat(LONGEST_SUBJECT + 1), "{link}").unwrap_err();
        assert_eq!(long, [("subject", Fault::TooLong { max: LONGEST_SUBJECT })]);
        assert_eq!(parsed(" ", "{link}").unwrap_err(), [("subject", Fault::Empty)]);
    }

    #[test]
    fn a_line_with_nothing_to_say_is_left_out_and_leaves_no_gap() {
        let words =
            parsed("Hi", "Hello {name},\n\nStill to pay: {due}\n\n{name} {number}\n\n{link}").unwrap();
        let said = values(&[(Placeholder::Number, "7"), (Placeholder::Link, "https://a/b")]);
        assert_eq!(words.body(&said), "7\n\nhttps://a/b".replace("7", " 7").trim_start());
    }

    #[test]
    fn what_a_customer_is_called_is_no_placeholder_and_begins_no_header() {
        let words = parsed("For {name}", "{name} {link} { } {}").unwrap();
        let said = values(&[(Placeholder::Name, "{link}\r\nBcc: x"), (Placeholder::Link, "https://a/b")]);
        assert_eq!(words.subject(&said), "For {link}Bcc: x");
        assert!(words.body(&said).starts_with("{link}\r\nBcc: x https://a/b { } {}"));
    }
}

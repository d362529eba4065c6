//! Delivery zones: which addresses they take in, and what delivery there costs. The most specific zone that takes an
//! address in is the one that counts: a quarter before a postcode, a postcode before a range or a beginning that takes in
//! more of them, all these before a whole town, and everywhere last. Among equals the earlier one in the list counts.

use std::{fmt, str::FromStr};

use base::{Line, Money, MoneyError, Prose, address::bare_name, address::bare_postcode};
use catalog::TaxCodeName;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

base::id!(
    /// Names a delivery zone.
    ZoneId: ZoneKind, "zone"
);

/// Names or codes of one zone.
pub const MAX_ENTRIES: usize = 500;
/// Zones of one business.
pub const MAX_ZONES: usize = 200;

/// How many addresses an entry takes in, in postcodes; the fewer, the more specific.
type Breadth = u64;
const QUARTER: Breadth = 0;
const TOWN: Breadth = EVERYWHERE - 1;
const EVERYWHERE: Breadth = Breadth::MAX;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ZoneError {
    #[error("name at least one quarter or postcode, or choose everywhere")]
    NoEntries,
    #[error("at most {MAX_ENTRIES} quarters or postcodes in one zone")]
    TooManyEntries,
    #[error("at most {MAX_ZONES} zones")]
    TooManyZones,
    #[error("{0}: write a postcode (20100), a beginning (20*) or a range (20100-20162)")]
    Code(String),
    #[error("fees and limits are not below zero")]
    Negative,
    #[error("fees and limits are in the currency of the business")]
    OtherCurrency,
}

/// Postcodes: one, all with a beginning, or all in a range. Spaces, dashes and case do not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Codes {
    One(String),
    /// `20*`
    Beginning(String),
    /// `20100-20162`: digits alone, as many in both.
    Range {
        from: String,
        to: String,
    },
}

impl Codes {
    /// How much this takes in if it takes in `code` (bare); none if it does not.
    fn breadth(&self, code: &str) -> Option<Breadth> {
        match self {
            Self::One(own) => (own == code).then_some(1),
            Self::Beginning(own) => {
                let left = u32::try_from(code.strip_prefix(own.as_str())?.len()).unwrap_or(u32::MAX);
                let letters: Breadth = if code.bytes().all(|byte| byte.is_ascii_digit()) { 10 } else { 36 };
                Some(letters.saturating_pow(left).min(TOWN - 1))
            }
            Self::Range { from, to } => {
                let within = code.len() == from.len() && code.bytes().all(|byte| byte.is_ascii_digit());
                let inside = within && (from.as_str()..=to.as_str()).contains(&code);
                let width = || Some(to.parse::<Breadth>().ok()? - from.parse::<Breadth>().ok()? + 1);
                if inside { width() } else { None }
            }
        }
    }
}

impl FromStr for Codes {
    type Err = ZoneError;

    fn from_str(raw: &str) -> Result<Self, ZoneError> {
        let wrong = || ZoneError::Code(raw.trim().to_owned());
        let known = |letter: char| letter.is_ascii_alphanumeric() || " -*\u{2013}".contains(letter);
        // 15 digits are a number yet
        let bare = bare_postcode(raw);
        if bare.is_empty() || bare.len() > 30 || !raw.trim().chars().all(known) {
            return Err(wrong());
        }
        if let Some(beginning) = raw.trim().strip_suffix('*') {
            let plain = !beginning.contains('*');
            return plain.then(|| Self::Beginning(bare_postcode(beginning))).ok_or_else(wrong);
        }
        if raw.contains('*') {
            return Err(wrong());
        }
        let ends =
            raw.split_once('\u{2013}').or_else(|| raw.split_once(" - ")).or_else(|| raw.split_once('-'));
        let ends = ends.map(|(from, to)| (bare_postcode(from), bare_postcode(to)));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match ends {
            // a dash may as well belong to a single code: 00-950
            Some((from, to)) if digits(&from) && digits(&to) && from.len() == to.len() => {
                let ordered = from <= to && from.len() <= 15;
                ordered.then_some(Self::Range { from, to }).ok_or_else(wrong)
            }
            _ => Ok(Self::One(bare)),
        }
    }
}

impl fmt::Display for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(code) => f.write_str(code),
            Self::Beginning(code) => write!(f, "{code}*"),
            Self::Range { from, to } => write!(f, "{from}-{to}"),
        }
    }
}

impl Serialize for Codes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Codes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Which addresses a zone takes in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Covers {
    /// Quarters (or whole towns) by name; accents, case and spaces do not matter.
    #[schema(value_type = Vec<String>)]
    Quarters(Vec<Line<120>>),
    /// `20100`, `20*` or `20100-20162`.
    #[schema(value_type = Vec<String>)]
    Postcodes(Vec<Codes>),
    Everywhere,
}

/// What an address says of where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Told<'a> {
    pub quarter: Option<&'a str>,
    pub town: Option<&'a str>,
    pub postcode: Option<&'a str>,
}

impl Covers {
    fn breadth(&self, told: &Told) -> Option<Breadth> {
        match self {
            Self::Everywhere => Some(EVERYWHERE),
            Self::Postcodes(codes) => {
                let code = bare_postcode(told.postcode?);
                codes.iter().filter_map(|entry| entry.breadth(&code)).min()
            }
            Self::Quarters(names) => {
                let names: Vec<String> = names.iter().map(|name| bare_name(name.as_str())).collect();
                let named = |typed: Option<&str>| {
                    let bare = bare_name(typed.unwrap_or_default());
                    !bare.is_empty() && names.contains(&bare)
                };
                if named(told.quarter) { Some(QUARTER) } else { named(told.town).then_some(TOWN) }
            }
        }
    }
}

/// What is said of a zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ZoneDetails {
    /// What customers read: `Ratoma`, `By bicycle`.
    #[schema(value_type = String, min_length = 1, max_length = 120)]
    pub name: Line<120>,
    pub covers: Covers,
    /// As prices are written: with tax or without, as the business has it.
    #[schema(value_type = edge::schema::Money)]
    pub fee: Money,
    /// From this total on delivery is free.
    #[serde(default)]
    #[schema(value_type = Option<edge::schema::Money>)]
    pub free_from: Option<Money>,
    /// Below this total nothing is delivered here.
    #[serde(default)]
    #[schema(value_type = Option<edge::schema::Money>)]
    pub minimum: Option<Money>,
    /// Of the fee; the business's standard one if absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub tax_code: Option<TaxCodeName>,
    /// When it comes: `today before 18:00`.
    #[serde(default)]
    #[schema(value_type = String, max_length = 200)]
    pub words: Prose<200>,
    /// Whether customers may choose it.
    #[serde(default = "yes")]
    pub active: bool,
}

const fn yes() -> bool {
    true
}

/// A zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Zone {
    pub id: ZoneId,
    #[serde(flatten)]
    pub details: ZoneDetails,
}

/// A basket that is too small for a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooSmall {
    pub minimum: Money,
}

impl ZoneDetails {
    /// Whether the parts fit together, for a business of this currency.
    pub fn check(&self, currency: base::Currency) -> Result<(), ZoneError> {
        let entries = match &self.covers {
            Covers::Everywhere => 1,
            Covers::Quarters(names) => names.len(),
            Covers::Postcodes(codes) => codes.len(),
        };
        let mut amounts = [Some(self.fee), self.free_from, self.minimum].into_iter().flatten();
        if entries == 0 {
            Err(ZoneError::NoEntries)
        } else if entries > MAX_ENTRIES {
            Err(ZoneError::TooManyEntries)
        } else if amounts.clone().any(|amount| amount.currency() != currency) {
            Err(ZoneError::OtherCurrency)
        } else if amounts.any(Money::is_negative) {
            Err(ZoneError::Negative)
        } else {
            Ok(())
        }
    }

    /// What delivery costs for goods of this total; or what the basket has to come to.
    pub fn fee_for(&self, goods: Money) -> Result<Result<Money, TooSmall>, MoneyError> {
        if let Some(minimum) = self.minimum
            && goods.is_below(minimum)?
        {
            return Ok(Err(TooSmall { minimum }));
        }
        let free = match self.free_from {
            Some(from) => !goods.is_below(from)?,
            None => false,
        };
        Ok(Ok(if free { Money::zero(goods.currency()) } else { self.fee }))
    }
}

/// The zone that takes an address in: the most specific of the active ones, the first of equals.
pub fn zone_for<'z>(zones: &'z [Zone], told: &Told) -> Option<&'z Zone> {
    let active = zones.iter().filter(|zone| zone.details.active);
    let fitting = active.filter_map(|zone| Some((zone.details.covers.breadth(told)?, zone)));
    fitting.min_by_key(|(breadth, _)| *breadth).map(|(_, zone)| zone)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn gnf(minor: i64) -> Money {
        Money::new(minor, "GNF".parse().unwrap()).unwrap()
    }

    fn details(covers: Covers) -> ZoneDetails {
        ZoneDetails {
            name: "Zone".parse().unwrap(),
            covers,
            fee: gnf(25_000),
            free_from: None,
            minimum: None,
            tax_code: None,
            words: Prose::default(),
            active: true,
        }
    }

    fn zones(covers: Vec<Covers>) -> Vec<Zone> {
        let zone = |(place, covers): (usize, Covers)| Zone {
            id: format!("zone_01h2xcejqtf2nbrexx3vqjhp4{place}").parse().unwrap(),
            details: details(covers),
        };
        covers.into_iter().enumerate().map(zone).collect()
    }

    fn quarters(names: &[&str]) -> Covers {
        Covers::Quarters(names.iter().map(|name| name.parse().unwrap()).collect())
    }

    fn codes(codes: &[&str]) -> Covers {
        Covers::Postcodes(codes.iter().map(|code| code.parse().unwrap()).collect())
    }

    /// The place in the list of the zone that takes the address in.
    fn taken(zones: &[Zone], told: Told) -> Option<usize> {
        let zone = zone_for(zones, &told)?;
        zones.iter().position(|known| known == zone)
    }

    fn quarter(name: &str) -> Told<'_> {
        Told { quarter: Some(name), ..Told::default() }
    }

    fn postcode(code: &str) -> Told<'_> {
        Told { postcode: Some(code), ..Told::default() }
    }

    #[test]
    fn a_quarter_is_found_however_it_is_typed() {
        let zones = zones(vec![quarters(&["Kipé", "Saint-Louis"]), quarters(&["Matoto"])]);
        for typed in ["Kipé", "kipe", " KIPE ", "Kipe"] {
            assert_eq!(taken(&zones, quarter(typed)), Some(0), "{typed}");
        }
        assert_eq!(taken(&zones, quarter("saint louis")), Some(0));
        assert_eq!(taken(&zones, quarter("Kindia")), None);
        let town = Told { town: Some("Matoto"), quarter: Some("Yimbaya"), ..Told::default() };
        assert_eq!(taken(&zones, town), Some(1), "a zone may name a whole town");
    }

    #[test]
    fn the_most_specific_zone_wins_whatever_its_place() {
        let zones = zones(vec![
            Covers::Everywhere,
            codes(&["20*"]),
            codes(&["20100-20162"]),
            codes(&["20121", "2014*"]),
            quarters(&["Brera"]),
            quarters(&["Milano"]),
        ]);
        assert_eq!(taken(&zones, postcode("20121")), Some(3));
        assert_eq!(taken(&zones, postcode("20145")), Some(3), "ten codes are fewer than sixty-three");
        assert_eq!(taken(&zones, postcode("20130")), Some(2));
        assert_eq!(taken(&zones, postcode("20200")), Some(1));
        assert_eq!(taken(&zones, postcode("10100")), Some(0));
        let all = Told { quarter: Some("brera"), town: Some("Milano"), postcode: Some("20121") };
        assert_eq!(taken(&zones, all), Some(4));
        assert_eq!(taken(&zones, Told { quarter: None, ..all }), Some(3), "a postcode is less than a town");
        assert_eq!(taken(&zones, Told { town: Some("MILANO"), ..Told::default() }), Some(5));
    }

    #[test]
    fn of_equals_the_earlier_one_counts_and_one_that_is_off_never() {
        let mut zones = zones(vec![quarters(&["Matam"]), quarters(&["Matam"]), Covers::Everywhere]);
        assert_eq!(taken(&zones, quarter("Matam")), Some(0));
        zones[0].details.active = false;
        assert_eq!(taken(&zones, quarter("Matam")), Some(1));
        zones[1].details.active = false;
        assert_eq!(taken(&zones, quarter("Matam")), Some(2));
    }

    #[test]
    fn postcodes_read_as_people_write_them() {
        let read = |raw: &str| raw.parse::<Codes>().unwrap().to_string();
        assert_eq!(read(" sw1a 1aa "), "SW1A1AA");
        assert_eq!(read("SW1A *"), "SW1A*");
        assert_eq!(read("20100 - 20162"), "20100-20162");
        assert_eq!(read("00-950"), "00950", "a code with a dash of its own");
        assert_eq!(read("1000-001 - 1000-999"), "1000001-1000999");
        for raw in ["", "*", "2*0", "20162-20100", "Ratoma é", "20100;20101"] {
            assert!(raw.parse::<Codes>().is_err(), "{raw}");
        }
        assert_eq!(taken(&zones(vec![codes(&["SW1A*"])]), postcode("sw1a 1aa")), Some(0));
        assert_eq!(taken(&zones(vec![codes(&["20100-20162"])]), postcode("2012")), None);
    }

    #[test]
    fn delivery_is_free_from_a_total_on_and_begins_at_another() {
        let zone = ZoneDetails {
            free_from: Some(gnf(500_000)),
            minimum: Some(gnf(50_000)),
            ..details(Covers::Everywhere)
        };
        assert_eq!(zone.fee_for(gnf(49_999)).unwrap(), Err(TooSmall { minimum: gnf(50_000) }));
        assert_eq!(zone.fee_for(gnf(50_000)).unwrap(), Ok(gnf(25_000)));
        assert_eq!(zone.fee_for(gnf(499_999)).unwrap(), Ok(gnf(25_000)));
        assert_eq!(zone.fee_for(gnf(500_000)).unwrap(), Ok(gnf(0)));
    }

    #[test]
    fn a_zone_whose_parts_do_not_fit_is_refused() {
        let gnf_only = "GNF".parse().unwrap();
        assert_eq!(details(quarters(&[])).check(gnf_only), Err(ZoneError::NoEntries));
        assert_eq!(details(Covers::Everywhere).check("EUR".parse().unwrap()), Err(ZoneError::OtherCurrency));
        let below = ZoneDetails { fee: gnf(-1), ..details(Covers::Everywhere) };
        assert_eq!(below.check(gnf_only), Err(ZoneError::Negative));
        assert_eq!(details(codes(&["20*"])).check(gnf_only), Ok(()));
    }

    /// How many postcodes of five digits an entry takes in, counted one by one; none if it leaves `code` out.
    fn counted(entry: &str, code: u32) -> Option<usize> {
        let takes = |code: u32| match (entry.strip_suffix('*'), entry.split_once('-')) {
            (Some(beginning), _) => format!("{code:05}").starts_with(beginning),
            (None, Some((from, to))) => (from.parse().unwrap()..=to.parse().unwrap()).contains(&code),
            (None, None) => code == entry.parse::<u32>().unwrap(),
        };
        takes(code).then(|| (0..100_000).filter(|code| takes(*code)).count())
    }

    fn entry() -> impl Strategy<Value = String> {
        let code = 20_000..20_100u32;
        prop_oneof![
            code.clone().prop_map(|code| format!("{code:05}")),
            (code.clone(), 1..5usize)
                .prop_map(|(code, length)| format!("{}*", &format!("{code:05}")[..length])),
            (code, 0..60u32).prop_map(|(from, more)| format!("{from:05}-{:05}", from + more)),
        ]
    }

    proptest! {
        #[test]
        fn the_chosen_zone_is_the_one_whose_match_takes_in_least(
            entries in proptest::collection::vec(proptest::collection::vec(entry(), 1..3), 1..6),
            code in 20_000..20_100u32,
        ) {
            let lists = entries.iter().map(|list| codes(&list.iter().map(String::as_str).collect::<Vec<_>>()));
            let zones = zones(lists.collect());
            let fits = |list: &Vec<String>| list.iter().filter_map(|entry| counted(entry, code)).min();
            let least = entries.iter().enumerate().filter_map(|(place, list)| Some((fits(list)?, place))).min();
            prop_assert_eq!(taken(&zones, postcode(&format!("{code:05}"))), least.map(|(_, place)| place));
        }
    }
}

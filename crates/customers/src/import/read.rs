//! From the bytes of a file to people.

use std::collections::HashMap;

use base::{Country, Day, Line, Phone, Timestamp, Zone};
use edge::sheet::{self, Row};

use super::{
    FileError, FileFault, MAX_FILE_BYTES, MAX_ROWS, Parsed, Person, Reason, Refusal, Stated,
    columns::{Column, Columns},
};
use crate::model::Contact;

/// Where and when a file is read.
#[derive(Debug, Clone)]
pub struct Ground {
    /// A phone number without a country code is of this country.
    pub home: Country,
    /// A day without a time begins by this clock.
    pub zone: Zone,
    pub now: Timestamp,
}

/// Reads a file; a number or address that stands on two lines is refused on the later one.
pub fn parse(bytes: &[u8], ground: &Ground) -> Result<Parsed, FileError> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(FileError { line: 1, fault: FileFault::Large });
    }
    let text = sheet::decode(bytes)?;
    let mut table = sheet::Table::open(&text, MAX_ROWS);
    let heading = table.next_row()?.ok_or(FileError { line: 1, fault: FileFault::Empty })?;
    let mut columns = Columns::of(&heading)?;
    let (mut people, mut refused) = (Vec::new(), Vec::new());
    let mut seen: HashMap<String, u64> = HashMap::new();
    while let Some(row) = table.next_row()? {
        let read = person(&columns, &row, ground).and_then(|person| {
            let ways = person.contact.ways();
            if let Some((way, line)) = ways.iter().find_map(|way| seen.get_key_value(way)) {
                return Err(Reason::Repeated { way: way.clone(), line: *line });
            }
            seen.extend(ways.into_iter().map(|way| (way, row.line)));
            Ok(person)
        });
        match read {
            Ok(person) => people.push(person),
            Err(reason) => refused.push(Refusal { line: row.line, who: called(&columns, &row), reason }),
        }
    }
    if people.is_empty() && refused.is_empty() {
        return Err(FileError { line: 1, fault: FileFault::Empty });
    }
    Ok(Parsed { people, refused, unread: std::mem::take(&mut columns.unread) })
}

/// How the file calls who stands on a line.
fn called(columns: &Columns, row: &Row<'_>) -> String {
    let name = columns.name(row);
    let ways = [columns.cell(row, Column::Phone), columns.cell(row, Column::Email)];
    let called = std::iter::once(name.as_str()).chain(ways).find(|text| !text.is_empty());
    shortened(called.unwrap_or_default())
}

fn shortened(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(80).collect()
}

fn person(columns: &Columns, row: &Row<'_>, ground: &Ground) -> Result<Person, Reason> {
    if columns.overflow(row) {
        return Err(Reason::ManyCells);
    }
    let given = |column| Some(columns.cell(row, column)).filter(|cell| !cell.is_empty());
    let name = Line::parse_optional(&columns.name(row)).map_err(|_| Reason::Name)?;
    let phone =
        |typed: &str| Phone::parse_in(typed, Some(ground.home)).map_err(|_| Reason::Phone(shortened(typed)));
    let phone = given(Column::Phone).map(phone).transpose()?;
    let email = |typed: &str| typed.parse().map_err(|_| Reason::Email(shortened(typed)));
    let email = given(Column::Email).map(email).transpose()?;
    if phone.is_none() && email.is_none() {
        return Err(Reason::NoContact);
    }
    let language = |typed: &str| typed.to_lowercase().parse().map_err(|_| Reason::Language(shortened(typed)));
    let language = given(Column::Language).map(language).transpose()?;
    let consent = given(Column::Consent).map(|typed| stated(columns, row, ground, typed)).transpose()?;
    Ok(Person { line: row.line, contact: Contact { name, phone, email, language }, consent })
}

fn stated(columns: &Columns, row: &Row<'_>, ground: &Ground, typed: &str) -> Result<Stated, Reason> {
    let given = yes(typed).ok_or_else(|| Reason::Consent(shortened(typed)))?;
    let at = Some(columns.cell(row, Column::ConsentAt)).filter(|cell| !cell.is_empty());
    let at = at.map(|typed| {
        let moment = typed.parse::<Timestamp>().ok();
        let day = || typed.parse::<Day>().ok().and_then(|day| day.start(&ground.zone));
        let read = moment.or_else(day).filter(|at| at.micros() > 0 && *at <= ground.now);
        read.ok_or_else(|| Reason::ConsentAt(shortened(typed)))
    });
    let words = columns.cell(row, Column::ConsentWords).parse().map_err(|_| Reason::ConsentWords)?;
    Ok(Stated { given, at: at.transpose()?, words })
}

/// Yes or no, in our four languages; none for anything else.
fn yes(cell: &str) -> Option<bool> {
    match base::fold(cell.trim()).as_str() {
        "true" | "yes" | "y" | "1" | "oui" | "vrai" | "si" | "vero" | "ndiyo" | "ndio" | "x" => Some(true),
        "false" | "no" | "n" | "0" | "non" | "faux" | "falso" | "hapana" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ground() -> Ground {
        let now = "2026-06-01T12:00:00Z".parse().unwrap();
        Ground { home: "GN".parse().unwrap(), zone: Zone::utc(), now }
    }

    fn read(text: &str) -> Parsed {
        parse(text.as_bytes(), &ground()).unwrap()
    }

    #[test]
    fn people_are_read_with_what_the_file_says_and_nothing_more() {
        let parsed = read("Nom;Téléphone;Langue\nAïssatou Barry;620 00 00 00;FR\n\nBob;;\n");
        let awa = &parsed.people[0];
        assert_eq!(awa.contact.phone.as_ref().unwrap().as_str(), "+224620000000");
        assert_eq!((awa.line, awa.contact.language.unwrap().code(), &awa.consent), (2, "fr", &None));
        assert_eq!(parsed.refused, [Refusal { line: 4, who: "Bob".to_owned(), reason: Reason::NoContact }]);
    }

    #[test]
    fn a_consent_is_what_the_file_states_with_its_day() {
        let text = "email,consent,consent date,consent text\n\
                    a@b.example,oui,2026-05-31,\"News, monthly\"\nb@b.example,,2026-05-31,\nc@b.example,no,,";
        let consents: Vec<Option<Stated>> =
            read(text).people.into_iter().map(|person| person.consent).collect();
        let first = consents[0].as_ref().unwrap();
        assert_eq!(first.at.unwrap().to_string(), "2026-05-31T00:00:00Z");
        assert!(first.given && first.words.as_str() == "News, monthly");
        assert_eq!(consents[1], None, "a day without a word is no consent");
        assert!(!consents[2].as_ref().unwrap().given);
    }

    #[test]
    fn each_line_that_cannot_be_meant_says_why() {
        let text = "name,phone,email,language,consent,consentAt\n\
                    a,12,,,,\nb,,no-mail,,,\nc,,c@c.example,de,,\nd,,d@c.example,,maybe,\n\
                    e,,e@c.example,,yes,2027-01-01\nf,,f@c.example,,,,more\ng,,g@c.example,,,\nh,,G@C.example,,,";
        let reasons: Vec<(u64, Reason)> =
            read(text).refused.into_iter().map(|refusal| (refusal.line, refusal.reason)).collect();
        assert_eq!(
            reasons,
            [
                (2, Reason::Phone("12".to_owned())),
                (3, Reason::Email("no-mail".to_owned())),
                (4, Reason::Language("de".to_owned())),
                (5, Reason::Consent("maybe".to_owned())),
                (6, Reason::ConsentAt("2027-01-01".to_owned())),
                (7, Reason::ManyCells),
                (9, Reason::Repeated { way: "g@c.example".to_owned(), line: 8 }),
            ]
        );
    }

    #[test]
    fn a_file_that_is_too_large_or_empty_is_refused_whole() {
        let fault = |bytes: &[u8]| parse(bytes, &ground()).unwrap_err().fault;
        assert_eq!(fault(&vec![b'x'; MAX_FILE_BYTES + 1]), FileFault::Large);
        assert_eq!(fault(b""), FileFault::Empty);
        assert_eq!(fault(b"email\n"), FileFault::Empty);
        assert_eq!(fault("email\n".repeat(MAX_ROWS + 2).as_bytes()), FileFault::ManyRows);
        assert_eq!(fault(b"PK\x03\x04\0\0"), FileFault::NoText);
    }
}

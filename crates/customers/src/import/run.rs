//! Bringing a file in: foreseen in pieces, written one person to a transaction, and told line by line.

use std::sync::Arc;

use db::{Db, Rx, Scope, Tx};

use super::{FileError, Known, Person, Reason, Refusal, Stated, parse, read::Ground};
use crate::{
    Error, book, consent,
    holdings::Way,
    model::{Contact, Customer, CustomerId},
    sql,
};

/// What becomes of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A new customer; the id is there once it is written.
    Added(Option<CustomerId>),
    /// In the book, and changed: which of name, phone, email, language and consent.
    Changed(CustomerId, Vec<&'static str>),
    /// In the book as the file has it.
    Unchanged(CustomerId),
    /// In the book, and left as it is, though the file says otherwise.
    Left(CustomerId),
    Refused(Reason),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportLine {
    pub line: u64,
    /// As the file calls them.
    pub who: String,
    pub outcome: Outcome,
}

/// What became, or would become, of a file; in the order of its lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    pub lines: Vec<ReportLine>,
    /// Headings of columns that say nothing here.
    pub unread: Vec<String>,
}

impl Report {
    /// Added, changed, unchanged, left and refused.
    pub fn counts(&self) -> [usize; 5] {
        let mut counts = [0; 5];
        for line in &self.lines {
            counts[match line.outcome {
                Outcome::Added(_) => 0,
                Outcome::Changed(..) => 1,
                Outcome::Unchanged(_) => 2,
                Outcome::Left(_) => 3,
                Outcome::Refused(_) => 4,
            }] += 1;
        }
        counts
    }
}

/// Why a file was not brought in at all.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Customers(#[from] Error),
}

/// What is to be done for a person of a file.
enum Wish {
    Add,
    Change { id: CustomerId, contact: Contact, fields: Vec<&'static str> },
    Nothing(Outcome),
}

/// Who it is decides as in an order: the number and the e-mail, each one person's.
fn wish(rx: &mut Rx, person: &Person, known: Known) -> Result<Wish, Error> {
    let Contact { phone, email, .. } = &person.contact;
    let [phone, email] = [phone.as_ref().map(ToString::to_string), email.as_ref().map(ToString::to_string)];
    let owners = sql::owners(rx, phone.as_deref(), email.as_deref())?;
    let Some((_, id)) = owners.first().cloned() else { return Ok(Wish::Add) };
    if owners.iter().any(|(_, other)| *other != id) {
        return Ok(Wish::Nothing(Outcome::Refused(Reason::TwoPeople)));
    }
    let customer = book::find(rx, id)?;
    let leads_here = |way: &Option<String>| owners.iter().any(|(owned, _)| Some(owned) == way.as_ref());
    let before = &customer.contact;
    let contact = Contact {
        name: person.contact.name.clone().or_else(|| before.name.clone()),
        // a number that leads here beside the first one stays where it is
        phone: person.contact.phone.clone().filter(|_| !leads_here(&phone)).or_else(|| before.phone.clone()),
        email: person.contact.email.clone().filter(|_| !leads_here(&email)).or_else(|| before.email.clone()),
        language: person.contact.language.or(before.language),
    };
    let consents = person.consent.as_ref().is_some_and(|stated| is_news(&customer, stated));
    let fields: Vec<&'static str> = [
        ("name", contact.name != before.name),
        ("phone", contact.phone != before.phone),
        ("email", contact.email != before.email),
        ("language", contact.language != before.language),
        ("consent", consents),
    ]
    .into_iter()
    .filter_map(|(field, differs)| differs.then_some(field))
    .collect();
    Ok(match (fields.is_empty(), known) {
        (true, _) => Wish::Nothing(Outcome::Unchanged(id)),
        (false, Known::Leave) => Wish::Nothing(Outcome::Left(id)),
        (false, Known::Update) => Wish::Change { id, contact, fields },
    })
}

/// Whether the file knows more than is known: a list without a day never speaks against what the customer said, and one with
/// a day only against what was said before.
fn is_news(customer: &Customer, stated: &Stated) -> bool {
    match (customer.agreed_at, stated.at) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(before), Some(at)) => before < at,
    }
}

/// What `apply` would do.
pub fn foresee(rx: &mut Rx, person: &Person, known: Known) -> Result<ReportLine, Error> {
    let outcome = match wish(rx, person, known)? {
        Wish::Add => Outcome::Added(None),
        Wish::Change { id, fields, .. } => Outcome::Changed(id, fields),
        Wish::Nothing(outcome) => outcome,
    };
    Ok(told(person, outcome))
}

/// Brings one person in, whole or not at all; a refusal is an outcome, not an error.
pub fn apply(tx: &mut Tx, person: &Person, known: Known) -> Result<ReportLine, Error> {
    let outcome = match wish(tx, person, known)? {
        Wish::Add => {
            let id = book::enter(tx, &person.contact)?;
            if let Some(stated) = &person.consent {
                write_consent(tx, id, stated)?;
            }
            Outcome::Added(Some(id))
        }
        Wish::Change { id, contact, fields } => {
            book::change(tx, id, &contact)?;
            if let Some(stated) = person.consent.as_ref().filter(|_| fields.contains(&"consent")) {
                write_consent(tx, id, stated)?;
            }
            Outcome::Changed(id, fields)
        }
        Wish::Nothing(outcome) => outcome,
    };
    Ok(told(person, outcome))
}

fn write_consent(tx: &mut Tx, id: CustomerId, stated: &Stated) -> Result<(), Error> {
    let at = stated.at.unwrap_or(tx.now());
    consent::write(tx, id, stated.given, &stated.words, Way::File, at)
}

fn told(person: &Person, outcome: Outcome) -> ReportLine {
    ReportLine { line: person.line, who: person.contact.called(), outcome }
}

/// Reads a file and brings it in, or only foresees it. Each person is written in a transaction of their own, so a file that is
/// stopped half-way can be brought in again.
pub async fn run(
    db: &Db,
    scope: Scope,
    ground: &Ground,
    bytes: &[u8],
    known: Known,
    only_preview: bool,
) -> Result<Report, RunError> {
    /// People that wait for the writer together, and those foreseen in one read.
    const AT_ONCE: usize = 64;
    let parsed = parse(bytes, ground)?;
    let refused = |Refusal { line, who, reason }| ReportLine { line, who, outcome: Outcome::Refused(reason) };
    let mut lines: Vec<ReportLine> = parsed.refused.into_iter().map(refused).collect();
    let people: Vec<Arc<Person>> = parsed.people.into_iter().map(Arc::new).collect();
    for piece in people.chunks(AT_ONCE) {
        if only_preview {
            let piece = piece.to_vec();
            let look = move |rx: &mut Rx| {
                piece.iter().map(|person| foresee(rx, person, known)).collect::<Result<Vec<_>, Error>>()
            };
            lines.extend(db.read(scope.clone(), look).await?);
        } else {
            let writes = piece.iter().map(|person| {
                let person = Arc::clone(person);
                db.write(scope.clone(), move |tx: &mut Tx| apply(tx, &person, known))
            });
            lines.extend(futures_util::future::try_join_all(writes).await?);
        }
    }
    lines.sort_by_key(|line| line.line);
    Ok(Report { lines, unread: parsed.unread })
}

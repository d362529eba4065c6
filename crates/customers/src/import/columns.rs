//! Which column says what, by its heading, in four languages and in the words of other systems.

use std::{borrow::Cow, collections::HashMap};

use edge::sheet::Row;

use super::{FileError, FileFault};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    Name,
    FirstName,
    LastName,
    Phone,
    Email,
    Language,
    Consent,
    ConsentAt,
    ConsentWords,
}

/// Headings without accents, case, spaces and signs.
const HEADINGS: &[(Column, &[&str])] = &[
    (
        Column::Name,
        &[
            "name",
            "fullname",
            "customer",
            "customername",
            "nom",
            "nomcomplet",
            "nometprenom",
            "client",
            "nome",
            "nomecompleto",
            "nomeecognome",
            "cliente",
            "jina",
            "jinakamili",
            "mteja",
        ],
    ),
    (Column::FirstName, &["firstname", "givenname", "prenom", "nomedibattesimo", "jinalakwanza"]),
    (
        Column::LastName,
        &["lastname", "surname", "familyname", "nomdefamille", "cognome", "jinalaukoo", "jinalamwisho"],
    ),
    (
        Column::Phone,
        &[
            "phone",
            "phonenumber",
            "telephone",
            "tel",
            "mobile",
            "mobilephone",
            "cell",
            "whatsapp",
            "numero",
            "numerodetelephone",
            "portable",
            "telefono",
            "numeroditelefono",
            "cellulare",
            "simu",
            "nambayasimu",
        ],
    ),
    (
        Column::Email,
        &[
            "email",
            "emailaddress",
            "mail",
            "courriel",
            "adressemail",
            "adresseemail",
            "adresseelectronique",
            "indirizzoemail",
            "posta",
            "postaelettronica",
            "baruapepe",
        ],
    ),
    (Column::Language, &["language", "lang", "langue", "lingua", "lugha"]),
    (
        Column::Consent,
        &[
            "consent",
            "agreed",
            "marketingconsent",
            "acceptsmarketing",
            "acceptsemailmarketing",
            "newsletter",
            "consentement",
            "accord",
            "consenso",
            "consensomarketing",
            "idhini",
            "ridhaa",
        ],
    ),
    (
        Column::ConsentAt,
        &[
            "consentat",
            "consentdate",
            "dateofconsent",
            "agreedat",
            "dateduconsentement",
            "dateconsentement",
            "datadelconsenso",
            "dataconsenso",
            "datedelaccord",
            "tareheyaidhini",
        ],
    ),
    (
        Column::ConsentWords,
        &[
            "consentwords",
            "consenttext",
            "texteduconsentement",
            "texteconsentement",
            "testodelconsenso",
            "testoconsenso",
            "textedelaccord",
            "manenoyaidhini",
        ],
    ),
];

fn key(heading: &str) -> String {
    base::fold(heading).chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Where each column stands.
pub struct Columns {
    places: HashMap<Column, usize>,
    width: usize,
    /// Headings that are not known.
    pub unread: Vec<String>,
}

impl Columns {
    pub fn of(heading: &Row<'_>) -> Result<Self, FileError> {
        let known: HashMap<&str, Column> =
            HEADINGS.iter().flat_map(|(column, words)| words.iter().map(|word| (*word, *column))).collect();
        let (mut places, mut unread) = (HashMap::new(), Vec::new());
        for (place, cell) in heading.cells.iter().enumerate() {
            let heading_word = cell.trim();
            match known.get(key(cell).as_str()) {
                None if heading_word.is_empty() => (),
                None => unread.push(heading_word.chars().take(60).collect()),
                Some(column) => {
                    if places.insert(*column, place).is_some() {
                        let fault = FileFault::RepeatedHeading(heading_word.to_owned());
                        return Err(FileError { line: heading.line, fault });
                    }
                }
            }
        }
        if !places.contains_key(&Column::Phone) && !places.contains_key(&Column::Email) {
            return Err(FileError { line: heading.line, fault: FileFault::NoContactColumn });
        }
        Ok(Self { places, width: heading.cells.len(), unread })
    }

    /// The trimmed cell of `column`, without the sign that kept a spreadsheet from taking it for a formula; empty where the
    /// file has no such column.
    pub fn cell<'r>(&self, row: &'r Row<'_>, column: Column) -> &'r str {
        let Some(place) = self.places.get(&column) else { return "" };
        let cell = row.cells.get(*place).map(Cow::as_ref).unwrap_or_default().trim();
        match cell.strip_prefix('\'') {
            Some(text) if text.starts_with(['=', '+', '-', '@']) => text,
            _ => cell,
        }
    }

    /// The name that the row gives: whole, or of its parts. Beside one part, the column of names holds the other.
    pub fn name(&self, row: &Row<'_>) -> String {
        let [whole, first, last] =
            [Column::Name, Column::FirstName, Column::LastName].map(|column| self.cell(row, column));
        let parts =
            if first.is_empty() || last.is_empty() { [first, whole, last] } else { [first, "", last] };
        let said: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        said.join(" ")
    }

    /// Whether `row` has text where the file has no heading.
    pub fn overflow(&self, row: &Row<'_>) -> bool {
        row.cells.iter().skip(self.width).any(|cell| !cell.trim().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &str) -> Row<'_> {
        Row { line: 1, cells: cells.split(',').map(Cow::Borrowed).collect() }
    }

    #[test]
    fn no_heading_means_two_things() {
        let mut seen = std::collections::HashSet::new();
        for word in HEADINGS.iter().flat_map(|(_, words)| *words) {
            assert!(seen.insert(word), "{word}");
            assert_eq!(key(word), **word);
        }
    }

    #[test]
    fn a_name_is_read_whole_or_of_its_parts_as_each_language_writes_them() {
        for (headings, cells) in [
            ("Name,Phone", "Awa Barry,1"),
            ("First name,Last name,Phone", "Awa,Barry,1"),
            ("Prénom,Nom,Téléphone", "Awa,Barry,1"),
            ("Nome,Cognome,Telefono", "Awa,Barry,1"),
            ("Jina,Simu", "Awa Barry,1"),
            ("Name,First name,Last name,Email", "Customer 7,Awa,Barry,a@b.example"),
        ] {
            assert_eq!(Columns::of(&row(headings)).unwrap().name(&row(cells)), "Awa Barry", "{headings}");
        }
    }

    #[test]
    fn what_is_not_known_is_named_and_a_file_without_contacts_is_refused() {
        let columns = Columns::of(&row("Email,Shoe size,,Téléphone")).unwrap();
        assert_eq!(columns.unread, ["Shoe size"]);
        assert_eq!(Columns::of(&row("Name,City")).err().unwrap().fault, FileFault::NoContactColumn);
        let twice = Columns::of(&row("Email,Courriel")).err().unwrap().fault;
        assert_eq!(twice, FileFault::RepeatedHeading("Courriel".to_owned()));
    }

    #[test]
    fn the_sign_against_formulas_comes_off() {
        let columns = Columns::of(&row("Phone,Email")).unwrap();
        assert_eq!(columns.cell(&row("'+33612345671, x"), Column::Phone), "+33612345671");
    }
}

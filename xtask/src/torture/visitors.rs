//! Others who touch the data folder while the server works: commands of the operator, a second server, a plain SQLite.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::Engine;
use crate::server::{Merchant, Setting};
use crate::{Result, shell};

/// Two rows of a catalogue, brought in again and again.
const FILE: &str =
    "Handle,Title,Variant SKU,Variant Price\nbread,Bread,VISITOR-1,2.50\nsalt,Salt,VISITOR-2,1.00\n";

/// Each of them comes once. What is allowed succeeds, what is not is refused, and the server goes on.
pub fn come(setting: &Setting, engine: Engine, merchant: &Merchant, neighbour: &Merchant) -> Result {
    let file = setting.log.with_file_name("visitor.csv");
    fs::write(&file, FILE)?;
    let file = file.to_string_lossy();
    let commands: [&[&str]; 6] = [
        &["import", "products", "--tenant", &merchant.slug, &file],
        &["export", "products", "--tenant", &merchant.slug],
        &["audit", "verify", "--tenant", &merchant.slug],
        &["tenant", "suspend", &neighbour.slug],
        &["tenant", "resume", &neighbour.slug],
        &["tenant", "list"],
    ];
    for words in commands {
        shell::read(&mut setting.command(words))?;
    }
    if engine == Engine::Sqlite {
        second_server(setting)?;
        for file in databases(&setting.data)? {
            plain_sqlite(&file)?;
        }
    }
    Ok(())
}

/// One process has the folder: another must end at once and say why.
fn second_server(setting: &Setting) -> Result {
    let port = testing::free_port().to_string();
    let output = setting.command(&["serve", "--port", &port]).stdin(Stdio::null()).output()?;
    let said =
        String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    if output.status.success() || !said.contains("in use") {
        return Err(format!("a second server ended with {}, saying: {said}", output.status).into());
    }
    Ok(())
}

/// Opens a database that is in use, looks into it, and closes it: it must not take the write-ahead log along.
fn plain_sqlite(file: &Path) -> Result {
    let script = "import sqlite3, sys\n\
                  file = sqlite3.connect(sys.argv[1], timeout=10)\n\
                  assert file.execute('pragma quick_check').fetchone() == ('ok',)\n\
                  file.close()\n";
    shell::read(Command::new("python3").args(["-c", script]).arg(file)).map(drop)
}

/// Every database file below `folder`.
fn databases(folder: &Path) -> Result<Vec<std::path::PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(databases(&path)?);
        } else if path.extension().is_some_and(|end| end == "db") {
            found.push(path);
        }
    }
    Ok(found)
}

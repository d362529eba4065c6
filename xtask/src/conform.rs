//! The API against its own document: schemathesis asks what the OpenAPI document allows, as the owner and as nobody, and
//! wants no server error and no reply outside the document.

use std::path::Path;
use std::process::Command;

use crate::server::{self, Build, Server, Setting};
use crate::steps::Outcome;
use crate::{Result, shell, tools};

/// Questions per operation: enough to find shapes nobody thought of, few enough to wait for.
const EXAMPLES: &str = "20";

pub fn check() -> Result<Outcome> {
    let binary = server::build(Build::Debug)?;
    let schemathesis = tools::schemathesis()?;
    for who in ["owner", "nobody"] {
        // Each in a world of its own: what the owner's questions do to it is not nobody's to meet.
        let folder = tempfile::tempdir()?;
        let setting = Setting::new(&binary, folder.path())?;
        let server = setting.serve()?;
        let asked = ask(&schemathesis, &server, folder.path(), who);
        asked.map_err(|error| format!("as {who}: {error}\n{}", setting.last_words()))?;
    }
    Ok(Outcome::Passed)
}

fn ask(schemathesis: &Path, server: &Server, folder: &Path, who: &str) -> Result {
    let merchant = server.sign_up("Conform")?;
    // Addresses are asked with the slug of a merchant who exists: with invented ones all would be 404.
    let mut settings = format!("[parameters]\n\"path.slug\" = \"{}\"\n", merchant.slug);
    if who == "owner" {
        settings.push_str(&format!("\n[headers]\nAuthorization = \"Bearer {}\"\n", merchant.secret_key));
    }
    let file = folder.join("schemathesis.toml");
    std::fs::write(&file, settings)?;
    let checks =
        "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";
    let mut command = Command::new(schemathesis);
    command.current_dir(folder).arg("--no-color").arg("--config-file").arg(&file).arg("run");
    command.arg(format!("{}/api/openapi.json", server.base));
    command.args(["--url", &server.base, "--checks", checks, "--max-examples", EXAMPLES, "--seed", "1"]);
    shell::run(&mut command)
}

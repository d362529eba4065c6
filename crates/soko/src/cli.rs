//! The command line. A command that works on tenants goes to the running server, if there is one.

use std::{
    io::{IsTerminal, Read},
    path::{Path, PathBuf},
    process::ExitCode,
};

use base::{Country, Currency, Language, Line, Login};
use clap::{Args, Parser, Subcommand};
use edge::Config;
use operations::{
    command::{Command, Outcome},
    site::survey,
};

use crate::{demo, server, socket, wiring};

/// Hosts many small merchants: shop, stock, orders and books of each.
#[derive(Parser)]
#[command(name = "soko", version, about, propagate_version = true)]
struct Soko {
    #[command(subcommand)]
    command: Cli,
}

#[derive(Args, Clone)]
struct Data {
    /// The folder with all data; one process works in it at a time
    #[arg(long, env = "SOKO_DATA", default_value = "./data", global = true)]
    data: PathBuf,
    /// Print JSON, for scripts
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Cli {
    /// Serve all tenants over HTTP until stopped (SIGTERM drains)
    Serve {
        #[command(flatten)]
        data: Data,
        /// The port to listen on [default: PORT or 8080]
        #[arg(long)]
        port: Option<u16>,
    },
    /// Make two sample merchants with weeks of orders, print how to sign in, and serve them on loopback
    Demo {
        /// A folder for the demo's data; it is marked as a demo and made anew each time
        #[arg(long, env = "SOKO_DATA", default_value = "./demo-data")]
        data: PathBuf,
        /// The port to listen on
        #[arg(long, default_value_t = 8080)]
        port: u16,
    },
    /// Bring every database up to this version's schema, then stop
    Migrate {
        #[command(flatten)]
        data: Data,
    },
    /// Show every setting: its value (secrets masked), where it comes from, whether anything obeys it
    Config {
        #[command(flatten)]
        data: Data,
    },
    /// Create, list, suspend and resume tenants
    Tenant {
        #[command(flatten)]
        data: Data,
        #[command(subcommand)]
        command: TenantCli,
    },
    /// People who run the platform
    Admin {
        #[command(flatten)]
        data: Data,
        #[command(subcommand)]
        command: AdminCli,
    },
    /// People who sign in
    Account {
        #[command(flatten)]
        data: Data,
        #[command(subcommand)]
        command: AccountCli,
    },
    /// Bring data in
    Import {
        #[command(flatten)]
        data: Data,
        #[command(subcommand)]
        command: ImportCli,
    },
    /// Take data out
    Export {
        #[command(flatten)]
        data: Data,
        #[command(subcommand)]
        command: ExportCli,
    },
    /// Prove that ledgers balance and histories are whole
    Audit {
        #[command(flatten)]
        data: Data,
        #[command(subcommand)]
        command: AuditCli,
    },
}

#[derive(Subcommand)]
enum TenantCli {
    /// Make a tenant with its owner; the password comes from standard input or --password-file
    Create {
        /// The business's name
        #[arg(long)]
        name: Line<120>,
        /// The owner's phone number, e-mail address or user name
        #[arg(long)]
        username: String,
        /// A file with the owner's password; without it, standard input is read
        #[arg(long)]
        password_file: Option<PathBuf>,
        /// A code of ISO 4217; by default the country's
        #[arg(long)]
        currency: Option<Currency>,
        /// A code of ISO 3166; by default the phone number's
        #[arg(long)]
        country: Option<Country>,
        #[arg(long)]
        language: Option<Language>,
    },
    /// List all tenants
    List,
    /// Stop a tenant: its shop says so politely, nothing is lost
    Suspend {
        /// The slug, as in /t/SLUG/
        tenant: String,
        /// Why; it stands in the history, also in the one that the owner reads
        #[arg(long, default_value_t)]
        reason: String,
    },
    /// Let a suspended tenant go on
    Resume {
        /// The slug, as in /t/SLUG/
        tenant: String,
    },
}

#[derive(Subcommand)]
enum AdminCli {
    /// Make an operator; the password comes from standard input or --password-file, never from the command line
    Create {
        /// Phone number, e-mail address or user name
        #[arg(long)]
        username: String,
        /// A file with the password; without it, standard input is read
        #[arg(long)]
        password_file: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
enum AccountCli {
    /// Print a link that lets somebody choose a new password, once and within the hour
    Reset {
        /// Phone number, e-mail address or user name
        login: String,
        /// The slug of a business, where several know this login
        #[arg(long)]
        tenant: Option<String>,
    },
}

#[derive(Subcommand)]
enum ImportCli {
    /// Products from a CSV file of Shopify, WooCommerce or a spreadsheet
    Products {
        /// The slug, as in /t/SLUG/
        #[arg(long)]
        tenant: String,
        /// Only say what would be created, changed and refused
        #[arg(long)]
        preview: bool,
        file: PathBuf,
    },
    /// Campaigns, coupons, customers and staff from CouponGen's SQLite file; a second time brings nothing twice
    Coupongen {
        /// The slug, as in /t/SLUG/
        #[arg(long)]
        tenant: String,
        /// The tenant's slug in the file, where it is called otherwise there
        #[arg(long)]
        from: Option<String>,
        /// CouponGen's folder of uploaded pictures (`UPLOADS_DIR`): the one above its forms comes, too
        #[arg(long)]
        uploads: Option<PathBuf>,
        /// Only say what would come, and what not
        #[arg(long)]
        preview: bool,
        file: PathBuf,
    },
}

#[derive(Subcommand)]
enum ExportCli {
    /// Products as a CSV file in Shopify's format
    Products {
        /// The slug, as in /t/SLUG/
        #[arg(long)]
        tenant: String,
        /// Where to write; standard output if absent
        file: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
enum AuditCli {
    /// Exit 0 only if every ledger balances and every history is whole
    Verify {
        /// One tenant only: its slug
        #[arg(long)]
        tenant: Option<String>,
        /// Signed heads kept elsewhere; by default those in the data folder
        #[arg(long)]
        heads: Option<PathBuf>,
    },
}

pub fn run() -> ExitCode {
    let soko = Soko::parse();
    match perform(soko.command) {
        Ok(code) => code,
        Err(words) => {
            eprintln!("soko: {words}");
            ExitCode::from(2)
        }
    }
}

fn perform(cli: Cli) -> Result<ExitCode, String> {
    match cli {
        Cli::Serve { data, port } => {
            server::run(configured(&data.data, port)?, false).map(|()| ExitCode::SUCCESS)
        }
        Cli::Demo { data, port } => demo::run(&data, port).map(|()| ExitCode::SUCCESS),
        Cli::Migrate { data } => {
            let done = wiring::migrate(&configured(&data.data, None)?)?;
            Ok(show(&done, data.json))
        }
        Cli::Config { data } => {
            print_config(&data);
            Ok(ExitCode::SUCCESS)
        }
        Cli::Tenant { data, command } => through(&data, tenant_command(command)?),
        Cli::Admin { data, command: AdminCli::Create { username, password_file } } => {
            let login: Login = username.parse().map_err(|error| format!("--username: {error}"))?;
            let password = password(password_file.as_deref())?;
            through(&data, Command::AdminCreate { login, password })
        }
        Cli::Account { data, command: AccountCli::Reset { login, tenant } } => {
            through(&data, Command::AccountReset { login, tenant })
        }
        Cli::Import { data, command: ImportCli::Products { tenant, preview, file } } => {
            through(&data, Command::ImportProducts { tenant, file: absolute(&file)?, preview })
        }
        Cli::Import { data, command: ImportCli::Coupongen { tenant, from, uploads, preview, file } } => {
            let uploads = uploads.as_deref().map(absolute).transpose()?;
            through(
                &data,
                Command::ImportCoupongen { tenant, file: absolute(&file)?, from, uploads, preview },
            )
        }
        Cli::Export { data, command: ExportCli::Products { tenant, file } } => {
            let file = file.as_deref().map(absolute).transpose()?;
            through(&data, Command::ExportProducts { tenant, file })
        }
        Cli::Audit { data, command: AuditCli::Verify { tenant, heads } } => {
            let heads = heads.as_deref().map(absolute).transpose()?;
            through(&data, Command::AuditVerify { tenant, heads })
        }
    }
}

fn tenant_command(command: TenantCli) -> Result<Command, String> {
    Ok(match command {
        TenantCli::Create { name, username, password_file, currency, country, language } => {
            let login =
                Login::parse_in(&username, country).map_err(|error| format!("--username: {error}"))?;
            let password = password(password_file.as_deref())?;
            Command::TenantCreate { name, login, password, currency, country, language }
        }
        TenantCli::List => Command::TenantList,
        TenantCli::Suspend { tenant, reason } => Command::TenantSuspend { tenant, reason },
        TenantCli::Resume { tenant } => Command::TenantResume { tenant },
    })
}

/// Asks the running server, or does it here when none runs.
fn through(data: &Data, command: Command) -> Result<ExitCode, String> {
    let outcome = match socket::ask(&data.data, &command)? {
        Some(outcome) => outcome,
        None => wiring::alone(&configured(&data.data, None)?, command)?,
    };
    Ok(show(&outcome, data.json))
}

fn show(outcome: &Outcome, json: bool) -> ExitCode {
    if json {
        println!("{}", outcome.json);
    } else if outcome.well {
        println!("{}", outcome.text);
    } else {
        eprintln!("{}", outcome.text);
    }
    if outcome.well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The settings of the environment, with the folder and port of the command line.
pub fn configured(data: &Path, port: Option<u16>) -> Result<Config, String> {
    let mut config = Config::from_environment().map_err(|error| error.to_string())?;
    config.data = absolute(data)?;
    config.port = port.unwrap_or(config.port);
    Ok(config)
}

fn print_config(data: &Data) {
    // a setting at fault must not hide the table that shows it
    let (config, faults) = match Config::from_environment() {
        Ok(config) => (config, None),
        Err(error) => (Config::development(), Some(error.to_string())),
    };
    let folder = config.site.clone().unwrap_or_else(|| data.data.join("site"));
    let texts = survey(&folder);
    let rows = if faults.is_some() { Config::table_of_environment() } else { config.table() };
    if data.json {
        let rows: Vec<_> = rows
            .iter()
            .map(|row| serde_json::json!({ "name": row.name, "value": row.value, "source": row.source, "used": row.used }))
            .collect();
        let texts: Vec<_> = texts
            .iter()
            .map(|(name, state)| {
                let fault = state.as_ref().err().map(ToString::to_string);
                serde_json::json!({ "file": folder.join(name), "fault": fault })
            })
            .collect();
        println!("{}", serde_json::json!({ "items": rows, "texts": texts, "faults": faults }));
    } else {
        for row in rows {
            let used = if row.used { "" } else { "  (unused: nothing obeys it)" };
            println!("{:<32} {:<28} {}{used}", row.name, row.value, row.source);
        }
        for (name, state) in texts {
            let state = state.map_or_else(|fault| format!("not shown: {fault}"), |()| "shown".to_owned());
            println!("{:<61} {state}", folder.join(name).display().to_string());
        }
        if let Some(faults) = faults {
            println!("\nThis does not start yet:\n{faults}");
        }
    }
}

fn absolute(path: &Path) -> Result<PathBuf, String> {
    std::path::absolute(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// The first line of the file, or of standard input.
fn password(file: Option<&Path>) -> Result<String, String> {
    let text = match file {
        Some(file) => {
            std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?
        }
        None => {
            if std::io::stdin().is_terminal() {
                eprintln!("Type the password and press Enter (it is shown as you type):");
                let mut line = String::new();
                std::io::stdin().read_line(&mut line).map_err(|error| error.to_string())?;
                line
            } else {
                let mut text = String::new();
                std::io::stdin().read_to_string(&mut text).map_err(|error| error.to_string())?;
                text
            }
        }
    };
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() {
        Err("no password came; give it by standard input or --password-file".to_owned())
    } else {
        Ok(line.to_owned())
    }
}

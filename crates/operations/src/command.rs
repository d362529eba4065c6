//! What an operator asks of the house from the command line. A command talks to the running server, or, when none runs,
//! opens the data itself; either way it is done here, in one place.

use std::path::PathBuf;

use base::{Country, Currency, Language, Line, Login};
use db::{Actor, Origin, Scope, Tenant};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use spine::{
    events::{self, Proof, Verdict, platform},
    keys::KeyRing,
    ledger,
};

use catalog::import::Outcome as Imported;
use coupons::moving::{self, Wanted};

use crate::{
    Error, House, console,
    sign_up::{NewBusiness, Who},
    tenants,
};

/// A command, as it crosses the socket. Paths are absolute: the server has another working folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Command {
    TenantCreate {
        name: Line<120>,
        login: Login,
        password: String,
        currency: Option<Currency>,
        country: Option<Country>,
        language: Option<Language>,
    },
    TenantList,
    TenantSuspend {
        tenant: String,
        /// Stands in the histories.
        #[serde(default)]
        reason: String,
    },
    TenantResume {
        tenant: String,
    },
    AdminCreate {
        login: Login,
        password: String,
    },
    AccountReset {
        /// As typed: a number may be written as it is dialled in the country of `tenant`.
        login: String,
        /// Where several businesses know the login.
        tenant: Option<String>,
    },
    ImportProducts {
        tenant: String,
        file: PathBuf,
        preview: bool,
    },
    ImportCoupongen {
        tenant: String,
        file: PathBuf,
        /// What the tenant is called in the file.
        from: Option<String>,
        uploads: Option<PathBuf>,
        preview: bool,
    },
    ExportProducts {
        tenant: String,
        file: Option<PathBuf>,
    },
    AuditVerify {
        tenant: Option<String>,
        heads: Option<PathBuf>,
    },
}

/// What came of a command.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Outcome {
    /// Whether all is well: the exit code.
    pub well: bool,
    /// For people.
    pub text: String,
    /// For scripts.
    pub json: Value,
}

impl Outcome {
    fn well(text: impl Into<String>, json: Value) -> Self {
        Self { well: true, text: text.into(), json }
    }

    pub fn failed(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { well: false, json: json!({ "error": text }), text }
    }
}

/// Does `command`; a failure is an outcome, too.
pub async fn run(house: &House, command: Command) -> Outcome {
    match perform(house, command).await {
        Ok(outcome) => outcome,
        Err(error) => Outcome::failed(error.to_string()),
    }
}

async fn perform(house: &House, command: Command) -> Result<Outcome, Error> {
    match command {
        Command::TenantCreate { name, login, password, currency, country, language } => {
            let new = NewBusiness::of(name, login, &password, currency, country, language)?;
            let made = crate::sign_up::found(house, new, Who::Operator, "command line").await?;
            let slug = made.tenant.slug.to_string();
            let text = format!(
                "{slug} is live: shop /t/{slug}/, back office /t/{slug}/admin\npublic key {}\nsecret key {} (shown once)",
                made.public_key.reveal(),
                made.secret_key.reveal()
            );
            let keys = json!({ "public": made.public_key.reveal(), "secret": made.secret_key.reveal() });
            Ok(Outcome::well(text, json!({ "slug": slug, "keys": keys })))
        }
        Command::TenantList => {
            let tenants = house.db.tenants().await?;
            let line = |tenant: &Tenant| {
                format!("{}\t{}\t{}\t{}", tenant.slug, tenant.state.name(), tenant.currency, tenant.name)
            };
            let view = |tenant: &Tenant| json!({ "slug": tenant.slug, "state": tenant.state.name(), "currency": tenant.currency, "name": tenant.name });
            let text = tenants.iter().map(|tenant| line(tenant)).collect::<Vec<_>>().join("\n");
            let items: Vec<Value> = tenants.iter().map(|tenant| view(tenant)).collect();
            Ok(Outcome::well(text, json!({ "items": items })))
        }
        Command::TenantSuspend { tenant, reason } => {
            let found = named(house, &tenant).await?;
            tenants::suspend(&house.db, operator(&found), &reason).await?;
            Ok(Outcome::well(
                format!("{tenant} is suspended; nothing of it is lost"),
                json!({ "slug": tenant }),
            ))
        }
        Command::TenantResume { tenant } => {
            let found = named(house, &tenant).await?;
            tenants::resume(&house.db, operator(&found)).await?;
            Ok(Outcome::well(format!("{tenant} is live again"), json!({ "slug": tenant })))
        }
        Command::AdminCreate { login, password } => {
            admit_operator(house, login.clone(), &password).await?;
            let text = format!("{login} may sign in at /sign-in and sees /operator");
            Ok(Outcome::well(text, json!({ "login": login })))
        }
        Command::AccountReset { login, tenant } => reset(house, login, tenant).await,
        Command::ImportProducts { tenant, file, preview } => {
            let found = named(house, &tenant).await?;
            import(house, &found, file, preview).await
        }
        Command::ImportCoupongen { tenant, file, from, uploads, preview } => {
            let found = named(house, &tenant).await?;
            move_in(house, &found, Wanted { file, from, uploads, preview }).await
        }
        Command::ExportProducts { tenant, file } => {
            let found = named(house, &tenant).await?;
            export(house, &found, file).await
        }
        Command::AuditVerify { tenant, heads } => verify(house, tenant, heads).await,
    }
}

async fn admit_operator(house: &House, login: Login, password: &str) -> Result<(), Error> {
    let password = people::Password::chosen(password, &login, "")
        .map_err(|error| Error::Field { field: "password", message: error.to_string() })?;
    let mut salt = [0; 16];
    salt.copy_from_slice(&house.db.world().seed()[..16]);
    let password = people::hashing::hash(password, salt, people::hashing::Queue::Known).await?;
    let told = login.to_string();
    let name = told
        .parse()
        .map_err(|error: base::TextError| Error::Field { field: "username", message: error.to_string() })?;
    let new = people::accounts::NewAccount { login, name, password, home: None, operator: true };
    house.db.directory().write(move |dx| people::accounts::create(dx, &new)).await?;
    people::changed();
    let (actor, origin) = by_command();
    let payload = json!({ "login": told });
    let event = spine::events::Event { kind: "operator.added", subject: "operator".to_owned(), payload };
    console::note(&house.db, &actor, &origin, event).await;
    Ok(())
}

/// Makes a link for a forgotten password; it is printed this once.
async fn reset(house: &House, typed: String, slug: Option<String>) -> Result<Outcome, Error> {
    let tenant = match &slug {
        Some(slug) => Some(named(house, slug).await?),
        None => None,
    };
    let login = Login::parse_in(&typed, tenant.as_ref().map(|tenant| tenant.country))
        .map_err(|error| Error::Field { field: "login", message: error.to_string() })?
        .to_string();
    let (sought, within) = (login.clone(), tenant.map(|tenant| tenant.id));
    let directory = house.db.directory();
    let meant = directory.read(move |dx| people::reset::meant(dx, &sought, within)).await?;
    let [account] = meant.as_slice() else {
        let mut homes = Vec::new();
        for home in meant.iter().filter_map(|account| account.home) {
            homes.extend(house.db.tenant(home).await?.map(|tenant| tenant.slug.to_string()));
        }
        return Err(match meant.is_empty() {
            true => Error::NoSuchAccount(typed),
            false => Error::ManyAccounts(login, homes.join(", ")),
        });
    };
    let id = account.id;
    let made = directory.write(move |dx| people::reset::make(dx, id, None)).await?;
    let origin = Origin { address: "command line".to_owned(), request: String::new() };
    people::reset::note_everywhere(&house.db, id, people::reset::Noted::LinkMade, &origin).await;
    let link = format!("{}{}", house.office, made.path());
    let text = format!(
        "{} ({login}) chooses a new password at {link}\nIt works once, for one hour, and is shown only now.",
        account.name
    );
    Ok(Outcome::well(text, json!({ "login": login, "link": link, "expiresAt": made.expires_at })))
}

async fn named(house: &House, slug: &str) -> Result<std::sync::Arc<Tenant>, Error> {
    house.db.tenant_by_slug(slug).await?.ok_or_else(|| Error::NoSuchTenant(slug.to_owned()))
}

/// Who acts on the command line, and from where.
fn by_command() -> (Actor, Origin) {
    (Actor::new("operator"), Origin { address: "command line".to_owned(), request: String::new() })
}

/// The operator's right to work in a tenant, from the command line.
fn operator(tenant: &Tenant) -> Scope {
    let (actor, origin) = by_command();
    Scope { tenant: tenant.id, actor, origin, reach: db::Reach::Everywhere }
}

async fn import(house: &House, tenant: &Tenant, file: PathBuf, preview: bool) -> Result<Outcome, Error> {
    let unreadable = |error: std::io::Error| Error::File(format!("{}: {error}", file.display()));
    let size = std::fs::metadata(&file).map_err(unreadable)?.len();
    if size > catalog::import::MAX_FILE_BYTES as u64 {
        return Err(Error::File(format!("{} is larger than 20 MiB; split it", file.display())));
    }
    let bytes = std::fs::read(&file).map_err(unreadable)?;
    let shelf = std::sync::Arc::clone(&house.shelf);
    let run =
        catalog::import::run(&house.db, operator(tenant), shelf, tenant.currency, &bytes, preview).await;
    let report = run.map_err(|error| Error::File(format!("{}: {error}", file.display())))?;
    let mut text = format!(
        "{} created, {} changed, {} unchanged, {} refused{}",
        report.created(),
        report.changed(),
        report.unchanged(),
        report.refused(),
        if preview { " (a preview: nothing was written)" } else { "" }
    );
    for line in &report.lines {
        if let Imported::Refused(reason) = &line.outcome {
            text.push_str(&format!("\nline {}: {}: {reason}", line.line, line.product));
        }
        for note in &line.notes {
            text.push_str(&format!("\nline {}: {}: {note}", line.line, line.product));
        }
    }
    let json = json!({
        "preview": preview, "created": report.created(), "changed": report.changed(),
        "unchanged": report.unchanged(), "refused": report.refused(),
    });
    Ok(Outcome::well(text, json))
}

/// Brings in what CouponGen's file holds of a tenant.
async fn move_in(house: &House, tenant: &Tenant, wanted: Wanted) -> Result<Outcome, Error> {
    let (file, preview) = (wanted.file.clone(), wanted.preview);
    let home = moving::Home {
        currency: tenant.currency,
        country: tenant.country,
        zone: tenant.zone.clone(),
        now: house.db.now(),
    };
    let here =
        moving::Here { db: &house.db, blobs: &house.blobs, shelf: std::sync::Arc::clone(&house.shelf) };
    let run = moving::run(here, operator(tenant), tenant.slug.as_str(), home, wanted).await;
    let report = run.map_err(|error| Error::File(format!("{}: {error}", file.display())))?;
    let counts = [
        ("products", report.products),
        ("campaigns", report.campaigns),
        ("customers", report.customers),
        ("coupons", report.coupons),
        ("links", report.form_links),
        ("pictures", report.pictures),
        ("staff", report.staff),
    ];
    let mut text = format!("from {} of {}:", report.from, file.display());
    let mut json = json!({ "preview": preview, "from": report.from, "left": report.left });
    for (name, count) in counts {
        text.push_str(&format!("\n{} {name} {}", count.come, if preview { "would come" } else { "came" }));
        if count.known > 0 {
            text.push_str(&format!(", {} were here already", count.known));
        }
        json[name] = json!(count);
    }
    for left in &report.left {
        text.push_str(&format!("\nleft: {} {}: {}", left.kind, left.name, left.why));
    }
    let links: Vec<(&str, String)> = report
        .links
        .iter()
        .map(|(login, path)| (login.as_str(), format!("{}{path}", house.office)))
        .collect();
    for (login, link) in &links {
        text.push_str(&format!(
            "\n{login} chooses a password at {link} (once, for one hour, shown only now)"
        ));
    }
    if preview {
        text.push_str("\n(a preview: nothing was written)");
    }
    json["links"] = json!(links);
    Ok(Outcome::well(text, json))
}

async fn export(house: &House, tenant: &Tenant, file: Option<PathBuf>) -> Result<Outcome, Error> {
    let shelf = std::sync::Arc::clone(&house.shelf);
    let mut csv = Vec::new();
    let files = format!("{}/t/{}/files", house.files, tenant.slug);
    let run = catalog::export::run(&house.db, operator(tenant), shelf, &files, &mut csv).await;
    run.map_err(|error| Error::File(error.to_string()))?;
    let Some(file) = file else {
        let text = String::from_utf8_lossy(&csv).into_owned();
        return Ok(Outcome::well(text.clone(), json!({ "csv": text })));
    };
    std::fs::write(&file, &csv).map_err(|error| Error::File(format!("{}: {error}", file.display())))?;
    let text = format!("written to {}", file.display());
    Ok(Outcome::well(text, json!({ "file": file, "bytes": csv.len() })))
}

/// Adds every tenant's ledger up again and walks its chain of events, against signed heads if there are any.
async fn verify(house: &House, tenant: Option<String>, heads: Option<PathBuf>) -> Result<Outcome, Error> {
    let all = tenant.is_none();
    let tenants = match tenant {
        Some(slug) => vec![named(house, &slug).await?],
        None => house.db.tenants().await?,
    };
    let file = heads.unwrap_or_else(|| house.heads.clone());
    let known = if file.exists() {
        events::read_heads(&file).map_err(|error| Error::File(format!("{}: {error}", file.display())))?
    } else {
        Vec::new()
    };
    let (mut lines, mut items, mut well) = (Vec::new(), Vec::new(), true);
    for tenant in tenants {
        let (heads, trusted, slug) = (known.clone(), house.ring.verifying_keys(), tenant.slug.to_string());
        let name = slug.clone();
        let (books, chain) = house
            .db
            .read(operator(&tenant), move |rx| {
                let proof = Proof { tenant: &name, heads: &heads, trusted: &trusted };
                Ok::<_, Error>((ledger::verify(rx)?, events::verify(rx, Some(proof))?))
            })
            .await?;
        let verdict = verdict_name(chain.verdict());
        well &= books.holds() && !matches!(chain.verdict(), Verdict::Broken);
        lines.push(format!(
            "{slug}: {} entries {}, {} events {verdict}",
            books.entries,
            if books.holds() { "balance" } else { "DO NOT BALANCE" },
            chain.events
        ));
        lines.extend(books.faults.iter().map(|fault| format!("  {fault:?}")));
        lines.extend(chain.faults.iter().map(|fault| format!("  {fault}")));
        items.push(json!({
            "tenant": slug, "ledger": books.holds(), "entries": books.entries, "events": chain.events, "chain": verdict,
        }));
    }
    let mut json = json!({ "well": well, "tenants": items });
    if all {
        let (heads, trusted) = (known, house.ring.verifying_keys());
        let walk = move |dx: &mut db::Dx<'_>| {
            let proof = Proof { tenant: platform::CHAIN, heads: &heads, trusted: &trusted };
            platform::verify(dx, Some(proof))
        };
        let chain: Result<_, db::Error> = house.db.directory().read(walk).await;
        let chain = chain?;
        well &= !matches!(chain.verdict(), Verdict::Broken);
        lines.push(format!("the operators: {} events {}", chain.events, verdict_name(chain.verdict())));
        lines.extend(chain.faults.iter().map(|fault| format!("  {fault}")));
        json["well"] = json!(well);
        json["operators"] = json!({ "events": chain.events, "chain": verdict_name(chain.verdict()) });
    }
    Ok(Outcome { well, text: lines.join("\n"), json })
}

fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Broken => "broken",
        Verdict::Consistent => "consistent",
        Verdict::Proven => "proven",
    }
}

/// Signs the head of every tenant's chain and adds it to the file of heads: what is sealed by now can no longer be
/// changed unseen.
pub async fn sign_heads(db: &db::Db, ring: &KeyRing, file: &std::path::Path) -> Result<usize, Error> {
    let mut signed = Vec::new();
    for tenant in db.tenants().await? {
        let head = db.read(operator(&tenant), events::head).await?;
        if head.n > 0 {
            signed.push(events::sign_head(ring, tenant.slug.as_str(), head, db.now()));
        }
    }
    let head: Result<_, db::Error> = db.directory().read(platform::head).await;
    let head = head?;
    if head.n > 0 {
        signed.push(events::sign_head(ring, platform::CHAIN, head, db.now()));
    }
    events::append_heads(file, &signed)
        .map_err(|error| Error::File(format!("{}: {error}", file.display())))?;
    Ok(signed.len())
}

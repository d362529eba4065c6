use std::collections::BTreeMap;

use serde::Serialize;

/// One line of `soko config`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfigRow {
    pub name: String,
    /// As set, with secrets masked; the default when unset.
    pub value: String,
    /// `environment`, `file` or `default`.
    pub source: &'static str,
    /// Whether anything obeys it.
    pub used: bool,
}

enum Kind {
    Open,
    Secret,
}
use Kind::{Open, Secret};

/// What is obeyed, with its default in words.
const OBEYED: [(&str, Kind, &str); 42] = [
    ("SOKO_ENV", Open, "production"),
    ("SOKO_DATA", Open, "./data"),
    ("PORT", Open, "8080"),
    ("SOKO_KEYS", Open, "keys in SOKO_DATA, in development"),
    ("DATABASE_URL", Secret, "SQLite files in SOKO_DATA"),
    ("MASTER_DATABASE_URL", Secret, "DATABASE_URL's role migrates, too"),
    ("OFFICE_URL", Open, ""),
    ("SHOP_URL", Open, ""),
    ("FILES_URL", Open, ""),
    ("TRUSTED_PROXIES", Open, "none"),
    ("SIGNUP", Open, "must be said in production"),
    ("SESSION_SECRET", Secret, ""),
    ("METRICS_TOKEN", Secret, "no metrics outside development"),
    ("LOG_LEVEL", Open, "info"),
    ("UPLOAD_MAX_BYTES", Open, "20971520"),
    ("BLOBS_URL", Open, "blobs in SOKO_DATA"),
    ("AWS_ACCESS_KEY_ID", Secret, ""),
    ("AWS_SECRET_ACCESS_KEY", Secret, ""),
    ("AWS_REGION", Open, "us-east-1"),
    ("AWS_ENDPOINT_URL", Open, "Amazon's"),
    ("SOKO_CACHE_BYTES", Open, "33554432"),
    ("LOGIN_MAX_ATTEMPTS", Open, "10"),
    ("LOGIN_WINDOW_MS", Open, "600000"),
    ("SUBMIT_MAX_PER_IP", Open, "20"),
    ("SUBMIT_WINDOW_MS", Open, "600000"),
    ("EMAIL_MAX_PER_DAY", Open, "3"),
    ("EMAIL_DAILY_WINDOW_MS", Open, "86400000"),
    ("CAPTCHA_PROVIDER", Open, "own"),
    ("CAPTCHA_SITE_KEY", Open, ""),
    ("CAPTCHA_SECRET", Secret, ""),
    ("SMTP_HOST", Open, "no mail leaves"),
    ("SMTP_PORT", Open, "587"),
    ("SMTP_SECURE", Open, "true on port 465"),
    ("SMTP_USER", Open, ""),
    ("SMTP_PASS", Secret, ""),
    ("MAIL_FROM", Open, "OPERATOR_NAME <no-reply@localhost>"),
    ("OPERATOR_NAME", Open, "Soko"),
    ("OPERATOR_EMAIL", Open, ""),
    ("OPERATOR_PHONE", Open, ""),
    ("OPERATOR_ADDRESS", Open, ""),
    ("SITE_DIR", Open, "site in SOKO_DATA"),
    ("ADAPTERS_PRESET", Open, "mock is refused in production"),
];

/// Names of the runbooks that nothing obeys, reported so that nobody relies on them.
const UNUSED: [&str; 13] = [
    "NODE_ENV",
    "TENANT_DATABASE_URL",
    "DATABASE_POOL_SIZE",
    "REDIS_URL",
    "ALLOWED_ORIGINS",
    "CORS_ORIGIN",
    "JWT_SECRET",
    "TENANT_SECRETS_ENCRYPTION_KEY",
    "BOOKING_TOKEN_SECRET",
    "DEFAULT_TENANT_SLUG",
    "ENFORCE_TENANT_PREFIX",
    "SENTRY_DSN",
    "HOST",
];

/// Families of names: what is set of them and not obeyed is reported, too.
const FAMILIES: [&str; 16] = [
    "SOKO_",
    "OPERATOR_",
    "LOGIN_",
    "SUBMIT_",
    "EMAIL_",
    "CAPTCHA_",
    "RECAPTCHA_",
    "SMTP_",
    "MAIL_",
    "POSTMARK_",
    "STRIPE_",
    "PAYPAL_",
    "MTN_MOMO_",
    "ORANGE_MOMO_",
    "RATE_LIMIT_",
    "UPLOAD_",
];

pub(super) fn rows(vars: &BTreeMap<String, String>) -> Vec<ConfigRow> {
    let mut rows: Vec<ConfigRow> =
        OBEYED.iter().map(|(name, kind, default)| obeyed(vars, name, kind, default)).collect();
    let known = |name: &str| {
        OBEYED.iter().any(|(obeyed, ..)| name == *obeyed || name.strip_suffix("_FILE") == Some(obeyed))
            || UNUSED.contains(&name)
    };
    let stray = vars
        .keys()
        .map(String::as_str)
        .filter(|name| !known(name) && FAMILIES.iter().any(|family| name.starts_with(family)));
    for name in UNUSED.into_iter().chain(stray) {
        // an unused name may hold a secret all the same
        let (value, source) =
            if vars.contains_key(name) { ("(set)", "environment") } else { ("", "default") };
        rows.push(ConfigRow { name: name.to_owned(), value: value.to_owned(), source, used: false });
    }
    rows
}

fn obeyed(vars: &BTreeMap<String, String>, name: &str, kind: &Kind, default: &str) -> ConfigRow {
    let file = vars.contains_key(&format!("{name}_FILE"));
    let (value, source) = match (vars.get(name), kind) {
        _ if file => ("(set)".to_owned(), "file"),
        (None, _) => (default.to_owned(), "default"),
        (Some(_), Secret) => ("(set)".to_owned(), "environment"),
        (Some(value), Open) => (value.clone(), "environment"),
    };
    ConfigRow { name: name.to_owned(), value, source, used: true }
}

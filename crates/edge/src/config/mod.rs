//! Settings from the environment, under the names operators know. What nothing obeys is reported as unused,
//! and production starts with no missing and no placeholder secret.

mod captcha;
mod names;
mod network;
mod operator;
mod origin;
mod secret;

use std::{collections::BTreeMap, net::IpAddr, path::PathBuf, str::FromStr};

pub use captcha::{CaptchaBy, Widget};
pub use names::ConfigRow;
pub use network::Network;
pub use operator::OperatorCard;
pub use origin::Origin;
pub use secret::Secret;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// Also when `SOKO_ENV` is unset: forgetting it must not open anything.
    Production,
    /// Loopback only, one origin, throwaway secrets.
    Development,
}

/// Who may open a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignUp {
    Open,
    /// The operator lets each in.
    Approve,
    Closed,
}

/// How mail leaves.
#[derive(Clone)]
pub struct Smtp {
    pub host: String,
    pub port: u16,
    /// TLS from the first byte (port 465); else STARTTLS, which is required but towards loopback.
    pub tls_first: bool,
    pub login: Option<(String, Secret)>,
}

/// Where blobs (pictures, files) lie.
#[derive(Clone)]
pub enum BlobsAt {
    /// `blobs` in the data folder.
    Folder,
    Bucket(Bucket),
}

/// A bucket of S3, or of what speaks like it.
#[derive(Clone)]
pub struct Bucket {
    pub name: String,
    /// Before all names in it; may be empty.
    pub prefix: String,
    pub region: String,
    /// Amazon's, if absent.
    pub endpoint: Option<Origin>,
    pub key_id: String,
    pub secret: Secret,
}

/// What the operator set. Secrets show nothing when printed: use `table`.
#[derive(Clone)]
pub struct Config {
    pub environment: Environment,
    pub port: u16,
    pub data: PathBuf,
    /// None: SQLite files in `data`.
    pub database_url: Option<Secret>,
    /// The role that owns the tables, if the serving one does not.
    pub migrate_url: Option<Secret>,
    /// The folder of the installation's keys, outside `data` and its backups.
    pub keys: Option<PathBuf>,
    pub office_url: Option<Origin>,
    pub shop_url: Option<Origin>,
    pub files_url: Option<Origin>,
    pub trusted_proxies: Vec<Network>,
    pub sign_up: SignUp,
    pub smtp: Option<Smtp>,
    pub mail_from: String,
    pub session_secret: Secret,
    pub metrics_token: Option<Secret>,
    /// What `tracing` reads as a filter: `info`, `debug`, `soko=debug,warn`.
    pub log_level: String,
    pub upload_max_bytes: usize,
    pub blobs: BlobsAt,
    /// Memory for cached pages; 0 keeps none.
    pub cache_bytes: usize,
    /// Wrong tries at sign-in that one account and unknown device have in `login_window_s`.
    pub login_max_attempts: u32,
    pub login_window_s: u32,
    /// Public forms that one address may send in `submit_window_s`.
    pub submit_max_per_ip: u32,
    pub submit_window_s: u32,
    /// Coupons that one contact may get by public forms in `contact_window_s`.
    pub contact_max: u32,
    pub contact_window_s: u32,
    /// What keeps machines out of public forms.
    pub captcha: CaptchaBy,
    pub operator: OperatorCard,
    /// The folder of the operator's own texts, if it is not `site` in `data`.
    pub site: Option<PathBuf>,
    rows: Vec<ConfigRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigError(pub Vec<String>);

impl Config {
    /// Reads the process's environment, and the files that `*_FILE` names.
    pub fn from_environment() -> Result<Self, ConfigError> {
        Self::read(&std::env::vars().collect())
    }

    /// The settings that `vars` hold, or every sentence that says what to mend.
    pub fn read(vars: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let mut read = Reader { vars, faults: Vec::new(), environment: Environment::Production };
        read.environment = read.environment();
        let config = read.config();
        if read.faults.is_empty() { Ok(config) } else { Err(ConfigError(read.faults)) }
    }

    /// Development on loopback with fixed secrets, for tests.
    pub fn development() -> Self {
        let vars = BTreeMap::from([("SOKO_ENV".to_owned(), "development".to_owned())]);
        Reader { vars: &vars, faults: Vec::new(), environment: Environment::Development }.config()
    }

    pub fn is_production(&self) -> bool {
        self.environment == Environment::Production
    }

    /// Where to listen: development is never reachable from elsewhere.
    pub fn listen_address(&self) -> std::net::SocketAddr {
        let ip = if self.is_production() { IpAddr::from([0u8; 4]) } else { IpAddr::from([127, 0, 0, 1]) };
        (ip, self.port).into()
    }

    /// Where the operator's own texts lie.
    pub fn site_folder(&self) -> PathBuf {
        self.site.clone().unwrap_or_else(|| self.data.join("site"))
    }

    /// Every name that is known or set: its value (secrets masked), where it comes from, whether anything obeys it.
    pub fn table(&self) -> Vec<ConfigRow> {
        self.rows.clone()
    }

    /// The rows of `table` for this process's environment, also where it cannot start yet.
    pub fn table_of_environment() -> Vec<ConfigRow> {
        names::rows(&std::env::vars().collect())
    }

    /// The address of `path` (`/t/{slug}/…`) in the shop, for mails and pay links: from the configuration, never from
    /// a request's `Host`.
    pub fn shop_link(&self, path: &str) -> String {
        self.link(self.shop_url.as_ref(), path)
    }

    /// The address of `path` in the office.
    pub fn office_link(&self, path: &str) -> String {
        self.link(self.office_url.as_ref(), path)
    }

    /// The address of `path` where uploads are served.
    pub fn files_link(&self, path: &str) -> String {
        self.link(self.files_url.as_ref(), path)
    }

    fn link(&self, origin: Option<&Origin>, path: &str) -> String {
        match origin {
            Some(origin) => format!("{origin}{path}"),
            None => format!("http://localhost:{}{path}", self.port),
        }
    }
}

struct Reader<'a> {
    vars: &'a BTreeMap<String, String>,
    faults: Vec<String>,
    environment: Environment,
}

impl Reader<'_> {
    fn environment(&mut self) -> Environment {
        match self.text("SOKO_ENV").as_deref() {
            None | Some("production") => Environment::Production,
            Some("development") => Environment::Development,
            Some(_) => {
                self.fault("SOKO_ENV is `production` or `development`; unset means production.");
                Environment::Production
            }
        }
    }

    fn config(&mut self) -> Config {
        let production = self.environment == Environment::Production;
        let metrics_token = self.secret("METRICS_TOKEN");
        if production && self.text("ADAPTERS_PRESET").is_some_and(|preset| preset == "mock") {
            self.fault("ADAPTERS_PRESET=mock gives goods away: production refuses it. Remove it.");
        }
        let operator = self.operator();
        let config = Config {
            environment: self.environment,
            port: self.number("PORT", 8080),
            data: self.text("SOKO_DATA").unwrap_or_else(|| "./data".to_owned()).into(),
            database_url: self.text_or_file("DATABASE_URL").map(Secret::new),
            migrate_url: self.text_or_file("MASTER_DATABASE_URL").map(Secret::new),
            keys: self.text("SOKO_KEYS").map(PathBuf::from),
            office_url: self.origin("OFFICE_URL"),
            shop_url: self.origin("SHOP_URL"),
            files_url: self.origin("FILES_URL"),
            trusted_proxies: self.networks(),
            sign_up: self.sign_up(),
            smtp: self.smtp(),
            mail_from: self.text("MAIL_FROM").unwrap_or_else(|| operator.mails_from()),
            session_secret: self.required_secret("SESSION_SECRET"),
            metrics_token,
            log_level: self.text("LOG_LEVEL").unwrap_or_else(|| "info".to_owned()),
            upload_max_bytes: self.number("UPLOAD_MAX_BYTES", 20 << 20),
            blobs: self.blobs(),
            cache_bytes: self.number("SOKO_CACHE_BYTES", 32 << 20),
            login_max_attempts: self.number("LOGIN_MAX_ATTEMPTS", 10),
            login_window_s: self.number("LOGIN_WINDOW_MS", 600_000u32) / 1000,
            submit_max_per_ip: self.number("SUBMIT_MAX_PER_IP", 20),
            submit_window_s: self.number("SUBMIT_WINDOW_MS", 600_000u32) / 1000,
            contact_max: self.number("EMAIL_MAX_PER_DAY", 3),
            contact_window_s: self.number("EMAIL_DAILY_WINDOW_MS", 86_400_000u32) / 1000,
            captcha: self.captcha(),
            operator,
            site: self.text("SITE_DIR").map(PathBuf::from),
            rows: names::rows(self.vars),
        };
        if production {
            self.check_production(&config);
        }
        config
    }

    fn check_production(&mut self, config: &Config) {
        let sites = [
            ("OFFICE_URL", &config.office_url),
            ("SHOP_URL", &config.shop_url),
            ("FILES_URL", &config.files_url),
        ];
        for (place, (name, site)) in sites.iter().enumerate() {
            match site {
                None => self.fault(format!(
                    "{name} is missing: say the site's origin, such as https://office.example.org."
                )),
                Some(site) if sites[..place].iter().any(|(_, other)| other.as_ref() == Some(site)) => {
                    self.fault(format!("{name} is the origin of another site: a shop's script could act as its owner. Use three origins."));
                }
                Some(site) if site.scheme != "https" => {
                    self.fault(format!("{name} starts with https:// in production."))
                }
                Some(_) => (),
            }
        }
        if config.metrics_token.as_ref().is_some_and(|token| token.is(config.session_secret.reveal())) {
            self.fault("METRICS_TOKEN is the SESSION_SECRET: whoever reads the metrics could sign a form. Make another one.");
        }
        if self.text("SIGNUP").is_none() {
            self.fault("SIGNUP is missing: say open, approve or closed.");
        }
    }

    fn fault(&mut self, sentence: impl Into<String>) {
        self.faults.push(sentence.into());
    }

    /// What is set and not empty.
    fn text(&self, name: &str) -> Option<String> {
        self.vars.get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    fn text_or_file(&mut self, name: &str) -> Option<String> {
        let Some(path) = self.text(&format!("{name}_FILE")) else {
            return self.text(name);
        };
        match std::fs::read_to_string(&path) {
            Ok(content) => Some(content.trim().to_owned()).filter(|value| !value.is_empty()),
            Err(error) => {
                self.fault(format!("{name}_FILE: {path} cannot be read ({}).", error.kind()));
                None
            }
        }
    }

    fn number<N: FromStr>(&mut self, name: &str, default: N) -> N {
        match self.text(name).map(|raw| raw.parse()) {
            None => default,
            Some(Ok(number)) => number,
            Some(Err(_)) => {
                self.fault(format!("{name} is a whole number."));
                default
            }
        }
    }

    fn origin(&mut self, name: &str) -> Option<Origin> {
        let read = self.text(name)?.parse();
        if read.is_err() {
            self.fault(format!("{name} is an origin, such as https://shop.example.org, without a path."));
        }
        read.ok()
    }

    fn networks(&mut self) -> Vec<Network> {
        let raw = self.text("TRUSTED_PROXIES").unwrap_or_default();
        let mut networks = Vec::new();
        for part in raw.split([',', ' ']).filter(|part| !part.is_empty()) {
            match part.parse() {
                Ok(network) => networks.push(network),
                Err(()) => self.fault(format!("TRUSTED_PROXIES: `{part}` is no network such as 10.0.0.0/8.")),
            }
        }
        networks
    }

    fn sign_up(&mut self) -> SignUp {
        match self.text("SIGNUP").as_deref() {
            Some("open") => SignUp::Open,
            Some("approve") => SignUp::Approve,
            Some("closed") => SignUp::Closed,
            None if self.environment == Environment::Development => SignUp::Open,
            None => SignUp::Closed,
            Some(_) => {
                self.fault("SIGNUP is open, approve or closed.");
                SignUp::Closed
            }
        }
    }

    fn operator(&mut self) -> OperatorCard {
        let name = self.parsed::<base::Line<60>>("OPERATOR_NAME", "is one line of up to 60 characters");
        OperatorCard {
            name: name.map_or_else(|| "Soko".to_owned(), |name| name.to_string()),
            email: self.parsed("OPERATOR_EMAIL", "is an e-mail address, such as help@example.org"),
            phone: self
                .parsed("OPERATOR_PHONE", "is a phone number with its country code, such as +221771234567"),
            address: self.parsed("OPERATOR_ADDRESS", "is one line of up to 200 characters"),
        }
    }

    /// What is set, in its type; `wanted` says what it should have been.
    fn parsed<T: FromStr>(&mut self, name: &str, wanted: &str) -> Option<T> {
        let read = self.text(name)?.parse();
        if read.is_err() {
            self.fault(format!("{name} {wanted}."));
        }
        read.ok()
    }

    fn smtp(&mut self) -> Option<Smtp> {
        let host = self.text("SMTP_HOST")?;
        let port = self.number("SMTP_PORT", 587);
        let tls_first = self.text("SMTP_SECURE").map_or(port == 465, |raw| raw == "true" || raw == "1");
        let password = self.secret("SMTP_PASS");
        let login = self.text("SMTP_USER").zip(password);
        Some(Smtp { host, port, tls_first, login })
    }

    fn blobs(&mut self) -> BlobsAt {
        let Some(url) = self.text("BLOBS_URL") else { return BlobsAt::Folder };
        let Some((name, prefix)) = url
            .strip_prefix("s3://")
            .map(|place| place.split_once('/').unwrap_or((place, "")))
            .filter(|(name, _)| !name.is_empty())
        else {
            self.fault("BLOBS_URL names a bucket: s3://bucket or s3://bucket/prefix; without it blobs lie in SOKO_DATA.");
            return BlobsAt::Folder;
        };
        let login = self.text("AWS_ACCESS_KEY_ID").zip(self.secret("AWS_SECRET_ACCESS_KEY"));
        let Some((key_id, secret)) = login else {
            self.fault("BLOBS_URL needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.");
            return BlobsAt::Folder;
        };
        BlobsAt::Bucket(Bucket {
            name: name.to_owned(),
            prefix: prefix.trim_matches('/').to_owned(),
            region: self.text("AWS_REGION").unwrap_or_else(|| "us-east-1".to_owned()),
            endpoint: self.origin("AWS_ENDPOINT_URL"),
            key_id,
            secret,
        })
    }

    fn secret(&mut self, name: &str) -> Option<Secret> {
        self.text_or_file(name).map(Secret::new)
    }

    /// A secret that production cannot do without; development makes do with a fixed one.
    fn required_secret(&mut self, name: &str) -> Secret {
        match self.text_or_file(name) {
            Some(value) if self.environment == Environment::Production && secret::is_placeholder(&value) => {
                self.fault(format!("{name} is a placeholder or shorter than 32 characters: `openssl rand -base64 48` makes a good one."));
                Secret::new(value)
            }
            Some(value) => Secret::new(value),
            None if self.environment == Environment::Production => {
                self.fault(format!("{name} is missing: `openssl rand -base64 48` makes a good one; {name}_FILE may name a file."));
                Secret::new("")
            }
            None => Secret::new(format!("development only: {name}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vars(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn good() -> BTreeMap<String, String> {
        vars(&[
            ("OFFICE_URL", "https://office.example.org"),
            ("SHOP_URL", "https://shop.example.net"),
            ("FILES_URL", "https://files.example.net"),
            ("SESSION_SECRET", "q0Zl2yR8w1nVhT5uKc7bXe3mPa9sDf4g"),
            ("SIGNUP", "closed"),
        ])
    }

    #[test]
    fn an_empty_environment_is_production_and_names_every_missing_secret() {
        let Err(ConfigError(faults)) = Config::read(&BTreeMap::new()) else {
            panic!("started without secrets")
        };
        for name in ["SESSION_SECRET", "OFFICE_URL", "SIGNUP"] {
            assert!(faults.iter().any(|fault| fault.starts_with(name)), "{name} in {faults:?}");
        }
    }

    #[test]
    fn production_refuses_placeholders_equal_secrets_and_one_origin() {
        assert!(Config::read(&good()).is_ok());
        for (name, value) in [
            ("SESSION_SECRET", "changeme-changeme-changeme-changeme"),
            ("METRICS_TOKEN", "q0Zl2yR8w1nVhT5uKc7bXe3mPa9sDf4g"),
            ("SHOP_URL", "https://office.example.org/"),
            ("ADAPTERS_PRESET", "mock"),
        ] {
            let mut bad = good();
            bad.insert(name.to_owned(), value.to_owned());
            assert!(Config::read(&bad).is_err(), "{name}={value}");
        }
    }

    #[test]
    fn a_secret_may_stand_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "from-a-file\n").unwrap();
        let mut vars = good();
        vars.insert("METRICS_TOKEN_FILE".to_owned(), path.display().to_string());
        let config = Config::read(&vars).ok().unwrap();
        assert!(config.metrics_token.unwrap().is("from-a-file"));
    }

    #[test]
    fn the_table_masks_secrets_and_reports_names_that_nothing_obeys() {
        let mut vars = good();
        vars.insert("JWT_SECRET".to_owned(), "s3cr3t".to_owned());
        vars.insert("STRIPE_SECRET_KEY".to_owned(), "sk_live_x".to_owned());
        let table = Config::read(&vars).ok().unwrap().table();
        let row = |name: &str| table.iter().find(|row| row.name == name).unwrap();
        assert!(!row("JWT_SECRET").used && !row("STRIPE_SECRET_KEY").used && row("SESSION_SECRET").used);
        let printed = format!("{table:?}");
        for value in ["s3cr3t", "sk_live_x", "q0Zl2yR8w1nVhT5uKc7bXe3mPa9sDf4g"] {
            assert!(!printed.contains(value), "{value}");
        }
    }

    #[test]
    fn blobs_lie_in_the_data_folder_or_in_a_bucket_with_its_keys() {
        let read = |more: &[(&str, &str)]| {
            let mut all = good();
            all.extend(vars(more));
            Config::read(&all).map(|config| config.blobs)
        };
        assert!(matches!(read(&[]), Ok(BlobsAt::Folder)));
        let keys = [("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "secret")];
        let bucket = [&keys[..], &[("BLOBS_URL", "s3://shops/soko/")]].concat();
        let Ok(BlobsAt::Bucket(bucket)) = read(&bucket) else { panic!("no bucket") };
        assert_eq!((bucket.name.as_str(), bucket.prefix.as_str()), ("shops", "soko"));
        assert!(read(&[("BLOBS_URL", "s3://shops")]).is_err());
        assert!(read(&[&keys[..], &[("BLOBS_URL", "https://shops.example")]].concat()).is_err());
    }

    #[test]
    fn a_captcha_of_others_needs_its_keys_and_our_own_needs_none() {
        let read = |more: &[(&str, &str)]| {
            let mut all = good();
            all.extend(vars(more));
            Config::read(&all).map(|config| config.captcha)
        };
        assert!(matches!(read(&[]), Ok(CaptchaBy::Own)));
        for provider in Widget::PROVIDERS {
            assert!(read(&[("CAPTCHA_PROVIDER", provider)]).is_err());
            let keys =
                [("CAPTCHA_PROVIDER", provider), ("CAPTCHA_SITE_KEY", "site"), ("CAPTCHA_SECRET", "s")];
            assert!(matches!(read(&keys), Ok(CaptchaBy::Widget(widget)) if widget.site_key == "site"));
        }
        let unknown = [("CAPTCHA_PROVIDER", "other"), ("CAPTCHA_SITE_KEY", "site"), ("CAPTCHA_SECRET", "s")];
        assert!(read(&unknown).is_err());
    }

    #[test]
    fn the_operator_has_a_name_and_says_how_to_be_reached() {
        assert_eq!(Config::read(&good()).ok().unwrap().operator.name, "Soko");
        let mut said = good();
        said.extend(vars(&[("OPERATOR_NAME", "Marché \"Ouest\""), ("OPERATOR_PHONE", "+221 77 123 45 67")]));
        let config = Config::read(&said).ok().unwrap();
        assert_eq!(config.operator.phone.unwrap().as_str(), "+221771234567");
        assert_eq!(config.mail_from, r#""Marché \"Ouest\"" <no-reply@localhost>"#);
        for (name, value) in
            [("OPERATOR_PHONE", "77 123 45 67"), ("OPERATOR_EMAIL", "help"), ("OPERATOR_NAME", "a\nb")]
        {
            let mut bad = good();
            bad.insert(name.to_owned(), value.to_owned());
            assert!(Config::read(&bad).is_err(), "{name}={value}");
        }
    }

    #[test]
    fn development_listens_on_loopback_only() {
        assert!(Config::development().listen_address().ip().is_loopback());
    }
}

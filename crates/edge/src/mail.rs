//! Mail leaves here: by SMTP where it is configured; while developing as `.eml` files; else it waits and says why.

use std::path::{Path, PathBuf};

use base::Email;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, MultiPart},
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};

use crate::{Config, config::Smtp};

/// A mail ready to leave.
#[derive(Debug, Clone)]
pub struct Mail {
    pub to: Email,
    pub subject: String,
    pub text: String,
    pub html: Option<String>,
    /// Whose mail it is: `Bakery` is shown as `Bakery via Soko`, from the operator's own address.
    pub on_behalf_of: Option<String>,
    pub reply_to: Option<Email>,
    /// The job's id: a mail sent again is recognised. ASCII without spaces or angle brackets.
    pub message_id: String,
}

/// Why a mail did not leave.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// Jobs wait: set SMTP_HOST.
    #[error("no mail leaves: SMTP_HOST is not set")]
    Unconfigured,
    /// Trying again changes nothing.
    #[error("the mail cannot be sent: {0}")]
    Refused(String),
    /// Try again later.
    #[error("the mail server did not take it: {0}")]
    Unreachable(String),
}

#[derive(Clone)]
pub struct Mailer {
    from: String,
    /// The part of message ids behind the `@`.
    domain: String,
    way: Way,
}

#[derive(Clone)]
enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
    None,
}

impl Mailer {
    pub fn new(config: &Config) -> Self {
        let way = match &config.smtp {
            Some(smtp) => transport(smtp).map_or_else(
                |error| {
                    tracing::error!(%error, "SMTP_HOST cannot be used; no mail leaves");
                    Way::None
                },
                Way::Smtp,
            ),
            None if !config.is_production() => Way::Folder(config.data.join("mail")),
            None => Way::None,
        };
        let domain = config
            .office_url
            .as_ref()
            .map_or("localhost", |site| site.host.split(':').next().unwrap_or("localhost"));
        Self { from: config.mail_from.clone(), domain: domain.to_owned(), way }
    }

    /// Whether mail leaves at all; readiness and `soko config` say so where it does not.
    pub fn is_configured(&self) -> bool {
        !matches!(self.way, Way::None)
    }

    /// The sender's address, as every mail names it.
    pub fn sender(&self) -> &str {
        &self.from
    }

    /// The folder that mails are written into instead of leaving.
    pub fn folder(&self) -> Option<&Path> {
        match &self.way {
            Way::Folder(folder) => Some(folder),
            Way::Smtp(_) | Way::None => None,
        }
    }

    /// From whom a mail on behalf of `business` comes, as its reader sees it.
    pub fn sender_for(&self, business: &str) -> String {
        self.mailbox(Some(business)).map_or_else(|| self.from.clone(), |from| from.to_string())
    }

    /// Our own address always, as no other is ours to write from; the name in front says for whom.
    fn mailbox(&self, on_behalf_of: Option<&str>) -> Option<Mailbox> {
        let from: Mailbox = self.from.parse().ok()?;
        let Some(business) = on_behalf_of else { return Some(from) };
        let operator = from.name.as_deref().unwrap_or(from.email.domain());
        Some(Mailbox::new(Some(format!("{business} via {operator}")), from.email))
    }

    /// Hands the mail to the server, or writes the file.
    pub async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        self.handed(mail).await.map(drop)
    }

    /// As `send`; says what the server answered, or which file was written.
    pub async fn handed(&self, mail: &Mail) -> Result<String, MailError> {
        let message = self.message(mail)?;
        match &self.way {
            Way::None => Err(MailError::Unconfigured),
            Way::Smtp(transport) => match transport.send(message).await {
                Ok(response) => {
                    let words: Vec<&str> = response.message().collect();
                    Ok(format!("{} {}", response.code(), words.join(" ")))
                }
                Err(error) if error.is_permanent() => Err(MailError::Refused(error.to_string())),
                Err(error) => Err(MailError::Unreachable(error.to_string())),
            },
            Way::Folder(folder) => {
                let (folder, name) = (folder.clone(), format!("{}.eml", mail.message_id));
                let path = folder.join(&name).display().to_string();
                let written =
                    tokio::task::spawn_blocking(move || keep(&folder, &name, &message.formatted())).await;
                written
                    .map_err(std::io::Error::other)
                    .flatten()
                    .map_err(|error| MailError::Unreachable(error.to_string()))
                    .map(|()| path)
            }
        }
    }

    fn message(&self, mail: &Mail) -> Result<Message, MailError> {
        let refused = |what: &str| MailError::Refused(what.to_owned());
        let plain_id = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
        if mail.message_id.is_empty() || !mail.message_id.chars().all(plain_id) {
            return Err(refused("the message id is not plain"));
        }
        let named = mail.on_behalf_of.iter().flat_map(|name| name.chars());
        // a line break in a header begins another header
        if mail.subject.chars().chain(self.from.chars()).chain(named).any(char::is_control) {
            return Err(refused("a header holds a control character"));
        }
        let mailbox = |email: &Email| {
            email.as_str().parse::<Mailbox>().map_err(|_| refused("an address does not read"))
        };
        let from =
            self.mailbox(mail.on_behalf_of.as_deref()).ok_or_else(|| refused("MAIL_FROM does not read"))?;
        let mut builder = Message::builder()
            .from(from)
            .to(mailbox(&mail.to)?)
            .subject(&mail.subject)
            .message_id(Some(format!("<{}@{}>", mail.message_id, self.domain)));
        if let Some(reply_to) = &mail.reply_to {
            builder = builder.reply_to(mailbox(reply_to)?);
        }
        let message = match &mail.html {
            Some(html) => {
                builder.multipart(MultiPart::alternative_plain_html(mail.text.clone(), html.clone()))
            }
            None => builder.singlepart(lettre::message::SinglePart::plain(mail.text.clone())),
        };
        message.map_err(|error| MailError::Refused(error.to_string()))
    }
}

fn transport(smtp: &Smtp) -> Result<AsyncSmtpTransport<Tokio1Executor>, lettre::transport::smtp::Error> {
    let loopback =
        smtp.host == "localhost" || smtp.host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let tls = if smtp.tls_first {
        Tls::Wrapper(TlsParameters::new(smtp.host.clone())?)
    } else if loopback {
        Tls::None
    } else {
        Tls::Required(TlsParameters::new(smtp.host.clone())?)
    };
    let mut builder =
        AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&smtp.host).port(smtp.port).tls(tls);
    if let Some((user, password)) = &smtp.login {
        builder = builder.credentials(Credentials::new(user.clone(), password.reveal().to_owned()));
    }
    Ok(builder.timeout(Some(std::time::Duration::from_secs(30))).build())
}

/// Writes a mail that only the owner of the folder may read: it may hold an invitation.
fn keep(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    std::fs::create_dir_all(folder)?;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(folder.join(name))?;
    file.write_all(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn a_mail() -> Mail {
        Mail {
            to: "awa@example.org".parse().unwrap(),
            subject: "Votre commande à Été".to_owned(),
            text: "Merci".to_owned(),
            html: None,
            on_behalf_of: None,
            reply_to: None,
            message_id: "job_1".to_owned(),
        }
    }

    #[tokio::test]
    async fn a_developers_mail_is_a_file_that_others_cannot_read() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::development();
        config.data = folder.path().to_owned();
        let mailer = Mailer::new(&config);
        mailer.send(&a_mail()).await.unwrap();
        let path = folder.path().join("mail/job_1.eml");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let written = std::fs::read_to_string(path).unwrap();
        assert!(written.contains("To: awa@example.org") && written.contains("Message-ID: <job_1@localhost>"));
    }

    #[test]
    fn a_business_writes_under_its_name_but_from_the_operators_address() {
        let mut config = Config::development();
        config.mail_from = "Soko <mail@soko.example>".to_owned();
        let mailer = Mailer::new(&config);
        assert_eq!(mailer.sender_for("Bakery"), "Bakery via Soko <mail@soko.example>");
        // a name that looks like an address stays a name
        let forged = mailer.mailbox(Some("x@bank.example>, <y")).unwrap();
        assert_eq!(forged.email.to_string(), "mail@soko.example");
        let mail = Mail { on_behalf_of: Some("x@bank.example>, <y".to_owned()), ..a_mail() };
        let message = String::from_utf8(mailer.message(&mail).unwrap().formatted()).unwrap();
        let from = message.lines().find(|line| line.starts_with("From: ")).unwrap();
        assert!(from.ends_with(" <mail@soko.example>") && !from.contains("bank.example"), "{from}");
    }

    #[tokio::test]
    async fn no_header_takes_a_line_break() {
        let mailer = Mailer::new(&Config::development());
        for broken in [
            Mail { subject: "Hello\r\nBcc: all@example.org".to_owned(), ..a_mail() },
            Mail { on_behalf_of: Some("Bakery\r\nBcc: all@example.org".to_owned()), ..a_mail() },
            Mail { message_id: "x>\r\nBcc: all@example.org".to_owned(), ..a_mail() },
            Mail { message_id: "../../x".to_owned(), subject: "a\nb".to_owned(), ..a_mail() },
        ] {
            assert!(matches!(mailer.send(&broken).await, Err(MailError::Refused(_))));
        }
    }
}

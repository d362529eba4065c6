//! What keeps machines out of public forms. Our own way: a signed question that a browser answers by work (a number whose
//! hash begins with zeros) and a person without scripts by a sum. Or a company's widget, whose answer its maker verifies.
//!
//! A question is good for one subject (a form of a tenant), for an hour; who asks it lets each be answered once, by
//! [`Passed::question`], in the transaction of what it lets through.

use base::Timestamp;
use db::TenantId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    App, CaptchaBy, FetchLimits, Guests, Visit,
    csrf::{hex, hmac_sha256, unhex},
};

/// How long a question may wait for its answer.
pub const LASTS_S: i64 = 3600;
/// A sum is not worked out faster by hand: who sends one earlier fills forms by machine.
const AT_LEAST_S: i64 = 2;
/// Zeros that a hash begins with: 65,536 tries on the average, a second of an inexpensive phone.
const BITS: u32 = 16;

/// The field of our own question, of the number that a script found, of the sum, and of what no person fills in.
pub const QUESTION: &str = "question";
pub const WORK: &str = "work";
pub const SUM: &str = "sum";
pub const TRAP: &str = "website";

const LIMITS: FetchLimits = FetchLimits { bytes: 64 << 10, time: std::time::Duration::from_secs(8) };

/// What a form asks its visitor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "provider")]
pub enum Asked {
    #[serde(rename_all = "camelCase")]
    Own {
        question: String,
        /// Zeros that `sha256("{question}.{work}")` begins with.
        bits: u32,
        /// Who runs no script adds these.
        sum: (u8, u8),
    },
    #[serde(rename_all = "camelCase")]
    Widget { script: &'static str, class: &'static str, field: &'static str, site_key: String },
}

/// Why an answer is not taken. `Early` may be sent again as it is; the others need another question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// None, a wrong one, or one to another form's question.
    Wrong,
    Early,
    Expired,
    /// The widget's maker does not answer.
    Unreachable,
}

/// An answer that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    /// Names the question that it answered, until when that question could be answered again; none for a widget's, whose
    /// maker takes each answer once.
    pub question: Option<(String, Timestamp)>,
}

/// What a visitor of `tenant` is asked before `subject`.
pub fn ask(app: &App, tenant: TenantId, subject: &str) -> Asked {
    match &app.config.captcha {
        CaptchaBy::Own => {
            let chance = app.chance();
            let question = Question { at_s: app.now().micros() / 1_000_000, nonce: hex(&chance[..12]) };
            let key = app.captcha_key();
            Asked::Own { question: question.signed(key, tenant, subject), bits: BITS, sum: question.sum(key) }
        }
        CaptchaBy::Widget(widget) => Asked::Widget {
            script: widget.script,
            class: widget.class,
            field: widget.field,
            site_key: widget.site_key.clone(),
        },
    }
}

/// What a question that was answered too early asks once more.
pub fn ask_again(app: &App, tenant: TenantId, subject: &str, sent: &str) -> Asked {
    let own = matches!(app.config.captcha, CaptchaBy::Own);
    match Question::read(app.captcha_key(), tenant, subject, sent).filter(|_| own) {
        Some(question) => {
            Asked::Own { question: sent.to_owned(), bits: BITS, sum: question.sum(app.captcha_key()) }
        }
        None => ask(app, tenant, subject),
    }
}

/// What the policy of a page with the question must allow.
pub fn guests(app: &App) -> (Guests, Vec<String>) {
    let CaptchaBy::Widget(widget) = &app.config.captcha else { return Default::default() };
    let listed = |origins: &[&str]| origins.iter().map(|origin| (*origin).to_owned()).collect::<Vec<_>>();
    let (scripts, styles) = (listed(widget.scripts), listed(widget.styles));
    (Guests { scripts, answers: styles.clone(), styles }, listed(widget.frames))
}

/// Whether a person (or a browser that worked for one) sent this form; `field` reads what was sent.
pub async fn check<'a>(
    app: &App,
    visit: &Visit,
    tenant: TenantId,
    subject: &str,
    field: impl Fn(&str) -> Option<&'a str>,
) -> Result<Passed, Refused> {
    let sent = |name: &str| field(name).map(str::trim).filter(|sent| !sent.is_empty());
    match &app.config.captcha {
        CaptchaBy::Own => {
            if sent(TRAP).is_some() {
                return Err(Refused::Wrong);
            }
            let question = sent(QUESTION).ok_or(Refused::Wrong)?;
            own(app.captcha_key(), tenant, subject, question, sent(WORK), sent(SUM), app.now())
        }
        CaptchaBy::Widget(widget) => {
            // Turnstile's longest is 2,048 characters, hCaptcha's and reCAPTCHA's a few thousand
            let response = sent(widget.field).filter(|sent| sent.len() <= 8192).ok_or(Refused::Wrong)?;
            let address = visit.address().to_string();
            let fields = [
                ("secret", widget.secret.reveal()),
                ("response", response),
                ("remoteip", address.as_str()),
                ("sitekey", widget.site_key.as_str()),
            ];
            let answer = app.outbound.send_form(&widget.verify, &fields, LIMITS).await;
            let answer = answer.map_err(|error| unreachable_for_now(&widget.verify, error))?;
            let said: Verified = serde_json::from_slice(&answer)
                .map_err(|error| unreachable_for_now(&widget.verify, error))?;
            match said.success {
                true => Ok(Passed { question: None }),
                false if said.error_codes.iter().any(|code| OURS.contains(&code.as_str())) => {
                    Err(unreachable_for_now(&widget.verify, said.error_codes.join(", ")))
                }
                false if said.error_codes.iter().any(|code| code == "timeout-or-duplicate") => {
                    Err(Refused::Expired)
                }
                false => Err(Refused::Wrong),
            }
        }
    }
}

/// Faults of the operator's settings, not of the visitor.
const OURS: [&str; 6] = [
    "missing-input-secret",
    "invalid-input-secret",
    "sitekey-secret-mismatch",
    "invalid-sitekey",
    "bad-request",
    "internal-error",
];

fn unreachable_for_now(address: &str, error: impl std::fmt::Display) -> Refused {
    tracing::error!(address, %error, "the captcha cannot be verified");
    Refused::Unreachable
}

/// What all three makers answer.
#[derive(Deserialize)]
struct Verified {
    success: bool,
    #[serde(default, rename = "error-codes")]
    error_codes: Vec<String>,
}

/// Our own question: when it was asked, and chance.
struct Question {
    at_s: i64,
    nonce: String,
}

impl Question {
    fn signed(&self, key: &[u8; 32], tenant: TenantId, subject: &str) -> String {
        let mac = self.mac(key, tenant, subject);
        format!("{}.{}.{}", self.at_s, self.nonce, hex(&mac[..16]))
    }

    fn mac(&self, key: &[u8; 32], tenant: TenantId, subject: &str) -> [u8; 32] {
        let (number, at) = (tenant.number().to_le_bytes(), self.at_s.to_le_bytes());
        hmac_sha256(key, &[&number, subject.as_bytes(), &at, self.nonce.as_bytes()])
    }

    /// The question that `sent` is, if it is one of ours for this subject.
    fn read(key: &[u8; 32], tenant: TenantId, subject: &str, sent: &str) -> Option<Self> {
        let mut parts = sent.split('.');
        let (at_s, nonce, mac) = (parts.next()?.parse().ok()?, parts.next()?.to_owned(), parts.next()?);
        let question = Self { at_s, nonce };
        let known = question.mac(key, tenant, subject);
        let same: bool = subtle::ConstantTimeEq::ct_eq(unhex(mac)?.as_slice(), &known[..16]).into();
        (same && parts.next().is_none()).then_some(question)
    }

    /// Two numbers from 2 to 9 that belong to the question.
    fn sum(&self, key: &[u8; 32]) -> (u8, u8) {
        let [one, two, ..] = hmac_sha256(key, &[b"sum", self.nonce.as_bytes()]);
        (2 + one % 8, 2 + two % 8)
    }
}

fn own(
    key: &[u8; 32],
    tenant: TenantId,
    subject: &str,
    sent: &str,
    work: Option<&str>,
    sum: Option<&str>,
    now: Timestamp,
) -> Result<Passed, Refused> {
    let question = Question::read(key, tenant, subject, sent).ok_or(Refused::Wrong)?;
    let age_s = now.micros() / 1_000_000 - question.at_s;
    if !(0..LASTS_S).contains(&age_s) {
        return Err(Refused::Expired);
    }
    let worked = work.is_some_and(|work| is_worked(sent, work));
    let (one, two) = question.sum(key);
    let added = sum.and_then(|sum| sum.parse().ok()) == Some(u32::from(one) + u32::from(two));
    if !worked && !added {
        return Err(Refused::Wrong);
    }
    if !worked && age_s < AT_LEAST_S {
        return Err(Refused::Early);
    }
    let until = Timestamp::from_micros((question.at_s + LASTS_S) * 1_000_000);
    Ok(Passed { question: Some((question.nonce, until)) })
}

fn is_worked(question: &str, work: &str) -> bool {
    // a counter; longer is no answer of our script
    if work.len() > 16 {
        return false;
    }
    let hash = Sha256::digest(format!("{question}.{work}"));
    u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]).leading_zeros() >= BITS
}

/// The number that answers a question, as a browser finds it.
#[cfg(any(test, feature = "testing"))]
pub fn work_out(question: &str) -> String {
    let found = (0u64..).map(|number| number.to_string()).find(|number| is_worked(question, number));
    found.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn bakery() -> TenantId {
        TenantId::numbered(1)
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn question() -> (String, u32) {
        let question = Question { at_s: 1000, nonce: "00ff".to_owned() };
        let (one, two) = question.sum(&KEY);
        (question.signed(&KEY, bakery(), "spring"), u32::from(one) + u32::from(two))
    }

    fn answer(sent: &str, work: Option<&str>, sum: Option<&str>, now_s: i64) -> Result<Passed, Refused> {
        own(&KEY, bakery(), "spring", sent, work, sum, at(now_s))
    }

    #[test]
    fn work_or_a_sum_answers_and_names_the_question() {
        let (sent, sum) = question();
        let work = work_out(&sent);
        let passed = answer(&sent, Some(&work), None, 1000).unwrap();
        assert_eq!(passed.question, Some(("00ff".to_owned(), at(1000 + LASTS_S))));
        assert!(answer(&sent, None, Some(&sum.to_string()), 1003).is_ok());
        assert_eq!(answer(&sent, Some("x"), Some(&(sum + 1).to_string()), 1003), Err(Refused::Wrong));
        assert_eq!(answer(&sent, None, None, 1003), Err(Refused::Wrong));
    }

    #[test]
    fn a_sum_is_not_worked_out_at_once_and_nothing_is_after_an_hour() {
        let (sent, sum) = question();
        let sum = sum.to_string();
        assert_eq!(answer(&sent, None, Some(&sum), 1001), Err(Refused::Early));
        assert_eq!(answer(&sent, Some(&work_out(&sent)), None, 1000 + LASTS_S), Err(Refused::Expired));
    }

    #[test]
    fn a_question_is_of_one_form_of_one_tenant_and_cannot_be_written_by_others() {
        let (sent, _) = question();
        let work = work_out(&sent);
        let of =
            |tenant, subject, key: &[u8; 32]| own(key, tenant, subject, &sent, Some(&work), None, at(1010));
        assert!(of(bakery(), "spring", &KEY).is_ok());
        assert_eq!(of(TenantId::numbered(2), "spring", &KEY), Err(Refused::Wrong));
        assert_eq!(of(bakery(), "summer", &KEY), Err(Refused::Wrong));
        assert_eq!(of(bakery(), "spring", &[8; 32]), Err(Refused::Wrong));
        let later = sent.replacen("1000", "2000", 1);
        assert_eq!(answer(&later, Some(&work_out(&later)), None, 2001), Err(Refused::Wrong));
        assert_eq!(answer("", None, None, 1000), Err(Refused::Wrong));
    }
}

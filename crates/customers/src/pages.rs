//! Pages about customers, beside their templates. A template prints and loops; what it says is decided here.

use askama::Template;
use base::{Currency, Day, Language, Money, Timestamp};
use edge::Frame;

use crate::{
    Filter,
    dealings::Dealing,
    holdings::{Answered, Consent, Holding},
    http::{ContactForm, Fault},
    import::{FileError, Known, MAX_FILE_BYTES, MAX_ROWS, Outcome, Report, ReportLine},
    model::{Customer, CustomerId, FileId, Note, Order},
};

#[derive(Template)]
#[template(path = "customer_list.html")]
pub struct CustomerListPage {
    pub frame: Frame,
    pub filter: Filter,
    /// Campaigns and questions to choose by: id or name, and words.
    pub campaigns: Vec<(String, String)>,
    pub questions: Vec<(String, String)>,
    pub customers: Vec<Customer>,
    pub next: Option<String>,
    /// How many owe, and what they owe together.
    pub debtors: i64,
    pub owes: Money,
    pub currency: Currency,
    /// By the tenant's clock.
    pub today: Day,
    pub may_write: bool,
    pub may_export: bool,
    pub may_import: bool,
}

impl CustomerListPage {
    fn sorts(&self) -> [(&'static str, String, bool); 3] {
        Order::ALL.map(|order| {
            let words = self.frame.t(&format!("customers-sort-{}", order.name()));
            (order.name(), words, order == self.filter.order)
        })
    }

    fn is_filtered(&self) -> bool {
        self.filter.owes || !self.filter.search.is_empty() || self.is_narrowed()
    }

    /// Whether customers are chosen by more than their names and debts.
    fn is_narrowed(&self) -> bool {
        self.filter.campaign.is_some() || self.filter.answer.is_some() || self.filter.agreed.is_some()
    }

    fn is_campaign(&self, id: &str) -> bool {
        self.filter.campaign.as_deref() == Some(id)
    }

    fn is_question(&self, key: &str) -> bool {
        self.filter.answer.as_ref().is_some_and(|(asked, _)| asked == key)
    }

    fn answer(&self) -> &str {
        self.filter.answer.as_ref().map_or("", |(_, answer)| answer.as_str())
    }

    fn consents(&self) -> [(&'static str, String, bool); 3] {
        [("", None), ("yes", Some(true)), ("no", Some(false))].map(|(name, agreed)| {
            let key = if name.is_empty() { "any" } else { name };
            (name, self.frame.t(&format!("customers-agreed-{key}")), self.filter.agreed == agreed)
        })
    }

    /// What was asked for, as an address asks it.
    fn asked(&self) -> String {
        let filter = &self.filter;
        let owes = if filter.owes { "1" } else { "" };
        let mut asked = format!("q={}&owes={owes}&sort={}", escaped(&filter.search), filter.order.name());
        if let Some(id) = &filter.campaign {
            asked.push_str(&format!("&campaign={}", escaped(id)));
        }
        if let Some((key, answer)) = &filter.answer {
            asked.push_str(&format!("&field={}&answer={}", escaped(key), escaped(answer)));
        }
        if let Some(agreed) = filter.agreed {
            asked.push_str(if agreed { "&agreed=yes" } else { "&agreed=no" });
        }
        asked
    }

    fn phone(&self, customer: &Customer) -> String {
        phone(customer)
    }

    fn orders(&self, customer: &Customer) -> String {
        self.frame.count(customer.tally.orders)
    }

    fn spent(&self, customer: &Customer) -> String {
        money(&self.frame, customer.spent(self.currency))
    }

    fn debt(&self, customer: &Customer) -> String {
        money(&self.frame, customer.owes(self.currency))
    }
}

fn phone(customer: &Customer) -> String {
    customer.contact.phone.as_ref().map(ToString::to_string).unwrap_or_default()
}

fn money(frame: &Frame, amount: Result<Money, base::MoneyError>) -> String {
    amount.map(|amount| frame.money(&amount)).unwrap_or_default()
}

fn escaped(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// The form of a contact as it was typed, and what is wrong with it.
#[derive(Debug, Default)]
pub struct Typed {
    pub form: ContactForm,
    pub faults: Vec<Fault>,
    /// Whose number or address was typed.
    pub clash: Option<Customer>,
}

impl Typed {
    /// What is wrong in a field; empty if nothing is.
    fn fault(&self, frame: &Frame, field: &str) -> String {
        let fault = self.faults.iter().find(|(faulty, _)| *faulty == field);
        fault.map(|(_, key)| frame.t(key)).unwrap_or_default()
    }

    fn languages(&self) -> Vec<(&'static str, &'static str, bool)> {
        let chosen = |language: &Language| self.form.language == language.code();
        Language::ALL.iter().map(|known| (known.code(), known.endonym(), chosen(known))).collect()
    }

    fn clashing(&self) -> String {
        self.clash.as_ref().map(|customer| customer.contact.called()).unwrap_or_default()
    }
}

#[derive(Template)]
#[template(path = "customer_new.html")]
pub struct CustomerNewPage {
    pub frame: Frame,
    pub typed: Typed,
}

impl CustomerNewPage {
    /// A clash is shown, not made one: here there is nobody yet.
    fn merges(&self, _: &Customer) -> Option<CustomerId> {
        None
    }
}

#[derive(Template)]
#[template(path = "customer.html")]
pub struct CustomerPage {
    pub frame: Frame,
    pub currency: Currency,
    pub today: Day,
    pub customer: Customer,
    /// Other numbers and addresses that lead here.
    pub ways: Vec<String>,
    pub notes: Vec<Note>,
    pub names: people::actors::Names,
    pub orders: Vec<Dealing>,
    pub next: Option<String>,
    /// Orders with money to come or to go back.
    pub open: Vec<Dealing>,
    /// Coupons, where the one who looks may see them.
    pub held: Option<Vec<Holding>>,
    /// Behind which more coupons follow.
    pub next_coupon: Option<String>,
    /// The newest first.
    pub consents: Vec<Consent>,
    pub typed: Typed,
    pub may_write: bool,
    pub may_forget: bool,
    pub may_order: bool,
    pub may_see_cards: bool,
    /// Whether who looks gives store credit.
    pub may_give: bool,
    pub may_see_orders: bool,
    pub may_export: bool,
}

impl CustomerPage {
    fn phone(&self) -> String {
        phone(&self.customer)
    }

    /// The number as a chat's address wants it.
    fn dialled(&self) -> String {
        self.customer.contact.phone.as_ref().map(|phone| phone.digits().to_owned()).unwrap_or_default()
    }

    fn email(&self) -> String {
        self.customer.contact.email.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    fn language(&self) -> String {
        self.customer.contact.language.map(|language| language.endonym().to_owned()).unwrap_or_default()
    }

    fn spent(&self) -> String {
        money(&self.frame, self.customer.spent(self.currency))
    }

    fn owes(&self) -> String {
        money(&self.frame, self.customer.owes(self.currency))
    }

    fn owed(&self) -> String {
        money(&self.frame, self.customer.owed(self.currency))
    }

    fn orders(&self, customer: &Customer) -> String {
        self.frame.count(customer.tally.orders)
    }

    fn who(&self, note: &Note) -> String {
        self.names.of(&self.frame, &note.actor)
    }

    /// Where a coupon's time went: when it ended, or ends.
    fn until(&self, held: &Holding) -> String {
        match (held.ended_at, held.expires_at) {
            (Some(at), _) => self.frame.short_moment(&at, &self.today),
            // an end is the moment after its last day
            (None, Some(end)) => self.frame.t1(
                "customers-coupon-until",
                "day",
                self.frame.short_moment(&end.plus_s(-1), &self.today),
            ),
            (None, None) => String::new(),
        }
    }

    /// Coupons for which something was answered.
    fn answered(&self) -> Vec<&Holding> {
        self.held.iter().flatten().filter(|held| !held.answers.is_empty()).collect()
    }

    /// A ticked box is said in words.
    fn answer_words(&self, said: &Answered) -> String {
        if said.ticked { self.frame.t("customers-yes") } else { said.value.clone() }
    }

    /// Whether the customer agrees now, in words, with the tone of the badge.
    fn agrees(&self) -> (String, &'static str) {
        match self.customer.agreed {
            Some(true) => (self.frame.t("customers-agreed-yes"), "good"),
            Some(false) => (self.frame.t("customers-agreed-refused"), "warn"),
            None => (self.frame.t("customers-agreed-never"), ""),
        }
    }

    fn has_agreed(&self) -> bool {
        self.customer.agreed == Some(true)
    }

    /// When a consent was given or taken back, how it is known, and who wrote it down.
    fn consent_from(&self, consent: &Consent) -> String {
        let mut told = vec![self.frame.short_moment(&consent.at, &self.today)];
        told.push(match &consent.campaign {
            Some(campaign) => campaign.clone(),
            None => self.frame.t(&format!("customers-consent-by-{}", consent.way.name())),
        });
        told.extend(
            consent.version.map(|version| self.frame.t1("customers-consent-version", "version", version)),
        );
        told.extend(consent.actor.as_deref().map(|actor| self.names.of(&self.frame, actor)));
        told.retain(|part| !part.is_empty());
        told.join(" · ")
    }

    fn merges(&self, _: &Customer) -> Option<CustomerId> {
        Some(self.customer.id)
    }
}

/// Two customers who may be one person.
#[derive(Template)]
#[template(path = "customer_merge.html")]
pub struct MergePage {
    pub frame: Frame,
    pub currency: Currency,
    pub kept: Customer,
    pub other: Option<Customer>,
    pub q: String,
    pub found: Vec<Customer>,
}

impl MergePage {
    fn both<'c>(&'c self, other: &'c Customer) -> [&'c Customer; 2] {
        [&self.kept, other]
    }

    fn orders(&self, customer: &Customer) -> String {
        self.frame.count(customer.tally.orders)
    }

    fn phone(&self, customer: &Customer) -> String {
        phone(customer)
    }

    fn email(&self, customer: &Customer) -> String {
        customer.contact.email.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    fn owes(&self, customer: &Customer) -> String {
        money(&self.frame, customer.owes(self.currency))
    }
}

/// Asks once more before a customer is forgotten.
#[derive(Template)]
#[template(path = "customer_forget.html")]
pub struct ForgetPage {
    pub frame: Frame,
    pub customer: Customer,
    /// Orders that must end first.
    pub open: Vec<Dealing>,
}

/// Chooses a file of customers.
#[derive(Template)]
#[template(path = "customer_import.html")]
pub struct ImportPage {
    pub frame: Frame,
    pub known: Known,
    pub error: Option<FileError>,
    /// Whether the file that was to be brought in waits no longer.
    pub gone: bool,
}

impl ImportPage {
    fn error(&self) -> Option<String> {
        if self.gone {
            return Some(self.frame.t("problem-customers-file-gone"));
        }
        let error = self.error.as_ref()?;
        let why = self.frame.t1(error.fault.key(), "value", error.fault.value());
        Some(self.frame.t2("customers-import-at", "line", error.line, "text", why))
    }

    fn leaves(&self) -> bool {
        self.known == Known::Leave
    }

    fn most(&self) -> (String, usize) {
        (self.frame.count(MAX_ROWS as i64), MAX_FILE_BYTES / 1024 / 1024)
    }
}

/// What becomes, or became, of a file of customers.
#[derive(Template)]
#[template(path = "customer_import_report.html")]
pub struct ReportPage {
    pub frame: Frame,
    counts: [usize; 5],
    unread: Vec<String>,
    lines: Vec<ReportLine>,
    /// Lines that are too many to show.
    more: usize,
    /// The kept file, if it is not brought in yet, and until when it waits.
    confirm: Option<(FileId, Timestamp)>,
}

impl ReportPage {
    /// Lines that a page shows; a file may have twenty thousand.
    const LINES: usize = 300;

    pub fn new(frame: Frame, report: Report, confirm: Option<(FileId, Timestamp)>) -> Self {
        let counts = report.counts();
        let mut lines = report.lines;
        lines.retain(|line| !matches!(line.outcome, Outcome::Unchanged(_)));
        // what needs a hand stands first
        lines.sort_by_key(|line| (!matches!(line.outcome, Outcome::Refused(_)), line.line));
        let more = lines.len().saturating_sub(Self::LINES);
        lines.truncate(Self::LINES);
        Self { frame, counts, unread: report.unread, lines, more, confirm }
    }

    /// The counts in words; what did not happen is not said, but that nothing is new.
    fn sums(&self) -> Vec<String> {
        let keys = ["added", "changed", "unchanged", "left", "refused"];
        let counted = keys.iter().zip(self.counts).enumerate();
        counted
            .filter(|(place, (_, count))| *place == 0 || *count > 0)
            .map(|(_, (name, count))| {
                self.frame.t1(&format!("customers-import-count-{name}"), "count", count)
            })
            .collect()
    }

    fn does_nothing(&self) -> bool {
        self.counts[0] + self.counts[1] == 0
    }

    fn unread(&self) -> String {
        self.unread.join(", ")
    }

    fn is_cut(&self) -> bool {
        self.more > 0
    }

    fn outcome(&self, line: &ReportLine) -> String {
        match &line.outcome {
            Outcome::Added(_) => self.frame.t("customers-import-added"),
            Outcome::Unchanged(_) => self.frame.t("customers-import-unchanged"),
            Outcome::Left(_) => self.frame.t("customers-import-left"),
            Outcome::Changed(_, fields) => {
                let words = |field: &&str| self.frame.t(&format!("customers-{field}"));
                let fields: Vec<String> = fields.iter().map(words).collect();
                self.frame.t1("customers-import-changed", "fields", fields.join(", "))
            }
            Outcome::Refused(reason) => {
                let (value, line) = reason.values();
                self.frame.t2(reason.key(), "value", value, "line", line)
            }
        }
    }

    /// What is to be done is a sentence, and no badge.
    fn is_refused(&self, line: &ReportLine) -> bool {
        matches!(line.outcome, Outcome::Refused(_))
    }

    fn tone(&self, line: &ReportLine) -> &'static str {
        if matches!(line.outcome, Outcome::Added(_)) { "good" } else { "" }
    }

    /// The customer's page, once there is one.
    fn customer(&self, line: &ReportLine) -> Option<CustomerId> {
        match line.outcome {
            Outcome::Added(id) => id,
            Outcome::Changed(id, _) | Outcome::Unchanged(id) | Outcome::Left(id) => Some(id),
            Outcome::Refused(_) => None,
        }
    }
}

/// Where a customer's page is in the back office.
pub(crate) fn customer_path(slug: &base::Slug, id: CustomerId) -> String {
    format!("/t/{slug}/admin/customers/{id}")
}

//! What the console knows and how it judges: plain types and rules.

use base::{Country, Currency, Line, Slug, Timestamp};
use db::{TenantId, TenantState};
use spine::jobs::{State, Tally};

/// A database that is so large takes minutes to back up and to move: worth a word with its owner.
pub const LARGE_BYTES: i64 = 1 << 30;

/// What is known of a tenant without opening its database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Of its own database file; none where tenants share one database.
    pub size_bytes: Option<i64>,
    /// Of its pictures.
    pub files_bytes: i64,
    pub orders: i64,
    pub last_sale_at: Option<Timestamp>,
    pub jobs: Counts,
    /// When a mail last left, as far as it is among the last jobs done.
    pub mail_sent_at: Option<Timestamp>,
    /// Why its database could not be read.
    pub fault: Option<String>,
    pub checked_at: Timestamp,
}

impl Summary {
    /// All it takes on disk, as far as that is known.
    pub fn bytes(&self) -> i64 {
        self.size_bytes.unwrap_or(0) + self.files_bytes
    }
}

/// Jobs that are not over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub waiting: i64,
    pub running: i64,
    pub failed: i64,
    pub unknown: i64,
    /// Mails among them: waiting or running, and failed or unknown.
    pub mails_waiting: i64,
    pub mails_failed: i64,
}

impl Counts {
    pub fn of(tallies: &[Tally]) -> Self {
        let mut counts = Self::default();
        for tally in tallies {
            let mails = if is_mail(&tally.kind) { tally.count } else { 0 };
            let (all, of_mails) = match tally.state {
                State::Waiting => (&mut counts.waiting, &mut counts.mails_waiting),
                State::Running => (&mut counts.running, &mut counts.mails_waiting),
                State::Failed => (&mut counts.failed, &mut counts.mails_failed),
                State::Unknown => (&mut counts.unknown, &mut counts.mails_failed),
                State::Done | State::Cancelled => continue,
            };
            *all += tally.count;
            *of_mails += mails;
        }
        counts
    }
}

/// Kinds of jobs that deliver mails, as a pattern of `like`: they end with the word.
pub const MAILS: &str = "%mail";

pub fn is_mail(kind: &str) -> bool {
    kind.ends_with("mail")
}

/// A tenant as the console lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosted {
    pub id: TenantId,
    pub slug: Slug,
    pub name: Line<120>,
    pub state: TenantState,
    pub currency: Currency,
    pub country: Country,
    pub test: bool,
    pub created_at: Timestamp,
    /// None before it was first looked at.
    pub summary: Option<Summary>,
}

/// Why the operator should look at a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Concern {
    /// Its database cannot be read.
    Unreadable,
    /// Promised work was given up.
    Failed(i64),
    /// Promised work may have happened.
    Unknown(i64),
    /// It waits to be let in.
    Approval,
    Large,
}

/// All there is to look at, the gravest first; nothing means that all is well.
pub fn concerns(state: TenantState, summary: Option<&Summary>) -> Vec<Concern> {
    let mut found = Vec::new();
    if let Some(summary) = summary {
        found.extend(summary.fault.as_ref().map(|_| Concern::Unreadable));
        found.extend((summary.jobs.failed > 0).then_some(Concern::Failed(summary.jobs.failed)));
        found.extend((summary.jobs.unknown > 0).then_some(Concern::Unknown(summary.jobs.unknown)));
    }
    found.extend((state == TenantState::Waiting).then_some(Concern::Approval));
    found.extend(summary.is_some_and(|summary| summary.bytes() >= LARGE_BYTES).then_some(Concern::Large));
    found
}

/// Which tenants a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// In the name or the slug.
    pub search: String,
    pub state: Option<TenantState>,
    /// Those with something to look at, or those without.
    pub concerns: Option<bool>,
}

impl Wish {
    /// Patterns of `like` for the name in small letters, and for the slug.
    pub fn patterns(&self) -> Option<(String, String)> {
        let typed = self.search.trim();
        if typed.is_empty() {
            return None;
        }
        let slug: String = base::fold(typed)
            .chars()
            .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' })
            .collect();
        Some((containing(&typed.to_lowercase()), containing(slug.trim_matches('-'))))
    }
}

fn containing(text: &str) -> String {
    format!("%{}%", literal(text))
}

/// `text` as a pattern of `like … escape '!'` that only it matches.
pub fn literal(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

/// What a server or provider said, without what looks like somebody's address.
pub fn quiet(said: &str) -> String {
    let word = |word: &str| if word.contains('@') { "…".to_owned() } else { word.to_owned() };
    said.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// Which jobs across tenants are looked for, and by which column of the summaries their tenants are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    Trouble,
    Waiting,
    Running,
    MailTrouble,
    MailWaiting,
    MailSent,
}

impl Look {
    pub const JOBS: [Self; 3] = [Self::Trouble, Self::Waiting, Self::Running];
    pub const MAILS: [Self; 3] = [Self::MailTrouble, Self::MailWaiting, Self::MailSent];

    /// As an address says it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trouble | Self::MailTrouble => "trouble",
            Self::Waiting | Self::MailWaiting => "waiting",
            Self::Running => "running",
            Self::MailSent => "sent",
        }
    }

    /// As the statement says it.
    pub const fn column(self) -> &'static str {
        match self {
            Self::Trouble => "trouble",
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::MailTrouble => "mail-trouble",
            Self::MailWaiting => "mail-waiting",
            Self::MailSent => "mail-sent",
        }
    }

    /// The states in the order in which they are shown.
    pub const fn states(self) -> &'static [State] {
        match self {
            Self::Trouble | Self::MailTrouble => &[State::Failed, State::Unknown],
            Self::Waiting => &[State::Waiting],
            Self::Running => &[State::Running],
            Self::MailWaiting => &[State::Running, State::Waiting],
            Self::MailSent => &[State::Done],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary() -> Summary {
        Summary {
            size_bytes: Some(4096),
            files_bytes: 0,
            orders: 3,
            last_sale_at: None,
            jobs: Counts::default(),
            mail_sent_at: None,
            fault: None,
            checked_at: Timestamp::from_micros(0),
        }
    }

    #[test]
    fn a_business_with_nothing_to_see_to_is_fine() {
        assert!(concerns(TenantState::Live, Some(&summary())).is_empty());
        assert!(concerns(TenantState::Suspended, None).is_empty());
    }

    #[test]
    fn the_gravest_concern_comes_first() {
        let jobs = Counts { failed: 2, unknown: 1, ..Counts::default() };
        let bad = Summary { fault: Some("gone".to_owned()), jobs, files_bytes: LARGE_BYTES, ..summary() };
        assert_eq!(
            concerns(TenantState::Waiting, Some(&bad)),
            [Concern::Unreadable, Concern::Failed(2), Concern::Unknown(1), Concern::Approval, Concern::Large]
        );
    }

    #[test]
    fn mails_are_counted_among_the_jobs() {
        let tally = |state, kind: &str, count| Tally { state, kind: kind.to_owned(), count };
        let counts = Counts::of(&[
            tally(State::Waiting, "order.mail", 2),
            tally(State::Running, "order.mail", 1),
            tally(State::Failed, "refund", 4),
            tally(State::Unknown, "order.mail", 1),
        ]);
        assert_eq!((counts.waiting, counts.running, counts.failed, counts.unknown), (2, 1, 4, 1));
        assert_eq!((counts.mails_waiting, counts.mails_failed), (3, 1));
    }

    #[test]
    fn a_search_finds_what_was_typed_and_no_more() {
        let patterns = |typed: &str| Wish { search: typed.to_owned(), ..Wish::default() }.patterns();
        assert_eq!(patterns("  "), None);
        assert_eq!(patterns(" Été 5%"), Some(("%été 5!%%".to_owned(), "%ete-5%".to_owned())));
    }

    #[test]
    fn an_answer_of_a_server_is_shown_without_addresses() {
        assert_eq!(quiet("550 <awa@example.org> unknown"), "550 … unknown");
    }
}

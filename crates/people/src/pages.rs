//! Pages about people, beside their templates.

use askama::Template;
use base::{Country, Language, Timestamp};
use edge::{Anyone, App, Frame, OperatorCard, format};

use crate::{ApiKey, Business, Location, Member, MemberState, Role, Rounding, SessionRow};

#[derive(Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    pub frame: Frame,
    pub to: String,
    pub business: String,
    pub login: String,
    pub wrong: bool,
    /// Whether new businesses may be opened here.
    pub sign_up: bool,
}

/// A forgotten password: who asks for a link, and what was answered.
#[derive(Template)]
#[template(path = "forgot.html")]
pub struct ForgotPage {
    pub frame: Frame,
    pub login: String,
    pub business: String,
    pub fault: Option<String>,
    pub asked: bool,
    /// Whether mail leaves from here at all.
    pub mails: bool,
    pub operator: OperatorCard,
}

impl ForgotPage {
    pub fn of(app: &App, anyone: &Anyone) -> Self {
        Self {
            frame: anyone.titled("people-forgot"),
            login: String::new(),
            business: String::new(),
            fault: None,
            asked: false,
            mails: app.mail.is_configured(),
            operator: app.config.operator.clone(),
        }
    }
}

/// What the link of a reset opens.
#[derive(Template)]
#[template(path = "reset.html")]
pub struct ResetPage {
    pub frame: Frame,
    pub token: String,
    pub login: String,
    pub name: String,
    pub fault: Option<String>,
}

/// A link that an owner made for a member; it is shown this once.
#[derive(Template)]
#[template(path = "reset_link.html")]
pub struct ResetLinkPage {
    pub frame: Frame,
    pub name: String,
    pub link: String,
    /// Opens WhatsApp with a message that holds the link.
    pub share: String,
    pub expires_at: Timestamp,
}

#[derive(Template)]
#[template(path = "account.html")]
pub struct AccountPage {
    pub frame: Frame,
    pub login: String,
    pub businesses: Vec<Workplace>,
    pub sessions: Vec<SessionLine>,
    pub fault: Option<String>,
}

/// A business that somebody works in.
pub struct Workplace {
    pub name: String,
    pub href: String,
}

pub struct SessionLine {
    pub session: SessionRow,
    pub current: bool,
}

#[derive(Template)]
#[template(path = "invite.html")]
pub struct InvitePage {
    pub frame: Frame,
    pub name: String,
    /// Whose account is signed in here.
    pub signed_in: Option<String>,
    /// This page, for who signs in first.
    pub back: String,
    pub login: String,
    pub fault: Option<String>,
}

#[derive(Template)]
#[template(path = "staff.html")]
pub struct StaffPage {
    pub frame: Frame,
    pub lines: Vec<StaffLine>,
    pub may_write: bool,
    /// Whether an owner looks, who may make links for forgotten passwords.
    pub owns: bool,
    pub roles: [Role; 8],
    pub locations: Vec<Location>,
}

pub struct StaffLine {
    pub member: Member,
    /// For each role the names of its locations; none for everywhere.
    pub places: Vec<Vec<String>>,
    pub is_self: bool,
}

impl StaffLine {
    pub fn is_invited(&self) -> bool {
        self.member.state == MemberState::Invited
    }

    pub fn is_active(&self) -> bool {
        self.member.state == MemberState::Active
    }

    pub fn is_suspended(&self) -> bool {
        self.member.state == MemberState::Suspended
    }

    pub fn has(&self, role: &Role) -> bool {
        self.member.roles.iter().any(|held| held.role == *role)
    }

    pub fn works_at(&self, location: &Location) -> bool {
        self.member.roles.iter().any(|held| held.locations.contains(&location.id))
    }
}

#[derive(Template)]
#[template(path = "invite_link.html")]
pub struct InviteLinkPage {
    pub frame: Frame,
    pub name: String,
    pub link: String,
    /// Opens WhatsApp with a message that holds the link.
    pub share: String,
    pub expires_at: Timestamp,
}

#[derive(Template)]
#[template(path = "keys.html")]
pub struct KeysPage {
    pub frame: Frame,
    pub now: Timestamp,
    pub keys: Vec<ApiKey>,
    pub may_write: bool,
    pub scopes: Vec<String>,
}

#[derive(Template)]
#[template(path = "new_key.html")]
pub struct NewKeyPage {
    pub frame: Frame,
    pub name: String,
    pub secret: String,
}

#[derive(Template)]
#[template(path = "settings.html")]
pub struct SettingsPage {
    pub frame: Frame,
    pub business: Business,
    pub languages: [Language; Language::ALL.len()],
}

impl SettingsPage {
    fn countries(&self) -> &'static [(Country, &'static str)] {
        format::countries(self.frame.language())
    }

    pub fn rounds_by_line(&self) -> bool {
        self.business.edit.rounding == Rounding::Line
    }
}

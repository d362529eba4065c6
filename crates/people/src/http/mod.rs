//! Routes about people: signing in, the own account, the team, keys, and the settings of the business.

mod account;
mod invite;
mod keys;
mod password;
mod reset;
mod settings;
mod sign_in;
mod team;

pub use account::workplaces;
use edge::{App, Problem, Routes, Site};
use http::{HeaderMap, Method, header};

use crate::{Device, Error, hashing::HashError, sign_in::SignInError};

edge::permission!(
    /// See who works here.
    pub ReadMembers = "members.read"
);
edge::permission!(
    /// Invite, suspend and remove members, and give them roles.
    pub WriteMembers = "members.write"
);
edge::permission!(
    /// See which API keys there are.
    pub ReadKeys = "keys.read"
);
edge::permission!(
    /// Make and revoke API keys.
    pub WriteKeys = "keys.write"
);
edge::permission!(
    /// See the settings of the business.
    pub ReadBusiness = "business.read"
);
edge::permission!(
    /// Change the settings of the business.
    pub WriteBusiness = "business.write"
);

/// The room's texts.
pub const LOCALES: edge::Locale = edge::locale!("people");

/// The cookie that makes a device a known one.
const DEVICE_COOKIE: &str = "device";

/// Every route of this room.
pub fn routes() -> Routes {
    let office = |path: &str| format!("/t/{{slug}}/admin{path}");
    Routes::new()
        .page(Site::Office, edge::SIGN_IN, Method::GET, sign_in::form)
        .page(Site::Office, edge::SIGN_IN, Method::POST, sign_in::sign_in)
        .page(Site::Office, "/sign-out", Method::POST, sign_in::sign_out)
        .api(sign_in::__path_api_sign_in, sign_in::api_sign_in)
        .api(sign_in::__path_api_sign_out, sign_in::api_sign_out)
        .page(Site::Office, "/forgot", Method::GET, reset::form)
        .page(Site::Office, "/forgot", Method::POST, reset::ask)
        .page(Site::Office, "/reset", Method::GET, reset::show)
        .page(Site::Office, "/reset", Method::POST, reset::take)
        .page(Site::Office, "/password", Method::POST, password::weigh)
        .page(Site::Office, "/account", Method::GET, account::show)
        .page(Site::Office, "/account/password", Method::POST, account::change_password)
        .page(Site::Office, "/account/sessions", Method::POST, account::end_sessions)
        .page(Site::Office, "/t/{slug}/invite/{token}", Method::GET, invite::show)
        .page(Site::Office, "/t/{slug}/invite/{token}", Method::POST, invite::accept)
        .page(Site::Office, &office("/staff"), Method::GET, team::show)
        .page(Site::Office, &office("/staff"), Method::POST, team::invite)
        .page(Site::Office, &office("/staff/{id}"), Method::POST, team::change)
        .api(team::__path_api_list, team::api_list)
        .api(team::__path_api_invite, team::api_invite)
        .api(team::__path_api_find, team::api_find)
        .api(team::__path_api_remove, team::api_remove)
        .api(team::__path_api_roles, team::api_roles)
        .api(team::__path_api_suspend, team::api_suspend)
        .api(team::__path_api_resume, team::api_resume)
        .api(team::__path_api_renew, team::api_renew)
        .page(Site::Office, &office("/keys"), Method::GET, keys::show)
        .page(Site::Office, &office("/keys"), Method::POST, keys::create)
        .page(Site::Office, &office("/keys/{id}/revoke"), Method::POST, keys::revoke)
        .api(keys::__path_api_list, keys::api_list)
        .api(keys::__path_api_create, keys::api_create)
        .api(keys::__path_api_revoke, keys::api_revoke)
        .page(Site::Office, &office("/settings"), Method::GET, settings::show)
        .page(Site::Office, &office("/settings"), Method::POST, settings::save)
        .api(settings::__path_api_find, settings::api_find)
        .api(settings::__path_api_edit, settings::api_edit)
        .words(LOCALES)
        .nav(edge::Section::Settings, "people-nav-settings", "/settings", "business.write")
        .nav(edge::Section::Settings, "people-nav-staff", "/staff", "members.read")
        .nav(edge::Section::Settings, "people-nav-keys", "/keys", "keys.read")
}

/// Where a request comes from, as the list of sessions shows it.
fn device(headers: &HeaderMap, address: std::net::IpAddr) -> Device {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    Device { agent: agent.unwrap_or_default().to_owned(), address: address.to_string() }
}

/// 16 bytes of chance for a password's salt.
fn salt(app: &App) -> [u8; 16] {
    let mut salt = [0; 16];
    salt.copy_from_slice(&app.chance()[..16]);
    salt
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::UnknownAccount => Self::not_found("account-unknown", error),
            Error::UnknownSession => Self::not_found("session-unknown", error),
            Error::UnknownMember => Self::not_found("member-unknown", error),
            Error::UnknownLocation => Self::not_found("location-unknown", error),
            Error::UnknownKey => Self::not_found("key-unknown", error),
            Error::UnknownPermission(_) => {
                Self::unprocessable("permission-unknown", &error).field("scopes", &error)
            }
            Error::NoRole => Self::unprocessable("role-missing", error),
            Error::OwnerEverywhere => Self::unprocessable("owner-everywhere", error),
            Error::EndsInThePast => Self::unprocessable("ends-in-the-past", error),
            Error::InviteGone => Self::gone("invite-gone", error),
            Error::ResetGone => Self::gone("reset-gone", error),
            Error::WorksElsewhere => Self::forbidden("works-elsewhere", error),
            Error::LoginTaken => Self::conflict("login-taken", error),
            Error::AlreadyMember => Self::conflict("already-member", error),
            Error::LastOwner => Self::conflict("last-owner", error),
            Error::WrongState(_) => Self::conflict("member-state", error),
            Error::AboveYourself => Self::forbidden("above-yourself", error),
            Error::OwnersOnly => Self::forbidden("owners-only", error),
            Error::NotFounded => Self::internal(error),
            Error::Db(error) => error.into(),
        }
    }
}

impl From<HashError> for Problem {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => Self::too_many(2),
            HashError::Failed(cause) => Self::internal(cause),
        }
    }
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Wrong => Self::unauthorised("sign-in-wrong", "The name or the password is wrong."),
            SignInError::TooMany(problem) => problem,
            SignInError::Busy => Self::too_many(2),
            SignInError::Failed(error) => error.into(),
        }
    }
}

//! The team, for people and for applications.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base::{Line, Phone, Timestamp};
use db::Tx;
use edge::{App, Created, Form, Json, List, May, Page, PageQuery, Path, Problem, flash};
use http::StatusCode;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use super::{ReadMembers, WriteMembers};
use crate::{
    Error, LocationId, Member, MemberId, MemberState, Role, RoleAt, accounts, location,
    members::{self, Invited},
    pages::{InviteLinkPage, ResetLinkPage, StaffLine, StaffPage},
    reset,
    rights::Rights,
    sessions,
};

/// More people than this work in no small business; the page shows no more.
const SHOWN: u32 = 200;

pub async fn show(State(app): State<App>, may: May<ReadMembers>) -> Result<Page<StaffPage>, Problem> {
    let look = |rx: &mut db::Rx<'_>| {
        let owns = Rights::of_actor(rx)?.is_owner();
        Ok::<_, Error>((members::list(rx, None, SHOWN)?, location::list(rx)?, owns))
    };
    let (team, locations, owns) = app.db.read(may.scope(), look).await?;
    let place = |id: &LocationId| {
        let known = locations.iter().find(|location| location.id == *id);
        known.map(|location| location.name.to_string()).unwrap_or_default()
    };
    let lines = team.into_iter().map(|member| StaffLine {
        places: member.roles.iter().map(|role| role.locations.iter().map(place).collect()).collect(),
        is_self: may.actor().as_str() == format!("member:{}", member.id),
        member,
    });
    Ok(Page(StaffPage {
        frame: may.frame(edge::text(may.language(), "people-staff", &[])),
        lines: lines.collect(),
        may_write: may.may("members.write"),
        owns,
        roles: Role::ALL,
        locations,
    }))
}

#[derive(Deserialize)]
pub struct InviteForm {
    name: Line<120>,
    role: Role,
    /// None for everywhere.
    #[serde(default)]
    location: Vec<LocationId>,
}

pub async fn invite(
    State(app): State<App>,
    may: May<WriteMembers>,
    Form(form): Form<InviteForm>,
) -> Result<Page<InviteLinkPage>, Problem> {
    let roles = vec![RoleAt::at(form.role, form.location)];
    let invite = move |tx: &mut Tx<'_>| members::invite(tx, form.name.clone(), roles.clone());
    let invited = app.db.write(may.scope(), invite).await?;
    Ok(link_page(&app, &may, &invited))
}

fn link(app: &App, may: &May<WriteMembers>, invited: &Invited) -> String {
    app.config.office_link(&format!("/t/{}/invite/{}", may.tenant().slug, invited.token.reveal()))
}

/// The link, to be copied or shared; it is shown this once.
fn link_page(app: &App, may: &May<WriteMembers>, invited: &Invited) -> Page<InviteLinkPage> {
    let link = link(app, may, invited);
    let business = may.tenant().name.to_string();
    let args = [("business", business.into()), ("link", link.clone().into())];
    let message = edge::text(may.language(), "people-invite-message", &args);
    Page(InviteLinkPage {
        frame: may.frame(edge::text(may.language(), "people-invite-link-title", &[])),
        name: invited.member.name.to_string(),
        share: format!("https://wa.me/?text={}", utf8_percent_encode(&message, NON_ALPHANUMERIC)),
        link,
        expires_at: invited.expires_at,
    })
}

#[derive(Deserialize)]
pub struct MemberPath {
    id: MemberId,
}

#[derive(Deserialize)]
pub struct ChangeForm {
    /// `roles`, `suspend`, `resume`, `remove`, `renew` or `reset`.
    action: String,
    role: Option<Role>,
    #[serde(default)]
    location: Vec<LocationId>,
}

pub async fn change(
    State(app): State<App>,
    may: May<WriteMembers>,
    Path(MemberPath { id }): Path<MemberPath>,
    Form(form): Form<ChangeForm>,
) -> Result<Response, Problem> {
    let step = match form.action.as_str() {
        "roles" => Step::Roles(vec![RoleAt::at(form.role.ok_or(Error::NoRole)?, form.location)]),
        "suspend" => Step::Suspend,
        "resume" => Step::Resume,
        "remove" => Step::Remove,
        "renew" => {
            let invited = app.db.write(may.scope(), move |tx| members::renew_invite(tx, id)).await?;
            return Ok(link_page(&app, &may, &invited).into_response());
        }
        "reset" => return Ok(reset_link(&app, &may, id).await?.into_response()),
        _ => {
            return Err(Problem::bad_request(
                "action-unknown",
                "This button is not one of ours; reload the page.",
            ));
        }
    };
    take(&app, &may, id, step).await?;
    Ok(flash(&app, &format!("/t/{}/admin/staff", may.tenant().slug), "people-staff-changed"))
}

/// A link for a forgotten password, to hand over. Whether the account works elsewhere is looked at before anything is
/// written, and again when the link is made and when it is used.
async fn reset_link(
    app: &App,
    may: &May<WriteMembers>,
    id: MemberId,
) -> Result<Page<ResetLinkPage>, Problem> {
    let tenant = may.tenant().id;
    let member = app.db.read(may.scope(), move |rx| members::find(rx, id)).await?;
    if let Some(account) = member.account {
        let tenants = app.db.directory().read(move |dx| accounts::memberships(dx, account)).await?;
        if tenants != [tenant] {
            return Err(Error::WorksElsewhere.into());
        }
    }
    let (member, account) = app.db.write(may.scope(), move |tx| reset::allow(tx, id)).await?;
    let (known, made) = app
        .db
        .directory()
        .write(move |dx| {
            let made = reset::make_in(dx, account, tenant)?;
            Ok::<_, Error>((accounts::find(dx, account)?, made))
        })
        .await?;
    let link = app.config.office_link(&made.path());
    let args = [("platform", app.config.operator.name.clone().into()), ("link", link.clone().into())];
    let message = edge::text(may.language(), "people-reset-message", &args);
    let phone = known.and_then(|known| known.login.parse::<Phone>().ok());
    let to = phone.map(|phone| phone.digits().to_owned()).unwrap_or_default();
    Ok(Page(ResetLinkPage {
        frame: may.titled("people-reset-link-title"),
        name: member.name.to_string(),
        share: format!("https://wa.me/{to}?text={}", utf8_percent_encode(&message, NON_ALPHANUMERIC)),
        link,
        expires_at: made.expires_at,
    }))
}

/// What can be done to a member.
#[derive(Clone)]
enum Step {
    Roles(Vec<RoleAt>),
    Suspend,
    Resume,
    Remove,
}

/// Changes a member, and ends the sessions that the change makes untrue.
async fn take(app: &App, may: &May<WriteMembers>, id: MemberId, step: Step) -> Result<Member, Problem> {
    let work = step.clone();
    let write = move |tx: &mut Tx<'_>| match &work {
        Step::Roles(roles) => members::change_roles(tx, id, roles.clone()),
        Step::Suspend => members::suspend(tx, id),
        Step::Resume => members::resume(tx, id),
        Step::Remove => members::remove(tx, id),
    };
    let member = app.db.write(may.scope(), write).await?;
    crate::changed();
    if let Some(account) = member.account {
        let tenant = may.tenant().id;
        let forget = move |dx: &mut db::Dx<'_>| match step {
            Step::Remove => accounts::forget(dx, account, tenant),
            Step::Roles(_) | Step::Suspend => sessions::end_all(dx, account, None).map(drop),
            Step::Resume => Ok(()),
        };
        app.db.directory().write(forget).await?;
        crate::changed();
    }
    Ok(member)
}

/// Who works here, the eldest first.
#[utoipa::path(get, path = "/t/{slug}/api/v1/members", params(("slug" = String, Path), PageQuery),
    responses((status = 200, description = "A page of members.", body = List<Member>)))]
pub async fn api_list(
    State(app): State<App>,
    may: May<ReadMembers>,
    edge::Query(page): edge::Query<PageQuery>,
) -> Result<Json<List<Member>>, Problem> {
    let limit = page.limit();
    let after: Option<MemberId> = page.after::<1>()?.and_then(|[id]| id.parse().ok());
    let rows = app.db.read(may.scope(), move |rx| members::list(rx, after, limit + 1)).await?;
    Ok(Json(List::of(rows, limit, |last| [last.id.to_string()])))
}

#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InviteRequest {
    #[schema(value_type = String, min_length = 1, max_length = 120)]
    name: Line<120>,
    #[schema(min_items = 1)]
    roles: Vec<RoleAt>,
}

/// An invite; its link is shown this once.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InviteReply {
    member: Member,
    /// Pass it on to the person; it works once.
    link: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl InviteReply {
    fn of(app: &App, may: &May<WriteMembers>, invited: Invited) -> Self {
        let link = link(app, may, &invited);
        Self { member: invited.member, link, expires_at: invited.expires_at }
    }
}

/// Invites somebody by a one-time link.
#[utoipa::path(post, path = "/t/{slug}/api/v1/members", params(("slug" = String, Path)), request_body = InviteRequest,
    responses((status = 201, description = "The member-to-be and the link.", body = InviteReply)))]
pub async fn api_invite(
    State(app): State<App>,
    may: May<WriteMembers>,
    Json(request): Json<InviteRequest>,
) -> Result<Created<InviteReply>, Problem> {
    let invite = move |tx: &mut Tx<'_>| members::invite(tx, request.name.clone(), request.roles.clone());
    let invited = app.db.write(may.scope(), invite).await?;
    let location = format!("/t/{}/api/v1/members/{}", may.tenant().slug, invited.member.id);
    Ok(Created { location, body: InviteReply::of(&app, &may, invited) })
}

/// One member.
#[utoipa::path(get, path = "/t/{slug}/api/v1/members/{id}", params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 200, description = "The member.", body = Member)))]
pub async fn api_find(
    State(app): State<App>,
    may: May<ReadMembers>,
    Path(MemberPath { id }): Path<MemberPath>,
) -> Result<Json<Member>, Problem> {
    let member = app.db.read(may.scope(), move |rx| members::find(rx, id)).await?;
    if member.state == MemberState::Removed { Err(Error::UnknownMember.into()) } else { Ok(Json(member)) }
}

#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RolesRequest {
    #[schema(min_items = 1)]
    roles: Vec<RoleAt>,
}

/// Gives a member other roles; the member's sessions end.
#[utoipa::path(put, path = "/t/{slug}/api/v1/members/{id}/roles", params(("slug" = String, Path), ("id" = String, Path)),
    request_body = RolesRequest, responses((status = 200, description = "The member.", body = Member),
        (status = 409, description = "The business would be left without an owner.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn api_roles(
    State(app): State<App>,
    may: May<WriteMembers>,
    Path(MemberPath { id }): Path<MemberPath>,
    Json(request): Json<RolesRequest>,
) -> Result<Json<Member>, Problem> {
    take(&app, &may, id, Step::Roles(request.roles)).await.map(Json)
}

/// Suspends a member; the member's sessions end.
#[utoipa::path(post, path = "/t/{slug}/api/v1/members/{id}/suspend", params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 200, description = "The member.", body = Member),
        (status = 409, description = "Not active, or the last owner.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn api_suspend(
    State(app): State<App>,
    may: May<WriteMembers>,
    Path(MemberPath { id }): Path<MemberPath>,
) -> Result<Json<Member>, Problem> {
    take(&app, &may, id, Step::Suspend).await.map(Json)
}

/// Lets a suspended member work again.
#[utoipa::path(post, path = "/t/{slug}/api/v1/members/{id}/resume", params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 200, description = "The member.", body = Member),
        (status = 409, description = "Not suspended.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn api_resume(
    State(app): State<App>,
    may: May<WriteMembers>,
    Path(MemberPath { id }): Path<MemberPath>,
) -> Result<Json<Member>, Problem> {
    take(&app, &may, id, Step::Resume).await.map(Json)
}

/// A new link for somebody who has not accepted yet; the one before leads nowhere.
#[utoipa::path(post, path = "/t/{slug}/api/v1/members/{id}/invite", params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 200, description = "The new link.", body = InviteReply),
        (status = 409, description = "Accepted already.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn api_renew(
    State(app): State<App>,
    may: May<WriteMembers>,
    Path(MemberPath { id }): Path<MemberPath>,
) -> Result<Json<InviteReply>, Problem> {
    let invited = app.db.write(may.scope(), move |tx| members::renew_invite(tx, id)).await?;
    Ok(Json(InviteReply::of(&app, &may, invited)))
}

/// Removes a member; the member's sessions end.
#[utoipa::path(delete, path = "/t/{slug}/api/v1/members/{id}", params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 204, description = "Removed."),
        (status = 409, description = "The last owner.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn api_remove(
    State(app): State<App>,
    may: May<WriteMembers>,
    Path(MemberPath { id }): Path<MemberPath>,
) -> Result<StatusCode, Problem> {
    take(&app, &may, id, Step::Remove).await?;
    Ok(StatusCode::NO_CONTENT)
}

//! What comes in and goes out: site, tenant, actor, permission, limits, forged requests, problems, the page's frame, mail.
//!
//! A room hands its `Routes` here. Each handler's second argument is a guard (`May`, `Visitor`, `Reader`, …): it says who
//! may call, and only it hands out the scope that `db.write` needs.

mod app;
mod arrival;
mod assets;
mod blobs;
mod cache;
pub mod captcha;
pub mod chart;
pub mod config;
pub mod cookies;
mod csrf;
pub mod cursor;
mod design;
mod doorkeeper;
mod extract;
pub mod format;
mod frame;
mod gate;
mod guard;
mod health;
pub mod idempotency;
pub mod limits;
pub mod logs;
pub mod mail;
mod notice;
pub mod openapi;
mod outbound;
mod problem;
mod routes;
mod serve;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod trace;
mod way;
pub mod words;

pub use app::App;
pub use arrival::Peer;
pub use assets::{bytes as asset_bytes, path as asset};
pub use blobs::{BlobError, Blobs};
pub use config::{
    CaptchaBy, Config, ConfigError, ConfigRow, Environment, Network, OperatorCard, Origin, Secret, SignUp,
    Widget,
};
pub use cookies::SetCookie;
pub use cursor::{List, PageQuery};
pub use doorkeeper::{Asked, Doorkeeper, Grant, Key, Session, Standing};
pub use extract::{Created, Form, Json, Path, Query, Raw, Upload, UploadedFile, local, redirect};
pub use frame::{Frame, MenuLink, NavLink, Page, Section, flash};
pub use guard::{
    Anyone, Callback, Guard, May, Operator, Permission, Reader, SIGN_IN, SignedIn, Visit, Visitor,
};
pub use health::{count, measure, numbers};
pub use idempotency::{Reply, RequestKey, fingerprint, idempotent};
pub use limits::{Limits, Rate, address_key};
pub use mail::{Mail, MailError, Mailer};
pub use notice::{Board, Notice, NoticeKind, ShownNotice, linked, put_away_also};
pub use openapi::schema;
pub use outbound::{FetchLimits, Outbound, OutboundError, Reach};
pub use problem::{FieldError, Problem, ProblemBody};
pub use routes::{Access, Declared, RouteRule, Routes, Site};
pub use serve::{Bounds, listen, serve};
pub use trace::Trace;
pub use way::{FormTargets, Frames, Guests, InlineStyle, attachment, shown_pdf};
pub use words::{Arg, LOCALES, Locale, Words, locales_are_complete, text};

/// The tables of this room, for `db::Options`.
pub const SCHEMA: db::Schema =
    db::Schema { migrations: MIGRATIONS, directory_migrations: &[], areas: &[], lends: &[] };

const MIGRATIONS: &[db::Migration] =
    &[db::Migration::new("edge", 1, include_str!("../migrations/0001_idempotency.sql"))];

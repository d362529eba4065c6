//! How good a password is while it is typed.

use axum::{extract::State, response::IntoResponse};
use edge::{Anyone, App, Form, Json, Problem, Rate, address_key};
use http::header;
use serde::{Deserialize, Serialize};

use crate::model::Strength;

/// Passwords that one address may have weighed in a minute: more than anybody types.
const WEIGHED: Rate = Rate { burst: 120, per_s: 60 };

#[derive(Deserialize)]
pub struct Typed {
    password: String,
    /// What stands beside it: a name, a phone number.
    #[serde(default)]
    known: Vec<String>,
}

#[derive(Serialize)]
pub struct Weighed {
    /// From 0 to 4; 3 is enough.
    score: u8,
    words: String,
}

/// Answers as the rule would decide; nothing is kept.
pub async fn weigh(
    State(app): State<App>,
    anyone: Anyone,
    Form(typed): Form<Typed>,
) -> Result<impl IntoResponse, Problem> {
    app.limits.take("password-weighed", &address_key(anyone.address()), WEIGHED)?;
    let near: Vec<&str> = typed.known.iter().take(5).map(String::as_str).collect();
    let strength = Strength::of(&typed.password, &near);
    let words = edge::text(anyone.language(), strength.key(), &[]);
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(Weighed { score: strength.score, words })))
}

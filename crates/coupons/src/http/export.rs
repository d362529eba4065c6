//! The coupons as files: CSV and XLSX, without an end, sent in pieces that are each read by themselves.

use axum::{
    body::{Body, Bytes},
    extract::State,
    response::{IntoResponse, Response},
};
use base::Day;
use db::{Rx, Scope};
use edge::{App, May, Problem, Query, Routes, Site};
use futures_util::stream;
use http::Method;
use serde::Deserialize;

use super::Manage;
use crate::{
    Error,
    export::{self, Book, HEADING, Line, Sought},
    model::{CampaignId, CouponId, CouponState},
};

pub fn routes() -> Routes {
    let office = |path: &str| format!("/t/{{slug}}/admin{path}");
    Routes::new().page(Site::Office, &office("/campaigns/coupons.csv"), Method::GET, csv).page(
        Site::Office,
        &office("/campaigns/coupons.xlsx"),
        Method::GET,
        xlsx,
    )
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    campaign: String,
    status: String,
    /// Days of issue, both among them.
    from: String,
    to: String,
}

impl Asked {
    /// What does not read is a refusal: a file with more in it than was asked for would be taken for what it is not.
    fn sought(&self, zone: &base::Zone) -> Result<Sought, Problem> {
        let odd =
            |field| Problem::unprocessable("input-malformed", "This is not known.").field(field, "not known");
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let campaign = given(&self.campaign).map(|id| id.parse::<CampaignId>().map_err(|_| odd("campaign")));
        let state = given(&self.status).map(|name| CouponState::parse(&name).ok_or_else(|| odd("status")));
        let day = |text: &str, field| {
            given(text).map(|text| text.parse::<Day>().map_err(|_| odd(field))).transpose()
        };
        Ok(Sought {
            campaign: campaign.transpose()?,
            state: state.transpose()?,
            from: day(&self.from, "from")?.and_then(|day| day.start(zone)),
            to: day(&self.to, "to")?.and_then(|day| day.end(zone)),
        })
    }
}

type Piece = Option<(Vec<Line>, CouponId)>;

async fn next(db: &db::Db, scope: Scope, sought: Sought, after: Option<CouponId>) -> Result<Piece, Error> {
    db.read(scope, move |rx: &mut Rx<'_>| export::piece(rx, &sought, after)).await
}

async fn csv(
    State(app): State<App>,
    may: May<Manage>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    enum At {
        Heading,
        Behind(Option<CouponId>),
    }
    let (scope, sought) = (may.scope(), asked.sought(&may.tenant().zone)?);
    let pieces = stream::try_unfold(At::Heading, move |at| {
        let (db, scope) = (app.db.clone(), scope.clone());
        async move {
            let At::Behind(after) = at else {
                let heading = lines([HEADING.map(str::to_owned)])?;
                return Ok::<_, std::io::Error>(Some((heading, At::Behind(None))));
            };
            let Some((read, last)) = next(&db, scope, sought, after).await.map_err(std::io::Error::other)?
            else {
                return Ok(None);
            };
            let cells = read.iter().map(|line| line.each_ref().map(export::Cell::guarded));
            Ok(Some((lines(cells)?, At::Behind(Some(last)))))
        }
    });
    let headers = edge::attachment("coupons.csv", "text/csv; charset=utf-8");
    Ok((headers, Body::from_stream(pieces)).into_response())
}

fn lines<const N: usize>(rows: impl IntoIterator<Item = [String; N]>) -> std::io::Result<Bytes> {
    let mut file = csv::Writer::from_writer(Vec::new());
    for row in rows {
        file.write_record(row)?;
    }
    Ok(file.into_inner().map_err(|error| error.into_error())?.into())
}

async fn xlsx(
    State(app): State<App>,
    may: May<Manage>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    const KIND: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let (scope, sought) = (may.scope(), asked.sought(&may.tenant().zone)?);
    let book = Book::new(&HEADING).map_err(Problem::internal)?;
    let pieces = stream::try_unfold(Some((book, None)), move |at| {
        let (db, scope) = (app.db.clone(), scope.clone());
        async move {
            let Some((mut book, after)) = at else { return Ok(None) };
            let Some((read, last)) = next(&db, scope, sought, after).await.map_err(std::io::Error::other)?
            else {
                return Ok::<_, std::io::Error>(Some((Bytes::from(book.finish()?), None)));
            };
            for line in &read {
                book.row(line)?;
            }
            Ok(Some((Bytes::from(book.written()), Some((book, Some(last))))))
        }
    });
    Ok((edge::attachment("coupons.xlsx", KIND), Body::from_stream(pieces)).into_response())
}

use askama::Template;
use base::{Day, Timestamp};
use edge::Frame;

use super::{Row, tone};
use crate::{mail, model::CouponState};

#[derive(Template)]
#[template(path = "coupon_list.html")]
pub struct CouponListPage {
    pub frame: Frame,
    pub now: Timestamp,
    pub today: Day,
    /// None stands for all.
    pub state: Option<CouponState>,
    pub q: String,
    /// With the names of their campaigns.
    pub coupons: Vec<(Row, String)>,
    pub next: Option<String>,
}

impl CouponListPage {
    fn states(&self) -> Vec<(&'static str, String, bool)> {
        let of = |state: CouponState| {
            let words = self.frame.t(&format!("coupons-state-{state}"));
            (state.name(), words, self.state == Some(state))
        };
        let all = ("all", self.frame.t("coupons-all"), self.state.is_none());
        CouponState::ALL.iter().copied().map(of).chain([all]).collect()
    }

    fn state_name(&self) -> &'static str {
        self.state.map_or("all", CouponState::name)
    }

    fn badge(&self, row: &Row) -> (String, &'static str) {
        let state = row.coupon.standing(self.now);
        (self.frame.t(&format!("coupons-state-{state}")), tone(state))
    }

    fn offer(&self, row: &Row) -> String {
        mail::offer_words(self.frame.language(), &row.coupon.offer)
    }

    /// Until when it holds, or when it ended.
    fn end(&self, row: &Row) -> String {
        let coupon = &row.coupon;
        let end = match coupon.standing(self.now) {
            CouponState::Issued | CouponState::Expired => coupon.expires_at.map(|end| end.plus_s(-1)),
            CouponState::Redeemed | CouponState::Cancelled => coupon.ended_at,
        };
        end.map(|end| self.frame.short_moment(&end, &self.today)).unwrap_or_default()
    }

    /// One that can be used leads to the counter, the others to what became of them.
    fn href(&self, row: &Row) -> String {
        let (office, code) = (&self.frame.office, &row.coupon.code);
        match row.coupon.standing(self.now) {
            CouponState::Issued => format!("{office}/counter?code={code}"),
            _ => format!("{office}/coupons/{code}"),
        }
    }
}

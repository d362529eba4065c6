//! Coupons through their front door, on a database of their own.

mod campaigns;
mod captcha;
mod mails;
mod orders;
mod redeeming;
mod world;

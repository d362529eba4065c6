//! Coupons through their front door, on a database of their own.

mod campaigns;
mod captcha;
mod figures;
mod mails;
mod moving;
mod orders;
mod redeeming;
mod world;

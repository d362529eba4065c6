//! Coupons through their front door, on a database of their own.

mod campaigns;
mod captcha;
mod endings;
mod figures;
mod holders;
mod mails;
mod moving;
mod orders;
mod redeeming;
mod shared;
mod world;

//! Coupons through their front door, on a database of their own.

mod campaigns;
mod figures;
mod moving;
mod orders;
mod redeeming;
mod world;

//! Pages of the room, beside their templates.

pub mod figures;

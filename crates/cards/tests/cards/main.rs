//! Cards through their front door, on a database of their own.

mod sequences;
mod selling;
mod world;

//! Cards through their front door, on a database of their own.

mod selling;
mod sequences;
mod world;

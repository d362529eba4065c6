//! Disks fail, files go away, processes die: what was acknowledged is there, and what was refused is not.

#[path = "faults/crowd.rs"]
mod crowd;
#[path = "faults/disk.rs"]
mod disk;
#[path = "faults/files.rs"]
mod files;
#[path = "faults/shop.rs"]
mod shop;
#[path = "faults/simulation.rs"]
mod simulation;
#[path = "faults/vfs.rs"]
mod vfs;

//! Disks fail, files go away, processes die: what was acknowledged is there, and what was refused is not.

#[path = "faults/disk.rs"]
mod disk;
#[path = "faults/shop.rs"]
mod shop;
#[path = "faults/vfs.rs"]
mod vfs;

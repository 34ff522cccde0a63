//! What the kernel says in `/proc` and `/sys`. The functions named `parse` take its text and are pure.

pub mod cpu;
pub mod disks;
pub mod host;
pub mod memory;
pub mod network;
pub mod processes;

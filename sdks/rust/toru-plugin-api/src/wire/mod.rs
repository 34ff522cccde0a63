//! Frames and the messages of version 2. Nothing here knows of sockets or tasks.

pub(crate) mod data_frame;
pub(crate) mod envelope;
pub(crate) mod fields;
pub(crate) mod frame;
#[cfg(test)]
mod fuzz_test;
#[cfg(test)]
mod golden_test;
#[cfg(test)]
mod hostile_test;
pub(crate) mod http;

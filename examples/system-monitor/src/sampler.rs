//! Looks at the system, and tells what has happened since the look before.

use std::io;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::history::Values;
use crate::read::cpu::{self, CpuTimes};
use crate::read::disks::{self, DiskTraffic};
use crate::read::host;
use crate::read::memory::{self, Memory};
use crate::read::network::{self, Interface};
use crate::read::processes::{ProcessReader, Processes};

/// Interfaces that are shown: those with the most traffic since they came up.
const MAX_INTERFACES: usize = 16;

/// The system at one time. Per cent, bytes, and bytes a second.
#[derive(Debug, Clone, Serialize)]
pub struct Now {
    pub cpu: f32,
    pub cores: Vec<f32>,
    pub memory: Memory,
    pub load: [f32; 3],
    pub uptime: u64,
    pub received: f32,
    pub sent: f32,
    pub read: f32,
    pub written: f32,
    pub interfaces: Vec<InterfaceNow>,
    #[serde(skip)]
    pub processes: Processes,
}

#[derive(Debug, Clone, Serialize)]
pub struct InterfaceNow {
    name: String,
    received: f32,
    sent: f32,
    received_total: u64,
    sent_total: u64,
}

impl Now {
    /// What the charts keep.
    pub fn values(&self) -> Values {
        let Self { cpu, memory, load, received, sent, read, written, .. } = self;
        [*cpu, memory.used_percent(), memory.swap_percent(), load[0], *received, *sent, *read, *written]
    }
}

/// The counters of the last look.
struct Counters {
    at: Instant,
    cpu: CpuTimes,
    interfaces: Vec<Interface>,
    disks: DiskTraffic,
}

impl Counters {
    fn read() -> io::Result<Self> {
        Ok(Self {
            at: Instant::now(),
            cpu: cpu::read()?,
            interfaces: network::read()?,
            // In some containers the kernel does not tell.
            disks: disks::read_traffic().unwrap_or_default(),
        })
    }
}

pub struct Sampler {
    before: Counters,
    processes: ProcessReader,
}

impl Sampler {
    pub fn new() -> io::Result<Self> {
        let before = Counters::read()?;
        let mut processes = ProcessReader::default();
        processes.read(Duration::ZERO);
        Ok(Self { before, processes })
    }

    pub fn sample(&mut self) -> io::Result<Now> {
        let after = Counters::read()?;
        let before = std::mem::replace(&mut self.before, after);
        let after = &self.before;
        let elapsed = after.at.duration_since(before.at);
        let rate = |earlier: u64, later: u64| per_second(earlier, later, elapsed);
        let cores = after.cpu.each.iter().enumerate();
        let cores = cores.map(|(core, time)| time.busy_since(before.cpu.each.get(core).copied().unwrap_or(*time)));
        let mut interfaces = Vec::new();
        let (mut received, mut sent) = (0.0, 0.0);
        for interface in &after.interfaces {
            let earlier = before.interfaces.iter().find(|earlier| earlier.name == interface.name).unwrap_or(interface);
            let now = InterfaceNow {
                name: interface.name.clone(),
                received: rate(earlier.received, interface.received),
                sent: rate(earlier.sent, interface.sent),
                received_total: interface.received,
                sent_total: interface.sent,
            };
            if interface.is_device {
                received += now.received;
                sent += now.sent;
            }
            interfaces.push(now);
        }
        interfaces.sort_by_key(|interface| std::cmp::Reverse(interface.received_total + interface.sent_total));
        interfaces.truncate(MAX_INTERFACES);
        Ok(Now {
            cpu: after.cpu.all.busy_since(before.cpu.all),
            cores: cores.collect(),
            memory: memory::read()?,
            load: host::read_load()?,
            uptime: host::read_uptime()?,
            received,
            sent,
            read: rate(before.disks.read, after.disks.read),
            written: rate(before.disks.written, after.disks.written),
            interfaces,
            processes: self.processes.read(elapsed),
        })
    }
}

/// 0 where a counter has begun anew, or no time has passed.
fn per_second(earlier: u64, later: u64, elapsed: Duration) -> f32 {
    (later.saturating_sub(earlier) as f64 / elapsed.as_secs_f64().max(0.001)) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_per_second_and_never_negative() {
        assert_eq!(per_second(100, 300, Duration::from_secs(2)), 100.0);
        assert_eq!(per_second(300, 100, Duration::from_secs(2)), 0.0);
    }

    #[test]
    fn this_machine_can_be_sampled() {
        let mut sampler = Sampler::new().unwrap();
        let now = sampler.sample().unwrap();
        assert!(now.memory.total > 0 && now.memory.used <= now.memory.total);
        assert!(!now.cores.is_empty() && now.uptime > 0);
        assert!(now.values().iter().all(|value| value.is_finite() && *value >= 0.0));
    }
}

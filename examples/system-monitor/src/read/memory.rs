use std::fs;
use std::io;

use serde::Serialize;

/// In bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Memory {
    pub total: u64,
    /// What programs hold and could not be given to others.
    pub used: u64,
    /// Copies of files, which make room when programs want it.
    pub cached: u64,
    pub swap_total: u64,
    pub swap_used: u64,
}

impl Memory {
    pub fn used_percent(&self) -> f32 {
        percent(self.used, self.total)
    }

    pub fn swap_percent(&self) -> f32 {
        percent(self.swap_used, self.swap_total)
    }
}

fn percent(part: u64, whole: u64) -> f32 {
    (100.0 * part as f64 / whole.max(1) as f64) as f32
}

pub fn read() -> io::Result<Memory> {
    Ok(parse(&fs::read_to_string("/proc/meminfo")?))
}

fn parse(meminfo: &str) -> Memory {
    let bytes = |name: &str| {
        let line = meminfo.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let number = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
        number.map(|kib| kib * 1024)
    };
    let total = bytes("MemTotal").unwrap_or(0);
    let available = bytes("MemAvailable").or_else(|| bytes("MemFree")).unwrap_or(0);
    let swap_total = bytes("SwapTotal").unwrap_or(0);
    Memory {
        total,
        used: total.saturating_sub(available),
        cached: bytes("Cached").unwrap_or(0) + bytes("Buffers").unwrap_or(0),
        swap_total,
        swap_used: swap_total.saturating_sub(bytes("SwapFree").unwrap_or(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn used_is_what_is_not_available() {
        let memory = parse("MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 750 kB\nBuffers: 50 kB\nCached: 500 kB\nSwapCached: 9 kB\nSwapTotal: 200 kB\nSwapFree: 150 kB\n");
        let expected = Memory {
            total: 1000 * 1024,
            used: 250 * 1024,
            cached: 550 * 1024,
            swap_total: 200 * 1024,
            swap_used: 50 * 1024,
        };
        assert_eq!(memory, expected);
        assert_eq!((memory.used_percent(), memory.swap_percent()), (25.0, 25.0));
        assert_eq!(Memory::default().swap_percent(), 0.0);
    }
}

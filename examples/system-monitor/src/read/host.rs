use std::fs;
use std::io;

use serde::Serialize;

/// What does not change while the system runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Host {
    pub name: String,
    pub kernel: String,
    /// Empty where the kernel does not say.
    pub cpu_model: String,
}

pub fn read() -> Host {
    let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
    Host {
        name: text("/proc/sys/kernel/hostname").trim().to_owned(),
        kernel: text("/proc/sys/kernel/osrelease").trim().to_owned(),
        cpu_model: parse_model(&text("/proc/cpuinfo")),
    }
}

fn parse_model(cpuinfo: &str) -> String {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"));
    line.and_then(|line| line.split_once(':')).map(|(_, name)| name.trim().to_owned()).unwrap_or_default()
}

/// Processes that run or want to, on average over 1, 5 and 15 minutes.
pub fn read_load() -> io::Result<[f32; 3]> {
    Ok(parse_load(&fs::read_to_string("/proc/loadavg")?))
}

fn parse_load(loadavg: &str) -> [f32; 3] {
    let mut numbers = loadavg.split(' ').map(|text| text.parse().unwrap_or(0.0));
    std::array::from_fn(|_| numbers.next().unwrap_or(0.0))
}

/// Seconds since the start of the system.
pub fn read_uptime() -> io::Result<u64> {
    let text = fs::read_to_string("/proc/uptime")?;
    Ok(text.split('.').next().and_then(|seconds| seconds.parse().ok()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn load_and_model_are_read() {
        assert_eq!(parse_load("0.52 0.40 0.31 1/234 5678\n"), [0.52, 0.40, 0.31]);
        assert_eq!(parse_load(""), [0.0; 3]);
        assert_eq!(parse_model("processor\t: 0\nmodel name\t: Some CPU @ 3 GHz\n"), "Some CPU @ 3 GHz");
        assert_eq!(parse_model("processor : 0\n"), "");
    }
}

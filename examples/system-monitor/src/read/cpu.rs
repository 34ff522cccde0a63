use std::fs;
use std::io;

/// Time that a CPU has spent since the start of the system, in ticks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CpuTime {
    busy: u64,
    total: u64,
}

impl CpuTime {
    /// Per cent of the time since `earlier` that was busy, 0 where no time has passed.
    pub fn busy_since(self, earlier: Self) -> f32 {
        let total = self.total.saturating_sub(earlier.total);
        let busy = self.busy.saturating_sub(earlier.busy);
        if total == 0 {
            return 0.0;
        }
        (100.0 * busy as f64 / total as f64).min(100.0) as f32
    }
}

/// All CPUs together, and each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CpuTimes {
    pub all: CpuTime,
    pub each: Vec<CpuTime>,
}

pub fn read() -> io::Result<CpuTimes> {
    Ok(parse(&fs::read_to_string("/proc/stat")?))
}

fn parse(stat: &str) -> CpuTimes {
    let mut times = CpuTimes::default();
    for line in stat.lines() {
        let Some((name, numbers)) = line.strip_prefix("cpu").and_then(|rest| rest.split_once(' ')) else { continue };
        // user, nice, system, idle, iowait, irq, softirq, steal; guests are counted in user and nice already.
        let ticks: Vec<u64> = numbers.split_whitespace().take(8).map(|text| text.parse().unwrap_or(0)).collect();
        let total: u64 = ticks.iter().sum();
        let waiting: u64 = ticks.iter().skip(3).take(2).sum();
        let time = CpuTime { busy: total - waiting, total };
        if name.is_empty() {
            times.all = time;
        } else {
            times.each.push(time);
        }
    }
    times
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str =
        "cpu  100 0 50 800 50 0 0 0 10 0\ncpu0 50 0 25 400 25 0 0 0 0 0\ncpu1 50 0 25 400 25 0 0 0\nintr 5\n";
    const AFTER: &str = "cpu  150 0 75 850 75 0 0 0 10 0\ncpu0 100 0 25 400 25 0 0 0 0 0\ncpu1 50 0 50 450 50 0 0 0\n";

    #[test]
    fn busy_is_what_is_neither_idle_nor_waiting_for_disks() {
        let (before, after) = (parse(BEFORE), parse(AFTER));
        assert_eq!(after.all.busy_since(before.all), 50.0);
        assert_eq!(after.each[0].busy_since(before.each[0]), 100.0);
        assert_eq!(after.each[1].busy_since(before.each[1]), 25.0);
    }

    #[test]
    fn no_time_is_no_load() {
        assert_eq!(parse(AFTER).all.busy_since(parse(AFTER).all), 0.0);
        assert_eq!(parse("nonsense\ncpu x\n").all, CpuTime::default());
    }
}

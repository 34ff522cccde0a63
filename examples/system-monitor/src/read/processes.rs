use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use serde::Serialize;

/// Processes of each list that is shown.
const SHOWN: usize = 15;
/// Longest command line that is shown, in characters.
const SHOWN_COMMAND: usize = 200;

/// A process and its start: numbers are used again.
type Identity = (u32, u64);

/// What one look at a process says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    identity: Identity,
    name: String,
    ticks: u64,
    pages: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Process {
    pid: u32,
    name: String,
    user: String,
    command: String,
    /// Per cent of one CPU, since the look before.
    cpu: f32,
    /// In bytes.
    memory: u64,
}

/// The processes that use most. A process that is among both is in both.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Processes {
    pub count: usize,
    by_cpu: Vec<Process>,
    by_memory: Vec<Process>,
}

/// Looks again and again, and tells what was used in between.
#[derive(Default)]
pub struct ProcessReader {
    ticks: HashMap<Identity, u64>,
    users: HashMap<u32, String>,
}

impl ProcessReader {
    pub fn read(&mut self, elapsed: Duration) -> Processes {
        let seen = look();
        let ticks_per_second = rustix::param::clock_ticks_per_second() as f64;
        let page_bytes = rustix::param::page_size() as u64;
        let mut used: Vec<(f32, Seen)> = seen
            .into_iter()
            .map(|seen| {
                let before = self.ticks.get(&seen.identity).copied().unwrap_or(seen.ticks);
                let seconds = seen.ticks.saturating_sub(before) as f64 / ticks_per_second;
                ((100.0 * seconds / elapsed.as_secs_f64().max(0.001)) as f32, seen)
            })
            .collect();
        self.ticks = used.iter().map(|(_, seen)| (seen.identity, seen.ticks)).collect();
        let mut first = |used: &[(f32, Seen)]| {
            let process = |(cpu, seen): &(f32, Seen)| self.describe(*cpu, seen, page_bytes);
            used.iter().take(SHOWN).map(process).collect()
        };
        used.sort_by_key(|(_, seen)| std::cmp::Reverse(seen.pages));
        let by_memory = first(&used);
        // Stable: among those that use the same, the larger ones come first.
        used.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        Processes { count: used.len(), by_cpu: first(&used), by_memory }
    }

    fn describe(&mut self, cpu: f32, seen: &Seen, page_bytes: u64) -> Process {
        let (pid, _) = seen.identity;
        let folder = format!("/proc/{pid}");
        // It may have ended meanwhile; then less is known.
        let user = fs::metadata(&folder).map(|metadata| self.user(metadata.uid())).unwrap_or_default();
        let command = parse_command(&fs::read(folder + "/cmdline").unwrap_or_default());
        Process { pid, name: seen.name.clone(), user, command, cpu, memory: seen.pages * page_bytes }
    }

    fn user(&mut self, id: u32) -> String {
        if !self.users.contains_key(&id) {
            // A new number mostly means a new user.
            self.users = parse_users(&fs::read_to_string("/etc/passwd").unwrap_or_default());
            self.users.entry(id).or_insert_with(|| id.to_string());
        }
        self.users[&id].clone()
    }
}

fn look() -> Vec<Seen> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    pids.filter_map(|pid| parse_stat(pid, &fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)).collect()
}

/// The name stands in parentheses, and may have some itself.
fn parse_stat(pid: u32, stat: &str) -> Option<Seen> {
    let (head, tail) = stat.rsplit_once(')')?;
    let (_, name) = head.split_once('(')?;
    // Field 3 of proc_pid_stat(5) is the first here.
    let fields: Vec<&str> = tail.split_whitespace().collect();
    let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    let (user, system, start, pages) = (number(14)?, number(15)?, number(22)?, number(24)?);
    Some(Seen { identity: (pid, start), name: name.to_owned(), ticks: user + system, pages })
}

fn parse_command(cmdline: &[u8]) -> String {
    let text = String::from_utf8_lossy(cmdline).replace('\0', " ");
    text.trim().chars().take(SHOWN_COMMAND).collect()
}

fn parse_users(passwd: &str) -> HashMap<u32, String> {
    let user = |line: &str| {
        let mut words = line.split(':');
        Some((words.by_ref().nth(2)?.parse().ok()?, line.split(':').next()?.to_owned()))
    };
    passwd.lines().filter_map(user).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_have_parentheses_and_spaces() {
        let stat = "42 (a (b) c) S 1 42 42 0 -1 4194560 5 0 0 0 70 30 0 0 20 0 1 0 900 1000 12 18446744073709551615 1";
        let expected = Seen { identity: (42, 900), name: "a (b) c".into(), ticks: 100, pages: 12 };
        assert_eq!(parse_stat(42, stat), Some(expected));
        assert_eq!(parse_stat(42, "42 (x) S 1"), None);
    }

    #[test]
    fn commands_and_users_are_text() {
        assert_eq!(parse_command(b"sh\0-c\0echo \xff\0"), "sh -c echo \u{fffd}");
        let users = parse_users("root:x:0:0::/root:/bin/sh\nbad\nann:x:1000:1000::/:\n");
        assert_eq!((users[&0].as_str(), users[&1000].as_str(), users.len()), ("root", "ann", 2));
    }

    #[test]
    fn this_process_is_seen_and_what_it_used() {
        let mut reader = ProcessReader::default();
        reader.read(Duration::from_secs(1));
        let ticks: u64 = look().into_iter().find(|seen| seen.identity.0 == std::process::id()).unwrap().ticks;
        while look().into_iter().any(|seen| seen.identity.0 == std::process::id() && seen.ticks < ticks + 5) {}
        let processes = reader.read(Duration::from_millis(1));
        assert!(processes.count > 0);
        assert!(processes.by_cpu[0].cpu > 0.0);
        assert!(processes.by_memory[0].memory > 0);
    }
}

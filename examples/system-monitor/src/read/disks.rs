use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;

use serde::Serialize;

const SECTOR_BYTES: u64 = 512;
/// File systems that keep data without a device of that name.
const WITHOUT_DEVICE: [&str; 8] = ["zfs", "btrfs", "bcachefs", "virtiofs", "9p", "nfs", "nfs4", "cifs"];
/// Images that are full by nature.
const IMAGES: [&str; 3] = ["squashfs", "iso9660", "erofs"];
/// Block devices whose work is done by another one as well, or in memory.
const NOT_DISKS: [&str; 6] = ["loop", "ram", "zram", "dm-", "md", "sr"];

/// A mounted file system; sizes are in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileSystem {
    pub mount: String,
    pub kind: String,
    pub total: u64,
    pub used: u64,
    pub available: u64,
}

/// What all disks have moved since the start of the system, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DiskTraffic {
    pub read: u64,
    pub written: u64,
}

/// It may hang where a network disk is gone: call it where that holds up nothing else.
pub fn read_file_systems() -> io::Result<Vec<FileSystem>> {
    let mut found = HashMap::<u64, FileSystem>::new();
    for (device, mount, kind) in parse_mounts(&fs::read_to_string("/proc/self/mounts")?) {
        if !keeps_data(&device, &mount, &kind) {
            continue;
        }
        // Unmounted meanwhile, or below a folder that we may not enter.
        let (Ok(sizes), Ok(metadata)) = (rustix::fs::statvfs(&*mount), fs::metadata(&mount)) else { continue };
        let total = sizes.f_blocks * sizes.f_frsize;
        let used = sizes.f_blocks.saturating_sub(sizes.f_bfree) * sizes.f_frsize;
        let system = FileSystem { mount, kind, total, used, available: sizes.f_bavail * sizes.f_frsize };
        // Bind mounts show a file system again; its shortest mount point stands for it.
        let place = found.entry(metadata.dev()).or_insert_with(|| system.clone());
        if system.mount.len() < place.mount.len() {
            *place = system;
        }
    }
    let mut systems: Vec<_> = found.into_values().filter(|system| system.total > 0).collect();
    systems.sort_by(|one, other| one.mount.cmp(&other.mount));
    Ok(systems)
}

fn keeps_data(device: &str, mount: &str, kind: &str) -> bool {
    let is_root_of_container = mount == "/" && kind == "overlay";
    (device.starts_with('/') || WITHOUT_DEVICE.contains(&kind) || is_root_of_container) && !IMAGES.contains(&kind)
}

fn parse_mounts(mounts: &str) -> Vec<(String, String, String)> {
    let mount = |line: &str| {
        let mut words = line.split(' ').map(unescape);
        Some((words.next()?, words.next()?, words.next()?))
    };
    mounts.lines().filter_map(mount).collect()
}

/// Space, tab, line feed and backslash are written as `\` and three octal digits.
fn unescape(word: &str) -> String {
    ["\\040", "\\011", "\\012", "\\134"]
        .into_iter()
        .zip([" ", "\t", "\n", "\\"])
        .fold(word.to_owned(), |text, (escape, plain)| text.replace(escape, plain))
}

pub fn read_traffic() -> io::Result<DiskTraffic> {
    let disks = fs::read_dir("/sys/block")?.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    Ok(parse_traffic(&fs::read_to_string("/proc/diskstats")?, &disks))
}

fn parse_traffic(diskstats: &str, disks: &HashSet<String>) -> DiskTraffic {
    let mut traffic = DiskTraffic::default();
    for line in diskstats.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [_, _, name, _, _, read, _, _, _, written, ..] = words[..] else { continue };
        if disks.contains(name) && !NOT_DISKS.iter().any(|prefix| name.starts_with(prefix)) {
            traffic.read += read.parse().unwrap_or(0) * SECTOR_BYTES;
            traffic.written += written.parse().unwrap_or(0) * SECTOR_BYTES;
        }
    }
    traffic
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_disks_count_once() {
        let text = "8 0 sda 1 0 10 0 2 0 20 0 0 0 0\n8 1 sda1 1 0 10 0 2 0 20 0 0 0 0\n253 0 dm-0 1 0 10 0 2 0 20 0 0 0\n7 0 loop0 1 0 8 0 0 0 0 0 0 0\n";
        let disks = ["sda", "dm-0", "loop0"].map(str::to_owned).into();
        assert_eq!(parse_traffic(text, &disks), DiskTraffic { read: 5120, written: 10240 });
    }

    #[test]
    fn mount_points_may_have_spaces() {
        let mounts = parse_mounts("/dev/sda1 /srv/my\\040disk ext4 rw 0 0\nproc /proc proc rw 0 0\n");
        assert_eq!(mounts[0].1, "/srv/my disk");
        assert!(keeps_data(&mounts[0].0, &mounts[0].1, &mounts[0].2));
        assert!(!keeps_data("proc", "/proc", "proc"));
        assert!(keeps_data("overlay", "/", "overlay"));
        assert!(!keeps_data("/dev/loop1", "/snap/x", "squashfs"));
    }

    #[test]
    fn this_machine_has_a_file_system() {
        assert!(!read_file_systems().unwrap().is_empty());
    }
}

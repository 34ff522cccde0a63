use std::fs;
use std::io;
use std::path::Path;

/// What an interface has carried since it came up, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    pub name: String,
    pub received: u64,
    pub sent: u64,
    /// A device and not a bridge, a tunnel or the like, whose traffic passes a device as well.
    pub is_device: bool,
}

/// Every interface but the loopback.
pub fn read() -> io::Result<Vec<Interface>> {
    let mut interfaces = parse(&fs::read_to_string("/proc/net/dev")?);
    for interface in &mut interfaces {
        interface.is_device = Path::new("/sys/class/net").join(&interface.name).join("device").exists();
    }
    // In a container no interface looks like a device: there each one counts.
    if interfaces.iter().all(|interface| !interface.is_device) {
        interfaces.iter_mut().for_each(|interface| interface.is_device = true);
    }
    Ok(interfaces)
}

fn parse(dev: &str) -> Vec<Interface> {
    let interface = |line: &str| {
        let (name, numbers) = line.split_once(':')?;
        let numbers: Vec<u64> = numbers.split_whitespace().map_while(|text| text.parse().ok()).collect();
        let (received, sent) = (*numbers.first()?, *numbers.get(8)?);
        Some(Interface { name: name.trim().to_owned(), received, sent, is_device: false })
    };
    dev.lines().filter_map(interface).filter(|interface| interface.name != "lo").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_have_what_they_carried() {
        let text = "Inter-|   Receive  |  Transmit\n face |bytes packets|bytes\n    lo: 5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0\n  eth0:100 2 0 0 0 0 0 0 300 4 0 0 0 0 0 0\n bad: x\n";
        let eth0 = Interface { name: "eth0".into(), received: 100, sent: 300, is_device: false };
        assert_eq!(parse(text), [eth0]);
    }
}

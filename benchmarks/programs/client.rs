//! A client whose own cost is small and known: one blocking connection, one request made beforehand, one exchange after another.
//!
//!     client echo PATH                                   sends back what comes on a Unix socket, until it is killed
//!     client ask http|frames ADDRESS FILE SECONDS RATE   sends FILE over and over; RATE a second, or 0: at once after each answer
//!     client wait ADDRESS FILE COUNT                     sends FILE on COUNT connections and waits until stdin ends
//!
//! ADDRESS is `tcp:HOST:PORT` or `unix:PATH`. `ask` prints one line of JSON: how many were answered, percentiles in nanoseconds, and
//! the client's own time on the processors for one exchange. Only answers of status 200 count; another one ends it.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

const SILENCE: Duration = Duration::from_secs(60);

trait Connection: Read + Write {}
impl<T: Read + Write> Connection for T {}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words[..] {
        ["echo", path] => echo(path),
        ["ask", kind, address, file, seconds, rate] => ask(kind, address, file, number(seconds), number(rate)),
        ["wait", address, file, count] => wait(address, file, number(count)),
        _ => Err(invalid("usage: see the head of client.rs")),
    };
    if let Err(error) = outcome {
        eprintln!("client: {error}");
        process::exit(1);
    }
}

fn number(text: &str) -> u64 {
    text.parse().unwrap_or_else(|_| panic!("{text} is no whole number"))
}

fn invalid(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

fn echo(path: &str) -> io::Result<()> {
    for connection in UnixListener::bind(path)?.incoming() {
        let mut connection = connection?;
        thread::spawn(move || {
            let mut buffer = [0; 65_536];
            while let Ok(count @ 1..) = connection.read(&mut buffer) {
                if connection.write_all(&buffer[..count]).is_err() {
                    break;
                }
            }
        });
    }
    Ok(())
}

fn connect(address: &str) -> io::Result<Box<dyn Connection>> {
    if let Some(path) = address.strip_prefix("unix:") {
        let stream = UnixStream::connect(path)?;
        stream.set_read_timeout(Some(SILENCE))?;
        return Ok(Box::new(stream));
    }
    let stream = TcpStream::connect(address.strip_prefix("tcp:").unwrap_or(address))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(SILENCE))?;
    Ok(Box::new(stream))
}

fn ask(kind: &str, address: &str, file: &str, seconds: u64, rate: u64) -> io::Result<()> {
    let request = fs::read(file)?;
    let mut connection = connect(address)?;
    let mut answer = Answer { buffer: vec![0; 1 << 20], frames: kind == "frames" };
    let mut times: Vec<u64> = Vec::with_capacity(1 << 20);
    let cpu_before = cpu_nanoseconds()?;
    let begin = Instant::now();
    let end = begin + Duration::from_secs(seconds);
    let mut planned = begin;
    while Instant::now() < end {
        let now = Instant::now();
        // An answer that was late holds up the next question: its waiting counts from the moment that was planned for it.
        let mut from = if rate > 0 && now > planned { planned } else { now };
        if rate > 0 && now < planned {
            thread::sleep(planned - now);
            from = Instant::now();
        }
        connection.write_all(&request)?;
        answer.read(&mut *connection)?;
        times.push(from.elapsed().as_nanos() as u64);
        if rate > 0 {
            planned += Duration::from_nanos(1_000_000_000 / rate);
        }
    }
    let cpu = (cpu_nanoseconds()? - cpu_before) / times.len() as u64;
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    let (p50, p99, most) = (at(0.5), at(0.99), at(1.0));
    println!(r#"{{"count":{},"p50":{p50},"p99":{p99},"most":{most},"cpu":{cpu}}}"#, times.len());
    Ok(())
}

/// Time of this thread on the processors.
fn cpu_nanoseconds() -> io::Result<u64> {
    let text = fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(number(text.split(' ').next().unwrap_or("")))
}

struct Answer {
    buffer: Vec<u8>,
    frames: bool,
}

impl Answer {
    /// Reads one whole answer.
    fn read(&mut self, connection: &mut dyn Connection) -> io::Result<()> {
        let mut filled = 0;
        loop {
            if filled == self.buffer.len() {
                return Err(invalid("an answer is larger than 1 MiB"));
            }
            let count = connection.read(&mut self.buffer[filled..])?;
            if count == 0 {
                return Err(invalid("the connection ended"));
            }
            filled += count;
            let length =
                if self.frames { frame_length(&self.buffer[..filled]) } else { http_length(&self.buffer[..filled])? };
            match length {
                Some(length) if filled == length => return Ok(()),
                Some(length) if filled > length => return Err(invalid("more came than was asked for")),
                _ => {}
            }
        }
    }
}

fn frame_length(bytes: &[u8]) -> Option<usize> {
    let head = bytes.get(..4)?;
    Some(4 + u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize)
}

/// Of head and body together; None while the head is not complete.
fn http_length(bytes: &[u8]) -> io::Result<Option<usize>> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    if !head.starts_with("http/1.1 200") {
        return Err(invalid(&format!("an answer was not 200: {}", String::from_utf8_lossy(bytes))));
    }
    let length = head.split("\r\n").find_map(|line| line.strip_prefix("content-length:"));
    let length =
        length.and_then(|text| text.trim().parse::<usize>().ok()).ok_or_else(|| invalid("no content-length"))?;
    Ok(Some(end + 4 + length))
}

fn wait(address: &str, file: &str, count: u64) -> io::Result<()> {
    let request = fs::read(file)?;
    let mut connections = Vec::new();
    for _ in 0..count {
        let mut connection = connect(address)?;
        connection.write_all(&request)?;
        connections.push(connection);
    }
    println!("sent");
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}

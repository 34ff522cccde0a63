//! A small plugin of version 2 with nothing but the standard library, of which hundreds fit a machine. Copied as `x.binary` it is the
//! plugin `x`. It reads of a message only what it needs, as the host writes it.
//!
//! Paths, behind its route:
//!
//!     /hang            no answer
//!     /pid             its process
//!     /flood/lines     from now on it prints lines as fast as they are taken
//!     /flood/frames    replies that nobody asked for
//!     /flood/kv        values to be stored, 64 at a time
//!     /flood/stop      the end of it
//!     anything else    some JSON
//!
//! With a file `crash` in its data folder it ends as soon as it was ready.

use std::io::{self, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{env, fs, path::Path, process, thread};

const NOW: &str = "2026-01-01T00:00:00.000Z";
const SMALL: &str = r#"{\"name\":\"bench\",\"status\":\"running\",\"temperature\":21.5,\"labels\":[\"first\",\"second\"],\"note\":\"about a hundred bytes\"}"#;
const KV_AT_ONCE: u64 = 64;
const MAX_FRAME: usize = 1 << 20;

#[derive(Default)]
struct Flood {
    runs: AtomicBool,
    answered: AtomicU64,
}

/// Frames of several threads, each whole.
#[derive(Clone)]
struct Writer(Arc<Mutex<UnixStream>>);

impl Writer {
    fn send(&self, frames: &[u8]) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write_all(frames)
    }
}

fn main() -> io::Result<()> {
    if env::args().any(|argument| argument == "--metadata") {
        let file = env::args().next().unwrap_or_default();
        let id = Path::new(&file).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        println!(r#"{{"id":"{id}","name":"{id}","version":"1.0.0","icon":"⏱️","route":"/{id}","protocol":2}}"#);
        return Ok(());
    }
    let listener =
        UnixListener::bind(env::var("TORU_PLUGIN_SOCKET").expect("TORU_PLUGIN_SOCKET: the host starts this"))?;
    thread::spawn(|| {
        let _ = io::copy(&mut io::stdin(), &mut io::sink()); // ends with the host
        process::exit(0);
    });
    let flood = Arc::new(Flood::default());
    for connection in listener.incoming() {
        let connection = connection?;
        let flood = flood.clone();
        thread::spawn(move || serve(connection, &flood));
    }
    Ok(())
}

fn serve(connection: UnixStream, flood: &Arc<Flood>) -> io::Result<()> {
    let writer = Writer(Arc::new(Mutex::new(connection.try_clone()?)));
    let mut reader = BufReader::new(connection);
    let mut length = [0; 4];
    let mut buffer = vec![0; MAX_FRAME];
    loop {
        reader.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length) as usize;
        reader.read_exact(&mut buffer[..length])?;
        let message = String::from_utf8_lossy(&buffer[..length]);
        let id = field(&message, "request_id");
        match (field(&message, "action"), field(&message, "path")) {
            ("shutdown", _) => process::exit(0),
            ("init", _) => {
                writer.send(&frame("lifecycle", id, r#"{"action":"ready","features":[]}"#))?;
                if Path::new("crash").exists() {
                    process::exit(1);
                }
            }
            ("ping", _) => writer.send(&frame("lifecycle", id, r#"{"action":"pong"}"#))?,
            (_, "") => {
                flood.answered.fetch_add(1, Ordering::Relaxed); // the answer to a kv request, or a cancel
            }
            (_, path) => {
                let answer = if let Some((_, kind)) = path.split_once("/flood/") {
                    begin_flood(kind, flood, writer.clone());
                    "{}".to_owned()
                } else if path.ends_with("/pid") {
                    process::id().to_string()
                } else if path.ends_with("/hang") {
                    continue;
                } else {
                    SMALL.to_owned()
                };
                let head = r#""status":200,"headers":{"content-type":"application/json"}"#;
                writer.send(&frame("http", id, &format!(r#"{{{head},"body":"{answer}"}}"#)))?;
            }
        }
    }
}

/// The text of the first field of that name; empty where there is none.
fn field<'a>(message: &'a str, name: &str) -> &'a str {
    let mark = format!("\"{name}\":\"");
    let Some(start) = message.find(&mark).map(|at| at + mark.len()) else { return "" };
    message[start..].split('"').next().unwrap_or("")
}

fn frame(kind: &str, id: &str, payload: &str) -> Vec<u8> {
    let text = format!(r#"{{"type":"{kind}","timestamp":"{NOW}","request_id":"{id}","payload":{payload}}}"#);
    let mut frame = (text.len() as u32).to_be_bytes().to_vec();
    frame.extend(text.as_bytes());
    frame
}

fn begin_flood(kind: &str, flood: &Arc<Flood>, writer: Writer) {
    flood.runs.store(kind != "stop", Ordering::Relaxed);
    let flood = flood.clone();
    let pour: fn(&Flood, &Writer) -> io::Result<()> = match kind {
        "lines" => |flood, _| {
            let line = b"a line of a plugin that says far too much about nothing\n";
            pour_over(flood, line, |pieces| io::stdout().write_all(pieces))
        },
        "frames" => |flood, writer| {
            pour_over(flood, &frame("http", "nobody", r#"{"status":200}"#), |pieces| writer.send(pieces))
        },
        "kv" => pour_kv,
        _ => return,
    };
    thread::spawn(move || pour(&flood, &writer));
}

/// The same piece over and over, in writes of about 64 KiB.
fn pour_over(flood: &Flood, piece: &[u8], to: impl Fn(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let pieces = piece.repeat(65_536 / piece.len());
    while flood.runs.load(Ordering::Relaxed) {
        to(&pieces)?;
    }
    Ok(())
}

fn pour_kv(flood: &Flood, writer: &Writer) -> io::Result<()> {
    flood.answered.store(0, Ordering::Relaxed);
    let mut sent = 0;
    while flood.runs.load(Ordering::Relaxed) {
        if sent >= flood.answered.load(Ordering::Relaxed) + KV_AT_ONCE {
            thread::sleep(Duration::from_micros(50));
            continue;
        }
        let payload = format!(r#"{{"action":"set","key":"key-{}","value":"a value of some length"}}"#, sent % 1000);
        writer.send(&frame("kv", &format!("kv-{sent}"), &payload))?;
        sent += 1;
    }
    let _ = fs::write("kv-sent", sent.to_string());
    Ok(())
}

//! Frames of the host that were changed: what is said of them is what all languages say, and never a panic.
//!
//! `TORU_FUZZ_SEED` names another seed, `TORU_FUZZ_CASES` how many times as many cases. With `TORU_FUZZ_FRAMES`, a file that has
//! a payload in hex on each line, the verdicts are written into a file beside it.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::{env, fs};

use serde::Deserialize;

use super::data_frame::DataFrame;
use super::envelope::{Envelope, Kind};
use super::frame::{self, Allowed, Fault};
use super::http::Request;
use crate::message::Message;

const CASES: u64 = 40_000;

fn project() -> PathBuf {
    Path::new(&env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../..")
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// What becomes of a payload: `data`, `message`, `request` (which can be answered), or why not.
fn verdict(payload: &[u8]) -> String {
    match read(payload) {
        Ok(verdict) => verdict.to_owned(),
        Err(fault) => {
            let text = fault.to_string();
            text.rsplit_once('(').map_or(text.as_str(), |(_, code)| code.trim_end_matches(')')).to_owned()
        }
    }
}

fn read(payload: &[u8]) -> Result<&'static str, Fault> {
    let length = u32::try_from(payload.len()).unwrap();
    let framed = [&length.to_be_bytes(), payload].concat();
    let mut rest = &framed[..];
    let reading = pin!(frame::read(&mut rest, Allowed::MessagesAndData));
    let Poll::Ready(read) = reading.poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("all bytes are there")
    };
    let read = read?.unwrap();
    assert_eq!(read, payload);
    if DataFrame::parse(&read)?.is_some() {
        return Ok("data");
    }
    let envelope = Envelope::parse(&read)?;
    let fields = envelope.fields()?;
    let is_request = envelope.kind == Kind::Http && envelope.request_id.is_some() && fields.has("method");
    if !is_request || fields.has("stream") || fields.has("upgrade") {
        return Ok("message");
    }
    Ok(if Request::read(&fields).is_ok() { "request" } else { "invalid_request" })
}

#[test]
fn every_language_says_the_same_of_the_same_frames() {
    let file = project().join("faults/fuzz/verdicts.txt");
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut count = 0;
    for line in text.lines() {
        let (wanted, hex) = line.split_once(' ').unwrap();
        let payload = bytes(hex);
        assert_eq!(verdict(&payload), wanted, "{}", String::from_utf8_lossy(&payload));
        count += 1;
    }
    assert!(count > 500);
    if let Some(frames) = env::var_os("TORU_FUZZ_FRAMES") {
        let verdicts: String =
            fs::read_to_string(&frames).unwrap().lines().map(|hex| verdict(&bytes(hex)) + "\n").collect();
        fs::write(Path::new(&frames).with_extension("rust"), verdicts).unwrap();
    }
}

/// The same seed throws the same (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % count
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

const TOKENS: [&[u8]; 20] = [
    b"null",
    b"true",
    b"-1",
    b"1.5",
    b"1e400",
    b"01",
    b"4294967296",
    b"{}",
    b"[]",
    b"[[],{}]",
    b"\"\"",
    b"\"\\ud800\"",
    b"\"\\x\"",
    b"\"method\":1,",
    b"\"body_base64\":\"QR==\",",
    b"\"stream\":-1,",
    b"{\"a\":1,\"a\":2}",
    b"\xff",
    b"\\",
    b"\"",
];

fn changed(dice: &mut Dice, payload: &[u8]) -> Vec<u8> {
    let mut payload = payload.to_vec();
    for _ in 0..=dice.below(3) {
        let at = dice.below(payload.len() + 1);
        let end = (at + dice.below(4)).min(payload.len());
        match dice.below(4) {
            0 => drop(payload.splice(at..end, [])),
            1 => drop(payload.splice(at..end, [u8::try_from(dice.below(256)).unwrap()])),
            2 => drop(payload.splice(at..at, dice.pick(&TOKENS).iter().copied())),
            _ => value_changed(dice, &mut payload, at),
        }
    }
    payload
}

/// Puts a token in the place of the value behind the next colon.
fn value_changed(dice: &mut Dice, payload: &mut Vec<u8>, at: usize) {
    let Some(colon) = payload[at..].windows(2).position(|pair| pair == b"\":") else { return };
    let start = at + colon + 2;
    let length = payload[start..].iter().position(|byte| b",}]".contains(byte)).unwrap_or(0);
    payload.splice(start..start + length, dice.pick(&TOKENS).iter().copied());
}

#[derive(Deserialize)]
struct Golden {
    hex: String,
}

#[test]
fn changed_frames_are_messages_or_faults() {
    let number = |name: &str| env::var(name).ok().and_then(|value| value.parse::<u64>().ok()).unwrap_or(1);
    let files = ["v1-host-to-plugin", "v2-host-to-plugin", "v2-plugin-to-host", "v2-streams", "data-frames"];
    let golden: Vec<Vec<u8>> = files
        .iter()
        .flat_map(|file| {
            let text = fs::read_to_string(project().join(format!("spec/golden/{file}.json"))).unwrap();
            serde_json::from_str::<Vec<Golden>>(&text).unwrap()
        })
        .map(|case| bytes(&case.hex)[4..].to_vec())
        .collect();
    let seed = number("TORU_FUZZ_SEED");
    for case in 0..CASES * number("TORU_FUZZ_CASES") {
        let mut dice = Dice((seed + case) << 8 | 0x5d);
        let start = dice.pick(&golden);
        let payload = changed(&mut dice, start);
        if payload.is_empty() {
            continue;
        }
        let read =
            std::panic::catch_unwind(|| (verdict(&payload), serde_json::from_slice::<Message>(&payload).is_ok()));
        assert!(read.is_ok(), "TORU_FUZZ_SEED={}: {}", seed + case, String::from_utf8_lossy(&payload));
    }
}

//! Frames of a host that were changed, sent to a running plugin: it answers, ignores or hangs up, and serves the next host.

use std::fs;
use std::path::Path;

use serde_json::{json, Value};
use tokio::io::AsyncWriteExt;
use toru_plugin_tests::{Connection, Plugin};

const CONNECTIONS: usize = 1_000;
const MAX_FRAMES: usize = 6;

/// Payloads that this side takes, as `faults/fuzz` changed them, and all others.
fn payloads() -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let file = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../../faults/fuzz/verdicts.txt");
    let bytes = |hex: &str| -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    };
    let text = fs::read_to_string(file).unwrap();
    let (mut taken, mut refused) = (Vec::new(), Vec::new());
    for (verdict, payload) in text.lines().map(|line| line.split_once(' ').unwrap()) {
        let payload = bytes(payload);
        // Which would end the process, as it should.
        let ends = String::from_utf8_lossy(&payload).contains("shutdown");
        match verdict {
            _ if ends => {}
            "message" | "request" | "invalid_request" | "data" => taken.push(payload),
            _ => refused.push(payload),
        }
    }
    (taken, refused)
}

fn framed(payload: &[u8]) -> Vec<u8> {
    [&u32::try_from(payload.len()).unwrap().to_be_bytes(), payload].concat()
}

async fn is_well(plugin: &Plugin, features: &[&str]) {
    let mut host: Connection = plugin.ready_with(features, features).await;
    assert_eq!(host.ask("lifecycle", json!({ "action": "ping" })).await, json!({ "action": "pong" }));
    let reply: Value = host.get("/nothing/of/that/name").await;
    assert!(reply.get("status").is_some() || reply.get("error").is_some(), "{reply}");
}

#[tokio::test]
async fn changed_frames_of_a_host_end_a_connection_at_most() {
    let mut plugin = Plugin::start(env!("CARGO_BIN_EXE_streams"));
    let (taken, refused) = payloads();
    assert!(taken.len() > 300 && refused.len() > 300);
    let mut state = 1_usize;
    let mut below = |count: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % count
    };
    for _ in 0..CONNECTIONS {
        let features: &[&str] = [&[][..], &["stream"], &["stream", "websocket"]][below(3)];
        let mut host = plugin.ready_with(features, features).await;
        let mut stream: Vec<u8> = (0..below(MAX_FRAMES)).flat_map(|_| framed(&taken[below(taken.len())])).collect();
        stream.extend(framed(&refused[below(refused.len())]));
        let cut = below(stream.len());
        for piece in [&stream[..cut], &stream[cut..]] {
            // It may have hung up.
            let _ = host.stream.write_all(piece).await;
        }
    }
    is_well(&plugin, &["stream", "websocket"]).await;
    assert!(plugin.child.try_wait().unwrap().is_none(), "it still runs");
    assert!(!plugin.output("stderr").contains("panicked"), "{}", plugin.output("stderr"));
}

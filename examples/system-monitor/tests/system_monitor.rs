//! Runs the plugin as the host would.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{json, Value};
use toru_plugin_api::testing::{OpenAnswer, RunningPlugin};

const PLUGIN: &str = env!("CARGO_BIN_EXE_system-monitor");

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

#[test]
fn it_tells_what_the_system_does() {
    let mut plugin = RunningPlugin::start(PLUGIN);
    let answer = plugin.get("/");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    let seen = answer.json();
    let memory = &seen["now"]["memory"];
    assert!(memory["used"].as_u64() > Some(0) && memory["used"].as_u64() < memory["total"].as_u64());
    assert!(seen["now"]["cores"].as_array().is_some_and(|cores| !cores.is_empty()));
    assert!(seen["host"]["name"].is_string() && seen["now"]["uptime"].as_u64() > Some(0));
    let pids = |list: &Value| list.as_array().unwrap().iter().map(|one| one["pid"].as_u64()).collect::<Vec<_>>();
    assert!(seen["process_count"].as_u64() >= Some(pids(&seen["processes"]["by_memory"]).len() as u64));
}

#[test]
fn only_an_admin_sees_processes() {
    let mut plugin = RunningPlugin::start(PLUGIN);
    let seen = plugin.request("GET", "/").user("ann", "user").send().json();
    assert_eq!(seen["processes"], Value::Null);
    assert!(seen["process_count"].is_u64());
    assert!(!plugin.get("/").json()["processes"]["by_cpu"].as_array().unwrap().is_empty());
}

/// The next sample of a stream, without what is around it.
fn event(answer: &mut OpenAnswer<'_>) -> Value {
    let text = String::from_utf8(answer.next().expect("an event")).unwrap();
    serde_json::from_str(text.strip_prefix("data: ").unwrap().trim_end()).unwrap()
}

#[test]
fn samples_come_as_they_are_taken_with_what_they_add_to_the_chart() {
    let mut plugin = RunningPlugin::start(PLUGIN);
    let mut live = plugin.request("GET", "/live?range=10m").open();
    assert_eq!(live.headers["content-type"], ["text/event-stream"]);
    let first = event(&mut live);
    let series = &first["history"];
    assert_eq!((&series["seconds"], &series["interval"]), (&json!(600), &json!(2)));
    assert_eq!(series["names"].as_array().unwrap().len(), series["points"][0]["values"].as_array().unwrap().len());
    let mut second = event(&mut live);
    assert!(second["at"].as_u64() > first["at"].as_u64());
    let times = |event: &Value| {
        event["history"]["points"].as_array().unwrap().iter().map(|one| one["at"].as_u64()).collect::<Vec<_>>()
    };
    assert!(times(&second).starts_with(&[times(&first)[0]]), "the last point again, for it may have grown");
    assert_eq!(times(&second).len(), 2);
    while second["file_systems"].as_array().unwrap().is_empty() {
        second = event(&mut live);
    }
    assert!(second["file_systems"][0]["total"].as_u64() > Some(0));
    assert!(second["processes"]["by_cpu"][0]["name"].is_string());
}

#[test]
fn only_an_admin_sees_processes_on_the_stream() {
    let mut plugin = RunningPlugin::start(PLUGIN);
    let mut live = plugin.request("GET", "/live").user("ann", "user").open();
    for _ in 0..2 {
        let seen = event(&mut live);
        assert_eq!(seen["processes"], Value::Null);
        assert!(seen["process_count"].is_u64());
    }
}

#[test]
fn viewers_are_bounded() {
    let mut plugin = RunningPlugin::start(PLUGIN);
    for _ in 0..100 {
        assert_eq!(plugin.request("GET", "/live").open().status, 200, "who went has left its place");
    }
    drop(plugin);
    let mut plugin = RunningPlugin::start(PLUGIN);
    let mut open = || {
        let answer = plugin.request("GET", "/live").open();
        let status = answer.status;
        std::mem::forget(answer); // its drop would be a viewer that goes
        status
    };
    assert_eq!((0..64).map(|_| open()).filter(|status| *status == 200).count(), 64);
    assert_eq!(open(), 503);
}

#[test]
fn who_follows_sees_the_end_of_the_plugin() {
    let mut plugin = RunningPlugin::start(PLUGIN);
    let pid = plugin.pid().to_string();
    let mut live = plugin.request("GET", "/live").open();
    event(&mut live);
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    while live.next().is_some() {}
}

#[test]
fn history_outlives_the_process() {
    let hour = now() / 3600 * 3600 - 7200;
    let kept = json!([{ "at": hour, "values": [50, 1, 2, 3, 4, 5, 6, 7] }]);
    let store = BTreeMap::from([
        (format!("minutes:{hour:011}"), kept.to_string()),
        (format!("minutes:{:011}", hour - 3600), "broken".to_owned()),
    ]);
    let mut plugin = RunningPlugin::start_with(PLUGIN, store);
    let mut points = Vec::new();
    while points.is_empty() {
        points = plugin.get("/history?range=24h").json()["points"].as_array().unwrap().clone();
    }
    assert_eq!((&points[0]["at"], &points[0]["values"][0]), (&json!(hour / 240 * 240), &json!(50.0)));
    plugin.wait_until("the warning", |plugin| plugin.logs.iter().any(|entry| entry["level"] == "warn"));

    assert_eq!(plugin.stop(), Some(0));
    let newest = plugin.store.last_key_value().unwrap();
    let minutes: Value = serde_json::from_str(newest.1).unwrap();
    let last = minutes.as_array().unwrap().last().unwrap();
    assert!(last["at"].as_u64() >= Some(now() / 60 * 60 - 120), "the last minute was kept: {last}");
}

#[test]
fn wrong_requests_are_told_what_is_right() {
    let mut plugin = RunningPlugin::start(PLUGIN);
    let wrong = plugin.get("/history?range=1y");
    assert_eq!((wrong.status, &wrong.json()["error"]["code"]), (400, &json!("bad_range")));
    assert_eq!(plugin.get("/live?range=1y").json()["error"]["code"], "bad_range");
    assert_eq!(plugin.get("/nowhere").status, 404);
    assert_eq!(plugin.request("POST", "/").body("x").send().status, 405);
    assert!(plugin.page().unwrap().contains("window.ToruPlugins[\"system-monitor\"]"));
}

#[test]
fn it_passes_the_exam() {
    let root = std::path::Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../..");
    let bun = root.join("node_modules/.bin/bun");
    assert!(bun.exists(), "the exam runs on bun: `npm install` in the repository's root brings it");
    let exam = ["conformance/src/main.ts", "--strict", PLUGIN];
    let output = std::process::Command::new(bun).current_dir(&root).args(exam).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

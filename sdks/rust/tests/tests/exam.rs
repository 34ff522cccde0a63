//! The exam of this repository, strictly, for everything that is built with the crate.

use std::path::Path;
use std::process::Command;

fn examine(executable: &str, known_failures: &str) {
    let root = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../..");
    let folder = toru_plugin_tests::TemporaryFolder::new();
    let known = folder.0.join("known-failures");
    std::fs::write(&known, known_failures).unwrap();
    let bun = root.join("node_modules/.bin/bun");
    assert!(bun.exists(), "the exam runs on bun: `npm install` in the repository's root brings it");
    let mut exam = Command::new(bun);
    exam.current_dir(&root).arg("conformance/src/main.ts").arg("--strict").arg("--known-failures").arg(&known);
    let output = exam.arg(executable).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn a_service_passes() {
    examine(env!("CARGO_BIN_EXE_exam-service"), "");
}

#[test]
fn the_trait_passes() {
    examine(env!("CARGO_BIN_EXE_exam-trait"), "");
    examine(env!("CARGO_BIN_EXE_kitchen"), "");
}

#[test]
fn a_plugin_in_the_style_of_0_1_passes() {
    examine(env!("CARGO_BIN_EXE_plugin-0-1"), "process.stdin: plugins of 0.1 kept no eye on stdin\n");
}

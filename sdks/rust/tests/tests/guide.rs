//! The first plugin of `docs/plugins-in-rust.md` is built and run as it stands there. The other Rust of the guide is
//! compiled as documentation tests of this package.

use std::fs;
use std::path::Path;
use std::process::Command;

use toru_plugin_api::testing::RunningPlugin;
use toru_plugin_tests::TemporaryFolder;

fn block<'a>(guide: &'a str, behind: &str, language: &str) -> &'a str {
    let (_, rest) = guide.split_once(behind).expect("the sentence in front of it");
    let (_, rest) = rest.split_once(&format!("```{language}\n")).expect("a block");
    rest.split_once("\n```").expect("its end").0
}

#[test]
fn the_first_plugin_builds_counts_and_brings_its_page() {
    let sdk = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("..");
    let guide = fs::read_to_string(sdk.join("../../docs/plugins-in-rust.md")).unwrap();
    let project = TemporaryFolder::new();
    fs::create_dir_all(project.0.join("src")).unwrap();
    let manifest = block(&guide, "`Cargo.toml`:", "toml");
    let api = sdk.join("toru-plugin-api").canonicalize().unwrap();
    let manifest = manifest.replace("vendor/toru-plugin-api", api.to_str().unwrap());
    fs::write(project.0.join("Cargo.toml"), manifest).unwrap();
    fs::write(project.0.join("src/main.rs"), block(&guide, "which is a whole plugin:", "rust,no_run")).unwrap();

    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guide");
    let mut build = Command::new(env!("CARGO"));
    build.arg("build").current_dir(&project.0).env("CARGO_TARGET_DIR", &target).env("RUSTFLAGS", "-D warnings");
    let output = build.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let mut plugin = RunningPlugin::start(target.join("debug/hello"));
    assert_eq!(plugin.get("/").json()["count"], 1);
    assert_eq!(plugin.get("/").json()["count"], 2);
    assert_eq!(plugin.store["count"], "2");
    assert_eq!(plugin.get("/nowhere").status, 404);
    assert!(plugin.page().unwrap().contains("Visits so far"));
    assert_eq!(plugin.stop(), Some(0));
}

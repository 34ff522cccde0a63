//! `toru new … --lang rust`: the template becomes a project that builds and passes its test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use toru_plugin_tests::TemporaryFolder;

fn sdks() -> PathBuf {
    Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../..")
}

/// Fills in the files of a template, without their suffix.
fn instantiate(template: &Path, project: &Path, bundle: Option<&str>) {
    for entry in fs::read_dir(template).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            let folder = project.join(&name);
            fs::create_dir_all(&folder).unwrap();
            instantiate(&entry.path(), &folder, bundle);
            continue;
        }
        let name = name.strip_suffix(".tmpl").expect("every file has the suffix");
        let name = name.strip_prefix('_').map_or(name.to_owned(), |rest| format!(".{rest}"));
        let text = fs::read_to_string(entry.path()).unwrap();
        fs::write(project.join(fill(&name, bundle)), fill(&only_what_stays(&text, bundle.is_some()), bundle)).unwrap();
    }
}

fn fill(text: &str, bundle: Option<&str>) -> String {
    text.replace("{{id}}", "my-plugin")
        .replace("{{title}}", "My plugin")
        .replace("{{ident}}", "my_plugin")
        .replace("{{bundle}}", bundle.unwrap_or_default())
}

fn only_what_stays(text: &str, has_page: bool) -> String {
    let mut stays = true;
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.contains("{{#page}}") {
            stays = has_page;
        } else if line.contains("{{/page}}") {
            stays = true;
        } else if stays {
            lines.push(line);
        }
    }
    lines.join("\n") + "\n"
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// All projects of these tests share what they build: they differ in their own few lines alone.
fn run(project: &Path, command: &[&str]) {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("template");
    let output = Command::new(env!("CARGO"))
        .args(command)
        .current_dir(project)
        .env("CARGO_TARGET_DIR", target)
        .env("RUSTFLAGS", "-D warnings")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "cargo {command:?}: {text}");
}

fn new_project(bundle: Option<&str>) -> TemporaryFolder {
    let folder = TemporaryFolder::new();
    instantiate(&sdks().join("rust/template"), &folder.0, bundle);
    copy(&sdks().join("rust/toru-plugin-api"), &folder.0.join("vendor/toru-plugin-api"));
    folder
}

#[test]
fn a_new_project_builds_passes_its_test_and_is_formatted() {
    let bare = new_project(None);
    run(&bare.0, &["test"]);
    run(&bare.0, &["fmt", "--check"]);

    let plain = new_project(Some("page/bundle.js"));
    fs::create_dir(plain.0.join("page")).unwrap();
    instantiate(&sdks().join("page/template-plain"), &plain.0.join("page"), Some("page/bundle.js"));
    run(&plain.0, &["test"]);
    run(&plain.0, &["fmt", "--check"]);

    // Of a React page only the built bundle matters here; how it is built is the page package's own test.
    let react = new_project(Some("page/dist/bundle.js"));
    fs::create_dir_all(react.0.join("page/dist")).unwrap();
    fs::write(react.0.join("page/dist/bundle.js"), "window.ToruPlugins[\"my-plugin\"] = {};").unwrap();
    run(&react.0, &["test"]);
}

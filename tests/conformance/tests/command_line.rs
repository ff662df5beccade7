//! What the program prints.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn home(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn run(arguments: &[&str], files: &[PathBuf]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_otp-conformance")).args(arguments).args(files).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn the_trace_and_nothing_else_is_printed() {
    let output = run(&[], &[home("scenarios/gs_crash_each_callback.json")]);
    assert!(output.status.success());
    let golden = std::fs::read_to_string(home("golden/gs_crash_each_callback.jsonl")).unwrap();
    assert_eq!(text(&output.stdout), golden);
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn a_scenario_that_cannot_be_run_is_reported_as_skipped() {
    let file = std::env::temp_dir().join(format!("otp-conformance-skipped-{}.json", std::process::id()));
    std::fs::write(&file, r#"{ "name": "x", "requires": ["process", "levitation"], "steps": [] }"#).unwrap();
    let output = run(&[], std::slice::from_ref(&file));
    std::fs::remove_file(&file).unwrap();
    assert!(output.status.success());
    assert_eq!(text(&output.stdout), "{\"skipped\":\"levitation\",\"scenario\":\"x\"}\n");
}

#[test]
fn a_check_counts_and_shows_the_first_difference() {
    let golden = home("golden");
    let good = run(&["--backend", "all", "--check", golden.to_str().unwrap()], &[home("scenarios/mbox_alias.json")]);
    assert!(good.status.success());
    assert_eq!(text(&good.stdout), "4 passed, 0 failed, 0 skipped\n");

    let wrong = std::env::temp_dir().join(format!("otp-conformance-golden-{}", std::process::id()));
    std::fs::create_dir_all(&wrong).unwrap();
    let golden = std::fs::read_to_string(home("golden/mbox_alias.jsonl")).unwrap();
    std::fs::write(wrong.join("mbox_alias.jsonl"), golden.replacen("true", "false", 1)).unwrap();
    let bad = run(&["--check", wrong.to_str().unwrap()], &[home("scenarios/mbox_alias.json")]);
    std::fs::remove_dir_all(&wrong).unwrap();
    assert_eq!(bad.status.code(), Some(1));
    let lines: Vec<&str> = text(&bad.stdout).lines().collect();
    assert!(lines[0].ends_with(r#"in step {"do":"unalias","step":7}"#), "{lines:?}");
    assert_eq!(
        lines[1..],
        [r#"  golden: {"ret":false}"#, r#"  got:    {"ret":true}"#, "0 passed, 1 failed, 0 skipped"]
    );
}

#[test]
fn wrong_arguments_are_complained_about() {
    let output = run(&["--backend", "beam"], &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("there is no backend \"beam\""));
    assert_eq!(text(&output.stdout), "");
}

//! What nobody should write, and somebody does.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use otp::config::{Config, Problem};
use serde::Deserialize;

use crate::{Dir, Options, config};

#[test]
fn a_file_that_is_not_text_is_an_error_with_a_place() {
    let dir = Dir::with(b"port = 1\nname = '\xff'".as_slice());
    assert_eq!(dir.refused(&config().file(dir.file())), "kv.toml:2:9: the file is not UTF-8");
}

#[test]
fn a_file_without_end_is_not_read_to_its_end() {
    let error = config().file("/dev/zero").read().unwrap_err();
    assert_eq!(error.to_string(), "/dev/zero: cannot be read: it has more than 16 MiB");
}

#[test]
fn deep_nesting_in_a_file_is_an_error() {
    for text in ["[".repeat(100_000), format!("limits = {}", "[".repeat(100_000)), "{a=".repeat(100_000)] {
        let dir = Dir::with(format!("name = {text}"));
        assert!(matches!(config().file(dir.file()).read().unwrap_err().problems(), [Problem::Syntax { .. }, ..]));
    }
    let dir = Dir::with(format!("{}x = 1", "a.".repeat(100_000)));
    assert!(config().file(dir.file()).read().is_err());
}

#[test]
fn deep_nesting_by_names_is_an_error() {
    #[derive(Debug, Deserialize)]
    struct Open {
        #[allow(dead_code, reason = "it is only deserialized")]
        #[serde(flatten)]
        all: toml::Table,
    }

    let deep = Config::<Open>::new("open").arguments([format!("--{}x=1", "a.".repeat(100_000))]);
    assert!(matches!(deep.read().unwrap_err().problems(), [Problem::Unknown { .. }]));
    let deep = Config::<Open>::new("open").variables([(format!("OPEN__{}X", "A__".repeat(100_000)), "1")]);
    assert!(matches!(deep.read().unwrap_err().problems(), [Problem::Unknown { .. }]));
}

#[test]
fn what_is_not_unicode_is_an_error_where_it_matters() {
    let bad = || OsString::from_vec(vec![b'x', 0xff]);
    let told = config().variables([("KV_STORE__NAME".into(), bad()), (bad(), bad())]).read().unwrap_err().to_string();
    assert_eq!(told, "environment variable KV_STORE__NAME: the value is not UTF-8");
    let told = config().arguments(["--name".into(), bad()]).read().unwrap_err().to_string();
    assert_eq!(told, "option --name: the value is not UTF-8");
    assert!(config().arguments([bad()]).read().is_err());
}

#[test]
fn what_is_quoted_is_short_and_on_one_line() {
    let long = format!("a\nb{}", "x".repeat(1 << 20));
    for told in [
        config().variables([("KV_STORE__PORT", &long)]).read(),
        config().arguments([&long]).read(),
        config().arguments(["--port", &long]).read(),
        config().arguments(["--store.sync", &long]).read(),
    ] {
        let told = told.unwrap_err().to_string();
        assert!(told.len() < 300 && told.lines().count() == 1 && told.contains("a\\nb"), "{told}");
    }
}

#[test]
fn arguments_that_make_no_sense_are_told() {
    let told = |arguments: &[&str]| config().arguments(arguments.iter().copied()).read().unwrap_err().to_string();
    assert_eq!(told(&["-x"]), "unknown option -x");
    assert_eq!(told(&["--", "--port"]), "unexpected argument \"--port\"");
    assert_eq!(told(&["--port"]), "option --port: a value is missing");
    assert_eq!(told(&["--prot", "80"]), "unknown option --prot; did you mean `--port`?");
    assert_eq!(told(&["--store", "nonsense"]), "option --store: expected struct Store, found \"nonsense\"");
    assert_eq!(told(&["--store", "{ max_size = "]).lines().count(), 1);
    assert_eq!(told(&["--limits.bob", "many"]), "option --limits.bob: expected u32, found \"many\"");
    assert_eq!(told(&["--limits.", "1"]), "unknown option --limits.; did you mean `--limits`?");
    assert_eq!(told(&["--config", "x"]), "unknown option --config");
}

#[test]
fn an_empty_text_is_a_text_and_no_number() {
    let read = config().variables([("KV_STORE__NAME", "")]).read().unwrap();
    assert_eq!(read, Options { name: Some(String::new()), ..Options::default() });
    let told = config().variables([("KV_STORE__PORT", "")]).read().unwrap_err().to_string();
    assert_eq!(told, "environment variable KV_STORE__PORT: expected u16, found \"\"");
}

#[test]
fn numbers_that_do_not_fit_are_refused() {
    let dir = Dir::with("port = 65536\nlimits = { a = -1, b = 1e3, c = 99999999999999999999999999999999999999999 }");
    let told = dir.refused(&config().file(dir.file()));
    assert_eq!(told.lines().count(), 4, "{told}");
    assert!(told.contains("kv.toml:1:8: `port`: expected u16, found 65536"), "{told}");
}

//! What is wrong is told at once, with its source.

use std::io::ErrorKind;

use otp::config::{Config, Origin, Problem};
use serde::Deserialize;

use crate::{Dir, config};

#[test]
fn all_that_is_wrong_is_told_at_once_in_the_order_of_the_sources() {
    let dir = Dir::with("port = 'x'\ncolour = 1\n\n[store]\nratio = true\n  max_sise = 4\n");
    let wrong = config()
        .file(dir.file())
        .variables([("KV_STORE__VERBOSE", "maybe"), ("KV_STORE__PROT", "1"), ("KV_STORE__STORE__SYNC", "alway")])
        .arguments(["--store.max-size", "-1", "--shards=4", "stray", "--name"]);
    assert_eq!(
        dir.refused(&wrong),
        "unknown environment variable KV_STORE__PROT; did you mean `KV_STORE__PORT`?\n\
         unknown option --shards\n\
         unexpected argument \"stray\"\n\
         option --name: a value is missing\n\
         kv.toml:2:1: unknown key `colour`\n\
         kv.toml:6:3: unknown key `store.max_sise`; did you mean `max_size`?\n\
         kv.toml:1:8: `port`: expected u16, found \"x\"\n\
         option --store.max-size: expected u64, found -1\n\
         kv.toml:5:9: `store.ratio`: expected f64, found true\n\
         environment variable KV_STORE__STORE__SYNC: expected one of `always`, `every-second`, `never`, found \"alway\"; \
         did you mean `always`?\n\
         environment variable KV_STORE__VERBOSE: expected a boolean, found \"maybe\""
    );
}

#[test]
fn a_problem_is_a_value() {
    let dir = Dir::with("\n\n[store]\nmax_size = 'ö'\nratio = 'a'");
    let error = config().file(dir.file()).read().unwrap_err();
    let [Problem::Invalid { origin, key, .. }, Problem::Invalid { .. }] = error.problems() else { panic!("{error}") };
    let Origin::File { path, line, column, .. } = origin else { panic!("{origin}") };
    assert_eq!((&**path, *line, *column, key.to_string().as_str()), (&*dir.file(), 4, 12, "store.max_size"));
    assert_eq!(error.exit_code(), 2);
}

#[test]
fn a_column_counts_characters() {
    let dir = Dir::with("limits = { 'äöü' = true }");
    assert_eq!(dir.refused(&config().file(dir.file())), "kv.toml:1:20: `limits.\"äöü\"`: expected u32, found true");
}

#[test]
fn every_error_of_the_syntax_has_its_place_and_the_rest_is_read_on() {
    let dir = Dir::with("port = = 1\nname = 'x'\nname = 'y'\n");
    let told = dir.refused(&config().file(dir.file()));
    let places: Vec<_> = told.lines().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!(places, ["kv.toml:1:8", "kv.toml:1:10", "kv.toml:3:1"], "{told}");
}

#[test]
fn a_missing_value_says_how_it_may_be_given() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "they are only deserialized")]
    struct Outer {
        inner: Inner,
        name: String,
    }

    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "they are only deserialized")]
    struct Inner {
        host_name: String,
        port: u16,
    }

    let dir = Dir::with("inner = { port = 1 }");
    let outer = Config::<Outer>::new("outer").file(dir.file());
    assert_eq!(dir.refused(&outer), "no value for `inner.host_name`");
    let outer = outer.variables([("OUTER__INNER__HOST_NAME", "here")]).arguments([""; 0]);
    assert_eq!(dir.refused(&outer), "no value for `name`: set it in the file, as OUTER__NAME, or with --name");
}

#[test]
fn a_file_that_has_to_exist_and_does_not_is_named() {
    let dir = Dir::with("");
    let error = config().file(dir.path("none.toml")).read().unwrap_err();
    let [Problem::Unreadable { path, kind, .. }] = error.problems() else { panic!("{error}") };
    assert_eq!((path, *kind), (&dir.path("none.toml"), ErrorKind::NotFound));
    let error = config().file_if_present(dir.file()).arguments(["--config", "/none"]).read().unwrap_err();
    assert!(error.to_string().starts_with("/none: cannot be read: No such file"), "{error}");
    let error = config().file_if_present(dir.path("")).read().unwrap_err();
    assert!(error.to_string().contains("cannot be read: Is a directory"), "{error}");
}

#[test]
fn what_a_type_refuses_and_what_the_check_refuses_is_told() {
    #[derive(Debug, Deserialize)]
    struct Range {
        width: Width,
    }

    #[derive(Debug, Deserialize)]
    #[serde(try_from = "Bounds")]
    struct Width(u8);

    #[derive(Debug, Deserialize)]
    struct Bounds {
        low: u8,
        high: u8,
    }

    impl TryFrom<Bounds> for Width {
        type Error = &'static str;

        fn try_from(bounds: Bounds) -> Result<Width, &'static str> {
            bounds.high.checked_sub(bounds.low).map(Width).ok_or("low is above high")
        }
    }

    let dir = Dir::with("[width]\nlow = 2\nhigh = 1");
    let range = Config::<Range>::new("range").file(dir.file());
    assert_eq!(dir.refused(&range), "kv.toml:1:1: `width`: low is above high");
    dir.write("width = { low = 1, high = 9 }");
    assert_eq!(range.read().unwrap().width.0, 8);
    let narrow = range.check(|range| if range.width.0 > 5 { Err("too wide") } else { Ok(()) });
    assert_eq!(dir.refused(&narrow), "the configuration is refused: too wide");
}

#[test]
fn keys_and_values_in_a_list_of_tables_are_named_by_their_number() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "they are only deserialized")]
    struct Cluster {
        peers: Vec<Peer>,
    }

    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "they are only deserialized")]
    struct Peer {
        host: String,
    }

    let dir = Dir::with("[[peers]]\nhost = 'a'\n[[peers]]\nhots = 'b'\nhost = 3\n");
    let told = dir.refused(&Config::<Cluster>::new("cluster").file(dir.file()));
    let expected = "kv.toml:4:1: unknown key `peers[1].hots`; did you mean `host`?\n\
                    kv.toml:5:8: `peers[1].host`: expected a string, found 3";
    assert_eq!(told, expected);
}

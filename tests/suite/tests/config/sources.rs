//! Which source says what, and which of them is right.

use std::path::Path;

use otp::config::Config;
use serde::Deserialize;
use toml::value::Datetime;

use crate::{Dir, Options, Store, Sync, config};

#[test]
fn without_a_source_the_type_has_its_defaults() {
    assert_eq!(config().read().unwrap(), Options::default());
}

#[test]
fn a_later_source_overrides_an_earlier_one_key_by_key() {
    let dir = Dir::with("port = 2\nname = 'file'\n[store]\nmax_size = 2\nratio = 2.0\nsync = 'always'\n");
    let defaults = Options { port: 1, peers: vec!["a".into()], ..Options::default() };
    // The order of the calls makes no difference.
    let read = config()
        .arguments(["--port", "4"])
        .variables([("KV_STORE__PORT", "3"), ("KV_STORE__STORE__RATIO", "3")])
        .file(dir.file())
        .defaults(&defaults)
        .read()
        .unwrap();
    let store = Store { max_size: 2, ratio: 3.0, sync: Sync::Always, ..Store::default() };
    let expected = Options { port: 4, name: Some("file".into()), peers: vec!["a".into()], store, ..Options::default() };
    assert_eq!(read, expected);
}

#[test]
fn of_two_files_the_later_one_is_right_and_one_may_be_missing() {
    let (one, two) = (Dir::with("port = 1\nverbose = true"), Dir::with("port = 2"));
    let read = config().file(one.file()).file_if_present(one.path("none")).file_if_present(two.file()).read().unwrap();
    assert_eq!((read.port, read.verbose), (2, true));
}

#[test]
fn the_file_of_the_command_line_is_read_instead() {
    let (one, two) = (Dir::with("port = 1\nverbose = true"), Dir::with("port = 2"));
    let config = config().file(one.file()).arguments(["--config".into(), two.file()]);
    assert_eq!(config.read().unwrap(), Options { port: 2, ..Options::default() });
}

#[test]
fn a_text_is_read_as_the_type_of_its_key() {
    let variables = [
        ("KV_STORE__NAME", "17"),
        ("KV_STORE__VERBOSE", "true"),
        ("KV_STORE__PEERS", "a:1, b:2"),
        ("KV_STORE__LIMITS__ALICE", "3"),
        ("KV_STORE__STORE__DIR", "/tmp/true"),
        ("KV_STORE__STORE__SYNC", "every-second"),
        ("KV_STORE_PORT", "tcp://10.0.0.1:6379"),
        ("PATH", "/bin"),
    ];
    let read = config().variables(variables).read().unwrap();
    assert_eq!(read.name.as_deref(), Some("17"), "a number is a name, too");
    assert!(read.verbose);
    assert_eq!(read.peers, ["a:1", "b:2"]);
    assert_eq!(read.limits["alice"], 3);
    assert_eq!(read.store.dir, Path::new("/tmp/true"));
    assert_eq!(read.store.sync, Sync::EverySecond);
    assert_eq!(read.port, 0, "what Kubernetes sets is not ours");
}

#[test]
fn an_option_is_given_as_people_are_used_to() {
    let read = config()
        .arguments([
            "--verbose",
            "--peers=a,b",
            "--peers",
            "c",
            "--store.max-size",
            "7",
            "--limits.bob=1",
            "--port=1",
            "--port=2",
        ])
        .read()
        .unwrap();
    assert_eq!((read.verbose, read.port, read.store.max_size), (true, 2, 7));
    assert_eq!(read.peers, ["a", "b", "c"]);
    assert_eq!(read.limits["bob"], 1);
    assert!(!config().arguments(["--verbose", "--verbose=false"]).read().unwrap().verbose);
}

#[test]
fn a_list_of_a_later_source_replaces_the_whole_list() {
    let dir = Dir::with("peers = ['a', 'b', 'c']");
    let read = config().file(dir.file()).arguments(["--peers", "d"]).read().unwrap();
    assert_eq!(read.peers, ["d"]);
    let read = config().file(dir.file()).variables([("KV_STORE__PEERS", "")]).read().unwrap();
    assert!(read.peers.is_empty());
}

#[test]
fn lists_and_tables_may_be_toml_in_a_variable_and_an_option() {
    let variables = [
        ("KV_STORE__PEERS", r#"["a,b", "c"]"#),
        ("KV_STORE__STORE", "{ max_size = 5, sync = 'always' }"),
        ("KV_STORE__STORE__MAX_SIZE", "6"),
    ];
    let read = config().variables(variables).arguments(["--limits", "{ eve = 9 }"]).read().unwrap();
    assert_eq!(read.peers, ["a,b", "c"]);
    assert_eq!(
        (read.store.max_size, read.store.sync),
        (6, Sync::Always),
        "the value is more particular than the table"
    );
    assert_eq!(read.limits["eve"], 9);
}

#[test]
fn types_of_all_kinds_are_read() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Kinds {
        big: u64,
        wide: i128,
        pair: (u8, String),
        letter: char,
        day: Datetime,
        text: String,
        from: Shape,
        to: Shape,
        by: Shape,
        number: std::num::NonZeroU8,
        address: std::net::SocketAddr,
        numbered: std::collections::BTreeMap<u8, bool>,
        #[serde(flatten)]
        rest: toml::Table,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Shape {
        Point,
        Circle(f64),
        Square { side: u8 },
    }

    let dir = Dir::with(
        "big = 18446744073709551615\nwide = -1\npair = [1, 'x']\nletter = 'y'\nday = 1979-05-27\ntext = '''a\nb'''\n\
         from = 'point'\nto = { circle = 1 }\nby = { square = { side = 0x10 } }\nnumber = 1\naddress = '[::1]:80'\n\
         numbered = { 7 = true }\nmore = 'any'\n",
    );
    let read = Config::<Kinds>::new("kinds").file(dir.file()).read().unwrap();
    assert_eq!((read.big, read.wide, read.pair, read.letter), (u64::MAX, -1, (1, "x".into()), 'y'));
    assert_eq!((read.day.to_string().as_str(), read.text.as_str()), ("1979-05-27", "a\nb"));
    assert_eq!((read.from, read.to, read.by), (Shape::Point, Shape::Circle(1.0), Shape::Square { side: 16 }));
    assert_eq!((read.number.get(), read.address.port(), read.numbered[&7]), (1, 80, true));
    assert_eq!(read.rest["more"].as_str(), Some("any"));
}

#[test]
fn a_type_that_holds_itself_has_a_configuration() {
    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Tree {
        name: String,
        left: Option<Box<Tree>>,
    }

    let dir = Dir::with("name = 'a'\nleft = { name = 'b', left = { name = 'c' } }");
    let read = Config::<Tree>::new("tree").file(dir.file()).arguments(["--left.left.name", "d"]).read().unwrap();
    assert_eq!((read.name.as_str(), read.left.unwrap().left.unwrap().name.as_str()), ("a", "d"));
}

#[test]
fn the_help_has_each_key_with_its_type_default_and_variable() {
    let help = config()
        .about("A store of keys.")
        .version("1.2.3")
        .defaults(&Options { port: 6379, ..Options::default() })
        .file_if_present("kv.toml")
        .variables([("A", "b")])
        .describe("port", "port to listen on")
        .help();
    let expected = "\
A store of keys.

Usage: kv-store [OPTIONS]

Options:
      --port <u16>            port to listen on [default: 6379] [env: KV_STORE__PORT]
      --name <TEXT>           [env: KV_STORE__NAME]
      --verbose               [default: false] [env: KV_STORE__VERBOSE]
      --peers <A,B…>          [default: ] [env: KV_STORE__PEERS]
      --limits.<KEY> <VALUE>  [env: KV_STORE__LIMITS]
      --store.max-size <u64>  [default: 1000] [env: KV_STORE__STORE__MAX_SIZE]
      --store.ratio <f64>     [default: 0.5] [env: KV_STORE__STORE__RATIO]
      --store.dir <TEXT>      [default: data] [env: KV_STORE__STORE__DIR]
      --store.sync <always|every-second|never>
                              [default: never] [env: KV_STORE__STORE__SYNC]
      --config <FILE>         read this file instead of kv.toml
  -h, --help                  print this and exit
  -V, --version               print the version and exit

Later ones override earlier ones: kv.toml, variables KV_STORE__*, options.
";
    assert_eq!(help, expected);
}

#[test]
fn help_and_version_come_before_all_problems() {
    let wrong = ["--port=x", "--nonsense", "stray"];
    let help = config().file("/nowhere").arguments(wrong.into_iter().chain(["-h"])).read().unwrap_err();
    assert!(help.to_string().starts_with("Usage: kv-store [OPTIONS]\n"), "{help}");
    assert_eq!((help.exit_code(), help.problems().len()), (0, 0));
    let version = config().version("1.2.3").arguments(["--version"]).read().unwrap_err();
    assert_eq!((version.to_string().as_str(), version.exit_code()), ("kv-store 1.2.3\n", 0));
}

#[test]
fn a_key_may_have_the_name_of_an_option_that_programs_have() {
    #[derive(Debug, Deserialize)]
    struct Named {
        help: String,
        config: u8,
    }

    let read = Config::<Named>::new("named").file_if_present("/none").arguments(["--help=x", "--config", "3"]).read();
    let read = read.unwrap();
    assert_eq!((read.help.as_str(), read.config), ("x", 3));
}

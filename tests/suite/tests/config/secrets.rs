//! A secret is shown nowhere.

use otp::config::{Config, Secret};
use serde::Deserialize;

use crate::Dir;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Access {
    user: String,
    password: Secret<String>,
    pin: Option<Secret<u16>>,
}

#[test]
fn a_secret_is_read_from_a_file_and_a_variable() {
    let dir = Dir::with("user = 'joe'\npassword = 'hunter2'");
    let access = Config::<Access>::new("access").file(dir.file()).variables([("ACCESS__PIN", "1234")]).read().unwrap();
    assert_eq!((access.password.expose().as_str(), *access.pin.as_ref().unwrap().expose()), ("hunter2", 1234));
    assert_eq!(format!("{access:?}"), r#"Access { user: "joe", password: Secret(…), pin: Some(Secret(…)) }"#);
}

#[test]
fn no_error_shows_a_secret() {
    let dir = Dir::with("password = 4711\npin = 'hunter2'");
    let told = dir.refused(&Config::<Access>::new("access").file(dir.file()));
    let expected = "kv.toml:1:12: `password`: invalid value, which is a secret and not shown\n\
                    kv.toml:2:7: `pin`: invalid value, which is a secret and not shown";
    assert_eq!(told, expected);
    let config = Config::<Access>::new("access").variables([("ACCESS__PIN", "hunter2")]);
    assert!(!config.read().unwrap_err().to_string().contains("hunter2"));
    assert!(!format!("{config:?} {:?}", config.read()).contains("hunter2"));
}

#[test]
fn a_secret_that_stands_where_its_table_is_wanted_is_not_shown() {
    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Peers {
        peers: Vec<Access>,
        main: Access,
        port: u16,
    }

    let dir = Dir::with("peers = ['hunter2']\nmain = 'hunter2'\nport = 'shown'");
    let told = dir.refused(&Config::<Peers>::new("access").file(dir.file()));
    let hidden = "expected struct Access, found a value that is not shown: it may be a secret";
    let expected = format!(
        "kv.toml:1:10: `peers[0]`: {hidden}\nkv.toml:2:8: `main`: {hidden}\nkv.toml:3:8: `port`: expected u16, found \"shown\""
    );
    let (mut told, mut expected): (Vec<_>, Vec<_>) = (told.lines().collect(), expected.lines().collect());
    told.sort_unstable();
    expected.sort_unstable();
    assert_eq!(told, expected);
    let config = Config::<Peers>::new("access").variables([("ACCESS__MAIN", "hunter2")]);
    assert!(!config.read().unwrap_err().to_string().contains("hunter2"));
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(dead_code, reason = "it is read, and shown by nobody")]
enum Auth {
    Basic,
    Token(Secret<String>),
    Login { user: String, password: Secret<String> },
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "it is read, and shown by nobody")]
enum Proof {
    Pin(u16),
    Signed { by: Secret<String> },
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Hidden {
    auth: Option<Auth>,
    keys: Option<[Secret<String>; 2]>,
    pair: Option<(u16, Secret<String>)>,
    proof: Option<Proof>,
    list: Vec<Secret<String>>,
    main: Access,
}

#[derive(Debug, Default, Deserialize)]
#[expect(dead_code, reason = "it is read, and shown by nobody")]
struct Outer {
    #[serde(flatten)]
    inner: Hidden,
}

#[test]
fn a_secret_in_an_enum_a_tuple_or_an_array_is_in_no_error() {
    let wrong = [
        "auth = 'hunter2'",
        "auth = { token = 4711, basic = 'hunter2' }",
        "auth = { login = 'hunter2' }",
        "keys = 'hunter2'",
        "keys = ['hunter2']",
        "pair = 'hunter2'",
        "pair = ['hunter2', 'x']",
        "proof = 'hunter2'",
        "proof = { by = ['hunter2'] }",
        "list = 'hunter2'",
    ];
    for text in wrong {
        let dir = Dir::with(text);
        let told = dir.refused(&Config::<Hidden>::new("access").file(dir.file()));
        assert!(!told.contains("unter") && told.lines().count() == 1, "{text}: {told}");
        let told = dir.refused(&Config::<Outer>::new("access").file(dir.file()));
        assert!(!told.contains("unter") && told.lines().count() == 1, "{text}, flattened: {told}");
    }
    let dir = Dir::with("auth = 'tokn'");
    let told = dir.refused(&Config::<Hidden>::new("access").file(dir.file()));
    let expected = "kv.toml:1:8: `auth`: expected one of `basic`, `token`, `login`, found a value that is not shown: it may be \
                    a secret";
    assert_eq!(told, expected);
}

#[test]
fn a_secret_in_an_enum_a_tuple_or_an_array_has_no_option() {
    let refused = [
        ["--auth.token", "hunter2"],
        ["--auth.login.password", "hunter2"],
        ["--keys", "hunter2,hunter2"],
        ["--keys", "['hunter2', 'hunter2']"],
        ["--pair", "1,hunter2"],
        ["--list", "hunter2"],
        ["--main", "{ password = 'hunter2' }"],
    ];
    for arguments in refused {
        let config = Config::<Hidden>::new("access").arguments(arguments);
        let told = config.read().unwrap_err().to_string();
        let expected = "a secret is not given on the command line, which others can read";
        assert!(told.ends_with(expected) && told.lines().count() == 1, "{arguments:?}: {told}");
    }
    let taken = Config::<Hidden>::new("access").arguments(["--auth", "basic"]).read().unwrap();
    assert!(matches!(taken.auth, Some(Auth::Basic)));
    let help = Config::<Hidden>::new("access").help();
    assert!(help.contains("secrets: keys, list, main.password, main.pin\n"), "{help}");
}

#[test]
fn the_values_of_an_enum_without_secrets_are_shown() {
    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    #[expect(dead_code, reason = "it is not read, as the value is wrong")]
    enum Log {
        Stdout,
        File(String),
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "it is not read, as the value is wrong")]
    struct Options {
        log: Log,
    }

    let dir = Dir::with("log = 'stdot'");
    let told = dir.refused(&Config::<Options>::new("access").file(dir.file()));
    let expected = "kv.toml:1:7: `log`: expected one of `stdout`, `file`, found \"stdot\"; did you mean `stdout`?";
    assert_eq!(told, expected);
}

#[test]
fn what_follows_an_unknown_option_is_not_shown() {
    for arguments in [&["-p", "hunter2"][..], &["-phunter2"], &["--pasword", "hunter2"], &["--pasword=hunter2"]] {
        let config = Config::<Access>::new("access").arguments(arguments.iter().copied());
        let told = config.read().unwrap_err().to_string();
        assert!(!told.contains("unter") && told.lines().count() == 1, "{told}");
    }
}

#[test]
fn no_error_of_the_syntax_shows_the_line() {
    let dir = Dir::with("password = 'hunter2\npin = hunter2");
    let told = dir.refused(&Config::<Access>::new("access").file(dir.file()));
    assert!(!told.is_empty() && !told.contains("hunter2"), "{told}");
}

#[test]
fn a_secret_has_no_option() {
    let config = Config::<Access>::new("access").arguments(["--password", "hunter2", "--user=joe"]);
    let told = config.read().unwrap_err().to_string();
    assert_eq!(told, "option --password: a secret is not given on the command line, which others can read");
    let help = config.help();
    assert!(
        !help.contains("--password") && help.contains("Not on the command line, as secrets: password, pin\n"),
        "{help}"
    );
}

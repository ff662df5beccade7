//! What types of Rust are as terms: the table of docs/terms.md, row by row, in both directions.

use std::collections::BTreeMap;
use std::fmt::Debug;

use otp::etf::{
    Atom, Conventions, Limits, Pid, Reference, Term, decode, from_bytes, from_term, to_bytes, to_bytes_with, to_term,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

const PAGE: &str = include_str!("../../../../docs/terms.md");

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Point {
    x: i64,
    y: i64,
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Metres(f64);

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Rgb(u8, u8, u8);

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Marker;

#[derive(Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Shape {
    UnitCircle,
    Circle(f64),
    Line(i64, i64),
    Rect { w: i64, h: i64 },
}

/// Checks a row of the table: the value is this term, the term is this value, and the page says so.
#[track_caller]
fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(rust: &str, value: T, erlang: &str) {
    let term: Term = erlang.parse().unwrap();
    assert_eq!(to_term(&value).unwrap(), term, "{rust}");
    assert_eq!(from_term::<T>(&term).unwrap(), value, "{erlang}");
    let row = format!("| `{}` | `{erlang}` |", rust.split_whitespace().collect::<Vec<_>>().join(" "));
    assert!(PAGE.contains(&row), "docs/terms.md has no row\n{row}");
}

macro_rules! rows {
    ($($value:expr => $erlang:literal;)*) => {
        &[$((stringify!($value), || check(stringify!($value), $value, $erlang))),*]
    };
}

const ROWS: &[(&str, fn())] = rows! {
    true => "true";
    -5_i8 => "-5";
    u64::MAX => "18446744073709551615";
    i128::MIN => "-170141183460469231731687303715884105728";
    1.0_f64 => "1.0";
    'x' => "<<\"x\">>";
    String::from("é") => "<<\"é\"/utf8>>";
    () => "ok";
    None::<u8> => "nil";
    Some(5_u8) => "5";
    Ok::<u8, String>(5) => "{ok,5}";
    Ok::<(), String>(()) => "ok";
    Err::<u8, String>("no".into()) => "{error,<<\"no\">>}";
    Err::<u8, ()>(()) => "error";
    (1, true) => "{1,true}";
    [0.5, 1.5] => "{0.5,1.5}";
    vec![1000, 2000] => "[1000,2000]";
    vec![1_u8, 2, 3] => "[1,2,3]";
    BTreeMap::from([("a".to_owned(), 1)]) => "#{<<\"a\">> => 1}";
    BTreeMap::from([(1, 2)]) => "#{1 => 2}";
    Point { x: 1, y: 2 } => "#{x => 1,y => 2}";
    Metres(2.5) => "2.5";
    Rgb(1, 2, 3) => "{1,2,3}";
    Marker => "'Marker'";
    Shape::UnitCircle => "unit_circle";
    Shape::Circle(1.5) => "{circle,1.5}";
    Shape::Line(1, 2) => "{line,1,2}";
    Shape::Rect { w: 1, h: 2 } => "{rect,#{h => 2,w => 1}}";
    Atom::from_static("name") => "name";
    Term::atom("any") => "any";
};

#[test]
fn every_row_of_the_table_is_so() {
    for (_, check) in ROWS {
        check();
    }
}

#[test]
fn every_row_of_the_page_is_checked() {
    let table = PAGE.split("<!-- table -->").nth(1).expect("the page has its table between marks");
    let rows = table.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, ROWS.len());
}

#[test]
fn erlang_has_another_word_for_none_and_both_are_read() {
    assert_eq!(to_bytes_with(&None::<u8>, Conventions::Erlang).unwrap(), b"\x83w\x09undefined");
    for none in ["nil", "undefined"] {
        assert_eq!(from_term::<Option<u8>>(&Term::atom(none)), Ok(None));
        assert_eq!(from_term::<Option<String>>(&Term::atom(none)), Ok(None));
        assert_eq!(from_term::<()>(&Term::atom(none)), Ok(()));
        assert!(from_term::<String>(&Term::atom(none)).is_err(), "no text becomes \"nil\" unseen");
    }
}

/// Right column of the table: what else is read.
#[test]
fn more_is_read_than_is_written() {
    fn reads<T: DeserializeOwned + PartialEq + Debug>(text: &str, value: T) {
        assert_eq!(from_term::<T>(&text.parse().unwrap()), Ok(value), "{text}");
    }
    reads("1", 1.0_f64);
    reads("120", 'x');
    reads("\"text\"", "text".to_owned());
    reads("[233,955]", "éλ".to_owned());
    reads("[]", String::new());
    reads("<<1,2,3>>", vec![1_u8, 2, 3]);
    reads("<<1,2,3>>", [1_u8, 2, 3]);
    reads("\"abc\"", vec![97_i64, 98, 99]);
    reads("\"abc\"", vec![Some(97_u8), Some(98), Some(99)]);
    reads("\"ab\"", vec![Metres(97.0), Metres(98.0)]);
    reads("[0.5,1]", [0.5, 1.0]);
    reads("#{<<\"x\">> => 1,<<\"y\">> => 2}", Point { x: 1, y: 2 });
    reads("#{'__struct__' => 'Elixir.Point',x => 1,y => 2}", Point { x: 1, y: 2 });
    reads("#{x => 1,y => 2,unknown => {a,[b|c]}}", Point { x: 1, y: 2 });
    reads("{rect,#{'__struct__' => 'Elixir.Rect',w => 1,h => 2}}", Shape::Rect { w: 1, h: 2 });
    reads("[1|[2|[3]]]", vec![1, 2, 3]);
}

#[test]
fn a_list_whose_tail_is_a_list_is_read_to_its_end() {
    // `[1000|[2000|"ab"]]`, as no BEAM writes it, though each reads it.
    let bytes = b"\x83l\0\0\0\x01b\0\0\x03\xe8l\0\0\0\x01b\0\0\x07\xd0k\0\x02ab";
    assert_eq!(from_bytes::<Vec<i64>>(bytes), Ok(vec![1000, 2000, 97, 98]));
    assert_eq!(from_bytes::<(i64, i64, i64, i64)>(bytes), Ok((1000, 2000, 97, 98)));
    assert_eq!(from_bytes::<String>(bytes), Ok("\u{3e8}\u{7d0}ab".into()));
}

#[test]
fn what_is_something_else_is_refused_and_the_error_says_what_and_where() {
    fn error<T: DeserializeOwned + Debug>(text: &str) -> String {
        from_term::<T>(&text.parse().unwrap()).unwrap_err().to_string()
    }
    assert_eq!(error::<u8>("256"), "at byte 1: invalid value: integer `256`, expected u8");
    assert_eq!(error::<u8>("1.0"), "at byte 1: invalid type: floating point `1.0`, expected u8");
    assert_eq!(error::<bool>("ok"), "at byte 1: invalid type: an atom, expected a boolean");
    assert_eq!(error::<String>("ok"), "at byte 1: invalid type: an atom, expected a string");
    assert_eq!(error::<Vec<u64>>("{1,2}"), "at byte 1: invalid type: a tuple, expected a sequence");
    assert_eq!(error::<Vec<u64>>("[1000|2]"), "at byte 1: invalid type: an improper list, expected a list");
    assert_eq!(error::<(u8, u8)>("{1,2,3}"), "at byte 1: invalid length 3, expected 2 of them");
    assert_eq!(error::<Vec<Point>>("[#{x => 1}]"), "at byte 6: missing field `y`");
    assert!(error::<Shape>("square").contains("unknown variant `square`, expected one of `unit_circle`"));
    assert!(error::<Shape>("{circle,1,2}").contains("expected the variant as a tuple of an atom and a value"));
    assert!(
        error::<Shape>("circle").contains("found an atom alone") || error::<Shape>("circle").contains("an atom alone")
    );
    assert!(error::<Shape>("{unit_circle}").contains("expected the variant as an atom"));
    assert!(error::<Shape>("{1,2}").contains("a tuple that begins with one"));
    assert!(error::<Marker>("other").contains("expected unit struct Marker"));
    assert!(error::<u64>("-1").contains("-1"));
    assert!(error::<u128>("1000000000000000000000000000000000000000").contains("more than 128 bits"));
    // An integer as a key is not the number of a field.
    assert!(error::<Point>("#{0 => 1,1 => 2}").contains("expected field identifier"));
    assert!(from_bytes::<u8>(b"\x83a\x01a\x02").unwrap_err().to_string().contains("2 bytes after the term"));
}

#[test]
fn what_has_no_term_is_refused() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(to_bytes(&value).is_err());
        assert!(to_bytes(&(value as f32)).is_err());
    }
    assert!(to_bytes(&Atom::from_static("fits")).is_ok());

    #[derive(Serialize)]
    struct Twice {
        a: u8,
        #[serde(flatten)]
        more: BTreeMap<&'static str, u8>,
    }
    let is_once = Twice { a: 1, more: BTreeMap::from([("b", 2)]) };
    assert!(to_bytes(&is_once).is_ok());
    let is_twice = Twice { a: 1, more: BTreeMap::from([("a", 2)]) };
    assert!(to_bytes(&is_twice).is_err(), "a BEAM would close the connection");
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
enum Tree {
    Leaf,
    Node(Box<Tree>),
}

#[test]
fn types_that_contain_themselves_end_at_the_limit() {
    let depth = |term: &[u8]| from_bytes::<Tree>(term);
    let nested = |depth: usize| [b"\x83", &b"h\x02w\x04Node".repeat(depth)[..], b"w\x04Leaf"].concat();
    assert!(depth(&nested(256)).is_ok());
    assert!(depth(&nested(257)).unwrap_err().to_string().contains("deeper than 256"));
    assert!(depth(&nested(100_000)).is_err());

    let mut tree = Tree::Leaf;
    for _ in 0..256 {
        tree = Tree::Node(Box::new(tree));
    }
    assert_eq!(from_bytes::<Tree>(&to_bytes(&tree).unwrap()), Ok(tree));
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Call {
    from: Pid,
    tag: Reference,
    any: Term,
    name: Atom,
    #[serde(with = "otp::etf::binary")]
    bytes: Vec<u8>,
    #[serde(with = "otp::etf::charlist")]
    path: String,
}

#[test]
fn identifiers_terms_and_atoms_are_fields_like_others() {
    let text = "#{any => [{a,#Port<a@h:1.5>}|fun m:f/1],bytes => <<1,200>>,from => #Pid<a@h:1.2.3>,name => foo,path => \"/é\",\
                tag => #Ref<a@h:1.2.3.4>}";
    let text = text.replace("\"/é\"", "[47,233]");
    let term: Term = text.parse().unwrap();
    let call: Call = from_term(&term).unwrap();
    assert_eq!(call.from, Pid::new(Atom::from_static("a@h"), 2, 3, 1));
    assert_eq!((&call.bytes[..], &call.path[..]), (&[1, 200][..], "/é"));
    assert_eq!(to_term(&call).unwrap(), term);
    assert!(from_term::<Pid>(&Term::Int(1)).unwrap_err().to_string().contains("a pid was expected, and not 1"));
    assert!(from_term::<Atom>(&Term::from("text")).is_err());
}

#[test]
fn identifiers_survive_untagged_and_flattened_types() {
    #[derive(Debug, Deserialize, PartialEq, Serialize)]
    #[serde(untagged)]
    enum Either {
        Number(i64),
        Pid(Pid),
        Both { pid: Pid, more: Option<String> },
        Any(Term),
    }
    #[derive(Debug, Deserialize, PartialEq, Serialize)]
    struct Outer {
        a: u8,
        #[serde(flatten)]
        inner: Inner,
    }
    #[derive(Debug, Deserialize, PartialEq, Serialize)]
    struct Inner {
        pid: Pid,
        list: Vec<Term>,
    }
    let read = |text: &str| from_term::<Either>(&text.parse().unwrap());
    let pid = || Pid::new(Atom::from_static("a@h"), 2, 3, 1);
    assert_eq!(read("5"), Ok(Either::Number(5)));
    assert_eq!(read("#Pid<a@h:1.2.3>"), Ok(Either::Pid(pid())));
    assert_eq!(read("#{pid => #Pid<a@h:1.2.3>,more => nil}"), Ok(Either::Both { pid: pid(), more: None }));
    assert_eq!(read("<<5:3>>"), Ok(Either::Any("<<5:3>>".parse().unwrap())));
    let outer = Outer { a: 1, inner: Inner { pid: pid(), list: vec![Term::Int(1), Term::from("x")] } };
    assert_eq!(from_bytes::<Outer>(&to_bytes(&outer).unwrap()), Ok(outer));
}

/// To other formats they are texts, and the bytes of a term.
#[test]
fn types_of_this_crate_can_be_written_in_other_formats() {
    let json = serde_json::to_string(&(Atom::from_static("ok"), Term::Int(5))).unwrap();
    assert_eq!(json, "[\"ok\",[131,97,5]]");
    assert_eq!(serde_json::from_str::<Atom>("\"ok\"").unwrap(), "ok");
}

#[test]
fn values_may_borrow_from_the_bytes() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Entry<'a> {
        key: &'a str,
        #[serde(borrow)]
        value: &'a [u8],
    }
    let bytes = otp::etf::encode(&"#{key => <<\"k\">>,value => <<1,200>>}".parse::<Term>().unwrap()).unwrap();
    assert_eq!(from_bytes::<Entry<'_>>(&bytes), Ok(Entry { key: "k", value: &[1, 200] }));
}

#[test]
fn lists_of_bytes_are_written_as_a_beam_writes_them() {
    for text in ["[1,2,3]", "[]", "[1,256]", "[255]", "[{1}]", "[[]]", "[[1],[2]]"] {
        let term: Term = text.parse().unwrap();
        assert_eq!(to_bytes(&term), Ok(otp::etf::encode(&term).unwrap()));
    }
    assert_eq!(to_bytes(&vec![1_u64, 2]).unwrap(), b"\x83k\0\x02\x01\x02");
    assert_eq!(to_bytes(&vec![7_u8; 65_535]).unwrap().len(), 65_535 + 4);
    let long = to_bytes(&vec![7_u8; 65_536]).unwrap();
    assert_eq!(long.len(), 2 * 65_536 + 7);
    assert_eq!(decode(&long, &Limits::new()).unwrap().as_list().unwrap().len(), 65_536);
}

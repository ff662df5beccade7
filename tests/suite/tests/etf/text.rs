//! The text of terms, both ways. Expected texts are those of Erlang's shell, where it has any.

use otp::etf::{Limits, Term, decode, encode};

#[test]
fn terms_are_written_in_the_syntax_of_erlang() {
    let texts = [
        "0",
        "-5",
        "18446744073709551616",
        "-9223372036854775809",
        "1.0",
        "-0.0",
        "0.1",
        "1.0e22",
        "1.5e-7",
        "ok",
        "'Ok'",
        "'hello world'",
        "'end'",
        "''",
        "a@b",
        "'it\\'s'",
        "'é'",
        "'\\x{1}'",
        "<<>>",
        "<<\"text\">>",
        "<<\"é\"/utf8>>",
        "<<1,2,255>>",
        "<<5:3>>",
        "<<1,2,5:3>>",
        "<<\"say \\\"hi\\\"\\n\">>",
        "[]",
        "\"abc\"",
        "[1,2,3]",
        "[a,b|c]",
        "[97,a]",
        "{}",
        "{ok,[{a,1}]}",
        "#{}",
        "#{1 => a,b => #{}}",
        "fun lists:map/2",
        "fun 'M':'F'/0",
        "#Pid<'a@127.0.0.1':7.1.2>",
        "#Ref<a@h:1.2.3.4>",
        "#Port<a@h:1.18446744073709551615>",
    ];
    for text in texts {
        let term: Term = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(term.to_string(), text);
        assert_eq!(format!("{term:?}"), text);
        assert_eq!(decode(&encode(&term).unwrap(), &Limits::new()), Ok(term));
    }
}

#[test]
fn more_of_the_syntax_of_erlang_is_read() {
    let pairs = [
        (" { ok , [ 1 , 2 | t ] } ", "{ok,[1,2|t]}"),
        ("16#ff", "255"),
        ("-2#101", "-5"),
        ("$a", "97"),
        ("$\\n", "10"),
        ("[1|[2|[]]]", "[1,2]"),
        ("[97,98]", "\"ab\""),
        ("+7", "7"),
        ("1.0E3", "1000.0"),
        ("#{b=>1,a=>2}", "#{a => 2,b => 1}"),
        ("<< \"ab\" , 99 >>", "<<\"abc\">>"),
        ("<<1:1,127:7>>", "<<255>>"),
        ("<<\"é\">>", "<<233>>"),
        ("'ok'", "ok"),
        ("\"é\"", "[233]"),
        ("\"\\x41\\x{3bb}\"", "[65,955]"),
        ("element", "element"),
        ("fun", "'fun'"),
    ];
    for (text, expected) in pairs {
        let term: Term = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(term.to_string(), expected, "{text}");
    }
}

#[test]
fn what_is_no_term_is_refused_and_its_error_says_where() {
    let texts = [
        "",
        " ",
        "{",
        "{ok",
        "{ok,",
        "{,}",
        "[1|]",
        "[1|2,3]",
        "[|1]",
        "#{a}",
        "#{a=>}",
        "#{a => 1,a => 2}",
        "<<",
        "<<256>>",
        "<<4:2>>",
        "<<1:9>>",
        "<<\"λ\">>",
        "\"abc",
        "'abc",
        "$",
        "1.",
        "1.5e",
        "1e5",
        "37#1",
        "2#2",
        "16#",
        "-",
        "Variable",
        "_",
        "ok ok",
        "1 2",
        "fun a:b",
        "fun a:b/256",
        "#Pid<a:1.2>",
        "#Pid<a:1.2.4294967296>",
        "#Ref<a:1>",
        "#Ref<a:1.1.2.3.4.5.6>",
        "#Fun<a/1:00>",
        "#Fun<a/1:700>",
        "#Foo<>",
        "1.0e999",
        "\"\\x{110000}\"",
        "\"\\x{d800}\"",
        "\\",
        "é\\",
        "☃",
        "#",
        "#{",
        "<<\"",
    ];
    for text in texts {
        let error = text.parse::<Term>().expect_err(text);
        assert!(error.position() <= text.chars().count(), "{text}: {error}");
    }
    let error = "{ok,[1,2}".parse::<Term>().unwrap_err();
    assert_eq!(error.to_string(), "at character 8: a comma, `|` or `]` was expected");
    let atom = format!("'{}'", "x".repeat(256));
    assert!(atom.parse::<Term>().is_err());
}

#[test]
fn deep_texts_are_refused() {
    for (open, close) in [("{", "}"), ("[", "]"), ("#{a=>", "}"), ("[a|", "]")] {
        let text = |depth| [&open.repeat(depth)[..], "x", &close.repeat(depth)].concat();
        assert!(text(200).parse::<Term>().is_ok(), "{open}");
        assert!(text(1_000_000).parse::<Term>().is_err(), "{open}");
    }
}

#[test]
fn a_precision_bounds_what_is_written() {
    let term: Term = "{ok,<<\"éé\"/utf8>>,[1,2,3]}".parse().unwrap();
    assert_eq!(format!("{term:.8}"), "{ok,<<\"é...");
    assert_eq!(format!("{term:.100}"), term.to_string());
    let large = Term::List(vec![Term::atom("element"); 1_000_000]);
    assert_eq!(format!("{large:.20}"), "[element,element,ele...");
    // Closures, too, and integers of megabytes.
    let digits = Term::integer(true, &[0xab; 1 << 20]);
    assert_eq!(format!("{digits:.10}"), "-16#ababab...");
    assert_eq!(digits.to_string().parse(), Ok(digits));
}

/// What takes long is not begun.
#[test]
fn long_integers_are_read_in_base_16_alone() {
    assert!("9".repeat(1300).parse::<Term>().is_ok());
    assert!("9".repeat(1_000_000).parse::<Term>().is_err());
    assert!(format!("16#{}", "f".repeat(1_000_000)).parse::<Term>().is_ok());
}

//! What the compiler says where a macro or a name is used wrongly. Each case in `ui/` has its message beside it.
//!
//! To record the messages anew, run this with `TRYBUILD=overwrite`, and read what has changed.

#[test]
fn wrong_uses_of_the_macros_are_explained() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/gen_server/*.rs");
    cases.compile_fail("tests/ui/entry/*.rs");
}

#[test]
fn a_name_of_another_type_is_refused() {
    trybuild::TestCases::new().compile_fail("tests/ui/names/*.rs");
}

#[test]
fn wrong_arms_of_a_receive_are_explained() {
    trybuild::TestCases::new().compile_fail("tests/ui/receive/*.rs");
}

#[test]
#[cfg(feature = "statem")]
fn wrong_machines_are_explained() {
    trybuild::TestCases::new().compile_fail("tests/ui/state_machine/*.rs");
}

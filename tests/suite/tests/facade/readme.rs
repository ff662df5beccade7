//! What the README shows is what is there.

const README: &str = include_str!("../../../../README.md");
const PROBE_TESTS: &str = include_str!("../kit/probe.rs");
const QUICKSTART: &str = include_str!("../../../../examples/quickstart/src/main.rs");

#[test]
fn the_first_code_block_of_the_readme_is_the_quickstart() {
    let block = README.split("```rust\n").nth(1).and_then(|rest| rest.split("```").next());
    assert_eq!(block, Some(QUICKSTART));
}

#[test]
fn the_test_that_the_readme_shows_is_one_of_ours() {
    let block = README.split("```rust\n#[otp::test]").nth(1).and_then(|rest| rest.split("```").next());
    assert!(PROBE_TESTS.contains(block.expect("the README shows a test")));
}

#[test]
fn the_quickstart_has_forty_lines_at_most() {
    assert!(QUICKSTART.lines().count() <= 40);
}

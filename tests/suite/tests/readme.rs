//! What the README shows is what is there.

const README: &str = include_str!("../../../README.md");
const QUICKSTART: &str = include_str!("../../../examples/quickstart/src/main.rs");

#[test]
fn the_first_code_block_of_the_readme_is_the_quickstart() {
    let block = README.split("```rust\n").nth(1).and_then(|rest| rest.split("```").next());
    assert_eq!(block, Some(QUICKSTART));
}

#[test]
fn the_quickstart_has_forty_lines_at_most() {
    assert!(QUICKSTART.lines().count() <= 40);
}

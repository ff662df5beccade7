//! What the README and the docs show is what is there.

const README: &str = include_str!("../../../../README.md");
const PROBE_TESTS: &str = include_str!("../kit/probe.rs");
const SOCKETS: &str = include_str!("../../../../docs/sockets.md");
const NET_TESTS: &str = include_str!("../core/net.rs");
const NETWORK: &str = include_str!("../../../../docs/simulation.md");
const NET_FAULT_TESTS: &str = include_str!("../core/net_faults.rs");
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
fn what_the_docs_show_of_sockets_is_in_our_tests() {
    let pages = [(SOCKETS, NET_TESTS, 1), (NETWORK, NET_FAULT_TESTS, 1)];
    for (page, tests, expected) in pages {
        let blocks: Vec<_> =
            page.split("```rust,ignore\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
        let shown = blocks.iter().filter(|block| tests.contains(**block)).count();
        assert_eq!(shown, expected, "blocks of the page that are parts of a test");
    }
}

#[test]
fn the_quickstart_has_forty_lines_at_most() {
    assert!(QUICKSTART.lines().count() <= 40);
}

//! The code in `docs/simulation.md` is the code that is there.

const CHAPTER: &str = include_str!("../../../docs/simulation.md");
const SOURCES: [&str; 2] = [include_str!("../src/teller.rs"), include_str!("payday.rs")];

#[test]
fn every_line_of_code_in_the_chapter_is_in_the_program() {
    // What comes after it is about a network, which the bank does not have.
    let (bank, _) = CHAPTER.split_once("## A network that goes wrong").expect("the chapter has two parts");
    let blocks: Vec<_> = bank.split("```rust,ignore\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(blocks.len(), 3);
    for line in blocks.concat().lines() {
        let line = line.trim().trim_end_matches(';');
        assert!(SOURCES.iter().any(|source| source.contains(line)), "{line}");
    }
}

//! What a terminal shows of an observer's answers, which were recorded.

use otp_top::model::Rows;
use otp_top::view::{Page, Screen};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

const SYSTEM: &str = include_str!("recorded/system.json");
const TOP: &str = include_str!("recorded/top.json");
const TREE: &str = include_str!("recorded/tree.json");
const CRASHES: &str = include_str!("recorded/crashes.json");

fn recorded(page: Page) -> Screen {
    let mut screen = Screen::of("127.0.0.1:9911");
    let tree: Rows = serde_json::from_str(TREE).unwrap();
    screen.page = page;
    screen.about = serde_json::from_str(SYSTEM).unwrap();
    screen.top = serde_json::from_str(TOP).unwrap();
    screen.tree = tree.rows.into_iter().map(|row| (1, row)).collect();
    screen.crashes = serde_json::from_str(CRASHES).unwrap();
    screen
}

/// The lines of a terminal of this size.
fn lines(screen: &Screen, width: u16, height: u16) -> Vec<String> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| screen.draw(frame)).unwrap();
    let text = terminal.backend().to_string();
    text.lines().map(|line| line.trim_matches('"').trim_end().to_owned()).collect()
}

#[test]
fn the_head_shows_where_and_how_much_there_is() {
    let shown = lines(&recorded(Page::Messages), 100, 12);
    assert_eq!(shown[0], "otp-top 127.0.0.1:9911 on tokio");
    assert!(shown[1].contains(" processes") && shown[1].contains(" messages/s"), "{}", shown[1]);
    assert!(shown[11].contains("t ree"), "{}", shown[11]);
}

#[test]
fn the_busiest_come_first_with_how_much() {
    let shown = lines(&recorded(Page::Messages), 100, 12);
    let header: Vec<_> = shown[2].split_whitespace().collect();
    assert_eq!(header, ["messages", "queue", "pid", "process", "doing"]);
    let first: Vec<_> = shown[3].split_whitespace().collect();
    assert!(first[0].ends_with("/s") && first[2].starts_with("<0."), "{}", shown[3]);
    assert_eq!(shown[3..7].iter().filter(|line| line.contains("/s")).count(), 4);
    assert_eq!(shown[7], "", "as many as were recorded");
}

#[test]
fn the_tree_shows_supervisors_with_their_strategy() {
    let shown = lines(&recorded(Page::Tree), 120, 12).join("\n");
    assert!(shown.contains("  front  rest_for_one 0/1  3  <0.3.0>"), "{shown}");
    assert!(shown.contains("  carts  one_for_one 0/3  60  <0.9.0>"), "{shown}");
    assert!(shown.contains("  visitors  <0.10.0>"), "{shown}");
}

#[test]
fn crashes_show_when_who_why_and_where() {
    let shown = lines(&recorded(Page::Crashes), 140, 8);
    assert!(shown[2].contains(" UTC Courier <0."), "{}", shown[2]);
    assert!(shown[2].contains("dropped a crate of eggs") && shown[2].contains("shop.rs:"), "{}", shown[2]);
    assert_eq!(shown[3].trim(), "in Courier { carries: \"a crate of eggs\" }");
    assert!(shown[4].contains(" UTC Courier <0."), "of the other one its state is not known: {}", shown[4]);
    let mut none = recorded(Page::Crashes);
    none.crashes.list.clear();
    assert_eq!(lines(&none, 80, 8)[2], "Nothing has crashed.");
}

#[test]
fn a_label_cannot_control_the_terminal() {
    let hostile = TREE.replace("\"visitors\"", r#""\u001b[2Jv\r\n\u0007\u009b1m""#);
    let tree: Rows = serde_json::from_str(&hostile).unwrap();
    let mut screen = recorded(Page::Tree);
    screen.tree = tree.rows.into_iter().map(|row| (0, row)).collect();
    screen.trouble = Some("\u{1b}c".to_owned());
    let shown = lines(&screen, 120, 12).join("\n");
    assert!(shown.contains("·[2Jv···") && shown.contains("·c"), "{shown}");
    assert!(!shown.contains(|letter: char| letter.is_control() && letter != '\n'), "{shown}");
}

#[test]
fn a_terminal_of_any_size_is_drawn_and_scrolled() {
    for page in [Page::Messages, Page::Tree, Page::Crashes] {
        for (width, height) in [(1, 1), (10, 3), (40, 5), (300, 100)] {
            for from in [0, 1, 10_000] {
                let mut screen = recorded(page);
                screen.from = from;
                assert_eq!(lines(&screen, width, height).len(), usize::from(height));
            }
        }
    }
}

#[test]
fn fields_that_a_later_observer_adds_are_ignored() {
    let later = TREE.replacen("\"total\"", "\"mood\": \"sunny\", \"total\"", 1);
    assert!(serde_json::from_str::<Rows>(&later).is_ok());
}

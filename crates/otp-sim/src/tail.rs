use std::collections::VecDeque;

use crate::trace::{Entry, What};

/// The last things that happened in a run. What happens over and over again, such as the ticks of a timer that nothing
/// follows from, is kept once, so that it leaves room for what was before.
pub(crate) struct Tail {
    items: VecDeque<Item>,
    limit: usize,
    /// Something was before.
    cut: bool,
}

pub(crate) enum Item {
    Entry(Entry),
    /// So many lines before this one came so many times more, the last time at this step and time.
    Again {
        lines: usize,
        times: u64,
        step: u64,
        at: u64,
    },
}

/// The most lines that are seen to repeat themselves.
const LONGEST: usize = 12;

/// How often something has to come in a row before it is folded.
const TIMES: usize = 3;

impl Tail {
    /// Keeps the last `limit` lines.
    pub(crate) fn new(limit: usize) -> Tail {
        Tail { items: VecDeque::new(), limit, cut: false }
    }

    pub(crate) fn add(&mut self, entry: Entry) {
        self.items.push_back(Item::Entry(entry));
        // Nothing is longer before something shorter was looked for.
        let _folded = (1..=LONGEST).any(|lines| self.has_folded(lines));
        // More than is shown, to see what repeats itself.
        if self.items.len() > self.limit + TIMES * LONGEST {
            self.items.pop_front();
            self.cut = true;
        }
    }

    /// What is to be shown, and whether something was before it.
    pub(crate) fn shown(&self) -> (impl Iterator<Item = &Item>, bool) {
        let more = self.items.len().saturating_sub(self.limit);
        (self.items.iter().skip(more), self.cut || more > 0)
    }

    /// Folds the last lines, if they are those that came before.
    fn has_folded(&mut self, lines: usize) -> bool {
        let len = self.items.len();
        let Some(Item::Entry(Entry { step, at, .. })) = self.items.back() else { return false };
        let (step, at) = (*step, *at);
        // One more time of what has been folded.
        if let Some(before) = (len).checked_sub(lines + 1)
            && let Item::Again { lines: same, .. } = self.items[before]
            && same == lines
            && self.are_alike(lines, lines + 1)
        {
            self.items.truncate(len - lines);
            if let Some(Item::Again { times, step: last, at: time, .. }) = self.items.back_mut() {
                (*times, *last, *time) = (*times + 1, step, at);
            }
            return true;
        }
        let folds = len >= TIMES * lines
            && (1..TIMES).all(|_| self.are_alike(lines, lines))
            && self.are_alike(lines, 2 * lines);
        if folds {
            self.items.truncate(len - (TIMES - 1) * lines);
            self.items.push_back(Item::Again { lines, times: TIMES as u64 - 1, step, at });
        }
        folds
    }

    /// Whether the last lines are like those so far before them.
    fn are_alike(&self, lines: usize, distance: usize) -> bool {
        let len = self.items.len();
        len >= lines + distance
            && (len - lines..len).rev().all(|place| match (&self.items[place], &self.items[place - distance]) {
                (Item::Entry(one), Item::Entry(other)) => one.what.is_like(&other.what),
                _ => false,
            })
    }
}

impl What {
    /// Whether it says the same, apart from the time.
    fn is_like(&self, other: &What) -> bool {
        match (self, other) {
            (What::Rests { .. }, What::Rests { .. }) => true,
            (What::Fault { .. }, _) => false,
            _ => self == other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines that are left of these, of which each is a note or, as a digit, a rest.
    fn tail(limit: usize, text: &str) -> (String, bool) {
        let mut tail = Tail::new(limit);
        for (step, letter) in (0..).zip(text.chars()) {
            let what = match letter.to_digit(10) {
                Some(until) => What::Rests { until: until.into() },
                None => What::Note(letter.to_string()),
            };
            tail.add(Entry { step, at: step, what });
        }
        let (items, cut) = tail.shown();
        let shown = items.map(|item| match item {
            Item::Entry(Entry { what: What::Note(note), .. }) => note.clone(),
            Item::Entry(_) => "-".to_owned(),
            Item::Again { lines, times, step, .. } => format!("[{lines}x{times} to {step}]"),
        });
        (shown.collect(), cut)
    }

    #[test]
    fn what_comes_three_times_in_a_row_is_folded() {
        assert_eq!(tail(40, "xabab"), ("xabab".to_owned(), false));
        assert_eq!(tail(40, "xababab"), ("xab[2x2 to 6]".to_owned(), false));
        assert_eq!(tail(40, "xabababababy"), ("xab[2x4 to 10]y".to_owned(), false));
        assert_eq!(tail(40, "aaaabbbbb"), ("a[1x3 to 3]b[1x4 to 8]".to_owned(), false));
    }

    #[test]
    fn ticks_at_different_times_are_the_same() {
        assert_eq!(tail(40, "x1t2t3t4t"), ("x-t[2x3 to 8]".to_owned(), false));
    }

    #[test]
    fn many_ticks_leave_room_for_what_was_before() {
        let text = format!("cause{}end", "1tu".repeat(1_000));
        assert_eq!(tail(20, &text), ("cause-tu[3x999 to 3004]end".to_owned(), false));
    }

    #[test]
    fn the_last_lines_are_kept() {
        let text = "abcdefghijklmnopqrstuvwxyz".repeat(4);
        assert_eq!(tail(5, &text), ("vwxyz".to_owned(), true));
    }
}

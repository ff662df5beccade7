use std::collections::VecDeque;

use crate::trace::{Entry, What};

/// The last lines of the trace of a run. Repeated lines, such as the ticks of a timer without consequences, are kept
/// once, so that they leave room for earlier ones.
pub(crate) struct Tail {
    items: VecDeque<Item>,
    limit: usize,
    /// Whether earlier lines were dropped.
    cut: bool,
}

pub(crate) enum Item {
    Entry(Entry),
    /// The last `lines` lines before this one came `times` times more, the last time at this step and time.
    Again {
        lines: usize,
        times: u64,
        step: u64,
        at: u64,
    },
}

/// The maximum number of lines of a repeated block.
const LONGEST: usize = 12;

/// The number of repetitions in a row after which a block is folded.
const TIMES: usize = 3;

impl Tail {
    /// Makes a tail that keeps the last `limit` lines.
    pub(crate) fn new(limit: usize) -> Tail {
        Tail { items: VecDeque::new(), limit, cut: false }
    }

    pub(crate) fn add(&mut self, entry: Entry) {
        self.items.push_back(Item::Entry(entry));
        // Shorter blocks are tried first.
        let _folded = (1..=LONGEST).any(|lines| self.has_folded(lines));
        // Keeps more lines than are shown, to find repetitions.
        if self.items.len() > self.limit + TIMES * LONGEST {
            self.items.pop_front();
            self.cut = true;
        }
    }

    /// The lines to show, and whether there were earlier ones.
    pub(crate) fn shown(&self) -> (impl Iterator<Item = &Item>, bool) {
        let more = self.items.len().saturating_sub(self.limit);
        (self.items.iter().skip(more), self.cut || more > 0)
    }

    /// Folds the last `lines` lines if they repeat the lines before them.
    fn has_folded(&mut self, lines: usize) -> bool {
        let len = self.items.len();
        let Some(Item::Entry(Entry { step, at, .. })) = self.items.back() else { return false };
        let (step, at) = (*step, *at);
        // One more repetition of a folded block.
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

    /// Whether the last `lines` lines are like those `distance` before them.
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
    /// Whether the line says the same, apart from the time.
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

    /// The lines that are left of `text`, in which a letter is a note and a digit a rest.
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

//! The second version: format 2, with lines `KEY TOTAL COUNT`. It also reads what the first one saved.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::str;

use hot_reload_abi::{Out, Plugin, Saved};

use crate::RELEASE;
use crate::request::Request;
use crate::totals::Totals;

#[derive(Default)]
pub(crate) struct Counts(BTreeMap<String, Entry>);

#[derive(Clone, Copy, Default)]
struct Entry {
    total: u64,
    /// How often something was added since this version is in use.
    count: u64,
}

impl Plugin for Counts {
    const RELEASE: u32 = RELEASE;
    const FORMAT: u32 = 2;

    fn open(saved: Option<Saved<'_>>) -> Result<Self, String> {
        let Some(saved) = saved else { return Ok(Self::default()) };
        if saved.format != Self::FORMAT {
            let Totals(totals) = Totals::open(Some(saved))?;
            return Ok(Counts(totals.into_iter().map(|(key, total)| (key, Entry { total, count: 0 })).collect()));
        }
        let text = str::from_utf8(saved.bytes).map_err(|error| error.to_string())?;
        let entries = text.lines().map(|line| {
            let mut words = line.split(' ');
            let key = words.next()?.to_owned();
            Some((key, Entry { total: words.next()?.parse().ok()?, count: words.next()?.parse().ok()? }))
        });
        entries.collect::<Option<_>>().map(Counts).ok_or_else(|| "what was saved is no list of counts".to_owned())
    }

    fn handle(&mut self, request: &[u8], answer: &mut Out<'_>) -> Result<(), String> {
        match Request::parse(request)? {
            Request::Add { key, number } => {
                let Entry { total, count } = self.0.get(key).copied().unwrap_or_default();
                let entry =
                    Entry { total: total.checked_add(number).ok_or("the total is too large")?, count: count + 1 };
                self.0.insert(key.to_owned(), entry);
                let _ = write!(answer, "{}", Line(key, entry));
            }
            Request::Report => {
                for (key, entry) in &self.0 {
                    let _ = writeln!(answer, "{}", Line(key, *entry));
                }
            }
            Request::Crash => panic!("it was asked to"),
        }
        Ok(())
    }

    fn save(&self, saved: &mut Out<'_>) {
        for (key, Entry { total, count }) in &self.0 {
            let _ = writeln!(saved, "{key} {total} {count}");
        }
    }
}

struct Line<'a>(&'a str, Entry);

impl std::fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Line(key, Entry { total, count }) = self;
        write!(f, "release {RELEASE}: {key} has {total} of {count}")
    }
}

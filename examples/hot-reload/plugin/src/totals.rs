//! The first version: format 1, with lines `KEY TOTAL`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::str;

use hot_reload_abi::{Out, Plugin, Saved};

use crate::RELEASE;
use crate::request::Request;

#[derive(Default)]
pub(crate) struct Totals(pub(crate) BTreeMap<String, u64>);

impl Plugin for Totals {
    const RELEASE: u32 = RELEASE;
    const FORMAT: u32 = 1;

    fn open(saved: Option<Saved<'_>>) -> Result<Self, String> {
        let Some(saved) = saved else { return Ok(Self::default()) };
        if saved.format != Self::FORMAT {
            return Err(format!("it cannot read format {}", saved.format));
        }
        let text = str::from_utf8(saved.bytes).map_err(|error| error.to_string())?;
        let totals = text.lines().map(|line| {
            let (key, total) = line.split_once(' ')?;
            Some((key.to_owned(), total.parse().ok()?))
        });
        totals.collect::<Option<_>>().map(Totals).ok_or_else(|| "what was saved is no list of totals".to_owned())
    }

    fn handle(&mut self, request: &[u8], answer: &mut Out<'_>) -> Result<(), String> {
        match Request::parse(request)? {
            Request::Add { key, number } => {
                let total = self.0.get(key).unwrap_or(&0).checked_add(number).ok_or("the total is too large")?;
                self.0.insert(key.to_owned(), total);
                let _ = write!(answer, "release {RELEASE}: {key} has {total}");
            }
            Request::Report => {
                for (key, total) in &self.0 {
                    let _ = writeln!(answer, "release {RELEASE}: {key} has {total}");
                }
            }
            Request::Crash => panic!("it was asked to"),
        }
        Ok(())
    }

    fn save(&self, saved: &mut Out<'_>) {
        for (key, total) in &self.0 {
            let _ = writeln!(saved, "{key} {total}");
        }
    }
}

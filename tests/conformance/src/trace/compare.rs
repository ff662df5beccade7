use std::fmt;

use serde_json::Value;

/// Where a trace first differs from the golden one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The line of the trace, from 1.
    pub line: usize,
    /// The step that it belongs to, as its line in the golden trace shows it; none before the first step.
    pub step: Option<String>,
    /// The golden line; none if the golden trace has ended.
    pub golden: Option<String>,
    /// The line in its place; none if the trace has ended.
    pub got: Option<String>,
}

/// The first line in which two traces differ.
pub fn first_difference(golden: &str, got: &str) -> Option<Difference> {
    let (mut golden, mut got) = (golden.lines(), got.lines());
    let mut step = None;
    for line in 1.. {
        let (wanted, found) = (golden.next(), got.next());
        if wanted.is_none() && found.is_none() {
            break;
        }
        if let Some(wanted) = wanted
            && is_step(wanted)
        {
            step = Some(wanted.to_owned());
        }
        if wanted != found {
            return Some(Difference { line, step, golden: wanted.map(str::to_owned), got: found.map(str::to_owned) });
        }
    }
    None
}

fn is_step(line: &str) -> bool {
    serde_json::from_str::<Value>(line).is_ok_and(|line| line.get("step").is_some())
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_end = |line: &Option<String>| line.clone().unwrap_or_else(|| "(the end)".to_owned());
        match &self.step {
            Some(step) => writeln!(f, "line {}, in step {step}", self.line)?,
            None => writeln!(f, "line {}", self.line)?,
        }
        writeln!(f, "  golden: {}", or_end(&self.golden))?;
        write!(f, "  got:    {}", or_end(&self.got))
    }
}

use serde_json::json;

use crate::case::{Id, Unit};
use crate::goals;
use crate::run::Measured;

pub const OURS: Id = Id { name: "otp", backend: "tokio" };
pub const BASELINE: Id = Id { name: "raw", backend: "tokio" };

/// One object a line.
pub fn json(results: &[Measured]) {
    for result in results {
        let line = json!({
            "workload": result.row.name(),
            "system": result.system.name,
            "backend": result.system.backend,
            "median": round(result.median()),
            "min": round(result.min()),
            "max": round(result.max()),
            "unit": result.row.unit.to_string(),
            "ratio to raw tokio": ratio(results, result, BASELINE).map(round),
        });
        println!("{line}");
    }
}

/// A table for a terminal.
pub fn text(results: &[Measured]) {
    let mut row = None;
    for result in results {
        if row != Some(result.row) {
            row = Some(result.row);
            println!("\n{}: {}", result.row.name(), result.row.what);
            println!("    {:<24}{:>12}{:>12}{:>12}{:>12}{:>9}", "", "median", "min", "max", "raw tokio", "otp");
        }
        let unit = result.row.unit;
        let against = |other| ratio(results, result, other).map_or(String::new(), |ratio| format!("{ratio:.2} x"));
        println!(
            "    {:<24}{:>12}{:>12}{:>12}{:>12}{:>9}",
            result.system.to_string(),
            scaled(result.median(), unit),
            scaled(result.min(), unit),
            scaled(result.max(), unit),
            against(BASELINE),
            against(OURS),
        );
    }
}

/// The goals, for a terminal.
pub fn goals(results: &[Measured]) {
    let goals = goals::outcomes(results);
    if !goals.is_empty() {
        println!("\ngoals");
    }
    for goal in goals {
        let met = if goal.is_met { "" } else { "  missed" };
        println!("    {:<40}{:<32}{:>10}{met}", goal.what, goal.goal, goal.measured);
    }
}

/// What `result` is of what another system needs in the same row, if that is not nothing.
pub fn ratio(results: &[Measured], result: &Measured, other: Id) -> Option<f64> {
    let other = results.iter().find(|candidate| candidate.row == result.row && candidate.system == other)?;
    (other.median() > 0.0).then(|| result.median() / other.median())
}

/// A figure in the unit in which it is read best.
pub fn scaled(figure: f64, unit: Unit) -> String {
    match unit {
        Unit::Nanoseconds if figure >= 1e8 => format!("{:.0} ms", figure / 1e6),
        Unit::Nanoseconds if figure >= 1e7 => format!("{:.1} ms", figure / 1e6),
        Unit::Nanoseconds if figure >= 1e6 => format!("{:.2} ms", figure / 1e6),
        Unit::Nanoseconds if figure >= 1e5 => format!("{:.0} µs", figure / 1e3),
        Unit::Nanoseconds if figure >= 1e4 => format!("{:.1} µs", figure / 1e3),
        Unit::Nanoseconds if figure >= 100.0 => format!("{figure:.0} ns"),
        Unit::Nanoseconds => format!("{figure:.1} ns"),
        Unit::Bytes if figure >= 1e6 => format!("{:.1} MB", figure / 1e6),
        Unit::Bytes => format!("{figure:.0} B"),
        Unit::Number => format!("{figure:.1}"),
    }
}

fn round(figure: f64) -> f64 {
    (figure * 1000.0).round() / 1000.0
}

//! A picture of a group of rows: bars, row by row, the shortest is the best.

use std::path::Path;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::case::Row;
use crate::run::Measured;
use crate::table::scaled;

const WIDTH: i32 = 760;
const NAMES: i32 = 155;
const FIGURES: i32 = 80;
const BAR: i32 = 15;
const TITLE: i32 = 28;
const SPACE: i32 = 10;
/// A bar that is longer than so many times the middle one is cut, or it would leave no room for the others.
const CUT: f64 = 3.0;

/// Draws the rows into an SVG file.
pub fn draw(path: &Path, rows: &[&'static Row], results: &[Measured]) -> Result<(), Box<dyn std::error::Error>> {
    let panels: Vec<(&Row, Vec<&Measured>)> = rows.iter().map(|row| (*row, of_row(row, results))).collect();
    let height = |bars: &[&Measured]| TITLE + BAR * bars.len() as i32 + SPACE;
    let total: i32 = panels.iter().map(|(_, bars)| height(bars)).sum();
    let area = SVGBackend::new(path, (WIDTH as u32, total as u32)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut top = 0;
    for (row, bars) in panels {
        area.draw(&Text::new(row.name(), (8, top + 6), ("sans-serif", 17).into_font().style(FontStyle::Bold)))?;
        let longest = scale(&bars);
        for (place, bar) in bars.iter().enumerate() {
            let y = top + TITLE + BAR * place as i32;
            let room = WIDTH - NAMES - FIGURES;
            let length = (f64::from(room) * (bar.median() / longest).min(1.0)) as i32;
            let right = Pos::new(HPos::Right, VPos::Center);
            let left = Pos::new(HPos::Left, VPos::Center);
            let style = TextStyle::from(("sans-serif", 14).into_font());
            let middle = y + BAR / 2;
            area.draw(&Text::new(bar.system.to_string(), (NAMES - 6, middle), style.clone().pos(right)))?;
            let corners = [(NAMES, y + 1), (NAMES + length.max(1), y + BAR - 1)];
            area.draw(&Rectangle::new(corners, colour(bar).filled()))?;
            let cut = if bar.median() > longest { "» " } else { "" };
            let figure = format!("{cut}{}", scaled(bar.median(), row.unit));
            area.draw(&Text::new(figure, (NAMES + length + 5, middle), style.pos(left)))?;
        }
        top += height(&bars);
    }
    area.present()?;
    Ok(())
}

/// The figures of a row, the best one first.
fn of_row<'a>(row: &Row, results: &'a [Measured]) -> Vec<&'a Measured> {
    let mut bars: Vec<&Measured> = results.iter().filter(|result| result.row == row).collect();
    bars.sort_by(|one, other| one.median().total_cmp(&other.median()));
    bars
}

/// What the longest bar stands for.
fn scale(bars: &[&Measured]) -> f64 {
    let (Some(middle), Some(last)) = (bars.get(bars.len() / 2), bars.last()) else { return 1.0 };
    last.median().min(CUT * middle.median()).max(f64::MIN_POSITIVE)
}

fn colour(bar: &Measured) -> RGBColor {
    match bar.system.name {
        "otp" => RGBColor(31, 111, 180),
        "raw" => RGBColor(120, 120, 120),
        "beam" => RGBColor(169, 5, 51),
        _ => RGBColor(200, 200, 200),
    }
}

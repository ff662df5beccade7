//! Draws what an observer answers.

use std::iter;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Cell, Paragraph, Row as Cells, Table};

use crate::model::{About, Crashes, Row, Rows};

/// Which page is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Page {
    /// The busiest by messages.
    #[default]
    Messages,
    /// The busiest by queue.
    Queue,
    /// The busiest by runs.
    Runs,
    /// The busiest by the time for which they ran.
    Time,
    /// The busiest by time with one message.
    Busy,
    /// The tree.
    Tree,
    /// The crashes.
    Crashes,
}

impl Page {
    /// The page of a key.
    pub fn of_key(key: char) -> Option<Page> {
        Some(match key {
            'm' => Page::Messages,
            'q' => Page::Queue,
            'r' => Page::Runs,
            'p' => Page::Time,
            'b' => Page::Busy,
            't' => Page::Tree,
            'c' => Page::Crashes,
            _ => return None,
        })
    }

    /// How the observer calls the order of the busiest.
    pub fn by(self) -> Option<&'static str> {
        Some(match self {
            Page::Messages => "messages",
            Page::Queue => "queue",
            Page::Runs => "runs",
            Page::Time => "time",
            Page::Busy => "busy",
            Page::Tree | Page::Crashes => return None,
        })
    }

    fn figure(self, figure: f64) -> String {
        match self {
            Page::Queue => format!("{figure:.0}"),
            Page::Time => format!("{:.1} %", figure * 100.0),
            Page::Busy => format!("{figure:.0} s"),
            _ => format!("{figure:.1}/s"),
        }
    }
}

/// All that is drawn.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Screen {
    /// Where the observer listens.
    pub address: String,
    /// Which page is shown.
    pub page: Page,
    /// How many lines are scrolled over.
    pub from: usize,
    /// The sums.
    pub about: About,
    /// The busiest.
    pub top: Rows,
    /// The tree, with the depth of each row.
    pub tree: Vec<(usize, Row)>,
    /// The crashes.
    pub crashes: Crashes,
    /// Why nothing new is shown.
    pub trouble: Option<String>,
}

impl Screen {
    /// Makes a screen without anything on it.
    pub fn of(address: impl Into<String>) -> Screen {
        Screen { address: address.into(), ..Screen::default() }
    }

    /// Draws it.
    pub fn draw(&self, frame: &mut Frame<'_>) {
        let parts = Layout::vertical([Constraint::Length(2), Constraint::Min(3), Constraint::Length(1)]);
        let [head, body, foot] = parts.areas(frame.area());
        self.draw_head(frame, head);
        match self.page {
            Page::Tree => self.draw_tree(frame, body),
            Page::Crashes => self.draw_crashes(frame, body),
            _ => self.draw_top(frame, body),
        }
        self.draw_foot(frame, foot);
    }

    fn draw_head(&self, frame: &mut Frame<'_>, area: Rect) {
        let now = &self.about.now;
        let title = Line::from(vec![
            "otp-top ".bold(),
            Span::from(shown(&self.address)),
            Span::from(format!(" on {}", shown(&self.about.runtime))).dim(),
        ]);
        let sums = format!(
            "{} processes  {:.0} messages/s  {} waiting  {} ready  {} crashes  {} restarts",
            now.processes, now.messages, now.queued, now.runnable, now.crashes, now.restarts
        );
        frame.render_widget(Paragraph::new(vec![title, Line::from(sums)]), area);
    }

    fn draw_top(&self, frame: &mut Frame<'_>, area: Rect) {
        let by = self.page.by().unwrap_or_default();
        let header =
            Cells::new([by, "queue", "pid", "process", "doing"]).style(Style::new().add_modifier(Modifier::DIM));
        let rows = self.top.rows.iter().skip(self.from).map(|row| {
            Cells::new([
                Cell::from(self.page.figure(row.figure)),
                Cell::from(row.queue.to_string()),
                Cell::from(shown(row.pid.as_deref().unwrap_or_default())),
                Cell::from(shown(row.called())),
                Cell::from(shown(&row.doing)),
            ])
            .style(color(row))
        });
        let widths = [
            Constraint::Length(11),
            Constraint::Length(8),
            Constraint::Length(12),
            Constraint::Fill(2),
            Constraint::Fill(2),
        ];
        frame.render_widget(Table::new(rows, widths).header(header).block(Block::new()), area);
    }

    fn draw_tree(&self, frame: &mut Frame<'_>, area: Rect) {
        let lines = self.tree.iter().skip(self.from).take(area.height.into()).map(|(depth, row)| {
            let mut spans = vec![Span::from("  ".repeat(*depth)), Span::styled(shown(row.called()), color(row))];
            if let Some(supervisor) = &row.supervisor {
                let text = format!("  {} {}/{}", shown(&supervisor.strategy), supervisor.used, supervisor.limit);
                spans.push(Span::from(text).cyan());
            }
            if row.children > 0 {
                spans.push(Span::from(format!("  {}", row.children)).dim());
            }
            if let Some(child) = row.child.as_ref().filter(|child| child.restarts > 0) {
                spans.push(Span::from(format!("  restarted {}×", child.restarts)).yellow());
            }
            spans.push(
                Span::from(format!("  {}  {}", shown(row.pid.as_deref().unwrap_or("stopped")), shown(&row.doing)))
                    .dim(),
            );
            Line::from(spans)
        });
        frame.render_widget(Paragraph::new(lines.collect::<Vec<_>>()), area);
    }

    fn draw_crashes(&self, frame: &mut Frame<'_>, area: Rect) {
        let lines = self.crashes.list.iter().flat_map(|crash| {
            let seconds = crash.time / 1000 % 86_400;
            let what = Line::from(vec![
                Span::from(format!("{:02}:{:02}:{:02} UTC ", seconds / 3600, seconds / 60 % 60, seconds % 60)).dim(),
                Span::from(shown(crash.label.as_deref().unwrap_or_default())).red(),
                Span::from(format!(" {} ", shown(crash.pid.as_deref().unwrap_or_default()))),
                Span::from(shown(&crash.reason)),
                Span::from(crash.place.as_ref().map_or_else(String::new, |place| format!("  {}", shown(place)))).dim(),
            ]);
            let state = crash.state.as_ref().map(|state| Line::from(format!("             in {}", shown(state))).dim());
            iter::once(what).chain(state)
        });
        let lines = lines.skip(self.from).take(area.height.into());
        let lines: Vec<_> = lines.collect();
        let page = if lines.is_empty() { Paragraph::new("Nothing has crashed.") } else { Paragraph::new(lines) };
        frame.render_widget(page, area);
    }

    fn draw_foot(&self, frame: &mut Frame<'_>, area: Rect) {
        let line = match &self.trouble {
            Some(trouble) => Line::from(shown(trouble)).red(),
            None => Line::from("m essages  q ueue  r uns  p rocessor  b usy  t ree  c rashes  Esc").dim(),
        };
        frame.render_widget(line, area);
    }
}

/// A text as it may be shown: whatever the system calls something must not control the terminal.
fn shown(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '·' } else { letter }).collect()
}

fn color(row: &Row) -> Style {
    match &row.incident {
        _ if row.status == "stopped" => Style::new().fg(Color::Red),
        Some(incident) if incident.kind == "restart" => Style::new().fg(Color::Yellow),
        Some(_) => Style::new().fg(Color::Red),
        None if row.queue > 100 => Style::new().fg(Color::Yellow),
        None => Style::new(),
    }
}

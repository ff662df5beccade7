//! Shows an observer in a terminal.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for a terminal")]

use std::process::ExitCode;
use std::time::Duration;

use otp::System;
use otp::tokio::TokioExecutor;
use otp_top::args::{HELP, Invocation};
use otp_top::client::{AskError, ask};
use otp_top::model::{Row, Rows};
use otp_top::view::{Page, Screen};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};

type Failed = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("otp-top: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failed> {
    let asked = Invocation::parse(std::env::args_os().skip(1))?;
    if asked.help {
        print!("{HELP}");
        return Ok(());
    }
    TokioExecutor::current_thread().run(async |system| show(&system, asked).await)?
}

async fn show(system: &System, asked: Invocation) -> Result<(), Failed> {
    let mut screen = Screen::of(asked.address.to_string());
    if asked.once {
        screen.page = Page::Tree;
        look(system, &asked, &mut screen).await?;
        let mut terminal = Terminal::new(TestBackend::new(120, screen.tree.len().min(500) as u16 + 3))?;
        terminal.draw(|frame| screen.draw(frame))?;
        for line in terminal.backend().to_string().lines() {
            println!("{}", line.trim_matches('"').trim_end());
        }
        return Ok(());
    }
    // It fails at once if there is nothing to look at.
    look(system, &asked, &mut screen).await?;
    let mut terminal = ratatui::init();
    let shown = until_exit(system, &asked, &mut screen, &mut terminal).await;
    ratatui::restore();
    shown
}

async fn until_exit(
    system: &System,
    asked: &Invocation,
    screen: &mut Screen,
    terminal: &mut ratatui::DefaultTerminal,
) -> Result<(), Failed> {
    loop {
        terminal.draw(|frame| screen.draw(frame))?;
        // It blocks its thread until there is a key.
        let key = system.spawn_blocking(|| match event::poll(INTERVAL)? {
            true => event::read().map(Some),
            false => Ok(None),
        });
        let mut refreshes = true;
        if let Some(Event::Key(key)) = key.await?? {
            if key.kind != KeyEventKind::Press {
                continue;
            }
            refreshes = false;
            match key.code {
                KeyCode::Esc => return Ok(()),
                KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => return Ok(()),
                KeyCode::Char(letter) => {
                    if let Some(page) = Page::of_key(letter) {
                        (screen.page, screen.from, refreshes) = (page, 0, true);
                    }
                }
                KeyCode::Down => screen.from += 1,
                KeyCode::Up => screen.from = screen.from.saturating_sub(1),
                KeyCode::PageDown => screen.from += 20,
                KeyCode::PageUp => screen.from = screen.from.saturating_sub(20),
                KeyCode::Home => screen.from = 0,
                _ => {}
            }
        }
        if refreshes {
            screen.trouble = look(system, asked, screen).await.err().map(|error| error.to_string());
        }
    }
}

/// How often it asks.
const INTERVAL: Duration = Duration::from_secs(1);
/// How many processes are unfolded in the tree, and how many rows there are at most.
const OPEN: usize = 40;
const ROWS: usize = 2000;

async fn look(system: &System, asked: &Invocation, screen: &mut Screen) -> Result<(), AskError> {
    let address = &asked.address;
    screen.about = ask(system, address, "/api/system").await?;
    match screen.page {
        Page::Tree => screen.tree = tree(system, asked).await?,
        Page::Crashes => screen.crashes = ask(system, address, "/api/crashes").await?,
        page => {
            let by = page.by().unwrap_or_default();
            screen.top = ask(system, address, &format!("/api/top?by={by}")).await?;
        }
    }
    Ok(())
}

/// The tree, as far as it consists of supervisors, with their first children.
async fn tree(system: &System, asked: &Invocation) -> Result<Vec<(usize, Row)>, AskError> {
    let roots: Rows = ask(system, &asked.address, "/api/tree?limit=200").await?;
    // Those that are to be shown, the first one last.
    let mut left: Vec<(usize, Row)> = roots.rows.into_iter().rev().map(|row| (0, row)).collect();
    let (mut shown, mut open) = (Vec::new(), 0);
    while let Some((depth, row)) = left.pop() {
        let unfolds = row.supervisor.is_some() && row.children > 0 && open < OPEN;
        let pid = row.pid.clone().filter(|_| unfolds);
        shown.push((depth, row));
        if shown.len() >= ROWS {
            break;
        }
        let Some(pid) = pid else { continue };
        open += 1;
        let path = format!("/api/tree?limit=50&pid={}", pid.trim_matches(['<', '>']));
        // One that has ended meanwhile has no children.
        if let Ok(page) = ask::<Rows>(system, &asked.address, &path).await {
            left.extend(page.rows.into_iter().rev().map(|row| (depth + 1, row)));
        }
    }
    Ok(shown)
}

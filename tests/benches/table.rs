//! The table: each figure with its limit, the ratio of both, and the goal.

use crate::live::{Idle, Live};
use crate::load::{Load, median};
use crate::posting::Level;
use crate::reading::{self, Reading};

/// One line of the table.
pub struct Line {
    work: String,
    figure: &'static str,
    here: f64,
    beside: Option<(f64, &'static str)>,
    /// The median of the rounds' ratios, not the ratio of the medians.
    ratio: Option<f64>,
    goal: &'static str,
}

const CPU: &str = "server CPU, us an answer";
const RATE: &str = "answers a second";
const P50: &str = "median, us";
const P99: &str = "99 of 100, us";
const CLIENT_CPU: &str = "client CPU, us an answer";

/// All lines.
pub fn lines(reading: &Reading, posting: &[Level], live: &Live) -> Vec<Line> {
    let mut lines = reading_lines(reading);
    lines.extend(posting.iter().flat_map(posting_lines));
    lines.extend(live_lines(live));
    lines
}

fn live_lines(Live { idle, one, many }: &Live) -> Vec<Line> {
    let line = |work: String, figure, here| Line { work, figure, here, beside: None, ratio: None, goal: "" };
    let memory = |idle: &Idle| {
        let work = format!("idle subscriptions, {} sockets with {} each", idle.sockets, idle.of_socket);
        let open = Line { goal: "here at most 20", ..line(work.clone(), "memory, KiB each", idle.kib) };
        [open, line(work, "kept when they are closed, KiB each", idle.kept_kib)]
    };
    let mut lines: Vec<_> = idle.iter().flat_map(memory).collect();
    let ratio = median(many.iter().zip(one).map(|(many, one)| many / one));
    lines.push(Line {
        beside: Some((median(one.iter().copied()), "one subscriber")),
        ratio: Some(ratio),
        goal: "at most 20",
        ..line("a message to 1,000 subscribers".to_owned(), "until all know, us", median(many.iter().copied()))
    });
    lines
}

fn reading_lines(reading: &Reading) -> Vec<Line> {
    let Reading { answer_bytes, here, bare } = reading;
    let work = format!("newest 50 messages, {answer_bytes} bytes, {} connections", reading::CLIENTS);
    let line = |figure, of: fn(&Load) -> f64, goal| Line {
        work: work.clone(),
        figure,
        here: median(here.iter().map(of)),
        beside: Some((median(bare.iter().map(of)), "bare handler")),
        ratio: Some(median(here.iter().zip(bare).map(|(here, bare)| of(here) / of(bare)))),
        goal,
    };
    vec![
        line(CPU, |load| load.cpu_us, "at most 8"),
        line(RATE, |load| load.rate, ""),
        line(P50, |load| load.p50_us, ""),
        line(P99, |load| load.p99_us, ""),
        line(CLIENT_CPU, |load| load.client_cpu_us, ""),
    ]
}

fn posting_lines(level: &Level) -> Vec<Line> {
    let Level { clients, here, disk } = level;
    let line = |figure, of: fn(&Load) -> f64| Line {
        work: format!("post a message, {clients} at once"),
        figure,
        here: median(here.iter().map(of)),
        beside: None,
        ratio: None,
        goal: "",
    };
    let rounds = || here.iter().zip(disk);
    vec![
        Line { goal: if *clients == 64 { "here at most 200" } else { "" }, ..line(CPU, |load| load.cpu_us) },
        Line {
            beside: Some((median(disk.iter().map(|disk| disk.rate)), "flushes")),
            ratio: Some(median(rounds().map(|(load, disk)| load.rate / disk.rate))),
            goal: if *clients == 64 { "at least 1.5" } else { "" },
            ..line(RATE, |load| load.rate)
        },
        Line {
            beside: Some((median(disk.iter().map(|disk| disk.p50_us)), "a flush")),
            ratio: Some(median(rounds().map(|(load, disk)| load.p50_us / disk.p50_us))),
            goal: if *clients == 1 { "at most 3" } else { "" },
            ..line(P50, |load| load.p50_us)
        },
        Line {
            beside: Some((median(here.iter().map(|load| load.p50_us)), "its median")),
            ratio: Some(median(here.iter().map(|load| load.p99_us / load.p50_us))),
            goal: if *clients == 64 { "at most 10" } else { "" },
            ..line(P99, |load| load.p99_us)
        },
        line(CLIENT_CPU, |load| load.client_cpu_us),
    ]
}

/// The lines as text.
pub fn drawn(lines: &[Line]) -> String {
    let mut drawn = String::new();
    let mut work = "";
    for line in lines {
        if work != line.work {
            work = &line.work;
            let head = row("", ["here", "beside it", "", "ratio", "goal"]);
            drawn.push_str(&format!("\n{work}\n{head}"));
        }
        let (beside, what) = line.beside.map_or((String::new(), ""), |(value, what)| (number(value), what));
        let ratio = line.ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}"));
        drawn.push_str(&row(line.figure, [&number(line.here), &beside, what, &ratio, line.goal]));
    }
    drawn
}

fn row(first: &str, [here, beside, what, ratio, goal]: [&str; 5]) -> String {
    let row = format!("{first:<26}{here:>10}{beside:>10} {what:<14}{ratio:>8}  {goal}");
    format!("{}\n", row.trim_end())
}

fn number(value: f64) -> String {
    if value < 100.0 { format!("{value:.1}") } else { format!("{value:.0}") }
}

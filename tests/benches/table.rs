//! The table: each figure with its limit, the ratio of both with its least and greatest round, and the goal.

use crate::against::Against;
use crate::forbidden::{self, Kind, Session};
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
    ratio: Option<Ratio>,
    goal: &'static str,
}

/// The ratio of a figure and its limit, over the rounds.
struct Ratio {
    /// The median of the rounds' ratios, not the ratio of the medians.
    median: f64,
    least: f64,
    greatest: f64,
}

impl Ratio {
    /// None if there was no round.
    fn of(rounds: impl Iterator<Item = f64>) -> Option<Self> {
        let rounds: Vec<f64> = rounds.collect();
        let least = rounds.iter().copied().reduce(f64::min)?;
        let greatest = rounds.iter().copied().reduce(f64::max)?;
        Some(Self { median: median(rounds.into_iter()), least, greatest })
    }
}

const CPU: &str = "server CPU, us an answer";
const RATE: &str = "answers a second";
const P50: &str = "median, us";
const P99: &str = "99 of 100, us";
const CLIENT_CPU: &str = "client CPU, us an answer";

/// What was measured.
pub struct Measured {
    pub reading: Reading,
    pub posting: Vec<Level>,
    pub forbidden: Vec<Kind>,
    pub live: Live,
}

/// All lines.
pub fn lines(Measured { reading, posting, forbidden, live }: &Measured) -> Vec<Line> {
    let mut lines = reading_lines(reading);
    lines.extend(posting.iter().flat_map(posting_lines));
    lines.extend(forbidden.iter().flat_map(forbidden_lines));
    lines.extend(live_lines(live));
    lines
}

/// The lines of a comparison with another build.
pub fn against_lines(works: &[Against]) -> Vec<Line> {
    works
        .iter()
        .map(|Against { work, here, other }| Line {
            work: work.clone(),
            figure: CPU,
            here: median(here.iter().map(|load| load.cpu_us)),
            beside: Some((median(other.iter().map(|load| load.cpu_us)), "other build")),
            ratio: Ratio::of(here.iter().zip(other).map(|(here, other)| here.cpu_us / other.cpu_us)),
            goal: "at most 1.1",
        })
        .collect()
}

fn forbidden_lines(Kind { name, sessions }: &Kind) -> [Line; 2] {
    let line = |figure, of: fn(&Session) -> f64, goal| Line {
        work: format!("{} ids of a {name} in one document, all answered with null", forbidden::IDS),
        figure,
        here: median(sessions.iter().map(of)),
        beside: Some((median(sessions.iter().map(|session| session.missing_us)), "missing")),
        ratio: Ratio::of(sessions.iter().map(|session| of(session) / session.missing_us)),
        goal,
    };
    [
        line("forbidden, us an answer", |session| session.forbidden_us, "as the line below"),
        // How far two figures that should be equal are apart.
        line("other missing, us", |session| session.other_missing_us, ""),
    ]
}

fn live_lines(Live { idle, one, many }: &Live) -> Vec<Line> {
    let line = |work: String, figure, here| Line { work, figure, here, beside: None, ratio: None, goal: "" };
    let memory = |idle: &Idle| {
        let work = format!("idle subscriptions, {} sockets with {} each", idle.sockets, idle.of_socket);
        let open = Line { goal: "here at most 20", ..line(work.clone(), "memory, KiB each", idle.kib) };
        [open, line(work, "kept when they are closed, KiB each", idle.kept_kib)]
    };
    let mut lines: Vec<_> = idle.iter().flat_map(memory).collect();
    lines.push(Line {
        beside: Some((median(one.iter().copied()), "one subscriber")),
        ratio: Ratio::of(many.iter().zip(one).map(|(many, one)| many / one)),
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
        ratio: Ratio::of(here.iter().zip(bare).map(|(here, bare)| of(here) / of(bare))),
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
            ratio: Ratio::of(rounds().map(|(load, disk)| load.rate / disk.rate)),
            goal: if *clients == 64 { "at least 1.5" } else { "" },
            ..line(RATE, |load| load.rate)
        },
        Line {
            beside: Some((median(disk.iter().map(|disk| disk.p50_us)), "a flush")),
            ratio: Ratio::of(rounds().map(|(load, disk)| load.p50_us / disk.p50_us)),
            goal: if *clients == 1 { "at most 3" } else { "" },
            ..line(P50, |load| load.p50_us)
        },
        Line {
            beside: Some((median(here.iter().map(|load| load.p50_us)), "its median")),
            ratio: Ratio::of(here.iter().map(|load| load.p99_us / load.p50_us)),
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
            let head = row("", ["here", "beside it", "", "ratio", "rounds", "goal"]);
            drawn.push_str(&format!("\n{work}\n{head}"));
        }
        let (beside, what) = line.beside.map_or((String::new(), ""), |(value, what)| (number(value), what));
        let (ratio, rounds) = match &line.ratio {
            Some(Ratio { median, least, greatest }) => (format!("{median:.2}"), format!("{least:.2}-{greatest:.2}")),
            None => (String::new(), String::new()),
        };
        drawn.push_str(&row(line.figure, [&number(line.here), &beside, what, &ratio, &rounds, line.goal]));
    }
    drawn
}

fn row(first: &str, [here, beside, what, ratio, rounds, goal]: [&str; 6]) -> String {
    let row = format!("{first:<26}{here:>10}{beside:>10} {what:<14}{ratio:>8}{rounds:>12}  {goal}");
    format!("{}\n", row.trim_end())
}

fn number(value: f64) -> String {
    if value < 100.0 { format!("{value:.1}") } else { format!("{value:.0}") }
}

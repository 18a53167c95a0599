//! Cases of import: complete, interrupted, with a changed export, and into the log of another clinic.

use std::io::Cursor;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::DateTime;
use futures_util::stream::BoxStream;
use tempfile::TempDir;
use test_fuzz::{Target, corpus, variant};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::export::{Line, Trailer};
use crate::log_scan::LogScan;
use crate::{
    Access, Append, AppendError, Appended, At, Clock, Direction, EventType, Expected, ExportProblem, Fatal, Feed, Flaw,
    ImportProblem, Imported, Journal, LIMITS, Limits, Lines, LogIdentity, LogPage, Namespace, NewEvent, Position,
    ReadError, Recorded, Revision, Source, Step, Stopped, StreamName, StreamPage, export, import, init, open, verify,
};

fn care() -> Namespace {
    Namespace::parse("care").expect("a namespace")
}

/// A clock of its own for each log, so that times of storing differ.
fn clock(seconds: i64) -> Clock {
    Arc::new(move || DateTime::from_timestamp(seconds, 0).expect("a time"))
}

async fn opened(url: &str) -> Arc<dyn Journal> {
    open(url, care(), Access::Write, clock(1_000_000_000)).await.expect("the log opens")
}

async fn memory() -> Arc<dyn Journal> {
    opened("memory:").await
}

fn in_directory(directory: &TempDir) -> String {
    format!("sqlite:{}", directory.path().display())
}

/// Appends of one to five events to streams that take turns, of all sizes and with all bytes.
async fn fill(journal: &dyn Journal, events: u64) {
    let mut lengths = vec![0_u64; 37];
    let mut row = Vec::new();
    let mut id = 0;
    while id < events {
        let stream = usize::try_from(id * 7 % 37).expect("small");
        let count = (id % 5 + 1).min(events - id);
        let expected =
            lengths[stream].checked_sub(1).map_or(Expected::NoStream, |last| Expected::Exact(Revision(last)));
        let made = (id..id + count).map(|id| NewEvent {
            id: Uuid::from_u128(u128::from(id) << 40 | 0xabc),
            event_type: EventType::parse(if id % 3 == 0 { "note.taken" } else { "matter.that_nobody_knows" })
                .expect("an event type"),
            data: (0..id * 31 % 700).map(|byte| (byte ^ id) as u8).collect::<Vec<_>>().into(),
            meta: Bytes::from(format!("{{\"n\":{id}}}")),
        });
        let stream_name = StreamName::parse(&format!("note-{stream}")).expect("a name");
        row.push(Append { stream: stream_name, expected, events: made.collect() });
        lengths[stream] += count;
        id += count;
        if row.len() == 200 || id == events {
            journal.append_in_order(std::mem::take(&mut row)).await.expect("appended");
        }
    }
}

/// The part of a recorded event that an import keeps.
#[derive(Debug, PartialEq, Eq)]
struct Content {
    stream: StreamName,
    revision: Revision,
    id: Uuid,
    event_type: EventType,
    data: Bytes,
    meta: Bytes,
}

/// The contents of a log, in its order.
async fn contents(journal: &dyn Journal) -> Vec<Content> {
    let (mut scan, mut events) = (LogScan::start(journal).await.expect("a head"), Vec::new());
    while let Some(event) = scan.next().await.expect("an event") {
        let Recorded { stream, revision, id, event_type, data, meta, .. } = event;
        events.push(Content { stream, revision, id, event_type, data, meta });
    }
    events
}

async fn exported(journal: &dyn Journal) -> Vec<u8> {
    let mut file = Vec::new();
    export(journal, &care(), &mut file, &mut |_, _| {}).await.expect("an export");
    file
}

async fn imported(target: &dyn Journal, file: &[u8]) -> Result<Imported, ImportProblem> {
    let mut lines = Lines::new(Cursor::new(file.to_vec()));
    let imported = import(target, &care(), Source::Export(&mut lines), &mut |_, _, _| {}).await?;
    lines.end()?;
    Ok(imported)
}

async fn carried(target: &dyn Journal, source: &dyn Journal) -> Result<Imported, ImportProblem> {
    import(target, &care(), Source::Log(source), &mut |_, _, _| {}).await
}

#[tokio::test]
async fn every_instant_of_an_export_has_one_width() {
    for (nanos, written) in [
        (0, "2001-09-09T01:46:40.000000Z"),
        (120_000_000, "2001-09-09T01:46:40.120000Z"),
        (123_456_789, "2001-09-09T01:46:40.123456Z"),
    ] {
        let clock: Clock = Arc::new(move || DateTime::from_timestamp(1_000_000_000, nanos).expect("a time"));
        let log = open("memory:", care(), Access::Write, clock).await.expect("the log opens");
        fill(&*log, 1).await;
        let file = String::from_utf8(exported(&*log).await).expect("text");
        assert!(file.contains(&format!(r#""stored_at":"{written}""#)), "{file}");
    }
}

#[tokio::test]
async fn a_log_is_imported_unchanged_from_a_file_and_from_a_log() {
    let place = TempDir::new().expect("a directory");
    let (first, second, third) = (memory().await, opened(&in_directory(&place)).await, memory().await);
    fill(&*first, 2_000).await;
    let file = exported(&*first).await;
    let moved = imported(&*second, &file).await.expect("moved");
    assert_eq!(moved, Imported { events: 2_000, before: 0, head: Some(Position(2_000)) });
    assert_eq!(contents(&*second).await, contents(&*first).await);
    assert_eq!(carried(&*third, &*second).await.expect("moved").events, 2_000);
    assert_eq!(contents(&*third).await, contents(&*first).await);
    let digests = |file: &[u8]| String::from_utf8_lossy(file).lines().last().map(|line| line[..100].to_owned());
    assert_eq!(digests(&exported(&*third).await), digests(&file), "the sum over the digests is that of the contents");
    let again = imported(&*second, &file).await.expect("there already");
    assert_eq!(again, Imported { events: 2_000, before: 2_000, head: Some(Position(2_000)) });
}

/// Two thousand events normally, a hundred thousand with `CAREFOLD_SOAK=1`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_moves_from_store_to_store_and_back() {
    let events = if std::env::var_os("CAREFOLD_SOAK").is_some_and(|value| value == "1") { 100_000 } else { 2_000 };
    let (first, last) = (TempDir::new().expect("a directory"), TempDir::new().expect("a directory"));
    let mut urls = vec![in_directory(&first)];
    let cluster = test_stores::postgres::Cluster::shared();
    urls.extend(cluster.as_ref().map(|cluster| cluster.url_of(&cluster.database(), test_stores::postgres::SUPERUSER)));
    let kurrent = test_stores::kurrent::StandIn::start(test_stores::kurrent::Options::default());
    urls.push(kurrent.url());
    urls.push(in_directory(&last));

    let mut began = Instant::now();
    let mut report = |what: &str| {
        println!("{what}: {:?} for {events} events", began.elapsed());
        began = Instant::now();
    };
    let source = opened(&urls[0]).await;
    fill(&*source, events).await;
    let expected = contents(&*source).await;
    drop(source);
    report("made");
    for pair in urls.windows(2) {
        let scheme = |url: &str| url.split(':').next().unwrap_or_default().to_owned();
        init(&pair[1], care(), clock(2_000_000_000)).await.expect("a log that is made");
        let source = open(&pair[0], care(), Access::ReadOnly, clock(0)).await.expect("the log opens");
        let target = opened(&pair[1]).await;
        let moved = carried(&*target, &*source).await.expect("moved");
        assert_eq!((moved.events, moved.before), (events, 0));
        assert_eq!(moved.head, target.head().await.expect("a head"));
        report(&format!("{} to {}", scheme(&pair[0]), scheme(&pair[1])));
        assert!(contents(&*target).await == expected, "{} keeps what {} had", scheme(&pair[1]), scheme(&pair[0]));
        drop((source, target));
        let verified = verify(&pair[1], care(), &mut |_, _| {}).await.expect("every event as it was written");
        assert_eq!(verified.events, events);
        report(&format!("{} read and proved", scheme(&pair[1])));
    }
}

#[tokio::test]
async fn an_empty_log_is_imported_and_the_steps_are_reported() {
    let (first, second) = (memory().await, memory().await);
    assert_eq!(imported(&*second, &exported(&*first).await).await.expect("moved").events, 0);
    fill(&*first, 300).await;
    let mut told = Vec::new();
    import(&*second, &care(), Source::Log(&*first), &mut |step, done, of| told.push((step, done, of)))
        .await
        .expect("moved");
    assert!(told.contains(&(Step::Write, 100, 300)) && told.last() == Some(&(Step::Prove, 300, 300)), "{told:?}");
    let mut counted = Vec::new();
    export(&*first, &care(), &mut Vec::new(), &mut |done, of| counted.push((done, of))).await.expect("an export");
    assert_eq!(counted, [(100, 300), (200, 300), (300, 300), (300, 300)]);
}

#[tokio::test]
async fn a_repeated_import_continues_where_it_was_interrupted() {
    let place = TempDir::new().expect("a directory");
    let source = memory().await;
    fill(&*source, 6_000).await;
    let file = exported(&*source).await;
    let mut before = 0;
    for stop_after in [1_500, 4_200] {
        let target = opened(&in_directory(&place)).await;
        let stop = Notify::new();
        let mut told = |step, done, _| {
            if step == Step::Write && done >= stop_after {
                stop.notify_one();
            }
        };
        let mut lines = Lines::new(Cursor::new(file.clone()));
        let namespace = care();
        tokio::select! {
            biased;
            () = stop.notified() => {}
            done = import(&*target, &namespace, Source::Export(&mut lines), &mut told) => panic!("{done:?}"),
        }
        drop(target);
        let target = opened(&in_directory(&place)).await;
        let there = target.head().await.expect("a head").map_or(0, |head| head.0);
        assert!(there > before && there < 6_000, "{there}");
        before = there;
    }
    let target = opened(&in_directory(&place)).await;
    let moved = imported(&*target, &file).await.expect("moved");
    assert_eq!((moved.events, moved.before), (6_000, before));
    assert_eq!(contents(&*target).await, contents(&*source).await);
    append_one(&*source).await;
    let grown = carried(&*target, &*source).await.expect("what came since is moved too");
    assert_eq!((grown.events, grown.before), (6_001, 6_000));
}

#[tokio::test]
async fn a_truncated_export_is_refused() {
    let source = memory().await;
    fill(&*source, 6).await;
    let file = exported(&*source).await;
    for length in 0..file.len() {
        let target = memory().await;
        let cut = imported(&*target, &file[..length]).await;
        let whole_lines = file[..length].iter().filter(|byte| **byte == b'\n').count() as u64;
        assert!(matches!(cut, Err(ImportProblem::Cut { line }) if line == whole_lines), "{length}: {cut:?}");
    }
    let target = memory().await;
    imported(&*target, &file[..file.len() / 2]).await.expect_err("cut");
    assert_eq!(imported(&*target, &file).await.expect("it goes on").events, 6);
}

#[tokio::test]
async fn any_changed_byte_of_an_export_is_detected_and_the_error_repeats_nothing_of_the_line() {
    let source = memory().await;
    fill(&*source, 6).await;
    let file = exported(&*source).await;
    for at in 0..file.len() {
        for flip in [0x01, 0x20, 0xff] {
            let mut changed = file.clone();
            changed[at] ^= flip;
            let target = memory().await;
            let problem = imported(&*target, &changed).await.expect_err("a changed byte");
            let line = file[..at].iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
            let named = matches!(&problem,
                ImportProblem::Line { line: named, .. } | ImportProblem::OtherLog { line: named, .. } if *named >= line);
            // Without the end of its line, or with a line of another kind, the file ends too early.
            let cut = matches!(problem, ImportProblem::Cut { .. }) && (file[at] == b'\n' || line == 8);
            assert!(named || cut, "{at} by {flip}: {problem}");
            for contents in ["note", "nobody", "eyJu"] {
                assert!(!format!("{problem} {problem:?}").contains(contents), "{problem:?}");
            }
        }
    }
}

/// No sum covers the last line, and JSON can say the same in many ways.
#[tokio::test]
async fn a_last_line_that_says_the_same_in_other_bytes_is_refused() {
    let source = memory().await;
    fill(&*source, 3).await;
    let file = String::from_utf8(exported(&*source).await).expect("text");
    let (before, end) = file.trim_end().rsplit_once('\n').expect("lines");
    for changed in [
        format!(" {end}"),
        format!("{end} "),
        format!("{end}\r"),
        end.replace(':', ": "),
        end.replacen("end", "\\u0065nd", 1),
        end.replacen("\"events\":3,", "", 1).replacen("}}", ",\"events\":3}}", 1),
    ] {
        assert_ne!(changed, end);
        let target = memory().await;
        let refused = imported(&*target, format!("{before}\n{changed}\n").as_bytes()).await;
        let fits = matches!(&refused, Err(ImportProblem::Line { line: 5, flaw: Flaw::Shape }));
        assert!(fits, "{changed}: {refused:?}");
    }
}

/// Of the changed exports only those are imported that are whole: each byte is covered by a sum or has one form.
#[test]
fn a_changed_export_is_refused_unless_it_is_another_whole_one() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let whole = corpus(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/export_lines"));
    let target = Target {
        name: "export_lines",
        inputs: whole.clone(),
        words: &["{", "}", "\"", ",", "\n", "\r", " ", "0", "1", "null", "=", "\\u0065", "{\"log\":", "{\"end\":"],
        bytes_max: 16 * 1024,
        tries: 1_500,
    };
    let seen = target.run(|input| {
        let (log, moved) = runtime.block_on(async {
            let log = memory().await;
            let moved = imported(&*log, input).await;
            (log, moved)
        });
        match moved {
            Ok(moved) => {
                assert!(whole.iter().any(|export| export == input), "a changed export was imported");
                // The events are those of the export: their digests have the same sum.
                let again = runtime.block_on(exported(&*log));
                assert_eq!((moved.before, trailer(&again).digests), (0, trailer(input).digests));
                assert_eq!(moved.events, trailer(input).events);
                "imported".to_owned()
            }
            Err(ImportProblem::Line { flaw, .. }) => variant(&flaw),
            Err(
                problem @ (ImportProblem::Cut { .. } | ImportProblem::OtherLog { .. } | ImportProblem::Refused { .. }),
            ) => variant(&problem),
            Err(other) => panic!("the target is empty and can be read: {other}"),
        }
    });
    for word in ["imported", "Cut", "OtherLog", "Shape", "Digest"] {
        assert!(seen.contains_key(word), "{word}: {seen:?}");
    }
}

/// What the last line of an export says.
fn trailer(export: &[u8]) -> Trailer {
    let last = export.split_inclusive(|byte| *byte == b'\n').next_back().expect("a line");
    let Ok(Line::End(trailer)) = serde_json::from_slice(last) else { panic!("the last line ends it") };
    trailer
}

#[tokio::test]
async fn a_file_that_is_not_an_export_of_this_log_is_refused_with_its_line() {
    let source = memory().await;
    fill(&*source, 3).await;
    let file = String::from_utf8(exported(&*source).await).expect("text");
    let lines: Vec<&str> = file.lines().collect();
    let [header, one, two, three, end] = lines[..] else { panic!("{file}") };
    let long = "x".repeat(1_100_000);
    for (text, line, flaw) in [
        (vec!["hello"], 1, Flaw::Shape),
        (vec![one, header], 1, Flaw::Misplaced),
        (vec![&header.replace("\"format\":1", "\"format\":2")], 1, Flaw::Format { found: 2, known: 1 }),
        (vec![r#"{"log":{"format":0}}"#], 1, Flaw::Format { found: 0, known: 1 }),
        (vec![r#"{"log":{"format":7,"packed":true}}"#], 1, Flaw::Format { found: 7, known: 1 }),
        (vec![header, one, one, two, three, end], 3, Flaw::Misplaced),
        (vec![header, two, one, three, end], 3, Flaw::Misplaced),
        (vec![header, one, header], 3, Flaw::Misplaced),
        (vec![header, one, two, end], 4, Flaw::Sums),
        (
            vec![header, one, &two.replace("note.taken", "note.shaken").replace("nobody", "someone"), three, end],
            3,
            Flaw::Digest,
        ),
        (vec![header, one, &long, three, end], 3, Flaw::TooLong),
        (vec![header, one, two, three, end, ""], 6, Flaw::Trailing),
    ] {
        let text = text.iter().map(|line| format!("{line}\n")).collect::<String>();
        let refused = imported(&*memory().await, text.as_bytes()).await;
        let fits =
            matches!(&refused, Err(ImportProblem::Line { line: at, flaw: found }) if (*at, *found) == (line, flaw));
        assert!(fits, "{flaw}: {refused:?}");
    }
    let other = file.replacen("\"care\"", "\"access\"", 1);
    let refused = imported(&*memory().await, other.as_bytes()).await;
    assert!(matches!(refused, Err(ImportProblem::OtherLog { line: 1, .. })), "{refused:?}");
}

#[tokio::test]
async fn another_log_is_refused_before_the_first_write() {
    let (source, target) = (memory().await, memory().await);
    fill(&*source, 20).await;
    fill(&*target, 10).await;
    append_one(&*target).await;
    let before = contents(&*target).await;
    let refused = carried(&*target, &*source).await;
    let foreign =
        |at| matches!(&refused, Err(ImportProblem::Foreign { position: Position(11), at: found }) if *found == at);
    assert!(foreign(At::Position(Position(11))), "{refused:?}");
    let file = exported(&*source).await;
    let refused = imported(&*target, &file).await;
    assert!(matches!(&refused, Err(ImportProblem::Foreign { at: At::Line(12), .. })), "{refused:?}");
    assert_eq!(contents(&*target).await, before);
    let shorter = memory().await;
    fill(&*shorter, 7).await;
    let refused = carried(&*source, &*shorter).await;
    assert!(matches!(refused, Err(ImportProblem::Longer { position: Position(8) })), "{refused:?}");
}

#[tokio::test]
async fn a_damaged_event_stops_the_export_and_its_position_is_reported() {
    let place = TempDir::new().expect("a directory");
    let source = opened(&in_directory(&place)).await;
    fill(&*source, 60).await;
    drop(source);
    let path = place.path().join("care.journal");
    let mut bytes = std::fs::read(&path).expect("the file");
    let mark = b"{\"n\":41}";
    let at = bytes.windows(mark.len()).position(|window| window == mark).expect("the event");
    bytes[at + 6] ^= 1;
    std::fs::write(&path, bytes).expect("the file");
    let source = open(&in_directory(&place), care(), Access::ReadOnly, clock(0)).await.expect("the log opens");
    let mut file = Vec::new();
    let stopped = export(&*source, &care(), &mut file, &mut |_, _| {}).await;
    let damaged =
        |error: &ReadError| matches!(error, ReadError::Fatal(Fatal::Corrupt { position: Some(Position(42)), .. }));
    assert!(matches!(&stopped, Err(ExportProblem::Log(error)) if damaged(error)), "{stopped:?}");
    assert_eq!(file.iter().filter(|byte| **byte == b'\n').count(), 42, "all before it is written");
    let target = memory().await;
    let stopped = carried(&*target, &*source).await;
    assert!(matches!(&stopped, Err(ImportProblem::Source(error)) if damaged(error)), "{stopped:?}");
}

#[tokio::test]
async fn an_event_that_the_target_refuses_is_reported() {
    let source = memory().await;
    fill(&*source, 300).await;
    let target = Strange::new(Mood::Narrow).await;
    let refused = carried(&target, &*source).await;
    let fits = |refused: &Result<Imported, ImportProblem>| {
        matches!(refused, Err(ImportProblem::Refused { error: AppendError::TooLarge { .. }, at: At::Position(_) }))
    };
    assert!(fits(&refused), "{refused:?}");
    let Err(ImportProblem::Refused { at: At::Position(at), .. }) = refused else { return };
    assert_eq!(contents(&target).await.len() as u64, at.0 - 1, "all before it is there");
}

#[tokio::test]
async fn an_append_with_unknown_outcome_is_repeated() {
    let source = memory().await;
    fill(&*source, 3_000).await;
    let target = Strange::new(Mood::Unsure).await;
    assert_eq!(carried(&target, &*source).await.expect("moved").events, 3_000);
    assert_eq!(contents(&target).await, contents(&*source).await);
    let target = Strange::new(Mood::Lost).await;
    let given_up = carried(&target, &*source).await;
    let unsure = matches!(given_up, Err(ImportProblem::Refused { error: AppendError::Indeterminate { .. }, .. }));
    assert!(unsure, "{given_up:?}");
}

#[tokio::test]
async fn a_target_that_stores_another_event_is_detected() {
    let source = memory().await;
    fill(&*source, 1_000).await;
    let target = Strange::new(Mood::Alters).await;
    let found = carried(&target, &*source).await;
    let within = |after: Option<Position>, until: Option<Position>| {
        after < Some(Position(701)) && until >= Some(Position(701)) && after >= Some(Position(400))
    };
    assert!(matches!(&found, Err(ImportProblem::Differs { after, until }) if within(*after, *until)), "{found:?}");
    let target = Strange::new(Mood::Adds).await;
    let found = carried(&target, &*source).await;
    assert!(matches!(found, Err(ImportProblem::Longer { position: Position(1_001) })), "{found:?}");
}

#[tokio::test]
async fn a_missing_event_of_the_source_is_not_skipped() {
    let (source, target) = (Strange::new(Mood::Lacks).await, memory().await);
    fill(&source, 300).await;
    let refused = carried(&*target, &source).await;
    let at_the_hole = matches!(
        refused,
        Err(ImportProblem::Refused { error: AppendError::Conflict { .. }, at: At::Position(Position(6)) })
    );
    assert!(at_the_hole, "{refused:?}");
}

/// A log in memory with a defect.
struct Strange {
    inner: Arc<dyn Journal>,
    mood: Mood,
    calls: AtomicU32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    /// Takes small events only.
    Narrow,
    /// Writes half of a row and says every second time that it does not know.
    Unsure,
    /// Never knows.
    Lost,
    /// Keeps another event where the 701st should be.
    Alters,
    /// Has an event more at the end, as if somebody else had written it.
    Adds,
    /// Does not show the 5th event, which is in the middle of an append.
    Lacks,
}

impl Strange {
    async fn new(mood: Mood) -> Self {
        Self { inner: memory().await, mood, calls: AtomicU32::new(0) }
    }
}

#[async_trait]
impl Journal for Strange {
    fn limits(&self) -> Limits {
        Limits { event_bytes_max: if self.mood == Mood::Narrow { 650 } else { LIMITS.event_bytes_max }, ..LIMITS }
    }

    async fn identity(&self) -> Result<LogIdentity, ReadError> {
        self.inner.identity().await
    }

    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.limits().check(&append)?;
        self.inner.append(append).await
    }

    async fn append_in_order(&self, mut appends: Vec<Append>) -> Result<(), Stopped> {
        let unsure = AppendError::Indeterminate { reason: "the line was cut".into() };
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        match self.mood {
            Mood::Lost => return Err(Stopped { done: 0, error: unsure }),
            Mood::Unsure if call.is_multiple_of(2) => {
                let half = appends.len() / 2;
                appends.truncate(half + 1);
                self.inner.append_in_order(appends).await?;
                return Err(Stopped { done: half, error: unsure });
            }
            Mood::Alters => {
                for event in appends.iter_mut().flat_map(|append| &mut append.events) {
                    if event.id.as_u128() >> 40 == 700 {
                        event.data = Bytes::from_static(b"another");
                    }
                }
            }
            Mood::Adds | Mood::Narrow | Mood::Unsure | Mood::Lacks => {}
        }
        for (done, append) in appends.into_iter().enumerate() {
            self.append(append).await.map_err(|error| Stopped { done, error })?;
        }
        if self.mood == Mood::Adds {
            append_one(&*self.inner).await;
        }
        Ok(())
    }

    async fn read_stream(
        &self,
        stream: &StreamName,
        from: Option<Revision>,
        direction: Direction,
        max: NonZeroU32,
    ) -> Result<StreamPage, ReadError> {
        self.inner.read_stream(stream, from, direction, max).await
    }

    async fn read_log(&self, after: Option<Position>, max: NonZeroU32) -> Result<LogPage, ReadError> {
        let mut page = self.inner.read_log(after, max).await?;
        page.events.retain(|event| self.mood != Mood::Lacks || event.position != Position(5));
        Ok(page)
    }

    async fn follow(&self, after: Option<Position>) -> Result<BoxStream<'static, Result<Feed, ReadError>>, ReadError> {
        self.inner.follow(after).await
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        self.inner.head().await
    }

    async fn holds(&self, position: Position, id: Uuid) -> Result<bool, ReadError> {
        self.inner.holds(position, id).await
    }
}

async fn append_one(journal: &dyn Journal) {
    let event = NewEvent {
        id: Uuid::from_u128(3),
        event_type: EventType::parse("note.taken").expect("an event type"),
        data: Bytes::new(),
        meta: Bytes::new(),
    };
    let stream = StreamName::parse("intruder-1").expect("a name");
    journal.append(Append { stream, expected: Expected::NoStream, events: vec![event] }).await.expect("appended");
}

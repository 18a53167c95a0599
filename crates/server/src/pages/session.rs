//! Sessions of browsers. The cookie holds a random name; everything else stays here, so a sign-out ends the session
//! wherever its cookie was copied to.
//!
//! A session keeps the bearer token that its sign-in made, and each request verifies it again: a page never acts for
//! somebody whose token was not verified.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use aws_lc_rs::{constant_time, digest, hmac, rand};
use chrono::{DateTime, TimeDelta, Utc};
use coordination::Position;
use data_encoding::BASE64URL_NOPAD;
use poem::http::{HeaderMap, HeaderValue, header};
use tokio::sync::watch;

use super::me::Me;
use crate::http::is_of_host;
use crate::lock::locked;
use crate::session::Clock;

/// The cookie of the demo on loopback. It has no `Secure` and no prefix, because the demo has no TLS; a server that is
/// no demo never reads it.
const COOKIE: &str = "carefold-demo";

/// The header `set-cookie` that deletes the cookie.
pub(crate) const NO_COOKIE: HeaderValue =
    HeaderValue::from_static("carefold-demo=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0");

/// How long sessions last.
#[derive(Debug, Clone, Copy)]
pub struct SessionTimes {
    /// The longest time without a request.
    pub idle: TimeDelta,
    /// The longest time since the sign-in.
    pub whole: TimeDelta,
}

/// The open sessions.
pub(crate) struct Sessions {
    times: SessionTimes,
    open: Mutex<HashMap<NameDigest, Open>>,
}

/// A session, and what was done in it.
struct Open {
    session: Session,
    /// Says to the streams of the session that somebody signed out. It is dropped with the session.
    sign_out: watch::Sender<bool>,
    /// The newest acts, the oldest first.
    acts: VecDeque<Act>,
}

/// An act, kept so that a page says that it was done only if it was.
#[derive(Debug)]
struct Act {
    /// The address to which the act led.
    address: String,
    /// The proof of the whole form that did it, if a repeat of the form finds its act by it.
    form: Option<String>,
    /// Whether the page at the address has said it.
    is_told: bool,
}

/// The session of one browser.
#[derive(Clone)]
pub(crate) struct Session {
    name: NameDigest,
    /// The bearer token of the sign-in.
    pub token: Arc<str>,
    /// The person who signed in, as they were last read.
    pub me: Arc<Me>,
    /// How far this browser has read and written.
    pub position: Option<Kept>,
    /// Binds forms to this session.
    secret: [u8; 32],
    began: DateTime<Utc>,
    seen: DateTime<Utc>,
    signed_out: watch::Receiver<bool>,
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionEnd {
    SignedOut,
    /// Nothing happened in it, or it was open for as long as a session may be.
    Expired,
}

/// How far a browser has read and written: the place in the log, and the text that stands for it.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub place: Position,
    pub token: Arc<str>,
}

/// The digest of a session's name. The name itself is only in the cookie.
type NameDigest = [u8; 32];

/// The system gave no randomness, so nobody can sign in.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the system gave no randomness")]
pub(crate) struct NoRandomness;

/// The most sessions that are kept; the one that was idle longest goes first.
const SESSIONS_MAX: usize = 10_000;

/// The most sessions of one person; their own that was idle longest goes first, so nobody ends the sessions of others.
const SESSIONS_OF_PERSON_MAX: usize = 32;

/// The most acts that are kept of a session.
const ACTS_MAX: usize = 16;

impl Sessions {
    pub fn new(times: SessionTimes) -> Self {
        Self { times, open: Mutex::new(HashMap::new()) }
    }

    /// After how many minutes without a request a session ends.
    pub fn idle_minutes(&self) -> i64 {
        self.times.idle.num_minutes()
    }

    /// Opens a session, and gives the value of the header `set-cookie`.
    ///
    /// # Errors
    /// If the system has no randomness.
    pub fn begin(&self, token: Arc<str>, me: Arc<Me>, now: DateTime<Utc>) -> Result<HeaderValue, NoRandomness> {
        let (mut name, mut secret) = ([0; 32], [0; 32]);
        rand::fill(&mut name).and_then(|()| rand::fill(&mut secret)).map_err(|_| NoRandomness)?;
        let name = BASE64URL_NOPAD.encode(&name);
        let cookie = HeaderValue::from_str(&format!("{COOKIE}={name}; HttpOnly; SameSite=Lax; Path=/"));
        let name = digest_of(&name);
        let (sign_out, signed_out) = watch::channel(false);
        let session = Session { name, token, me, position: None, secret, began: now, seen: now, signed_out };
        let mut open = self.open();
        open.retain(|_, open| self.times.includes(&open.session, now));
        let of_person = |open: &&Open| open.session.me.id == session.me.id;
        let oldest_of = |open: &HashMap<NameDigest, Open>, is_meant: &dyn Fn(&&Open) -> bool| {
            let meant = open.values().filter(|open| is_meant(open)).map(|open| &open.session);
            meant.min_by_key(|session| session.seen).map(|session| session.name)
        };
        let oldest = if open.values().filter(of_person).count() >= SESSIONS_OF_PERSON_MAX {
            oldest_of(&open, &of_person)
        } else if open.len() >= SESSIONS_MAX {
            oldest_of(&open, &|_| true)
        } else {
            None
        };
        if let Some(oldest) = oldest {
            open.remove(&oldest);
        }
        open.insert(session.name, Open { session, sign_out, acts: VecDeque::new() });
        cookie.map_err(|_| NoRandomness)
    }

    /// The session of a request, if its cookie names one that has not ended.
    pub fn find(&self, headers: &HeaderMap, now: DateTime<Utc>) -> Option<Session> {
        let name = digest_of(cookie(headers, COOKIE)?);
        let mut open = self.open();
        let session = &mut open.get_mut(&name)?.session;
        if !self.times.includes(session, now) {
            open.remove(&name);
            return None;
        }
        session.seen = session.seen.max(now);
        Some(session.clone())
    }

    /// The same for a request that the script makes by itself: the session does not go on with it, so that a page which
    /// is left open ends its session.
    pub fn peek(&self, headers: &HeaderMap, now: DateTime<Utc>) -> Option<Session> {
        let name = digest_of(cookie(headers, COOKIE)?);
        let open = self.open();
        let session = &open.get(&name)?.session;
        self.times.includes(session, now).then(|| session.clone())
    }

    /// Waits until a session ends.
    pub async fn ended(&self, session: &Session, clock: &Clock) -> SessionEnd {
        let mut signed_out = session.signed_out.clone();
        loop {
            let Some(left) = self.time_left(session, clock()) else { return SessionEnd::of(*signed_out.borrow()) };
            tokio::select! {
                // The sender is dropped with the session.
                is_signed_out = signed_out.wait_for(|is_signed_out| *is_signed_out) => {
                    return SessionEnd::of(is_signed_out.is_ok());
                }
                // Another request can have gone on with the session meanwhile.
                () = tokio::time::sleep(left) => {}
            }
        }
    }

    /// How long a session goes on if nothing more happens in it; none if it has ended.
    fn time_left(&self, session: &Session, now: DateTime<Utc>) -> Option<Duration> {
        let open = self.open();
        let session = &open.get(&session.name)?.session;
        let end = (session.seen + self.times.idle).min(session.began + self.times.whole);
        (end - now).to_std().ok().filter(|left| !left.is_zero())
    }

    /// Notes how far a browser has read, so that its next page is not older. Of two requests at once, the answer that
    /// comes last can be the older one.
    pub fn advance(&self, session: &Session, to: Kept) {
        if let Some(Open { session, .. }) = self.open().get_mut(&session.name)
            && session.position.as_ref().is_none_or(|kept| kept.place < to.place)
        {
            session.position = Some(to);
        }
    }

    /// Notes the signed-in person as they were read now.
    pub fn learn(&self, session: &Session, me: Arc<Me>) {
        if let Some(Open { session, .. }) = self.open().get_mut(&session.name) {
            session.me = me;
        }
    }

    /// Notes an act that led to an address, and the proof of its form, if a repeat of the form is to find it.
    pub fn note(&self, session: &Session, address: &str, form: Option<&str>) {
        if let Some(Open { acts, .. }) = self.open().get_mut(&session.name) {
            if acts.len() >= ACTS_MAX {
                acts.pop_front();
            }
            acts.push_back(Act { address: address.to_owned(), form: form.map(str::to_owned), is_told: false });
        }
    }

    /// Whether the page at this address tells of an act. It tells of each act once.
    pub fn tell(&self, session: &Session, address: &str) -> bool {
        let mut open = self.open();
        let mut acts = open.get_mut(&session.name).into_iter().flat_map(|open| &mut open.acts);
        let found = acts.find(|act| !act.is_told && act.address == address);
        found.is_some_and(|act| !std::mem::replace(&mut act.is_told, true))
    }

    /// The address to which a form with this proof led before. Its page tells of the act again.
    pub fn repeated(&self, session: &Session, form: &str) -> Option<String> {
        let mut open = self.open();
        let act = open.get_mut(&session.name)?.acts.iter_mut().find(|act| act.form.as_deref() == Some(form))?;
        act.is_told = false;
        Some(act.address.clone())
    }

    /// Ends a session by a sign-out.
    pub fn end(&self, session: &Session) {
        if let Some(open) = self.open().remove(&session.name) {
            open.sign_out.send_replace(true);
        }
    }

    fn open(&self) -> MutexGuard<'_, HashMap<NameDigest, Open>> {
        locked(&self.open)
    }
}

impl SessionEnd {
    const fn of(is_signed_out: bool) -> Self {
        if is_signed_out { Self::SignedOut } else { Self::Expired }
    }
}

impl SessionTimes {
    fn includes(self, session: &Session, now: DateTime<Utc>) -> bool {
        now < session.seen + self.idle && now < session.began + self.whole
    }
}

impl Session {
    /// The proof that a form with these parts was made for this session.
    pub fn bind(&self, parts: &[&str]) -> String {
        BASE64URL_NOPAD.encode(hmac::sign(&self.key(), &framed(parts)).as_ref())
    }

    /// Whether `proof` was made by [`bind`](Self::bind) for these parts.
    pub fn is_bound(&self, parts: &[&str], proof: &str) -> bool {
        constant_time::verify_slices_are_equal(self.bind(parts).as_bytes(), proof.as_bytes()).is_ok()
    }

    fn key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.secret)
    }
}

/// The parts with their lengths, so that no two lists of parts are written alike.
fn framed(parts: &[&str]) -> Vec<u8> {
    parts.iter().flat_map(|part| [&part.len().to_be_bytes()[..], part.as_bytes()].concat()).collect()
}

fn digest_of(name: &str) -> NameDigest {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, name.as_bytes()).as_ref());
    out
}

/// Whether a browser sends the name of a session, which may have ended.
pub(crate) fn has_cookie(headers: &HeaderMap) -> bool {
    cookie(headers, COOKIE).is_some()
}

/// The value of the only cookie with this name.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut values = pairs
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(found, _)| *found == name)
        .map(|(_, value)| value);
    match (values.next(), values.next()) {
        (Some(value), None) => Some(value),
        (None, _) | (_, Some(_)) => None,
    }
}

/// Whether a request that changes something comes from a page of this server. A browser says so in `Sec-Fetch-Site`; one
/// that does not know this header sends the origin of the page.
pub(crate) fn is_from_own_page(headers: &HeaderMap) -> bool {
    let only = |name: &str| {
        let mut values = headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (value, None) => Ok(value.and_then(|value| value.to_str().ok())),
            (_, Some(_)) => Err(()),
        }
    };
    match (only("sec-fetch-site"), only("origin"), only("host")) {
        (Ok(Some(site)), Ok(_), Ok(_)) => site == "same-origin",
        (Ok(None), Ok(Some(origin)), Ok(Some(host))) => is_of_host(origin, host),
        (Ok(_) | Err(()), _, _) => false,
    }
}

/// Whether another page asks for this one as a part of itself, such as an image. A person who opens a page sends a
/// navigation, and a page of this server its own requests.
pub(crate) fn is_embedded(headers: &HeaderMap) -> bool {
    let is = |name: &str, values: &[&str]| {
        headers.get(name).and_then(|value| value.to_str().ok()).is_some_and(|value| values.contains(&value))
    };
    is("sec-fetch-site", &["cross-site", "same-site"]) && !is("sec-fetch-mode", &["navigate"])
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMES: SessionTimes = SessionTimes { idle: TimeDelta::minutes(15), whole: TimeDelta::hours(1) };

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + minutes * 60, 0).unwrap()
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)));
        pairs.collect()
    }

    fn begun(sessions: &Sessions) -> HeaderMap {
        let me = Me { id: "me".to_owned(), name: "Ada".to_owned(), roles: Vec::new(), records: Vec::new() };
        let set = sessions.begin("token".into(), Arc::new(me), at(0)).unwrap();
        let set = set.to_str().unwrap();
        assert!(set.ends_with("; HttpOnly; SameSite=Lax; Path=/"), "{set}");
        let pair = set.split(';').next().unwrap();
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(pair).unwrap())])
    }

    #[test]
    fn an_older_answer_that_comes_last_does_not_take_a_browser_back() {
        let sessions = Sessions::new(TIMES);
        let headers = begun(&sessions);
        let session = sessions.find(&headers, at(1)).unwrap();
        for place in [7, 9, 8] {
            sessions.advance(&session, Kept { place: Position(place), token: place.to_string().into() });
        }
        assert_eq!(&*sessions.find(&headers, at(2)).unwrap().position.unwrap().token, "9");
    }

    #[test]
    fn a_page_tells_once_of_each_act_that_was_done_in_its_session() {
        let sessions = Sessions::new(TIMES);
        let [one, other] = [begun(&sessions), begun(&sessions)].map(|cookie| sessions.find(&cookie, at(1)).unwrap());
        let tells = |session: &Session| sessions.tell(session, "/t/x?done=claim");
        assert!(!tells(&one), "nothing was done");
        // The same was done in two tabs.
        sessions.note(&one, "/t/x?done=claim", None);
        sessions.note(&one, "/t/x?done=claim", None);
        assert!(!tells(&other), "it was done in another session");
        assert!(!sessions.tell(&one, "/t/y?done=claim"), "it was done elsewhere");
        assert_eq!([tells(&one), tells(&one), tells(&one)], [true, true, false]);
        sessions.note(&one, "/o?done=phone", Some("proof"));
        assert_eq!((sessions.repeated(&one, "none"), sessions.repeated(&other, "proof")), (None, None));
        assert!(sessions.tell(&one, "/o?done=phone"));
        assert_eq!(sessions.repeated(&one, "proof").as_deref(), Some("/o?done=phone"));
        assert!(sessions.tell(&one, "/o?done=phone"), "a repeat is told of again");
        for number in 0..=ACTS_MAX {
            sessions.note(&one, &number.to_string(), None);
        }
        assert!(!sessions.tell(&one, "0") && sessions.tell(&one, "1"), "the newest are kept");
    }

    #[test]
    fn a_part_of_another_page_is_not_a_page_that_somebody_opens() {
        for (site, mode, expected) in [
            ("same-origin", "no-cors", false),
            ("none", "navigate", false),
            ("cross-site", "navigate", false),
            ("cross-site", "no-cors", true),
            ("same-site", "cors", true),
        ] {
            let headers = headers(&[("sec-fetch-site", site), ("sec-fetch-mode", mode)]);
            assert_eq!(is_embedded(&headers), expected, "{site} {mode}");
        }
        assert!(!is_embedded(&HeaderMap::new()));
    }

    #[test]
    fn a_session_ends_when_it_is_idle_and_at_its_end_and_at_sign_out() {
        let sessions = Sessions::new(TIMES);
        let cookie = begun(&sessions);
        assert!(sessions.find(&cookie, at(14)).is_some());
        assert!(sessions.find(&cookie, at(28)).is_some());
        assert!(sessions.find(&cookie, at(43)).is_none(), "idle");
        assert!(sessions.find(&cookie, at(28)).is_none(), "an ended session stays ended");
        let cookie = begun(&sessions);
        for minutes in [10, 20, 30, 40, 50, 59] {
            assert!(sessions.find(&cookie, at(minutes)).is_some(), "{minutes}");
        }
        assert!(sessions.find(&cookie, at(60)).is_none(), "over");
        let cookie = begun(&sessions);
        let session = sessions.find(&cookie, at(1)).unwrap();
        sessions.end(&session);
        assert!(NO_COOKIE.to_str().unwrap().starts_with(&format!("{COOKIE}=;")));
        assert!(sessions.find(&cookie, at(1)).is_none());
    }

    /// A clock that goes on with the time of the test.
    fn clock() -> Clock {
        let began = tokio::time::Instant::now();
        Arc::new(move || at(0) + TimeDelta::from_std(began.elapsed()).unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_says_when_it_ends_and_how() {
        let (sessions, clock) = (Sessions::new(TIMES), clock());
        let began = tokio::time::Instant::now();
        let cookie = begun(&sessions);
        let session = sessions.find(&cookie, at(0)).unwrap();
        let later = async {
            tokio::time::interval_at(began + Duration::from_mins(10), Duration::from_mins(1)).tick().await;
            assert!(sessions.peek(&cookie, clock()).is_some(), "a look does not go on with it");
            assert!(sessions.find(&cookie, clock() - TimeDelta::minutes(5)).is_some(), "a request of minute five does");
        };
        let (end, ()) = tokio::join!(sessions.ended(&session, &clock), later);
        assert_eq!((end, began.elapsed()), (SessionEnd::Expired, Duration::from_mins(20)), "idle since minute five");
        assert!(sessions.peek(&cookie, clock()).is_none());

        let sessions = Sessions::new(SessionTimes { idle: TimeDelta::hours(2), ..TIMES });
        let (cookie, clock) = (begun(&sessions), self::clock());
        let [one, other] = [(); 2].map(|()| sessions.find(&cookie, at(0)).unwrap());
        let began = tokio::time::Instant::now();
        assert_eq!(sessions.ended(&one, &clock).await, SessionEnd::Expired);
        assert_eq!(began.elapsed(), Duration::from_mins(60), "the longest time since the sign-in");
        let cookie = begun(&sessions);
        let session = sessions.find(&cookie, at(0)).unwrap();
        let clock: Clock = Arc::new(|| at(1));
        let sign_out = async { sessions.end(&session) };
        let (end, ()) = tokio::join!(sessions.ended(&session, &clock), sign_out);
        assert_eq!(end, SessionEnd::SignedOut);
        assert_eq!(sessions.ended(&session, &clock).await, SessionEnd::SignedOut, "also for who asks later");
        assert_eq!(sessions.ended(&other, &self::clock()).await, SessionEnd::Expired);
    }

    #[test]
    fn a_person_who_signs_in_again_and_again_ends_no_session_of_others() {
        let sessions = Sessions::new(TIMES);
        let begin = |id: &str, minute| {
            let me = Me { id: id.to_owned(), name: "Ada".to_owned(), roles: Vec::new(), records: Vec::new() };
            let set = sessions.begin("token".into(), Arc::new(me), at(minute)).unwrap();
            let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
            HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(&pair).unwrap())])
        };
        let other = begin("other", 0);
        let first = begin("one", 1);
        let mine: Vec<_> = (0..SESSIONS_OF_PERSON_MAX).map(|_| begin("one", 2)).collect();
        assert!(sessions.find(&first, at(3)).is_none(), "the oldest of the same person goes");
        assert!(mine.iter().all(|mine| sessions.find(mine, at(3)).is_some()));
        assert!(sessions.find(&other, at(3)).is_some());
    }

    #[test]
    fn a_form_is_bound_to_its_parts_and_its_session() {
        let sessions = Sessions::new(TIMES);
        let [one, other] = [begun(&sessions), begun(&sessions)].map(|cookie| sessions.find(&cookie, at(1)).unwrap());
        let proof = one.bind(&["reply", "a", "bc"]);
        assert!(one.is_bound(&["reply", "a", "bc"], &proof));
        assert!(!one.is_bound(&["reply", "ab", "c"], &proof));
        assert!(!one.is_bound(&["reply", "a"], &proof));
        assert!(!other.is_bound(&["reply", "a", "bc"], &proof));
        assert!(!one.is_bound(&["reply", "a", "bc"], ""));
    }

    #[test]
    fn a_form_of_another_site_is_refused() {
        let host = ("host", "127.0.0.1:8080");
        for (pairs, own) in [
            (vec![host, ("sec-fetch-site", "same-origin")], true),
            (vec![host, ("sec-fetch-site", "same-origin"), ("origin", "http://127.0.0.1:8080")], true),
            (vec![host, ("sec-fetch-site", "same-site")], false),
            (vec![host, ("sec-fetch-site", "cross-site"), ("origin", "http://127.0.0.1:8080")], false),
            (vec![host, ("sec-fetch-site", "none")], false),
            (vec![host, ("origin", "http://127.0.0.1:8080")], true),
            (vec![host, ("origin", "http://127.0.0.1:8081")], false),
            (vec![host, ("origin", "http://localhost:8080")], false),
            (vec![host, ("origin", "null")], false),
            (vec![host], false),
            (vec![("origin", "http://127.0.0.1:8080")], false),
        ] {
            assert_eq!(is_from_own_page(&headers(&pairs)), own, "{pairs:?}");
        }
    }

    #[test]
    fn a_cookie_that_comes_twice_is_none() {
        assert_eq!(cookie(&headers(&[("cookie", "a=1; carefold-demo=x")]), COOKIE), Some("x"));
        assert_eq!(cookie(&headers(&[("cookie", "carefold-demo=x; carefold-demo=y")]), COOKIE), None);
        assert_eq!(cookie(&headers(&[("cookie", "xcarefold-demo=x")]), COOKIE), None);
    }
}

//! Which answers are compressed.
//!
//! The length of a compressed page tells how often its words repeat. Somebody who makes a browser load our pages many
//! times, each time with other words in the address, and who sees the length of each encrypted answer, can guess the rest
//! of the page letter by letter (the attack BREACH). All of a page is secret, not only the tokens of its forms, so to mask
//! the tokens would not be enough. The attack needs requests that a foreign page causes, and a browser says in
//! `Sec-Fetch-Site` where a request comes from; no page can change this header. So a page is compressed only if the person
//! asked for it in the browser itself (`none`), or from a page of ours (`same-origin`). Assets contain no secret.
//!
//! `poem::middleware::Compression` (3.1) is not used: it compresses every response, also to a foreign page, it answers
//! `gzip;q=0` with gzip, and it links Brotli and Zstandard.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use poem::http::{HeaderMap, header};

/// How the body of a response is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    Plain,
    Gzip,
}

impl Coding {
    /// The coding of a file that contains no secret.
    pub fn of_asset(headers: &HeaderMap) -> Self {
        let accepted = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
        let is_gzip = |entry: &str| {
            let (name, quality) = entry.split_once(';').unwrap_or((entry, ""));
            let refused = quality.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()) == Some(0.0);
            name.trim().eq_ignore_ascii_case("gzip") && !refused
        };
        if accepted.flat_map(|list| list.split(',')).any(is_gzip) { Self::Gzip } else { Self::Plain }
    }

    /// The coding of a page.
    pub fn of_page(headers: &HeaderMap) -> Self {
        let mut sites = headers.get_all("sec-fetch-site").iter();
        match (sites.next().map(|site| site.as_bytes()), sites.next()) {
            (Some(b"none" | b"same-origin"), None) => Self::of_asset(headers),
            (_, _) => Self::Plain,
        }
    }

    /// The body as it is sent.
    ///
    /// # Errors
    /// Never for a body in memory.
    pub fn encode(self, body: Vec<u8>) -> io::Result<Vec<u8>> {
        match self {
            Self::Plain => Ok(body),
            Self::Gzip => gzip(&body),
        }
    }
}

/// The bytes in the format gzip.
///
/// # Errors
/// Never for bytes in memory.
pub(crate) fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;
    use poem::http::HeaderValue;

    use super::*;

    fn headers(accepted: Option<&'static str>, sites: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Some(accepted) = accepted {
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted));
        }
        for site in sites {
            headers.append("sec-fetch-site", HeaderValue::from_static(site));
        }
        headers
    }

    #[test]
    fn a_page_is_compressed_only_if_no_foreign_page_asked_for_it() {
        for site in ["none", "same-origin"] {
            assert_eq!(Coding::of_page(&headers(Some("gzip, br"), &[site])), Coding::Gzip, "{site}");
        }
        for sites in [&[][..], &["cross-site"], &["same-site"], &["none, cross-site"], &["none", "cross-site"]] {
            assert_eq!(Coding::of_page(&headers(Some("gzip"), sites)), Coding::Plain, "{sites:?}");
        }
    }

    #[test]
    fn only_what_the_browser_accepts_is_sent() {
        for accepted in ["gzip", "br, GZIP;q=0.5", "deflate , gzip"] {
            assert_eq!(Coding::of_asset(&headers(Some(accepted), &[])), Coding::Gzip, "{accepted}");
        }
        for accepted in [None, Some(""), Some("br"), Some("gzip;q=0"), Some("gzip; q=0.0"), Some("*;q=0")] {
            assert_eq!(Coding::of_asset(&headers(accepted, &[])), Coding::Plain, "{accepted:?}");
        }
    }

    #[test]
    fn the_bytes_stay_the_same() {
        let page = "<p>Good day</p>".repeat(100).into_bytes();
        assert_eq!(Coding::Plain.encode(page.clone()).unwrap(), page);
        let sent = Coding::Gzip.encode(page.clone()).unwrap();
        let mut read = Vec::new();
        GzDecoder::new(sent.as_slice()).read_to_end(&mut read).unwrap();
        assert!(read == page && sent.len() < page.len() / 4);
    }
}

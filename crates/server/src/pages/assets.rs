//! The stylesheet, the icons and the scripts. They are part of the program, and their names contain a digest of their
//! bytes, so that a browser may keep them for ever.

use std::sync::LazyLock;

use poem::Request;
use poem::http::{HeaderValue, Method, StatusCode, header};

use crate::compression::{Coding, gzip};
use crate::response::Response;
use crate::router::Handler;

/// A file that is part of the program.
pub(crate) struct Asset {
    /// Its path on this server.
    pub path: &'static str,
    media_type: &'static str,
    bytes: &'static [u8],
    /// The same bytes in the format gzip, made at the first request. None if that failed, which is logged.
    gzip: &'static LazyLock<Option<Vec<u8>>>,
}

macro_rules! asset {
    ($name:ident, $file:literal, $stem:literal, $end:literal, $media_type:literal) => {
        /// The asset of this name.
        pub(crate) const $name: Asset = Asset {
            path: {
                const BYTES: &[u8] = include_bytes!(concat!("../../assets/", $file));
                const PREFIX: &[u8] = concat!("/assets/", $stem, ".").as_bytes();
                const PATH: [u8; PREFIX.len() + 16 + $end.len()] = named(PREFIX, digest(BYTES), $end.as_bytes());
                match std::str::from_utf8(&PATH) {
                    Ok(path) => path,
                    Err(_) => "/assets/none",
                }
            },
            media_type: $media_type,
            bytes: include_bytes!(concat!("../../assets/", $file)),
            gzip: {
                static GZIP: LazyLock<Option<Vec<u8>>> =
                    LazyLock::new(|| compressed($file, include_bytes!(concat!("../../assets/", $file))));
                &GZIP
            },
        };
    };
}

asset!(STYLE, "style.css", "style", ".css", "text/css; charset=utf-8");
asset!(ICONS, "icons.svg", "icons", ".svg", "image/svg+xml");
asset!(SCRIPT, "page.js", "page", ".js", "text/javascript; charset=utf-8");
asset!(LIVE, "live.js", "live", ".js", "text/javascript; charset=utf-8");

/// The bytes of a file in the format gzip. Without them it is sent as it is.
fn compressed(file: &'static str, bytes: &[u8]) -> Option<Vec<u8>> {
    gzip(bytes).inspect_err(|error| tracing::error!(file, %error, "an asset could not be compressed")).ok()
}

/// FNV-1a. It tells versions of a file apart; it is no protection.
const fn digest(mut bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    while let [first, rest @ ..] = bytes {
        hash = (hash ^ *first as u64).wrapping_mul(0x0100_0000_01b3);
        bytes = rest;
    }
    hash
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, where an index out of bounds is an error")]
const fn named<const LENGTH: usize>(prefix: &[u8], digest: u64, end: &[u8]) -> [u8; LENGTH] {
    let mut path = [0; LENGTH];
    let mut at = 0;
    while at < LENGTH {
        path[at] = if at < prefix.len() {
            prefix[at]
        } else if at < prefix.len() + 16 {
            b"0123456789abcdef"[(digest >> (60 - 4 * (at - prefix.len()))) as usize & 15]
        } else {
            end[at - prefix.len() - 16]
        };
        at += 1;
    }
    path
}

/// Handles `/assets/…`.
pub(crate) struct Assets;

impl Handler for Assets {
    async fn respond(&self, request: Request) -> Response {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Response::only("GET, HEAD");
        }
        let found = [STYLE, ICONS, SCRIPT, LIVE].into_iter().find(|asset| asset.path == request.uri().path());
        found.map_or_else(
            || Response::status(StatusCode::NOT_FOUND),
            |asset| {
                let (coding, bytes) = match (Coding::of_asset(request.headers()), asset.gzip.as_deref()) {
                    (Coding::Gzip, Some(gzip)) => (Coding::Gzip, gzip),
                    (Coding::Gzip, None) | (Coding::Plain, _) => (Coding::Plain, asset.bytes),
                };
                Response::asset(asset.media_type, bytes)
                    .with_coding(coding)
                    .with_header(header::VARY, HeaderValue::from_static("accept-encoding"))
                    .with_header(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"))
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_contains_the_digest_of_its_file() {
        assert_eq!(digest(b"a"), 0xaf63_dc4c_8601_ec8c);
        for asset in [STYLE, ICONS, SCRIPT, LIVE] {
            assert!(asset.path.contains(&format!(".{:016x}.", digest(asset.bytes))), "{}", asset.path);
        }
    }

    #[test]
    fn each_asset_is_smaller_in_gzip() {
        for asset in [STYLE, ICONS, SCRIPT, LIVE] {
            let gzip = asset.gzip.as_deref().expect("gzip");
            assert!(gzip.starts_with(&[0x1f, 0x8b]) && gzip.len() < asset.bytes.len(), "{}", asset.path);
        }
    }

    /// The pages have no inline style and no script in the markup, so the files must hold no foreign address.
    #[test]
    fn no_asset_names_another_server() {
        for asset in [STYLE, SCRIPT, LIVE] {
            let text = std::str::from_utf8(asset.bytes).unwrap();
            assert!(!text.contains("//") || !text.contains("http"), "{}", asset.path);
            assert!(!text.contains("@import") && !text.contains("url("), "{}", asset.path);
        }
    }
}

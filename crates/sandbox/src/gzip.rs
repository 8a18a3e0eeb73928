//! Bodies that are packed on their way: unpacked before a vendor reads them, packed for callers that say they can read that.

use std::io::{Read, Write};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use http::{HeaderMap, HeaderValue, header};

/// Bodies up to this size are not packed.
const PACK_ABOVE: usize = 1000;

/// Whether the body of a call is packed.
pub(crate) fn is_packed(request: &Request) -> bool {
    let encoding = request.headers().get(header::CONTENT_ENCODING);
    encoding.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"gzip"))
}

/// The call with its body unpacked; `None` if that cannot be read.
pub(crate) async fn unpack(request: Request) -> Option<Request> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.ok()?;
    let mut plain = Vec::new();
    GzDecoder::new(&*body).read_to_end(&mut plain).ok()?;
    Some(Request::from_parts(parts, Body::from(plain)))
}

/// The answer, packed if the caller asked for that and it is worth it.
pub(crate) async fn pack(asked: &HeaderMap, response: Response) -> Response {
    let mut wanted = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    if !wanted.any(|value| value.contains("gzip")) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else { return Response::from_parts(parts, Body::empty()) };
    match packed(&body) {
        Some(packed) => {
            parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            parts.headers.remove(header::CONTENT_LENGTH);
            Response::from_parts(parts, Body::from(packed))
        }
        None => Response::from_parts(parts, Body::from(body)),
    }
}

fn packed(body: &Bytes) -> Option<Vec<u8>> {
    if body.len() <= PACK_ABOVE {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    encoder.write_all(body).ok()?;
    encoder.finish().ok()
}

//! A connection without a client on it: what comes back byte by byte, and how it ends.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long a client of these tests waits for an answer that will not come in time.
pub(crate) const PATIENCE: Duration = Duration::from_millis(60);

/// What came back before the connection ended.
#[derive(Debug)]
pub(crate) struct Received {
    /// The bytes.
    pub(crate) text: String,
    /// The error that ended it; `None`: it was closed in good order.
    pub(crate) error: Option<io::ErrorKind>,
}

impl Received {
    /// The length of the body that was announced, and of what came of it.
    pub(crate) fn lengths(&self) -> (usize, usize) {
        let (head, body) = self.text.split_once("\r\n\r\n").unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        (length.parse().unwrap(), body.len())
    }
}

/// Connects and sends a request.
pub(crate) async fn send(url: &str, head: &str, headers: &[(&str, &str)], body: &str) -> TcpStream {
    let host = url.strip_prefix("http://").unwrap();
    let mut request = format!("{head} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(format!("{request}\r\n{body}").as_bytes()).await.unwrap();
    stream
}

/// Reads until the connection ends.
pub(crate) async fn receive(mut stream: TcpStream) -> Received {
    let mut bytes = Vec::new();
    let error = stream.read_to_end(&mut bytes).await.err().map(|error| error.kind());
    Received { text: String::from_utf8(bytes).unwrap(), error }
}

/// Asks again and again, for five seconds at most, until the answer is yes.
pub(crate) async fn until(mut ask: impl AsyncFnMut() -> bool) {
    let asking = async { while !ask().await {} };
    tokio::time::timeout(Duration::from_secs(5), asking).await.unwrap();
}

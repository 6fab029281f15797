//! A small HTTP server on this machine: answers each request by a closure and notes what it was sent.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came in.
#[derive(Clone, Debug)]
pub(super) struct Received {
    pub(super) method: String,
    pub(super) target: String,
    headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Received {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

pub(super) struct Server {
    pub(super) port: u16,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    /// A server that answers with what `answer` gives, byte for byte.
    pub(super) async fn start(answer: impl Fn(&Received) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let received = Arc::new(Mutex::new(Vec::new()));
        let (notes, answer) = (Arc::clone(&received), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (notes, answer) = (Arc::clone(&notes), Arc::clone(&answer));
                tokio::spawn(async move { serve(stream, &notes, &*answer).await });
            }
        });
        Self { port, received }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(super) fn grant(&self) -> String {
        format!("http=127.0.0.1:{}", self.port)
    }

    pub(super) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, notes: &Mutex<Vec<Received>>, answer: &(dyn Fn(&Received) -> Vec<u8> + Sync)) {
    let Some(request) = receive(&mut stream).await else { return };
    let response = answer(&request);
    notes.lock().unwrap().push(request);
    if response.is_empty() {
        // Says nothing, and keeps the connection open until the caller leaves.
        let _ = stream.read(&mut [0]).await;
        return;
    }
    let _ = stream.write_all(&response).await;
    let _ = stream.shutdown().await;
}

async fn receive(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let end = loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let headers: Vec<_> =
        lines.filter_map(|line| line.split_once(": ")).map(|(n, v)| (n.to_ascii_lowercase(), v.to_owned())).collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, v)| v.parse().unwrap());
    let mut body = bytes[end + 4..].to_vec();
    while body.len() < length {
        stream.read_buf(&mut body).await.ok()?;
    }
    let body = String::from_utf8_lossy(&body).into_owned();
    Some(Received { method: first.next()?.to_owned(), target: first.next()?.to_owned(), headers, body })
}

/// A response with these headers, each ended by CRLF.
pub(super) fn response(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// A redirect to `location`.
pub(super) fn redirect(status: &str, location: &str) -> Vec<u8> {
    response(status, &format!("Location: {location}\r\n"), "moved")
}

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::server::{Server, redirect, response};
use super::{allowing, call, failed, message};
use crate::value::Value;

#[tokio::test]
async fn a_redirect_to_a_host_that_was_not_granted_is_denied() {
    let inside = Server::start(|_| response("200 OK", "", "internal")).await;
    let target = inside.url("/secrets");
    let outside = Server::start(move |_| redirect("302 Found", &target)).await;
    let host = allowing(&[&outside.grant()]);
    let told = message(call(&host, "http::get", json!([outside.url("/")])).await, "denied");
    let authority = format!("127.0.0.1:{}", inside.port);
    assert_eq!(told, format!("`http` to `{authority}` is not allowed; run with `--allow http={authority}`"));
    assert!(inside.received().is_empty(), "nothing was sent there");
}

#[tokio::test]
async fn another_granted_host_does_not_get_the_credentials_of_the_first() {
    let second = Server::start(|_| response("200 OK", "", "")).await;
    let target = format!("http://server:chosen@127.0.0.1:{}/", second.port);
    let first = Server::start(move |_| redirect("307 Temporary Redirect", &target)).await;
    let host = allowing(&["http=127.0.0.1"]);
    let headers = json!({ "Authorization": "a", "Cookie": "b", "X-Api-Key": "c", "Accept": "text/plain" });
    call(&host, "http::post", json!([first.url("/"), { "headers": headers, "body": "x" }])).await.unwrap();
    let request = second.received().pop().unwrap();
    for name in ["authorization", "cookie", "x-api-key"] {
        assert_eq!(request.header(name), None, "{name}");
    }
    assert_eq!((request.header("accept"), request.body.as_str()), (Some("text/plain"), "x"));
    assert_eq!(first.received()[0].header("x-api-key"), Some("c"));
}

#[tokio::test]
async fn redirects_in_a_ring_end() {
    let server = Server::start(|_| redirect("302 Found", "/again")).await;
    let host = allowing(&[&server.grant()]);
    let told = message(call(&host, "http::get", json!([server.url("/")])).await, "limit");
    assert_eq!(told, "`http::get` was redirected more than 10 times (MAX_REDIRECTS, or `redirects`)");
    assert_eq!(server.received().len(), 11);
    message(call(&host, "http::get", json!([server.url("/"), { "redirects": 1 }])).await, "limit");
    assert_eq!(server.received().len(), 13);
}

#[tokio::test]
async fn a_redirect_to_no_web_address_is_refused() {
    for location in
        ["file:///etc/passwd", "ftp://127.0.0.1/", "http://[", "javascript:alert(1)", "http://*/", "http://a;id/"]
    {
        let server = Server::start(move |_| redirect("301 Moved Permanently", location)).await;
        message(call(&allowing(&["http=*"]), "http::get", json!([server.url("/")])).await, "http");
    }
}

#[tokio::test]
async fn the_host_of_a_url_is_what_is_called_not_what_it_looks_like() {
    let server = Server::start(|_| response("200 OK", "", "")).await;
    let port = server.port;
    let host = allowing(&["http=good.example"]);
    for url in [
        format!("http://good.example@127.0.0.1:{port}/"),
        format!("http://good.example:80@127.0.0.1:{port}/"),
        format!("http://127.0.0.1:{port}#@good.example/"),
        format!("http://127.0.0.1:{port}\\@good.example/"),
        format!("http://0x7f.1:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        "http://good.example.evil.example/".to_owned(),
    ] {
        message(call(&host, "http::get", json!([url])).await, "denied");
    }
    assert!(server.received().is_empty());
    let same = allowing(&["http=127.0.0.1"]);
    call(&same, "http::get", json!([format!("http://0x7f.1:{port}/")])).await.expect("the same address, once parsed");
}

#[tokio::test]
async fn a_host_that_no_grant_can_name_is_no_host() {
    for host in ["*", "*.example.com", "$(id)", "a;id", "a&b", "a,b", "a..b", "a.*.b", "it's", "a.-.b..", "~"] {
        for granted in [&[][..], &["http=*"]] {
            let told = message(call(&allowing(granted), "http::get", json!([format!("http://{host}/")])).await, "http");
            assert!(told.starts_with("`http::get` cannot call its URL: "), "{told}");
        }
    }
    let told = message(call(&allowing(&[]), "http::get", json!(["http://x.example:0/"])).await, "http");
    assert_eq!(told, "`http::get` cannot call its URL: its port is 0; expected a number from 1 to 65535");
    for host in ["3proxy", "a_b", "xn--bcher-kva.example", "a.1b", "a.example."] {
        let told = message(call(&allowing(&[]), "http::get", json!([format!("http://{host}:81/")])).await, "denied");
        let grant = format!("http={host}:81");
        assert!(told.ends_with(&format!("run with `--allow {grant}`")), "{told}");
        assert!(crate::host::Grants::parse([grant]).unwrap().allow_host(host, Some(81)));
    }
}

#[tokio::test]
async fn a_body_is_read_no_further_than_its_bound() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let endless = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        let mut sent = 0_usize;
        while stream.write_all(&[b'x'; 65_536]).await.is_ok() {
            sent += 65_536;
        }
        sent
    });
    let url = format!("http://127.0.0.1:{port}/");
    let told = message(call(&allowing(&["http=127.0.0.1"]), "http::get", json!([url])).await, "limit");
    let bound = "passed 8388608 bytes (MAX_BODY_BYTES)";
    assert_eq!(told, format!("the body of the response to `http::get` from `{url}` {bound}"));
    let sent = endless.await.unwrap();
    assert!(sent < 64 * 1024 * 1024, "the connection was left, after {sent} bytes");
}

#[tokio::test]
async fn headers_are_bounded() {
    let server = Server::start(|_| response("200 OK", &format!("X-Long: {}\r\n", "x".repeat(80_000)), "")).await;
    let host = allowing(&[&server.grant()]);
    let told = message(call(&host, "http::get", json!([server.url("/")])).await, "limit");
    assert!(told.ends_with("passed 65536 bytes (MAX_HEADER_BYTES)"), "{told}");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let left = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc").await.unwrap();
        stream.read(&mut [0; 16]).await.map_or(0, |read| read)
    });
    let host = allowing(&["http=127.0.0.1"]);
    let url = format!("http://127.0.0.1:{port}/");
    let told = message(call(&host, "http::get", json!([url, { "timeout": "50ms" }])).await, "http");
    assert_eq!(told, "`http::get` took longer than its time limit of 50ms");
    assert_eq!(left.await.unwrap(), 0, "the connection is closed");
}

#[tokio::test]
async fn answers_are_stored_without_credentials() {
    let secrets =
        "Set-Cookie: id=1\r\nAuthorization: x\r\nProxy-Authorization: x\r\nX-Auth-Token: x\r\nX-Other: ok\r\n";
    let server =
        Server::start(move |_| response("201 Created", &format!("{secrets}Location: http://u:p@h/x\r\n"), "")).await;
    let answer = call(&allowing(&[&server.grant()]), "http::get", json!([server.url("/")])).await.unwrap();
    let expected = json!({ "content-length": "0", "location": "http://h/x", "x-other": "ok" });
    assert_eq!(answer.get("headers").unwrap().to_json(), expected);
}

#[tokio::test]
async fn messages_keep_the_secrets_of_a_url() {
    let server = Server::start(|_| response("500 Oops", "", "")).await;
    let url = format!("http://ann:pass@127.0.0.1:{}/bot1aB2cD3eF4gH5iJ6kL7m/send?token=abc#part", server.port);
    let failure = failed(call(&allowing(&[&server.grant()]), "http::get", json!([url])).await, "http");
    let shown = format!("http://127.0.0.1:{}/…/send?…", server.port);
    assert_eq!(failure.message, format!("`http::get` to `{shown}` was answered with status 500 Internal Server Error"));
    assert!(server.received()[0].header("authorization").is_some(), "the user of the URL is sent to its host");
    for url in ["http://ann:pass@/", "http://ann:pass@127.0.0.1:99999/", "htp://ann:pass@x/"] {
        let told = message(call(&allowing(&["http=*"]), "http::get", json!([url])).await, "http");
        assert!(!told.contains("pass"), "{told}");
    }
}

#[tokio::test]
async fn a_network_that_fails_is_told_with_its_cause() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let host = allowing(&["http=*"]);
    let url = format!("http://ann:pass@127.0.0.1:{port}/x");
    let told = message(call(&host, "http::get", json!([url])).await, "http");
    let shown = format!("`http::get` could not connect to `http://127.0.0.1:{port}/x`: ");
    assert!(told.starts_with(&shown) && told.to_lowercase().contains("refused"), "{told}");

    let garbage = Server::start(|_| b"this is not HTTP\r\n\r\n".to_vec()).await;
    let told = message(call(&host, "http::get", json!([garbage.url("/")])).await, "http");
    assert!(told.starts_with(&format!("`http::get` got no response from `{}`: ", garbage.url("/"))), "{told}");

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await;
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    });
    let told = message(call(&host, "http::get", json!([format!("https://127.0.0.1:{port}/")])).await, "http");
    assert!(told.contains(&format!("`https://127.0.0.1:{port}/`: ")), "no TLS: {told}");
}

#[tokio::test]
async fn a_hundred_calls_wait_at_once_on_one_thread() {
    const CALLS: usize = 100;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://127.0.0.1:{}/", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        let mut waiting = Vec::new();
        while waiting.len() < CALLS {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 4096]).await;
            waiting.push(stream);
        }
        // Nobody gets an answer before all have asked.
        for mut stream in waiting {
            let _ = stream.write_all(&response("200 OK", "Connection: close\r\n", "")).await;
        }
    });
    let host = allowing(&["http=127.0.0.1"]);
    let calls: Vec<_> = (0..CALLS)
        .map(|_| {
            let (host, url) = (host.clone(), url.clone());
            tokio::spawn(async move { call(&host, "http::get", json!([url])).await })
        })
        .collect();
    for one in calls {
        one.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn deep_json_is_no_json() {
    let deep = format!("{}{}", "[".repeat(110), "]".repeat(110));
    let server = Server::start(move |_| response("200 OK", "", &deep)).await;
    let answer = call(&allowing(&[&server.grant()]), "http::get", json!([server.url("/")])).await.unwrap();
    assert_eq!(answer.get("json"), Some(&Value::Unit));
}

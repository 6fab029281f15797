use serde_json::json;

use super::server::{Server, redirect, response};
use super::{allowing, call, failed, message, perform};
use crate::duration::Duration;
use crate::value::Value;

#[tokio::test]
async fn a_get_brings_status_headers_body_and_json() {
    let server =
        Server::start(|_| response("200 OK", "X-Rate: 5\r\nX-Rate: 6\r\n", r#"{"name":"Ann","n":[1,2.5]}"#)).await;
    let host = allowing(&[&server.grant()]);
    let answer =
        call(&host, "http::get", json!([server.url("/people?sort=name"), { "query": { "q": "a b", "n": [1, 2] } }]));
    let answer = answer.await.unwrap();
    assert_eq!(answer.get("status"), Some(&Value::Integer(200)));
    assert_eq!(answer.get("headers").unwrap().get("x-rate"), Some(&Value::text("5, 6")));
    assert_eq!(answer.get("body").unwrap().as_str(), Some(r#"{"name":"Ann","n":[1,2.5]}"#));
    assert_eq!(answer.get("json").unwrap().to_json(), json!({ "name": "Ann", "n": [1, 2.5] }));
    let request = &server.received()[0];
    assert_eq!((request.method.as_str(), request.target.as_str()), ("GET", "/people?sort=name&n=1&n=2&q=a+b"));
    assert_eq!(request.header("user-agent"), Some(concat!("opsflow/", env!("CARGO_PKG_VERSION"))));
}

#[tokio::test]
async fn each_method_sends_its_body() {
    let server = Server::start(|_| response("204 No Content", "", "")).await;
    let host = allowing(&[&server.grant()]);
    let bodies = [
        ("post", json!({ "json": { "amount": 5 } }), "application/json", r#"{"amount":5}"#),
        ("put", json!({ "body": "plain" }), "text/plain; charset=utf-8", "plain"),
        (
            "patch",
            json!({ "form": { "a": "1 2", "b": [3, true] } }),
            "application/x-www-form-urlencoded",
            "a=1+2&b=3&b=true",
        ),
        (
            "delete",
            json!({ "body": "<x/>", "headers": { "Content-Type": "application/xml" } }),
            "application/xml",
            "<x/>",
        ),
    ];
    for (method, options, kind, body) in bodies {
        let answer = call(&host, &format!("http::{method}"), json!([server.url("/"), options])).await.unwrap();
        assert_eq!(answer.get("json"), Some(&Value::Unit), "an empty body is no JSON");
        let request = server.received().pop().unwrap();
        assert_eq!(request.method, method.to_uppercase());
        assert_eq!((request.header("content-type"), request.body.as_str()), (Some(kind), body), "{method}");
    }
}

#[tokio::test]
async fn a_status_of_400_or_more_fails_with_the_response_unless_accepted() {
    let server = Server::start(|_| response("404 Not Found", "", r#"{"why":"gone"}"#)).await;
    let host = allowing(&[&server.grant()]);
    let failure = failed(call(&host, "http::get", json!([server.url("/x")])).await, "http");
    assert_eq!(
        failure.message,
        format!("`http::get` to `{}` was answered with status 404 Not Found", server.url("/x"))
    );
    assert_eq!(failure.data.get("status"), Some(&Value::Integer(404)));
    assert_eq!(failure.data.get("json").unwrap().get("why"), Some(&Value::text("gone")));
    for accept in [json!([404, 410]), json!(404)] {
        let answer = call(&host, "http::get", json!([server.url("/x"), { "accept": accept }])).await.unwrap();
        assert_eq!(answer.get("status"), Some(&Value::Integer(404)));
    }
    failed(call(&host, "http::get", json!([server.url("/x"), { "accept": [500] }])).await, "http");
}

#[tokio::test]
async fn what_is_not_granted_is_denied_before_anything_is_sent() {
    let server = Server::start(|_| response("200 OK", "", "")).await;
    let host = allowing(&["http=api.example.com"]);
    let told = message(call(&host, "http::get", json!([server.url("/")])).await, "denied");
    let authority = format!("127.0.0.1:{}", server.port);
    assert_eq!(told, format!("`http` to `{authority}` is not allowed; run with `--allow http={authority}`"));
    let told = message(call(&host, "http::get", json!(["https://other.example.com/"])).await, "denied");
    assert_eq!(told, "`http` to `other.example.com` is not allowed; run with `--allow http=other.example.com`");
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn redirects_are_followed_as_browsers_do() {
    let server = Server::start(|request| match request.target.as_str() {
        "/302" => redirect("302 Found", "/end"),
        "/303" => redirect("303 See Other", "/end"),
        "/307" => redirect("307 Temporary Redirect", "end"),
        _ => response("200 OK", "", "arrived"),
    })
    .await;
    let host = allowing(&[&server.grant()]);
    for (path, method, body) in [("/302", "GET", ""), ("/303", "GET", ""), ("/307", "POST", "x")] {
        let options = json!({ "body": "x", "headers": { "Authorization": "secret" } });
        let answer = call(&host, "http::post", json!([server.url(path), options])).await.unwrap();
        assert_eq!(answer.get("body"), Some(&Value::text("arrived")), "{path}");
        let last = server.received().pop().unwrap();
        assert_eq!((last.method.as_str(), last.target.as_str(), last.body.as_str()), (method, "/end", body));
        assert_eq!(last.header("authorization"), Some("secret"), "the same server gets the same headers");
    }
    let answer = call(&host, "http::get", json!([server.url("/302"), { "redirects": 0 }])).await.unwrap();
    assert_eq!(answer.get("status"), Some(&Value::Integer(302)));
    assert_eq!(answer.get("headers").unwrap().get("location"), Some(&Value::text("/end")));
}

#[tokio::test]
async fn text_is_read_in_its_encoding() {
    let server = Server::start(|request| match request.target.as_str() {
        "/latin" => response("200 OK", "Content-Type: text/plain; charset=\"ISO-8859-1\"\r\n", b"caf\xe9"),
        "/bom" => response("200 OK", "", b"\xef\xbb\xbf{\"a\":1}"),
        _ => response("200 OK", "", b"\xff\x00\xfe1"),
    })
    .await;
    let host = allowing(&[&server.grant()]);
    let get = async |path: &str| call(&host, "http::get", json!([server.url(path)])).await.unwrap();
    assert_eq!(get("/latin").await.get("body"), Some(&Value::text("café")));
    assert_eq!(get("/bom").await.get("json").unwrap().to_json(), json!({ "a": 1 }));
    assert_eq!(get("/bytes").await.get("body"), Some(&Value::text("\u{fffd}\0\u{fffd}1")), "what is no text is marked");
}

#[tokio::test]
async fn large_numbers_keep_every_digit() {
    let server = Server::start(|_| response("200 OK", "", r#"{"id":18446744073709551615,"small":-5}"#)).await;
    let host = allowing(&[&server.grant()]);
    let answer = call(&host, "http::get", json!([server.url("/")])).await.unwrap();
    assert_eq!(answer.get("json").unwrap().to_json(), json!({ "id": "18446744073709551615", "small": -5 }));
}

#[tokio::test]
async fn wrong_options_say_what_was_expected() {
    let host = allowing(&["http=*"]);
    let wrong = async |options: serde_json::Value| {
        message(call(&host, "http::get", json!(["http://127.0.0.1:1/", options])).await, "script")
    };
    assert_eq!(wrong(json!({ "timout": 5 })).await, "`http::get` has no option `timout`; did you mean `timeout`?");
    let known = "`headers`, `query`, `json`, `body`, `form`, `accept`, `timeout`, `redirects`, `once`";
    assert_eq!(wrong(json!({ "amount": 5 })).await, format!("`http::get` has no option `amount`; there are {known}"));
    assert_eq!(wrong(json!("x")).await, "`http::get` takes its options as a map, but was given a string");
    assert_eq!(
        wrong(json!({ "json": 1, "body": "x" })).await,
        "`http::get` was given `json` and `body`; a request has one body"
    );
    assert_eq!(wrong(json!({ "body": 1 })).await, "`body` of `http::get` should be a string, but is of type integer");
    assert_eq!(wrong(json!({ "redirects": 11 })).await, "`redirects` of `http::get` should be from 0 to 10, but is 11");
    assert_eq!(
        wrong(json!({ "timeout": "soon" })).await,
        "`timeout` of `http::get` should be a duration like `\"30s\"` or a number of seconds, but is of type string"
    );
    assert_eq!(
        wrong(json!({ "timeout": 0 })).await,
        "`timeout` of `http::get` is above zero and at most 1d (MAX_TIME_LIMIT)"
    );
    assert_eq!(
        wrong(json!({ "headers": { "X": { "a": 1 } } })).await,
        "`headers.X` of `http::get` should be a string, but is of type map"
    );
    assert_eq!(
        wrong(json!({ "headers": { "Host": "evil.example" } })).await,
        "`http::get` cannot send the header `Host`: it is not the author's to set"
    );
    wrong(json!({ "headers": { "a b": "x" } })).await;
    wrong(json!({ "headers": { "X": "a\r\nY: b" } })).await;
    message(call(&host, "http::get", json!([5])).await, "script");
    let none = message(call(&host, "http::get", json!(["nowhere"])).await, "http");
    assert!(none.contains("expected one like `https://api.example.com/`"), "{none}");
    let scheme = message(call(&host, "http::get", json!(["file:///etc/passwd"])).await, "http");
    assert_eq!(scheme, "`http::get` cannot call its URL: its scheme is `file`; expected `http` or `https`");
}

#[tokio::test]
async fn the_time_limit_may_be_a_duration_a_text_or_seconds() {
    let server = Server::start(|_| Vec::new()).await;
    let host = allowing(&[&server.grant()]);
    let limits = [Value::Duration(Duration::from_millis(30)), Value::text("30ms"), Value::Float(0.03)];
    for limit in limits {
        let arguments = vec![server.url("/").into(), Value::map([("timeout", limit)])];
        let told = message(perform(&host, "http::get", arguments).await, "http");
        assert_eq!(told, "`http::get` took longer than its time limit of 30ms");
    }
}

use std::net::SocketAddr;

use axum::{Router, response::Redirect, routing::get};

use super::{wire::checked, *};

const LIMITS: FetchLimits = FetchLimits { bytes: 1000, time: Duration::from_secs(2) };

/// What a merchant, or a file from elsewhere, may name to look into our own house.
const INWARDS: [&str; 40] = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://127.0.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://127.0.0.1./",
    "http://１２７.０.０.１/",
    "http://127。0。0。1/",
    "http://%31%32%37.0.0.1/",
    "http://0/",
    "http://0.0.0.0/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.100.100.200/latest/meta-data/",
    "http://100.64.0.1/",
    "http://192.0.0.192/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b:1::1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:7f00:1::]/",
    "http://[fe80::1]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://[ff02::1]/",
    "http://[2001:db8::1]/",
];

async fn refused(outbound: &Outbound, address: &str) -> OutboundError {
    outbound.fetch(address, LIMITS).await.expect_err(address)
}

#[tokio::test]
async fn no_spelling_of_an_inward_address_is_reached() {
    let outbound = Outbound::new(Reach::Public);
    for address in INWARDS {
        assert_eq!(refused(&outbound, address).await, OutboundError::NotPublic, "{address}");
        let secure = address.replacen("http:", "https:", 1);
        assert_eq!(refused(&outbound, &secure).await, OutboundError::NotPublic, "{secure}");
    }
}

#[tokio::test]
async fn a_name_that_leads_inwards_is_not_reached() {
    let outbound = Outbound::new(Reach::Public);
    assert_eq!(refused(&outbound, "http://localhost/").await, OutboundError::NotPublic);
    let mixed: Vec<SocketAddr> = vec!["9.9.9.9:443".parse().unwrap(), "10.0.0.1:443".parse().unwrap()];
    assert!(checked(Reach::Public, mixed).is_err());
    assert!(checked(Reach::Public, vec!["9.9.9.9:443".parse().unwrap()]).is_ok());
}

#[tokio::test]
async fn only_the_web_is_asked_without_credentials_and_on_its_ports() {
    let outbound = Outbound::new(Reach::Public);
    for address in
        ["ftp://a.example/", "file:///etc/passwd", "//a.example/", "data:,x", "http://u:p@9.9.9.9/"]
    {
        assert_eq!(refused(&outbound, address).await, OutboundError::Malformed, "{address}");
    }
    for address in ["http://9.9.9.9:22/", "https://9.9.9.9:8080/", "http://a.example:6379/"] {
        assert_eq!(refused(&outbound, address).await, OutboundError::NotPublic, "{address}");
    }
}

/// A server on loopback, and a client that may reach it alone.
async fn served(router: Router) -> (SocketAddr, Outbound) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, Outbound::new(Reach::PublicAnd(address)))
}

#[tokio::test]
async fn what_is_too_large_too_slow_or_not_there_is_told_apart() {
    let endless = || async {
        let pieces = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from(vec![7; 100])));
        axum::body::Body::from_stream(pieces)
    };
    let router = Router::new()
        .route("/small", get(|| async { "mango" }))
        .route("/large", get(|| async { "x".repeat(1001) }))
        .route("/endless", get(endless))
        .route("/slow", get(|| async { std::future::pending::<()>().await }));
    let (at, outbound) = served(router).await;
    assert_eq!(outbound.fetch(&format!("http://{at}/small"), LIMITS).await.unwrap(), "mango");
    for (path, reason) in [
        ("large", OutboundError::TooLarge),
        ("endless", OutboundError::TooLarge),
        ("slow", OutboundError::TooSlow),
        ("gone", OutboundError::Status(404)),
    ] {
        assert_eq!(refused(&outbound, &format!("http://{at}/{path}")).await, reason, "{path}");
    }
}

#[tokio::test]
async fn a_redirect_is_checked_like_the_first_address_and_at_most_three_are_followed() {
    let router = Router::new()
        .route("/0", get(|| async { "there" }))
        .route(
            "/{n}",
            get(|axum::extract::Path(n): axum::extract::Path<u8>| async move {
                Redirect::temporary(&format!("/{}", n - 1))
            }),
        )
        .route("/inwards", get(|| async { Redirect::permanent("http://169.254.169.254/") }))
        .route("/neighbour", get(|| async { Redirect::permanent("http://localhost:1/") }))
        .route("/file", get(|| async { Redirect::permanent("file:///etc/passwd") }));
    let (at, outbound) = served(router).await;
    assert_eq!(outbound.fetch(&format!("http://{at}/3"), LIMITS).await.unwrap(), "there");
    for (path, reason) in [
        ("4", OutboundError::TooManyRedirects),
        ("inwards", OutboundError::NotPublic),
        ("neighbour", OutboundError::NotPublic),
        ("file", OutboundError::Malformed),
    ] {
        assert_eq!(refused(&outbound, &format!("http://{at}/{path}")).await, reason, "{path}");
    }
}

#[tokio::test]
async fn a_fetch_says_who_asks_and_carries_no_cookie() {
    let echo = |headers: http::HeaderMap| async move {
        let names: Vec<String> = headers.keys().map(ToString::to_string).collect();
        format!("{} {:?}", names.join(" "), headers.get("user-agent"))
    };
    let (at, outbound) = served(Router::new().route("/", get(echo))).await;
    let said = outbound.fetch(&format!("http://{at}/"), LIMITS).await.unwrap();
    let said = String::from_utf8(said.to_vec()).unwrap();
    assert!(said.contains("Soko/") && !said.contains("cookie") && !said.contains("authorization"), "{said}");
}

#[tokio::test]
async fn a_form_reaches_a_service_and_what_is_not_ok_is_an_error() {
    let echo = |axum::Form(fields): axum::Form<Vec<(String, String)>>| async move { format!("{fields:?}") };
    let router = Router::new()
        .route("/verify", axum::routing::post(echo))
        .route("/moved", axum::routing::post(|| async { Redirect::to("/verify") }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let outbound = Outbound::new(Reach::PublicAnd(address));
    let send = async |path: &str| {
        outbound.send_form(&format!("http://{address}{path}"), &[("a", "b c&d")], LIMITS).await
    };
    assert_eq!(send("/verify").await.unwrap(), Bytes::from(r#"[("a", "b c&d")]"#));
    assert_eq!(send("/moved").await, Err(OutboundError::Status(303)));
    let inwards = Outbound::new(Reach::Public).send_form("http://127.0.0.1/", &[], LIMITS).await;
    assert_eq!(inwards, Err(OutboundError::NotPublic));
}

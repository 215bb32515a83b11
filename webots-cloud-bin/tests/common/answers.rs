//! What answers must look like.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends what is no HTTP or too much of it; what is answered at all is an error, and soon.
pub async fn survives_garbage(port: u16) {
    let long = format!(
        "GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n",
        "x".repeat(100_000)
    );
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(5_000));
    let garbage: [&[u8]; 7] = [
        b"\0\0\0\0",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        long.as_bytes(),
        many.as_bytes(),
    ];
    for bytes in garbage {
        let mut stream = TcpStream::connect(("localhost", port)).await.expect("open");
        let mut answer = Vec::new();
        let exchange = async {
            // The server may have closed before it read all.
            let _ = stream.write_all(bytes).await;
            let _ = stream.shutdown().await;
            let _ = stream.read_to_end(&mut answer).await;
        };
        let exchange = tokio::time::timeout(super::SOON, exchange).await;
        exchange.expect("an end of the connection");
        let status = answer.get(..10).unwrap_or_default();
        assert!(
            status.is_empty() || status.starts_with(b"HTTP/1.1 4"),
            "{status:?}"
        );
    }
}

/// Every page is complete without any other host: all it names are paths of its own server.
pub fn names_other_hosts(page: &str) -> bool {
    ["http://", "https://", "\"//", "'//", "(//", "=//"]
        .iter()
        .any(|sign| page.contains(sign))
}

/// A monitor page that may use nothing but what its own server has, and has all that it uses.
pub async fn assert_complete(server: &super::Server, reply: &webots_cloud::client::Reply) {
    let policy = super::header(reply, "content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    assert!(
        !policy.contains("unsafe") && !policy.contains('*'),
        "{policy}"
    );
    for (name, kind) in [
        ("monitor.css", "text/css"),
        ("monitor.js", "text/javascript"),
    ] {
        assert!(
            super::body(reply).contains(&format!("\"{name}\"")),
            "{name}"
        );
        let part = server.get(&format!("/{name}")).await;
        assert_eq!(part.status(), 200, "{name}");
        let told = super::header(&part, "content-type").expect("a type");
        assert!(told.starts_with(kind), "{told}");
        // The name of the format of pictures is no address.
        let text = super::body(&part).replace("'http://www.w3.org/2000/svg'", "");
        assert!(!names_other_hosts(&text), "{name}");
    }
}

/// Every line is a comment, or a name with labels and a number.
pub fn assert_prometheus(metrics: &str) {
    let mut samples = 0;
    for line in metrics.lines().filter(|line| !line.starts_with('#')) {
        let (series, value) = line.rsplit_once(' ').expect(line);
        let name = series.split('{').next().expect("at least one");
        let good = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let ours = name.starts_with("webots_cloud_") || name.starts_with("process_");
        assert!(ours && name.chars().all(good), "{line}");
        assert!(!series.contains('{') || series.ends_with('}'), "{line}");
        assert!(value.parse::<f64>().is_ok(), "{line}");
        samples += 1;
    }
    assert!(samples > 5, "{metrics}");
    assert!(metrics.ends_with("# EOF\n"), "{metrics}");
}

/// The value of a metric without labels.
pub fn metric(metrics: &str, name: &str) -> f64 {
    let mut samples = metrics.lines().filter_map(|line| line.split_once(' '));
    let found = samples.find(|(series, _)| *series == name);
    found
        .unwrap_or_else(|| panic!("{name} in {metrics}"))
        .1
        .parse()
        .expect("a number")
}

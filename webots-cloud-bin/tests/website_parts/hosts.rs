//! Hosts that mean harm. `PORT` is that of a website on this machine which waits for a mistake.

/// A key for each of these is there, with which nothing may happen.
pub const KEYS: [&str; 15] = [
    "robotbenchmark.net",
    "evil.example",
    "localhost",
    "intranet.example",
    "mixed.example",
    "mapped.example",
    "metadata.example",
    "six.example",
    "nowhere.example",
    "169.254.169.254",
    "10.0.0.1",
    "0.0.0.0",
    "[::1]",
    "[::ffff:7f00:1]",
    ".hidden",
];

const FORM: &str = "addresses like https://example.org only";
const NO_KEY: &str = "no key for it";
pub const PRIVATE: &str = "not a public address";

pub const HOSTS: [(&str, &str); 57] = [
    // W5, 6: the key of one, sent to another.
    ("http://robotbenchmark.net:80@evil.example", FORM),
    ("http://robotbenchmark.net:80@127.0.0.1:PORT", FORM),
    ("http://robotbenchmark.net@127.0.0.1:PORT", FORM),
    ("http://:@127.0.0.1:PORT", FORM),
    ("http://@127.0.0.1:PORT", FORM),
    ("http://127.0.0.1:PORT#@robotbenchmark.net", FORM),
    ("http://127.0.0.1:PORT?@robotbenchmark.net", FORM),
    ("http://127.0.0.1:PORT/@robotbenchmark.net", FORM),
    ("http://127.0.0.1:PORT\\@robotbenchmark.net", FORM),
    ("http:\\\\127.0.0.1:PORT", FORM),
    ("http:127.0.0.1:PORT", FORM),
    ("http:///127.0.0.1:PORT", FORM),
    ("//127.0.0.1:PORT", FORM),
    ("127.0.0.1:PORT", FORM),
    ("http://127.0.0.1:PORT/", FORM),
    ("http://127.0.0.1:PORT/elsewhere", FORM),
    (" http://127.0.0.1:PORT", FORM),
    ("http://127.0.0.1:PORT\n", FORM),
    ("ht\ttp://127.0.0.1:PORT", FORM),
    ("http://127.0.0.1:PORT\r\nX: y", FORM),
    // Names that are written in another way.
    ("https://robotbenchmark.net.", FORM),
    ("https://robotbenchmark.net..", FORM),
    ("https://.hidden", FORM),
    ("https://robotbenchmark..net", FORM),
    ("https://ｒobotbenchmark.net", FORM),
    ("https://robotbenchmark。net", FORM),
    ("https://robotbenchmark%2enet", FORM),
    ("https://robot\u{ad}benchmark.net", FORM),
    ("https://röbotbenchmark.net", FORM),
    ("https://xn--rbotbenchmark-imb.net", NO_KEY),
    ("https://robotbenchmark.net.evil.example", NO_KEY),
    ("https://evilrobotbenchmark.net", NO_KEY),
    ("https://..", FORM),
    ("https://../robotbenchmark.net", FORM),
    ("https://", FORM),
    // Addresses in odd notation.
    ("http://0x7f.1:PORT", FORM),
    ("http://2130706433:PORT", FORM),
    ("http://017700000001:PORT", FORM),
    ("http://127.1:PORT", FORM),
    ("http://127.0.0.01:PORT", FORM),
    ("http://①②⑦.0.0.1:PORT", FORM),
    ("http://[::ffff:127.0.0.1]:PORT", FORM),
    ("http://[::ffff:7f00:1]:PORT", PRIVATE),
    ("http://[0:0:0:0:0:0:0:1]:PORT", FORM),
    ("http://[::1]:PORT", PRIVATE),
    // Places that are not the internet.
    ("http://0.0.0.0:PORT", PRIVATE),
    ("http://localhost:PORT", PRIVATE),
    ("http://169.254.169.254", PRIVATE),
    ("http://10.0.0.1", PRIVATE),
    ("http://intranet.example", PRIVATE),
    ("http://mixed.example:PORT", PRIVATE),
    ("http://mapped.example:PORT", PRIVATE),
    ("http://metadata.example", PRIVATE),
    ("http://six.example", PRIVATE),
    // Other schemes.
    ("file://", FORM),
    ("file:///etc/passwd", FORM),
    ("ftp://robotbenchmark.net", FORM),
];

/// Not dangerous, but no good either.
pub const MORE: [(&str, &str); 6] = [
    ("http://nowhere.example", "does not exist"),
    ("http://127.0.0.1:0", NO_KEY),
    ("http://127.0.0.1:65536", FORM),
    ("http://127.0.0.1:PORTx", FORM),
    ("javascript:alert(1)", FORM),
    ("", FORM),
];

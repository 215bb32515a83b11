//! What is left when the website host dies.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::client::{self, MULTIPART, URLENCODED, multipart, urlencoded};
use super::rig::{COOKIES, Folders, Host, UPLOAD, is_log};

const SIZE: usize = 400_000;
const FILE: &str = "user/1/projects/p/controllers/c/c.py";

#[test]
fn a_kill_leaves_the_old_file_or_the_new_one() {
    let folders = Folders::make();
    for round in 0..6 {
        let mut host = Host::start(&folders);
        assert_eq!(upload(host.port, 'a').as_deref(), Some("OK"));
        let (saved, port) = (AtomicUsize::new(0), host.port);
        std::thread::scope(|scope| {
            for letter in ['a', 'b', 'c'] {
                let saved = &saved;
                scope.spawn(move || {
                    while upload(port, letter).as_deref() == Some("OK") {
                        saved.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
            // Each round at another moment.
            while saved.load(Ordering::SeqCst) < 2 + round {
                one_letter(&folders.read(FILE).expect("never missing"));
            }
            host.child.kill().expect("killed");
            host.child.wait().expect("dead");
        });
        one_letter(&folders.read(FILE).expect("there"));
    }
    // What the dead ones left over is gone with the next upload, and counts for nobody.
    folders.write(
        "user/1/projects/p/.webots-cloud-upload-1-1",
        &[0; 9_900_000],
    );
    let host = Host::start(&folders);
    assert_eq!(upload(host.port, 'd').as_deref(), Some("OK"));
    let hidden = folders.listing().into_keys().find(|path| {
        let name = path.file_name().expect("a name").to_string_lossy();
        name.starts_with(".webots-cloud")
    });
    assert_eq!(hidden, None);
    assert_eq!(
        fs::metadata(folders.path(FILE)).expect("there").len(),
        SIZE as u64
    );
}

fn one_letter(file: &[u8]) {
    assert_eq!(file.len(), SIZE);
    assert!(file.iter().all(|byte| *byte == file[0]), "a mixture");
}

/// What came of an upload, if an answer came.
fn upload(port: u16, letter: char) -> Option<String> {
    let content = letter.to_string().repeat(SIZE);
    let body = multipart(&[
        ("dirname", "p/controllers/c"),
        ("filename", "c.py"),
        ("content", &content),
    ]);
    let request = client::request("POST", UPLOAD, &format!("{COOKIES}{MULTIPART}"), &body);
    let stream = std::net::TcpStream::connect(("127.0.0.1", port)).ok()?;
    std::io::Write::write_all(&mut &stream, &request).ok()?;
    client::read(&mut std::io::BufReader::new(stream), false).map(|answer| answer.text())
}

#[test]
fn a_client_that_goes_away_in_the_middle_leaves_nothing() {
    let folders = Folders::make();
    let host = Host::start(&folders);
    let before = folders.listing();
    let body = multipart(&[("dirname", "p"), ("filename", "f"), ("content", "whole")]);
    let multipart = client::request("POST", UPLOAD, &format!("{COOKIES}{MULTIPART}"), &body);
    let body = urlencoded(&[("dirname", "p"), ("filename", "f"), ("content", "whole")]);
    let plain = client::request("POST", UPLOAD, &format!("{COOKIES}{URLENCODED}"), &body);
    for (request, missing) in [
        (&multipart, 4),
        (&multipart, 20),
        (&multipart, 300),
        (&plain, 1),
    ] {
        let stream = client::connect(host.port);
        let end = request.len() - missing;
        std::io::Write::write_all(&mut &stream, &request[..end]).expect("sent");
        stream.shutdown(std::net::Shutdown::Write).expect("shut");
        // Whatever it says, it has done what it does by then.
        let answer = client::read(&mut std::io::BufReader::new(stream), false);
        let text = answer.map(|it| it.text());
        assert_ne!(text.as_deref(), Some("OK"), "{missing} bytes missing");
    }
    let mut after = folders.listing();
    after.retain(|path, _| !is_log(path));
    let mut expected = before;
    expected.retain(|path, _| !is_log(path));
    assert_eq!(after, expected);
}

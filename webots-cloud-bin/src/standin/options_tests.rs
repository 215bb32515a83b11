//! Command lines that real servers write, and those that Webots refuses.

use super::*;

fn run(line: &[&str]) -> Options {
    match parse(&line.iter().map(ToString::to_string).collect::<Vec<_>>()) {
        Ok(Command::Run(options)) => options,
        other => panic!("{other:?}"),
    }
}

fn refused(line: &[&str]) -> UsageError {
    parse(&line.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap_err()
}

#[test]
fn the_lines_of_2019_to_2021() {
    let options = run(&[
        "--batch",
        "--mode=pause",
        "--minimize",
        "--no-rendering",
        "--stream=\"port=2001;monitorActivity;mode=x3d;controllerEdit;multimediaServer=X;ssl2\"",
        "/w/a b.wbt",
    ]);
    assert_eq!(
        (options.dialect, options.port, options.mode),
        (Dialect::Legacy, 2001, Mode::Pause)
    );
    assert!(options.monitor && options.controller_edit && options.text_streams);
    assert_eq!(options.notes.len(), 1);
    assert_eq!(options.world, PathBuf::from("/w/a b.wbt"));
    assert_eq!(
        run(&["--stream=\"port=1;mode=mjpeg\"", "w"]).stream,
        Some(Stream::Mjpeg)
    );
    assert_eq!(
        run(&["--stream=monitorActivity", "w"]).dialect,
        Dialect::Legacy
    );
}

#[test]
fn the_lines_of_2022_and_later() {
    let options = run(&[
        "--batch",
        "--mode=pause",
        "--port=2001",
        "--heartbeat=5000",
        "--stream",
        "/w/a.wbt",
    ]);
    assert_eq!((options.dialect, options.port), (Dialect::Modern, 2001));
    assert_eq!(options.heartbeat, Some(Duration::from_secs(5)));
    assert_eq!(options.stream, Some(Stream::Scene));
    assert_eq!(
        run(&["--stream=mjpeg", "--heartbeat", "w"]).heartbeat,
        Some(Duration::from_secs(1))
    );
    assert_eq!(run(&["--stream=w3d", "w"]).port, 1234);
    assert_eq!(run(&["w"]).stream, None);
}

#[test]
fn what_webots_refuses() {
    assert_eq!(
        refused(&["--stream", "--port=0", "w"]).dialect,
        Dialect::Modern
    );
    for line in [
        &["--port=65536", "w"][..],
        &["--stream=foo", "w"],
        &["--nonsense", "w"],
        &["--mode=quick", "w"],
        &["--heartbeat=x", "w"],
        &["--stream"],
        &["a", "b"],
    ] {
        refused(line);
    }
    let legacy = refused(&["--stream=\"port=2001\"", "--heartbeat=5000", "w"]);
    assert_eq!(legacy.dialect, Dialect::Legacy);
}

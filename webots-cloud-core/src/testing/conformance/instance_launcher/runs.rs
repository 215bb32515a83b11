//! Instances that end by themselves: what they print, how they end, what they are given.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use super::{KILLED_WITHIN, PROMPT, Program, Suite, within};
use crate::id::InstanceId;
use crate::ports::{Exit, InstanceEvent, Listening, MOST_PROCESSES, PortError, Stop};

/// Between two looks whether the port is open.
const LISTENING_PERIOD: Duration = Duration::from_millis(10);

pub(super) async fn try_all(suite: &mut Suite<'_>) {
    lines_and_exit(suite).await;
    flood(suite).await;
    environment(suite).await;
    directory(suite).await;
    listening(suite).await;
    usage(suite).await;
    mess(suite).await;
}

async fn lines_and_exit(suite: &mut Suite<'_>) {
    let texts = ["first", "two  words", "it's \"$(id)\" `id`", "", "último"];
    let lines: Vec<String> = texts.map(str::to_owned).to_vec();
    for code in [0, 7] {
        // With another code it ends before anything says that it is ready: that is an end as well.
        let lines = if code == 0 { lines.clone() } else { Vec::new() };
        let program = Program::Print {
            lines: lines.clone(),
            code,
        };
        let Some(run) = suite.run(program).await else {
            return;
        };
        let run = suite.gone(run, PROMPT).await;
        let events = run.log.events();
        // A sandbox may have said something before.
        assert!(
            run.log.lines().ends_with(&lines),
            "what an instance prints is told line by line, in order, and its arguments come \
             unharmed: {lines:?} became {:?}",
            run.log.lines()
        );
        assert_eq!(
            run.log.exit(),
            Some(Exit::Code(code)),
            "the exit code is told as it was: {events:?}"
        );
        let end = events.len().saturating_sub(2);
        assert!(
            matches!(events.get(end), Some(InstanceEvent::Ended(_))),
            "what was printed is told before the end, and the end before Gone: {events:?}"
        );
        suite.clear(run.instance, run.workspace).await;
    }
}

async fn flood(suite: &mut Suite<'_>) {
    let Some(run) = suite.run(Program::Flood).await else {
        return;
    };
    let run = suite.gone(run, PROMPT).await;
    let lines = run.log.lines();
    let pieces = lines.iter().filter(|line| line.starts_with("xxxx")).count();
    assert_eq!(
        pieces, 1,
        "a line without an end is told once, cut if it is too long"
    );
    assert_eq!(
        lines.last().map(String::as_str),
        Some("after"),
        "the line after one that is too long is whole"
    );
    suite.clear(run.instance, run.workspace).await;
}

async fn environment(suite: &mut Suite<'_>) {
    let (instance, workspace) = suite.prepare().await;
    let Some(mut command) = suite.rig.command(&Program::PrintEnvironment, &workspace) else {
        return suite.clear(instance, workspace).await;
    };
    let given = ("CONFORMANCE".to_owned(), "$(id) \"'".to_owned());
    command.command.environment.push(given);
    let wanted = command.command.environment.clone();
    let port = suite.rig.free_port();
    let run = suite.try_launch(instance, &workspace, command, port).await;
    let run = run.unwrap_or_else(|error| panic!("an instance starts, but: {error}"));
    let run = suite.gone(run, PROMPT).await;
    let lines = run.log.lines();
    for (name, value) in wanted {
        assert!(
            lines.contains(&format!("{name}={value}")),
            "an instance gets the environment that it is given, but {name} is missing or wrong: \
             {lines:?}"
        );
    }
    if let Some(secret) = suite.rig.host_variable() {
        let is_secret = |line: &String| line.starts_with(&format!("{secret}="));
        assert!(
            !lines.iter().any(is_secret),
            "nothing of the server's environment is inherited, but {secret} is"
        );
    }
    suite.clear(run.instance, run.workspace).await;
}

async fn directory(suite: &mut Suite<'_>) {
    let Some(run) = suite.run(Program::PrintDirectory).await else {
        return;
    };
    let run = suite.gone(run, PROMPT).await;
    assert_eq!(
        run.log.lines().last().map(Path::new),
        Some(run.workspace.path.as_path()),
        "an instance runs in the directory that it is given"
    );
    suite.clear(run.instance, run.workspace).await;
}

async fn listening(suite: &mut Suite<'_>) {
    let (own, free, foreign) = (
        suite.rig.free_port(),
        suite.rig.free_port(),
        suite.rig.free_port(),
    );
    let Some(run) = suite.run(Program::Listen(own)).await else {
        return;
    };
    suite.up(&run).await;
    let stranger = suite.rig.stranger_on(foreign);
    let mut wanted = vec![(own, Listening::Instance), (free, Listening::Nobody)];
    if stranger.is_some() {
        wanted.push((foreign, Listening::Stranger));
    }
    for (port, who) in wanted {
        let told = within(suite.rig, PROMPT, told_by(suite, run.instance, port, &who)).await;
        assert!(
            told == Some(Ok(who)),
            "only a listener of the own process tree is the instance: on {port} it is {who:?}, \
             but told is {told:?}"
        );
    }
    suite.stop(&run, Stop::Kill).await;
    let run = suite.gone(run, KILLED_WITHIN).await;
    let told = within(
        suite.rig,
        PROMPT,
        suite.launcher.listening(run.instance, own),
    )
    .await;
    assert!(
        !matches!(told, Some(Ok(Listening::Instance)) | None),
        "an instance that is gone listens nowhere, but told is {told:?}"
    );
    suite.clear(run.instance, run.workspace).await;
}

/// What is told in the end: a launcher that carries the port out of somewhere may need a moment to
/// see that it is open.
async fn told_by(
    suite: &Suite<'_>,
    instance: InstanceId,
    port: u16,
    wanted: &Listening,
) -> Result<Listening, PortError> {
    loop {
        let told = suite.launcher.listening(instance, port).await;
        match (&told, wanted) {
            (Ok(Listening::Nobody), Listening::Instance) => {
                suite.rig.sleep(LISTENING_PERIOD).await;
            }
            _ => return told,
        }
    }
}

async fn usage(suite: &mut Suite<'_>) {
    let Some(run) = suite.run(Program::IgnoreRequests).await else {
        return;
    };
    suite.up(&run).await;
    let unknown = suite.next_instance();
    let usage = suite.launcher.usage(vec![run.instance, unknown]);
    let usage = within(suite.rig, PROMPT, usage).await;
    let usage = usage.expect("what instances use is told promptly");
    assert!(
        usage.keys().all(|it| *it == run.instance),
        "only of instances that run, but told is {usage:?}"
    );
    for used in usage.values() {
        assert!(
            used.cpu.is_finite() && used.cpu >= 0.0 && used.processes.len() <= MOST_PROCESSES,
            "what an instance uses is a number from 0 up, of a bounded number of processes, but \
             told is {used:?}"
        );
    }
    suite.stop(&run, Stop::Kill).await;
    let run = suite.gone(run, KILLED_WITHIN).await;
    let usage = suite.launcher.usage(vec![run.instance]);
    let usage = within(suite.rig, PROMPT, usage).await;
    assert_eq!(
        usage,
        Some(BTreeMap::new()),
        "an instance that is gone uses nothing"
    );
    suite.clear(run.instance, run.workspace).await;
}

async fn mess(suite: &mut Suite<'_>) {
    if let Some(run) = suite.run(Program::MakeMess).await {
        suite.gone_and_cleared(run, PROMPT).await;
    }
}

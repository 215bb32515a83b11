//! One attack after the other, some at a time, and what is looked at after each.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use webots_cloud::adapters::process::processes_of;

use super::attack::{Attack, Confinement, Judge, Outcome, Then};
use super::common::simulation::{Client, workspaces};
use super::common::{SOON, listing};
use super::rig::{AT_A_TIME, Rig, free_port, is_open, name_of, workspace_with};
use super::verdict::{self, Heard, Verdict};
use super::{table, targets};

/// For all of an instance to be gone; 6 s where the machine does nothing else.
const GONE: Duration = Duration::from_secs(30);
/// What a server may grow by, whatever its instances print.
const GROWTH: u64 = 128 << 20;

/// Every attack that is tried in this sandbox.
pub(crate) async fn all_in(confinement: Confinement) {
    let needed = confinement
        .program()
        .into_iter()
        .chain(["/usr/bin/python3"]);
    for program in needed {
        if !Path::new(program).exists() {
            println!("skipped: there is no {program}");
            return;
        }
    }
    let rig = Arc::new(Rig::start(confinement).await);
    let (places, large) = (Semaphore::new(AT_A_TIME), Semaphore::new(1));
    let (places, large) = (Arc::new(places), Arc::new(large));
    let only = std::env::var("WEBOTS_CLOUD_HOSTILE").ok();
    let mut running = JoinSet::new();
    for attack in table::all() {
        let chosen = only
            .as_ref()
            .is_none_or(|only| only.split(',').any(|it| it == attack.program));
        if attack.expected(confinement) == Outcome::NotTried || !chosen {
            continue;
        }
        let (rig, places, large) = (Arc::clone(&rig), Arc::clone(&places), Arc::clone(&large));
        running.spawn(async move {
            // Those that take much take it one after the other.
            let _large = match attack.judge {
                Judge::Limit(_) => Some(large.acquire_owned().await.unwrap()),
                Judge::Program | Judge::Outside => None,
            };
            let _place = places.acquire_owned().await.unwrap();
            one(&rig, attack).await
        });
    }
    let mut wrong: Vec<String> = running.join_all().await.into_iter().flatten().collect();
    let rig = Arc::into_inner(rig).expect("all have ended");
    wrong.extend(rig.finish().await);
    assert!(
        wrong.is_empty(),
        "in {}:\n{}",
        confinement.name(),
        wrong.join("\n")
    );
}

/// What is not as expected.
async fn one(rig: &Rig, attack: &Attack) -> Vec<String> {
    let start = Instant::now();
    let mut client = rig.simulation.connect().await;
    client.init(attack.program).await;
    client.webots().await;
    let workspace = workspace_with(&rig.simulation, attack.program).await;
    let (name, port, weight) = (name_of(&workspace), free_port(), weight(rig));
    targets::write(rig, &workspace, attack.program, port);
    let mut heard = Heard::default();
    let verdict = verdict::of(attack, &workspace, &mut client, &mut heard).await;
    let mut wrong = Vec::new();
    let verdict = match verdict {
        Ok(verdict) => then(rig, attack, verdict, &mut client, &mut heard, port, weight).await,
        Err(why) => {
            wrong.push(why);
            None
        }
    };
    println!(
        "{} {} {:?} {verdict:?}",
        rig.confinement.name(),
        attack.program,
        start.elapsed()
    );
    if let Some(verdict) = verdict {
        let expected = attack.expected(rig.confinement);
        if !fits(expected, verdict.reached) {
            wrong.push(format!("{expected:?}, but: {verdict:?}"));
        }
    }
    wrong.extend(rig.harm().await);
    heard.listen(&mut client).await;
    wrong.extend(false_words(&heard));
    if !heard.closed {
        let _ = client.socket.close().await;
    }
    let left = left_after(rig, &name).await;
    wrong.extend(left);
    wrong
        .into_iter()
        .map(|what| format!("{}: {what}", attack.program))
        .collect()
}

fn fits(expected: Outcome, reached: bool) -> bool {
    match expected {
        Outcome::Stopped(_) => !reached,
        Outcome::Reached(_) => reached,
        Outcome::ReachedByRoot => reached || !rustix::process::geteuid().is_root(),
        Outcome::Depends(_) | Outcome::NotTried => true,
    }
}

/// The test's own part.
async fn then(
    rig: &Rig,
    attack: &Attack,
    verdict: Verdict,
    client: &mut Client,
    heard: &mut Heard,
    port: u16,
    weight: u64,
) -> Option<Verdict> {
    let found = |reached: bool, detail: String| Some(Verdict { reached, detail });
    match attack.then {
        Then::Nothing => Some(verdict),
        Then::Ends => {
            let start = Instant::now();
            while !heard.closed && start.elapsed() < GONE {
                heard.listen(client).await;
            }
            let told = heard.closed && heard.error().is_some();
            found(
                verdict.reached || !told,
                format!("{}; {:?}", verdict.detail, heard.frames),
            )
        }
        Then::Connects => found(
            is_open(port),
            format!("{}; {}", verdict.detail, is_open(port)),
        ),
        Then::Resets => {
            let name = attack.program;
            client
                .send(format!(r#"{{"reset controller":"{name}/{name}.py"}}"#))
                .await;
            let start = Instant::now();
            let answer = |heard: &Heard| heard.frames.iter().any(|frame| frame != ".");
            while !answer(heard) && !heard.closed && start.elapsed() < SOON {
                heard.listen(client).await;
            }
            // No answer: the server waits for somebody. What it wrote outside is seen later.
            found(!answer(heard), format!("{:?}", heard.frames))
        }
        Then::Weighs => {
            let grown = self::weight(rig).saturating_sub(weight);
            found(
                grown > GROWTH || heard.closed,
                format!("grew by {grown} bytes, closed: {}", heard.closed),
            )
        }
    }
}

/// The server's memory, bytes.
fn weight(rig: &Rig) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", rig.simulation.server.pid()));
    let status = status.unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

/// What the client was told and should not have been.
fn false_words(heard: &Heard) -> Option<String> {
    let wrong = |c: char| c.is_control() && c != '\n' && c != '\t' || c == '\u{202e}';
    let is_false = |frame: &&String| {
        frame.starts_with("webots:")
            || frame.contains(wrong)
            || frame.as_str() == "error: forged by evil"
    };
    let frame = heard.frames.iter().find(is_false)?;
    Some(format!("the client was told {}", frame.escape_debug()))
}

/// The processes that have the workspace in their arguments, with or without the mark.
fn mentioning(name: &str) -> Vec<i32> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| {
            let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line).into_owned();
            // Another's name may begin like this one.
            let mut after = line
                .match_indices(name)
                .map(|(at, _)| &line[at + name.len()..]);
            after.any(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
        })
        .collect()
}

/// Waits until nothing is left of the instance; or says what is.
async fn left_after(rig: &Rig, name: &str) -> Option<String> {
    let instances = rig.simulation.instances();
    let start = Instant::now();
    loop {
        let mut pids = processes_of(name);
        pids.extend(mentioning(name));
        let mark = listing(&instances).contains(&format!(".{name}.owner"));
        if pids.is_empty() && !mark && !workspaces(&instances).iter().any(|it| it == name) {
            return None;
        }
        if start.elapsed() > GONE {
            return Some(format!(
                "left: processes {pids:?}, mark: {mark}, {:?}",
                workspaces(&instances)
            ));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

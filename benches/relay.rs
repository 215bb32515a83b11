//! What the way through the two wardens costs an instance with a network of its own: bytes in a
//! second and the time of a round trip, beside a direct connection over the loopback interface, both
//! in the same run.
//!
//! ```sh
//! cargo bench -p webots-cloud-benches --bench relay
//! ```
#![allow(missing_docs)]

use std::error::Error;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use webots_cloud::adapters::process::{ProcessLauncher, ProcessLauncherConfig};
use webots_cloud::adapters::run_if_asked;
use webots_cloud::adapters::sandbox::{Bubblewrap, SandboxConfig};
use webots_cloud_core::id::InstanceId;
use webots_cloud_core::limits::Limits;
use webots_cloud_core::ports::{
    CommandLine, Confinement, EventSink, InstanceEvent, InstanceLauncher, Launch, Listening,
    Sandbox,
};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// `argv[1]` of the server at the other end; then the port.
const SERVE: &str = "--serve";
const BUBBLEWRAP: &str = "/usr/bin/bwrap";
const ID: InstanceId = InstanceId(1);
const START: Duration = Duration::from_secs(30);
/// As long as a frame of a simulation often is.
const MESSAGE: usize = 256;

/// How much is done in one turn.
#[derive(Clone, Copy)]
struct Amount {
    turns: usize,
    bytes: u64,
    round_trips: usize,
}

const FULL: Amount = Amount {
    turns: 5,
    bytes: 512 << 20,
    round_trips: 10_000,
};
const SMOKE: Amount = Amount {
    turns: 1,
    bytes: 8 << 20,
    round_trips: 200,
};

fn main() -> Outcome<()> {
    run_if_asked();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [serve, port] = arguments.as_slice()
        && serve == SERVE
    {
        return serve_on(port.parse()?);
    }
    if !Path::new(BUBBLEWRAP).exists() {
        println!("skipped: no {BUBBLEWRAP}");
        return Ok(());
    }
    let is_smoke = arguments.iter().any(|argument| argument == "--test");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    runtime.block_on(compare(if is_smoke { SMOKE } else { FULL }))
}

/// The instance: `D` and a number gets so many bytes, `E` gets everything back.
fn serve_on(port: u16) -> Outcome<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    for stream in listener.incoming() {
        let stream = stream?;
        thread::spawn(move || serve(stream));
    }
    Ok(())
}

fn serve(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut order, mut buffer) = ([0; 9], vec![7; 64 << 10]);
    stream.read_exact(&mut order)?;
    let [what, count @ ..] = order;
    if what == b'D' {
        let mut left = u64::from_be_bytes(count);
        while left > 0 {
            let now = buffer
                .len()
                .min(usize::try_from(left).unwrap_or(usize::MAX));
            stream.write_all(&buffer[..now])?;
            left -= now as u64;
        }
        return Ok(());
    }
    loop {
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            count => stream.write_all(&buffer[..count])?,
        }
    }
}

/// One of the two ways, in all turns.
#[derive(Default)]
struct Way {
    /// MB/s.
    speeds: Vec<f64>,
    /// µs.
    round_trips: Vec<f64>,
}

impl Way {
    fn turn(&mut self, port: u16, amount: Amount) -> Outcome<()> {
        let ask = |what: u8, count: u64| -> std::io::Result<TcpStream> {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
            stream.set_nodelay(true)?;
            stream.write_all(&[what])?;
            stream.write_all(&count.to_be_bytes())?;
            Ok(stream)
        };
        let begun = Instant::now();
        let (mut stream, mut buffer) = (ask(b'D', amount.bytes)?, vec![0; 64 << 10]);
        let mut got = 0;
        loop {
            match stream.read(&mut buffer)? {
                0 => break,
                count => got += count as u64,
            }
        }
        assert_eq!(got, amount.bytes, "all of it came");
        self.speeds
            .push(got as f64 / 1e6 / begun.elapsed().as_secs_f64());

        let mut stream = ask(b'E', 0)?;
        let mut message = [1; MESSAGE];
        for _ in 0..amount.round_trips {
            let begun = Instant::now();
            stream.write_all(&message)?;
            stream.read_exact(&mut message)?;
            self.round_trips.push(begun.elapsed().as_secs_f64() * 1e6);
        }
        Ok(())
    }
}

/// `part` of them are smaller.
fn quantile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (sorted.len() as f64 * part) as usize;
    sorted
        .get(at)
        .or(sorted.last())
        .copied()
        .unwrap_or(f64::NAN)
}

async fn compare(amount: Amount) -> Outcome<()> {
    let direct_port = free_port()?;
    let direct = Direct(
        Command::new(std::env::current_exe()?)
            .args([SERVE, &direct_port.to_string()])
            .spawn()?,
    );
    let until = Instant::now() + START;
    while TcpStream::connect((Ipv4Addr::LOCALHOST, direct_port)).is_err() {
        assert!(Instant::now() < until, "the server listens");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let folder = tempfile::TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
    let (warden, instances) = (std::env::current_exe()?, folder.path().join("instances"));
    let launcher = ProcessLauncher::new(ProcessLauncherConfig::new(warden, instances))?;
    let port = free_port()?;
    confined(&launcher, port).await?;

    let (mut straight, mut carried) = (Way::default(), Way::default());
    for _ in 0..amount.turns {
        // In turns, as the machine may have something else to do for a while.
        straight.turn(direct_port, amount)?;
        carried.turn(port, amount)?;
    }
    launcher.shutdown().await;
    drop(direct);
    println!("                     direct   carried   carried / direct");
    for (what, pick) in [
        (
            "MB/s, median",
            (|way| quantile(&way.speeds, 0.5)) as fn(&Way) -> f64,
        ),
        ("round trip, median µs", |way| {
            quantile(&way.round_trips, 0.5)
        }),
        ("round trip, 99 % µs", |way| {
            quantile(&way.round_trips, 0.99)
        }),
    ] {
        let (one, other) = (pick(&straight), pick(&carried));
        println!("{what:21} {one:8.1} {other:9.1} {:8.2}", other / one);
    }
    Ok(())
}

/// Ended and waited for, whatever happens.
struct Direct(Child);

impl Drop for Direct {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> std::io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

#[derive(Debug)]
struct Told;

impl EventSink for Told {
    fn event(&self, _instance: InstanceId, event: InstanceEvent) {
        if let InstanceEvent::Line(line) = event {
            println!("the instance: {line}");
        }
    }
}

/// The same server as an instance with a network of its own, and waits until it is reached.
async fn confined(launcher: &ProcessLauncher, port: u16) -> Outcome<()> {
    let program = std::env::current_exe()?.canonicalize()?;
    let sandbox = Bubblewrap::new(
        BUBBLEWRAP.into(),
        SandboxConfig {
            warden: program.clone(),
            ..SandboxConfig::default()
        },
    );
    let workspace = launcher.prepare(ID).await?;
    let command = CommandLine {
        program: program.to_str().ok_or("UTF-8")?.to_owned(),
        arguments: vec![SERVE.to_owned(), port.to_string()],
        environment: Vec::new(),
        directory: workspace.path.to_str().ok_or("UTF-8")?.to_owned(),
    };
    let limits = Limits::default();
    let command = sandbox.confine(Confinement {
        instance: ID,
        command: launcher.guard(command),
        workspace: workspace.clone(),
        port,
        limits,
    })?;
    let launch = Launch {
        instance: ID,
        workspace,
        command,
        port,
        limits,
    };
    launcher.launch(launch, Arc::new(Told)).await?;
    let until = Instant::now() + START;
    while launcher.listening(ID, port).await? != Listening::Instance {
        assert!(Instant::now() < until, "the instance listens");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

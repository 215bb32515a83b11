//! Who has the port, and when.

use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use webots_cloud_core::limits::Limits;
use webots_cloud_core::ports::{
    Confinement, ErrorKind, InstanceLauncher, Launch, Listening, Network,
};

use super::house::House;
use super::rig::{ALL_GONE, Recorder, prepare, until};
use super::setting::{LIMIT, Served, echoes, is_closed, sandboxes};

#[tokio::test]
async fn it_opens_when_the_instance_listens_and_not_before() {
    let house = House::new();
    for sandbox in sandboxes(&house, Network::Private) {
        let served = Served::waiting(&house, &*sandbox).await;
        assert_eq!(served.who().await, Listening::Nobody);
        assert!(TcpStream::connect(("127.0.0.1", served.port)).is_err());
        served.listen();
        served.until_listening().await;
        assert!(echoes(&mut served.browser()));
        match TcpStream::connect(("::1", served.port)) {
            Ok(mut browser) => assert!(echoes(&mut browser)),
            Err(error) => println!("skipped: no IPv6 ({error})"),
        }
        let stray = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let other = stray.local_addr().expect("bound").port();
        let who = house.rig.launcher.listening(served.run.id, other).await;
        assert_eq!(who, Ok(Listening::Stranger));
        served.end().await;
    }
}

#[tokio::test]
async fn somebody_else_who_opens_it_first_is_a_stranger() {
    let house = House::new();
    for sandbox in sandboxes(&house, Network::Private) {
        let served = Served::waiting(&house, &*sandbox).await;
        // The port is taken but not open yet, which is all the kernel asks for.
        let stranger = TcpListener::bind(("127.0.0.1", served.port)).expect("not open");
        served.listen();
        served.run.events.line("up").await;
        assert_eq!(served.who().await, Listening::Stranger);
        drop(stranger);
        served.until_listening().await;
        assert!(echoes(&mut served.browser()));
        served.end().await;
    }
}

#[tokio::test]
async fn a_port_that_somebody_has_is_refused_before_anything_is_started() {
    let house = House::new();
    let launcher = &house.rig.launcher;
    for sandbox in sandboxes(&house, Network::Private) {
        let stranger = TcpListener::bind(("0.0.0.0", 0)).expect("a port");
        let port = stranger.local_addr().expect("bound").port();
        let (instance, workspace) = prepare(launcher).await;
        let command = launcher.guard(house.rig.shell(&workspace, "echo up; sleep 1000"));
        let limits = Limits::default();
        let confined = sandbox.confine(Confinement {
            instance,
            command,
            workspace: workspace.clone(),
            port,
            limits,
        });
        let launch = Launch {
            instance,
            workspace: workspace.clone(),
            command: confined.expect("confined"),
            port,
            limits,
        };
        let events = Arc::new(Recorder::default());
        let error = launcher.launch(launch, events.clone()).await;
        assert_eq!(error.expect_err("taken").kind(), ErrorKind::PortTaken);
        assert_eq!(events.events(), []);
        assert_eq!(house.rig.alive(), [0; 0]);
        launcher.clear(instance, workspace).await.expect("cleared");
    }
}

#[tokio::test]
async fn when_the_instance_listens_no_more_browsers_are_turned_away() {
    let house = House::new();
    for sandbox in sandboxes(&house, Network::Private) {
        let served = Served::new(&house, &*sandbox).await;
        let mut first = served.browser();
        assert!(echoes(&mut first));
        std::io::Write::write_all(&mut first, b"Q").expect("sent");
        served.run.events.line("closed").await;
        until("browsers to be turned away", LIMIT.max(ALL_GONE), || {
            is_closed(&mut served.browser())
        })
        .await;
        served.end().await;
    }
}

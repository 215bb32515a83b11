//! Who listens.

use std::net::TcpListener;
use std::sync::Arc;

use webots_cloud_core::ports::{
    Confined, ErrorKind, InstanceLauncher, Listening, Network, Stop, StopPlan,
};

use super::rig::{Recorder, Rig, free_port, launch, prepare};

const LISTEN: &str = "import os,socket,time
s = socket.socket(); s.bind(('', int(os.environ['PORT']))); s.listen()
print('up', flush=True)
time.sleep(1000)";

#[tokio::test]
async fn only_a_listener_of_the_own_tree_is_the_instance() {
    let rig = Rig::new();
    let (id, workspace) = prepare(&rig.launcher).await;
    let port = free_port();
    // The listener is a grandchild.
    let mut command = rig.shell(&workspace, "python3 -c \"$SCRIPT\" & wait");
    command
        .environment
        .push(("PORT".to_owned(), port.to_string()));
    command
        .environment
        .push(("SCRIPT".to_owned(), LISTEN.to_owned()));
    let path = std::env::var("PATH").expect("a PATH");
    command
        .environment
        .iter_mut()
        .filter(|(key, _)| key == "PATH")
        .for_each(|(_, value)| {
            value.clone_from(&path);
        });
    let events = Arc::new(Recorder::default());
    let command = Confined {
        command,
        stop: StopPlan::SignalTree,
        network: Network::Host,
    };
    let order = launch(id, workspace, command, port);
    rig.launcher
        .launch(order, events.clone())
        .await
        .expect("it starts");
    events.line("up").await;
    assert_eq!(
        rig.launcher.listening(id, port).await,
        Ok(Listening::Instance)
    );
    let stray = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let other = stray.local_addr().expect("bound").port();
    assert_eq!(
        rig.launcher.listening(id, other).await,
        Ok(Listening::Stranger)
    );
    assert_eq!(
        rig.launcher.listening(id, free_port()).await,
        Ok(Listening::Nobody)
    );
    rig.launcher.stop(id, Stop::Kill).await.expect("ordered");
    events.gone().await;
    assert_eq!(
        rig.launcher.listening(id, port).await,
        Ok(Listening::Nobody)
    );
}

#[tokio::test]
async fn a_taken_port_is_refused_before_anything_is_started() {
    let rig = Rig::new();
    let stray = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = stray.local_addr().expect("bound").port();
    let (id, workspace) = prepare(&rig.launcher).await;
    let command = Confined {
        command: rig.shell(&workspace, "echo up; sleep 1000"),
        stop: StopPlan::SignalTree,
        network: Network::Host,
    };
    let events = Arc::new(Recorder::default());
    let order = launch(id, workspace, command, port);
    let error = rig
        .launcher
        .launch(order, events.clone())
        .await
        .expect_err("taken");
    assert_eq!(error.kind(), ErrorKind::PortTaken);
    assert_eq!(events.events(), []);
    assert_eq!(rig.alive(), [0; 0]);
}

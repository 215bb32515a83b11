//! A server in Python as an instance.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use webots_cloud_core::ports::{InstanceLauncher, Listening, Network, Sandbox, Stop};

use super::house::House;
use super::rig::{Run, free_port};

/// Generous, for machines that are busy.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// Sends back what it gets, and at its end says so. What begins with `F` is answered by a flood, and
/// with `Q` by the end of the server.
const SERVER: &str = "import socket, sys, threading, time
def serve(c):
    with c:
        while b := c.recv(65536):
            if b == b\"F\":
                sent = 0
                while True:
                    sent += c.send(bytes(65536))
                    with open(\"sent.new\", \"w\") as f: f.write(str(sent))
                    __import__(\"os\").rename(\"sent.new\", \"sent\")
            if b == b\"Q\":
                s.shutdown(socket.SHUT_RDWR)
                print(\"closed\", flush=True)
            c.sendall(b)
        c.sendall(b\"<end>\")
while not __import__(\"os\").path.exists(\"go\"): time.sleep(0.01)
s = socket.create_server((\"127.0.0.1\", int(sys.argv[1])), backlog=128)
print(\"up\", flush=True)
try:
    while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
except OSError: pass
time.sleep(1000)";

/// One instance.
pub(crate) struct Served<'a> {
    pub(crate) house: &'a House,
    pub(crate) run: Run,
    pub(crate) port: u16,
}

impl<'a> Served<'a> {
    /// Its process runs, and listens when it is told to.
    pub(crate) async fn waiting(house: &'a House, sandbox: &dyn Sandbox) -> Self {
        let port = free_port();
        let script = format!("exec /usr/bin/python3 -c '{SERVER}' {port}");
        let run = house.start(sandbox, &script, port).await;
        Self { house, run, port }
    }

    pub(crate) fn listen(&self) {
        std::fs::write(self.run.workspace.path.join("go"), "").expect("written");
    }

    pub(crate) async fn who(&self) -> Listening {
        let who = self.house.rig.launcher.listening(self.run.id, self.port);
        who.await.expect("an answer")
    }

    pub(crate) async fn until_listening(&self) {
        let begun = Instant::now();
        while self.who().await != Listening::Instance {
            assert!(begun.elapsed() < LIMIT, "{:?}", self.run.events.lines());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// It is reached from outside.
    pub(crate) async fn new(house: &'a House, sandbox: &dyn Sandbox) -> Self {
        let served = Self::waiting(house, sandbox).await;
        served.listen();
        served.until_listening().await;
        served
    }

    pub(crate) fn browser(&self) -> TcpStream {
        let browser = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        browser.set_read_timeout(Some(LIMIT)).expect("set");
        browser.set_write_timeout(Some(LIMIT)).expect("set");
        browser
    }

    pub(crate) async fn end(self) {
        let launcher = &self.house.rig.launcher;
        let ended = launcher.stop(self.run.id, Stop::Kill).await;
        ended.expect("ordered");
        self.run.events.gone().await;
        assert_eq!(self.who().await, Listening::Nobody);
        let Run { id, workspace, .. } = self.run;
        launcher.clear(id, workspace).await.expect("cleared");
    }
}

/// The sandboxes to be tried; none where the instances' program is missing.
pub(crate) fn sandboxes(house: &House, network: Network) -> Vec<Box<dyn Sandbox>> {
    if Path::new("/usr/bin/python3").exists() {
        return house.sandboxes_with(network);
    }
    println!("skipped: no /usr/bin/python3");
    Vec::new()
}

pub(crate) fn echoes(browser: &mut TcpStream) -> bool {
    let mut got = [0; 5];
    let answered = browser
        .write_all(b"\0hi\xff\n")
        .and_then(|()| browser.read_exact(&mut got));
    answered.is_ok() && &got == b"\0hi\xff\n"
}

/// Closed by the other side without a byte.
pub(crate) fn is_closed(browser: &mut TcpStream) -> bool {
    match browser.read(&mut [0]) {
        Ok(count) => count == 0,
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    }
}

//! What an instance reaches of the machine: nothing; and the same tries where it shares the
//! machine's network, so that they are known to be able to get through.

use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};

use webots_cloud_core::ports::Network;

use super::house::{House, has};
use super::rig::fresh_mark;
use super::setting::sandboxes;

#[tokio::test]
async fn neither_ports_nor_abstract_sockets_of_the_machine_are_reached() {
    let house = House::new();
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let name = fresh_mark();
    let address = SocketAddr::from_abstract_name(&name).expect("a name");
    let _abstract = UnixListener::bind_addr(&address).expect("a free name");
    let script = format!(
        "/usr/bin/python3 -c 'import socket
def reach(what, family, address):
    try:
        with socket.socket(family) as s:
            s.settimeout(5)
            s.connect(address)
            print(\"reached\", what)
    except OSError as error: print(\"missed\", what, error)
reach(\"port\", socket.AF_INET, (\"127.0.0.1\", {port}))
reach(\"name\", socket.AF_UNIX, b\"\\0{name}\")
with open(\"/proc/net/dev\") as f:
    for line in f.readlines()[2:]: print(\"device\", line.split(\":\")[0].strip())'"
    );
    for (network, reached) in [(Network::Private, false), (Network::Host, true)] {
        for sandbox in sandboxes(&house, network) {
            let lines = house.output(&*sandbox, &script).await;
            println!("{}: {lines:?}", sandbox.form());
            assert_eq!(has(&lines, "reached port"), reached, "{lines:?}");
            // In the machine's network Landlock keeps it away from the name, where the kernel has it.
            assert!(
                reached || !has(&lines, "reached name"),
                "{}: {lines:?}",
                sandbox.form()
            );
            let devices = lines.iter().filter(|line| line.starts_with("device "));
            if network == Network::Private {
                assert!(devices.eq(&["device lo"]), "{lines:?}");
            }
        }
    }
}

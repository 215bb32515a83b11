use super::keys::Key;
use super::keys::Server::{self, Session, Simulation, Website};

const ALL: &[Server] = &[Session, Simulation, Website];
const BOTH: &[Server] = &[Session, Simulation];
const SES: &[Server] = &[Session];
const SIM: &[Server] = &[Simulation];
const WEB: &[Server] = &[Website];

const FLAG: &str = "true or false";
const PORT: &str = "a whole number from 0 (a free port) to 65535";
const HOST: &str = "the name or address of a host, without port, like \"example.org\"";
const FILE: &str = "the path of a file that is there";
const FOLDER: &str = "the path of a folder that is there";
const PATH: &str = "a path";
const TEXT: &str = "a text of at most 1000 bytes on one line";
const SECONDS: &str = "a number of seconds above 0";
const PERCENT: &str = "a number above 0, in percent";
const MAIL: &str = "a mail address, like \"admin@example.org\"";
const REPOSITORIES: &str = "a list of \"https://HOST\", \"https://HOST/OWNER\" or \"https://HOST/OWNER/REPOSITORY\", also with \"/blob/REF\" behind it";
const LIMIT_SIZE: &str = "a size like \"4 GiB\" or a number of bytes, or null for no limit";
const LIMIT: &str = "a whole number above 0, or null for no limit";
const SIZE: &str = "a size like \"512 MiB\", or a number of bytes above 0";
const MEDIA: &str = "a text without spaces, `;` and quotes";

/// A key that does something.
const fn key(
    name: &'static str,
    servers: &'static [Server],
    allowed: &'static str,
    default: &'static str,
    doc: &'static str,
) -> Key {
    Key {
        name,
        servers,
        allowed,
        default,
        doc,
        used: true,
    }
}

/// A key of older servers that does nothing here.
const fn old(name: &'static str, servers: &'static [Server], why: &'static str) -> Key {
    Key {
        name,
        servers,
        allowed: "",
        default: "",
        doc: why,
        used: false,
    }
}

/// All keys of all servers, with what is allowed, the default and the purpose.
// A table is read by its lines.
#[rustfmt::skip]
pub const KEYS: &[Key] = &[
    key("port", SES, PORT, "1999", "The port to listen on."),
    key("port", SIM, PORT, "2000", "The port to listen on; instances get the ports after it."),
    key("port", WEB, PORT, "8080", "The port to listen on."),
    key("server", &[Session, Website], HOST, "\"localhost\"", "The host name of this server."),
    key("server", SIM, HOST, "null", "The host in the addresses of instances; by default the one that the client used."),
    key("fullyQualifiedDomainName", SIM, HOST, "null", "The same, and goes before `server`."),
    key("simulationServers", SES, "a list of \"HOST:PORT\" or \"HOST/PORT\" (also \"HOST:PROXY_PORT/PORT\"), each once", "[\"localhost:2000\"]", "The simulation servers."),
    key("sslKey", ALL, FILE, "null", "The private key (PEM), together with `sslCertificate`."),
    key("sslCertificate", ALL, FILE, "null", "The certificate chain (PEM), together with `sslKey`."),
    key("ssl", BOTH, FLAG, "true if both TLS files are given", "Whether addresses begin with https and wss; true without TLS files where a proxy speaks TLS."),
    key("portRewrite", BOTH, FLAG, "false", "Whether a proxy serves ports as HOST/PORT instead of HOST:PORT."),
    key("administrator", SES, MAIL, "null", "Who gets mail when a simulation server stops answering or is full."),
    key("mailServer", SES, HOST, "null", "The mail server; needed for mail."),
    key("mailServerPort", SES, "a whole number from 0 (the usual port) to 65535", "null", "The port of the mail server."),
    key("mailSender", SES, MAIL, "null", "Who sends the mail; needed for mail."),
    key("mailSenderUser", SES, TEXT, "null", "The name to log in to the mail server with; by default the sender."),
    key("mailSenderPassword", SES, "a text", "null", "The password for the mail server; without it there is no login."),
    key("webhook", BOTH, "an http or https address without a user name; it is kept secret", "null", "Where each notice is posted to, as JSON."),
    key("logDir", ALL, PATH, "log in the configuration file's folder", "The folder of the logs: each server makes one of its own in it."),
    key("debug", BOTH, FLAG, "false", "Whether to log to the terminal instead of a file."),
    key("loadThreshold", SES, PERCENT, "95", "A simulation server is offered while its load is below this."),
    key("loadRefresh", SES, "a number of seconds from 0.1 up", "5", "How often each simulation server's load is asked for."),
    key("loadTimeout", SES, "a number of seconds from 0.01 up", "2", "How long it may take to answer."),
    key("sessionCost", SES, PERCENT, "null", "The load that one more session is expected to be; by default estimated."),
    key("projectsDir", SIM, FOLDER, "projects/samples/robotbenchmark in webotsHome", "The sample projects of the website, for clients that send `init`."),
    key("projectsDir", WEB, FOLDER, "projects in the configuration file's folder", "The sample projects."),
    key("keyDir", SIM, FOLDER, "key in the configuration file's folder", "The keys of website hosts: a file each, named like the host."),
    key("webotsHome", SIM, "the path of the folder that Webots is installed in", "WEBOTS_HOME, else /usr/local/webots", "Where Webots is."),
    key("webots", SIM, "a program, or a list of a program and its first arguments", "the program in webotsHome", "What to start instead of Webots."),
    key("webotsVersion", SIM, "a version like \"R2019b\" or \"R2023b\"", "null", "The version of Webots; by default read from webotsHome/resources/version.txt."),
    key("maxConnections", SIM, "a whole number from 1 up, so that `port` + `maxConnections` is at most 65535", "100", "How many simulations at a time."),
    key("monitorLogEnabled", SIM, FLAG, "true", "Whether to write monitor.csv."),
    key("allowedRepositories", SIM, REPOSITORIES, "[]", "The repositories that are always run."),
    key("blockedRepositories", SIM, REPOSITORIES, "[]", "The repositories that are never run."),
    key("shareIdleTime", SIM, "a number from 0 up, in percent", "0", "Other repositories are run while the load is at most this; 0 is never."),
    key("notify", SIM, "a list of http or https addresses without user names, or one such address", "[]", "Where to announce this server at its start."),
    key("timeout", SIM, SECONDS, "7200", "How long one simulation may run."),
    key("startTimeout", SIM, SECONDS, "60", "How long Webots may take to be ready."),
    key("title", SIM, TEXT, "\"\"", "The title of the page /monitor."),
    key("description", SIM, TEXT, "\"\"", "A description for the page /monitor."),
    key("multimediaServer", SIM, MEDIA, "null", "Passed on to a Webots below R2022b."),
    key("multimediaStream", SIM, MEDIA, "null", "Passed on to a Webots below R2022b."),
    key("instancesDir", SIM, PATH, "webots-cloud/instances in the folder for temporary files", "Where the folders of running simulations are made."),
    key("sandbox", SIM, "\"auto\", \"firejail\", \"bubblewrap\" or \"none\"", "\"auto\"", "What confines simulations; \"none\" is for operators who run only their own projects."),
    key("network", SIM, "\"auto\", \"private\" or \"host\"", "\"auto\"", "Whether each simulation has a network of its own, which nothing can be reached from and of which only its port can be reached; \"auto\" is \"private\" where that works."),
    key("devices", SIM, "a list of paths in /dev", "the GPUs, where the environment has DISPLAY", "The devices that simulations may use."),
    key("cgroup", SIM, "\"auto\", \"none\" or a folder", "\"auto\"", "The cgroup (version 2) below which each simulation gets its own; \"auto\" is the server's own where it may make some there."),
    key("limits", SIM, "an object", "", "What one simulation may use."),
    key("limits.memory", SIM, LIMIT_SIZE, "8589934592", "Memory of all its processes."),
    key("limits.processes", SIM, LIMIT, "1024", "Processes and threads at a time."),
    key("limits.openFiles", SIM, "a whole number from 16 up, or null for no limit", "4096", "Open files of one process."),
    key("limits.cpuSeconds", SIM, LIMIT, "null", "Processor time of all its processes, seconds."),
    key("limits.disk", SIM, LIMIT_SIZE, "4294967296", "Bytes in its folder and its temporary folders."),
    key("limits.files", SIM, LIMIT, "100000", "Files and folders in its folder and its temporary folders."),
    key("download", SIM, "an object", "", "What one project may be at most."),
    key("download.maxBytes", SIM, SIZE, "536870912", "Bytes over the network."),
    key("download.maxFiles", SIM, "a whole number above 0", "50000", "Files and folders."),
    key("download.maxUnpackedBytes", SIM, SIZE, "2147483648", "Bytes when unpacked."),
    key("download.timeout", SIM, SECONDS, "300", "How long it may take."),
    key("networkCapacity", SIM, "a number above 0, in MB/s", "null", "What the network can do; by default asked of the network card, else 125."),
    key("nvml", SIM, FILE, "null", "The library of the NVIDIA driver that tells about GPUs; by default the system's libnvidia-ml.so.1, where there is one."),
    key("maxClientMessage", SIM, "a size from \"1 KiB\" to \"1 GiB\", or a number of bytes", "1048576", "The largest message of a client."),
    key("maxClientRate", SIM, "a whole number from 1 to 1000000", "200", "Messages of a client in a second."),
    key("clientSilence", SIM, "a number of seconds from 0.1 up", "60", "A client that says nothing for so long, not even the answer to a ping, is gone."),
    key("allowPrivateHosts", SIM, "a list of host names", "[]", "Hosts that projects may come from although they have private addresses."),
    key("site", WEB, FOLDER, "null", "The folder of static files."),
    key("usersDir", WEB, PATH, "user in the configuration file's folder", "The folder of the users' own projects."),
    key("key", WEB, "a text that is not empty; either `key` or `keyFile`", "null", "What simulation servers have to know to download a user's project."),
    key("keyFile", WEB, "the path of a file that is there; either `key` or `keyFile`", "null", "The file whose first line is the key."),
    key("quota", WEB, "a size like \"10 MB\", or a number of bytes", "10000000", "How much one user may store."),
    key("connections", ALL, "an object", "", "What strangers may use of the server itself."),
    key("connections.total", ALL, "a whole number above 0", "20000", "Connections at a time; more are closed at once."),
    key("connections.perAddress", ALL, LIMIT, "5000", "Connections at a time from one address, or one /64 network of IPv6; the machine's own (a reverse proxy) are not counted."),
    key("connections.handshakeTime", ALL, SECONDS, "10", "How long a TLS handshake may take."),
    key("connections.headerTime", ALL, SECONDS, "30", "How long the head of a request may take, and the pause between two requests."),
    key("connections.sendTime", ALL, SECONDS, "30", "How long a client may take nothing of what it is sent."),
    old("docker", SIM, "there is no docker; `sandbox` confines every simulation, and `shareIdleTime` alone decides whether other repositories are run"),
    old("persistantDockerImages", SIM, "there is no docker"),
    old("publicPort", BOTH, "no server ever read it; see `portRewrite`"),
    old("bannedRepositories", SIM, "the key is `blockedRepositories`"),
];

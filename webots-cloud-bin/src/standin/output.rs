//! Standard output and error: line by line, flushed, and never waiting for a slow reader.

use std::io::Write as _;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

/// How many lines may wait to be written.
const QUEUE: usize = 1024;

enum Order {
    Out(String),
    Err(String),
    Flush(SyncSender<()>),
}

/// Writes lines from a thread of its own: a pipe that nobody reads must not stop the simulation.
#[derive(Clone, Debug)]
pub struct Output {
    orders: SyncSender<Order>,
}

impl std::fmt::Debug for Order {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Order")
    }
}

impl Output {
    /// Starts the writer; `None` where the system gives no thread.
    #[must_use]
    pub fn start() -> Option<Self> {
        let (orders, queue) = sync_channel(QUEUE);
        let writer = std::thread::Builder::new()
            .name("output".to_owned())
            .spawn(move || {
                // Errors are of no use: a closed pipe means that nobody wants to know.
                while let Ok(order) = queue.recv() {
                    match order {
                        Order::Out(line) => {
                            let mut out = std::io::stdout().lock();
                            let _ = out.write_all(format!("{line}\n").as_bytes());
                            let _ = out.flush();
                        }
                        Order::Err(line) => {
                            let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
                        }
                        Order::Flush(done) => {
                            let _ = done.send(());
                        }
                    }
                }
            });
        writer.ok().map(|_| Self { orders })
    }

    /// A line on standard output; dropped where too many wait already.
    pub fn line(&self, line: impl Into<String>) {
        self.order(Order::Out(line.into()));
    }

    /// A line on standard error; likewise.
    pub fn error(&self, line: impl Into<String>) {
        self.order(Order::Err(line.into()));
    }

    fn order(&self, order: Order) {
        match self.orders.try_send(order) {
            Ok(()) | Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
        }
    }

    /// Waits a moment until all is written; for the end of the program.
    pub async fn flush(&self) {
        let output = self.clone();
        let wait = tokio::task::spawn_blocking(move || {
            let (done, written) = sync_channel(1);
            output.order(Order::Flush(done));
            match written.recv_timeout(Duration::from_millis(500)) {
                Ok(()) | Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
        });
        let _ = wait.await;
    }
}

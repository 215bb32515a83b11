//! From an order to a port, without a runtime.

use std::fmt;
use std::sync::Arc;

use super::event::{Input, Work};
use crate::id::ServerId;
use crate::ports::{BoxFuture, LoadProbe, Notifier, Performed, PortError};

/// What the session server needs of the world.
#[derive(Clone)]
pub struct SessionPorts {
    /// The probe of each server, in the order of `simulationServers`.
    pub probes: Vec<Arc<dyn LoadProbe>>,
    /// Tells the administrator.
    pub notifier: Arc<dyn Notifier>,
}

impl fmt::Debug for SessionPorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionPorts")
            .field("probes", &self.probes.len())
            .field("notifier", &self.notifier)
            .finish()
    }
}

impl SessionPorts {
    /// Does the work; the value of the future is the next input, if there is an answer.
    ///
    /// Needs no runtime of its own. Different orders may be performed at the same time.
    pub fn perform(&self, work: Work) -> BoxFuture<'static, Performed<Input>> {
        match work {
            Work::SampleLoad { server, probe } => {
                let port = self.probe(server);
                Box::pin(async move {
                    let result = match port {
                        Some(port) => port.sample().await,
                        None => Err(PortError::permanent("this server has no probe")),
                    };
                    Performed::Answer(Input::LoadSampled {
                        server,
                        probe,
                        result,
                    })
                })
            }
            Work::Notify(notice) => {
                let notifier = Arc::clone(&self.notifier);
                Box::pin(async move { notifier.notify(notice).await.into() })
            }
        }
    }

    fn probe(&self, server: ServerId) -> Option<Arc<dyn LoadProbe>> {
        self.probes.get(usize::try_from(server.0).ok()?).cloned()
    }
}

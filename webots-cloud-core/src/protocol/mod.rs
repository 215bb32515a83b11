//! The texts on the wire, as values: what clients, instances and servers say to each other.
//!
//! Everything here is pure: text in, value or typed error out, and back.
//!
//! | module | what it understands |
//! |---|---|
//! | [`client`] | frames of a web client on `/client` |
//! | [`server`] | frames of a simulation server on `/client` |
//! | [`start_url`] | the URL of a world |
//! | [`admission`] | which git repositories may be run |
//! | [`instance`] | what Webots prints, and which of its two dialects it speaks |
//! | [`command_line`] | the arguments that Webots is started with |
//! | [`instance_url`] | the WebSocket address of an instance |
//! | [`session_id`] | the name of a session in logs |
//! | [`session`] | the session server's answers, and `/load` |
//! | [`text`] | words of strangers, fit to be shown |
//! | [`authority`], [`segment`] | hosts and path segments: the parts that the others are made of |

pub mod admission;
pub mod authority;
pub mod client;
pub mod command_line;
pub mod instance;
pub mod instance_url;
pub mod segment;
pub mod server;
pub mod session;
pub mod session_id;
pub mod start_url;
pub mod text;

//! A connector daemon between Tailscale and access-governance platforms.
//!
//! Modules in reading order: the words ([`access`], [`tailnet`]), the policy file ([`hujson`],
//! [`policy`]), what a sync lists ([`catalog`]), the upstream API ([`tailscale`]), the use cases
//! ([`connector`]) and their [`journal`], and the faces ([`rpc`], [`server`], [`cli`]).

pub mod access;
pub mod tailnet;

pub mod hujson;
pub mod policy;

pub mod catalog;

pub mod tailscale;

pub mod journal;

pub mod connector;

pub mod proto;

pub mod rpc;

pub mod server;

pub mod sandbox;

pub mod shutdown;

pub mod telemetry;

pub mod config;

pub mod cli;

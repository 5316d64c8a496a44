//! The API client against a scripted service on loopback: what is sent, how often, and what is made of
//! each answer.

mod environment;
mod oauth;
mod reading;
mod retrying;
mod sandbox;
mod secrets;
mod service;
mod writing;

//! Guichet from outside, in one test binary: see the library beside it for the words these tests are written in.

mod attacks;
mod control;
mod faults;
mod interop;
mod login;
mod pages;

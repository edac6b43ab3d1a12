//! Guichet from outside, in one test binary: see the library beside it for the words these tests are written in.

mod control;

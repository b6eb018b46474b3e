//! Mail that comes in.

#[cfg_attr(
    not(test),
    expect(dead_code, reason = "the pipeline that reads mail is to call it")
)]
mod authentication;

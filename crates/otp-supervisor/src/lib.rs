//! OTP supervisor.

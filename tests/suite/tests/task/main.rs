//! Tasks, task supervisors, streams, agents.

//! Workers and what they are told.

use serde_json::{Value, json};

use super::dice::{Dice, put};

/// Reasons with which a server may stop.
pub(super) fn stop_reason(dice: &mut Dice) -> Value {
    dice.pick(&[json!("normal"), json!("shutdown"), json!({ "shutdown": "x" }), json!({ "exit": "oops" })])
}

/// Reasons of exit signals.
pub(super) fn signal_reason(dice: &mut Dice) -> Value {
    dice.pick(&[
        json!("normal"),
        json!("shutdown"),
        json!({ "shutdown": "x" }),
        json!({ "exit": "oops" }),
        json!("kill"),
        json!({ "error": "sig" }),
    ])
}

/// What kind of worker is wanted.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    /// Its first start succeeds.
    pub(super) certain: bool,
    /// Its restarts may answer ignore. (OTP 25 mishandles that under a template.)
    pub(super) may_ignore: bool,
}

/// A worker whose starts may fail as the attempts go on, each time in the same way.
pub(super) fn worker(dice: &mut Dice, wanted: Wanted) -> Value {
    let mut worker = json!({});
    if dice.percent(40) {
        put(&mut worker, "trap_exit", true);
    }
    if dice.percent(10) {
        let ends = [json!({ "error": "bad end" }), json!({ "exit": { "exit": "late" } }), json!({ "exit": "normal" })];
        let end = if dice.percent(25) { json!({ "sleep": 5 }) } else { dice.pick(&ends) };
        put(&mut worker, "terminate", end);
    }
    let init = match dice.below(100) {
        0..15 => {
            let mut plan = vec![json!("ok")];
            for _ in 0..dice.between(1, 2) {
                plan.push(failing_init(dice));
            }
            plan.push(json!("ok"));
            Some(json!(plan))
        }
        15..22 if wanted.may_ignore => Some(json!(["ok", "ignore", "ok"])),
        22..27 if !wanted.certain => Some(json!(["ignore", "ok"])),
        27..30 if !wanted.certain => Some(json!([failing_init(dice), "ok"])),
        30..33 => Some(json!({ "sleep": 5 })),
        33..36 => Some(json!({ "ops": [{ "continue": [{ "log": "continued" }] }] })),
        _ => None,
    };
    if let Some(init) = init {
        put(&mut worker, "init", init);
    }
    worker
}

/// What a server does in a callback, and how that ends; `call` if there is a caller.
pub(super) fn ops(dice: &mut Dice, call: bool) -> Value {
    let mut ops = Vec::new();
    for _ in 0..dice.below(3) {
        let any = [
            json!({ "log": "here" }),
            json!({ "set": dice.below(10) }),
            json!({ "cast_self": [{ "log": "cast" }] }),
            json!({ "send_self": [{ "log": "sent" }] }),
            json!({ "sleep": 3 }),
            json!({ "trap_exit": dice.percent(50) }),
        ];
        ops.push(dice.pick(&any));
    }
    if call {
        let replies = [
            json!({ "reply": "yes" }),
            json!({ "get": true }),
            json!({ "reply_now": "early" }),
            json!({ "noreply": true }),
            json!({ "defer": "never asked for" }),
        ];
        let reply = dice.weighted(&[(5, 0), (5, 1), (3, 2), (1, 3), (1, 4)]);
        if dice.percent(80) {
            ops.push(replies[reply].clone());
        }
    }
    match dice.below(100) {
        0..55 => {}
        55..80 => ops.push(after(dice)),
        80..90 => ops.push(json!({ "stop": stop_reason(dice) })),
        90..95 => ops.push(json!({ "error": "boom" })),
        _ => ops.push(json!({ "exit": stop_reason(dice) })),
    }
    json!(ops)
}

/// What a callback may ask for when it does not stop.
pub(super) fn after(dice: &mut Dice) -> Value {
    let more = [json!([{ "log": "more" }]), json!([{ "log": "one" }, { "continue": [{ "log": "two" }] }])];
    match dice.below(4) {
        0 | 1 => json!({ "continue": dice.pick(&more) }),
        2 => json!({ "timeout": 0 }),
        _ => json!({ "hibernate": true }),
    }
}

fn failing_init(dice: &mut Dice) -> Value {
    dice.pick(&[
        json!({ "stop": { "exit": "no" } }),
        json!({ "error": "init" }),
        json!({ "stop": "normal" }),
        json!({ "exit": "shutdown" }),
    ])
}

//! A scenario that is not valid gets an error that names the place.

use otp_conformance::{LoadError, Loaded};
use serde_json::{Value, json};

fn error_of(scenario: &Value) -> String {
    Loaded::from_json(scenario).expect_err("it is not valid").to_string()
}

fn error_of_steps(steps: Value) -> String {
    error_of(&json!({ "name": "x", "steps": steps }))
}

#[test]
fn a_scenario_without_steps_is_refused() {
    assert_eq!(error_of(&json!({ "name": "x" })), "the scenario: \"steps\" is missing");
    assert_eq!(error_of(&json!([])), "the scenario: an object is wanted, not []");
}

#[test]
fn an_unknown_step_is_named() {
    assert_eq!(error_of_steps(json!([{ "do": "sync" }, { "do": "jump" }])), "step 2 (jump): unknown step \"jump\"");
}

#[test]
fn a_missing_field_is_named() {
    assert_eq!(error_of_steps(json!([{ "do": "spawn" }])), "step 1 (spawn): \"as\" is missing");
    let without_start = json!([{ "do": "start_supervisor", "as": "s", "children": [{ "id": "a" }] }]);
    assert_eq!(error_of_steps(without_start), "step 1 (start_supervisor).children[0]: \"start\" is missing");
}

#[test]
fn the_place_of_a_wrong_value_is_named() {
    let start = json!({ "do": "start", "as": "g" });
    let cast = |op: Value| error_of_steps(json!([start, { "do": "cast", "to": "g", "op": op }]));
    assert_eq!(cast(json!([{ "log": "a" }, { "lag": "b" }])), "step 2 (cast).op[1]: unknown op \"lag\"");
    assert_eq!(cast(json!({ "stop": "tired" })), "step 2 (cast).op.stop: unknown reason \"tired\"");
    assert_eq!(
        cast(json!({ "sleep": -1 })),
        "step 2 (cast).op.sleep: an integer that is not negative is wanted, not -1"
    );
    assert_eq!(cast(json!({ "log": [1.5] })), "step 2 (cast).op.log[0]: an integer is wanted, not 1.5");
    assert_eq!(cast(json!([{}])), "step 2 (cast).op[0]: an object with exactly one key is wanted");
}

#[test]
fn a_label_that_is_never_defined_is_named() {
    let steps = json!([{ "do": "spawn", "as": "a" }, { "do": "exit", "to": "b#1", "reason": "kill" }]);
    assert_eq!(error_of_steps(steps), "step 2 (exit).to: \"b\" is never defined");
}

#[test]
fn steps_of_the_driver_alone_have_no_from() {
    let steps = json!([{ "do": "spawn", "as": "a" }, { "do": "sleep", "ms": 1, "from": "a" }]);
    assert_eq!(error_of_steps(steps), "step 2 (sleep): only the driver does \"sleep\"");
    assert_eq!(error_of_steps(json!([{ "do": "join" }])), "step 1 (join): \"from\" is missing");
}

#[test]
fn a_file_that_is_not_json_gets_line_and_column() {
    let file = std::env::temp_dir().join(format!("otp-conformance-{}.json", std::process::id()));
    std::fs::write(&file, "{\n  \"name\": }").unwrap();
    let error = Loaded::from_file(&file).unwrap_err();
    std::fs::remove_file(&file).unwrap();
    assert!(matches!(error, LoadError::Json { .. }));
    assert!(error.to_string().ends_with("expected value at line 2 column 11"), "{error}");
}

#[test]
fn a_scenario_that_needs_an_unknown_feature_is_skipped_without_a_look_at_its_steps() {
    let scenario = json!({ "name": "x", "requires": ["process", "levitation"], "steps": [{ "do": "rise" }] });
    let Ok(Loaded::Skipped { name, tag }) = Loaded::from_json(&scenario) else { panic!("it is not skipped") };
    assert_eq!((name.as_str(), tag.as_str()), ("x", "levitation"));
}

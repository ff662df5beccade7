//! The environment of an application: what comes before what.

use otp::application::{self, App, AppSpec, EnvKey};
use otp::prelude::*;

const PORT: EnvKey<u16> = EnvKey::new("port");
const NAME: EnvKey<String> = EnvKey::new("name");

// APP-9
#[otp::test]
async fn what_is_set_holds_until_the_application_is_loaded_or_unloaded(system: System) {
    let app = App::library(AppSpec::new("a").env(PORT, 80));
    application::set_env(&system, "a", &PORT, 1);
    application::set_env(&system, "a", &NAME, "before".to_owned());
    application::load(&system, &app).unwrap();
    assert_eq!(application::env(&system, "a", &PORT), Ok(Some(80)), "loading replaces it");
    assert_eq!(
        application::env(&system, "a", &NAME),
        Ok(Some("before".to_owned())),
        "what the spec does not have stays"
    );
    application::set_env(&system, &app, &PORT, 8080);
    application::start(&system, &app).await.unwrap();
    application::stop(&system, &app).await.unwrap();
    assert_eq!(application::env(&system, &app, &PORT), Ok(Some(8080)), "a stop changes nothing");
    application::unset_env(&system, &app, &PORT);
    assert_eq!(application::env(&system, &app, &PORT), Ok(None));
    application::unload(&system, &app).unwrap();
    assert!(application::all_env(&system, "a").is_empty());
}

#[otp::test]
async fn an_entry_is_listed_by_name_and_value(system: System) {
    application::set_env(&system, "a", &PORT, 80);
    application::set_env(&system, "a", &NAME, "x".to_owned());
    let all = application::all_env(&system, "a");
    let texts: Vec<_> = all.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(texts, ["name=\"x\"", "port=80"]);
}

#[otp::test]
async fn a_value_of_another_type_is_an_error_that_shows_it(system: System) {
    application::set_env(&system, "a", &PORT, 80);
    let error = application::env::<bool>(&system, "a", &EnvKey::new("port")).unwrap_err();
    assert_eq!(error.to_string(), "port of the application a is 80, which is no bool");
}

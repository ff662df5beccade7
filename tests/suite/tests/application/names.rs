//! Applications under their names: loaded, listed, unloaded.

use otp::application::{self, App, AppSpec, AppState, LoadError, StartAppError, UnloadError};
use otp::prelude::*;

use crate::told::{Log, Told, texts};

#[otp::test]
async fn what_is_loaded_is_listed_with_what_it_is_doing(system: System) {
    let log = Log::default();
    let shop = App::library(AppSpec::new("shop").description("sells").version("1.2").depends_on("mail"));
    application::load(&system, App::new(Told::new("mail", &log))).unwrap();
    application::load(&system, shop).unwrap();
    application::start(&system, "mail").await.unwrap();
    let [mail, shop] = &application::applications(&system)[..] else { panic!("there are two") };
    assert_eq!((mail.name.as_str(), &mail.state), ("mail", &AppState::Running));
    assert_eq!(system.info(mail.top.unwrap()).unwrap().parent, mail.master.unwrap());
    assert_eq!((shop.description.as_str(), shop.version.as_str(), &shop.state), ("sells", "1.2", &AppState::Stopped));
    assert_eq!((texts(&shop.dependencies), shop.start_type), (vec!["mail"], None));
    assert_eq!(texts(&application::loaded(&system)), ["mail", "shop"]);
}

// APP-2
#[otp::test]
async fn loading_twice_and_unloading_what_runs_are_errors(system: System) {
    let log = Log::default();
    let app = App::new(Told::new("a", &log));
    application::load(&system, &app).unwrap();
    let twice = application::load(&system, &app).unwrap_err();
    assert_eq!(twice.to_string(), "the application a is loaded already");
    application::start(&system, "a").await.unwrap();
    assert_eq!(application::start(&system, &app).await, Err(StartAppError::AlreadyStarted { app: "a".into() }));
    assert_eq!(application::unload(&system, "a"), Err(UnloadError::Running { app: "a".into() }));
    application::stop(&system, "a").await.unwrap();
    application::unload(&system, "a").unwrap();
    assert_eq!(application::unload(&system, "a"), Err(UnloadError::NotLoaded { app: "a".into() }));
    assert_eq!(application::start(&system, "a").await, Err(StartAppError::Unknown { app: "a".into() }));
}

#[otp::test]
async fn two_different_applications_cannot_have_one_name(system: System) {
    application::load(&system, App::library(AppSpec::new("a"))).unwrap();
    let other = App::new(Told::new("a", &Log::default()));
    assert_eq!(application::load(&system, &other), Err(LoadError::Taken { app: "a".into() }));
    let error = application::start(&system, other).await.unwrap_err();
    assert_eq!(error.to_string(), "another application with the name a is loaded");
}

#[otp::test]
async fn a_spec_that_panics_is_an_error(system: System) {
    struct Speechless;
    impl application::Application for Speechless {
        type State = ();
        type Config = ();
        fn spec(&self) -> AppSpec {
            panic!("no words")
        }
        async fn start(&self, _: &application::AppContext<Self>) -> Result<application::Top, ExitReason> {
            Err(ExitReason::NoProc)
        }
    }
    let error = application::start(&system, Speechless).await.unwrap_err();
    assert_eq!(error.to_string(), "an application cannot describe itself: no words");
    let top = App::library(AppSpec::new("top").depends_on(Speechless));
    let error = application::ensure_all_started(&system, top).await.unwrap_err();
    assert_eq!(error.to_string(), "an application cannot describe itself: no words");
    assert!(application::applications(&system).is_empty());
}

#[otp::test]
async fn two_systems_have_their_own_applications(system: System) {
    let other = System::on(system.runtime().clone());
    let app = App::new(Told::new("a", &Log::default()));
    application::start(&system, &app).await.unwrap();
    application::start(&other, &app).await.unwrap();
    application::stop(&system, &app).await.unwrap();
    assert_eq!(texts(&application::running(&other)), ["a"]);
    application::stop(&other, &app).await.unwrap();
}

//! Who may work, and who is listed.

use common::api::machines::ListMachines;
use common::api::models::ListModels;
use common::machine::MachineState;
use time::OffsetDateTime;

use crate::app::TestApp;
use crate::worker::{announcement, ask};

const MODEL: &str = "demo-1m@a:f32";

#[actix_web::test]
async fn only_a_token_that_was_given_and_not_revoked_opens_a_machine() {
    let app = TestApp::start(&[]).await;
    let token = app.enrol("m1").await;
    for wrong in [None, Some("other"), Some("")] {
        let (status, problem) = app.call(wrong, &ask(0.0)).await.unwrap_err();
        assert_eq!((status, problem.code.as_str()), (401, "token_unknown"));
    }
    assert_eq!(app.call(Some(&token), &ask(0.0)).await.unwrap(), None);
    let health = app.get("/api/v1/health").await.json();
    assert_eq!(health["machines_alive"], 0, "it has not said yet what it is");
    let now = OffsetDateTime::now_utc();
    store::machines::revoke(app.store(), &"m1".parse().unwrap(), now).await.unwrap();
    assert_eq!(app.call(Some(&token), &ask(0.0)).await.unwrap_err().0, 401);
    app.stop().await;
}

#[actix_web::test]
async fn a_silent_machine_has_vanished_and_its_models_stay_listed_without_it() {
    let app = TestApp::start(&["--alive-seconds", "0.3"]).await;
    let token = app.enrol("m1").await;
    assert_eq!(
        app.call(None, &ListMachines::default()).await.unwrap().machines[0].state,
        MachineState::Expected
    );
    app.call(Some(&token), &announcement(&[MODEL])).await.unwrap();
    let machines = app.call(None, &ListMachines::default()).await.unwrap();
    assert_eq!(machines.machines[0].state, MachineState::Idle);
    let models = app.call(None, &ListModels::default()).await.unwrap().models;
    assert_eq!((models.len(), models[0].machines.len()), (1, 1));
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    let machines = app.call(None, &ListMachines::default()).await.unwrap();
    assert_eq!(machines.machines[0].state, MachineState::Vanished);
    let models = app.call(None, &ListModels::default()).await.unwrap().models;
    assert_eq!((models.len(), models[0].machines.len()), (1, 0));
    app.stop().await;
}

#[actix_web::test]
async fn one_id_never_names_two_sets_of_weights() {
    let app = TestApp::start(&[]).await;
    let token = app.enrol("m1").await;
    let mut said = announcement(&[MODEL]);
    app.call(Some(&token), &said).await.unwrap();
    said.models[0].weights_sha256 = "11".to_owned();
    let (status, problem) = app.call(Some(&token), &said).await.unwrap_err();
    assert_eq!((status, problem.code.as_str()), (422, "unfit"));
    app.stop().await;
}

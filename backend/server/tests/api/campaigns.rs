//! Campaigns over the API: how far each is and what it has cost.

use std::num::NonZeroU32;

use common::api::campaigns::ListCampaigns;
use common::api::leases::SendReport;
use common::cost::Price;
use common::ids::ModelId;
use common::lease::Report;
use common::needs::Needs;
use common::prompt::{Decoding, Kind, Origin, Task};
use common::run::Failure;
use store::queue::Order;
use time::OffsetDateTime;

use crate::app::TestApp;
use crate::worker::{announcement, ask, facts, report};

const MODEL: &str = "demo-1m@a:f32";

fn order(text: &str) -> Order<'_> {
    Order {
        text,
        task: Task::Plain,
        conversation: None,
        decoding: Decoding::default(),
        kind: Some(Kind::Math),
        expected: None,
        origin: Origin::Campaign,
        repetitions: 1,
        batch: NonZeroU32::MIN,
        streamed: false,
        max_attempts: 3,
        needs: Needs::default(),
        submitter: None,
        is_public: true,
        secret_sha256: None,
    }
}

#[actix_web::test]
async fn a_campaign_is_listed_with_its_progress_and_its_bill() {
    let app = TestApp::start(&[]).await;
    let token = app.enrol("m1").await;
    app.call(Some(&token), &announcement(&[MODEL])).await.unwrap();
    assert_eq!(app.call(None, &ListCampaigns).await.unwrap().campaigns, []);

    let (now, model) = (OffsetDateTime::now_utc(), MODEL.parse::<ModelId>().unwrap());
    let price = Price { per_kwh: 0.36, currency: "EUR".to_owned() };
    let id = store::campaigns::open(app.store(), "sums", "Small sums.", Some(&price), now).await.unwrap();
    let wanted = ["1+1?", "2+2?", "3+3?"].map(|text| (order(text), model.clone()));
    store::campaigns::enqueue(app.store(), id, &wanted, now).await.unwrap();
    let measured = app.call(Some(&token), &ask(0.0)).await.unwrap().unwrap();
    app.call(Some(&token), &report(&measured, facts(MODEL, 4.0))).await.unwrap();
    // A worker that is stopped hands its run back, and it waits as before.
    let handed_back = app.call(Some(&token), &ask(0.0)).await.unwrap().unwrap();
    let failure = Failure { code: "worker_stopped".to_owned(), message: "It was stopped.".to_owned() };
    let release = SendReport { id: Some(handed_back.id), report: Report::Release { failure } };
    app.call(Some(&token), &release).await.unwrap();
    let again = app.call(Some(&token), &ask(0.0)).await.unwrap().unwrap();
    assert_eq!((again.run_id, again.attempt, again.batch.get()), (handed_back.run_id, 1, 1));

    let campaign = app.call(None, &ListCampaigns).await.unwrap().campaigns.remove(0);
    assert_eq!((campaign.name.as_str(), campaign.about.as_str()), ("sums", "Small sums."));
    assert_eq!((campaign.queued_runs, campaign.leased_runs, campaign.measured_runs), (1, 1, 1));
    // 4 J in the window; 2.7 s around it: 2.5 s at 1 W, and 0.2 s of warm-up at the window's 10 W.
    assert!((campaign.cost.energy.joules() - 8.5).abs() < 1e-9, "{campaign:?}");
    assert!((campaign.cost.machine_time.as_secs_f64() - 3.1).abs() < 1e-9, "{campaign:?}");
    assert!((campaign.money.unwrap() - 8.5 / 3.6e6 * 0.36).abs() < 1e-12, "{campaign:?}");
    let table = app.get("/api/v1/campaigns.csv").await.body;
    let (names, values) = table.split_once('\n').unwrap();
    for name in [
        "cost_energy_j",
        "cost_machine_time_s",
        "cost_carbon_g",
        "cost_labels",
        "cost_boundaries",
        "money",
        "price_currency",
    ] {
        assert!(names.split(',').any(|each| each.trim() == name), "{name} is not in {names}");
    }
    assert!(values.starts_with("sums,"), "{values}");
    app.stop().await;
}

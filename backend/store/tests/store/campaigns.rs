//! A campaign queues everything once, however often it is started.

use common::ids::ModelId;
use common::prompt::Decoding;
use common::run::RunState;
use sqlx::PgPool;
use store::{campaigns, machines, queue};

use crate::made_up::{MINUTE, MODEL, START, announcement, bench, campaign_order, second};

#[sqlx::test(migrations = "../../migrations")]
async fn a_second_start_queues_nothing_twice_but_picks_up_what_is_new(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    let (old, new): (ModelId, ModelId) = (MODEL.parse().unwrap(), "new@a:f32".parse().unwrap());
    machines::announce(&store, &caller, &announcement(&[MODEL, "new@a:f32"]), START).await.unwrap();
    let id = campaigns::open(&store, "c", "about", START).await.unwrap();
    let on = |model: &ModelId| {
        vec![(campaign_order("2+2?"), model.clone()), (campaign_order("3+3?"), model.clone())]
    };
    assert_eq!(campaigns::enqueue(&store, id, &on(&old), START).await.unwrap(), 2);
    assert_eq!(campaigns::open(&store, "c", "about it", second(1)).await.unwrap(), id);
    assert_eq!(campaigns::enqueue(&store, id, &on(&old), second(1)).await.unwrap(), 0);
    let both = [on(&old), on(&new)].concat();
    assert_eq!(campaigns::enqueue(&store, id, &both, second(2)).await.unwrap(), 2);
    let mut hotter = on(&old);
    hotter[0].0.decoding = Decoding { temperature: 0.7, ..Decoding::default() };
    assert_eq!(
        campaigns::enqueue(&store, id, &hotter, second(3)).await.unwrap(),
        1,
        "another decoding is another prompt"
    );
    assert_eq!(campaigns::progress(&store, id).await.unwrap(), [(RunState::Queued, 5)]);
    let lease = queue::lease(&store, &caller, MINUTE, second(4)).await.unwrap().unwrap();
    assert_eq!((lease.prompt.expected.as_deref(), lease.streamed), (Some("4"), false));
}

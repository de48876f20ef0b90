-- Scores of models on public benchmarks, imported from files of results; never changed, a newer import stands beside an
-- older one and is the one that is read.
create table quality_score (
    model_id text not null references model,
    -- The name of the column: benchmark, metric, shots and by which generation of the harness.
    benchmark text not null,
    -- As `common::api::quality::Score`: a document, because it is read and written whole.
    score jsonb not null,
    file_sha256 text not null,
    imported_at timestamptz not null,
    primary key (model_id, benchmark, file_sha256)
);
create index quality_score_newest on quality_score (model_id, benchmark, imported_at desc);

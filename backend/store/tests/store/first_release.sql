-- The database of the first release (migrations up to 7), as `pg_dump --inserts --no-owner --no-privileges` wrote it.
CREATE TABLE public._sqlx_migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);
CREATE TABLE public.baseline (
    run_id uuid NOT NULL,
    ordinal integer NOT NULL,
    domain text NOT NULL,
    before_w double precision,
    after_w double precision
);
CREATE TABLE public.campaign (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    about text NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.grid_intensity (
    zone text NOT NULL,
    zone_name text NOT NULL,
    intensity_g_per_kwh double precision NOT NULL,
    quality text NOT NULL,
    source text NOT NULL,
    year integer,
    factor_type text NOT NULL,
    at timestamp with time zone,
    retrieved_at timestamp with time zone NOT NULL,
    CONSTRAINT grid_intensity_intensity_g_per_kwh_check CHECK ((intensity_g_per_kwh >= (0)::double precision))
);
CREATE TABLE public.leaderboard_cell (
    model_id text NOT NULL,
    machine_id uuid NOT NULL,
    task text NOT NULL,
    kind text,
    origin text NOT NULL,
    label text NOT NULL,
    boundary text NOT NULL,
    batch bigint NOT NULL,
    engine_version text NOT NULL,
    method_version bigint NOT NULL,
    sums jsonb NOT NULL
);
CREATE TABLE public.lease (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    run_id uuid NOT NULL,
    machine_id uuid NOT NULL,
    attempt integer NOT NULL,
    leased_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    step jsonb NOT NULL,
    ended_at timestamp with time zone,
    outcome text,
    report_sha256 bytea,
    answer text,
    CONSTRAINT lease_check CHECK (((ended_at IS NULL) = (outcome IS NULL))),
    CONSTRAINT lease_check1 CHECK (((report_sha256 IS NULL) = (answer IS NULL))),
    CONSTRAINT lease_outcome_check CHECK ((outcome = ANY (ARRAY['measured'::text, 'retry'::text, 'reject'::text, 'expired'::text, 'cancelled'::text])))
);
CREATE TABLE public.machine (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    token_sha256 bytea NOT NULL,
    zone text NOT NULL,
    pue double precision NOT NULL,
    embodied_total_g double precision NOT NULL,
    embodied_lifetime_s double precision NOT NULL,
    embodied_source text NOT NULL,
    enrolled_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    last_seen_at timestamp with time zone,
    announced_at timestamp with time zone,
    worker_version text,
    hardware jsonb,
    meters jsonb,
    missing_meters text[],
    CONSTRAINT machine_check CHECK (((announced_at IS NULL) = (worker_version IS NULL))),
    CONSTRAINT machine_check1 CHECK (((announced_at IS NULL) = (hardware IS NULL))),
    CONSTRAINT machine_check2 CHECK (((announced_at IS NULL) = (meters IS NULL))),
    CONSTRAINT machine_check3 CHECK (((announced_at IS NULL) = (missing_meters IS NULL))),
    CONSTRAINT machine_embodied_lifetime_s_check CHECK ((embodied_lifetime_s > (0)::double precision)),
    CONSTRAINT machine_embodied_total_g_check CHECK ((embodied_total_g >= (0)::double precision)),
    CONSTRAINT machine_pue_check CHECK ((pue >= (1)::double precision)),
    CONSTRAINT machine_token_sha256_check CHECK ((octet_length(token_sha256) = 32))
);
CREATE TABLE public.machine_model (
    machine_id uuid NOT NULL,
    model_id text NOT NULL
);
CREATE TABLE public.measurement (
    run_id uuid NOT NULL,
    lease_id uuid NOT NULL,
    machine_id uuid NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    started_at timestamp with time zone NOT NULL,
    method_version bigint NOT NULL,
    machine jsonb NOT NULL,
    zone text NOT NULL,
    software jsonb NOT NULL,
    model jsonb NOT NULL,
    meters jsonb NOT NULL,
    conditions jsonb NOT NULL,
    overhead jsonb NOT NULL
);
CREATE TABLE public.model (
    id text NOT NULL,
    name text NOT NULL,
    family text NOT NULL,
    parameters bigint NOT NULL,
    dtype text NOT NULL,
    bits_per_weight double precision NOT NULL,
    weight_bytes bigint NOT NULL,
    revision text NOT NULL,
    weights_sha256 text NOT NULL,
    weights text NOT NULL,
    context_length bigint NOT NULL,
    quality jsonb NOT NULL,
    first_seen_at timestamp with time zone NOT NULL,
    CONSTRAINT model_context_length_check CHECK ((context_length >= 0)),
    CONSTRAINT model_parameters_check CHECK ((parameters >= 0)),
    CONSTRAINT model_weight_bytes_check CHECK ((weight_bytes >= 0))
);
CREATE TABLE public.power_trace (
    run_id uuid NOT NULL,
    repetition integer NOT NULL,
    ordinal integer NOT NULL,
    at_s double precision[] NOT NULL,
    power_w double precision[] NOT NULL,
    CONSTRAINT power_trace_check CHECK ((cardinality(at_s) = cardinality(power_w)))
);
CREATE TABLE public.prompt (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    campaign_id uuid,
    text text NOT NULL,
    task text NOT NULL,
    max_output_tokens integer NOT NULL,
    temperature double precision NOT NULL,
    top_p double precision NOT NULL,
    seed bigint NOT NULL,
    kind text,
    expected text,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT prompt_max_output_tokens_check CHECK ((max_output_tokens > 0))
);
CREATE TABLE public.reading (
    run_id uuid NOT NULL,
    repetition integer NOT NULL,
    ordinal integer NOT NULL,
    domain text NOT NULL,
    label text NOT NULL,
    method text NOT NULL,
    energy_j double precision,
    null_reason text,
    faults text[] NOT NULL,
    CONSTRAINT reading_check CHECK (((energy_j IS NULL) = (null_reason IS NOT NULL)))
);
CREATE TABLE public.repetition (
    run_id uuid NOT NULL,
    ordinal integer NOT NULL,
    output_text text NOT NULL,
    finish text NOT NULL,
    prompt_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    token_times_s double precision[] NOT NULL,
    window_body_start_s double precision NOT NULL,
    window_body_end_s double precision NOT NULL,
    window_length_s double precision NOT NULL
);
CREATE TABLE public.run (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    prompt_id uuid NOT NULL,
    model_id text NOT NULL,
    "position" integer NOT NULL,
    origin text NOT NULL,
    priority smallint NOT NULL,
    ticket bigint NOT NULL,
    repetitions integer NOT NULL,
    streamed boolean NOT NULL,
    state text DEFAULT 'queued'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    max_attempts integer NOT NULL,
    lease_id uuid,
    queued_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    failure_code text,
    failure_message text,
    CONSTRAINT run_check CHECK (((state = 'leased'::text) = (lease_id IS NOT NULL))),
    CONSTRAINT run_check1 CHECK (((state = ANY (ARRAY['measured'::text, 'failed'::text, 'cancelled'::text])) = (ended_at IS NOT NULL))),
    CONSTRAINT run_check2 CHECK (((failure_code IS NULL) = (failure_message IS NULL))),
    CONSTRAINT run_max_attempts_check CHECK ((max_attempts > 0)),
    CONSTRAINT run_origin_check CHECK ((origin = ANY (ARRAY['interactive'::text, 'campaign'::text]))),
    CONSTRAINT run_repetitions_check CHECK ((repetitions > 0)),
    CONSTRAINT run_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'leased'::text, 'measured'::text, 'failed'::text, 'cancelled'::text])))
);
ALTER TABLE public.run ALTER COLUMN ticket ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.run_ticket_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
INSERT INTO public._sqlx_migrations VALUES (1, 'machine', '2026-11-21 07:44:35.435831+00', true, '\xea92ffbc0507ed372cba2d1a7e784981033d7caea155d63b1bdf75f599d6a700afa77b304b08fd3538eb3946e91bb804', 16464377);
INSERT INTO public._sqlx_migrations VALUES (2, 'model', '2026-11-21 07:44:35.45569+00', true, '\x2da724f41d124e3a19524305ce48146235d59663e354e2b5162d4c42755dc8db6ab92a3d9a6e1c45ea8ea9339df008a5', 15477388);
INSERT INTO public._sqlx_migrations VALUES (3, 'prompt', '2026-11-21 07:44:35.468577+00', true, '\x34dc7dc8737ec0efbcd2b9df612a92f892f3a54f85b648def13458587fee77b24e017229d4c7e72a9e58c455534da5b6', 21496747);
INSERT INTO public._sqlx_migrations VALUES (4, 'run', '2026-11-21 07:44:35.490317+00', true, '\x0454bb3ac88033188a0417f5fff3328f9710ed7752b95caf1482bd819a9fedf0253913936a079e5023312a00dc130826', 40439057);
INSERT INTO public._sqlx_migrations VALUES (5, 'measurement', '2026-11-21 07:44:35.531173+00', true, '\xf8ae179b6d847102541f9eaa65cd1e33935f4efe9583cd8a96dbb2547f466b1a032d59c4a5fd3a0707de4f2b87a8dae6', 45077958);
INSERT INTO public._sqlx_migrations VALUES (6, 'leaderboard cell', '2026-11-21 07:44:35.579686+00', true, '\xe6d588f48830ada3b82e5d07964b46133bb746c89e417ed31bf7a104362c843a186d5a005c9331a1a98c2629ae838648', 6337094);
INSERT INTO public._sqlx_migrations VALUES (7, 'grid intensity', '2026-11-21 07:44:35.583187+00', true, '\x7bfff65d560628d2e9bfb9b0fb19e58c7b8de83a16f2229aae84a0a597cfca4608b30248c5aec98e50efd4887c4af54b', 8874620);
INSERT INTO public.baseline VALUES ('08c16889-7fa6-49a7-ac3c-99a911385041', 0, 'cpu_package_0', 1.1, NULL);
INSERT INTO public.baseline VALUES ('08c16889-7fa6-49a7-ac3c-99a911385041', 1, 'dram_0', NULL, NULL);
INSERT INTO public.baseline VALUES ('7e7540a6-42cf-4282-aae5-9f59a41450f9', 0, 'cpu_package_0', 1.1, NULL);
INSERT INTO public.baseline VALUES ('7e7540a6-42cf-4282-aae5-9f59a41450f9', 1, 'dram_0', NULL, NULL);
INSERT INTO public.baseline VALUES ('880dd9d9-45fc-487a-b313-07464ab7eaa2', 0, 'cpu_package_0', 1.1, NULL);
INSERT INTO public.baseline VALUES ('880dd9d9-45fc-487a-b313-07464ab7eaa2', 1, 'dram_0', NULL, NULL);
INSERT INTO public.baseline VALUES ('090d9204-fbfa-4be5-869d-34eac5b845cd', 0, 'cpu_package_0', 1.1, NULL);
INSERT INTO public.baseline VALUES ('090d9204-fbfa-4be5-869d-34eac5b845cd', 1, 'dram_0', NULL, NULL);
INSERT INTO public.baseline VALUES ('101b6a26-cffc-4675-b62e-43e02fb9c214', 0, 'cpu_package_0', 1.1, NULL);
INSERT INTO public.baseline VALUES ('101b6a26-cffc-4675-b62e-43e02fb9c214', 1, 'dram_0', NULL, NULL);
INSERT INTO public.baseline VALUES ('b56eb151-bbae-47f8-8df0-b9e0e5861595', 0, 'cpu_package_0', 1.1, NULL);
INSERT INTO public.baseline VALUES ('b56eb151-bbae-47f8-8df0-b9e0e5861595', 1, 'dram_0', NULL, NULL);
INSERT INTO public.baseline VALUES ('95b1a663-403e-4109-83c6-b7525a8ae0f6', 0, 'cpu_package_0', 1.1, NULL);
INSERT INTO public.baseline VALUES ('95b1a663-403e-4109-83c6-b7525a8ae0f6', 1, 'dram_0', NULL, NULL);
INSERT INTO public.campaign VALUES ('f67761c6-f2c4-4610-acf9-e618f3277797', 'opening', 'So that no view is empty.', '2026-11-21 00:01:40+00');
INSERT INTO public.grid_intensity VALUES ('WORLD', 'WORLD', 480, 'static_country_year', 'test', 2023, 'lifecycle', NULL, '2026-11-21 00:00:00+00');
INSERT INTO public.grid_intensity VALUES ('DE', 'DE', 380.95, 'static_country_year', 'test', 2023, 'lifecycle', NULL, '2026-11-21 00:00:00+00');
INSERT INTO public.leaderboard_cell VALUES ('demo-1m@a:f32', '1ca40265-1741-4933-98d7-87a9ae5328a9', 'plain', 'math', 'campaign', 'simulated', 'cpu', 1, 'test', 1, '{"runs": 3, "tpot_s": {"n": 3, "m2": 0.0, "mean": 0.1}, "ttft_s": {"n": 3, "m2": 0.0, "mean": 0.1}, "correct": {"n": 3, "m2": 0.0, "mean": 1.0}, "energy_j": {"n": 3, "m2": 0.3361999999999999, "mean": 1.91}, "latency_s": {"n": 3, "m2": 0.0, "mean": 0.3}, "cpu_energy_j": {"n": 3, "m2": 0.3361999999999999, "mean": 1.91}, "flagged_runs": 3, "net_energy_j": {"n": 3, "m2": 0.3361999999999999, "mean": 1.36}, "excluded_runs": 1, "output_tokens": {"n": 3, "m2": 0.0, "mean": 3.0}, "prompt_tokens": {"n": 3, "m2": 0.0, "mean": 5.0}, "accelerator_energy_j": {"n": 0, "m2": 0.0, "mean": 0.0}}');
INSERT INTO public.leaderboard_cell VALUES ('demo-1m@a:f32', '1ca40265-1741-4933-98d7-87a9ae5328a9', 'plain', NULL, 'interactive', 'simulated', 'cpu', 1, 'test', 1, '{"runs": 3, "tpot_s": {"n": 3, "m2": 0.0, "mean": 0.1}, "ttft_s": {"n": 3, "m2": 0.0, "mean": 0.1}, "correct": {"n": 0, "m2": 0.0, "mean": 0.0}, "energy_j": {"n": 3, "m2": 0.1226000000000001, "mean": 2.59}, "latency_s": {"n": 3, "m2": 0.0, "mean": 0.3}, "cpu_energy_j": {"n": 3, "m2": 0.1226000000000001, "mean": 2.59}, "flagged_runs": 3, "net_energy_j": {"n": 3, "m2": 0.1226000000000001, "mean": 2.04}, "excluded_runs": 0, "output_tokens": {"n": 3, "m2": 0.0, "mean": 3.0}, "prompt_tokens": {"n": 3, "m2": 0.0, "mean": 5.0}, "accelerator_energy_j": {"n": 0, "m2": 0.0, "mean": 0.0}}');
INSERT INTO public.lease VALUES ('e0f7138b-c397-4172-a936-80c28081fccd', '08c16889-7fa6-49a7-ac3c-99a911385041', '1ca40265-1741-4933-98d7-87a9ae5328a9', 1, '2026-11-21 00:00:01+00', '2026-11-21 00:01:01+00', '{"step": "loading"}', '2026-11-21 00:00:05+00', 'measured', '\x8c3aa34ecdf41840305ab9f281df007ea4d707e35e82176114a8d4102af3a0a2', 'measured');
INSERT INTO public.lease VALUES ('ff3b77fc-efb7-4f5c-b493-b021f5b13309', '7e7540a6-42cf-4282-aae5-9f59a41450f9', '1ca40265-1741-4933-98d7-87a9ae5328a9', 1, '2026-11-21 00:00:11+00', '2026-11-21 00:01:11+00', '{"step": "loading"}', '2026-11-21 00:00:15+00', 'measured', '\xfeae5d213a14c4b7401e7f65694cb0ab758409f73efc45d711df15abc83802de', 'measured');
INSERT INTO public.lease VALUES ('0573b895-abc8-4694-9592-677bb0f0ad9d', 'd28ac868-bea7-4c19-a6fb-7540825e27f6', '1ca40265-1741-4933-98d7-87a9ae5328a9', 1, '2026-11-21 00:00:31+00', '2026-11-21 00:01:31+00', '{"step": "loading"}', '2026-11-21 00:00:35+00', 'reject', '\xde5e5926193dc7a0c49863376e04af4d4867cc13eff05df21ed5508500965369', 'failed');
INSERT INTO public.lease VALUES ('f201cb77-7800-4044-9ab2-eaf8a09793ed', '880dd9d9-45fc-487a-b313-07464ab7eaa2', '1ca40265-1741-4933-98d7-87a9ae5328a9', 1, '2026-11-21 00:00:41+00', '2026-11-21 00:01:41+00', '{"step": "loading"}', '2026-11-21 00:00:45+00', 'retry', '\xf1f68b2482dc1ddc21314ea96086d6756236d138207650364edb7c116238210f', 'queued');
INSERT INTO public.lease VALUES ('8caabc2a-19bc-49df-88db-0ef7899c9519', '880dd9d9-45fc-487a-b313-07464ab7eaa2', '1ca40265-1741-4933-98d7-87a9ae5328a9', 2, '2026-11-21 00:01:00+00', '2026-11-21 00:02:00+00', '{"step": "loading"}', '2026-11-21 00:01:05+00', 'measured', '\xe8fcbeb5b6161fd7cccdd4abc75e16ed6a27b980b4bd1a17299973cdcbf4fd88', 'measured');
INSERT INTO public.lease VALUES ('350d08fb-c0cf-40be-ae01-41e7b4fc15c7', '090d9204-fbfa-4be5-869d-34eac5b845cd', '1ca40265-1741-4933-98d7-87a9ae5328a9', 1, '2026-11-21 00:01:41+00', '2026-11-21 00:02:41+00', '{"step": "loading"}', '2026-11-21 00:01:51+00', 'measured', '\x291a208bca7f60f26fa7eb9c844aafe0068cde88d66cac86ff6161873fbca32b', 'measured');
INSERT INTO public.lease VALUES ('1c7bc095-b668-4968-b426-4fb556362934', '101b6a26-cffc-4675-b62e-43e02fb9c214', '1ca40265-1741-4933-98d7-87a9ae5328a9', 1, '2026-11-21 00:01:41+00', '2026-11-21 00:02:41+00', '{"step": "loading"}', '2026-11-21 00:01:52+00', 'measured', '\x04b9e697e2c6f7edf26a579bd29ee76c396fe8a613b26e09b3ef3fc2f19c6831', 'measured');
INSERT INTO public.lease VALUES ('57ef2fe9-860b-4bfc-b47a-7faa2bc445d2', 'b56eb151-bbae-47f8-8df0-b9e0e5861595', '1ca40265-1741-4933-98d7-87a9ae5328a9', 1, '2026-11-21 00:01:41+00', '2026-11-21 00:02:41+00', '{"step": "loading"}', '2026-11-21 00:01:53+00', 'measured', '\x3402a6192682d9483795147c24ca4d8c10573d3f46fffb6750164665a5fe7039', 'measured');
INSERT INTO public.lease VALUES ('68533997-391f-4464-b0cc-33590983ad1b', '95b1a663-403e-4109-83c6-b7525a8ae0f6', '1ca40265-1741-4933-98d7-87a9ae5328a9', 1, '2026-11-21 00:01:41+00', '2026-11-21 00:02:41+00', '{"step": "loading"}', '2026-11-21 00:01:54+00', 'measured', '\xd7745d623fb661f81f24bb351fdf76d4b46a8c33c8c903f355d076410d3f89f2', 'measured');
INSERT INTO public.lease VALUES ('a98e633a-6a0b-4e72-a68b-e5412648c0ae', 'e35bb9b7-9e73-44e1-bd15-547ce2951dd8', '1ca40265-1741-4933-98d7-87a9ae5328a9', 1, '2026-11-21 00:03:20+00', '2026-11-21 00:04:20+00', '{"step": "loading"}', NULL, NULL, NULL, NULL);
INSERT INTO public.machine VALUES ('1ca40265-1741-4933-98d7-87a9ae5328a9', 'm1', '\x5b8cec2b8dff7d40c3722ed871927524d39ca5ac1976fc7102156f690b70d5ff', 'DE', 1.2, 181000, 126144000, 'test', '2026-11-21 00:00:00+00', NULL, '2026-11-21 00:00:00+00', '2026-11-21 00:00:00+00', '0.1.0', '{"cpu": "Test CPU", "cores": 2, "system": "test", "accelerators": [], "memory_bytes": 1024}', '[{"name": "test", "label": "simulated", "domain": "cpu_package_0", "method": "trace", "version": "1", "boundary": "nothing", "cautions": [], "averaging_s": null, "resolution_j": 0.001, "characterised": null, "power_limit_w": 100.0, "update_period_s": null, "gain_uncertainty": 0.1}]', '{"NVML: there is no library."}');
INSERT INTO public.machine_model VALUES ('1ca40265-1741-4933-98d7-87a9ae5328a9', 'demo-1m@a:f32');
INSERT INTO public.measurement VALUES ('08c16889-7fa6-49a7-ac3c-99a911385041', 'e0f7138b-c397-4172-a936-80c28081fccd', '1ca40265-1741-4933-98d7-87a9ae5328a9', '2026-11-21 00:00:05+00', '2026-11-21 00:00:01.000001+00', 1, '{"id": "1ca40265-1741-4933-98d7-87a9ae5328a9", "pue": 1.2, "name": "m1", "zone": "DE", "embodied": {"source": "test", "total_g": 181000.0, "lifetime_s": 126144000.0}, "hardware": {"cpu": "Test CPU", "cores": 2, "system": "test", "accelerators": [], "memory_bytes": 1024}}', 'DE', '{"batch": 1, "device": "none", "threads": 1, "engine_version": "test", "worker_version": "0.1.0"}', '{"id": "demo-1m@a:f32", "name": "demo-1m", "dtype": "f32", "family": "llama", "quality": [{"n": 10, "score": 0.5, "source": "test", "benchmark": "held-out"}], "weights": "trained", "revision": "a", "parameters": 1000000, "weight_bytes": 4000000, "context_length": 512, "weights_sha256": "00", "bits_per_weight": 32.0}', '[{"name": "test", "label": "simulated", "domain": "cpu_package_0", "method": "trace", "version": "1", "boundary": "nothing", "cautions": [], "averaging_s": null, "resolution_j": 0.001, "characterised": null, "power_limit_w": 100.0, "update_period_s": null, "gain_uncertainty": 0.1}, {"name": "test", "label": "simulated", "domain": "dram_0", "method": "trace", "version": "1", "boundary": "nothing", "cautions": [], "averaging_s": null, "resolution_j": 0.001, "characterised": null, "power_limit_w": 100.0, "update_period_s": null, "gain_uncertainty": 0.1}]', '{"sampler": null, "streamed": true, "was_calm": true, "suspended_s": null, "accelerators": [], "foreign_load": 0.01, "load_average": null, "stolen_share": null, "silent_meters": [], "spread_starts": false, "swapped_pages": null, "temperature_after_c": null, "temperature_before_c": 40.5, "foreign_accelerator_processes": null}', '{"load_s": 0.0, "energies": [], "warm_up_s": 0.2, "baseline_s": 1.0, "cool_down_s": 1.5, "warm_up_repetitions": 1}');
INSERT INTO public.measurement VALUES ('7e7540a6-42cf-4282-aae5-9f59a41450f9', 'ff3b77fc-efb7-4f5c-b493-b021f5b13309', '1ca40265-1741-4933-98d7-87a9ae5328a9', '2026-11-21 00:00:15+00', '2026-11-21 00:00:01.000001+00', 1, '{"id": "1ca40265-1741-4933-98d7-87a9ae5328a9", "pue": 1.2, "name": "m1", "zone": "DE", "embodied": {"source": "test", "total_g": 181000.0, "lifetime_s": 126144000.0}, "hardware": {"cpu": "Test CPU", "cores": 2, "system": "test", "accelerators": [], "memory_bytes": 1024}}', 'DE', '{"batch": 1, "device": "none", "threads": 1, "engine_version": "test", "worker_version": "0.1.0"}', '{"id": "demo-1m@a:f32", "name": "demo-1m", "dtype": "f32", "family": "llama", "quality": [{"n": 10, "score": 0.5, "source": "test", "benchmark": "held-out"}], "weights": "trained", "revision": "a", "parameters": 1000000, "weight_bytes": 4000000, "context_length": 512, "weights_sha256": "00", "bits_per_weight": 32.0}', '[{"name": "test", "label": "simulated", "domain": "cpu_package_0", "method": "trace", "version": "1", "boundary": "nothing", "cautions": [], "averaging_s": null, "resolution_j": 0.001, "characterised": null, "power_limit_w": 100.0, "update_period_s": null, "gain_uncertainty": 0.1}, {"name": "test", "label": "simulated", "domain": "dram_0", "method": "trace", "version": "1", "boundary": "nothing", "cautions": [], "averaging_s": null, "resolution_j": 0.001, "characterised": null, "power_limit_w": 100.0, "update_period_s": null, "gain_uncertainty": 0.1}]', '{"sampler": null, "streamed": true, "was_calm": true, "suspended_s": null, "accelerators": [], "foreign_load": 0.01, "load_average": null, "stolen_share": null, "silent_meters": [], "spread_starts": false, "swapped_pages": null, "temperature_after_c": null, "temperature_before_c": 40.5, "foreign_accelerator_processes": null}', '{"load_s": 0.0, "energies": [], "warm_up_s": 0.2, "baseline_s": 1.0, "cool_down_s": 1.5, "warm_up_repetitions": 1}');
INSERT INTO public.measurement VALUES ('880dd9d9-45fc-487a-b313-07464ab7eaa2', '8caabc2a-19bc-49df-88db-0ef7899c9519', '1ca40265-1741-4933-98d7-87a9ae5328a9', '2026-11-21 00:01:05+00', '2026-11-21 00:00:01.000001+00', 1, '{"id": "1ca40265-1741-4933-98d7-87a9ae5328a9", "pue": 1.2, "name": "m1", "zone": "DE", "embodied": {"source": "test", "total_g": 181000.0, "lifetime_s": 126144000.0}, "hardware": {"cpu": "Test CPU", "cores": 2, "system": "test", "accelerators": [], "memory_bytes": 1024}}', 'DE', '{"batch": 1, "device": "none", "threads": 1, "engine_version": "test", "worker_version": "0.1.0"}', '{"id": "demo-1m@a:f32", "name": "demo-1m", "dtype": "f32", "family": "llama", "quality": [{"n": 10, "score": 0.5, "source": "test", "benchmark": "held-out"}], "weights": "trained", "revision": "a", "parameters": 1000000, "weight_bytes": 4000000, "context_length": 512, "weights_sha256": "00", "bits_per_weight": 32.0}', '[{"name": "test", "label": "simulated", "domain": "cpu_package_0", "method": "trace", "version": "1", "boundary": "nothing", "cautions": [], "averaging_s": null, "resolution_j": 0.001, "characterised": null, "power_limit_w": 100.0, "update_period_s": null, "gain_uncertainty": 0.1}, {"name": "test", "label": "simulated", "domain": "dram_0", "method": "trace", "version": "1", "boundary": "nothing", "cautions": [], "averaging_s": null, "resolution_j": 0.001, "characterised": null, "power_limit_w": 100.0, "update_period_s": null, "gain_uncertainty": 0.1}]', '{"sampler": null, "streamed": true, "was_calm": true, "suspended_s": null, "accelerators": [], "foreign_load": 0.01, "load_average": null, "stolen_share": null, "silent_meters": [], "spread_starts": false, "swapped_pages": null, "temperature_after_c": null, "temperature_before_c": 40.5, "foreign_accelerator_processes": null}', '{"load_s": 0.0, "energies": [], "warm_up_s": 0.2, "baseline_s": 1.0, "cool_down_s": 1.5, "warm_up_repetitions": 1}');
INSERT INTO public.measurement VALUES ('090d9204-fbfa-4be5-869d-34eac5b845cd', '350d08fb-c0cf-40be-ae01-41e7b4fc15c7', '1ca40265-1741-4933-98d7-87a9ae5328a9', '2026-11-21 00:01:51+00', '2026-11-21 00:00:01.000001+00', 1, '{"id": "1ca40265-1741-4933-98d7-87a9ae5328a9", "pue": 1.2, "name": "m1", "zone": "DE", "embodied": {"source": "test", "total_g": 181000.0, "lifetime_s": 126144000.0}, "hardware": {"cpu": "Test CPU", "cores": 2, "system": "test", "accelerators": [], "memory_bytes": 1024}}', 'DE', '{"batch": 1, "device": "none", "threads": 1, "engine_version": "test", "worker_version": "0.1.0"}', '{"id": "demo-1m@a:f32", "name": "demo-1m", "dtype": "f32", "family": "llama", "quality": [{"n": 10, "score": 0.5, "source": "test", "benchmark": "held-out"}], "weights": "trained", "revision": "a", "parameters": 1000000, "weight_bytes": 4000000, "context_length": 512, "weights_sha256": "00", "bits_per_weight": 32.0}', '[{"name": "test", "label": "simulated", "domain": "cpu_package_0", "method": "trace", "version": "1", "boundary": "nothing", "cautions": [], "averaging_s": null, "resolution_j": 0.001, "characterised": null, "power_limit_w": 100.0, "update_period_s": null, "gain_uncertainty": 0.1}, {"name": "test", "label": "simulated", "domain": "dram_0", "method": "trace", "version": "1", "boundary": "nothing", "cautions": [], "averaging_s": null, "resolution_j": 0.001, "characterised": null, "power_limit_w": 100.0, "update_period_s": null, "gain_uncertainty": 0.1}]', '{"sampler": null, "streamed": true, "was_calm": true, "suspended_s": null, "accelerators": [], "foreign_load": 0.01, "load_average": null, "stolen_share": null, "silent_meters": [], "spread_starts": false, "swapped_pages": null, "temperature_after_c": null, "temperature_before_c": 40.5, "foreign_accelerator_processes": null}', '{"load_s": 0.0, "energies": [], "warm_up_s": 0.2, "baseline_s": 1.0, "cool_down_s": 1.5, "warm_up_repetitions": 1}');
INSERT INTO public.measurement VALUES ('101b6a26-cffc-4675-b62e-43e02fb9c214', '1c7bc095-b668-4968-b426-4fb556362934', '1ca40265-1741-4933-98d7-87a9ae5328a9', '2026-11-21 00:01:52+00', '2026-11-21 00:00:01.000001+00', 1, '{"id": "1ca40265-1741-4933-98d7-87a9ae5328a9", "pue": 1.2, "name": "m1", "zone": "DE", "embodied": {"source": "test", "total_g": 181000.0, "lifetime_s": 126144000.0}, "hardware": {"cpu": "Test CPU", "cores": 2, "system": "test", "accelerators": [], "memory_bytes": 1024}}', 'DE', '{"batch": 1, "device": "none", "threads": 1, "engine_version": "test", "worker_version": "0.1.0"}', '{"id": "demo-1m@a:f32", "name": "demo-1m", "dtype": "f32", "family": "llama", "quality": [{"n": 10, "score": 0.5, "source": "test", "benchmark": "held-out"}], "weights": "trained", "revision": "a", "parameters": 1000000, "weight_bytes": 4000000, "context_length": 512, "weights_sha256": "00", "bits_per_weight": 32.0}', '[{"name": "test", "label": "simulated", "domain": "cpu_package_0", "method": "trace", "version": "1", "boundary": "nothing", "cautions": [], "averaging_s": null, "resolution_j": 0.001, "characterised": null, "power_limit_w": 100.0, "update_period_s": null, "gain_uncertainty": 0.1}, {"name": "test", "label": "simulated", "domain": "dram_0", "method": "trace", "version": "1", "boundary": "nothing", "cautions": [], "averaging_s": null, "resolution_j": 0.001, "characterised": null, "power_limit_w": 100.0, "update_period_s": null, "gain_uncertainty": 0.1}]', '{"sampler": null, "streamed": true, "was_calm": true, "suspended_s": null, "accelerators": [], "foreign_load": 0.01, "load_average": null, "stolen_share": null, "silent_meters": [], "spread_starts": false, "swapped_pages": null, "temperature_after_c": null, "temperature_before_c": 40.5, "foreign_accelerator_processes": null}', '{"load_s": 0.0, "energies": [], "warm_up_s": 0.2, "baseline_s": 1.0, "cool_down_s": 1.5, "warm_up_repetitions": 1}');
INSERT INTO public.measurement VALUES ('b56eb151-bbae-47f8-8df0-b9e0e5861595', '57ef2fe9-860b-4bfc-b47a-7faa2bc445d2', '1ca40265-1741-4933-98d7-87a9ae5328a9', '2026-11-21 00:01:53+00', '2026-11-21 00:00:01.000001+00', 1, '{"id": "1ca40265-1741-4933-98d7-87a9ae5328a9", "pue": 1.2, "name": "m1", "zone": "DE", "embodied": {"source": "test", "total_g": 181000.0, "lifetime_s": 126144000.0}, "hardware": {"cpu": "Test CPU", "cores": 2, "system": "test", "accelerators": [], "memory_bytes": 1024}}', 'DE', '{"batch": 1, "device": "none", "threads": 1, "engine_version": "test", "worker_version": "0.1.0"}', '{"id": "demo-1m@a:f32", "name": "demo-1m", "dtype": "f32", "family": "llama", "quality": [{"n": 10, "score": 0.5, "source": "test", "benchmark": "held-out"}], "weights": "trained", "revision": "a", "parameters": 1000000, "weight_bytes": 4000000, "context_length": 512, "weights_sha256": "00", "bits_per_weight": 32.0}', '[{"name": "test", "label": "simulated", "domain": "cpu_package_0", "method": "trace", "version": "1", "boundary": "nothing", "cautions": [], "averaging_s": null, "resolution_j": 0.001, "characterised": null, "power_limit_w": 100.0, "update_period_s": null, "gain_uncertainty": 0.1}, {"name": "test", "label": "simulated", "domain": "dram_0", "method": "trace", "version": "1", "boundary": "nothing", "cautions": [], "averaging_s": null, "resolution_j": 0.001, "characterised": null, "power_limit_w": 100.0, "update_period_s": null, "gain_uncertainty": 0.1}]', '{"sampler": null, "streamed": true, "was_calm": true, "suspended_s": null, "accelerators": [], "foreign_load": 0.01, "load_average": null, "stolen_share": null, "silent_meters": [], "spread_starts": false, "swapped_pages": null, "temperature_after_c": null, "temperature_before_c": 40.5, "foreign_accelerator_processes": null}', '{"load_s": 0.0, "energies": [], "warm_up_s": 0.2, "baseline_s": 1.0, "cool_down_s": 1.5, "warm_up_repetitions": 1}');
INSERT INTO public.measurement VALUES ('95b1a663-403e-4109-83c6-b7525a8ae0f6', '68533997-391f-4464-b0cc-33590983ad1b', '1ca40265-1741-4933-98d7-87a9ae5328a9', '2026-11-21 00:01:54+00', '2026-11-21 00:00:01.000001+00', 1, '{"id": "1ca40265-1741-4933-98d7-87a9ae5328a9", "pue": 1.2, "name": "m1", "zone": "DE", "embodied": {"source": "test", "total_g": 181000.0, "lifetime_s": 126144000.0}, "hardware": {"cpu": "Test CPU", "cores": 2, "system": "test", "accelerators": [], "memory_bytes": 1024}}', 'DE', '{"batch": 1, "device": "none", "threads": 1, "engine_version": "test", "worker_version": "0.1.0"}', '{"id": "demo-1m@a:f32", "name": "demo-1m", "dtype": "f32", "family": "llama", "quality": [{"n": 10, "score": 0.5, "source": "test", "benchmark": "held-out"}], "weights": "trained", "revision": "a", "parameters": 1000000, "weight_bytes": 4000000, "context_length": 512, "weights_sha256": "00", "bits_per_weight": 32.0}', '[{"name": "test", "label": "simulated", "domain": "cpu_package_0", "method": "trace", "version": "1", "boundary": "nothing", "cautions": [], "averaging_s": null, "resolution_j": 0.001, "characterised": null, "power_limit_w": 100.0, "update_period_s": null, "gain_uncertainty": 0.1}, {"name": "test", "label": "simulated", "domain": "dram_0", "method": "trace", "version": "1", "boundary": "nothing", "cautions": [], "averaging_s": null, "resolution_j": 0.001, "characterised": null, "power_limit_w": 100.0, "update_period_s": null, "gain_uncertainty": 0.1}]', '{"sampler": null, "streamed": true, "was_calm": true, "suspended_s": null, "accelerators": [], "foreign_load": 0.01, "load_average": null, "stolen_share": null, "silent_meters": [], "spread_starts": false, "swapped_pages": null, "temperature_after_c": null, "temperature_before_c": 40.5, "foreign_accelerator_processes": null}', '{"load_s": 0.0, "energies": [], "warm_up_s": 0.2, "baseline_s": 1.0, "cool_down_s": 1.5, "warm_up_repetitions": 1}');
INSERT INTO public.model VALUES ('demo-1m@a:f32', 'demo-1m', 'llama', 1000000, 'f32', 32, 4000000, 'a', '00', 'trained', 512, '[{"n": 10, "score": 0.5, "source": "test", "benchmark": "held-out"}]', '2026-11-21 00:00:00+00');
INSERT INTO public.power_trace VALUES ('08c16889-7fa6-49a7-ac3c-99a911385041', 0, 0, '{0,0.5,1}', '{10.1,10.1,9.25}');
INSERT INTO public.power_trace VALUES ('08c16889-7fa6-49a7-ac3c-99a911385041', 1, 0, '{0,0.5,1}', '{10.1,10.1,9.25}');
INSERT INTO public.power_trace VALUES ('7e7540a6-42cf-4282-aae5-9f59a41450f9', 0, 0, '{0,0.5,1}', '{10.1,10.1,9.25}');
INSERT INTO public.power_trace VALUES ('7e7540a6-42cf-4282-aae5-9f59a41450f9', 1, 0, '{0,0.5,1}', '{10.1,10.1,9.25}');
INSERT INTO public.power_trace VALUES ('880dd9d9-45fc-487a-b313-07464ab7eaa2', 0, 0, '{0,0.5,1}', '{10.1,10.1,9.25}');
INSERT INTO public.power_trace VALUES ('880dd9d9-45fc-487a-b313-07464ab7eaa2', 1, 0, '{0,0.5,1}', '{10.1,10.1,9.25}');
INSERT INTO public.power_trace VALUES ('090d9204-fbfa-4be5-869d-34eac5b845cd', 0, 0, '{0,0.5,1}', '{10.1,10.1,9.25}');
INSERT INTO public.power_trace VALUES ('090d9204-fbfa-4be5-869d-34eac5b845cd', 1, 0, '{0,0.5,1}', '{10.1,10.1,9.25}');
INSERT INTO public.power_trace VALUES ('101b6a26-cffc-4675-b62e-43e02fb9c214', 0, 0, '{0,0.5,1}', '{10.1,10.1,9.25}');
INSERT INTO public.power_trace VALUES ('101b6a26-cffc-4675-b62e-43e02fb9c214', 1, 0, '{0,0.5,1}', '{10.1,10.1,9.25}');
INSERT INTO public.power_trace VALUES ('b56eb151-bbae-47f8-8df0-b9e0e5861595', 0, 0, '{0,0.5,1}', '{10.1,10.1,9.25}');
INSERT INTO public.power_trace VALUES ('b56eb151-bbae-47f8-8df0-b9e0e5861595', 1, 0, '{0,0.5,1}', '{10.1,10.1,9.25}');
INSERT INTO public.power_trace VALUES ('95b1a663-403e-4109-83c6-b7525a8ae0f6', 0, 0, '{0,0.5}', '{10.1,10.1}');
INSERT INTO public.power_trace VALUES ('95b1a663-403e-4109-83c6-b7525a8ae0f6', 1, 0, '{0,0.5,1}', '{10.1,10.1,9.25}');
INSERT INTO public.prompt VALUES ('3e152dc7-73d4-4d1c-8306-87b8bceff44e', NULL, '2+2?', 'plain', 128, 0, 1, 0, NULL, NULL, '2026-11-21 00:00:00+00');
INSERT INTO public.prompt VALUES ('96e14b62-d70b-4428-9689-4bbfa4f4f1a9', NULL, 'Was ist 2+2? 🤔', 'plain', 128, 0, 1, 0, NULL, NULL, '2026-11-21 00:00:00+00');
INSERT INTO public.prompt VALUES ('e4d9ae00-4240-4bdc-872c-85c48577e9b5', NULL, '3+3?', 'plain', 128, 0, 1, 0, NULL, NULL, '2026-11-21 00:00:00+00');
INSERT INTO public.prompt VALUES ('aa4e3582-9120-424e-8185-a4da873442b6', NULL, '4+4?', 'plain', 128, 0, 1, 0, NULL, NULL, '2026-11-21 00:00:00+00');
INSERT INTO public.prompt VALUES ('cc63083e-ff4e-4f8c-adc2-9f76ce509b34', NULL, '5+5?', 'plain', 128, 0, 1, 0, NULL, NULL, '2026-11-21 00:00:00+00');
INSERT INTO public.prompt VALUES ('d5195023-165a-460f-b6a4-36e001c41f8b', 'f67761c6-f2c4-4610-acf9-e618f3277797', '6+6?', 'plain', 128, 0, 1, 0, 'math', '4', '2026-11-21 00:01:40+00');
INSERT INTO public.prompt VALUES ('339d6d6f-b319-4eb8-829f-59e0abd29a11', 'f67761c6-f2c4-4610-acf9-e618f3277797', '7+7?', 'plain', 128, 0, 1, 0, 'math', '4', '2026-11-21 00:01:40+00');
INSERT INTO public.prompt VALUES ('9c5a0b62-dac1-4a30-a436-08f6a3bd49e1', 'f67761c6-f2c4-4610-acf9-e618f3277797', '8+8?', 'plain', 128, 0, 1, 0, 'math', '4', '2026-11-21 00:01:40+00');
INSERT INTO public.prompt VALUES ('769a819a-fd55-407c-9064-4eecbd2ecf1f', 'f67761c6-f2c4-4610-acf9-e618f3277797', '9+9?', 'plain', 128, 0, 1, 0, 'math', '4', '2026-11-21 00:01:40+00');
INSERT INTO public.prompt VALUES ('b3dc6ab8-36db-48b6-9828-db07c49c4b53', NULL, 'What waits is kept too.', 'plain', 128, 0, 1, 0, NULL, NULL, '2026-11-21 00:00:00+00');
INSERT INTO public.prompt VALUES ('577b068c-086a-4e56-990f-fa79527de148', NULL, 'So is what a machine has.', 'plain', 128, 0, 1, 0, NULL, NULL, '2026-11-21 00:00:00+00');
INSERT INTO public.reading VALUES ('08c16889-7fa6-49a7-ac3c-99a911385041', 0, 0, 'cpu_package_0', 'simulated', 'trace', 3, NULL, '{late,jitter}');
INSERT INTO public.reading VALUES ('08c16889-7fa6-49a7-ac3c-99a911385041', 0, 1, 'dram_0', 'simulated', 'counter', NULL, 'unreadable', '{}');
INSERT INTO public.reading VALUES ('08c16889-7fa6-49a7-ac3c-99a911385041', 1, 0, 'cpu_package_0', 'simulated', 'trace', 3.1, NULL, '{late,jitter}');
INSERT INTO public.reading VALUES ('08c16889-7fa6-49a7-ac3c-99a911385041', 1, 1, 'dram_0', 'simulated', 'counter', NULL, 'unreadable', '{}');
INSERT INTO public.reading VALUES ('7e7540a6-42cf-4282-aae5-9f59a41450f9', 0, 0, 'cpu_package_0', 'simulated', 'trace', 3.37, NULL, '{late,jitter}');
INSERT INTO public.reading VALUES ('7e7540a6-42cf-4282-aae5-9f59a41450f9', 0, 1, 'dram_0', 'simulated', 'counter', NULL, 'unreadable', '{}');
INSERT INTO public.reading VALUES ('7e7540a6-42cf-4282-aae5-9f59a41450f9', 1, 0, 'cpu_package_0', 'simulated', 'trace', 3.47, NULL, '{late,jitter}');
INSERT INTO public.reading VALUES ('7e7540a6-42cf-4282-aae5-9f59a41450f9', 1, 1, 'dram_0', 'simulated', 'counter', NULL, 'unreadable', '{}');
INSERT INTO public.reading VALUES ('880dd9d9-45fc-487a-b313-07464ab7eaa2', 0, 0, 'cpu_package_0', 'simulated', 'trace', 2.9, NULL, '{late,jitter}');
INSERT INTO public.reading VALUES ('880dd9d9-45fc-487a-b313-07464ab7eaa2', 0, 1, 'dram_0', 'simulated', 'counter', NULL, 'unreadable', '{}');
INSERT INTO public.reading VALUES ('880dd9d9-45fc-487a-b313-07464ab7eaa2', 1, 0, 'cpu_package_0', 'simulated', 'trace', 3, NULL, '{late,jitter}');
INSERT INTO public.reading VALUES ('880dd9d9-45fc-487a-b313-07464ab7eaa2', 1, 1, 'dram_0', 'simulated', 'counter', NULL, 'unreadable', '{}');
INSERT INTO public.reading VALUES ('090d9204-fbfa-4be5-869d-34eac5b845cd', 0, 0, 'cpu_package_0', 'simulated', 'trace', 2, NULL, '{late,jitter}');
INSERT INTO public.reading VALUES ('090d9204-fbfa-4be5-869d-34eac5b845cd', 0, 1, 'dram_0', 'simulated', 'counter', NULL, 'unreadable', '{}');
INSERT INTO public.reading VALUES ('090d9204-fbfa-4be5-869d-34eac5b845cd', 1, 0, 'cpu_package_0', 'simulated', 'trace', 2.1, NULL, '{late,jitter}');
INSERT INTO public.reading VALUES ('090d9204-fbfa-4be5-869d-34eac5b845cd', 1, 1, 'dram_0', 'simulated', 'counter', NULL, 'unreadable', '{}');
INSERT INTO public.reading VALUES ('101b6a26-cffc-4675-b62e-43e02fb9c214', 0, 0, 'cpu_package_0', 'simulated', 'trace', 2.41, NULL, '{late,jitter}');
INSERT INTO public.reading VALUES ('101b6a26-cffc-4675-b62e-43e02fb9c214', 0, 1, 'dram_0', 'simulated', 'counter', NULL, 'unreadable', '{}');
INSERT INTO public.reading VALUES ('101b6a26-cffc-4675-b62e-43e02fb9c214', 1, 0, 'cpu_package_0', 'simulated', 'trace', 2.5100000000000002, NULL, '{late,jitter}');
INSERT INTO public.reading VALUES ('101b6a26-cffc-4675-b62e-43e02fb9c214', 1, 1, 'dram_0', 'simulated', 'counter', NULL, 'unreadable', '{}');
INSERT INTO public.reading VALUES ('b56eb151-bbae-47f8-8df0-b9e0e5861595', 0, 0, 'cpu_package_0', 'simulated', 'trace', 2.82, NULL, '{late,jitter}');
INSERT INTO public.reading VALUES ('b56eb151-bbae-47f8-8df0-b9e0e5861595', 0, 1, 'dram_0', 'simulated', 'counter', NULL, 'unreadable', '{}');
INSERT INTO public.reading VALUES ('b56eb151-bbae-47f8-8df0-b9e0e5861595', 1, 0, 'cpu_package_0', 'simulated', 'trace', 2.92, NULL, '{late,jitter}');
INSERT INTO public.reading VALUES ('b56eb151-bbae-47f8-8df0-b9e0e5861595', 1, 1, 'dram_0', 'simulated', 'counter', NULL, 'unreadable', '{}');
INSERT INTO public.reading VALUES ('95b1a663-403e-4109-83c6-b7525a8ae0f6', 0, 0, 'cpu_package_0', 'simulated', 'trace', 3.23, NULL, '{late,jitter}');
INSERT INTO public.reading VALUES ('95b1a663-403e-4109-83c6-b7525a8ae0f6', 0, 1, 'dram_0', 'simulated', 'counter', NULL, 'unreadable', '{}');
INSERT INTO public.reading VALUES ('95b1a663-403e-4109-83c6-b7525a8ae0f6', 1, 0, 'cpu_package_0', 'simulated', 'trace', 3.33, NULL, '{late,jitter}');
INSERT INTO public.reading VALUES ('95b1a663-403e-4109-83c6-b7525a8ae0f6', 1, 1, 'dram_0', 'simulated', 'counter', NULL, 'unreadable', '{}');
INSERT INTO public.repetition VALUES ('08c16889-7fa6-49a7-ac3c-99a911385041', 0, '4, ä', 'length', 5, 3, '{0.1,0.200000003,0.3}', 0.25, 0.75, 1);
INSERT INTO public.repetition VALUES ('08c16889-7fa6-49a7-ac3c-99a911385041', 1, '4, ä', 'length', 5, 3, '{0.1,0.200000003,0.3}', 0.25, 0.75, 1);
INSERT INTO public.repetition VALUES ('7e7540a6-42cf-4282-aae5-9f59a41450f9', 0, '4, ä', 'length', 5, 3, '{0.1,0.200000003,0.3}', 0.25, 0.75, 1);
INSERT INTO public.repetition VALUES ('7e7540a6-42cf-4282-aae5-9f59a41450f9', 1, '4, ä', 'length', 5, 3, '{0.1,0.200000003,0.3}', 0.25, 0.75, 1);
INSERT INTO public.repetition VALUES ('880dd9d9-45fc-487a-b313-07464ab7eaa2', 0, '4, ä', 'length', 5, 3, '{0.1,0.200000003,0.3}', 0.25, 0.75, 1);
INSERT INTO public.repetition VALUES ('880dd9d9-45fc-487a-b313-07464ab7eaa2', 1, '4, ä', 'length', 5, 3, '{0.1,0.200000003,0.3}', 0.25, 0.75, 1);
INSERT INTO public.repetition VALUES ('090d9204-fbfa-4be5-869d-34eac5b845cd', 0, '4, ä', 'length', 5, 3, '{0.1,0.200000003,0.3}', 0.25, 0.75, 1);
INSERT INTO public.repetition VALUES ('090d9204-fbfa-4be5-869d-34eac5b845cd', 1, '4, ä', 'length', 5, 3, '{0.1,0.200000003,0.3}', 0.25, 0.75, 1);
INSERT INTO public.repetition VALUES ('101b6a26-cffc-4675-b62e-43e02fb9c214', 0, '4, ä', 'length', 5, 3, '{0.1,0.200000003,0.3}', 0.25, 0.75, 1);
INSERT INTO public.repetition VALUES ('101b6a26-cffc-4675-b62e-43e02fb9c214', 1, '4, ä', 'length', 5, 3, '{0.1,0.200000003,0.3}', 0.25, 0.75, 1);
INSERT INTO public.repetition VALUES ('b56eb151-bbae-47f8-8df0-b9e0e5861595', 0, '4, ä', 'length', 5, 3, '{0.1,0.200000003,0.3}', 0.25, 0.75, 1);
INSERT INTO public.repetition VALUES ('b56eb151-bbae-47f8-8df0-b9e0e5861595', 1, '4, ä', 'length', 5, 3, '{0.1,0.200000003,0.3}', 0.25, 0.75, 1);
INSERT INTO public.repetition VALUES ('95b1a663-403e-4109-83c6-b7525a8ae0f6', 0, '4, ä', 'length', 5, 3, '{0.1,0.200000003,0.3}', 0.25, 0.75, 1);
INSERT INTO public.repetition VALUES ('95b1a663-403e-4109-83c6-b7525a8ae0f6', 1, '4, ä', 'length', 5, 3, '{0.1,0.200000003,0.3}', 0.25, 0.75, 1);
INSERT INTO public.run OVERRIDING SYSTEM VALUE VALUES ('08c16889-7fa6-49a7-ac3c-99a911385041', '3e152dc7-73d4-4d1c-8306-87b8bceff44e', 'demo-1m@a:f32', 0, 'interactive', 0, 1, 2, true, 'measured', 1, 3, NULL, '2026-11-21 00:00:00+00', '2026-11-21 00:00:05+00', NULL, NULL);
INSERT INTO public.run OVERRIDING SYSTEM VALUE VALUES ('7e7540a6-42cf-4282-aae5-9f59a41450f9', '96e14b62-d70b-4428-9689-4bbfa4f4f1a9', 'demo-1m@a:f32', 0, 'interactive', 0, 2, 2, true, 'measured', 1, 3, NULL, '2026-11-21 00:00:00+00', '2026-11-21 00:00:15+00', NULL, NULL);
INSERT INTO public.run OVERRIDING SYSTEM VALUE VALUES ('bcf7303c-f5cd-4eef-98e7-a597f4fb7b61', 'e4d9ae00-4240-4bdc-872c-85c48577e9b5', 'demo-1m@a:f32', 0, 'interactive', 0, 3, 2, true, 'cancelled', 0, 3, NULL, '2026-11-21 00:00:00+00', '2026-11-21 00:00:21+00', NULL, NULL);
INSERT INTO public.run OVERRIDING SYSTEM VALUE VALUES ('d28ac868-bea7-4c19-a6fb-7540825e27f6', 'aa4e3582-9120-424e-8185-a4da873442b6', 'demo-1m@a:f32', 0, 'interactive', 0, 4, 2, true, 'failed', 1, 3, NULL, '2026-11-21 00:00:00+00', '2026-11-21 00:00:35+00', 'prompt_too_long', 'It is too long.');
INSERT INTO public.run OVERRIDING SYSTEM VALUE VALUES ('880dd9d9-45fc-487a-b313-07464ab7eaa2', 'cc63083e-ff4e-4f8c-adc2-9f76ce509b34', 'demo-1m@a:f32', 0, 'interactive', 0, 5, 2, true, 'measured', 2, 3, NULL, '2026-11-21 00:00:00+00', '2026-11-21 00:01:05+00', NULL, NULL);
INSERT INTO public.run OVERRIDING SYSTEM VALUE VALUES ('090d9204-fbfa-4be5-869d-34eac5b845cd', 'd5195023-165a-460f-b6a4-36e001c41f8b', 'demo-1m@a:f32', 0, 'campaign', 1, 6, 2, false, 'measured', 1, 3, NULL, '2026-11-21 00:01:40+00', '2026-11-21 00:01:51+00', NULL, NULL);
INSERT INTO public.run OVERRIDING SYSTEM VALUE VALUES ('101b6a26-cffc-4675-b62e-43e02fb9c214', '339d6d6f-b319-4eb8-829f-59e0abd29a11', 'demo-1m@a:f32', 0, 'campaign', 1, 7, 2, false, 'measured', 1, 3, NULL, '2026-11-21 00:01:40+00', '2026-11-21 00:01:52+00', NULL, NULL);
INSERT INTO public.run OVERRIDING SYSTEM VALUE VALUES ('b56eb151-bbae-47f8-8df0-b9e0e5861595', '9c5a0b62-dac1-4a30-a436-08f6a3bd49e1', 'demo-1m@a:f32', 0, 'campaign', 1, 8, 2, false, 'measured', 1, 3, NULL, '2026-11-21 00:01:40+00', '2026-11-21 00:01:53+00', NULL, NULL);
INSERT INTO public.run OVERRIDING SYSTEM VALUE VALUES ('95b1a663-403e-4109-83c6-b7525a8ae0f6', '769a819a-fd55-407c-9064-4eecbd2ecf1f', 'demo-1m@a:f32', 0, 'campaign', 1, 9, 2, false, 'measured', 1, 3, NULL, '2026-11-21 00:01:40+00', '2026-11-21 00:01:54+00', NULL, NULL);
INSERT INTO public.run OVERRIDING SYSTEM VALUE VALUES ('63f97211-f287-46ca-87b8-a8fa0b6d4ea5', '577b068c-086a-4e56-990f-fa79527de148', 'demo-1m@a:f32', 0, 'interactive', 0, 11, 2, true, 'queued', 0, 3, NULL, '2026-11-21 00:00:00+00', NULL, NULL, NULL);
INSERT INTO public.run OVERRIDING SYSTEM VALUE VALUES ('e35bb9b7-9e73-44e1-bd15-547ce2951dd8', 'b3dc6ab8-36db-48b6-9828-db07c49c4b53', 'demo-1m@a:f32', 0, 'interactive', 0, 10, 2, true, 'leased', 1, 3, 'a98e633a-6a0b-4e72-a68b-e5412648c0ae', '2026-11-21 00:00:00+00', NULL, NULL, NULL);
SELECT pg_catalog.setval('public.run_ticket_seq', 11, true);
ALTER TABLE ONLY public._sqlx_migrations
    ADD CONSTRAINT _sqlx_migrations_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.baseline
    ADD CONSTRAINT baseline_pkey PRIMARY KEY (run_id, ordinal);
ALTER TABLE ONLY public.campaign
    ADD CONSTRAINT campaign_name_key UNIQUE (name);
ALTER TABLE ONLY public.campaign
    ADD CONSTRAINT campaign_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.grid_intensity
    ADD CONSTRAINT grid_intensity_zone_source_factor_type_year_at_key UNIQUE NULLS NOT DISTINCT (zone, source, factor_type, year, at);
ALTER TABLE ONLY public.leaderboard_cell
    ADD CONSTRAINT leaderboard_cell_model_id_machine_id_task_kind_origin_label_key UNIQUE NULLS NOT DISTINCT (model_id, machine_id, task, kind, origin, label, boundary, batch, engine_version, method_version);
ALTER TABLE ONLY public.lease
    ADD CONSTRAINT lease_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.lease
    ADD CONSTRAINT lease_run_id_attempt_key UNIQUE (run_id, attempt);
ALTER TABLE ONLY public.machine_model
    ADD CONSTRAINT machine_model_pkey PRIMARY KEY (machine_id, model_id);
ALTER TABLE ONLY public.machine
    ADD CONSTRAINT machine_name_key UNIQUE (name);
ALTER TABLE ONLY public.machine
    ADD CONSTRAINT machine_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.machine
    ADD CONSTRAINT machine_token_sha256_key UNIQUE (token_sha256);
ALTER TABLE ONLY public.measurement
    ADD CONSTRAINT measurement_lease_id_key UNIQUE (lease_id);
ALTER TABLE ONLY public.measurement
    ADD CONSTRAINT measurement_pkey PRIMARY KEY (run_id);
ALTER TABLE ONLY public.model
    ADD CONSTRAINT model_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.power_trace
    ADD CONSTRAINT power_trace_pkey PRIMARY KEY (run_id, repetition, ordinal);
ALTER TABLE ONLY public.prompt
    ADD CONSTRAINT prompt_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.reading
    ADD CONSTRAINT reading_pkey PRIMARY KEY (run_id, repetition, ordinal);
ALTER TABLE ONLY public.repetition
    ADD CONSTRAINT repetition_pkey PRIMARY KEY (run_id, ordinal);
ALTER TABLE ONLY public.run
    ADD CONSTRAINT run_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.run
    ADD CONSTRAINT run_prompt_id_model_id_key UNIQUE (prompt_id, model_id);
CREATE INDEX grid_intensity_latest ON public.grid_intensity USING btree (zone, at DESC NULLS LAST, year DESC NULLS LAST);
CREATE INDEX lease_open ON public.lease USING btree (expires_at) WHERE (ended_at IS NULL);
CREATE INDEX lease_open_by_machine ON public.lease USING btree (machine_id) WHERE (ended_at IS NULL);
CREATE INDEX machine_model_by_model ON public.machine_model USING btree (model_id);
CREATE INDEX measurement_by_machine ON public.measurement USING btree (machine_id);
CREATE INDEX measurement_in_order ON public.measurement USING btree (recorded_at, run_id);
CREATE UNIQUE INDEX prompt_once_a_campaign ON public.prompt USING btree (campaign_id, task, md5(text), COALESCE(kind, ''::text), max_output_tokens, temperature, top_p, seed) WHERE (campaign_id IS NOT NULL);
CREATE INDEX run_claim ON public.run USING btree (priority, ticket) WHERE (state = 'queued'::text);
CREATE INDEX run_leased ON public.run USING btree (lease_id) WHERE (state = 'leased'::text);
CREATE INDEX run_queued_by_model ON public.run USING btree (model_id) WHERE (state = 'queued'::text);
ALTER TABLE ONLY public.baseline
    ADD CONSTRAINT baseline_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.measurement(run_id);
ALTER TABLE ONLY public.leaderboard_cell
    ADD CONSTRAINT leaderboard_cell_machine_id_fkey FOREIGN KEY (machine_id) REFERENCES public.machine(id);
ALTER TABLE ONLY public.leaderboard_cell
    ADD CONSTRAINT leaderboard_cell_model_id_fkey FOREIGN KEY (model_id) REFERENCES public.model(id);
ALTER TABLE ONLY public.lease
    ADD CONSTRAINT lease_machine_id_fkey FOREIGN KEY (machine_id) REFERENCES public.machine(id);
ALTER TABLE ONLY public.lease
    ADD CONSTRAINT lease_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.run(id);
ALTER TABLE ONLY public.machine_model
    ADD CONSTRAINT machine_model_machine_id_fkey FOREIGN KEY (machine_id) REFERENCES public.machine(id);
ALTER TABLE ONLY public.machine_model
    ADD CONSTRAINT machine_model_model_id_fkey FOREIGN KEY (model_id) REFERENCES public.model(id);
ALTER TABLE ONLY public.measurement
    ADD CONSTRAINT measurement_lease_id_fkey FOREIGN KEY (lease_id) REFERENCES public.lease(id);
ALTER TABLE ONLY public.measurement
    ADD CONSTRAINT measurement_machine_id_fkey FOREIGN KEY (machine_id) REFERENCES public.machine(id);
ALTER TABLE ONLY public.measurement
    ADD CONSTRAINT measurement_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.run(id);
ALTER TABLE ONLY public.power_trace
    ADD CONSTRAINT power_trace_run_id_repetition_ordinal_fkey FOREIGN KEY (run_id, repetition, ordinal) REFERENCES public.reading(run_id, repetition, ordinal);
ALTER TABLE ONLY public.prompt
    ADD CONSTRAINT prompt_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES public.campaign(id);
ALTER TABLE ONLY public.reading
    ADD CONSTRAINT reading_run_id_repetition_fkey FOREIGN KEY (run_id, repetition) REFERENCES public.repetition(run_id, ordinal);
ALTER TABLE ONLY public.repetition
    ADD CONSTRAINT repetition_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.measurement(run_id);
ALTER TABLE ONLY public.run
    ADD CONSTRAINT run_lease_id_fkey FOREIGN KEY (lease_id) REFERENCES public.lease(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.run
    ADD CONSTRAINT run_model_id_fkey FOREIGN KEY (model_id) REFERENCES public.model(id);
ALTER TABLE ONLY public.run
    ADD CONSTRAINT run_prompt_id_fkey FOREIGN KEY (prompt_id) REFERENCES public.prompt(id);

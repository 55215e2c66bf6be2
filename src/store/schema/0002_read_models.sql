-- The read models: each row is the fold of exactly one stream, written in the transaction of its
-- events, and only by whoever appends to that stream. Columns are the fields of the rows of
-- core.projections. Fill factors leave room for the next version of a row on its page.

CREATE TABLE rm_card_units (
    card_unit_id     text COLLATE "C" PRIMARY KEY,
    sheet_id         text COLLATE "C" NOT NULL,
    job_id           text COLLATE "C" NOT NULL,
    order_id         text COLLATE "C" NOT NULL,
    spec_code        text COLLATE "C" NOT NULL,
    product_name     text NOT NULL,
    position         integer NOT NULL,
    status           text NOT NULL,
    station_id       text COLLATE "C",
    last_station_id  text COLLATE "C",
    operation        text COLLATE "C",
    work             text,
    operator_id      text COLLATE "C",
    since            timestamptz NOT NULL,
    ready            text NOT NULL,
    ready_operations text NOT NULL,
    waiting_since    timestamptz,
    qa_attempts      integer NOT NULL,
    last_outcome     text,
    last_codes       text[] NOT NULL,
    rework           integer NOT NULL,
    number           text,
    serial           text,
    assembly_id      text COLLATE "C",
    pack_id          text COLLATE "C",
    void_reason      text,
    replaces         text COLLATE "C",
    replaced_by      text COLLATE "C",
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    version          integer NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE rm_sheets (
    sheet_id         text COLLATE "C" PRIMARY KEY,
    job_id           text COLLATE "C" NOT NULL,
    order_id         text COLLATE "C" NOT NULL,
    spec_code        text COLLATE "C" NOT NULL,
    product_name     text NOT NULL,
    number           integer NOT NULL,
    sheet_count      integer NOT NULL,
    n_up             integer NOT NULL,
    rows             integer NOT NULL,
    columns          integer NOT NULL,
    status           text NOT NULL,
    station_id       text COLLATE "C",
    last_station_id  text COLLATE "C",
    operation        text COLLATE "C",
    work             text,
    operator_id      text COLLATE "C",
    since            timestamptz NOT NULL,
    ready            text NOT NULL,
    ready_operations text NOT NULL,
    waiting_since    timestamptz,
    assembly_id      text COLLATE "C",
    cut_at           timestamptz,
    void_reason      text,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    version          integer NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE rm_assemblies (
    assembly_id      text COLLATE "C" PRIMARY KEY,
    sheet_id         text COLLATE "C" NOT NULL,
    job_id           text COLLATE "C" NOT NULL,
    order_id         text COLLATE "C" NOT NULL,
    spec_code        text COLLATE "C" NOT NULL,
    product_name     text NOT NULL,
    rows             integer NOT NULL,
    columns          integer NOT NULL,
    expected         text[] NOT NULL,
    gathered         text[] NOT NULL,
    void_in_tray     text[] NOT NULL,
    expected_count   integer NOT NULL,
    gathered_count   integer NOT NULL,
    gaps             integer[] NOT NULL,
    replacements     text[] NOT NULL,
    status           text NOT NULL,
    authorized_by    text COLLATE "C",
    gatherers        text[] NOT NULL,
    opened_at        timestamptz NOT NULL,
    last_gathered_at timestamptz,
    last_station_id  text COLLATE "C",
    open_at          text COLLATE "C",
    completed_at     timestamptz,
    overdue_flagged  boolean NOT NULL,
    pack_id          text COLLATE "C",
    packed_at        timestamptz,
    updated_at       timestamptz NOT NULL,
    version          integer NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE rm_jobs (
    job_id        text COLLATE "C" PRIMARY KEY,
    order_id      text COLLATE "C" NOT NULL,
    order_line    integer NOT NULL,
    customer      text NOT NULL,
    spec_code     text COLLATE "C" NOT NULL,
    spec_version  integer NOT NULL,
    product_name  text NOT NULL,
    sheet_count   integer NOT NULL,
    n_up          integer NOT NULL,
    rows          integer NOT NULL,
    columns       integer NOT NULL,
    run_of        integer,
    priority      integer NOT NULL,
    promise_at    timestamptz NOT NULL,
    status        text NOT NULL,
    status_reason text,
    status_since  timestamptz NOT NULL,
    sets_packed   integer,
    created_at    timestamptz NOT NULL,
    started_at    timestamptz,
    completed_at  timestamptz,
    updated_at    timestamptz NOT NULL,
    version       integer NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE rm_orders (
    order_id      text COLLATE "C" PRIMARY KEY,
    customer      text NOT NULL,
    lines         jsonb NOT NULL,
    sets          integer NOT NULL,
    promise_at    timestamptz NOT NULL,
    priority      integer NOT NULL,
    status        text NOT NULL,
    job_ids       text[] NOT NULL,
    cancel_reason text,
    placed_at     timestamptz NOT NULL,
    closed_at     timestamptz,
    updated_at    timestamptz NOT NULL,
    version       integer NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE rm_packs (
    pack_id            text COLLATE "C" PRIMARY KEY,
    kind               text NOT NULL,
    job_id             text COLLATE "C",
    status             text NOT NULL,
    station_id         text COLLATE "C",
    sets               text[] NOT NULL,
    cards              integer NOT NULL,
    nested             text[] NOT NULL,
    inside             text COLLATE "C",
    carrier            text,
    tracking_reference text,
    opened_at          timestamptz NOT NULL,
    sealed_at          timestamptz,
    shipped_at         timestamptz,
    updated_at         timestamptz NOT NULL,
    version            integer NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE rm_stations (
    station_id     text COLLATE "C" PRIMARY KEY,
    name           text NOT NULL,
    role           text NOT NULL,
    work           text[] NOT NULL,
    operations     text[] NOT NULL,
    single_scan    boolean NOT NULL,
    units_per_hour double precision,
    queue_limit    integer,
    down_since     timestamptz,
    down_reason    text,
    help_since     timestamptz,
    help_note      text,
    stops_cleared  integer NOT NULL,
    defined_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    version        integer NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE rm_operators (
    operator_id   text COLLATE "C" PRIMARY KEY,
    name          text NOT NULL,
    roles         text[] NOT NULL,
    has_pin       boolean NOT NULL,
    registered_at timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    version       integer NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE rm_specs (
    spec_code    text COLLATE "C" PRIMARY KEY,
    spec_version integer NOT NULL,
    name         text NOT NULL,
    n_up         integer NOT NULL,
    rows         integer NOT NULL,
    columns      integer NOT NULL,
    run_of       integer,
    step_count   integer NOT NULL,
    defined_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    version      integer NOT NULL
) WITH (fillfactor = 80);

CREATE INDEX rm_card_units_at_station ON rm_card_units (station_id) WHERE station_id IS NOT NULL;
CREATE INDEX rm_card_units_ready ON rm_card_units (ready, job_id, waiting_since) WHERE ready <> '';
-- Cards in a box are counted by their sets, so the index stays as small as what is on the floor.
CREATE INDEX rm_card_units_on_the_floor ON rm_card_units (job_id, status) INCLUDE (station_id, work, ready)
    WHERE status <> 'PACKED';

CREATE INDEX rm_sheets_at_station ON rm_sheets (station_id) WHERE station_id IS NOT NULL;
CREATE INDEX rm_sheets_ready ON rm_sheets (ready, job_id, waiting_since) WHERE ready <> '';
CREATE INDEX rm_sheets_of_a_job ON rm_sheets (job_id, status);

CREATE INDEX rm_assemblies_of_a_job ON rm_assemblies (job_id, status) INCLUDE (expected_count);
CREATE INDEX rm_assemblies_open ON rm_assemblies (status, job_id, opened_at) WHERE status <> 'PACKED';

CREATE INDEX rm_jobs_on_the_floor ON rm_jobs (priority, promise_at) WHERE status IN ('STARTED', 'ON_HOLD');
CREATE INDEX rm_jobs_of_an_order ON rm_jobs (order_id);
CREATE INDEX rm_orders_open ON rm_orders (promise_at) WHERE status = 'PLACED';
CREATE INDEX rm_packs_of_a_job ON rm_packs (job_id, pack_id);

-- What each station has and could have, counted as it is read: a row with the count would be written
-- by every kiosk and hold the shop to one commit per flush. Units of held jobs are not counted as ready.
CREATE VIEW rm_station_load AS
WITH waiting AS (
    SELECT c.ready, c.job_id, count(*) AS units, min(c.waiting_since) AS oldest
    FROM rm_card_units c WHERE c.ready <> '' GROUP BY c.ready, c.job_id
    UNION ALL
    SELECT s.ready, s.job_id, count(*), min(s.waiting_since)
    FROM rm_sheets s WHERE s.ready <> '' GROUP BY s.ready, s.job_id
    UNION ALL
    SELECT 'PACK', a.job_id, count(*), min(a.completed_at)
    FROM rm_assemblies a WHERE a.status = 'COMPLETE' AND a.status <> 'PACKED' GROUP BY a.job_id
), ready AS MATERIALIZED (
    SELECT w.ready, sum(w.units) AS units, min(w.oldest) AS oldest
    FROM waiting w JOIN rm_jobs j ON j.job_id = w.job_id AND j.status = 'STARTED'
    GROUP BY w.ready
), here AS (
    SELECT u.station_id, count(*) AS units, min(u.since) AS oldest
    FROM (
        SELECT c.station_id, c.since FROM rm_card_units c WHERE c.station_id IS NOT NULL
        UNION ALL
        SELECT s.station_id, s.since FROM rm_sheets s WHERE s.station_id IS NOT NULL
    ) u GROUP BY u.station_id
)
SELECT
    s.station_id,
    coalesce(h.units, 0)::integer AS units_at_station,
    h.oldest AS oldest_at_station,
    coalesce(r.units, 0)::integer AS units_ready,
    r.oldest AS oldest_ready
FROM rm_stations s
LEFT JOIN here h ON h.station_id = s.station_id
LEFT JOIN LATERAL (
    SELECT sum(g.units) AS units, min(g.oldest) AS oldest
    FROM (
        SELECT w.units, w.oldest FROM ready w WHERE s.operations = '{}' AND string_to_array(w.ready, '+') && s.work
        UNION ALL
        -- Where a station names its operations, units are looked at one by one; where none does, never.
        SELECT 1, u.waiting_since
        FROM (
            SELECT c.job_id, c.ready, c.ready_operations, c.waiting_since FROM rm_card_units c WHERE c.ready <> ''
            UNION ALL
            SELECT x.job_id, x.ready, x.ready_operations, x.waiting_since FROM rm_sheets x WHERE x.ready <> ''
        ) u JOIN rm_jobs j ON j.job_id = u.job_id AND j.status = 'STARTED'
        WHERE s.operations <> '{}' AND string_to_array(u.ready, '+') && s.work
            AND string_to_array(u.ready_operations, '+') && s.operations
    ) g
) r ON true;

-- How far each job is, counted as it is read. Cards in a box are counted by their sets.
CREATE VIEW rm_job_progress AS
SELECT
    j.job_id,
    s.sheets, s.sheets_waiting, s.sheets_cut, s.sheets_voided,
    c.cards_in_progress, c.cards_failed, c.cards_passed, c.cards_assembled, a.cards_packed, c.cards_voided,
    a.sets_open, a.sets_complete, a.sets_packed
FROM rm_jobs j
CROSS JOIN LATERAL (
    SELECT
        count(*)::integer AS sheets,
        (count(*) FILTER (WHERE x.status NOT IN ('CUT', 'VOIDED')))::integer AS sheets_waiting,
        (count(*) FILTER (WHERE x.status = 'CUT'))::integer AS sheets_cut,
        (count(*) FILTER (WHERE x.status = 'VOIDED'))::integer AS sheets_voided
    FROM rm_sheets x WHERE x.job_id = j.job_id
) s
CROSS JOIN LATERAL (
    SELECT
        (count(*) FILTER (WHERE x.status IN ('CREATED', 'IN_PROGRESS')))::integer AS cards_in_progress,
        (count(*) FILTER (WHERE x.status = 'QA_FAILED'))::integer AS cards_failed,
        (count(*) FILTER (WHERE x.status = 'QA_PASSED'))::integer AS cards_passed,
        (count(*) FILTER (WHERE x.status = 'ASSEMBLED'))::integer AS cards_assembled,
        (count(*) FILTER (WHERE x.status = 'VOIDED'))::integer AS cards_voided
    FROM rm_card_units x WHERE x.job_id = j.job_id AND x.status <> 'PACKED'
) c
CROSS JOIN LATERAL (
    SELECT
        coalesce(sum(x.expected_count) FILTER (WHERE x.status = 'PACKED'), 0)::integer AS cards_packed,
        (count(*) FILTER (WHERE x.status IN ('PENDING', 'IN_PROGRESS')))::integer AS sets_open,
        (count(*) FILTER (WHERE x.status = 'COMPLETE'))::integer AS sets_complete,
        (count(*) FILTER (WHERE x.status = 'PACKED'))::integer AS sets_packed
    FROM rm_assemblies x WHERE x.job_id = j.job_id
) a;

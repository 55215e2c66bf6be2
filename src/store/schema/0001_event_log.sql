-- The event log, the answers to commands, and what is unique across units.
-- No CHECK on what every scan writes: the server reads its text anew for every statement, which for three of
-- them was a sixth of a scan's time.

CREATE TABLE production_events (
    sequence_num      bigserial PRIMARY KEY,
    -- Commit order: a reader takes (transaction_id, sequence_num) below the oldest running transaction.
    transaction_id    xid8 NOT NULL DEFAULT pg_current_xact_id(),
    aggregate_type    text COLLATE "C" NOT NULL,
    -- Ids carry their lineage, so in byte order all of a job is one range of the unique index.
    aggregate_id      text COLLATE "C" NOT NULL,
    aggregate_version integer NOT NULL,
    event_type        text NOT NULL,
    schema_version    smallint NOT NULL,
    event_payload     jsonb NOT NULL,
    occurred_at       timestamptz NOT NULL,
    recorded_at       timestamptz NOT NULL DEFAULT now(),
    operator_id       text COLLATE "C",
    station_id        text COLLATE "C",
    correlation_id    uuid,
    causation_id      uuid,
    command_id        uuid NOT NULL,
    -- The version guard: two writers that read the same version cannot both append.
    CONSTRAINT production_events_one_of_a_version UNIQUE (aggregate_type, aggregate_id, aggregate_version)
);

CREATE INDEX production_events_recorded_at ON production_events USING brin (recorded_at);
CREATE INDEX production_events_commit_order ON production_events (transaction_id, sequence_num);

CREATE FUNCTION refuse_to_change_the_log() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'production_events only grows: % is refused', TG_OP
        USING ERRCODE = 'KE001', HINT = 'Append a correcting event instead.';
END
$$;

CREATE TRIGGER production_events_only_grows
    BEFORE UPDATE OR DELETE OR TRUNCATE ON production_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_the_log();

-- ALWAYS: also where session_replication_role would switch ordinary triggers off.
ALTER TABLE production_events ENABLE ALWAYS TRIGGER production_events_only_grows;

-- Every command that was answered for good. A second delivery gets the first answer; the
-- refused ones are the scan log. The answer is bytes, because a scanned code may hold NUL.
CREATE TABLE commands (
    command_id   uuid PRIMARY KEY,
    command_type text NOT NULL,
    outcome      text NOT NULL,
    -- outcome is accepted or refused; a refusal has its kind here, what was accepted has null.
    refusal      text,
    -- Accepted: the kinds of fact it made.
    event_types  text[] NOT NULL DEFAULT '{}',
    -- The unit that it was about, as far as it was about one.
    unit_id      text COLLATE "C",
    answer       bytea NOT NULL,
    station_id   text COLLATE "C",
    operator_id  text COLLATE "C",
    -- What was scanned, control characters escaped.
    scanned      text,
    occurred_at  timestamptz NOT NULL,
    recorded_at  timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX commands_refused ON commands (recorded_at) WHERE outcome = 'refused';
-- What may still stop a station, and the scans that were ignored meanwhile.
CREATE INDEX commands_refused_at_a_station ON commands (station_id, refusal, recorded_at) WHERE outcome = 'refused';
CREATE INDEX commands_of_a_station ON commands (station_id, recorded_at) WHERE station_id IS NOT NULL;

-- What may be held by one unit only: a number in a job's run, an insert's serial.
CREATE TABLE claims (
    kind      text NOT NULL,
    key       text COLLATE "C" NOT NULL,
    holder    text COLLATE "C" NOT NULL,
    -- Set when another holder claims what is taken, which the constraint then refuses.
    contested boolean NOT NULL DEFAULT false,
    CONSTRAINT claims_pkey PRIMARY KEY (kind, key),
    CONSTRAINT claims_have_one_holder CHECK (NOT contested)
);

-- Two roles to be granted to whoever logs in: kiosk_station for kiosks, kiosk_reader for whoever only looks.
-- The owner of the tables is whoever migrates. Roles belong to the cluster, so they may be there already; they must be
-- where whoever migrates may not create roles.

DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['kiosk_station', 'kiosk_reader'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
                -- From Postgres 16 on whoever creates a role may grant it, but not work as it.
                EXECUTE format('GRANT %I TO CURRENT_USER', wanted);
            EXCEPTION
                WHEN duplicate_object OR unique_violation THEN
                    NULL;  -- another database of the cluster is migrated at this moment
                WHEN insufficient_privilege THEN
                    RAISE EXCEPTION 'the role % is missing and % may not create it; as a superuser: CREATE ROLE'
                        ' kiosk_station NOLOGIN; CREATE ROLE kiosk_reader NOLOGIN; GRANT kiosk_station TO %',
                        wanted, quote_ident(current_user), quote_ident(current_user) USING ERRCODE = '42501';
            END;
        END IF;
    END LOOP;
END
$$;

-- Nobody but the owner makes anything here: a temporary table of the log's name would be found before the log.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
DO $$
BEGIN
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END
$$;
GRANT USAGE ON SCHEMA public TO kiosk_station, kiosk_reader;

-- The log for people: as it is, but for what a PIN is checked against, which is for kiosks only.
CREATE VIEW events_for_readers AS
    SELECT sequence_num, transaction_id, aggregate_type, aggregate_id, aggregate_version, event_type, schema_version,
        CASE WHEN event_payload ? 'secret' THEN event_payload || '{"secret": {"salt": "", "digest": ""}}'
            ELSE event_payload END AS event_payload,
        occurred_at, recorded_at, operator_id, station_id, correlation_id,
        causation_id, command_id
    FROM production_events;

GRANT SELECT ON ALL TABLES IN SCHEMA public TO kiosk_station, kiosk_reader;
REVOKE SELECT ON production_events FROM kiosk_reader;
GRANT SELECT (sequence_num, transaction_id, aggregate_type, aggregate_id, aggregate_version, event_type, schema_version,
    occurred_at, recorded_at, operator_id, station_id, correlation_id, causation_id, command_id)
    ON production_events TO kiosk_reader;

-- Not the columns that the database fills in itself: when it was recorded, and its place in commit order.
GRANT INSERT (aggregate_type, aggregate_id, aggregate_version, event_type, schema_version, event_payload, occurred_at,
    operator_id, station_id, correlation_id, causation_id, command_id) ON production_events TO kiosk_station;
GRANT INSERT (command_id, command_type, outcome, refusal, event_types, unit_id, answer, station_id, operator_id, scanned,
    occurred_at) ON commands TO kiosk_station;
GRANT USAGE ON SEQUENCE production_events_sequence_num_seq TO kiosk_station;

-- UPDATE only for claims' own conflict check, DELETE for a number that a correction gives back.
GRANT INSERT, UPDATE (contested), DELETE ON claims TO kiosk_station;

GRANT INSERT, UPDATE, DELETE ON
    rm_card_units, rm_sheets, rm_assemblies, rm_jobs, rm_orders, rm_packs, rm_stations, rm_operators, rm_specs
    TO kiosk_station;

GRANT INSERT, UPDATE, DELETE ON station_presence, log_followers TO kiosk_station;

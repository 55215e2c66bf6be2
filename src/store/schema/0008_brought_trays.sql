-- From here on a set's stream says where its tray's label was read (TrayBrought), which an older program cannot read. The
-- version keeps such a program out by name, where it would else stumble over it in the middle of the work.

-- A station may write some columns of the log and of the answers only, which the server looked up column by column for every
-- scan. In a view of just these columns it looks once, and what the database says itself stays out of reach as before.

CREATE VIEW events_to_record AS
    SELECT aggregate_type, aggregate_id, aggregate_version, event_type, schema_version, event_payload, occurred_at,
        operator_id, station_id, correlation_id, causation_id, command_id, chain,
        -- Not to be written, as it is an expression; read back, it is the moment at which the event was recorded.
        recorded_at + interval '0' AS recorded_at
    FROM production_events;

CREATE VIEW answers_to_record AS
    SELECT command_id, command_type, outcome, refusal, event_types, unit_id, answer, station_id, operator_id, scanned,
        occurred_at
    FROM commands;

GRANT SELECT, INSERT ON events_to_record, answers_to_record TO kiosk_station;

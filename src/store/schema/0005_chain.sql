-- Every event is chained by a hash to the one before it in its stream; see store.chain. What was recorded
-- before is chained by the program that migrates, in the same transaction (store.evidence), and then no event
-- comes in without: a kiosk of the old version is refused, and changes nothing.

ALTER TABLE production_events ADD COLUMN chain bytea;

GRANT SELECT (chain) ON production_events TO kiosk_reader;
GRANT INSERT (chain) ON production_events TO kiosk_station;

CREATE OR REPLACE VIEW events_for_readers AS
    SELECT sequence_num, transaction_id, aggregate_type, aggregate_id, aggregate_version, event_type, schema_version,
        CASE WHEN event_payload ? 'secret' THEN event_payload || '{"secret": {"salt": "", "digest": ""}}'
            ELSE event_payload END AS event_payload,
        occurred_at, recorded_at, operator_id, station_id, correlation_id,
        causation_id, command_id, chain
    FROM production_events;

-- What stations held while the database was away and was refused on delivery, until somebody deals with it: the list
-- is read from the log (store.read_models.held_scans), and must stay short to read however long the log is.

CREATE INDEX held_scans_refused ON production_events (aggregate_id, sequence_num)
    WHERE event_type = 'HeldScanRefused';

CREATE INDEX held_scans_settled ON production_events (aggregate_id, (event_payload ->> 'held'))
    WHERE event_type = 'HeldScanSettled';

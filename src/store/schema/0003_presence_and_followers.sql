-- Who is at work now, and how far each follower of the log has read.

-- One row per kiosk process, written by it alone. Unlogged: a heartbeat must not wait for a flush, and
-- after a crash every living kiosk says again within seconds that it lives.
CREATE UNLOGGED TABLE station_presence (
    station_id   text COLLATE "C" NOT NULL,
    process      text NOT NULL,
    operator_id  text COLLATE "C",
    state        text NOT NULL,
    unit_in_hand text COLLATE "C",
    scans_held   integer NOT NULL DEFAULT 0,
    version      text NOT NULL,
    started_at   timestamptz NOT NULL DEFAULT now(),
    beat_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (station_id, process)
) WITH (fillfactor = 50);

-- xid8 values mean nothing in another cluster (a restored dump), so a checkpoint names its own.
CREATE TABLE log_followers (
    follower          text PRIMARY KEY,
    system_identifier bigint NOT NULL,
    transaction_id    xid8 NOT NULL,
    sequence_num      bigint NOT NULL,
    moved_at          timestamptz NOT NULL DEFAULT now()
);

-- Ground truth of simulated accounts, written by the simulator beside the hits it sends. Never read by a model.
CREATE TABLE simulate_truth (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    scenario text NOT NULL,
    seed bigint NOT NULL,
    visitor_token varchar(32) COLLATE "C" NOT NULL,
    transaction_id varchar(200),                          -- joins attrib_event_item
    converted timestamptz NOT NULL,
    revenue bigint NOT NULL DEFAULT 0,                    -- pence
    cause text NOT NULL                                   -- channel that caused it, or 'baseline'
);
CREATE INDEX simulate_truth_scenario ON simulate_truth (scenario, seed);

-- What each channel truly adds: conversions with all channels less conversions with that one switched off.
CREATE TABLE simulate_incremental (
    scenario text NOT NULL,
    seed bigint NOT NULL,
    channel text NOT NULL,
    touches bigint NOT NULL DEFAULT 0,
    conversions double precision NOT NULL,
    revenue double precision NOT NULL DEFAULT 0,          -- pence
    PRIMARY KEY (scenario, seed, channel)
);

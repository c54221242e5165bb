-- What training writes: which model an account's goal has, and its credits. All of a goal's rows are replaced in one
-- transaction, so a reader sees one model version. fm = modelled, lc = last click. Sales are conversions, which models
-- divide; revenue is in major units of the account's currency, exact to the penny. referer_id null = unattributed:
-- with it, fm and lc each sum to the goal's conversions and revenue, on every day.

CREATE TABLE report_model (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id integer NOT NULL REFERENCES attrib_product ON DELETE CASCADE,
    version text NOT NULL,                                -- <watermark>-<digest of the model file>
    model text NOT NULL,                                  -- what fm is: markov_1 .. markov_4
    trained timestamptz NOT NULL,
    window_from timestamptz NOT NULL,                     -- conversions from (inclusive)
    window_to timestamptz NOT NULL,                       -- ... to (exclusive)
    watermark timestamptz NOT NULL,                       -- newest visit or event that was read
    lookback_days integer NOT NULL,
    journeys bigint NOT NULL,
    conversions bigint NOT NULL,
    revenue numeric(16,2) NOT NULL,
    interval_level double precision NOT NULL,             -- nominal coverage of lower..upper
    metrics jsonb NOT NULL,
    bucket text NOT NULL,
    object_key text NOT NULL,
    sha256 text NOT NULL,                                 -- of the model file
    UNIQUE (product_id, version)
);
CREATE INDEX report_model_latest ON report_model (product_id, trained DESC);

CREATE TABLE report_channel (
    date date NOT NULL,                                   -- UTC day of the conversion, or of the visit
    product_id integer NOT NULL REFERENCES attrib_product ON DELETE CASCADE,
    referer_id integer REFERENCES attrib_referer ON DELETE RESTRICT,
    visits bigint NOT NULL DEFAULT 0,
    fm_sales numeric(14,4) NOT NULL DEFAULT 0,
    fm_revenue numeric(16,2) NOT NULL DEFAULT 0,
    lc_sales numeric(14,4) NOT NULL DEFAULT 0,
    lc_revenue numeric(16,2) NOT NULL DEFAULT 0,
    fm_sales_lower double precision,
    fm_sales_upper double precision,
    fm_sales_draws real[] NOT NULL DEFAULT '{}',          -- bootstrap replicates; they add up over days
    model text NOT NULL,
    model_version text NOT NULL,
    UNIQUE NULLS NOT DISTINCT (product_id, date, referer_id)
);

-- Every model's credits over the whole training window, for comparison.
CREATE TABLE report_channel_model (
    product_id integer NOT NULL REFERENCES attrib_product ON DELETE CASCADE,
    referer_id integer REFERENCES attrib_referer ON DELETE RESTRICT,
    model text NOT NULL,                                  -- first, last, ..., markov_1 .. markov_4, shapley
    sales numeric(14,4) NOT NULL,
    revenue numeric(16,2) NOT NULL,
    sales_lower double precision,
    sales_upper double precision,
    revenue_lower double precision,
    revenue_upper double precision,
    model_version text NOT NULL,
    UNIQUE NULLS NOT DISTINCT (product_id, model, referer_id)
);

-- Converting journeys as the models saw them.
CREATE TABLE report_conversion (
    product_id integer NOT NULL REFERENCES attrib_product ON DELETE CASCADE,
    event_item_id bigint NOT NULL,
    visitor_id bigint NOT NULL,
    time timestamptz NOT NULL,
    revenue bigint NOT NULL,                              -- pence
    touches integer NOT NULL,                             -- 0 = unattributed in every model
    PRIMARY KEY (product_id, event_item_id)
);
CREATE INDEX report_conversion_visitor ON report_conversion (visitor_id, time);

-- Their touches, oldest first, and the share of the one conversion that each model gives each. For Markov and Shapley,
-- which are defined for channels and not for touches, it is the channel's effect shared among the journey's touches.
CREATE TABLE report_touch (
    product_id integer NOT NULL,
    event_item_id bigint NOT NULL,
    position integer NOT NULL,
    visit_id bigint NOT NULL,
    referer_id integer NOT NULL,
    time timestamptz NOT NULL,
    credits json NOT NULL,                                -- {"first": 0, "markov_1": 0.41, ...}
    PRIMARY KEY (product_id, event_item_id, position),
    FOREIGN KEY (product_id, event_item_id) REFERENCES report_conversion ON DELETE CASCADE
);

-- The channel report of a range of days (both inclusive), largest modelled credit first, unattributed (null) last.
-- The interval is that of the sum, from the replicates' sums: adding the days' own bounds would be too wide.
CREATE FUNCTION report_channel_range(goal integer, day_from date, day_to date)
RETURNS TABLE (referer_id integer, channel text, visits bigint, fm_sales numeric, fm_revenue numeric,
               lc_sales numeric, lc_revenue numeric, fm_sales_lower double precision, fm_sales_upper double precision)
LANGUAGE sql STABLE AS $$
    WITH sums AS (
        SELECT r.referer_id, sum(r.visits)::bigint AS visits, sum(r.fm_sales) AS fm_sales,
               sum(r.fm_revenue) AS fm_revenue, sum(r.lc_sales) AS lc_sales, sum(r.lc_revenue) AS lc_revenue
        FROM report_channel r WHERE r.product_id = goal AND r.date BETWEEN day_from AND day_to
        GROUP BY r.referer_id
    ), draws AS (
        SELECT r.referer_id, d.replicate, sum(d.sales::double precision) AS sales
        FROM report_channel r CROSS JOIN LATERAL unnest(r.fm_sales_draws) WITH ORDINALITY AS d (sales, replicate)
        WHERE r.product_id = goal AND r.date BETWEEN day_from AND day_to AND r.referer_id IS NOT NULL
        GROUP BY r.referer_id, d.replicate
    ), bounds AS (
        SELECT d.referer_id,
               percentile_cont((1 - coalesce(m.interval_level, 0.9)) / 2) WITHIN GROUP (ORDER BY d.sales) AS lower,
               percentile_cont((1 + coalesce(m.interval_level, 0.9)) / 2) WITHIN GROUP (ORDER BY d.sales) AS upper
        FROM draws d LEFT JOIN LATERAL (SELECT interval_level FROM report_model WHERE product_id = goal
                                        ORDER BY trained DESC, id DESC LIMIT 1) m ON true
        GROUP BY d.referer_id, m.interval_level
    )
    SELECT s.referer_id, c.name, s.visits, s.fm_sales, s.fm_revenue, s.lc_sales, s.lc_revenue, b.lower, b.upper
    FROM sums s LEFT JOIN attrib_referer c ON c.id = s.referer_id LEFT JOIN bounds b ON b.referer_id = s.referer_id
    ORDER BY s.referer_id IS NULL, s.fm_sales DESC, c.name
$$;

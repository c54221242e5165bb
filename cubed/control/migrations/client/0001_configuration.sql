-- One client's configuration: channels ("referer" in table names, as ever), their patterns, events, goals
-- ("product" in table names). Soft deletes: active = false.
CREATE FUNCTION touch_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated := clock_timestamp();
    RETURN NEW;
END $$;

CREATE TABLE attrib_referer (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    paid boolean NOT NULL DEFAULT false,
    active boolean NOT NULL DEFAULT true,
    created timestamptz NOT NULL DEFAULT now(),
    updated timestamptz NOT NULL DEFAULT now()
);

-- A pattern belongs to one channel. All of its conditions that are not null must hold (RE2 syntax, whole
-- values are searched, case-insensitive). The account's own patterns come before the defaults; within each, by
-- position, then id. `pattern` is tested against the referrer with the forwarded parameters appended.
CREATE TABLE attrib_pattern (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    referer_id integer NOT NULL REFERENCES attrib_referer ON DELETE RESTRICT,
    pattern varchar(200),
    source varchar(200),
    medium varchar(200),
    campaign varchar(200),
    category varchar(40),                                 -- class of the source: search, social, video, ...
    is_default boolean NOT NULL DEFAULT false,
    position integer NOT NULL DEFAULT 100,
    active boolean NOT NULL DEFAULT true,
    rejected text,                                        -- why the DPS does not use it; null when it does
    created timestamptz NOT NULL DEFAULT now(),
    updated timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX attrib_pattern_updated ON attrib_pattern (updated);

CREATE TABLE attrib_event (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,                -- exact, case-sensitive
    display_name text NOT NULL,
    configured boolean NOT NULL DEFAULT true,             -- false: seen in hits, set up by nobody yet
    active boolean NOT NULL DEFAULT true,
    created timestamptz NOT NULL DEFAULT now(),
    updated timestamptz NOT NULL DEFAULT now()
);

-- A goal. Reaching any of its events completes it; conversions are unique by transaction id where there is one.
CREATE TABLE attrib_product (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    type text NOT NULL DEFAULT 'ecommerce' CHECK (type IN ('ecommerce', 'lead', 'propensity')),
    lookback_days integer NOT NULL DEFAULT 30 CHECK (lookback_days BETWEEN 1 AND 400),
    active boolean NOT NULL DEFAULT true,
    created timestamptz NOT NULL DEFAULT now(),
    updated timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE attrib_product_event (
    product_id integer NOT NULL REFERENCES attrib_product ON DELETE CASCADE,
    event_id integer NOT NULL REFERENCES attrib_event ON DELETE RESTRICT,
    PRIMARY KEY (product_id, event_id)
);

CREATE TRIGGER attrib_referer_updated BEFORE UPDATE ON attrib_referer
    FOR EACH ROW EXECUTE FUNCTION touch_updated();
CREATE TRIGGER attrib_pattern_updated BEFORE UPDATE ON attrib_pattern
    FOR EACH ROW EXECUTE FUNCTION touch_updated();
CREATE TRIGGER attrib_event_updated BEFORE UPDATE ON attrib_event
    FOR EACH ROW EXECUTE FUNCTION touch_updated();
CREATE TRIGGER attrib_product_updated BEFORE UPDATE ON attrib_product
    FOR EACH ROW EXECUTE FUNCTION touch_updated();

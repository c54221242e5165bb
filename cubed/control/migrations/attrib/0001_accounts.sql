-- The central database: which accounts exist, where their data lives, what their collectors must know.
CREATE TABLE attrib_account (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token text COLLATE "C" NOT NULL UNIQUE,               -- c-a-<name>-<location>
    name text NOT NULL,                                   -- for people
    domain text NOT NULL,                                 -- registrable domain of the client's site
    database_name text NOT NULL UNIQUE,                   -- cubed_a_<name>_<location>
    database_secret text NOT NULL,                        -- Secrets Manager name of the database's credentials
    queue_name text NOT NULL UNIQUE,                      -- visscore_main_<token>
    simulated boolean NOT NULL DEFAULT false,             -- hits may carry event times of the past
    active boolean NOT NULL DEFAULT true,
    maintenance timestamptz,                              -- set: collect nothing until it is cleared
    currency text NOT NULL DEFAULT 'GBP',
    time_zone text NOT NULL DEFAULT 'Europe/London',
    session_idle_seconds integer NOT NULL DEFAULT 1800 CHECK (session_idle_seconds BETWEEN 60 AND 86400),
    late_days integer NOT NULL DEFAULT 7 CHECK (late_days BETWEEN 0 AND 400),
    settings jsonb NOT NULL DEFAULT '{}',
    created timestamptz NOT NULL DEFAULT now(),
    updated timestamptz NOT NULL DEFAULT now()
);

-- Further domains of the same client: not a referrer, and allowed to collect.
CREATE TABLE attrib_account_domain (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES attrib_account ON DELETE CASCADE,
    domain text NOT NULL,
    UNIQUE (account_id, domain)
);

CREATE TABLE attrib_blocked_ip (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES attrib_account ON DELETE CASCADE,
    range cidr NOT NULL,
    note text NOT NULL DEFAULT '',
    created timestamptz NOT NULL DEFAULT now(),
    UNIQUE (account_id, range)
);

CREATE TABLE attrib_blocked_visitor (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES attrib_account ON DELETE CASCADE,
    visitor_token text COLLATE "C" NOT NULL,
    note text NOT NULL DEFAULT '',
    created timestamptz NOT NULL DEFAULT now(),
    UNIQUE (account_id, visitor_token)
);

-- People who sign in to Dash. The password itself lives in Secrets Manager.
CREATE TABLE attrib_user (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL UNIQUE,
    name text NOT NULL DEFAULT '',
    staff boolean NOT NULL DEFAULT false,                 -- staff may open every account
    password_secret text NOT NULL,
    active boolean NOT NULL DEFAULT true,
    created timestamptz NOT NULL DEFAULT now(),
    updated timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE attrib_user_account (
    user_id bigint NOT NULL REFERENCES attrib_user ON DELETE CASCADE,
    account_id bigint NOT NULL REFERENCES attrib_account ON DELETE CASCADE,
    PRIMARY KEY (user_id, account_id)
);

-- Collectors re-read an account when `updated` moves, so no writer may forget to move it.
CREATE FUNCTION touch_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated := clock_timestamp();
    RETURN NEW;
END $$;

CREATE FUNCTION touch_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE attrib_account SET active = active WHERE id = OLD.account_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        UPDATE attrib_account SET active = active WHERE id = NEW.account_id;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER attrib_account_updated BEFORE UPDATE ON attrib_account
    FOR EACH ROW EXECUTE FUNCTION touch_updated();
CREATE TRIGGER attrib_user_updated BEFORE UPDATE ON attrib_user
    FOR EACH ROW EXECUTE FUNCTION touch_updated();
CREATE TRIGGER attrib_account_domain_changed AFTER INSERT OR UPDATE OR DELETE ON attrib_account_domain
    FOR EACH ROW EXECUTE FUNCTION touch_account();
CREATE TRIGGER attrib_blocked_ip_changed AFTER INSERT OR UPDATE OR DELETE ON attrib_blocked_ip
    FOR EACH ROW EXECUTE FUNCTION touch_account();
CREATE TRIGGER attrib_blocked_visitor_changed AFTER INSERT OR UPDATE OR DELETE ON attrib_blocked_visitor
    FOR EACH ROW EXECUTE FUNCTION touch_account();

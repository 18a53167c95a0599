-- Who may do what with an event log on PostgreSQL. `carefold journal init` runs this after journal-postgres.sql, and again
-- whenever it is called, with {schema} replaced by the schema's name.
--
-- The roles are groups: nobody signs in as one of them. An operator grants them to the roles that programs sign in with,
-- as in GRANT carefold_server TO carefold. Roles belong to the whole cluster and may have been made with another log.
DO $roles$
DECLARE
  missing text;
BEGIN
  FOREACH missing IN ARRAY ARRAY['carefold_server', 'carefold_reader'] LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = missing) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN', missing);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        -- Another log of this cluster is being made at this moment.
        NULL;
      END;
    END IF;
  END LOOP;
END
$roles$;

-- Neither may touch the tables but by reading; the server appends with the rights of append()'s owner.
GRANT USAGE ON SCHEMA {schema} TO carefold_server, carefold_reader;
GRANT SELECT ON {schema}.event, {schema}.log_head TO carefold_server, carefold_reader;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {schema}.append TO carefold_server;

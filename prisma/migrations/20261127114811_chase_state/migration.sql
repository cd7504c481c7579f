-- AlterTable
ALTER TABLE "run" ADD COLUMN     "context" TEXT NOT NULL DEFAULT '';

-- CreateTable
CREATE TABLE "chase_state" (
    "book_id" INTEGER NOT NULL,
    "customer_id" TEXT NOT NULL,
    "next_on" DATE,
    "digest" TEXT NOT NULL,
    "remind" INTEGER NOT NULL,
    "task" INTEGER NOT NULL,
    "wait" INTEGER NOT NULL,
    "hold" INTEGER NOT NULL,
    "none" INTEGER NOT NULL,

    CONSTRAINT "chase_state_pkey" PRIMARY KEY ("book_id","customer_id")
);

-- CreateTable
CREATE TABLE "fact_change" (
    "id" BIGSERIAL NOT NULL,
    "book_id" INTEGER NOT NULL,
    "customer_id" TEXT,
    "is_assessed" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "fact_change_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "chase_state_book_id_next_on_idx" ON "chase_state"("book_id", "next_on");

-- CreateIndex
CREATE INDEX "fact_change_book_id_customer_id_idx" ON "fact_change"("book_id", "customer_id");

-- Whoever writes a fact that the rules read, its customer is noted in the same transaction: a change
-- cannot be forgotten by a writer. Once for each statement and customer, never row by row.
-- A book that has not finished a run is not noted down: its first two runs look at everybody.

-- Tables with a customer_id. The argument: whether it is the assessment's own product.
CREATE FUNCTION note_fact_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO fact_change (book_id, customer_id, is_assessed)
    SELECT DISTINCT c.book_id, c.customer_id, TG_ARGV[0]::boolean FROM became c
    WHERE c.customer_id IS NOT NULL
      AND EXISTS (SELECT FROM run r WHERE r.book_id = c.book_id AND r.state = 'done');
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO fact_change (book_id, customer_id, is_assessed)
    SELECT DISTINCT c.book_id, c.customer_id, TG_ARGV[0]::boolean FROM was c
    WHERE c.customer_id IS NOT NULL
      AND EXISTS (SELECT FROM run r WHERE r.book_id = c.book_id AND r.state = 'done');
  ELSE
    INSERT INTO fact_change (book_id, customer_id, is_assessed)
    SELECT c.book_id, c.customer_id, TG_ARGV[0]::boolean
    FROM (SELECT book_id, customer_id FROM was UNION SELECT book_id, customer_id FROM became) c
    WHERE c.customer_id IS NOT NULL
      AND EXISTS (SELECT FROM run r WHERE r.book_id = c.book_id AND r.state = 'done');
  END IF;
  RETURN NULL;
END $$;

-- A customer's own row: whoever it is, or was, billed through is concerned as well.
CREATE FUNCTION note_customer_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO fact_change (book_id, customer_id)
    SELECT DISTINCT c.book_id, m.id
    FROM became c CROSS JOIN LATERAL (VALUES (c.id), (c.parent_id), (c.merged_into_id)) AS m(id)
    WHERE m.id IS NOT NULL
      AND EXISTS (SELECT FROM run r WHERE r.book_id = c.book_id AND r.state = 'done');
  ELSE
    INSERT INTO fact_change (book_id, customer_id)
    SELECT DISTINCT c.book_id, m.id
    FROM (SELECT book_id, id, parent_id, merged_into_id FROM was
          UNION SELECT book_id, id, parent_id, merged_into_id FROM became) c
    CROSS JOIN LATERAL (VALUES (c.id), (c.parent_id), (c.merged_into_id)) AS m(id)
    WHERE m.id IS NOT NULL
      AND EXISTS (SELECT FROM run r WHERE r.book_id = c.book_id AND r.state = 'done');
  END IF;
  RETURN NULL;
END $$;

-- A message that a run just wrote changes no answer: it is the answer. A task, once given, does.
CREATE FUNCTION note_action_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO fact_change (book_id, customer_id, is_assessed)
    SELECT DISTINCT c.book_id, c.customer_id, true FROM became c
    WHERE NOT (c.channel = 'email' AND c.state IN ('proposed', 'planned'))
      AND EXISTS (SELECT FROM run r WHERE r.book_id = c.book_id AND r.state = 'done');
  ELSE
    INSERT INTO fact_change (book_id, customer_id, is_assessed)
    SELECT DISTINCT c.book_id, c.customer_id, true
    FROM became c JOIN was w ON w.id = c.id
    WHERE (c.state, c.state_reason, c.approved_at, c.planned_on)
        IS DISTINCT FROM (w.state, w.state_reason, w.approved_at, w.planned_on)
      AND EXISTS (SELECT FROM run r WHERE r.book_id = c.book_id AND r.state = 'done');
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER noted_insert AFTER INSERT ON customer REFERENCING NEW TABLE AS became
  FOR EACH STATEMENT EXECUTE FUNCTION note_customer_change();
CREATE TRIGGER noted_update AFTER UPDATE ON customer REFERENCING OLD TABLE AS was NEW TABLE AS became
  FOR EACH STATEMENT EXECUTE FUNCTION note_customer_change();

CREATE TRIGGER noted_insert AFTER INSERT ON invoice REFERENCING NEW TABLE AS became
  FOR EACH STATEMENT EXECUTE FUNCTION note_fact_change('false');
CREATE TRIGGER noted_update AFTER UPDATE ON invoice REFERENCING OLD TABLE AS was NEW TABLE AS became
  FOR EACH STATEMENT EXECUTE FUNCTION note_fact_change('false');

CREATE TRIGGER noted_insert AFTER INSERT ON credit REFERENCING NEW TABLE AS became
  FOR EACH STATEMENT EXECUTE FUNCTION note_fact_change('false');
CREATE TRIGGER noted_update AFTER UPDATE ON credit REFERENCING OLD TABLE AS was NEW TABLE AS became
  FOR EACH STATEMENT EXECUTE FUNCTION note_fact_change('false');

CREATE TRIGGER noted_insert AFTER INSERT ON payment REFERENCING NEW TABLE AS became
  FOR EACH STATEMENT EXECUTE FUNCTION note_fact_change('false');
CREATE TRIGGER noted_update AFTER UPDATE ON payment REFERENCING OLD TABLE AS was NEW TABLE AS became
  FOR EACH STATEMENT EXECUTE FUNCTION note_fact_change('false');

CREATE TRIGGER noted_insert AFTER INSERT ON customer_setting REFERENCING NEW TABLE AS became
  FOR EACH STATEMENT EXECUTE FUNCTION note_fact_change('false');
CREATE TRIGGER noted_update AFTER UPDATE ON customer_setting REFERENCING OLD TABLE AS was NEW TABLE AS became
  FOR EACH STATEMENT EXECUTE FUNCTION note_fact_change('false');
CREATE TRIGGER noted_delete AFTER DELETE ON customer_setting REFERENCING OLD TABLE AS was
  FOR EACH STATEMENT EXECUTE FUNCTION note_fact_change('false');

CREATE TRIGGER noted_insert AFTER INSERT ON hold REFERENCING NEW TABLE AS became
  FOR EACH STATEMENT EXECUTE FUNCTION note_fact_change('false');
CREATE TRIGGER noted_update AFTER UPDATE ON hold REFERENCING OLD TABLE AS was NEW TABLE AS became
  FOR EACH STATEMENT EXECUTE FUNCTION note_fact_change('false');
CREATE TRIGGER noted_delete AFTER DELETE ON hold REFERENCING OLD TABLE AS was
  FOR EACH STATEMENT EXECUTE FUNCTION note_fact_change('false');

CREATE TRIGGER noted_insert AFTER INSERT ON flag REFERENCING NEW TABLE AS became
  FOR EACH STATEMENT EXECUTE FUNCTION note_fact_change('true');
CREATE TRIGGER noted_update AFTER UPDATE ON flag REFERENCING OLD TABLE AS was NEW TABLE AS became
  FOR EACH STATEMENT EXECUTE FUNCTION note_fact_change('true');

CREATE TRIGGER noted_insert AFTER INSERT ON action REFERENCING NEW TABLE AS became
  FOR EACH STATEMENT EXECUTE FUNCTION note_action_change();
CREATE TRIGGER noted_update AFTER UPDATE ON action REFERENCING OLD TABLE AS was NEW TABLE AS became
  FOR EACH STATEMENT EXECUTE FUNCTION note_action_change();

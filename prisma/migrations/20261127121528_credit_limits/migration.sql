-- AlterTable
ALTER TABLE "book" ADD COLUMN     "flag_notes" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "credit_limit" (
    "id" SERIAL NOT NULL,
    "book_id" INTEGER NOT NULL,
    "customer_id" TEXT,
    "currency" TEXT NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "insured_minor" BIGINT,
    "from_on" DATE NOT NULL,
    "until_on" DATE,
    "set_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "credit_limit_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "external_rating" (
    "id" SERIAL NOT NULL,
    "book_id" INTEGER NOT NULL,
    "customer_id" TEXT NOT NULL,
    "grade" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "rated_on" DATE NOT NULL,
    "set_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "external_rating_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "book_habit" (
    "book_id" INTEGER NOT NULL,
    "currency" TEXT NOT NULL,
    "as_on" DATE NOT NULL,
    "matured_count" INTEGER NOT NULL,
    "late_count" INTEGER NOT NULL,
    "days_late" INTEGER NOT NULL,
    "billed_minor" BIGINT NOT NULL,
    "customers" INTEGER NOT NULL,

    CONSTRAINT "book_habit_pkey" PRIMARY KEY ("book_id","currency")
);

-- CreateIndex
CREATE INDEX "credit_limit_book_id_customer_id_idx" ON "credit_limit"("book_id", "customer_id");

-- CreateIndex
CREATE INDEX "external_rating_book_id_customer_id_idx" ON "external_rating"("book_id", "customer_id");

-- What assess says of a customer may be a condition of a policy: a new answer is a changed fact for the
-- decisions, and the assessment's own product. That only the day of the next look moved is none.
CREATE FUNCTION note_risk_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO fact_change (book_id, customer_id, is_assessed)
    SELECT c.book_id, c.customer_id, true FROM became c
    WHERE EXISTS (SELECT FROM run r WHERE r.book_id = c.book_id AND r.state = 'done');
  ELSE
    INSERT INTO fact_change (book_id, customer_id, is_assessed)
    SELECT c.book_id, c.customer_id, true
    FROM became c JOIN was w ON w.book_id = c.book_id AND w.customer_id = c.customer_id
    WHERE (c.score, c.grade, c.segment) IS DISTINCT FROM (w.score, w.grade, w.segment)
      AND EXISTS (SELECT FROM run r WHERE r.book_id = c.book_id AND r.state = 'done');
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER noted_insert AFTER INSERT ON customer_risk REFERENCING NEW TABLE AS became
  FOR EACH STATEMENT EXECUTE FUNCTION note_risk_change();
CREATE TRIGGER noted_update AFTER UPDATE ON customer_risk REFERENCING OLD TABLE AS was NEW TABLE AS became
  FOR EACH STATEMENT EXECUTE FUNCTION note_risk_change();

-- CreateTable
CREATE TABLE "late_fee_terms" (
    "id" SERIAL NOT NULL,
    "book_id" INTEGER NOT NULL,
    "customer_id" TEXT,
    "choice" JSONB NOT NULL,
    "country" TEXT,
    "confirmation" TEXT NOT NULL,
    "confirmed_by" TEXT NOT NULL,
    "confirmed_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "ended_by" TEXT,

    CONSTRAINT "late_fee_terms_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "charge" (
    "id" SERIAL NOT NULL,
    "book_id" INTEGER NOT NULL,
    "customer_id" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "terms_id" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "state_reason" TEXT,
    "as_on" DATE NOT NULL,
    "interest_minor" BIGINT NOT NULL,
    "compensation_minor" BIGINT NOT NULL,
    "total_minor" BIGINT NOT NULL,
    "lines" JSONB NOT NULL,
    "working" TEXT[],
    "proposed_by" TEXT NOT NULL,
    "proposed_at" TIMESTAMPTZ(3) NOT NULL,
    "decided_by" TEXT,
    "decided_at" TIMESTAMPTZ(3),

    CONSTRAINT "charge_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "late_fee_terms_book_id_customer_id_idx" ON "late_fee_terms"("book_id", "customer_id");

-- CreateIndex
CREATE INDEX "charge_book_id_customer_id_idx" ON "charge"("book_id", "customer_id");

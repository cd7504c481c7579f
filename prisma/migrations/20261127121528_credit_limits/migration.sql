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

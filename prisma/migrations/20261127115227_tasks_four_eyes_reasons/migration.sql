-- AlterTable
ALTER TABLE "action" ADD COLUMN     "approvals_needed" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN     "follow_up_on" DATE,
ADD COLUMN     "follows_id" UUID,
ADD COLUMN     "outcome_at" TIMESTAMPTZ(3),
ADD COLUMN     "outcome_by" TEXT,
ADD COLUMN     "outcome_code" TEXT,
ADD COLUMN     "outcome_note" TEXT;

-- CreateTable
CREATE TABLE "action_approval" (
    "action_id" UUID NOT NULL,
    "person" TEXT NOT NULL,
    "by" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "action_approval_pkey" PRIMARY KEY ("action_id","person")
);

-- CreateTable
CREATE TABLE "payment_reason" (
    "id" BIGSERIAL NOT NULL,
    "book_id" INTEGER NOT NULL,
    "customer_id" TEXT NOT NULL,
    "invoice_id" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "currency" TEXT NOT NULL,
    "note" TEXT,
    "by" TEXT NOT NULL,
    "given_on" DATE NOT NULL,
    "action_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "payment_reason_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "payment_reason_book_id_given_on_idx" ON "payment_reason"("book_id", "given_on");

-- CreateIndex
CREATE INDEX "payment_reason_book_id_invoice_id_idx" ON "payment_reason"("book_id", "invoice_id");

-- AddForeignKey
ALTER TABLE "action_approval" ADD CONSTRAINT "action_approval_action_id_fkey" FOREIGN KEY ("action_id") REFERENCES "action"("id") ON DELETE CASCADE ON UPDATE CASCADE;

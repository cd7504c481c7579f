-- AlterTable
ALTER TABLE "book" ADD COLUMN     "assessed_by" TEXT,
ADD COLUMN     "assessed_on" DATE;

-- CreateIndex
CREATE INDEX "customer_risk_book_id_next_on_idx" ON "customer_risk"("book_id", "next_on");

-- CreateTable
CREATE TABLE "customer_risk" (
    "book_id" INTEGER NOT NULL,
    "customer_id" TEXT NOT NULL,
    "as_on" DATE NOT NULL,
    "score" INTEGER,
    "grade" TEXT,
    "segment" TEXT,
    "detail" JSONB NOT NULL DEFAULT '{}',
    "digest" TEXT NOT NULL,
    "next_on" DATE,

    CONSTRAINT "customer_risk_pkey" PRIMARY KEY ("book_id","customer_id")
);

-- CreateIndex
CREATE INDEX "customer_risk_book_id_segment_idx" ON "customer_risk"("book_id", "segment");

-- CreateTable
CREATE TABLE "call_count" (
    "key" TEXT NOT NULL,
    "count" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "call_count_pkey" PRIMARY KEY ("key")
);

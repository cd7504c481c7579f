-- CreateTable
CREATE TABLE "bounce" (
    "id" BIGSERIAL NOT NULL,
    "book_id" INTEGER NOT NULL,
    "customer_id" TEXT NOT NULL,
    "action_id" UUID NOT NULL,
    "address" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "status" TEXT,
    "words" TEXT NOT NULL,
    "reported_at" TIMESTAMPTZ(3) NOT NULL,
    "cleared_at" TIMESTAMPTZ(3),
    "cleared_by" TEXT,

    CONSTRAINT "bounce_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alive_span" (
    "id" SERIAL NOT NULL,
    "from_at" TIMESTAMPTZ(3) NOT NULL,
    "until_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "alive_span_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "bounce_book_id_customer_id_idx" ON "bounce"("book_id", "customer_id");

-- CreateIndex
CREATE UNIQUE INDEX "bounce_action_id_address_kind_key" ON "bounce"("action_id", "address", "kind");

-- AddForeignKey
ALTER TABLE "bounce" ADD CONSTRAINT "bounce_action_id_fkey" FOREIGN KEY ("action_id") REFERENCES "action"("id") ON DELETE CASCADE ON UPDATE CASCADE;

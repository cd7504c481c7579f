-- CreateTable
CREATE TABLE "hand_over" (
    "id" SERIAL NOT NULL,
    "book_id" INTEGER NOT NULL,
    "customer_id" TEXT NOT NULL,
    "action_id" UUID NOT NULL,
    "agency" TEXT NOT NULL,
    "reference" TEXT,
    "currency" TEXT NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "handed_on" DATE NOT NULL,
    "handed_by" TEXT NOT NULL,
    "returned_on" DATE,
    "returned_by" TEXT,
    "return_reason" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "hand_over_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "book_sender" (
    "book_id" INTEGER NOT NULL,
    "level" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "title" TEXT,
    "email" TEXT,
    "signature" TEXT,

    CONSTRAINT "book_sender_pkey" PRIMARY KEY ("book_id","level")
);

-- CreateIndex
CREATE UNIQUE INDEX "hand_over_action_id_key" ON "hand_over"("action_id");

-- CreateIndex
CREATE INDEX "hand_over_book_id_customer_id_idx" ON "hand_over"("book_id", "customer_id");

-- AddForeignKey
ALTER TABLE "hand_over" ADD CONSTRAINT "hand_over_action_id_fkey" FOREIGN KEY ("action_id") REFERENCES "action"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "book_sender" ADD CONSTRAINT "book_sender_book_id_fkey" FOREIGN KEY ("book_id") REFERENCES "book"("id") ON DELETE CASCADE ON UPDATE CASCADE;

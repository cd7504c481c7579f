-- AlterTable
ALTER TABLE "action" ADD COLUMN     "attach_statement" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "deadline_on" DATE,
ADD COLUMN     "reference" TEXT;

-- AlterTable
ALTER TABLE "book" ADD COLUMN     "payment_details" TEXT,
ADD COLUMN     "postal_address" TEXT;

-- AlterTable
ALTER TABLE "customer_setting" ADD COLUMN     "legal_form" TEXT,
ADD COLUMN     "postal_address" TEXT;

-- CreateTable
CREATE TABLE "document" (
    "id" UUID NOT NULL,
    "book_id" INTEGER NOT NULL,
    "customer_id" TEXT NOT NULL,
    "action_id" UUID,
    "kind" TEXT NOT NULL,
    "filename" TEXT NOT NULL,
    "content_type" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "bytes" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "document_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "document_book_id_customer_id_idx" ON "document"("book_id", "customer_id");

-- CreateIndex
CREATE UNIQUE INDEX "document_action_id_sha256_key" ON "document"("action_id", "sha256");

-- AddForeignKey
ALTER TABLE "document" ADD CONSTRAINT "document_book_id_fkey" FOREIGN KEY ("book_id") REFERENCES "book"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "document" ADD CONSTRAINT "document_action_id_fkey" FOREIGN KEY ("action_id") REFERENCES "action"("id") ON DELETE CASCADE ON UPDATE CASCADE;

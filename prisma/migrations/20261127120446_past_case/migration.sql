-- AlterTable
ALTER TABLE "chase_state" ADD COLUMN     "facts" TEXT NOT NULL,
ADD COLUMN     "run_id" INTEGER NOT NULL;

-- CreateTable
CREATE TABLE "past_case" (
    "book_id" INTEGER NOT NULL,
    "customer_id" TEXT NOT NULL,
    "run_id" INTEGER NOT NULL,
    "facts" TEXT NOT NULL,

    CONSTRAINT "past_case_pkey" PRIMARY KEY ("book_id","customer_id","run_id")
);

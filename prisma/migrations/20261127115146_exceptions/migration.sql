-- AlterTable
ALTER TABLE "hold" ADD COLUMN     "approved_at" TIMESTAMPTZ(3),
ADD COLUMN     "approved_by" TEXT,
ADD COLUMN     "created_by" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "ended_because" TEXT,
ADD COLUMN     "ended_by" TEXT,
ADD COLUMN     "invoice_ids" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "needs_approval" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "terms" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "told_state" TEXT;

-- The one invoice becomes a list of one. Promises and plans had no amounts yet: they go on as the
-- plain holds they were.
UPDATE "hold" SET "invoice_ids" = ARRAY["invoice_id"] WHERE "invoice_id" IS NOT NULL;
UPDATE "hold" SET "terms" = '{"reason":"other_dispute","part":null,"resolution":null}' WHERE "kind" = 'dispute';
UPDATE "hold" SET "kind" = 'manual' WHERE "kind" IN ('promise', 'plan');
ALTER TABLE "hold" DROP COLUMN "invoice_id";

-- AlterTable
ALTER TABLE "note" ADD COLUMN     "expected_pay_on" DATE;

-- AlterTable
ALTER TABLE "action" ADD COLUMN     "stopped_by" TEXT;

-- AlterTable
ALTER TABLE "book" DROP COLUMN "default_limit_minor";

-- AlterTable
ALTER TABLE "customer_setting" DROP COLUMN "credit_limit_minor";

-- Disputes give a reason for not paying like any other: those raised before are taken down with what they contest.
INSERT INTO "payment_reason" ("book_id", "customer_id", "invoice_id", "code", "amount_minor", "currency", "note", "by", "given_on", "created_at")
SELECT h."book_id", i."customer_id", i."id", h."terms"->>'reason',
       coalesce((h."terms"->'part'->>'amountMinor')::bigint, CASE i."status" WHEN 'open' THEN i."open_minor" ELSE i."total_minor" END),
       i."currency", h."reason", h."owner", h."from_on", h."created_at"
  FROM "hold" h
 CROSS JOIN unnest(h."invoice_ids") AS named(invoice_id)
  JOIN "invoice" i ON i."book_id" = h."book_id" AND i."id" = named.invoice_id
 WHERE h."kind" = 'dispute' AND h."terms"->>'reason' IS NOT NULL
   AND NOT EXISTS (SELECT FROM "payment_reason" r
                    WHERE r."book_id" = h."book_id" AND r."invoice_id" = i."id" AND r."given_on" = h."from_on");

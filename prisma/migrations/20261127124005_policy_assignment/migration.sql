-- CreateTable
CREATE TABLE "policy_assignment" (
    "book_id" INTEGER NOT NULL,
    "scope" TEXT NOT NULL,
    "scope_id" TEXT NOT NULL,
    "policy_id" INTEGER NOT NULL,
    "author" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "policy_assignment_pkey" PRIMARY KEY ("book_id","scope","scope_id")
);

-- AddForeignKey
ALTER TABLE "policy_assignment" ADD CONSTRAINT "policy_assignment_book_id_fkey" FOREIGN KEY ("book_id") REFERENCES "book"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "policy_assignment" ADD CONSTRAINT "policy_assignment_policy_id_fkey" FOREIGN KEY ("policy_id") REFERENCES "policy"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What was assigned until now
INSERT INTO "policy_assignment" ("book_id", "scope", "scope_id", "policy_id", "author", "at")
SELECT "id", 'book', '', "policy_id", 'duebook', "updated_at" FROM "book" WHERE "policy_id" IS NOT NULL;

INSERT INTO "policy_assignment" ("book_id", "scope", "scope_id", "policy_id", "author", "at")
SELECT s."book_id", 'customer', s."customer_id", s."policy_id", 'duebook', b."updated_at"
  FROM "customer_setting" s
  JOIN "book" b ON b."id" = s."book_id"
  JOIN "policy" p ON p."id" = s."policy_id"
 WHERE s."policy_id" IS NOT NULL;

-- The moment of a step was written as days from the due date
UPDATE "policy_version"
   SET "text" = regexp_replace(regexp_replace(regexp_replace("text",
         'offsetDays: *0\M', 'at: on due', 'g'),
         'offsetDays: *-(\d+)', 'at: \1 days before due', 'g'),
         'offsetDays: *\+?(\d+)', 'at: \1 days after due', 'g');

-- A budget stood among the spacings
UPDATE "policy_version"
   SET "text" = regexp_replace("text", '(\n +)messagesPer7Days: *\d+[^\n]*', '', 'g')
                || E'\nbudgets:\n  messagesPer7Days: '
                || substring("text" from 'messagesPer7Days: *(\d+)') || E'\n'
 WHERE "text" ~ '\n +messagesPer7Days: *\d+';

UPDATE "policy_version" SET "digest" = encode(sha256(convert_to("text", 'UTF8')), 'hex');

-- DropForeignKey
ALTER TABLE "book" DROP CONSTRAINT "book_policy_id_fkey";

-- AlterTable
ALTER TABLE "book" DROP COLUMN "policy_id";

-- AlterTable
ALTER TABLE "customer_setting" DROP COLUMN "policy_id";

-- AlterTable
ALTER TABLE "policy_version" ADD COLUMN     "based_on_id" INTEGER;

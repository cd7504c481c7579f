-- AlterTable
ALTER TABLE "sync_state" ADD COLUMN     "walk_began_at" TIMESTAMPTZ(3);

-- A sync that was cut off before is settled by the next one. When it began is not known; the last page is the nearest.
UPDATE "sync_state" SET "walk_began_at" = "sync_state"."updated_at" FROM "book"
WHERE "book"."id" = "sync_state"."book_id"
  AND ("book"."last_synced_at" IS NULL OR "sync_state"."updated_at" >= "book"."last_synced_at");

-- AlterTable
ALTER TABLE "sync_state" DROP COLUMN "updated_at";

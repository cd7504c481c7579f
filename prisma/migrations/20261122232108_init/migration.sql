-- CreateEnum
CREATE TYPE "platform" AS ENUM ('xero', 'quickbooks');

-- CreateEnum
CREATE TYPE "connection_status" AS ENUM ('connected', 'disconnected');

-- CreateEnum
CREATE TYPE "book_mode" AS ENUM ('shadow', 'approve', 'automatic');

-- CreateEnum
CREATE TYPE "action_state" AS ENUM ('proposed', 'planned', 'claimed', 'handing_over', 'sent', 'rejected', 'deferred', 'cancelled', 'in_doubt', 'todo', 'done');

-- CreateEnum
CREATE TYPE "note_state" AS ENUM ('planned', 'claimed', 'writing', 'written', 'cancelled', 'rejected');

-- CreateEnum
CREATE TYPE "run_state" AS ENUM ('running', 'done', 'failed');

-- CreateTable
CREATE TABLE "grant" (
    "id" UUID NOT NULL,
    "platform" "platform" NOT NULL,
    "status" "connection_status" NOT NULL DEFAULT 'connected',
    "status_reason" TEXT,
    "scopes" TEXT NOT NULL,
    "access_sealed" TEXT NOT NULL,
    "refresh_sealed" TEXT NOT NULL,
    "access_expires_at" TIMESTAMPTZ(3) NOT NULL,
    "refresh_expires_at" TIMESTAMPTZ(3),
    "refresh_hard_expires_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "refresh_attempt" UUID,
    "refresh_lease_until" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "grant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "oauth_state" (
    "state_hash" TEXT NOT NULL,
    "platform" "platform" NOT NULL,
    "browser_hash" TEXT NOT NULL,
    "verifier_sealed" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "oauth_state_pkey" PRIMARY KEY ("state_hash")
);

-- CreateTable
CREATE TABLE "book" (
    "id" SERIAL NOT NULL,
    "grant_id" UUID,
    "platform" "platform" NOT NULL,
    "external_id_sealed" TEXT NOT NULL,
    "external_id_hash" TEXT NOT NULL,
    "connection_id_sealed" TEXT,
    "status" "connection_status" NOT NULL DEFAULT 'connected',
    "status_reason" TEXT,
    "name" TEXT NOT NULL,
    "legal_name" TEXT,
    "country" TEXT NOT NULL,
    "base_currency" TEXT NOT NULL,
    "time_zone" TEXT NOT NULL,
    "short_code" TEXT,
    "platform_reminders_on" BOOLEAN NOT NULL DEFAULT false,
    "mode" "book_mode" NOT NULL DEFAULT 'shadow',
    "policy_id" INTEGER,
    "run_at_minute" INTEGER NOT NULL DEFAULT 480,
    "from_name" TEXT,
    "from_email" TEXT,
    "reply_to" TEXT,
    "default_limit_minor" BIGINT,
    "parked_until" TIMESTAMPTZ(3),
    "parked_reason" TEXT,
    "last_synced_at" TIMESTAMPTZ(3),
    "sync_requested_at" TIMESTAMPTZ(3),
    "run_requested_at" TIMESTAMPTZ(3),
    "balances_read_at" TIMESTAMPTZ(3),
    "last_sync_error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "book_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "customer" (
    "book_id" INTEGER NOT NULL,
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "email_text" TEXT,
    "contacts" JSONB NOT NULL DEFAULT '[]',
    "phone" TEXT,
    "is_active" BOOLEAN NOT NULL DEFAULT true,
    "merged_into_id" TEXT,
    "parent_id" TEXT,
    "bill_with_parent" BOOLEAN NOT NULL DEFAULT false,
    "currency" TEXT,
    "ledger_balance_minor" BIGINT,
    "remote_version" TEXT,
    "remote_updated_at" TIMESTAMPTZ(3),
    "hash" TEXT NOT NULL,
    "variance_minor" BIGINT,
    "variance_reason" TEXT,

    CONSTRAINT "customer_pkey" PRIMARY KEY ("book_id","id")
);

-- CreateTable
CREATE TABLE "customer_setting" (
    "book_id" INTEGER NOT NULL,
    "customer_id" TEXT NOT NULL,
    "credit_limit_minor" BIGINT,
    "policy_id" INTEGER,
    "language" TEXT,
    "do_not_chase" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "customer_setting_pkey" PRIMARY KEY ("book_id","customer_id")
);

-- CreateTable
CREATE TABLE "invoice" (
    "book_id" INTEGER NOT NULL,
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "number" TEXT NOT NULL,
    "reference" TEXT,
    "customer_id" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "issued_on" DATE NOT NULL,
    "due_on" DATE NOT NULL,
    "schedule" JSONB,
    "expected_pay_on" DATE,
    "currency" TEXT NOT NULL,
    "total_minor" BIGINT NOT NULL,
    "open_minor" BIGINT NOT NULL,
    "base_rate" DECIMAL(20,10),
    "paid_on" DATE,
    "email_text" TEXT,
    "sent_to_contact" BOOLEAN,
    "remote_version" TEXT,
    "remote_updated_at" TIMESTAMPTZ(3),
    "hash" TEXT NOT NULL,

    CONSTRAINT "invoice_pkey" PRIMARY KEY ("book_id","id")
);

-- CreateTable
CREATE TABLE "credit" (
    "book_id" INTEGER NOT NULL,
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "number" TEXT,
    "customer_id" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "issued_on" DATE NOT NULL,
    "currency" TEXT NOT NULL,
    "total_minor" BIGINT NOT NULL,
    "remaining_minor" BIGINT NOT NULL,
    "remote_version" TEXT,
    "remote_updated_at" TIMESTAMPTZ(3),
    "hash" TEXT NOT NULL,

    CONSTRAINT "credit_pkey" PRIMARY KEY ("book_id","id")
);

-- CreateTable
CREATE TABLE "payment" (
    "book_id" INTEGER NOT NULL,
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "reference" TEXT,
    "customer_id" TEXT,
    "status" TEXT NOT NULL,
    "paid_on" DATE NOT NULL,
    "currency" TEXT NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "unapplied_minor" BIGINT NOT NULL,
    "remote_version" TEXT,
    "remote_updated_at" TIMESTAMPTZ(3),
    "hash" TEXT NOT NULL,

    CONSTRAINT "payment_pkey" PRIMARY KEY ("book_id","id")
);

-- CreateTable
CREATE TABLE "allocation" (
    "book_id" INTEGER NOT NULL,
    "source_kind" TEXT NOT NULL,
    "source_id" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "target_kind" TEXT NOT NULL,
    "target_id" TEXT NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "allocated_on" DATE NOT NULL,

    CONSTRAINT "allocation_pkey" PRIMARY KEY ("book_id","source_kind","source_id","seq")
);

-- CreateTable
CREATE TABLE "sync_state" (
    "book_id" INTEGER NOT NULL,
    "cursor" TEXT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sync_state_pkey" PRIMARY KEY ("book_id")
);

-- CreateTable
CREATE TABLE "sync_seen" (
    "book_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "page" INTEGER NOT NULL,
    "ids" TEXT NOT NULL,

    CONSTRAINT "sync_seen_pkey" PRIMARY KEY ("book_id","kind","page")
);

-- CreateTable
CREATE TABLE "quarantine" (
    "book_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "external_id" TEXT NOT NULL,
    "field" TEXT NOT NULL,
    "problem" TEXT NOT NULL,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "quarantine_pkey" PRIMARY KEY ("book_id","kind","external_id")
);

-- CreateTable
CREATE TABLE "webhook_event" (
    "id" BIGSERIAL NOT NULL,
    "platform" "platform" NOT NULL,
    "dedupe_key" TEXT NOT NULL,
    "book_id" INTEGER,
    "category" TEXT NOT NULL,
    "entity_id" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "webhook_event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "assessment" (
    "book_id" INTEGER NOT NULL,
    "customer_id" TEXT NOT NULL,
    "as_on" DATE NOT NULL,
    "facts" JSONB NOT NULL,
    "digest" TEXT NOT NULL,

    CONSTRAINT "assessment_pkey" PRIMARY KEY ("book_id","customer_id","as_on")
);

-- CreateTable
CREATE TABLE "flag" (
    "id" BIGSERIAL NOT NULL,
    "book_id" INTEGER NOT NULL,
    "customer_id" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "severity" TEXT NOT NULL,
    "sentence" TEXT NOT NULL,
    "evidence" JSONB NOT NULL,
    "opened_on" DATE NOT NULL,
    "closed_on" DATE,

    CONSTRAINT "flag_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "policy" (
    "id" SERIAL NOT NULL,
    "book_id" INTEGER,
    "name" TEXT NOT NULL,

    CONSTRAINT "policy_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "policy_version" (
    "id" SERIAL NOT NULL,
    "policy_id" INTEGER NOT NULL,
    "number" INTEGER NOT NULL,
    "text" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "author" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "effective_on" DATE NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "policy_version_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "hold" (
    "id" SERIAL NOT NULL,
    "book_id" INTEGER NOT NULL,
    "customer_id" TEXT NOT NULL,
    "invoice_id" TEXT,
    "kind" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "owner" TEXT NOT NULL,
    "from_on" DATE NOT NULL,
    "until_on" DATE,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "hold_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "run" (
    "id" SERIAL NOT NULL,
    "book_id" INTEGER NOT NULL,
    "as_on" DATE NOT NULL,
    "mode" "book_mode" NOT NULL,
    "state" "run_state" NOT NULL,
    "policy_version_id" INTEGER NOT NULL,
    "held_reason" TEXT,
    "counts" JSONB NOT NULL DEFAULT '{}',
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "decision" (
    "id" BIGSERIAL NOT NULL,
    "book_id" INTEGER NOT NULL,
    "invoice_id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "run_id" INTEGER NOT NULL,
    "decided_on" DATE NOT NULL,
    "replaced_on" DATE,
    "outcome" TEXT NOT NULL,
    "step" TEXT,
    "because" TEXT NOT NULL,
    "path" JSONB NOT NULL,
    "facts" JSONB NOT NULL,
    "action_key" TEXT,
    "policy_version_id" INTEGER NOT NULL,
    "next_on" DATE,
    "digest" TEXT NOT NULL,

    CONSTRAINT "decision_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "action" (
    "id" UUID NOT NULL,
    "book_id" INTEGER NOT NULL,
    "customer_id" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "step" TEXT NOT NULL,
    "step_name" TEXT NOT NULL,
    "template" TEXT NOT NULL,
    "sender" TEXT NOT NULL,
    "attach_pdf" BOOLEAN NOT NULL DEFAULT false,
    "state" "action_state" NOT NULL,
    "state_reason" TEXT,
    "key" TEXT NOT NULL,
    "run_id" INTEGER NOT NULL,
    "policy_version_id" INTEGER NOT NULL,
    "planned_on" DATE NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "approved_by" TEXT,
    "approved_at" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "attempt_id" UUID,
    "lease_until" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "action_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "action_invoice" (
    "action_id" UUID NOT NULL,
    "book_id" INTEGER NOT NULL,
    "invoice_id" TEXT NOT NULL,
    "step" TEXT,
    "is_trigger" BOOLEAN NOT NULL,
    "due_on" DATE NOT NULL,
    "open_minor" BIGINT NOT NULL,

    CONSTRAINT "action_invoice_pkey" PRIMARY KEY ("action_id","invoice_id")
);

-- CreateTable
CREATE TABLE "message" (
    "action_id" UUID NOT NULL,
    "book_id" INTEGER NOT NULL,
    "message_id" TEXT NOT NULL,
    "from_address" TEXT NOT NULL,
    "to_addresses" TEXT[],
    "subject" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "html" TEXT NOT NULL,
    "attachments" JSONB NOT NULL DEFAULT '[]',
    "handed_over_at" TIMESTAMPTZ(3),
    "accepted_at" TIMESTAMPTZ(3),
    "smtp_response" TEXT,

    CONSTRAINT "message_pkey" PRIMARY KEY ("action_id")
);

-- CreateTable
CREATE TABLE "note" (
    "id" UUID NOT NULL,
    "book_id" INTEGER NOT NULL,
    "action_id" UUID,
    "target_kind" TEXT NOT NULL,
    "target_id" TEXT NOT NULL,
    "ref" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "state" "note_state" NOT NULL,
    "state_reason" TEXT,
    "external_id" TEXT,
    "request_id" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "attempt_id" UUID,
    "lease_until" TIMESTAMPTZ(3),
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "written_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "note_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit" (
    "id" BIGSERIAL NOT NULL,
    "book_id" INTEGER,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "actor" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "detail" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "audit_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "web_session" (
    "token_hash" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "web_session_pkey" PRIMARY KEY ("token_hash")
);

-- CreateIndex
CREATE UNIQUE INDEX "book_external_id_hash_key" ON "book"("external_id_hash");

-- CreateIndex
CREATE INDEX "book_grant_id_idx" ON "book"("grant_id");

-- CreateIndex
CREATE INDEX "invoice_book_id_customer_id_status_idx" ON "invoice"("book_id", "customer_id", "status");

-- CreateIndex
CREATE INDEX "credit_book_id_customer_id_idx" ON "credit"("book_id", "customer_id");

-- CreateIndex
CREATE INDEX "payment_book_id_customer_id_paid_on_idx" ON "payment"("book_id", "customer_id", "paid_on");

-- CreateIndex
CREATE INDEX "allocation_book_id_target_id_idx" ON "allocation"("book_id", "target_id");

-- CreateIndex
CREATE UNIQUE INDEX "webhook_event_dedupe_key_key" ON "webhook_event"("dedupe_key");

-- CreateIndex
CREATE INDEX "flag_book_id_customer_id_code_idx" ON "flag"("book_id", "customer_id", "code");

-- CreateIndex
CREATE UNIQUE INDEX "policy_book_id_name_key" ON "policy"("book_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "policy_version_policy_id_number_key" ON "policy_version"("policy_id", "number");

-- CreateIndex
CREATE INDEX "hold_book_id_customer_id_idx" ON "hold"("book_id", "customer_id");

-- CreateIndex
CREATE INDEX "run_book_id_as_on_idx" ON "run"("book_id", "as_on");

-- CreateIndex
CREATE INDEX "decision_book_id_invoice_id_replaced_on_idx" ON "decision"("book_id", "invoice_id", "replaced_on");

-- CreateIndex
CREATE INDEX "decision_book_id_replaced_on_outcome_idx" ON "decision"("book_id", "replaced_on", "outcome");

-- CreateIndex
CREATE INDEX "action_state_due_at_idx" ON "action"("state", "due_at");

-- CreateIndex
CREATE INDEX "action_book_id_customer_id_idx" ON "action"("book_id", "customer_id");

-- CreateIndex
CREATE UNIQUE INDEX "action_book_id_key_key" ON "action"("book_id", "key");

-- CreateIndex
CREATE INDEX "action_invoice_book_id_invoice_id_idx" ON "action_invoice"("book_id", "invoice_id");

-- CreateIndex
CREATE UNIQUE INDEX "message_message_id_key" ON "message"("message_id");

-- CreateIndex
CREATE INDEX "note_state_due_at_idx" ON "note"("state", "due_at");

-- CreateIndex
CREATE UNIQUE INDEX "note_book_id_ref_key" ON "note"("book_id", "ref");

-- CreateIndex
CREATE INDEX "audit_book_id_at_idx" ON "audit"("book_id", "at");

-- AddForeignKey
ALTER TABLE "book" ADD CONSTRAINT "book_grant_id_fkey" FOREIGN KEY ("grant_id") REFERENCES "grant"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "book" ADD CONSTRAINT "book_policy_id_fkey" FOREIGN KEY ("policy_id") REFERENCES "policy"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "customer" ADD CONSTRAINT "customer_book_id_fkey" FOREIGN KEY ("book_id") REFERENCES "book"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "customer_setting" ADD CONSTRAINT "customer_setting_book_id_customer_id_fkey" FOREIGN KEY ("book_id", "customer_id") REFERENCES "customer"("book_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invoice" ADD CONSTRAINT "invoice_book_id_fkey" FOREIGN KEY ("book_id") REFERENCES "book"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "credit" ADD CONSTRAINT "credit_book_id_fkey" FOREIGN KEY ("book_id") REFERENCES "book"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "payment" ADD CONSTRAINT "payment_book_id_fkey" FOREIGN KEY ("book_id") REFERENCES "book"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "policy" ADD CONSTRAINT "policy_book_id_fkey" FOREIGN KEY ("book_id") REFERENCES "book"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "policy_version" ADD CONSTRAINT "policy_version_policy_id_fkey" FOREIGN KEY ("policy_id") REFERENCES "policy"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_book_id_fkey" FOREIGN KEY ("book_id") REFERENCES "book"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "action" ADD CONSTRAINT "action_book_id_fkey" FOREIGN KEY ("book_id") REFERENCES "book"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "action_invoice" ADD CONSTRAINT "action_invoice_action_id_fkey" FOREIGN KEY ("action_id") REFERENCES "action"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "message" ADD CONSTRAINT "message_action_id_fkey" FOREIGN KEY ("action_id") REFERENCES "action"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "note" ADD CONSTRAINT "note_book_id_fkey" FOREIGN KEY ("book_id") REFERENCES "book"("id") ON DELETE CASCADE ON UPDATE CASCADE;

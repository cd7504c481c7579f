-- CreateIndex
CREATE INDEX "chase_state_book_id_remind_task_wait_hold_none_idx" ON "chase_state"("book_id", "remind", "task", "wait", "hold", "none");

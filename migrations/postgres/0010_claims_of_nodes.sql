-- Which node made the latest attempt: when that node starts again, an attempt that is still under way
-- has died with it.
ALTER TABLE notifications ADD COLUMN claimed_by UUID;

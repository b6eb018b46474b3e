-- Whether mails quote what was written before the messages they are about.
ALTER TABLE notification_settings ADD COLUMN quotes_history INTEGER NOT NULL DEFAULT 0;

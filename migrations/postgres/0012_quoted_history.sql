-- Whether mails quote what was written before the messages they are about.
ALTER TABLE notification_settings ADD COLUMN quotes_history BOOLEAN NOT NULL DEFAULT FALSE;

//! Files of messages and notes: who can upload and fetch which, and what hostile ones come to.

mod access;
mod boxes;
mod hostile;
mod limits;
mod mails;
mod sending;

use db::Tx;

use crate::support::TestApp;

/// The beginning of a picture of this size.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(),
        &width.to_be_bytes(),
        &height.to_be_bytes(),
        b"\x08\x06\0\0\0",
    ]
    .concat()
}

/// How many blobs, pieces and attachments there are.
pub(crate) async fn stored(app: &TestApp) -> (i64, i64, i64) {
    let counted: Result<_, db::Error> = app
        .app
        .db()
        .read(async |tx: &mut Tx| {
            let mut counts = Vec::new();
            for sql in [
                "SELECT COUNT(*) FROM blobs",
                "SELECT COUNT(*) FROM blob_pieces",
                "SELECT COUNT(*) FROM attachments",
            ] {
                counts.push(tx.first(sql, &[], |row| row.get(0)).await?.unwrap_or(0));
            }
            Ok((counts[0], counts[1], counts[2]))
        })
        .await;
    counted.expect("counts")
}

/// Waits until there is nothing stored any more: what is forgotten in the background.
pub(crate) async fn nothing_stays(app: &TestApp) {
    for _ in 0..500 {
        if stored(app).await == (0, 0, 0) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("something stays: {:?}", stored(app).await);
}

//! A read sees one moment, and changes nothing.

use crate::support::{Gate, id, insert, names, names_in, on_both_engines};
use db::{Error, Tx};

on_both_engines! {
    async fn a_read_sees_one_moment_while_others_write(place: Place) {
        let db = place.open().await;
        db.write(async |tx: &mut Tx| insert(tx, id(1), "before").await).await.unwrap();
        let (looked, gate) = (Gate::new(&db), Gate::new(&db));
        let (body_looked, body_gate) = (looked.clone(), gate.clone());
        let reading = db.clone();
        let read = tokio::spawn(async move {
            reading.read(async move |tx: &mut Tx| {
                let first = names_in(tx).await?;
                body_looked.open();
                body_gate.pass().await;
                Ok::<_, Error>((first, names_in(tx).await?))
            }).await
        });
        looked.opened().await;
        db.write(async |tx: &mut Tx| insert(tx, id(2), "after").await).await.unwrap();
        gate.open();
        let (first, second) = read.await.unwrap().unwrap();
        assert_eq!(first, ["before"]);
        assert_eq!(second, ["before"]);
        assert_eq!(names(&db).await, ["before", "after"]);
    }

    async fn a_read_cannot_write(place: Place) {
        let db = place.open().await;
        let result = db.read(async |tx: &mut Tx| insert(tx, id(1), "lost").await).await;
        assert!(result.is_err());
        assert!(names(&db).await.is_empty());
        db.write(async |tx: &mut Tx| insert(tx, id(2), "kept").await).await.unwrap();
    }

    async fn a_panicking_read_harms_nobody(place: Place) {
        let db = place.open().await;
        let result: Result<(), Error> = db.read(async |tx: &mut Tx| {
            names_in(tx).await?;
            panic!("a body panics")
        }).await;
        assert!(matches!(result, Err(Error::Internal(_))), "{result:?}");
        assert!(names(&db).await.is_empty());
    }
}

//! Every portable value comes back as it was given.

use crate::support::{HELPDESK, id, on_both_engines};
use db::{Error, Tx};

on_both_engines! {
    async fn values_come_back_as_they_were_given(place: Place) {
        let db = place.open().await;
        let long = "é🙂\u{202e}".repeat(1 << 17);
        let texts = ["", " ", "plain", "🙂👩‍👩‍👧 e\u{301} \u{feff}", "'; DROP TABLE items; --", "a\r\nb\tc\\", &long];
        let bytes: [Vec<u8>; 4] = [vec![], vec![0], (0..=255).collect(), vec![0xA5; 1 << 20]];
        let numbers = [0, -1, 999_999, i64::MIN, 1 << 15];
        for round in 0..7_usize {
            let text = texts[round % texts.len()].to_owned();
            let blob = (round > 0).then(|| bytes[round % bytes.len()].clone());
            let number = numbers[round % numbers.len()];
            let flag = [None, Some(true), Some(false)][round % 3];
            let item = id(round as u128);
            let body = (round != 1).then_some(text);
            let expected = (item, number, flag, body.clone(), blob.clone());
            let stored = db.write(async move |tx: &mut Tx| {
                tx.execute(
                    "INSERT INTO items (helpdesk_id, id, name, amount, flag, body, data)
                     VALUES ($1, $2, $3, $4, $5, $6, $7)",
                    &[&HELPDESK, &item, &round.to_string(), &number, &flag, &body, &blob],
                ).await?;
                tx.first(
                    "SELECT id, amount, flag, body, data FROM items WHERE helpdesk_id = $1 AND id = $2",
                    &[&HELPDESK, &item],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)),
                ).await
            }).await.unwrap();
            assert!(stored == Some(expected), "round {round}");
        }
    }

    async fn a_column_read_as_another_type_is_an_error(place: Place) {
        let db = place.open().await;
        let as_number: Result<Vec<i64>, Error> = db.read(async |tx: &mut Tx| {
            tx.all("SELECT 'text'", &[], |row| row.get(0)).await
        }).await;
        let missing: Result<Vec<i64>, Error> = db.read(async |tx: &mut Tx| {
            tx.all("SELECT 1", &[], |row| row.get(1)).await
        }).await;
        let null: Result<Vec<i64>, Error> = db.read(async |tx: &mut Tx| {
            tx.all("SELECT CAST(NULL AS BIGINT)", &[], |row| row.get(0)).await
        }).await;
        for result in [as_number, missing, null] {
            assert!(result.is_err());
        }
    }

    async fn parameters_are_bound_by_their_number_in_any_order(place: Place) {
        let db = place.open().await;
        let row = db.write(async |tx: &mut Tx| {
            tx.execute(
                "INSERT INTO items (amount, name, id, helpdesk_id, note) VALUES ($4, $3, $2, $1, $3)",
                &[&HELPDESK, &id(1), &"third", &4_i64],
            ).await?;
            tx.first(
                "SELECT name, amount, note FROM items WHERE id = $2 AND helpdesk_id = $1",
                &[&HELPDESK, &id(1)],
                |row| Ok((row.get::<String>(0)?, row.get::<i64>(1)?, row.get::<String>(2)?)),
            ).await
        }).await.map_err(|error: Error| error).unwrap();
        assert_eq!(row, Some(("third".to_owned(), 4, "third".to_owned())));
        let too_few = db.read(async |tx: &mut Tx| {
            tx.all("SELECT name FROM items WHERE id = $1 AND name = $2", &[&id(1)], |_| Ok(())).await
        }).await;
        assert!(too_few.is_err());
    }

    async fn text_with_nul_is_refused(place: Place) {
        let db = place.open().await;
        let result = db.write(async |tx: &mut Tx| crate::support::insert(tx, id(1), "a\0b").await).await;
        assert!(matches!(result, Err(Error::Internal(_))), "{result:?}");
        assert!(crate::support::names(&db).await.is_empty());
    }
}

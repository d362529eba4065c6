//! Marks: by what customers are chosen.

use db::{Error, Rx, Tx, sql};

use crate::model::CustomerId;

pub fn add_mark(tx: &mut Tx, mark: &str, customer: CustomerId) -> Result<(), Error> {
    tx.put(
        sql!(
            "insert into customer_mark (tenant_id, mark, customer_id) values ($1, $2, $3)
             on conflict (tenant_id, mark, customer_id) do nothing"
        ),
        (mark, customer),
    )
}

pub fn marks(rx: &mut Rx, customer: CustomerId) -> Result<Vec<String>, Error> {
    rx.rows(
        sql!("select mark from customer_mark where tenant_id = $1 and customer_id = $2"),
        (customer,),
        |row| row.get(0),
    )
}

pub fn remove_marks(tx: &mut Tx, customer: CustomerId) -> Result<(), Error> {
    tx.put(sql!("delete from customer_mark where tenant_id = $1 and customer_id = $2"), (customer,))
}

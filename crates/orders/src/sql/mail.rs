//! The words of a business for its mails.

use base::{Language, Timestamp};
use db::{Error, Rx, Tx, sql};

use crate::mail::{MailWords, Template};

/// Subject and body, if the business wrote some.
pub fn mail_words(
    rx: &mut Rx,
    template: Template,
    language: Language,
) -> Result<Option<(String, String)>, Error> {
    rx.row(
        sql!(
            "select subject, body from mail_wording where tenant_id = $1 and template = $2 and language = $3"
        ),
        (template.name(), language),
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Which mails in which languages have words of the business, and since when.
pub fn worded_mails(rx: &mut Rx) -> Result<Vec<(String, Language, Timestamp)>, Error> {
    rx.rows(
        sql!(
            "select template, language, changed_at from mail_wording where tenant_id = $1 order by template, language"
        ),
        (),
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

pub fn set_mail_words(
    tx: &mut Tx,
    template: Template,
    language: Language,
    words: &MailWords,
) -> Result<(), Error> {
    let now = tx.now();
    tx.put(
        sql!(
            "insert into mail_wording (tenant_id, template, language, subject, body, changed_at)
             values ($1, $2, $3, $4, $5, $6) on conflict (tenant_id, template, language)
             do update set subject = excluded.subject, body = excluded.body, changed_at = excluded.changed_at"
        ),
        (template.name(), language, &words.subject, &words.body, now),
    )
}

pub fn remove_mail_words(tx: &mut Tx, template: Template, language: Language) -> Result<(), Error> {
    tx.put(
        sql!("delete from mail_wording where tenant_id = $1 and template = $2 and language = $3"),
        (template.name(), language),
    )
}

use base::{Email, Line, Phone};

/// Who runs this platform, as its pages and mails say it.
#[derive(Debug, Clone)]
pub struct OperatorCard {
    /// The brand of every page that is the platform's own.
    pub name: String,
    pub email: Option<Email>,
    pub phone: Option<Phone>,
    /// Where letters reach the operator.
    pub address: Option<Line<200>>,
}

impl OperatorCard {
    /// The sender of mails where `MAIL_FROM` says none.
    pub(super) fn mails_from(&self) -> String {
        let quoted = self.name.replace('\\', "\\\\").replace('"', "\\\"");
        format!("\"{quoted}\" <no-reply@localhost>")
    }

    /// Where a message reaches the operator at once.
    pub fn whatsapp(&self) -> Option<String> {
        self.phone.as_ref().map(|phone| format!("https://wa.me/{}", phone.digits()))
    }
}

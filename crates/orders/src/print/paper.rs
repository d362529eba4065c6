//! What stands on a receipt, an invoice, a quote or a credit note, on a sheet and on a roll.

use base::Money;

use super::{
    Sheet, Voice,
    flow::{Align, Cell, Flow, Grid, MM, Page, Said, Style, say, title as heading, widest, widths},
    qr::Code,
};
use crate::{
    CASH_ON_DELIVERY,
    model::{Document, DocumentType, Snapshot, paper::PaperLine},
};

/// What a paper is called: `Invoice INV-000007`.
pub fn title(paper: &Document, voice: &Voice) -> String {
    format!("{} {}", voice.say(&format!("orders-paper-{}", paper.kind)), paper.name())
}

pub fn pages(paper: &Document, sheet: Sheet, voice: &Voice, link: &str) -> Vec<Page> {
    let (flow, said) = (Flow::new(sheet), &paper.snapshot);
    let mut printed = Printed { flow, paper, said, voice };
    if sheet.is_roll() {
        printed.roll(if sheet == Sheet::Roll58 { 8.0 } else { 9.0 }, link);
    } else {
        printed.a4(link);
    }
    let name = title(paper, voice);
    printed.flow.finish(|page, pages| foot(voice, &name, page, pages))
}

/// `Invoice INV-000007 · Page 1 of 2`.
pub fn foot(voice: &Voice, name: &str, page: usize, pages: usize) -> String {
    let args = [("page", page.into()), ("pages", pages.into())];
    format!("{name} · {}", edge::text(voice.language, "orders-print-page", &args))
}

/// A line of the sums: what it is, more about it, the amount.
struct Sum {
    label: String,
    about: String,
    amount: String,
    is_total: bool,
}

struct Printed<'p> {
    flow: Flow,
    paper: &'p Document,
    said: &'p Snapshot,
    voice: &'p Voice,
}

impl Printed<'_> {
    fn a4(&mut self, link: &str) {
        let (left, width) = (self.flow.left(), self.flow.width());
        let (plain, quiet) = (Style::plain(9.5), Style::quiet(8.5));
        if self.said.test {
            self.test_mark(10.0, 8.5);
            self.flow.gap(4.0 * MM);
        }
        let seller = [say(Style::bold(15.0), &self.said.seller.name)].into_iter();
        let seller = seller.chain(self.said.seller.details.iter().map(|line| say(Style::quiet(9.0), line)));
        let name = [heading(Style::bold(15.0), title(self.paper, self.voice))].into_iter();
        let name = name.chain(self.dates().into_iter().map(|line| say(Style::quiet(9.0), line)));
        let half = (width - 8.0 * MM) / 2.0;
        let halves = Grid::new(left, 8.0 * MM, &[half, half], &[Align::Left, Align::Right]);
        self.flow.row(halves.row(vec![seller.collect(), name.collect()]));
        self.flow.gap(8.0 * MM);
        let customer = self.customer(quiet, Style::bold(10.5), Style::plain(10.0));
        let corrects = self.corrects().into_iter().map(|line| say(plain, line)).collect();
        self.flow.row(halves.row(vec![customer, corrects]));
        self.flow.gap(8.0 * MM);
        self.table(plain, quiet);
        self.flow.gap(3.0 * MM);

        let (side, rows) = (32.0 * MM, self.sums().len() as f32);
        // the sums and the code stand beside each other, on one page
        self.flow.keep((rows * 26.0 + 10.0).max(side + 30.0));
        let beside = self.flow.place();
        let (from, wide) = (left + width - 88.0 * MM, 88.0 * MM);
        self.sums_from(from, wide, plain, Style::bold(12.5), quiet);
        let after = self.flow.place();
        if let Some(code) = Code::of(link) {
            self.flow.return_to(beside);
            let caption = say(quiet, self.voice.say("orders-print-scan"));
            self.flow.code(left, side, &code, caption, side);
            if self.flow.place() < after {
                self.flow.return_to(after);
            }
        }
        if self.said.test {
            self.flow.across(&self.voice.say("orders-print-test"));
        }
    }

    fn roll(&mut self, size: f32, link: &str) {
        let (left, width) = (self.flow.left(), self.flow.width());
        let (plain, bold, small) = (Style::plain(size), Style::bold(size), Style::plain(size - 1.0));
        if self.said.test {
            self.test_mark(size + 3.0, size - 1.0);
        }
        self.flow.text(Align::Centre, say(Style::bold(size + 4.0), &self.said.seller.name));
        for line in &self.said.seller.details {
            self.flow.text(Align::Centre, say(plain, line));
        }
        self.flow.rule(0.6, 0);
        self.flow.text(Align::Centre, heading(Style::bold(size + 2.0), title(self.paper, self.voice)));
        for line in self.dates() {
            self.flow.text(Align::Centre, say(plain, line));
        }
        self.flow.gap(1.5 * MM);
        let customer = self.customer(small, bold, plain);
        let corrects: Vec<Said> = self.corrects().into_iter().map(|line| say(plain, line)).collect();
        for said in customer.into_iter().chain(corrects) {
            self.flow.text(Align::Left, said);
        }
        self.flow.rule(0.6, 0);
        self.flow.table(None);
        for line in &self.said.lines {
            let amount = say(plain, self.voice.money(self.counted(line)));
            let many = self.voice.quantity(line.quantity, line.unit);
            let price = format!("{many}\u{a0}×\u{a0}{}", self.voice.money(line.unit_price));
            let mut about = vec![say(plain, named(line)), say(small, price)];
            about.extend(self.discount(line).map(|text| say(small, text)));
            self.flow.table_row(&pair(left, width, about, amount));
            self.flow.gap(2.0);
        }
        self.flow.rule(0.6, 0);
        self.sums_from(left, width, plain, Style::bold(size + 3.0), small);
        if let Some(code) = Code::of(link) {
            self.flow.gap(2.0 * MM);
            let caption = say(small, self.voice.say("orders-print-scan"));
            self.flow.code(left, (34.0 * MM).min(width), &code, caption, width);
        }
        if self.said.test {
            self.flow.gap(2.0 * MM);
            self.test_mark(size + 3.0, size - 1.0);
        }
    }

    fn test_mark(&mut self, size: f32, small: f32) {
        let words = [
            say(Style::bold(size), self.voice.say("orders-print-test")),
            say(Style::plain(small), self.voice.say("orders-test-order")),
        ];
        self.flow.boxed(words.to_vec());
        self.flow.gap(4.0);
    }

    /// When it was issued, and for which order.
    fn dates(&self) -> Vec<String> {
        let (issued, ordered) =
            (self.voice.moment(self.paper.issued_at), self.voice.moment(self.said.ordered_at));
        let order = self.voice.say1("orders-order-title", "number", self.said.order_number);
        let order = if issued == ordered { order } else { format!("{order}, {ordered}") };
        vec![issued, order]
    }

    fn customer(&self, label: Style, name: Style, address: Style) -> Vec<Said> {
        let Some(customer) = &self.said.customer else { return Vec::new() };
        let lines = self.said.address.iter().map(|line| say(address, line));
        [say(label, self.voice.say("orders-customer")), say(name, customer)]
            .into_iter()
            .chain(lines)
            .collect()
    }

    /// Of a credit note: which papers it corrects, and why.
    fn corrects(&self) -> Vec<String> {
        let papers = self.said.corrects.join(", ");
        let corrects =
            (!papers.is_empty()).then(|| self.voice.say1("orders-paper-corrects", "papers", papers));
        let reason = self.said.reason.clone().filter(|reason| !reason.is_empty());
        corrects.into_iter().chain(reason).collect()
    }

    fn discount(&self, line: &PaperLine) -> Option<String> {
        let amount = line.discount;
        amount
            .is_positive()
            .then(|| self.voice.say1("orders-line-discount", "amount", self.voice.money(amount)))
    }

    /// What a line counts in a column of prices as this business writes them.
    fn counted(&self, line: &PaperLine) -> Money {
        if self.said.prices_include_tax { line.gross } else { line.net }
    }

    fn is_taxed(&self) -> bool {
        !self.said.taxes.is_empty()
    }

    /// How the price of one is headed: with or without tax, where there is tax.
    fn price_words(&self) -> String {
        self.voice.say(match (self.is_taxed(), self.said.prices_include_tax) {
            (false, _) => "orders-print-price",
            (true, true) => "orders-print-price-gross",
            (true, false) => "orders-print-price-net",
        })
    }

    /// The lines as a table: what, quantity, price, tax, net, total; without taxes only what has a sense.
    fn table(&mut self, plain: Style, quiet: Style) {
        let bold = Style::bold(8.5);
        let taxed = self.is_taxed();
        let mut head = vec![
            vec![say(bold, self.voice.say("orders-print-what"))],
            vec![say(bold, self.voice.say("orders-quantity"))],
            vec![say(bold, self.price_words())],
        ];
        if taxed {
            head.push(vec![say(bold, self.voice.say("orders-print-tax"))]);
            head.push(vec![say(bold, self.voice.say("orders-net"))]);
        }
        head.push(vec![say(bold, self.voice.say("orders-total"))]);
        let row = |line: &PaperLine| {
            let mut what = vec![say(plain, named(line))];
            what.extend(line.sku.iter().map(|sku| say(quiet, sku)));
            what.extend(self.discount(line).map(|text| say(quiet, text)));
            let mut row = vec![
                what,
                vec![say(plain, self.voice.quantity(line.quantity, line.unit))],
                vec![say(plain, self.voice.money(line.unit_price))],
            ];
            if taxed {
                let rates = line.taxes.iter();
                let rates = rates.map(|tax| edge::format::percent(self.voice.language, tax.rate));
                row.push(rates.map(|rate| say(plain, rate)).collect());
                row.push(vec![say(plain, self.voice.money(line.net))]);
            }
            row.push(vec![say(plain, self.voice.money(line.gross))]);
            row
        };
        let rows: Vec<Vec<Vec<Said>>> = self.said.lines.iter().map(row).collect();
        let wanted: Vec<f32> = (1..head.len())
            .map(|column| widest(std::iter::once(&head).chain(&rows).flat_map(|row| &row[column])))
            .collect();
        let (gap, mut aligns) = (4.0 * MM, vec![Align::Right; head.len()]);
        aligns[0] = Align::Left;
        let grid = Grid::new(self.flow.left(), gap, &widths(self.flow.width(), gap, 0.3, &wanted), &aligns);
        self.flow.table(Some(grid.row(head)));
        for row in rows {
            self.flow.table_row(&grid.row(row));
            self.flow.rule(0.3, 200);
        }
        self.flow.end_table();
    }

    fn sums(&self) -> Vec<Sum> {
        let (said, voice) = (self.said, self.voice);
        let sum = |label: String, about: String, amount: Money| Sum {
            label,
            about,
            amount: voice.money(amount),
            is_total: false,
        };
        let mut sums = Vec::new();
        for (label, amount) in &said.discounts {
            let off = format!("–{}", voice.money(*amount));
            let label = voice.say1("orders-print-discount", "label", label);
            sums.push(Sum { amount: off, ..sum(label, String::new(), *amount) });
        }
        if self.is_taxed() {
            sums.push(sum(voice.say("orders-net"), String::new(), said.net));
        }
        for tax in &said.taxes {
            let treatment = tax.treatment.name();
            let treated = if treatment == "standard" {
                String::new()
            } else {
                voice.say(&format!("orders-tax-{treatment}"))
            };
            let base = voice.say1("orders-tax-base", "amount", voice.money(tax.base));
            let label = [voice.tax(&tax.name, tax.rate), treated, base];
            let label = label.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
            sums.push(sum(label.join(" "), String::new(), tax.tax));
        }
        let total = match self.paper.kind {
            DocumentType::CreditNote => "orders-print-credited",
            _ => "orders-total",
        };
        sums.push(Sum { is_total: true, ..sum(voice.say(total), String::new(), said.total) });
        let mut paid = Money::zero(said.currency);
        for (method, reference, amount) in &said.payments {
            let label =
                voice.say1("orders-paid-by", "method", crate::pages::method_words(voice.language, method));
            // cash has no reference but the order's own id
            let about = if method == CASH_ON_DELIVERY { "" } else { reference };
            sums.push(sum(label, about.to_owned(), *amount));
            paid = paid.plus(*amount).unwrap_or(paid);
        }
        // a credit note claims nothing, and an offer is not owed yet
        let claims = matches!(self.paper.kind, DocumentType::Invoice | DocumentType::Receipt);
        match said.total.minus(paid) {
            Ok(left) if claims && left.is_positive() => {
                sums.push(Sum { is_total: true, ..sum(voice.say("orders-due"), String::new(), left) });
            }
            Ok(over) if claims && over.is_negative() => {
                let over = paid.minus(said.total).unwrap_or(over);
                sums.push(sum(voice.say("orders-owed"), String::new(), over));
            }
            _ => (),
        }
        sums
    }

    fn sums_from(&mut self, x: f32, width: f32, plain: Style, total: Style, small: Style) {
        self.flow.table(None);
        for sum in self.sums() {
            let style = if sum.is_total { total } else { plain };
            if sum.is_total {
                self.flow.rule_from(x, 0.8, 0);
            }
            let mut about = vec![say(style, sum.label)];
            if !sum.about.is_empty() {
                about.push(say(small, sum.about));
            }
            let row = pair(x, width, about, say(style, sum.amount));
            self.flow.table_row(&row);
            if sum.is_total {
                self.flow.gap(3.0);
            }
        }
    }
}

/// Words on the left and an amount at the right edge, as wide as it needs.
fn pair(x: f32, width: f32, words: Vec<Said>, amount: Said) -> Vec<Cell> {
    let gap = 2.0 * MM;
    let widths = widths(width, gap, 0.35, &[widest([&amount])]);
    Grid::new(x, gap, &widths, &[Align::Left, Align::Right]).row(vec![words, vec![amount]])
}

fn named(line: &PaperLine) -> String {
    if line.options.is_empty() { line.title.clone() } else { format!("{} ({})", line.title, line.options) }
}

//! A packing slip: what to pack and for whom, never what it costs. It has no number of its own: it is printed of the order
//! as it stands now.

use catalog::Unit;

use super::{
    Sheet, Voice,
    flow::{Align, Flow, Grid, MM, Page, Said, Style, say, title as heading, widest, widths},
    paper::foot,
    qr::Code,
};
use crate::{
    model::{OrderLine, ShippingMethod, Whole},
    pricing::Kind,
};

/// An order to pack.
#[derive(Debug, Clone)]
pub struct Slip {
    pub whole: Whole,
    /// The name of the business.
    pub seller: String,
    /// The country of the business.
    pub home: base::Country,
    /// Where the goods are taken from; none where the business has one place only.
    pub location: Option<String>,
    /// The order's page in the back office.
    pub link: String,
}

/// Sizes of letters: of what is read at arm's length, of the rest, of the order's number.
struct Sizes {
    large: f32,
    plain: f32,
    small: f32,
    number: f32,
}

pub fn pages(slip: &Slip, sheet: Sheet, voice: &Voice) -> Vec<Page> {
    let sizes = match sheet {
        Sheet::A4 => Sizes { large: 12.0, plain: 10.5, small: 9.0, number: 40.0 },
        Sheet::Roll80 => Sizes { large: 11.0, plain: 9.5, small: 8.5, number: 34.0 },
        Sheet::Roll58 => Sizes { large: 10.0, plain: 8.5, small: 7.5, number: 28.0 },
    };
    let mut flow = Flow::new(sheet);
    if slip.whole.order.test {
        let test = [
            say(Style::bold(sizes.large), voice.say("orders-print-test")),
            say(Style::plain(sizes.small), voice.say("orders-test-order")),
        ];
        flow.boxed(test.to_vec());
        flow.gap(4.0);
    }
    head(&mut flow, slip, sheet, voice, &sizes);
    flow.gap(3.0 * MM);
    for said in receiver(slip, voice, &sizes) {
        flow.text(Align::Left, said);
    }
    flow.gap(3.0 * MM);
    if !slip.whole.note.is_empty() {
        let label = say(Style::bold(sizes.small), voice.say("orders-note"));
        flow.boxed(vec![label, say(Style::plain(sizes.plain), &slip.whole.note)]);
        flow.gap(3.0 * MM);
    }
    goods(&mut flow, slip, voice, &sizes);
    if sheet.is_roll()
        && let Some(code) = Code::of(&slip.link)
    {
        flow.gap(3.0 * MM);
        let caption = say(Style::plain(sizes.small), voice.say("orders-print-scan-order"));
        flow.code(flow.left(), 30.0 * MM, &code, caption, flow.width());
    }
    if slip.whole.order.test && !sheet.is_roll() {
        flow.across(&voice.say("orders-print-test"));
    }
    let name = format!("{} {}", voice.say("orders-print-slip"), slip.whole.order.number);
    flow.finish(|page, pages| foot(voice, &name, page, pages))
}

/// The business, the order's number large, and on a sheet the code beside it.
fn head(flow: &mut Flow, slip: &Slip, sheet: Sheet, voice: &Voice, sizes: &Sizes) {
    let order = &slip.whole.order;
    let about = [
        say(Style::plain(sizes.small), &slip.seller),
        say(Style::plain(sizes.plain), voice.say("orders-print-slip")),
        heading(Style::bold(sizes.number), order.number.to_string()),
        say(Style::quiet(sizes.small), voice.moment(order.placed_at)),
    ];
    let place = flow.place();
    let location = slip.location.iter().map(|location| say(Style::quiet(sizes.small), location));
    for said in about.into_iter().chain(location) {
        flow.text(Align::Left, said);
    }
    let after = flow.place();
    if let Some(code) = Code::of(&slip.link).filter(|_| !sheet.is_roll()) {
        flow.return_to(place);
        let (side, right) = (30.0 * MM, flow.left() + flow.width());
        let caption = say(Style::quiet(sizes.small), voice.say("orders-print-scan-order"));
        flow.code(right - side, side, &code, caption, side);
        if flow.place() < after {
            flow.return_to(after);
        }
    }
}

/// Who gets it, how to call, and where to bring it.
fn receiver(slip: &Slip, voice: &Voice, sizes: &Sizes) -> Vec<Said> {
    let whole = &slip.whole;
    let (large, plain) = (Style::bold(sizes.large), Style::plain(sizes.plain));
    let label = match whole.shipping.method {
        ShippingMethod::Pickup => "orders-pickup",
        ShippingMethod::Delivery => "orders-print-deliver",
    };
    let name = whole.customer.name.iter().map(|name| say(large, name.as_str()));
    let phone = whole.customer.phone.iter().map(|phone| say(large, phone.to_string()));
    let address = whole.shipping.lines(slip.home);
    let address = address.iter().map(|line| say(plain, line));
    std::iter::once(say(Style::quiet(sizes.small), voice.say(label)))
        .chain(name)
        .chain(phone)
        .chain(address)
        .collect()
}

/// What is in the parcel: a box to tick, how many, what.
fn goods(flow: &mut Flow, slip: &Slip, voice: &Voice, sizes: &Sizes) {
    let many = |line: &OrderLine| say(Style::bold(sizes.large), quantity(line, voice));
    let lines: Vec<&OrderLine> = slip.whole.lines.iter().filter(|line| is_packed(line)).collect();
    let counts: Vec<Said> = lines.iter().map(|line| many(line)).collect();
    let (box_side, gap) = (sizes.large, 3.0 * MM);
    let space = flow.width() - box_side - gap;
    // the title reads better the wider it is, and the count is short
    let columns = widths(space, gap, 0.5, &[widest(&counts)]);
    let (what, count) = (columns[0], columns[1]);
    let from = flow.left() + box_side + gap;
    let grid = Grid::new(from, gap, &[count, what], &[Align::Right, Align::Left]);
    flow.table(None);
    for (line, count) in lines.into_iter().zip(counts) {
        let mut said = vec![say(Style::bold(sizes.plain + 0.5), &line.title)];
        if !line.options.is_empty() {
            said.push(say(Style::plain(sizes.plain), &line.options));
        }
        said.extend(line.sku.iter().map(|sku| say(Style::quiet(sizes.small), sku)));
        let row = grid.row(vec![vec![count], said]);
        flow.tick(flow.left(), box_side, &row);
        flow.table_row(&row);
        flow.rule(0.3, 170);
    }
    flow.end_table();
}

/// What can be put in a parcel, and has not come back.
fn is_packed(line: &OrderLine) -> bool {
    line.kind == Kind::Goods && line.returned < line.quantity
}

fn quantity(line: &OrderLine, voice: &Voice) -> String {
    let left = line.quantity.in_thousandths() - line.returned.in_thousandths();
    let left = base::Quantity::thousandths(left);
    match line.unit {
        // what is counted says so by its cross
        Unit::Piece => format!("{}\u{a0}×", voice.quantity(left, line.unit)),
        Unit::Pair | Unit::Pack => {
            let unit = voice.say(&format!("catalog-unit-{}", line.unit.name()));
            format!("{}\u{a0}×\u{a0}{unit}", voice.quantity(left, line.unit))
        }
        unit => voice.quantity(left, unit),
    }
}

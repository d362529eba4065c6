//! Where everything stands on the pages: rows of cells from top to bottom, broken between rows, with a table's head again
//! on each page. Lengths are points; `y` grows downwards.

use super::{
    Sheet,
    letters::{Face, printable, wrap},
    qr::{Code, QUIET},
};

/// Points in a millimetre.
pub const MM: f32 = 72.0 / 25.4;
/// A line's height, in its letters' size.
const LINE: f32 = 1.36;
/// From a line's top to the foot of its letters, in their size.
const FOOT: f32 = 1.06;
/// No page of a PDF is longer (ISO 32000-1, annex C): a roll's next piece begins there.
const LONGEST: f32 = 14_400.0;

/// How letters look. `shade` is 0 for black to 255 for white; rolls know only black.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    pub face: Face,
    pub size: f32,
    pub shade: u8,
}

impl Style {
    pub const fn plain(size: f32) -> Self {
        Self { face: Face::Regular, size, shade: 0 }
    }

    pub const fn bold(size: f32) -> Self {
        Self { face: Face::Bold, size, shade: 0 }
    }

    pub const fn quiet(size: f32) -> Self {
        Self { face: Face::Regular, size, shade: 90 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Centre,
    Right,
}

/// A paragraph of a cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    pub style: Style,
    pub text: String,
    pub is_title: bool,
}

pub fn say(style: Style, text: impl AsRef<str>) -> Said {
    Said { style, text: printable(text.as_ref()), is_title: false }
}

/// The paper's name, its heading.
pub fn title(style: Style, text: impl AsRef<str>) -> Said {
    Said { is_title: true, ..say(style, text) }
}

/// What a mark is in the paper's reading order, for who hears it read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Title,
    /// A paragraph; each has its own number.
    Text(usize),
    Cell {
        table: usize,
        row: usize,
        column: usize,
        head: bool,
    },
    /// A code, and what it is for.
    Code(String),
    /// Rules, repeated heads, page numbers: not read.
    Ornament,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// One line of letters; `y` is their foot.
    Words { x: f32, y: f32, style: Style, text: String },
    /// A filled bar.
    Bar { x: f32, y: f32, width: f32, height: f32, shade: u8 },
    /// A box to tick, or around a note.
    Frame { x: f32, y: f32, width: f32, height: f32 },
    /// A code; `side` is without its white border.
    Code { x: f32, y: f32, side: f32, code: Code },
    /// A word across the whole page, behind everything.
    Across(String),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    pub width: f32,
    pub height: f32,
    pub marks: Vec<(Part, Mark)>,
}

/// A part of a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    pub x: f32,
    pub width: f32,
    pub align: Align,
    pub said: Vec<Said>,
}

/// The columns of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// Left edge and width of each.
    columns: Vec<(f32, f32)>,
    aligns: Vec<Align>,
}

impl Grid {
    /// Columns beside each other from `x` on, `gap` apart.
    pub fn new(x: f32, gap: f32, widths: &[f32], aligns: &[Align]) -> Self {
        let mut at = x;
        let mut columns = Vec::with_capacity(widths.len());
        for width in widths {
            columns.push((at, *width));
            at += width + gap;
        }
        Self { columns, aligns: aligns.to_vec() }
    }

    pub fn row(&self, said: Vec<Vec<Said>>) -> Vec<Cell> {
        let columns = self.columns.iter().zip(&self.aligns).zip(said);
        columns.map(|((&(x, width), &align), said)| Cell { x, width, align, said }).collect()
    }
}

/// How wide columns are: all but the first what they want, the first what is left, at least the share `least` of the
/// `whole`. Where that is too much, the others give way alike.
pub fn widths(whole: f32, gap: f32, least: f32, wanted: &[f32]) -> Vec<f32> {
    let room = whole - gap * wanted.len() as f32;
    let sum: f32 = wanted.iter().sum();
    let most = room - whole * least;
    let share = if sum > most { most / sum } else { 1.0 };
    let others: Vec<f32> = wanted.iter().map(|width| width * share).collect();
    let first = room - others.iter().sum::<f32>();
    std::iter::once(first).chain(others).collect()
}

/// The widest line of what is said, unbroken.
pub fn widest<'s>(said: impl IntoIterator<Item = &'s Said>) -> f32 {
    // a hair more than the sum of the letters, or rounding could break the line
    let line = |said: &Said| said.style.face.width(&said.text, said.style.size) + 0.1;
    said.into_iter().map(line).fold(0.0, f32::max)
}

/// Pages as they fill.
pub struct Flow {
    sheet: Sheet,
    width: f32,
    margin: f32,
    top: f32,
    /// Below this nothing stands but page numbers.
    bottom: f32,
    pages: Vec<Vec<(Part, Mark)>>,
    /// The page and the height where the next row begins.
    page: usize,
    y: f32,
    /// Where rows begin on each page, below a repeated head.
    tops: Vec<f32>,
    head: Option<Vec<Cell>>,
    texts: usize,
    tables: usize,
    rows: usize,
}

impl Flow {
    pub fn new(sheet: Sheet) -> Self {
        let (width, height, margin, top, bottom) = match sheet {
            Sheet::A4 => (210.0 * MM, 297.0 * MM, 18.0 * MM, 16.0 * MM, 20.0 * MM),
            Sheet::Roll80 => (80.0 * MM, LONGEST, 4.0 * MM, 4.0 * MM, 8.0 * MM),
            Sheet::Roll58 => (58.0 * MM, LONGEST, 5.0 * MM, 4.0 * MM, 8.0 * MM),
        };
        Self {
            sheet,
            width,
            margin,
            top,
            bottom: height - bottom,
            pages: vec![Vec::new()],
            page: 0,
            y: top,
            tops: vec![top],
            head: None,
            texts: 0,
            tables: 0,
            rows: 0,
        }
    }

    /// The left edge of what is printed.
    pub fn left(&self) -> f32 {
        self.margin
    }

    /// The width of what is printed.
    pub fn width(&self) -> f32 {
        self.width - 2.0 * self.margin
    }

    pub fn gap(&mut self, height: f32) {
        self.y += height;
    }

    /// Where the next row begins: to come back to it with [`Flow::return_to`].
    pub fn place(&self) -> (usize, f32) {
        (self.page, self.y)
    }

    /// Goes on at `place`, to stand beside what came since.
    pub fn return_to(&mut self, place: (usize, f32)) {
        (self.page, self.y) = place;
    }

    /// Begins a new page unless `height` fits on this one (or on none).
    pub fn keep(&mut self, height: f32) {
        if self.y + height > self.bottom && height <= self.bottom - self.top {
            self.turn();
        }
    }

    /// A paragraph over the whole width.
    pub fn text(&mut self, align: Align, said: Said) {
        let cell = Cell { x: self.margin, width: self.width(), align, said: vec![said] };
        self.row(vec![cell]);
    }

    /// Cells beside each other that are no table.
    pub fn row(&mut self, cells: Vec<Cell>) {
        let first = self.texts;
        let mut parts = Vec::new();
        for said in cells.iter().flat_map(|cell| &cell.said) {
            parts.push(if said.is_title { Part::Title } else { Part::Text(first + parts.len()) });
        }
        self.texts += parts.len();
        let mut parts = parts.into_iter();
        self.lay(&cells, |_| parts.next().unwrap_or(Part::Ornament));
    }

    /// Begins a table. Its head stands again on each page, until [`Flow::end_table`].
    pub fn table(&mut self, head: Option<Vec<Cell>>) {
        (self.tables, self.rows) = (self.tables + 1, 0);
        if let Some(head) = head {
            // a head alone at the foot of a page says nothing
            self.keep(3.0 * self.tallest(&head));
            self.cells(&head, true);
            self.rule(0.8, 0);
            self.head = Some(head);
        }
    }

    pub fn end_table(&mut self) {
        self.head = None;
    }

    pub fn table_row(&mut self, cells: &[Cell]) {
        self.cells(cells, false);
    }

    fn cells(&mut self, cells: &[Cell], head: bool) {
        let (table, row) = (self.tables, self.rows);
        self.rows += 1;
        self.lay(cells, |column| Part::Cell { table, row, column, head });
    }

    /// A line across, or over the columns from `x` on.
    pub fn rule(&mut self, thick: f32, shade: u8) {
        self.rule_from(self.margin, thick, shade);
    }

    pub fn rule_from(&mut self, x: f32, thick: f32, shade: u8) {
        let shade = if self.sheet.is_roll() { 0 } else { shade };
        self.y += 2.0;
        let bar = Mark::Bar { x, y: self.y, width: self.width - self.margin - x, height: thick, shade };
        self.pages[self.page].push((Part::Ornament, bar));
        self.y += thick + 2.0;
    }

    /// A box to tick beside the row that comes, `side` long.
    pub fn tick(&mut self, x: f32, side: f32, row: &[Cell]) {
        // the row may turn the page, and the box goes with it
        self.keep(self.tallest(row));
        let frame = Mark::Frame { x, y: self.y + 2.0, width: side, height: side };
        self.pages[self.page].push((Part::Ornament, frame));
    }

    /// Words in a box.
    pub fn boxed(&mut self, said: Vec<Said>) {
        let inset = 5.0;
        let width = self.width() - 2.0 * inset;
        let cell = Cell { x: self.margin + inset, width, align: Align::Left, said };
        let tall = self.tallest(std::slice::from_ref(&cell)) + 2.0 * inset;
        self.keep(tall);
        let (page, y) = self.place();
        self.y += inset;
        self.row(vec![cell]);
        self.y += inset;
        if page == self.page {
            let frame = Mark::Frame { x: self.margin, y, width: self.width(), height: self.y - y };
            self.pages[page].push((Part::Ornament, frame));
        }
    }

    /// A code with its white border, `side` wide in all, and what it is for below it.
    pub fn code(&mut self, x: f32, side: f32, code: &Code, caption: Said, width: f32) {
        let square = side / (code.side + 2 * QUIET) as f32;
        let border = QUIET as f32 * square;
        self.keep(side + caption.style.size * LINE * 3.0);
        let at = x + (width - side) / 2.0;
        let mark =
            Mark::Code { x: at + border, y: self.y + border, side: side - 2.0 * border, code: code.clone() };
        self.pages[self.page].push((Part::Code(caption.text.clone()), mark));
        self.y += side;
        self.row(vec![Cell { x, width, align: Align::Centre, said: vec![caption] }]);
    }

    /// A word across every page.
    pub fn across(&mut self, word: &str) {
        for page in &mut self.pages {
            page.insert(0, (Part::Ornament, Mark::Across(printable(word))));
        }
    }

    /// The pages, with `foot` (of a page's number and how many there are) where there are several.
    pub fn finish(mut self, foot: impl Fn(usize, usize) -> String) -> Vec<Page> {
        let count = self.pages.len();
        if count > 1 {
            let style = self.inked(Style::quiet(8.0));
            for page in 0..count {
                let words = say(style, foot(page + 1, count));
                let x = self.width - self.margin - style.face.width(&words.text, style.size);
                let y = self.bottom + style.size * 2.0;
                self.pages[page].push((Part::Ornament, Mark::Words { x, y, style, text: words.text }));
            }
        }
        let last = self.pages.len() - 1;
        let (width, full, end) = (self.width, self.bottom + 8.0 * MM, self.y + 8.0 * MM);
        let height = |page: usize| match self.sheet {
            Sheet::A4 => 297.0 * MM,
            _ if page == last => end.min(LONGEST),
            _ => full,
        };
        let pages = self.pages.into_iter().enumerate();
        pages.map(|(page, marks)| Page { width, height: height(page), marks }).collect()
    }

    fn inked(&self, style: Style) -> Style {
        if self.sheet.is_roll() { Style { shade: 0, ..style } } else { style }
    }

    fn turn(&mut self) {
        self.page += 1;
        self.y = self.top_of(self.page);
    }

    /// Where rows begin on `page`, which is made if it is not there.
    fn top_of(&mut self, page: usize) -> f32 {
        while self.pages.len() <= page {
            self.pages.push(Vec::new());
            let mut top = self.top;
            if let Some(head) = self.head.take() {
                let back = self.place();
                (self.page, self.y) = (self.pages.len() - 1, top);
                self.tops.push(top);
                self.lay(&head, |_| Part::Ornament);
                self.rule(0.8, 0);
                top = self.y;
                self.tops.pop();
                self.return_to(back);
                self.head = Some(head);
            }
            self.tops.push(top);
        }
        self.tops[page]
    }

    fn lines(cell: &Cell) -> impl Iterator<Item = (&Said, String)> {
        cell.said.iter().flat_map(|said| {
            let measure = |letter| said.style.face.glyph(letter).1 * said.style.size;
            wrap(&said.text, cell.width, measure).into_iter().map(move |line| (said, line))
        })
    }

    fn tallest(&self, cells: &[Cell]) -> f32 {
        let tall = |cell: &Cell| Self::lines(cell).map(|(said, _)| said.style.size * LINE).sum();
        cells.iter().map(tall).fold(0.0, f32::max)
    }

    /// Lays cells beside each other. A row stays whole if a page can hold it. `part` is asked once for each cell of a
    /// table, or each paragraph of other rows.
    fn lay(&mut self, cells: &[Cell], mut part: impl FnMut(usize) -> Part) {
        self.keep(self.tallest(cells));
        let begin = self.place();
        let mut end = begin;
        for (column, cell) in cells.iter().enumerate() {
            self.return_to(begin);
            for said in &cell.said {
                let part = part(column);
                let one = Cell { said: vec![said.clone()], ..cell.clone() };
                for (said, line) in Self::lines(&one) {
                    let tall = said.style.size * LINE;
                    if self.y + tall > self.bottom && self.y > self.tops[self.page] {
                        self.turn();
                    }
                    let wide = said.style.face.width(&line, said.style.size);
                    let x = match cell.align {
                        Align::Left => cell.x,
                        Align::Centre => cell.x + (cell.width - wide) / 2.0,
                        Align::Right => cell.x + cell.width - wide,
                    };
                    let y = self.y + said.style.size * FOOT;
                    let words = Mark::Words { x, y, style: self.inked(said.style), text: line };
                    self.pages[self.page].push((part.clone(), words));
                    self.y += tall;
                }
            }
            if (self.page, self.y) > end {
                end = self.place();
            }
        }
        self.return_to(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: Style = Style::plain(10.0);

    fn words(page: &Page) -> Vec<&str> {
        let text = |(_, mark): &'_ (Part, Mark)| matches!(mark, Mark::Words { .. });
        page.marks
            .iter()
            .filter(|mark| text(mark))
            .map(|(_, mark)| match mark {
                Mark::Words { text, .. } => text.as_str(),
                _ => "",
            })
            .collect()
    }

    fn list(sheet: Sheet, rows: usize) -> Vec<Page> {
        let mut flow = Flow::new(sheet);
        let grid = Grid::new(flow.left(), 4.0, &[80.0, 40.0], &[Align::Left, Align::Right]);
        flow.table(Some(grid.row(vec![vec![say(STYLE, "What")], vec![say(STYLE, "Total")]])));
        for row in 0..rows {
            flow.table_row(&grid.row(vec![vec![say(STYLE, format!("thing{row}"))], vec![say(STYLE, "1")]]));
        }
        flow.end_table();
        flow.finish(|page, pages| format!("{page} of {pages}"))
    }

    #[test]
    fn the_first_column_gets_what_the_others_leave() {
        assert_eq!(widths(100.0, 5.0, 0.3, &[20.0, 10.0]), [60.0, 20.0, 10.0]);
        // too much is wanted: the first keeps its share, the others give way alike
        assert_eq!(widths(100.0, 0.0, 0.4, &[80.0, 40.0]), [40.0, 40.0, 20.0]);
    }

    #[test]
    fn a_long_table_says_its_head_and_the_page_on_every_page() {
        let pages = list(Sheet::A4, 150);
        assert!(pages.len() > 2);
        for (number, page) in pages.iter().enumerate() {
            let said = words(page);
            assert_eq!(said[..2], ["What", "Total"]);
            assert_eq!(said.last().copied(), Some(format!("{} of {}", number + 1, pages.len()).as_str()));
        }
        let things = pages.iter().flat_map(words).filter(|word| word.starts_with("thing")).count();
        assert_eq!(things, 150);
    }

    #[test]
    fn only_the_first_head_is_read_aloud() {
        let pages = list(Sheet::A4, 150);
        let heads = |page: &Page| {
            page.marks.iter().filter(|(part, _)| matches!(part, Part::Cell { head: true, .. })).count()
        };
        assert_eq!(pages.iter().map(heads).collect::<Vec<_>>()[..2], [2, 0]);
    }

    #[test]
    fn nothing_stands_in_the_margins() {
        for sheet in Sheet::ALL {
            for page in list(sheet, 150) {
                for (part, mark) in &page.marks {
                    if let Mark::Words { x, y, style, text } = mark {
                        assert!(*x > 10.0 && x + style.face.width(text, style.size) < page.width - 10.0);
                        assert!(*y > 10.0 && *y < page.height - 10.0, "{part:?} at {y} of {}", page.height);
                    }
                }
            }
        }
    }

    #[test]
    fn a_roll_is_as_long_as_what_stands_on_it() {
        let [one, many] = [2, 20].map(|rows| list(Sheet::Roll80, rows)[0].height);
        assert!((many - one - 18.0 * 10.0 * LINE).abs() < 0.1, "{one} and {many}");
        assert_eq!(list(Sheet::Roll58, 500).len(), 1);
        assert!(list(Sheet::Roll58, 2000).iter().all(|page| page.height <= LONGEST));
    }

    #[test]
    fn amounts_end_at_one_edge() {
        let mut flow = Flow::new(Sheet::A4);
        let grid = Grid::new(0.0, 0.0, &[100.0], &[Align::Right]);
        for amount in ["1,00\u{a0}€", "12\u{202f}500,00\u{a0}€"] {
            flow.table_row(&grid.row(vec![vec![say(STYLE, amount)]]));
        }
        let pages = flow.finish(|_, _| String::new());
        let edges = pages[0].marks.iter().map(|(_, mark)| match mark {
            Mark::Words { x, style, text, .. } => x + style.face.width(text, style.size),
            _ => 0.0,
        });
        assert!(edges.into_iter().all(|edge| (edge - 100.0).abs() < 0.01));
    }

    #[test]
    fn a_row_stays_whole_and_one_longer_than_a_page_goes_on() {
        let mut flow = Flow::new(Sheet::A4);
        flow.gap(760.0 - 16.0 * MM);
        flow.text(Align::Left, say(STYLE, "a\nb\nc"));
        flow.text(Align::Left, say(STYLE, "d\n".repeat(200)));
        let pages = flow.finish(|_, _| "foot".to_owned());
        assert_eq!(words(&pages[0]), ["foot"]);
        assert_eq!(words(&pages[1])[..3], ["a", "b", "c"]);
        assert_eq!(pages.iter().flat_map(words).filter(|word| *word == "d").count(), 200);
    }
}

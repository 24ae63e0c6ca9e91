//! Dots in a grid of characters.

/// With which characters dots are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marks {
    /// Two by four dots in each character.
    Braille,
    /// Two dots above each other in each character, in ASCII.
    Points,
    /// A letter for each line, where there are no colours to tell them apart.
    Letters,
}

impl Marks {
    /// Dots in a character: across and down.
    pub(crate) fn dots(self) -> (usize, usize) {
        match self {
            Marks::Braille => (2, 4),
            Marks::Points => (1, 2),
            Marks::Letters => (1, 1),
        }
    }
}

/// The letter of a line.
pub(crate) fn letter(series: usize) -> char {
    u8::try_from(series)
        .ok()
        .filter(|place| *place < 26)
        .map_or('z', |place| char::from(b'a' + place))
}

#[derive(Debug)]
pub(super) struct Raster {
    marks: Marks,
    columns: usize,
    rows: usize,
    cells: Vec<Cell>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    dots: u8,
    series: usize,
}

impl Raster {
    pub(super) fn new(marks: Marks, columns: usize, rows: usize) -> Raster {
        Raster {
            marks,
            columns,
            rows,
            cells: vec![Cell::default(); columns * rows],
        }
    }

    /// Dots across and down.
    pub(super) fn size(&self) -> (usize, usize) {
        let (across, down) = self.marks.dots();
        (self.columns * across, self.rows * down)
    }

    /// A dot, from the left and from the top; whoever comes later has the character's colour.
    pub(super) fn set(&mut self, x: usize, y: usize, series: usize) {
        let (across, down) = self.marks.dots();
        let (column, row) = (x / across, y / down);
        if column >= self.columns || row >= self.rows {
            return;
        }
        let bit = self.bit(x % across, y % down);
        let cell = &mut self.cells[row * self.columns + column];
        cell.dots |= bit;
        cell.series = series;
    }

    /// Dots from one place to another.
    pub(super) fn link(&mut self, from: (usize, usize), to: (usize, usize), series: usize) {
        let steps = from.0.abs_diff(to.0).max(from.1.abs_diff(to.1));
        for step in 0..=steps {
            let at = |from: usize, to: usize| {
                let part = step as f64 / steps.max(1) as f64;
                (from as f64 + (to as f64 - from as f64) * part).round() as usize
            };
            self.set(at(from.0, to.0), at(from.1, to.1), series);
        }
    }

    /// The characters of a row in runs of one line's each; `None`: nothing but spaces.
    pub(super) fn runs(&self, row: usize) -> Vec<(Option<usize>, String)> {
        let mut runs: Vec<(Option<usize>, String)> = Vec::new();
        for cell in &self.cells[row * self.columns..(row + 1) * self.columns] {
            let (owner, character) = match cell.dots {
                0 => (None, ' '),
                dots => (Some(cell.series), self.character(dots, cell.series)),
            };
            match runs.last_mut() {
                Some((last, text)) if *last == owner => text.push(character),
                _ => runs.push((owner, character.into())),
            }
        }
        runs
    }

    fn bit(&self, x: usize, y: usize) -> u8 {
        match self.marks {
            // The dots are numbered down the left side, down the right, and the lowest last.
            Marks::Braille if y == 3 => 0x40 << x,
            Marks::Braille => 1 << (3 * x + y),
            Marks::Points | Marks::Letters => 1 << y,
        }
    }

    fn character(&self, dots: u8, series: usize) -> char {
        match self.marks {
            Marks::Braille => char::from_u32(0x2800 + u32::from(dots)).unwrap_or(' '),
            Marks::Points => match dots {
                1 => '\'',
                2 => '.',
                _ => ':',
            },
            Marks::Letters => letter(series),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(raster: &Raster, row: usize) -> String {
        raster.runs(row).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn each_dot_of_a_braille_character_is_where_it_is_drawn() {
        for (x, y, wanted) in [
            (0, 0, "⠁"),
            (0, 3, "⡀"),
            (1, 0, "⠈"),
            (1, 2, "⠠"),
            (1, 3, "⢀"),
        ] {
            let mut raster = Raster::new(Marks::Braille, 1, 1);
            raster.set(x, y, 0);
            assert_eq!(text(&raster, 0), wanted);
        }
    }

    #[test]
    fn a_link_leaves_no_hole_and_what_lies_outside_is_left_out() {
        let mut raster = Raster::new(Marks::Braille, 2, 1);
        raster.link((0, 3), (3, 0), 0);
        assert_eq!(text(&raster, 0), "⡠⠊");
        raster.set(4, 0, 0);
        raster.set(0, 4, 0);
        assert_eq!(text(&raster, 0), "⡠⠊");
    }

    #[test]
    fn without_colours_each_line_has_its_letter() {
        let mut raster = Raster::new(Marks::Letters, 3, 1);
        raster.set(0, 0, 0);
        raster.set(2, 0, 1);
        assert_eq!(
            raster.runs(0),
            [
                (Some(0), "a".to_string()),
                (None, " ".into()),
                (Some(1), "b".into())
            ]
        );
        let mut points = Raster::new(Marks::Points, 3, 1);
        points.set(0, 0, 0);
        points.set(1, 1, 0);
        points.link((2, 0), (2, 1), 0);
        assert_eq!(text(&points, 0), "'.:");
    }
}

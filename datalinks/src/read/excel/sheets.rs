//! Selection of a sheet.

use calamine::{Sheet, SheetType, SheetVisible};

use crate::error::Error;

/// The selected sheet.
#[derive(Clone, Debug, Default)]
pub(in crate::read) enum WantedSheet {
    /// The first visible worksheet.
    #[default]
    FirstVisible,
    Name(String),
    /// The number of the sheet, counted from 1 over all sheets of the workbook.
    Number(usize),
}

/// Returns the name of the selected worksheet.
pub(super) fn choose(name: &str, sheets: &[Sheet], wanted: &WantedSheet) -> Result<String, Error> {
    let (sheet, asked) = match wanted {
        WantedSheet::FirstVisible => {
            let first =
                sheets.iter().find(|sheet| is_worksheet(sheet) && sheet.visible == SheetVisible::Visible);
            (first, "visible worksheet".to_owned())
        }
        WantedSheet::Name(wanted) => {
            (sheets.iter().find(|sheet| sheet.name == *wanted), format!("sheet {wanted:?}"))
        }
        WantedSheet::Number(number) => {
            let sheet = number.checked_sub(1).and_then(|index| sheets.get(index));
            (sheet, format!("sheet with number {number}"))
        }
    };
    match sheet {
        Some(sheet) if is_worksheet(sheet) => Ok(sheet.name.clone()),
        Some(sheet) => Err(Error::invalid(format!(
            "the sheet {:?} of {name} has no cells: it is {}",
            sheet.name,
            kind(sheet.typ)
        ))
        .advice(advice(sheets))),
        None => Err(Error::invalid(format!("{name} has no {asked}")).advice(advice(sheets))),
    }
}

fn is_worksheet(sheet: &Sheet) -> bool {
    sheet.typ == SheetType::WorkSheet
}

fn kind(typ: SheetType) -> &'static str {
    match typ {
        SheetType::WorkSheet => "a worksheet",
        SheetType::ChartSheet => "a chart",
        SheetType::DialogSheet => "a dialog",
        SheetType::MacroSheet => "a sheet of macros",
        SheetType::Vba => "a module of macros",
    }
}

/// Lists the worksheets that can be selected, in the order of the workbook.
fn advice(sheets: &[Sheet]) -> String {
    let worksheets: Vec<_> = sheets
        .iter()
        .filter(|sheet| is_worksheet(sheet))
        .map(|sheet| match sheet.visible {
            SheetVisible::Visible => sheet.name.clone(),
            SheetVisible::Hidden | SheetVisible::VeryHidden => format!("{} (hidden)", sheet.name),
        })
        .collect();
    match worksheets.is_empty() {
        true => "the workbook has no worksheet at all".to_owned(),
        false => format!("use one of {}", worksheets.join(", ")),
    }
}

/** A byte order mark: without it Excel takes UTF-8 for the system's own code page. */
const BOM = "\uFEFF";

/** A cell that a spreadsheet would run as a formula is made text of; a caller's number is whatever the caller sent. */
function cell(value: string | number): string {
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Rows as a file that spreadsheets open (RFC 4180). */
export const formatCsv = (rows: readonly (readonly (string | number)[])[]): string =>
  BOM + rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");

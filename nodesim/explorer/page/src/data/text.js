/** The text of a file: in UTF-8, or in UTF-16 and UTF-32 as spreadsheets write it, with a mark or without. */

import { DataError } from "./errors.js";
import { marked, worded } from "../words.js";

/** How files that are no tables begin, and what they are. @type {[number[], string][]} */
const BEGINNINGS = [
  [[0x1f, 0x8b], marked("This is no text but a file packed by gzip. Unpack it first.")],
  [[0x50, 0x4b, 3, 4], marked("This is no text but a packed file (zip, or an Excel or LibreOffice workbook). Unpack it first; of a workbook: Save the sheet as CSV UTF-8 and drop that.")],
  [[0xd0, 0xcf, 0x11, 0xe0], marked("This is no text but an Excel workbook (xls). Save the sheet as CSV UTF-8 and drop that.")],
  [[0x50, 0x41, 0x52, 0x31], marked("This is no text but a Parquet file. Read it with pandas, and write it by to_csv.")],
  [[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], marked("This is no text but an array of NumPy. Write it by numpy.savetxt.")],
  [[0x25, 0x50, 0x44, 0x46], marked("This is no text but a PDF. Copy the table into a spreadsheet and save it as CSV.")],
  [[0x89, 0x50, 0x4e, 0x47], marked("This is no text but a picture.")],
  [[0xff, 0xd8, 0xff], marked("This is no text but a picture.")],
];
/** @type {[RegExp, string][]} */
const TEXTS = [
  [/^\s*<(!doctype html|html)/i, marked("This is no table but a web page. Download the file itself.")],
  [/^\s*<(\?xml|svg\b)/i, marked("This is no table but XML. Write a row for each sample and a column for each input.")],
  [/^\s*[[{]\s*["[{]/, marked("This is no table but JSON. Write it as CSV: a row for each sample, a column for each input.")],
  [/^\s*(%[^\n]*\s+)*@relation/i, marked("This is no table but an ARFF file of Weka. Keep what follows @data.")],
  [/^\s*\S+( \d+:\S+)+\s*$/m, marked("This is no table but a file of LIBSVM. Write a column for each input.")],
];

/**
 * Return the text of a file.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function textOf(bytes) {
  const foreign = BEGINNINGS.find(([beginning]) => beginning.every((byte, place) => bytes[place] === byte));
  if (foreign) throw new DataError(worded(foreign[1]));
  const text = decoded(bytes);
  if (text.includes("\0")) throw new DataError(worded("This is no text but binary data. A data set is a CSV or TSV file."));
  const other = TEXTS.find(([pattern]) => pattern.test(text.slice(0, 4096)));
  if (other) throw new DataError(worded(other[1]));
  // DOS ended texts so.
  return text.replace(/\x1a+$/, "");
}

function decoded(bytes) {
  const begins = (...wanted) => wanted.every((byte, place) => bytes[place] === byte);
  // The mark of UTF-32 begins with that of UTF-16.
  if (bytes.length % 4 === 0 && (begins(0xff, 0xfe, 0, 0) || begins(0, 0, 0xfe, 0xff))) return utf32(bytes, bytes[0] === 0xff);
  if (begins(0xff, 0xfe)) return strict("utf-16le", bytes);
  if (begins(0xfe, 0xff)) return strict("utf-16be", bytes);
  return strict(unmarked(bytes), bytes);
}

/** Tell UTF-16 without a mark by its zeros: every other byte of most characters of a table is one. */
function unmarked(bytes) {
  const zeros = [0, 0];
  const looked = Math.min(bytes.length, 4096);
  for (let place = 0; place < looked; place++) if (bytes[place] === 0) zeros[place % 2]++;
  if (!zeros[0] && 4 * zeros[1] > looked) return "utf-16le";
  if (!zeros[1] && 4 * zeros[0] > looked) return "utf-16be";
  return "utf-8";
}

function strict(encoding, bytes) {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new DataError(worded("This is no text in {encoding}, line {line} has letters in another encoding. UTF-8 and UTF-16 are read. Save it in UTF-8; in Excel this is “CSV UTF-8”.", { encoding: encoding.toUpperCase(), line: wrongLine(encoding, bytes) }));
  }
}

/** The first line that is no text in an encoding. */
function wrongLine(encoding, bytes) {
  const whole = new TextDecoder(encoding).decode(bytes);
  const before = whole.slice(0, Math.max(0, whole.indexOf("\ufffd")));
  return before.split("\n").length;
}

function utf32(bytes, littleEndian) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = "";
  for (let place = 4; place < bytes.length; place += 4) {
    const code = view.getUint32(place, littleEndian);
    if (code > 0x10ffff) throw new DataError(worded("This is no text in UTF-32. Save it in UTF-8."));
    text += String.fromCodePoint(code);
  }
  return text;
}

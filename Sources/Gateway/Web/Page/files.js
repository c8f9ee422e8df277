// The text of a file that was dropped or chosen. It is read in the browser; only the text in the field is ever sent.
import { docxText } from "/web/docx.js";

// Far above what any gateway takes; so that a film dropped by mistake does not fill the memory.
const LARGEST = 20_000_000;

/**
 * @param {File} file
 * @returns {Promise<{text: string, note: string}>} the note says how the file was read
 * @throws {Error} with words for the reader
 */
export async function readEssay(file) {
  if (file.size > LARGEST) throw new Error("The file is over 20 MB, which no essay is.");
  const bytes = new Uint8Array(await file.arrayBuffer());
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  if (isZip) {
    const note = "Read from a Word file: the body's text, without footnotes, headers, comments and formatting.";
    return { text: await docxText(bytes), note };
  }
  if (/\.(docx?|odt|rtf|pdf|pages)$/i.test(file.name)) {
    throw new Error("This kind of file cannot be read here. Save it as .docx or plain text, or paste the text.");
  }
  const { text, note } = decode(bytes);
  if (text.includes("\u0000")) throw new Error("This is not a text file. Save the essay as .docx or plain text.");
  return { text: text.replace(/\r\n?/g, "\n"), note };
}

function decode(bytes) {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le"
    : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "utf-8";
  try {
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes), note: "" };
  } catch {
    return {
      text: new TextDecoder("windows-1252").decode(bytes),
      note: "The file was not in UTF-8 and was read as Windows-1252: check its accents and quotation marks.",
    };
  }
}

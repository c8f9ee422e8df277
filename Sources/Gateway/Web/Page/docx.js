// The body's text of a Word document: a zip archive with XML in it, both of which the browser can read by itself.

const LARGEST = 50_000_000;
const NO_DOCUMENT = "This is not a Word document that can be read here. Save it as .docx anew, or paste the text.";

/**
 * Paragraphs with a blank line between them. Deleted text of tracked changes is left out, as are footnotes, headers,
 * comments and fields' instructions.
 * @param {Uint8Array} bytes of the .docx file
 * @throws {Error} with words for the reader
 */
export async function docxText(bytes) {
  let xml;
  try {
    xml = await archiveMember(bytes, "word/document.xml");
  } catch {
    // An offset outside of the file, a damaged stream: the same to the reader.
    throw new Error(NO_DOCUMENT);
  }
  const parsed = new DOMParser().parseFromString(xml, "application/xml");
  if (parsed.querySelector("parsererror")) throw new Error(NO_DOCUMENT);
  return paragraphs(parsed).map((lines) => lines.trimEnd()).filter((lines) => lines.trim()).join("\n\n");
}

function paragraphs(parsed) {
  const walker = parsed.createTreeWalker(parsed, NodeFilter.SHOW_ELEMENT, (node) =>
    // A fallback repeats what stands before it for old programs.
    (node.localName === "Fallback" ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT));
  const found = [""];
  const add = (text) => { found[found.length - 1] += text; };
  while (walker.nextNode()) {
    const node = walker.currentNode;
    switch (node.localName) {
      case "p": found.push(""); break;
      case "t": add(node.textContent); break;
      // Also the name of a tab stop, which is no text.
      case "tab": if (node.parentNode.localName === "r") add("\t"); break;
      case "br": case "cr": add("\n"); break;
      case "noBreakHyphen": add("-"); break;
    }
  }
  return found;
}

/** One member of a zip archive as text; APPNOTE.TXT 4.3. */
async function archiveMember(bytes, wanted) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - 22;
  while (view.getUint32(end, true) !== 0x06054b50) end -= 1;
  let header = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left -= 1) {
    if (view.getUint32(header, true) !== 0x02014b50) break;
    const nameLength = view.getUint16(header + 28, true);
    const name = new TextDecoder().decode(bytes.subarray(header + 46, header + 46 + nameLength));
    if (name === wanted) {
      const local = view.getUint32(header + 42, true);
      const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
      const packed = bytes.subarray(start, start + view.getUint32(header + 20, true));
      return unpacked(packed, view.getUint16(header + 10, true));
    }
    header += 46 + nameLength + view.getUint16(header + 30, true) + view.getUint16(header + 32, true);
  }
  throw new Error("no such member");
}

async function unpacked(packed, method) {
  if (method === 0) return new TextDecoder("utf-8", { fatal: true }).decode(packed);
  if (method !== 8) throw new Error("an unusual compression");
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  for (let reader = stream.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    text += decoder.decode(value, { stream: true });
    // A small file may unpack to gigabytes.
    if (text.length > LARGEST) throw new Error("too large");
  }
}

// From the reply's passages, which are byte ranges that overlap, to pieces of the text with one probability each.

/**
 * The UTF-16 index that each UTF-8 byte offset of the text means. An offset inside of a character gives the character's
 * start, one after the end the end.
 * @param {string} text well formed
 * @param {number[]} offsets ascending
 */
export function utf16Indices(text, offsets) {
  const indices = [];
  let index = 0;
  let bytes = 0;
  for (const offset of offsets) {
    while (index < text.length) {
      const scalar = text.codePointAt(index);
      const size = scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4;
      if (bytes + size > offset) break;
      bytes += size;
      index += scalar > 0xffff ? 2 : 1;
    }
    indices.push(index);
  }
  return indices;
}

/**
 * The text in pieces, in order and without gaps. Where passages overlap, a piece has the mean of their probabilities;
 * outside of all of them null. No piece begins within a word, and neighbours of the same whole percentage are one.
 * @param {{start: number, end: number, probability_ai: number}[]} passages
 * @returns {{text: string, probability: number?}[]}
 */
export function pieces(text, passages) {
  const bytes = [...new Set(passages.flatMap((passage) => [passage.start, passage.end]))].sort((a, b) => a - b);
  const indices = utf16Indices(text, bytes);
  const at = new Map(bytes.map((offset, i) => [offset, wordStart(text, indices[i])]));
  const ranges = passages
    .map((passage) => ({ from: at.get(passage.start), to: at.get(passage.end), probability: passage.probability_ai }));
  const bounds = [...new Set([0, ...at.values(), text.length])].sort((a, b) => a - b);
  const found = [];
  bounds.slice(1).forEach((end, i) => {
    const start = bounds[i];
    const covering = ranges.filter((range) => range.from <= start && range.to >= end);
    const sum = covering.reduce((total, range) => total + range.probability, 0);
    const probability = covering.length > 0 ? sum / covering.length : null;
    const last = found.at(-1);
    if (last && wholePercent(last.probability) === wholePercent(probability)) last.text += text.slice(start, end);
    else found.push({ text: text.slice(start, end), probability });
  });
  return found;
}

const wholePercent = (probability) => (probability === null ? null : Math.round(probability * 100));

/** The first index from the given one on at which a word begins that is not the one before it. */
function wordStart(text, index) {
  if (index === 0) return 0;
  let found = index;
  while (found < text.length && /\S/.test(text[found - 1]) && /\S/.test(text[found])) found += 1;
  while (found < text.length && /\s/.test(text[found])) found += 1;
  return found;
}

/** The shades: from which probability on, and what it is called. */
export const levels = [
  { from: 0, name: "under 20%" },
  { from: 0.2, name: "20 to 50%" },
  { from: 0.5, name: "50 to 80%" },
  { from: 0.8, name: "80 to 95%" },
  { from: 0.95, name: "95% and more" },
];

/** Which of `levels` a probability belongs to. */
export const level = (probability) => levels.findLastIndex((step) => probability >= step.from);

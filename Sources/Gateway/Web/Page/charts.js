// The drawings: SVG with lengths in percent, so that they fit any width and their letters keep their size.
import { drawing } from "/web/dom.js";
import { percent } from "/web/words.js";

const logit = (probability) => Math.log(probability / (1 - probability));
const EDGE = logit(0.9997);

/** Where a probability lies on the stretched scale, in percent of its width. */
function position(probability) {
  const bounded = Math.min(Math.max(probability, 0.0003), 0.9997);
  return 50 + (logit(bounded) / EDGE) * 50;
}

/** The probability between the thresholds of the verdicts. */
export function scale(reply, label) {
  const { human, ai } = reply.thresholds;
  const at = position(reply.probability_ai);
  const anchor = at < 12 ? "start" : at > 88 ? "end" : "middle";
  const zone = (from, to, kind) => drawing("rect", {
    x: `${from}%`, width: `${to - from}%`, y: "26", height: "20", class: kind,
  });
  const ticks = [0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999].flatMap((probability) => [
    drawing("line", {
      x1: `${position(probability)}%`, x2: `${position(probability)}%`, y1: "46", y2: "52", class: "axis",
    }),
    drawing("text", { x: `${position(probability)}%`, y: "67", "text-anchor": "middle", class: "quiet" },
      `${probability * 100}%`),
  ]);
  return drawing("svg", { role: "img", "aria-label": label },
    zone(0, position(human), "person"), zone(position(human), position(ai), "neither"),
    zone(position(ai), 100, "machine"), ...ticks,
    drawing("rect", {
      x: `${at}%`, width: "5", y: "20", height: "32", rx: "2", class: "marker", transform: "translate(-2.5)",
    }),
    drawing("text", { x: `${at}%`, y: "13", "text-anchor": anchor, "font-weight": "600" },
      percent(reply.probability_ai)));
}

/**
 * One bar from the middle: to the left for a person, to the right for a language model.
 * @param {number} largest the logit, without its sign, that fills a side
 */
export function bar(value, largest, kind) {
  const length = (Math.abs(value) / largest) * 50;
  return drawing("svg", { "aria-hidden": "true" },
    drawing("rect", { x: "0", width: "100%", y: "7", height: "2", class: "track" }),
    drawing("rect", {
      x: `${value < 0 ? 50 - length : 50}%`, width: `${length}%`, y: "1", height: "14", class: kind,
    }),
    drawing("line", { x1: "50%", x2: "50%", y1: "0", y2: "16", class: "axis" }));
}

/** Where a value stands among a hundred essays in order; the middle half is drawn thicker, the median as a tick. */
export function strip(percentile, label) {
  return drawing("svg", { role: "img", "aria-label": label },
    drawing("rect", { x: "0", width: "100%", y: "8", height: "4", class: "track" }),
    drawing("rect", { x: "25%", width: "50%", y: "6", height: "8", class: "middle-half" }),
    drawing("line", { x1: "50%", x2: "50%", y1: "3", y2: "17", class: "axis" }),
    drawing("circle", { cx: `${Math.min(Math.max(percentile, 1), 99)}%`, cy: "10", r: "6", class: "marker" }));
}

/** The sign beside the verdict: each its own shape. */
export function glyph(verdict) {
  const shape = {
    human: () => drawing("circle", { cx: "16", cy: "16", r: "14", class: "glyph-person" }),
    ai: () => drawing("path", { d: "M16 1 L31 16 L16 31 L1 16 Z", class: "glyph-machine" }),
  }[verdict] ?? (() => drawing("rect", { x: "3", y: "3", width: "26", height: "26", rx: "3", class: "glyph-none" }));
  return drawing("svg", { viewBox: "0 0 32 32", "aria-hidden": "true" }, shape());
}

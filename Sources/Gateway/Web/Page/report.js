// The report on one essay, as elements.
import { bar, glyph, scale, strip } from "/web/charts.js";
import { element } from "/web/dom.js";
import { level, levels, pieces } from "/web/passages.js";
import {
  because, count, headline, isUnjudged, measure, milliseconds, named, notices, ofHundred, percent, roughly, signed,
  termName, uncertainty,
} from "/web/words.js";

/**
 * @param {Object} reply of `POST /v1/analyze`
 * @param {string} text as it was posted
 * @param {Map<string, Object>} definitions of `GET /v1/features` by name; may be empty
 * @returns {Node[]}
 */
export function report(reply, text, definitions) {
  const parts = [...passages(reply, text), ...features(reply, definitions)];
  // Numbers that must not be used are not put before anybody who does not ask for them.
  const shown = !isUnjudged(reply) ? parts : [element("details", {},
    element("summary", {}, "The numbers all the same (for the curious, not for use)"), ...parts)];
  return [...verdict(reply), ...shown, ...models(reply)];
}

function verdict(reply) {
  const list = notices(reply);
  return [
    element("h2", { class: "verdict" }, glyph(reply.verdict), headline(reply.verdict)),
    ...because(reply).map((words) => element("p", { class: "summary" }, words)),
    ...(isUnjudged(reply) ? [] : [probability(reply)]),
    element("ul", { class: "meaning" }, ...uncertainty(reply).map((sentence) => element("li", {}, sentence))),
    ...(list.length === 0 ? [] : [
      element("h3", {}, "Please note"),
      element("ul", { class: "notices" }, ...list.map((notice) => element("li", {}, notice))),
    ]),
  ];
}

function probability(reply) {
  const { human, ai } = reply.thresholds;
  const chance = percent(reply.probability_ai);
  const rule = `Up to ${percent(human)} the verdict is a person (plain), from ${percent(ai)} on a language model `
    + "(striped); between them (dotted) there is none. The scale is stretched towards both ends.";
  return element("figure", { class: "scale" },
    scale(reply, `Chance of a language model: ${chance}. ${rule}`),
    element("figcaption", {}, rule));
}

function passages(reply, text) {
  const found = reply.passages.length > 0;
  return [
    element("h3", {}, "Passage by passage"),
    element("p", { class: "caption" }, found
      ? "The text as it was analysed, with the chance for each stretch of it. A passage is a hint and not proof: it is "
        + "judged on less text than the whole, and without the model that looks at features."
      : "The text as it was analysed. There is no chance for single passages in this answer."),
    ...(found ? [element("ul", { class: "legend", "aria-label": "Chance of a language model" },
      ...levels.map(({ name }, index) => element("li", {}, element("mark", { class: `level-${index}` }, name))))] : []),
    element("div", { class: "essay-text", dir: "auto" }, ...pieces(text, reply.passages).map((piece) => {
      if (piece.probability === null) return piece.text;
      return element("mark", { class: `level-${level(piece.probability)}` },
        element("span", { class: "chance" }, roughly(piece.probability)), piece.text);
    })),
  ];
}

function features(reply, definitions) {
  const { terms, logit, intercept } = reply.explanation;
  if (terms.length === 0) {
    return [
      element("h3", {}, "What spoke for and against"),
      element("p", {}, "The model that explains itself by features did not answer, so there is nothing to show."),
    ];
  }
  const rest = logit - intercept - terms.reduce((sum, term) => sum + term.contribution, 0);
  const kind = (value) => (value < 0 ? "person" : "machine");
  const rows = [
    ...terms.map((term) => [termName(term.name, definitions), term.contribution, kind(term.contribution)]),
    ["all other features together", rest, "neither"],
    ["starting point of the model", intercept, "neither"],
  ];
  const largest = Math.max(...rows.map(([, value]) => Math.abs(value)), 0.01);
  return [
    element("h3", {}, "What spoke for and against"),
    element("p", { class: "caption" }, "One of the models judges by features that can be named. These weighed most for "
      + "it, in logits: 0.7 doubles the odds, 2.3 makes them ten times as high."),
    element("figure", { class: "bars" },
      element("p", { class: "sides" },
        element("span", {}, "← a person"), element("span", {}, "a language model →")),
      element("ol", {}, ...rows.map(([name, value, look]) => element("li", {},
        element("div", { class: "name" },
          element("span", {}, name), element("span", { class: "number" }, signed(value))),
        bar(value, largest, look))),
      element("li", { class: "total" },
        element("div", { class: "name" }, element("span", {}, "sum: this model's logit"),
          element("span", { class: "number" }, signed(logit)))))),
    element("h3", {}, "Feature by feature"),
    element("p", { class: "caption" }, "Where this text (the dot) stands if a hundred essays of each kind are put in "
      + "order, lowest to the left. The thick part is the middle half, the line the median."),
    element("ol", { class: "terms" }, ...terms.map((term) => element("li", {},
      element("p", {}, term.sentence),
      ...term.features.flatMap((feature) => comparison(feature, definitions))))),
  ];
}

function comparison(feature, definitions) {
  const definition = definitions.get(feature.name);
  const unit = definition ? ` (${definition.unit})` : "";
  const place = (who, percentile, median) => `above ${ofHundred(percentile)} of the ${who}; median ${measure(median)}`;
  const row = (title, who, percentile, median) => element("div", { class: "strip" },
    element("span", {}, title),
    strip(percentile, `${named(feature.name)}, ${title}: ${place(who, percentile, median)}`),
    element("p", { class: "caption" }, place(who, percentile, median)));
  return [
    element("p", { class: "caption" }, element("strong", {}, `${termName(feature.name, definitions)}: `
      + `${measure(feature.value)}`), `${unit}. ${definition ? sentence(definition.definition) : ""}`),
    row("human essays", "human essays", feature.human_percentile, feature.human_median),
    row("by models", "essays by language models", feature.ai_percentile, feature.ai_median),
  ];
}

const sentence = (words) => `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.!?]$/.test(words) ? "" : "."}`;

function models(reply) {
  const head = ["model", "version", "chance", "logit", "weight", "time"];
  const rows = reply.models.map((model) => [
    named(model.name), model.version, percent(model.probability_ai), signed(model.logit), model.weight.toFixed(2),
    milliseconds(model.milliseconds),
  ]);
  const facts = [
    ["words", count(reply.words)], ["tokens", count(reply.tokens)], ["scoring", reply.scoring_version],
    ["feature schema", reply.feature_schema_hash], ["whole analysis", milliseconds(reply.timings.total ?? 0)],
    ["request", reply.request_id], ["date", new Date().toLocaleString("en-GB")],
  ];
  return [
    element("h3", {}, "Models and versions"),
    element("div", { class: "table", tabindex: "0", role: "region", "aria-label": "Models" }, element("table", {},
      element("thead", {}, element("tr", {}, ...head.map((cell) => element("th", { scope: "col" }, cell)))),
      element("tbody", {}, ...rows.map(([name, ...cells]) => element("tr", {},
        element("th", { scope: "row" }, name), ...cells.map((cell) => element("td", {}, cell))))))),
    element("dl", { class: "facts" },
      ...facts.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])),
  ];
}

// What the numbers of a reply mean, in words. Pure: no document, no network.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const one = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const three = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

/** A share in percent; never 0% or 100%, because the models never are that sure. */
export function percent(share) {
  if (share < 0.001) return "under 0.1%";
  if (share > 0.999) return "over 99.9%";
  return `${share < 0.1 || share > 0.9 ? one.format(share * 100) : whole.format(share * 100)}%`;
}

/** A passage's chance: its decimals would mean nothing. */
export function roughly(share) {
  if (share < 0.01) return "under 1%";
  return share > 0.99 ? "over 99%" : `${whole.format(share * 100)}%`;
}

/** A percentile as the reply has it, 0 to 100. */
export function ofHundred(percentile) {
  if (percentile < 0.5) return "hardly any";
  if (percentile > 99.5) return "nearly all";
  return `${whole.format(percentile)}%`;
}

export const count = (number) => whole.format(number);
export const measure = (value) => three.format(value);
export const milliseconds = (value) => `${value < 10 ? one.format(value) : whole.format(value)} ms`;

/** A logit with its sign; a true minus, as long as the plus. */
export function signed(logit) {
  const digits = Math.abs(logit).toFixed(2);
  return Number(digits) === 0 ? "0.00" : `${logit < 0 ? "−" : "+"}${digits}`;
}

/** The heading of the report. */
export function headline(verdict) {
  return {
    ai: "Reads like a language model",
    human: "Reads like a person",
  }[verdict] ?? "No verdict";
}

/** What the heading rests on: the reasons where there is no verdict, else the gateway's own sentence. */
export function because(reply) {
  const reasons = reply.reasons.map((reason) => reason.message);
  return reply.verdict === "uncertain" && reasons.length > 0 ? reasons : [reply.explanation.summary];
}

// Reasons that lie in the score, and leave the numbers worth a look. A reason that is not known here is none of them.
const OF_THE_SCORE = ["between_thresholds", "models_contradict"];

/** Whether the text could not be judged at all, as opposed to a score that is not enough for a verdict. */
export function isUnjudged(reply) {
  return reply.reasons.some((reason) => !OF_THE_SCORE.includes(reason.code));
}

/** How sure the answer is, and what follows from it: sentences for a teacher. */
export function uncertainty(reply) {
  const sentences = [];
  const held = reply.false_positives;
  const chance = percent(reply.probability_ai);
  if (isUnjudged(reply)) {
    sentences.push(`The models' score for this text is ${chance}, but it must not be used: see the reason above.`);
    return sentences;
  }
  sentences.push(`The models give it a chance of ${chance} that a language model wrote the text.`);
  const high = held.humans_scoring_this_high;
  const humans = count(held.humans_held_out);
  sentences.push(high === 0
    ? `None of ${humans} human essays, judged by models that had not seen their kind, scores this high.`
    : `Of ${humans} human essays, judged by models that had not seen their kind, ${count(high)} (${percent(held.rate)}) `
      + `${high === 1 ? "scores" : "score"} this high or higher.`);
  if (reply.verdict === "ai") {
    const writers = Math.floor(1 / held.rate_at_ai_threshold_upper_95);
    sentences.push(`Honest writers do get this verdict: as many as one in ${count(writers)} cannot be ruled out for `
      + "essays like those, and other kinds of text fare worse.");
  } else if (reply.verdict === "human") {
    sentences.push("Some texts by language models get this verdict, too.");
  } else if (reply.reasons.some((reason) => reason.code === "between_thresholds")) {
    sentences.push("That is not enough for a verdict either way: people and language models both write texts that "
      + "score like this.");
  }
  return sentences;
}

/** What a reader must know before the rest: models that were away, what was left out, odd characters. */
export function notices(reply) {
  const list = [];
  if (reply.degraded) {
    const away = reply.missing_models.map((model) => `${named(model.name)} (${model.reason})`).join(", ");
    list.push(`Not all models answered. Away: ${away}. The score comes from the others, with weights and thresholds `
      + "that were fitted for them alone.");
  }
  const trimmed = Array.isArray(reply.trimmed) ? reply.trimmed : [];
  if (trimmed.length > 0) list.push(`The answer was shortened. Left out in part: ${trimmed.map(named).join(", ")}.`);
  const hidden = ["zero_width_characters", "bidi_controls", "homoglyphs", "control_characters"]
    .filter((name) => reply.hygiene[name] > 0)
    .map((name) => `${count(reply.hygiene[name])} ${named(name)}`);
  if (hidden.length > 0) {
    list.push(`Unusual characters were replaced before the analysis: ${hidden.join(", ")}. Copying from a PDF or a web `
      + "page leaves such characters; they are no sign of cheating.");
  }
  return list;
}

/** `bert_bilstm` to `bert bilstm`. */
export const named = (name) => name.replaceAll("_", " ").replace("bidi", "writing direction");

/**
 * What a term of the explanation is called: a feature, or two that act together.
 * @param {Map<string, Object>} definitions by name; may be empty
 */
export function termName(term, definitions) {
  return term.split("&").map((part) => {
    const name = part.trim();
    return definitions.get(name)?.family === "psycholinguistics" ? `words about ${named(name)}` : named(name);
  }).join(" with ");
}

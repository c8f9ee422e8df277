// The report as plain text, for an e-mail or a note.
import { because, headline, named, notices, percent, signed, uncertainty } from "/web/words.js";

/** The essay itself is left out: whoever copies a report has it. */
export function plainReport(reply) {
  const bullets = (lines) => lines.map((line) => `- ${line}`).join("\n");
  const known = notices(reply);
  const terms = reply.explanation.terms.map((term) => `${term.sentence} (${signed(term.contribution)})`);
  const models = reply.models.map((model) => `${named(model.name)} ${model.version}: ${percent(model.probability_ai)}`);
  return [
    [headline(reply.verdict), ...because(reply)].join("\n"),
    "A verdict is not proof. Never accuse, grade down or punish anybody because of it.",
    bullets(uncertainty(reply)),
    ...(known.length > 0 ? [`Please note:\n${bullets(known)}`] : []),
    ...(terms.length > 0 ? [`What spoke for and against (logits, + for a language model):\n${bullets(terms)}`] : []),
    `Models:\n${bullets(models)}`,
    `${reply.words} words; scoring ${reply.scoring_version}; request ${reply.request_id}; `
      + new Date().toLocaleString("en-GB"),
  ].join("\n\n") + "\n";
}

/** Puts text on the clipboard. Browsers lend `navigator.clipboard` to https and this machine only. */
export async function copy(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  const worked = document.execCommand("copy");
  field.remove();
  if (!worked) throw new Error("the browser did not allow it");
}

// The page: takes a text, asks the gateway, shows the report. Nothing is kept but the key, for this tab.
import { element } from "/web/dom.js";
import { readEssay } from "/web/files.js";
import { GatewayFailure, analyze, featureDefinitions, key } from "/web/gateway.js";
import { copy, plainReport } from "/web/plain-report.js";
import { report } from "/web/report.js";
import { count, headline, percent } from "/web/words.js";

const at = (id) => document.getElementById(id);
const [form, essay, file, panel, keyField, errorBox, status, reportBox, analyzeButton, forgetButton, counter] = [
  "form", "essay", "file", "key-panel", "key", "essay-error", "status", "report", "analyze", "forget", "count",
].map(at);

/** Said aloud by screen readers, and shown under the buttons. */
const say = (message) => { status.textContent = message; };

function showError(message, requestID = "") {
  errorBox.replaceChildren(
    element("p", {}, message), ...(requestID ? [element("p", {}, `Request ${requestID}`)] : []));
  errorBox.hidden = false;
  say("");
}

function clearError() {
  errorBox.hidden = true;
  errorBox.replaceChildren();
  for (const field of [essay, keyField]) field.removeAttribute("aria-invalid");
}

function countWords() {
  const words = essay.value.match(/\S+/g)?.length ?? 0;
  counter.textContent = `${count(words)} ${words === 1 ? "word" : "words"}`;
}

function askForKey(isRefused) {
  panel.hidden = false;
  if (isRefused) keyField.setAttribute("aria-invalid", "true");
  keyField.focus();
}

// --- the analysis ---

let isRunning = false;

async function run() {
  if (isRunning) return;
  clearError();
  // Half a surrogate pair is no character and would not survive UTF-8.
  const text = essay.value.toWellFormed();
  if (!text.trim()) {
    showError("There is no text yet. Paste an essay, or choose a file.");
    essay.setAttribute("aria-invalid", "true");
    essay.focus();
    return;
  }
  if (!panel.hidden && keyField.value.trim()) key.set(keyField.value.trim());
  isRunning = true;
  analyzeButton.setAttribute("aria-disabled", "true");
  reportBox.hidden = true;
  say("Analysing …");
  try {
    const reply = await analyze(text);
    show(reply, text, await featureDefinitions());
  } catch (error) {
    if (!(error instanceof GatewayFailure)) {
      showError("The answer could not be shown. The server may be newer than this page: load the page again.");
      throw error;
    }
    showError(error.message, error.requestID);
    if (error.status === 401) askForKey(key.get() !== "");
    else errorBox.scrollIntoView({ block: "nearest" });
  } finally {
    isRunning = false;
    analyzeButton.removeAttribute("aria-disabled");
    forgetButton.hidden = key.get() === "";
  }
}

function show(reply, text, definitions) {
  panel.hidden = true;
  keyField.value = "";
  const feedback = element("span", { role: "status", class: "hint" });
  const copyButton = element("button", { type: "button" }, "Copy the report");
  const printButton = element("button", { type: "button" }, "Print");
  copyButton.addEventListener("click", async () => {
    try {
      await copy(plainReport(reply));
      feedback.textContent = "Copied.";
    } catch {
      feedback.textContent = "The browser did not allow it; print the report instead.";
    }
  });
  printButton.addEventListener("click", () => window.print());
  reportBox.replaceChildren(
    ...report(reply, text, definitions),
    element("div", { class: "buttons actions" }, copyButton, printButton, feedback));
  reportBox.hidden = false;
  say(`${headline(reply.verdict)}. Chance of a language model: ${percent(reply.probability_ai)}. The report follows.`);
  // Without scrolling by itself: the heading then comes to the top.
  reportBox.focus({ preventScroll: true });
  reportBox.scrollIntoView({ block: "start" });
}

// --- the form ---

form.addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
essay.addEventListener("input", countWords);
for (const field of [essay, keyField]) {
  field.addEventListener("keydown", (event) => {
    const isSubmit = event.key === "Enter" && (event.ctrlKey || event.metaKey || field === keyField);
    if (!isSubmit) return;
    event.preventDefault();
    run();
  });
}
at("clear").addEventListener("click", () => {
  clearError();
  essay.value = "";
  countWords();
  reportBox.hidden = true;
  reportBox.replaceChildren();
  say("");
  essay.focus();
});
forgetButton.addEventListener("click", () => {
  key.forget();
  keyField.value = "";
  forgetButton.hidden = true;
  say("The key is forgotten.");
  essay.focus();
});

// --- files ---

async function take(chosen) {
  clearError();
  say(`Reading ${chosen.name} …`);
  try {
    const { text, note } = await readEssay(chosen);
    essay.value = text;
    countWords();
    say(`${chosen.name} is in the field. ${note}`);
    analyzeButton.focus();
  } catch (error) {
    showError(error.message);
  }
}

file.addEventListener("change", () => {
  const [chosen] = file.files;
  if (chosen) take(chosen);
  // So that the same file can be chosen again.
  file.value = "";
});
essay.addEventListener("dragover", (event) => {
  if (!event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  essay.classList.add("dropping");
});
for (const name of ["dragleave", "drop"]) essay.addEventListener(name, () => essay.classList.remove("dropping"));
essay.addEventListener("drop", (event) => {
  const [dropped] = event.dataTransfer.files;
  if (!dropped) return;
  event.preventDefault();
  take(dropped);
});

forgetButton.hidden = key.get() === "";
countWords();

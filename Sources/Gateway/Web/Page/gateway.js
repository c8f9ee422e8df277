// Calls to the gateway that served the page, and what its errors mean. The key never leaves this tab's session storage
// but as a header.

const SLOT = "essay-gateway-key";
const PATIENCE = 90_000;

export const key = {
  get: () => sessionStorage.getItem(SLOT) ?? "",
  set: (value) => sessionStorage.setItem(SLOT, value),
  forget: () => sessionStorage.removeItem(SLOT),
};

/** A failure with words for the reader. */
export class GatewayFailure extends Error {
  /**
   * @param {number} status of HTTP; 0 where there was no answer
   * @param {string} requestID to tell whoever runs the server; may be empty
   */
  constructor(message, status, requestID = "") {
    super(message);
    this.status = status;
    this.requestID = requestID;
  }
}

/** The reply of `POST /v1/analyze`. Throws `GatewayFailure`. */
export function analyze(text) {
  return call("/v1/analyze", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ text }),
  });
}

/** Definitions of the features by name. They do not change while the page is open. */
export async function featureDefinitions() {
  definitions ??= call("/v1/features").then((reply) => new Map(reply.features.map((each) => [each.name, each])));
  try {
    return await definitions;
  } catch {
    // The report does without; the next one asks again.
    definitions = undefined;
    return new Map();
  }
}
let definitions;

async function call(path, options = {}) {
  const headers = { Accept: "application/json", ...options.headers };
  if (key.get()) headers.Authorization = `Bearer ${key.get()}`;
  let response;
  let body;
  try {
    response = await fetch(path, { ...options, headers, cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    body = await response.text();
  } catch (error) {
    throw new GatewayFailure(error.name === "TimeoutError"
      ? "The server did not answer in time. Try again later, or with a shorter text."
      : "The server cannot be reached, or it broke off. Check the connection. A very long text may be refused "
        + "like this, too.", 0);
  }
  let reply;
  try {
    reply = JSON.parse(body);
  } catch {
    throw new GatewayFailure(`The answer was not one of the gateway's (status ${response.status}).`, response.status);
  }
  if (response.ok) return reply;
  const { message = "", request_id: requestID = "" } = reply.error ?? {};
  throw new GatewayFailure(advice(response, message), response.status, requestID);
}

/** The gateway's own message, which says what to do, with what a reader of this page can do before it. */
function advice(response, message) {
  const seconds = Number(response.headers.get("Retry-After"));
  const again = seconds > 0 ? ` Try again in ${seconds} ${seconds === 1 ? "second" : "seconds"}.` : " Try again later.";
  const lead = {
    401: "The server needs a key, or does not know this one.",
    413: "The text is too long for this server.",
    422: "The text cannot be analysed.",
    429: `Too many analyses at once.${again}`,
    503: `The models cannot be reached at the moment.${again}`,
    504: "The analysis took too long.",
  }[response.status] ?? `The analysis failed (status ${response.status}).`;
  return message ? `${lead} The server says: ${message.replace(/[.]?$/, ".")}` : lead;
}

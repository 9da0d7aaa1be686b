// @ts-check
// Numbers, times and names as text.

/** @param {number | null | undefined} value */
export const number = (value) => Number(value || 0).toLocaleString("en");

/**
 * @param {number} count
 * @param {string} noun
 */
export const plural = (count, noun) => `${number(count)} ${noun}${count === 1 ? "" : "s"}`;

/** @param {string} name */
export const words = (name) => name.replaceAll("_", " ");

/**
 * Returns a word of SAP in small letters: `MAP_TO_VALUE`, `mapToValue` are `map to value`.
 *
 * @param {string} word
 */
export const plainWord = (word) =>
  word
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replaceAll("_", " ")
    .toLowerCase();

/**
 * Returns named values as one text; of a value that is true, the name alone.
 *
 * @param {Readonly<Record<string, string>>} facts
 */
export const factWords = (facts) =>
  Object.entries(facts)
    .map(([name, value]) => (value === "true" ? plainWord(name) : `${plainWord(name)} ${value}`))
    .join(", ");

/**
 * Returns the release state of an asset or column as a text.
 *
 * @param {Readonly<Record<string, string>>} release
 */
export const releaseText = ({ state, successor, decommissioning }) =>
  [
    state ? plainWord(state) : "",
    successor ? `successor ${successor}` : "",
    decommissioning ? `until ${decommissioning}` : "",
  ]
    .filter(Boolean)
    .join(", ");

/**
 * Returns an ISO time without fractions of a second.
 *
 * @param {string | null | undefined} time
 */
export function timeText(time) {
  if (!time) return "unknown";
  return time
    .replace("T", " ")
    .replace(/(:\d\d)\.\d+/, "$1")
    .replace(/(\+00:00|Z)$/, " UTC");
}

/** @param {number} ms */
export function durationText(ms) {
  if (ms < 1000) return `${number(ms)} ms`;
  if (ms < 60000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/**
 * Returns the distinct values that are not empty, sorted, each with its text.
 *
 * @param {Iterable<string>} values
 * @returns {[value: string, text: string][]}
 */
export const distinct = (values) =>
  [...new Set(values)]
    .filter(Boolean)
    .sort()
    .map((value) => [value, words(value)]);

/**
 * Returns the text cut to a number of characters.
 *
 * @param {string} text
 * @param {number} most
 */
export const shortened = (text, most) =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;

/**
 * Returns an SAP type in short: `Edm.Decimal(Precision=17,Scale=2)` is `Decimal(17,2)`.
 *
 * @param {string} type
 */
export const shortType = (type) => type.replace(/^(cds|Edm)\./, "").replace(/\b\w+=/g, "");

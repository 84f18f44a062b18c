/** What the faces are made of: elements, and values as people read them. */

const NUMERIC = new Set(["number", "count", "percent", "zone"]);
const DEFAULT_PLACES = { count: [0, 0], percent: [1, 1], number: [0, 2], zone: [0, 2] };

/** Make an element; strings among the children become text nodes, nulls are left out. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null));
  return element;
}

/** Return the function that writes one column's values as people read them. */
export function writerOf(column) {
  if (NUMERIC.has(column.kind)) {
    const [least, most] = Number.isInteger(column.places) ? [column.places, column.places] : DEFAULT_PLACES[column.kind];
    const format = new Intl.NumberFormat("en-US", { minimumFractionDigits: least, maximumFractionDigits: most });
    return (value) => (typeof value === "number" ? format.format(value) : String(value));
  }
  if (column.kind === "time") return (value) => String(value).replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d).*$/s, "$1 $2");
  if (column.kind === "list") return (value) => (Array.isArray(value) ? value.join(", ") : String(value));
  return String;
}

/** Let the browser save a text as a file. */
export function download({ name, mime, text }) {
  const address = URL.createObjectURL(new Blob([text], { type: mime || "text/plain" }));
  const link = make("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

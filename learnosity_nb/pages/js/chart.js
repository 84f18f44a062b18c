/**
 * The chart face: one Vega-Lite chart of the view, its chooser, title and summary.
 *
 * `vegaEmbed` is in scope: the bundle of vega_bundle.py stands in front of this text. The rows come as named datasets
 * beside the spec, so that the next rows of the same chart are swapped in without drawing it anew.
 */

import { make } from "./elements.js";

const refuse = () => Promise.reject(new Error("Charts load nothing."));
const NO_LOADER = { load: refuse, sanitize: refuse, http: refuse, file: refuse };

/**
 * Copy the rows, which Vega marks as its own. It keeps groups in plain objects by their names, so that one called
 * "constructor" breaks a chart: a name that every object has gets a character that is not seen.
 */
function drawable(datasets) {
  const safe = (value) => (typeof value === "string" && value in Object.prototype ? `${value}\u200b` : value);
  const copy = ({ id, ...row }) => ({ ...Object.fromEntries(Object.entries(row).map(([key, value]) => [key, safe(value)])), id });
  return Object.fromEntries(Object.entries(datasets).map(([name, rows]) => [name, rows.map(copy)]));
}

/** Whether the surroundings are dark: JupyterLab says so on the body, elsewhere the system does. */
function isDark() {
  const light = document.body.dataset.jpThemeLight;
  return light === undefined ? matchMedia("(prefers-color-scheme: dark)").matches : light === "false";
}

class ChartFace {
  constructor(model, el) {
    this.model = model;
    this.el = el;
    this.embedded = null; // what vegaEmbed gave: {view, finalize}
    this.drawn = ""; // the spec and theme that are embedded, as text
    this.turn = 0; // the newest drawing; older ones that end later are thrown away
    this.build();
    this.listen();
    this.draw();
  }

  build() {
    this.chooser = make("form", { class: "lnb-kinds" });
    this.chooser.addEventListener("submit", (event) => event.preventDefault());
    this.chooser.addEventListener("keydown", (event) => event.stopPropagation());
    this.title = make("div", { class: "lnb-title" });
    this.message = make("p", { class: "lnb-message", role: "status" });
    this.canvas = make("div", { class: "lnb-canvas" });
    this.summary = make("figcaption", { class: "lnb-summary" });
    this.tip = make("div", { class: "lnb-tip", role: "tooltip", hidden: "" });
    this.figure = make("figure", {}, this.title, this.canvas, this.summary);
    this.root = make("div", { class: "lnb lnb-chart" }, this.chooser, this.message, this.figure, this.tip);
    this.el.append(this.root);
  }

  listen() {
    this.onChange = () => this.draw();
    this.keys = ["kinds", "kind", "spec", "datasets", "configs", "title", "summary", "message"].map((key) => `change:${key}`);
    for (const key of this.keys) this.model.on(key, this.onChange);
    this.theme = new MutationObserver(this.onChange);
    this.theme.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
    this.system = matchMedia("(prefers-color-scheme: dark)");
    this.system.addEventListener("change", this.onChange);
    this.size = new ResizeObserver(() => this.fit());
    this.size.observe(this.canvas);
  }

  close() {
    this.turn += 1;
    for (const key of this.keys) this.model.off(key, this.onChange);
    this.theme.disconnect();
    this.system.removeEventListener("change", this.onChange);
    this.size.disconnect();
    this.clear();
    this.root.remove();
  }

  clear() {
    this.embedded?.finalize();
    this.embedded = null;
    this.drawn = "";
    this.tip.hidden = true;
    this.canvas.replaceChildren();
  }

  /** Draw once for all changes that arrive together. */
  async draw() {
    this.turn += 1;
    const turn = this.turn;
    await Promise.resolve();
    if (turn !== this.turn) return;
    this.drawWords();
    if (this.model.get("message") || !this.hasSpec()) this.clear();
    else await this.drawChart(turn).catch((error) => this.fail(turn, error));
  }

  hasSpec() {
    return Object.keys(this.model.get("spec") ?? {}).length > 0;
  }

  drawWords() {
    const [title, summary, message] = ["title", "summary", "message"].map((key) => this.model.get(key) || "");
    this.title.textContent = title;
    this.summary.textContent = summary;
    this.figure.setAttribute("aria-label", summary || title || "Chart");
    this.message.textContent = message;
    this.message.hidden = !message;
    this.figure.hidden = Boolean(message);
    this.drawChooser();
  }

  drawChooser() {
    const kinds = this.model.get("kinds") ?? [];
    const written = JSON.stringify(kinds);
    if (written !== this.choices) {
      this.choices = written;
      const labels = kinds.map(({ key, label }) => make("label", {}, this.radio(key), make("span", {}, label)));
      this.chooser.replaceChildren(make("fieldset", {}, make("legend", { class: "lnb-unseen" }, "Chart"), ...labels));
    }
    this.chooser.hidden = kinds.length < 2;
    for (const radio of this.chooser.querySelectorAll("input")) radio.checked = radio.value === this.model.get("kind");
  }

  radio(key) {
    const radio = make("input", { type: "radio", name: "kind", value: key });
    radio.addEventListener("change", () => this.write("kind", key));
    return radio;
  }

  async drawChart(turn) {
    const spec = this.themed(this.model.get("spec"));
    const datasets = drawable(this.model.get("datasets") ?? {});
    const drawn = JSON.stringify(spec);
    if (drawn === this.drawn) return this.swap(datasets);
    this.clear();
    const box = make("div");
    this.canvas.append(box);
    const result = await vegaEmbed(box, { ...spec, datasets }, this.options());
    if (turn !== this.turn) return result.finalize(); // its box is gone, or goes with the next drawing
    this.embedded = result;
    this.drawn = drawn;
    result.view.addEventListener("click", (_, item) => this.pick(item?.datum));
    this.fit();
  }

  themed(spec) {
    const config = this.model.get("configs")?.[isDark() ? "dark" : "light"];
    return config ? { ...spec, config } : spec;
  }

  options() {
    return {
      actions: false,
      ast: true, // expressions are walked, not compiled, so that a page may forbid eval
      defaultStyle: false,
      loader: NO_LOADER,
      logLevel: 1,
      mode: "vega-lite",
      renderer: "svg",
      tooltip: (_, event, __, value) => this.showTip(event, value),
    };
  }

  async swap(datasets) {
    const { view } = this.embedded;
    for (const [name, rows] of Object.entries(datasets)) view.data(name, rows);
    await view.resize().runAsync();
  }

  /** Give the chart the width of its box, where the spec leaves it open. */
  fit() {
    const width = this.canvas.clientWidth;
    if (!this.embedded || !width || this.model.get("spec")?.width !== "container") return;
    if (this.embedded.view.width() !== width) this.embedded.view.width(width).runAsync();
  }

  fail(turn, error) {
    if (turn !== this.turn) return;
    this.clear();
    this.message.hidden = false;
    this.message.textContent = `The chart could not be drawn: ${error.message}`;
  }

  showTip(event, value) {
    this.tip.hidden = value === null || value === undefined || value === "";
    if (this.tip.hidden) return;
    const pairs = typeof value === "object" ? Object.entries(value) : [["", value]];
    this.tip.replaceChildren(...pairs.map(([name, text]) => make(
      "div", {}, make("span", { class: "lnb-hint" }, name), make("span", {}, String(text)),
    )));
    const box = this.root.getBoundingClientRect();
    const left = Math.min(event.clientX - box.left + 12, box.width - this.tip.offsetWidth - 4);
    this.tip.style.left = `${Math.max(0, left)}px`;
    this.tip.style.top = `${event.clientY - box.top + 14}px`;
  }

  pick(datum) {
    if (datum?.id === undefined || datum.id === null) return;
    this.write("picked", { n: (this.model.get("picked")?.n ?? 0) + 1, id: datum.id });
  }

  write(key, value) {
    this.model.set(key, value);
    this.model.save_changes();
  }
}

export function render({ model, el }) {
  const face = new ChartFace(model, el);
  return () => face.close();
}

export default { render };

/**
 * The table face: one view of groups, learners or jobs.
 *
 * `model` is `{get, set, on, off, save_changes}`, from anywidget in a notebook and from static_model.js in a page.
 * The face draws `view` and writes what was asked for (`path`, `sort`, `filter`, `page`, `marked`, `chips`, `ask`) as
 * absolute values; it decides nothing about the data. Text from the data becomes text nodes and attribute values only.
 */

import { download, make, writerOf } from "./elements.js";

const DESCENDING_FIRST = new Set(["number", "count", "percent", "zone", "time"]);
const ZONES = new Map([["below", "▼"], ["average", "■"], ["above", "▲"]]);
const STEPS = new Map([["ArrowDown", 1], ["ArrowUp", -1], ["PageDown", 10], ["PageUp", -10], ["End", Infinity], ["Home", -Infinity]]);
const TYPING_PAUSE = 200; // milliseconds from the last key in the filter until it is asked for

class TableFace {
  constructor(model, el) {
    this.model = model;
    this.el = el;
    this.view = null;
    this.active = 0; // the row that Tab comes to
    this.rows = []; // the <tr> of the view's rows
    this.wanted = {}; // what the model was asked for last, which may be ahead of the view
    this.unanswered = new Set(); // numbers of the questions whose replies are ours to show
    this.goToTable = false; // the next view takes the focus to its rows
    this.typing = 0;
    this.build();
    this.onView = () => this.draw();
    this.onReply = () => this.showReply(model.get("reply"));
    model.on("change:view", this.onView);
    model.on("change:reply", this.onReply);
    this.draw();
  }

  close() {
    clearTimeout(this.typing);
    this.model.off("change:view", this.onView);
    this.model.off("change:reply", this.onReply);
    this.root.remove();
  }

  // What stays while views come and go

  build() {
    this.crumbs = make("nav", { class: "lnb-crumbs", "aria-label": "Path" });
    this.filter = make("input", {
      type: "search", class: "lnb-filter", autocomplete: "off", spellcheck: "false",
      oninput: () => this.filterSoon(), onkeydown: (event) => this.filterKey(event),
    });
    this.chips = make("div", { class: "lnb-chips" });
    this.previous = this.pageButton("‹", "Previous page", -1);
    this.next = this.pageButton("›", "Next page", 1);
    this.place = make("span", { class: "lnb-place" });
    this.pager = make("div", { class: "lnb-pager", role: "group", "aria-label": "Pages" }, this.previous, this.place, this.next);
    this.asks = make("div", { class: "lnb-asks", role: "group", "aria-label": "Exports" });
    this.error = make("div", { class: "lnb-error", role: "alert", hidden: true });
    this.table = make("table", { class: "lnb-table" });
    this.notes = make("ul", { class: "lnb-notes" });
    this.reply = make("div", { class: "lnb-reply", hidden: true });
    this.live = make("div", { class: "lnb-unseen", "aria-live": "polite" });
    const tools = make("div", { class: "lnb-tools" }, this.filter, this.pager, this.asks);
    const scroller = make("div", { class: "lnb-scroller" }, this.table);
    this.root = make(
      "div", { class: "lnb lnb-explorer", tabindex: "-1", onkeydown: (event) => this.key(event) },
      this.crumbs, tools, this.chips, this.error, scroller, this.notes, this.reply, this.live,
    );
    this.el.append(this.root);
  }

  pageButton(sign, label, step) {
    return make("button", { type: "button", "aria-label": label, title: label, onclick: () => this.turn(step) }, sign);
  }

  // Drawing

  draw() {
    const view = this.model.get("view");
    if (!view || !view.columns) return;
    const before = this.view;
    const focus = this.focusPlace();
    this.view = view;
    if (!view.busy || !before) {
      const on = (view.chips ?? []).filter((chip) => chip.on).map((chip) => chip.key);
      this.wanted = { sort: view.sort, filter: view.filter ?? "", page: view.page, marked: view.marked ?? [], chips: on };
    }
    this.drawCrumbs();
    this.drawTools();
    this.drawChips();
    this.drawTable();
    this.notes.replaceChildren(...(view.notes ?? []).map((note) => make("li", {}, note)));
    this.error.textContent = view.error ?? "";
    this.error.hidden = !view.error;
    this.root.toggleAttribute("data-busy", Boolean(view.busy));
    this.table.setAttribute("aria-busy", String(Boolean(view.busy)));
    if (this.live.textContent !== (view.message ?? "")) this.live.textContent = view.message ?? "";
    this.activate(this.rowToReturnTo(before));
    this.restoreFocus(focus);
  }

  drawCrumbs() {
    const last = this.view.crumbs.length - 1;
    const items = this.view.crumbs.map(({ label, hint, to }, position) => {
      const words = [...(hint ? [make("span", { class: "lnb-hint" }, hint), " "] : []), make("span", { class: "lnb-name" }, label)];
      const here = position === last;
      return make("li", {}, here
        ? make("span", { "aria-current": "page" }, ...words)
        : make("button", { type: "button", onclick: () => this.goTo(to) }, ...words));
    });
    this.crumbs.hidden = items.length === 0;
    this.crumbs.replaceChildren(make("ol", {}, ...items));
  }

  drawTools() {
    const { view, filter } = this;
    const label = view.filter_label ?? "Filter";
    filter.setAttribute("aria-label", label);
    filter.placeholder = label;
    filter.hidden = view.filter_label === null; // rows that nobody searches, such as a learner's days
    if (this.focused() !== filter) filter.value = view.filter ?? "";
    const count = new Intl.NumberFormat("en-US");
    const range = `${count.format(view.first)}–${count.format(view.first + view.rows.length - 1)}`;
    const part = view.rows.length < view.total ? `${range} of ` : "";
    this.place.textContent = `${view.rows.length ? part : ""}${count.format(view.total)} ${view.unit}`;
    this.previous.hidden = this.next.hidden = view.pages <= 1;
    this.previous.setAttribute("aria-disabled", String(view.page <= 1));
    this.next.setAttribute("aria-disabled", String(view.page >= view.pages));
    this.asks.replaceChildren(...(view.asks ?? []).map(({ what, label: words }) => make(
      "button", { type: "button", "data-key": `ask:${what}`, onclick: () => this.askFor(what) }, words,
    )));
  }

  drawChips() {
    const groups = new Map();
    for (const chip of this.view.chips ?? []) groups.set(chip.group, [...(groups.get(chip.group) ?? []), chip]);
    this.chips.hidden = groups.size === 0;
    this.chips.replaceChildren(...[...groups].map(([group, chips]) => make(
      "div", { class: "lnb-chip-group", role: "group", "aria-label": group },
      make("span", { class: "lnb-hint", "aria-hidden": "true" }, group), ...chips.map((chip) => this.chip(chip)),
    )));
  }

  chip({ key, label, count, on }) {
    const attributes = { type: "button", class: "lnb-chip", "aria-pressed": String(Boolean(on)), "data-key": `chip:${key}` };
    const counted = Number.isInteger(count) ? make("span", { class: "lnb-count" }, count.toLocaleString("en-US")) : null;
    const remove = on ? make("span", { "aria-hidden": "true" }, "×") : null;
    return make("button", { ...attributes, onclick: () => this.toggleChip(key) }, make("span", {}, label), counted, remove);
  }

  drawTable() {
    const { view } = this;
    const writers = view.columns.map(writerOf);
    const mark = view.markable ? make("td", { class: "lnb-mark" }) : null;
    const head = make("tr", {}, mark, view.columns.map((column) => this.header(column)));
    const own = view.own ? this.ownRow(view.own, writers) : null;
    this.rows = view.rows.map((row, position) => this.row(row, position, writers));
    const empty = view.rows.length ? null : make("tr", {}, make(
      "td", { class: "lnb-empty", colspan: view.columns.length + (mark ? 1 : 0) },
      view.filter ? `No ${view.unit} match “${view.filter}”.` : `There are no ${view.unit} here.`,
    ));
    this.table.classList.toggle("lnb-markable", Boolean(view.markable));
    this.table.replaceChildren(
      make("caption", {}, make("span", {}, view.caption)),
      make("thead", {}, head, own),
      make("tbody", {}, this.rows, empty),
    );
  }

  header({ key, label, kind, unit, help, sortable }) {
    const sort = this.view.sort;
    const order = sort && sort.field === key ? sort.order : null;
    const words = [make("span", {}, label), unit ? make("span", { class: "lnb-unit" }, unit) : null];
    const sign = make("span", { class: "lnb-order", "aria-hidden": "true" }, order === "asc" ? "▲" : order === "desc" ? "▼" : "");
    const content = sortable
      ? make("button", { type: "button", title: help, "data-key": `head:${key}`, onclick: () => this.sortBy(key, kind) }, ...words, sign)
      : make("span", { title: help }, ...words);
    const direction = order ? { asc: "ascending", desc: "descending" }[order] : "none";
    return make("th", { scope: "col", class: `lnb-${kind}`, "aria-sort": sortable ? direction : null }, content);
  }

  ownRow({ label, cells }, writers) {
    const mark = this.view.markable ? make("td", { class: "lnb-mark" }) : null;
    const figures = this.view.columns.slice(1).map((column, at) => this.cell(cells[at + 1], column, writers[at + 1], null));
    return make("tr", { class: "lnb-own" }, mark, make("th", { scope: "row" }, make("span", { class: "lnb-name" }, label)), figures);
  }

  row(row, position, writers) {
    const [first, ...others] = this.view.columns;
    const name = row.cells[0] === null || row.cells[0] === undefined ? "–" : writers[0](row.cells[0]);
    const title = row.opens
      ? make("button", { type: "button", class: "lnb-name lnb-open", tabindex: "-1", onclick: () => this.open(position) }, name)
      : make("span", { class: "lnb-name" }, name);
    const note = row.note ? make("span", { class: "lnb-note" }, row.note) : null;
    const hears = { onclick: (event) => this.rowClick(event, position), onfocus: () => this.activate(position) };
    return make(
      "tr", { tabindex: "-1", class: row.opens ? "lnb-opens" : null, ...hears },
      this.view.markable ? make("td", { class: "lnb-mark" }, this.markBox(row, name)) : null,
      make("th", { scope: "row", class: `lnb-${first.kind}` }, title, note),
      others.map((column, at) => this.cell(row.cells[at + 1], column, writers[at + 1], row.note)),
    );
  }

  cell(value, column, write, note) {
    const zone = column.kind === "zone" ? (value?.zone ?? null) : null;
    const plain = column.kind === "zone" ? value?.value : value;
    const missing = plain === null || plain === undefined || plain.length === 0;
    const badge = zone ? [" ", make(
      "span", { class: `lnb-zone lnb-${zone}` }, make("span", { "aria-hidden": "true" }, ZONES.get(zone) ?? ""), ` ${zone}`,
    )] : null;
    const written = missing ? "–" : write(plain);
    const full = missing ? note : column.kind === "time" && written !== plain ? plain : null;
    return make("td", { class: `lnb-${column.kind}`, title: full }, make("span", {}, written), badge ?? []);
  }

  markBox(row, name) {
    const on = this.wanted.marked.includes(row.id);
    const full = !on && this.wanted.marked.length >= (this.view.mark_limit ?? Infinity);
    const box = make("input", {
      type: "checkbox", tabindex: "-1", "aria-label": `Mark ${name}`, disabled: full,
      title: full ? `At most ${this.view.mark_limit} can be marked` : null, onchange: () => this.mark(row.id, box.checked),
    });
    box.checked = on;
    return box;
  }

  // Focus

  focused() {
    return this.el.getRootNode().activeElement ?? null;
  }

  /** Say where the focus is, in words that the next drawing understands. */
  focusPlace() {
    const element = this.focused();
    if (!element || !this.root.contains(element)) return null;
    return this.rows.some((row) => row.contains(element)) ? "row" : element.dataset.key ?? null;
  }

  restoreFocus(place) {
    if (this.goToTable || place === "row") this.focusTable();
    else if (place) [...this.root.querySelectorAll("[data-key]")].find((one) => one.dataset.key === place)?.focus();
    if (!this.view.busy) this.goToTable = false;
  }

  focusTable() {
    (this.rows[this.active] ?? (this.filter.hidden ? this.root : this.filter)).focus(); // so that keys still reach us
  }

  /** Return the row to be on: the first after going down, the one we came from after going up, else the same one. */
  rowToReturnTo(before) {
    const { crumbs, rows } = this.view;
    if (!before || crumbs.length > before.crumbs.length) return 0;
    const left = before.crumbs[crumbs.length]?.label;
    if (left !== undefined) return Math.max(0, rows.findIndex((row) => row.cells[0] === left));
    const same = rows.findIndex((row) => row.id === before.rows[this.active]?.id);
    return same >= 0 ? same : Math.min(this.active, Math.max(0, rows.length - 1));
  }

  activate(position) {
    this.rows[this.active]?.setAttribute("tabindex", "-1");
    this.active = position;
    this.rows[position]?.setAttribute("tabindex", "0");
  }

  // Keys and clicks

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    event.stopPropagation(); // a notebook in command mode would take single letters for commands
    if (event.target.matches("input[type=search]")) return;
    if (this.keyAnywhere(event.key) || this.keyOnRow(event.key, event.target)) event.preventDefault();
  }

  keyAnywhere(key) {
    if (key === "/") this.filter.focus();
    else if (key === "Backspace" && this.view?.crumbs.length > 1) this.goTo(this.view.crumbs.at(-2).to);
    else return false;
    return true;
  }

  keyOnRow(key, target) {
    const position = this.rows.findIndex((row) => row.contains(target));
    if (position < 0) return false;
    if (STEPS.has(key)) {
      const wanted = position + STEPS.get(key);
      this.rows[Math.min(Math.max(wanted, 0), this.rows.length - 1)].focus();
    } else if (key === "m" || (key === " " && target === this.rows[position])) this.markByKey(position);
    else if (key === "Enter" && target === this.rows[position]) this.open(position);
    else return false;
    return true;
  }

  markByKey(position) {
    const box = this.rows[position].querySelector("input[type=checkbox]");
    if (box?.disabled) this.live.textContent = box.title;
    else box?.click();
  }

  rowClick(event, position) {
    if (event.target.closest("button, .lnb-mark") || String(getSelection())) return;
    this.open(position);
  }

  filterKey(event) {
    if (event.key === "Enter") this.applyFilter();
    if (event.key !== "Escape") return;
    this.filter.value = "";
    this.goToTable = Boolean(this.wanted.filter); // there may be no row to go to before the others are back
    this.applyFilter();
    this.focusTable();
  }

  filterSoon() {
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.applyFilter(), TYPING_PAUSE);
  }

  // What is asked of the model

  write(key, value) {
    this.wanted[key] = value;
    this.model.set(key, value);
    this.model.save_changes();
  }

  applyFilter() {
    clearTimeout(this.typing);
    if (this.filter.value !== (this.wanted.filter ?? "")) this.write("filter", this.filter.value);
  }

  open(position) {
    const row = this.view.rows[position];
    if (row.opens) this.goTo([...this.view.crumbs.at(-1).to, row.id]);
  }

  goTo(path) {
    this.goToTable = true;
    this.write("path", path);
  }

  sortBy(field, kind) {
    const { sort } = this.wanted;
    const first = DESCENDING_FIRST.has(kind) ? "desc" : "asc";
    const order = sort && sort.field === field ? { asc: "desc", desc: "asc" }[sort.order] : first;
    this.write("sort", { field, order });
  }

  turn(step) {
    const page = Math.min(Math.max(this.wanted.page + step, 1), this.view.pages);
    if (page !== this.wanted.page) this.write("page", page);
  }

  mark(id, on) {
    this.write("marked", [...this.wanted.marked.filter((one) => one !== id), ...(on ? [id] : [])]);
  }

  toggleChip(key) {
    this.write("chips", this.view.chips.map((chip) => chip.key).filter((one) => this.wanted.chips.includes(one) !== (one === key)));
  }

  /** Ask beside the last questions: of several values that wait for a busy kernel only the newest arrives. */
  askFor(what) {
    const asked = (this.model.get("ask") ?? []).slice(-19);
    const n = (asked.at(-1)?.n ?? 0) + 1;
    this.unanswered.add(n);
    this.write("ask", [...asked, { n, what }]);
  }

  showReply(reply) {
    if (!this.unanswered.delete(reply?.n)) return; // the question was another view's
    if (reply.name) download(reply);
    else this.showText(reply.text);
  }

  showText(text) {
    const code = make("pre", { tabindex: "0" }, text);
    const copy = make("button", { type: "button", onclick: () => this.copy(code, copy) }, "Copy");
    const close = make("button", { type: "button", onclick: () => { this.reply.hidden = true; this.focusTable(); } }, "Close");
    this.reply.replaceChildren(make("div", { class: "lnb-reply-tools" }, copy, close), code);
    this.reply.hidden = false;
    copy.focus();
  }

  /** Copy the text; where the browser forbids that, select it for the user to copy. */
  async copy(code, button) {
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = "Press Ctrl+C";
    }
  }
}

export function render({ model, el }) {
  const face = new TableFace(model, el);
  return () => face.close();
}

export default { render };
